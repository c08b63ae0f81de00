"""Score today's reading on what agents corrected, and on what they left alone beside it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.identity.evaluation import paired, same
from helpdesk.identity.extract import extract
from helpdesk.identity.types import Claim, Field
from helpdesk.matching.models import ClaimRow, CorrectionRow, FactRow
from helpdesk.matching.service import conversations
from helpdesk.rows import among

_BATCH = 200  # tickets held in memory at once


@dataclass(slots=True)
class Tally:
    """Counts of one field, and the tickets behind those that are wrong.

    Attributes:
        corrected: facts agents corrected, entered where one was missed, or removed.
        right: those of them that today's rules get right.
        left: facts agents left as they were read, in the same conversations.
        wrong: those of them that today's rules read otherwise or not at all.
    """

    corrected: int = 0
    right: int = 0
    left: int = 0
    wrong: int = 0
    still: set[int] = field(default_factory=set)
    newly: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Score:
    """What became of corrections under today's rules; holds no word of any conversation."""

    tickets: int = 0
    fields: dict[Field, Tally] = field(default_factory=lambda: {each: Tally() for each in Field})

    def lines(self) -> list[str]:
        """Lay the figures out as text."""
        rows = [
            f"{name:12} corrected {one.corrected:5}, now right {one.right:5}"
            f"   left alone {one.left:5}, now wrong {one.wrong:5}"
            for name, one in self.fields.items()
        ]
        still = sorted(set().union(*(one.still for one in self.fields.values())))
        newly = sorted(set().union(*(one.newly for one in self.fields.values())))
        return [
            f"tickets with corrections: {self.tickets}",
            *rows,
            f"tickets with corrected facts that are still misread: {_numbers(still)}",
            f"tickets with facts that used to be read rightly:     {_numbers(newly)}",
        ]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one fact of a person: its value, "" when nobody stated one."""

    value: str
    before: str = ""  # what an agent found wrong
    corrected: bool = False


_Person: TypeAlias = dict[Field, _Known]


def evaluate(session: Session, *, today: dt.date) -> Score:
    """Read every conversation that has corrections with today's rules, and compare."""
    score = Score()
    ids = list(
        session.scalars(
            select(CorrectionRow.ticket_id).distinct().order_by(CorrectionRow.ticket_id)
        )
    )
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        known, written = _known(session, some), conversations(session, some)
        for ticket_id in some:
            claims = extract(written[ticket_id], today=today)
            _compare(score, ticket_id, list(known[ticket_id].values()), claims)
    return score


def _known(session: Session, ticket_ids: Sequence[int]) -> dict[int, dict[int, _Person]]:
    """Return the people of tickets as agents see them, by ticket and position of the claim."""
    people: dict[int, dict[int, _Person]] = defaultdict(lambda: defaultdict(dict))
    facts = session.execute(
        select(ClaimRow.ticket_id, ClaimRow.position, FactRow.field, FactRow.value)
        .join(FactRow, FactRow.claim_id == ClaimRow.id)
        .where(among(ClaimRow.ticket_id, ticket_ids), FactRow.agent_id.is_(None))
    )
    for ticket_id, position, name, value in facts:
        people[ticket_id][position][name] = _Known(value)
    made = session.scalars(
        select(CorrectionRow)
        .where(among(CorrectionRow.ticket_id, ticket_ids))
        .order_by(CorrectionRow.id)
    )
    for row in made:  # the last word on a fact counts
        person = people[row.ticket_id][row.position]
        person[row.field] = _Known(row.value, row.before, corrected=True)
    return people


def _compare(
    score: Score, ticket_id: int, people: Sequence[_Person], claims: Sequence[Claim]
) -> None:
    score.tickets += 1
    pairs = dict(paired([[_in_common(person, claim) for claim in claims] for person in people]))
    for at, person in enumerate(people):
        claim = claims[pairs[at]] if at in pairs else None
        for name, known in person.items():
            right = _is_right(name, known, claim, claims)
            _count(score.fields[name], known, ticket_id, right=right)


def _count(tally: Tally, known: _Known, ticket_id: int, *, right: bool) -> None:
    if known.corrected:
        tally.corrected += 1
        tally.right += right
        tally.still |= set() if right else {ticket_id}
    else:
        tally.left += 1
        tally.wrong += not right
        tally.newly |= set() if right else {ticket_id}


def _in_common(person: Mapping[Field, _Known], claim: Claim) -> int:
    values = {fact.field: fact.value for fact in claim.facts}
    return sum(
        bool(known.value) and name in values and same(name, known.value, values[name])
        for name, known in person.items()
    )


def _is_right(name: Field, known: _Known, claim: Claim | None, claims: Sequence[Claim]) -> bool:
    """Tell whether a fact is read as known; what nobody stated is not to be read at all."""
    read = claim.get(name) if claim else None
    if known.value:
        return read is not None and same(name, known.value, read.value)
    if claim is not None:
        return read is None
    every = [fact for one in claims if (fact := one.get(name)) is not None]
    return not any(same(name, known.before, fact.value) for fact in every)


def _numbers(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids)) or "none"
