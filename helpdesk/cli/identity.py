"""`helpdesk identity`: how well conversations are read."""

import argparse
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from helpdesk import clock
from helpdesk.cli import common
from helpdesk.errors import InvalidError
from helpdesk.settings import Settings

if TYPE_CHECKING:
    from helpdesk.identity.evaluation import Report
    from helpdesk.matching.training import Score


class _Person(TypedDict, total=False):
    about: str
    relation: str
    full_name: str
    birth_place: str
    birth_date: str
    nik: str
    said: dict[str, list[int | str]]
    contradicted: dict[str, list[str]]


class _Optional(TypedDict, total=False):
    subject: str
    sender_name: str


class _Row(_Optional):
    """One labelled conversation; tests/data/identity/README.md says what each key means."""

    id: str
    messages: list[str]
    people: list[_Person]


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    identity = common.group(commands, "identity", "how identities are read")
    evaluate = common.add(
        identity,
        "evaluate",
        _evaluate,
        "score today's rules on what agents corrected, or on labelled conversations",
    )
    evaluate.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="labelled conversations, JSON lines"
    )
    evaluate.add_argument("--json", action="store_true", help="one JSON object")


def _evaluate(conf: Settings, options: argparse.Namespace) -> None:
    today = clock.now().date()
    if options.files:
        report = _of_files(options.files, today)
        _show(report.lines(), _report_values(report), as_json=options.json)
        return
    from helpdesk.matching import training

    with common.open_database(conf).reading() as session:
        score = training.evaluate(session, today=today)
    if not score.tickets and not conf.identity.keep_corrections:
        msg = "no corrections are kept; identity.keep_corrections in the settings allows it"
        raise InvalidError(msg)
    _show(score.lines(), _score_values(score), as_json=options.json)


def _show(lines: list[str], values: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        common.print_json(values)
    else:
        print(*lines, sep="\n")


def _of_files(files: list[Path], today: dt.date) -> "Report":
    from helpdesk.identity import evaluation

    at = ""

    def rows() -> Iterator[Mapping[str, Any]]:
        nonlocal at
        for file in files:
            with file.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    at = f"{file}: line {number}"
                    if line.strip():
                        yield msgspec.json.decode(line, type=_Row)

    try:
        return evaluation.score(rows(), today=today)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        msg = f"{at} is not a labelled conversation"
        raise InvalidError(msg) from error


def _report_values(report: "Report") -> dict[str, Any]:
    from helpdesk.identity.types import Field

    return {
        "conversations": report.conversations,
        "fields": {
            name.value: {
                "precision": report.precision(name),
                "recall": report.recall(name),
                "f1": report.f1(name),
                "stated": report.meant[name],
            }
            for name in Field
        },
        "people": report.people,
        "whole": report.whole,
        "about": report.about,
        "false_people": report.false_people,
        "quiet": report.quiet,
        "kept_quiet": report.kept_quiet,
        "ece": report.ece,
    }


def _score_values(score: "Score") -> dict[str, Any]:
    return {
        "tickets": score.tickets,
        "fields": {
            name.value: {
                "corrected": one.corrected,
                "right": one.right,
                "left_alone": one.left,
                "wrong": one.wrong,
                "still_wrong": sorted(one.still),
                "newly_wrong": sorted(one.newly),
            }
            for name, one in score.fields.items()
        },
    }
