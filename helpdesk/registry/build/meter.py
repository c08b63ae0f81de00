"""How far an import is, how fast, and how much memory it takes."""

import os
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from helpdesk.registry.report import Progress


class Meter:
    """Counts rows by stage; `on_progress` is told at most ten times a second."""

    def __init__(self, on_progress: Callable[[Progress], object] | None = None) -> None:
        self.done = self.total = self.peak_bytes = 0
        self.pids: Callable[[], Collection[int]] = tuple
        self.halted: Exception | None = None  # why the import is not to go on
        self._tell = on_progress
        self._told_s = 0.0
        self._stage = ""
        self._spans: dict[str, float] = {}
        self._since_s = time.monotonic()

    def start(self, stage: str, total: int) -> None:
        """Begin a stage of about `total` rows, and end the one before."""
        self._end()
        self._stage, self.done, self.total = stage, 0, total
        self._report(at_once=True)

    def advance(self, rows: int) -> None:
        """So many rows more are done."""
        self.done += rows
        self._report()

    def expect(self, total: int) -> None:
        """The stage turns out to have so many rows."""
        self.total = max(total, self.done)

    def progress(self) -> Progress:
        """Return how far the stage is."""
        return Progress(
            self._stage, self.done, self.total, round(time.monotonic() - self._since_s, 1)
        )

    def seconds(self) -> dict[str, float]:
        """Return how long each stage took, the one that runs too."""
        now = {self._stage: round(time.monotonic() - self._since_s, 2)} if self._stage else {}
        return self._spans | now

    def halt(self, error: Exception) -> None:
        """Have the import end at its next step."""
        self.halted = error

    def sample(self) -> None:
        """Look how much memory this process and those it works with have, if that can be seen."""
        with suppress(OSError, ValueError):
            self.peak_bytes = max(
                self.peak_bytes, sum(map(_resident, (os.getpid(), *self.pids())))
            )

    def _end(self) -> None:
        self._spans = self.seconds()
        self._since_s = time.monotonic()

    def _report(self, *, at_once: bool = False) -> None:
        if self.halted is not None:
            raise self.halted
        if self._tell is None:
            return
        now_s = time.monotonic()
        if at_once or now_s - self._told_s > 0.1:
            self._told_s = now_s
            self._tell(self.progress())


class Pulse:
    """Calls a function about once a second from a thread of its own, until it is left."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat = beat
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="registry import", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(1.0):
            self._beat()


def _resident(pid: int) -> int:
    """Return the bytes a process has in memory, of those it shares its part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
