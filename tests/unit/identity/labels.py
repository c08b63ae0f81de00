"""Checks files of labelled conversations against their form (tests/data/identity/README.md)."""

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from helpdesk.identity.evaluation import place_of

DATA = Path(__file__).parents[2] / "data" / "identity"
TODAY = dt.date(2026, 11, 21)  # the day ages are reckoned from
FIELDS = ("full_name", "birth_place", "birth_date", "nik")
RELATIONS = frozenset(
    {
        "spouse", "parent", "child", "parent_in_law", "sibling", "relative", "friend",
        "employee", "deceased",
    }
)  # fmt: skip
_ROW = frozenset({"id", "subject", "sender_name", "messages", "people", "note"})
_PERSON = frozenset({*FIELDS, "about", "relation", "said", "before", "contradicted"})


def files() -> list[Path]:
    """Return all files of labelled conversations."""
    return sorted(DATA.glob("*.jsonl"))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the conversations of a file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def faults(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one conversation's labels."""
    if unknown := row.keys() - _ROW:
        yield f"unknown keys {sorted(unknown)}"
    if not row.get("messages") or not all(isinstance(one, str) for one in row["messages"]):
        yield "no messages"
    for person in row["people"]:
        yield from _person_faults(row, person)


def _person_faults(row: Mapping[str, Any], person: Mapping[str, Any]) -> Iterator[str]:
    if unknown := person.keys() - _PERSON:
        yield f"unknown keys of a person {sorted(unknown)}"
    if person.get("about") not in {"self", "other"}:
        yield "about is neither self nor other"
    if person.get("relation", "spouse") not in RELATIONS:
        yield f"unknown relation {person['relation']}"
    if not any(person.get(field) for field in FIELDS):
        yield "a person without a fact"
    said = person.get("said", {})
    for field in FIELDS:
        if (field in person) != (field in said):
            yield f"{field} is stated without said, or the other way round"
        elif field in said and place_of(row, said[field]) is None:
            yield f"{field}: the message does not hold {said[field]!r}"
    if "birth_date" in person:
        dt.date.fromisoformat(person["birth_date"])
    nik = person.get("nik", "")
    if nik and not re.fullmatch(r"\d{5,25}", nik):
        yield f"nik {nik!r} is not digits"
    if len(nik) == 16 and nik[12] != "9":
        yield f"nik {nik!r}: the serial of a made-up person starts at 9000"


def main(paths: list[str]) -> int:
    """Print the faults of files; return how many there are."""
    found, seen, people = 0, set(), 0
    for path in [Path(one) for one in paths] or files():
        for number, row in enumerate(rows(path), 1):
            wrong = [*faults(row), *(["id twice"] if row["id"] in seen else [])]
            seen.add(row["id"])
            people += len(row["people"])
            for one in wrong:
                print(f"{path.name}:{number} {row['id']}: {one}")
            found += len(wrong)
    print(f"{len(seen)} conversations, {people} people, {found} faults")
    return found


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
