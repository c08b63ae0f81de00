"""Who does the work that can be done in any order: processes of their own, or this one.

A process of the crew ends by itself when its parent is gone: then its standard input ends. Tasks
and results are pickled between the two, never from anywhere else.
"""

import gc
import json
import os
import pickle
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, Self, TypeVar

from sqlalchemy import make_url

from helpdesk.db import Database
from helpdesk.errors import HelpdeskError, PermanentError
from helpdesk.registry.build.work import Folder, Work

_PATIENCE_S = 1.0
Made = TypeVar("Made")
Result = TypeVar("Result", covariant=True)  # noqa: PLC0105 - shorter to read

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.stdin.buffer.readline())
from helpdesk.registry.build.crew import serve
serve()
"""


class Room(NamedTuple):
    """What a task works with."""

    db: Database
    work: Work


class Task(Protocol[Result]):
    """A value that can be done anywhere."""

    def run(self, room: Room) -> Result: ...


class Crew(Protocol):
    """Does tasks."""

    @property
    def pids(self) -> list[int]: ...

    def run(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        """Yield what came of each task, in the order in which they end."""

    def beside(self, do: Callable[[], Made]) -> Callable[[], Made]:
        """Begin something while the caller does something else; returns how to wait for it."""

    def rest(self) -> None:
        """Send everybody home, with all they remember; who is needed again comes anew."""

    def close(self) -> None:
        """End all work."""


class Alone:
    """Does tasks one after the other in this process."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.pids: list[int] = []

    def run(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        for task in tasks:
            yield task.run(self._room)

    def beside(self, do: Callable[[], Made]) -> Callable[[], Made]:
        made = do()
        return lambda: made

    def rest(self) -> None:
        pass

    def close(self) -> None:
        pass


class Processes:
    """Does tasks in as many processes as there are cores."""

    def __init__(self, db: Database, folder: Path, count: int) -> None:
        self._url = db.engine.url.render_as_string(hide_password=False)
        self._folder = folder
        self._count = count
        self._members: list[_Member] = []
        self._over = False
        self._calling = threading.Lock()
        self._side: ThreadPoolExecutor | None = None

    @property
    def pids(self) -> list[int]:
        return [member.process.pid for member in self._members]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def run(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        free = self._called()
        with selectors.DefaultSelector() as waiting:
            for task in tasks:
                if not free:
                    yield from self._ended(waiting, free)
                member = free.pop()
                member.send(task)
                waiting.register(member.answers, selectors.EVENT_READ, member)
            while len(free) < self._count:
                yield from self._ended(waiting, free)

    def beside(self, do: Callable[[], Made]) -> Callable[[], Made]:
        self._side = self._side or ThreadPoolExecutor(1, "registry import")
        return self._side.submit(do).result

    def close(self) -> None:
        with self._calling:
            self._over = True
        self.rest()
        if self._side is not None:
            self._side.shutdown()

    def rest(self) -> None:
        members, self._members = self._members, []
        for member in members:
            member.close()

    def _called(self) -> list["_Member"]:
        """Return everybody, called in if need be; the caller and who works beside it may ask."""
        with self._calling:
            if self._over:
                raise _lost()
            while len(self._members) < self._count:
                self._members.append(_Member(self._url, self._folder))
            return list(self._members)

    def _ended(self, waiting: selectors.BaseSelector, free: list["_Member"]) -> Iterator[Any]:
        while not (found := waiting.select(_PATIENCE_S)):
            if self._over:
                raise _lost()
        for key, _ in found:
            waiting.unregister(key.fileobj)
            free.append(key.data)
            yield key.data.receive()


class _Member:
    """One process, with at most one task at a time."""

    def __init__(self, url: str, folder: Path) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.tasks: IO[bytes] = self.process.stdin  # type: ignore[assignment]
        self.answers: IO[bytes] = self.process.stdout  # type: ignore[assignment]
        self.tasks.write(json.dumps(sys.path).encode() + b"\n")
        self.send((url, folder))

    def send(self, value: object) -> None:
        try:
            pickle.dump(value, self.tasks, pickle.HIGHEST_PROTOCOL)
            self.tasks.flush()
        except BrokenPipeError as error:
            raise _lost() from error

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        with suppress(BrokenPipeError):  # of what it did not read
            self.tasks.close()
        self.answers.close()

    def receive(self) -> Any:  # noqa: ANN401 - of whatever task it had
        try:
            found = pickle.load(self.answers)  # noqa: S301 - of our own process
        except EOFError as error:
            raise _lost() from error
        if isinstance(found, BaseException):
            raise found
        return found


def serve() -> None:
    """Be a process of a crew: do what comes on the standard input until it ends."""
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is not an answer
    gc.freeze()
    gc.set_threshold(500_000)  # rows hold no cycles: looking among millions would find nothing
    try:
        url, folder = pickle.load(tasks)  # noqa: S301 - of our own process
        room = Room(Database(make_url(url).render_as_string(hide_password=False)), Folder(folder))
        while True:
            pickle.dump(_done(pickle.load(tasks), room), answers, pickle.HIGHEST_PROTOCOL)  # noqa: S301 - of our own process
            answers.flush()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return


def _done(task: Task[Any], room: Room) -> Any:  # noqa: ANN401 - of whatever task it is
    try:
        return task.run(room)
    except (HelpdeskError, OSError) as error:
        return error


def _lost() -> PermanentError:
    return PermanentError("a process of the import ended; was there too little memory?")
