"""`helpdesk extract`, `match`, `tickets`: JSON lines for scripts."""

import argparse
import io
import json
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from helpdesk import clock
from helpdesk.cli import common
from helpdesk.db import Database
from helpdesk.errors import InvalidError
from helpdesk.settings import Settings

_CHUNK_BYTES = 1 << 16
_PAUSE_S = 0.05  # without input, after which nothing is held any more
_HELD_S = 1.0  # for which a session is held at most: a new registry serves from then on


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    extract = common.add(
        commands, "extract", _extract, "JSON lines of conversations in, what they claim out"
    )
    extract.add_argument("--explain", action="store_true", help="add which rule saw what")
    common.add(commands, "match", _match, "JSON lines of claims in, candidates out")
    tickets = common.add(commands, "tickets", _tickets, "list the tickets")
    tickets.add_argument("--json", action="store_true", help="one JSON object a line")


def _extract(_conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk.identity import lines

    today = clock.now().date()
    return _filter(lambda value: lines.extract_line(value, today=today, explained=options.explain))


def _match(conf: Settings, _options: argparse.Namespace) -> int:
    from helpdesk.matching import lines
    from helpdesk.registry.serving import GenerationGoneError
    from helpdesk.replies import policy

    limits = policy.load(Path(conf.policy_file)).matching.thresholds
    today, database = clock.now().date(), common.open_database(conf)

    held = _Held(database)

    def answer(value: dict[str, Any]) -> dict[str, Any]:
        try:
            return lines.match_line(held.session(), value, today=today, limits=limits)
        except BaseException:
            held.close()  # one that fails spoils no other
            raise

    def answer_again(value: dict[str, Any]) -> dict[str, Any]:
        try:
            return answer(value)
        except GenerationGoneError:  # an import has just ended
            return answer(value)

    try:
        return _filter(answer_again, on_pause=held.close)
    finally:
        held.close()


class _Held:
    """A session for lines that come close together: to open one costs more than most answers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack = ExitStack()
        self._session: Session | None = None
        self._until_s = 0.0

    def session(self) -> Session:
        now_s = time.monotonic()
        if self._session is None or now_s > self._until_s:
            self.close()
            self._session = self._stack.enter_context(self._database.reading())
            self._until_s = now_s + _HELD_S
        return self._session

    def close(self) -> None:
        self._session = None
        self._stack.close()


def _filter(
    answer: Callable[[dict[str, Any]], dict[str, Any]],
    on_pause: Callable[[], object] = lambda: None,
) -> int:
    """Answer each JSON line of standard input with one on standard output, in order.

    A line that cannot be answered gets `{"id", "error"}` and the others go on; 1 if there was one.
    """
    bad = 0
    for number, line in enumerate(_lines(on_pause), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            common.print_json({"id": None, "error": f"line {number} is not a JSON object"})
            bad += 1
            continue
        try:
            common.print_json(answer(value))
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the next lines must not suffer
            common.print_json({"id": None, "error": f"line {number}: {common.words(error)}"})
            bad += 1
    if bad:
        msg = f"lines that got no answer but an error: {bad}"
        raise InvalidError(msg)
    return 0


def _lines(on_pause: Callable[[], object]) -> Iterator[bytes]:
    """Yield the lines of standard input as they come; tell when none has for a moment."""
    stream, begun = cast("io.BufferedReader", sys.stdin.buffer), io.BytesIO()
    while True:
        with suppress(OSError, ValueError):  # what is no file of the system's never pauses
            if not select.select([stream], [], [], _PAUSE_S)[0]:
                on_pause()
        chunk = stream.read1(_CHUNK_BYTES)
        if not chunk:
            break
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield begun.getvalue() + line
            begun = io.BytesIO()
        begun.write(rest)
    if begun.tell():
        yield begun.getvalue()


def _tickets(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import report

    with common.open_database(conf).reading() as session:
        for row in report.tickets(session):
            if options.json:
                common.print_json(row)
            else:
                disclosure = row["disclosure"] or "-"
                print(f"#{row['id']}\t{row['status']}\t{disclosure}\t{row['subject']}")
