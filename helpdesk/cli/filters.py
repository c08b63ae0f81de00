"""`helpdesk extract`, `match`, `tickets`: JSON lines for scripts."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpdesk import clock
from helpdesk.cli import common
from helpdesk.errors import InvalidError
from helpdesk.settings import Settings


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

    def answer(value: dict[str, Any]) -> dict[str, Any]:
        with database.reading() as session:  # each its own: one that fails spoils no other
            return lines.match_line(session, value, today=today, limits=limits)

    def answer_again(value: dict[str, Any]) -> dict[str, Any]:
        try:
            return answer(value)
        except GenerationGoneError:  # an import has just ended
            return answer(value)

    return _filter(answer_again)


def _filter(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Answer each JSON line of standard input with one on standard output, in order.

    A line that cannot be answered gets `{"id", "error"}` and the others go on; 1 if there was one.
    """
    bad = 0
    for number, line in enumerate(sys.stdin.buffer, start=1):
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


def _tickets(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import report

    with common.open_database(conf).reading() as session:
        for row in report.tickets(session):
            if options.json:
                common.print_json(row)
            else:
                disclosure = row["disclosure"] or "-"
                print(f"#{row['id']}\t{row['status']}\t{disclosure}\t{row['subject']}")
