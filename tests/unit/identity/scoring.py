"""Scores extraction against hand-written conversations: per field, per person, calibration."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpdesk.identity import extract
from helpdesk.identity.types import Claim, Conversation, Field

TODAY = dt.date(2026, 11, 21)
DATA = Path(__file__).parents[2] / "data" / "identity"


@dataclass
class Score:
    hits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Field, 0))
    said: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Field, 0))
    meant: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Field, 0))
    people: int = 0
    whole: int = 0
    about: int = 0
    invented: int = 0
    misses: list[str] = field(default_factory=list)
    sureness: list[tuple[float, bool]] = field(default_factory=list)

    def f1(self, name: str) -> float:
        return 2 * self.hits[name] / max(1, self.said[name] + self.meant[name])

    @property
    def whole_rate(self) -> float:
        return self.whole / max(1, self.people)

    @property
    def ece(self) -> float:
        """Expected calibration error over ten bins."""
        total = 0.0
        for low in range(10):
            some = [(c, ok) for c, ok in self.sureness if low <= min(c * 10, 9.99) < low + 1]
            total += abs(sum(c for c, _ in some) - sum(ok for _, ok in some))
        return total / max(1, len(self.sureness))

    def table(self) -> str:
        rows = [
            f"{name:12} P {self.hits[name] / max(1, self.said[name]):.3f}"
            f"  R {self.hits[name] / max(1, self.meant[name]):.3f}  F1 {self.f1(name):.3f}"
            for name in Field
        ]
        people = (
            f"whole person {self.whole}/{self.people}, about right {self.about}"
            f", invented {self.invented}, ECE {self.ece:.3f}"
        )
        return "\n".join([*rows, people, *self.misses])


def rows(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def conversation(row: dict[str, Any]) -> Conversation:
    return Conversation(tuple(row["messages"]), row.get("subject", ""), row.get("sender_name", ""))


def score(name: str) -> Score:
    result = Score()
    for row in rows(name):
        _score_row(row, extract.extract(conversation(row), today=TODAY), result)
    return result


def _score_row(row: dict[str, Any], claims: tuple[Claim, ...], result: Score) -> None:
    left = list(claims)
    for person in row["people"]:
        best = max(left, key=lambda claim: _agreement(person, claim), default=None)
        if best is not None and _agreement(person, best):
            left.remove(best)
        else:
            best = None
        _score_person(row["id"], person, best, result)
    result.invented += len(left)
    result.misses += [f"{row['id']}: invented {_values(claim)}" for claim in left]
    for claim in left:
        for fact in claim.facts:
            result.said[fact.field] += 1
            result.sureness.append((fact.confidence, False))


def _score_person(at: str, person: dict[str, Any], claim: Claim | None, result: Score) -> None:
    values = _values(claim)
    result.people += 1
    result.whole += all(_same(values.get(name), person.get(name)) for name in Field)
    result.about += claim is not None and claim.about == person["about"]
    if claim and (claim.about != person["about"] or claim.relation != person.get("relation")):
        result.misses.append(f"{at}: about {claim.about} {claim.relation}, meant {person}")
    for name in Field:
        said, meant = values.get(name), person.get(name)
        result.said[name] += said is not None
        result.meant[name] += meant is not None
        result.hits[name] += said is not None and _same(said, meant)
        if not _same(said, meant):
            result.misses.append(f"{at}: {name} {said!r}, meant {meant!r}")
        if claim and (fact := claim.get(name)):
            result.sureness.append((fact.confidence, _same(said, meant)))


def _agreement(person: dict[str, Any], claim: Claim) -> int:
    values = _values(claim)
    return sum(
        values.get(name) is not None and _same(values[name], person.get(name)) for name in Field
    )


def _values(claim: Claim | None) -> dict[str, str]:
    return {fact.field: fact.value for fact in claim.facts} if claim else {}


def _same(one: str | None, two: str | None) -> bool:
    return (one or "").casefold() == (two or "").casefold()


if __name__ == "__main__":
    import sys

    print(score(sys.argv[1]).table())
