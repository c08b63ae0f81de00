"""What agents make of facts: entered, corrected, taken back; kept to judge the reading by.

Nothing here looks for records again: whoever changes a fact assesses the ticket afterwards.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpdesk.errors import InvalidError, NotFoundError
from helpdesk.identity.types import About, Field
from helpdesk.matching.models import ClaimRow, CorrectionRow, FactRow
from helpdesk.matching.types import Verdict
from helpdesk.registry import keys
from helpdesk.registry.reader import birth_day
from helpdesk.tickets.kinds import Direction
from helpdesk.tickets.models import Message, Ticket

MAX_VALUE_CHARS = 200  # as in the registry

_Facts: TypeAlias = dict[tuple[int, Field], FactRow]


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` (exclusive) of a message."""

    message_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Change:
    """One fact as an agent wants it; "" says that nobody stated it."""

    claim_id: int
    field: Field
    value: str
    place: Place | None = None


class Stood(StrEnum):
    """What a change replaced."""

    READ = "read"  # what was read, or nothing
    REMOVED = "removed"  # an agent had said that it was not stated
    ENTERED = "entered"  # what an agent had entered; it is the last of the fact's history
    SAME = "same"  # the same value, entered by an agent


@dataclass(frozen=True, slots=True)
class Before:
    """What a change replaced, so that it can be taken back; holds no value, as pages carry it.

    Attributes:
        place: where what an agent had entered stood.
        correction_id: what was kept of the change, None where nothing was.
    """

    claim_id: int
    field: Field
    stood: Stood
    place: Place | None = None
    correction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """A stated fact that stands, in part or whole, where somebody looks."""

    claim_id: int
    field: Field
    place: Place


def correct(
    session: Session,
    ticket_id: int,
    changes: Sequence[Change],
    agent_id: int,
    now: dt.datetime,
    *,
    keep: bool,
) -> tuple[Before, ...]:
    """Write facts an agent entered, and with `keep` what they made of each; returns what stood.

    Raises:
        InvalidError: a value cannot be such a fact; the text says what to enter instead.
        NotFoundError: the ticket has no such claim.
    """
    positions = _positions(session, ticket_id)
    facts = _facts(session, positions)
    found = []
    for change in changes:
        if change.claim_id not in positions:
            msg = "this claim is not there any more; load the page again"
            raise NotFoundError(msg)
        value = checked(change.field, change.value)
        fact = facts.get((change.claim_id, change.field))
        kept = None
        if keep and value != (fact.value if fact else ""):
            kept = _kept(ticket_id, positions[change.claim_id], change, fact)
            kept.value, kept.agent_id, kept.made_at = value, agent_id, now
            session.add(kept)
            session.flush()
        found.append(_before(change, value, fact, kept))
        _enter(session, change, value, fact, agent_id)
    session.flush()
    return tuple(found)


def take_back(
    session: Session, ticket_id: int, befores: Sequence[Before], agent_id: int
) -> tuple[Field, ...]:
    """Put back what stood before changes; the ticket is to be assessed again. Returns the facts.

    A claim that is not there any more had nothing but what is taken back.

    Raises:
        InvalidError: a place is no place of its message.
        NotFoundError: the ticket received no such message.
    """
    positions = _positions(session, ticket_id)
    facts = _facts(session, positions)
    for before in befores:
        session.execute(
            delete(CorrectionRow).where(
                CorrectionRow.id == before.correction_id,
                CorrectionRow.ticket_id == ticket_id,
                CorrectionRow.agent_id == agent_id,
            )
        )
        fact = facts.get((before.claim_id, before.field))
        if fact is None:
            continue
        if before.stood is Stood.READ:
            session.delete(fact)
            continue
        if before.place is not None:
            text_at(session, ticket_id, before.place)  # there is such a place
        _put_back(fact, before)
    session.flush()
    return tuple(before.field for before in befores)


def text_at(session: Session, ticket_id: int, place: Place) -> str:
    """Return what stands at a place of a message the ticket received.

    Raises:
        InvalidError: the message ends before it, or it is empty or too long for a fact.
        NotFoundError: the ticket received no such message.
    """
    body = session.scalar(
        select(Message.body).where(
            Message.id == place.message_id,
            Message.ticket_id == ticket_id,
            Message.direction == Direction.INBOUND,
        )
    )
    if body is None:
        msg = "this ticket has no such message"
        raise NotFoundError(msg)
    if not 0 <= place.start < place.end <= len(body):
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    if place.end - place.start > MAX_VALUE_CHARS:
        msg = "this is too much text for one fact; select the fact alone"
        raise InvalidError(msg)
    return body[place.start : place.end]


def touched(session: Session, ticket_id: int, place: Place) -> list[Touched]:
    """Return the stated facts that share a character with a place, in the order of claims."""
    rows = session.execute(
        select(FactRow.claim_id, FactRow.field, FactRow.span_start, FactRow.span_end)
        .join(ClaimRow, ClaimRow.id == FactRow.claim_id)
        .where(
            ClaimRow.ticket_id == ticket_id,
            FactRow.message_id == place.message_id,
            FactRow.value != "",
            FactRow.span_start < place.end,
            FactRow.span_end > place.start,
        )
        .order_by(ClaimRow.position, FactRow.id)
    )
    return [
        Touched(claim_id, field, Place(place.message_id, start, end))
        for claim_id, field, start, end in rows
        if start is not None and end is not None
    ]


def add_claim(session: Session, ticket_id: int, now: dt.datetime) -> int:
    """Return the id of a new empty claim of the ticket, for an agent to fill with `correct`.

    It lasts only if a fact is entered before the ticket is assessed again.

    Raises:
        NotFoundError: there is no such ticket.
    """
    if session.get(Ticket, ticket_id) is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    row = ClaimRow(
        ticket_id=ticket_id,
        position=max(_positions(session, ticket_id).values(), default=-1) + 1,
        about=About.SELF,
        verdict=Verdict.NONE.value,
        matched_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def forget(session: Session, *, before: dt.datetime) -> int:
    """Delete the corrections made before a moment; returns how many."""
    gone = session.execute(delete(CorrectionRow).where(CorrectionRow.made_at < before))
    return int(gone.rowcount)  # type: ignore[attr-defined] # of a DELETE there is one


def checked(field: Field, value: str) -> str:
    """Return what an agent entered in the form facts have.

    Raises:
        InvalidError: it cannot be such a fact; the text says what to enter instead.
    """
    clean = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", value).split())
    if not clean:
        return ""
    if len(clean) > MAX_VALUE_CHARS:
        msg = f"at most {MAX_VALUE_CHARS} characters"
        raise InvalidError(msg)
    if field is Field.NIK:
        if keys.nik_number(clean) is None:
            msg = "a NIK has 16 digits"
            raise InvalidError(msg)
        return keys.nik_digits(clean)
    if field is Field.BIRTH_DATE:
        day = birth_day(clean)
        if day is None:
            msg = "enter the birth date as day-month-year, for example 17-08-1990"
            raise InvalidError(msg)
        return dt.date.fromordinal(day).isoformat()
    if not any(character.isalpha() for character in clean):
        msg = "a name or a place has letters"
        raise InvalidError(msg)
    return clean


def _positions(session: Session, ticket_id: int) -> dict[int, int]:
    """Return the claims of a ticket and where each stands."""
    rows = session.execute(
        select(ClaimRow.id, ClaimRow.position).where(ClaimRow.ticket_id == ticket_id)
    )
    return {row.id: row.position for row in rows}


def _facts(session: Session, positions: Mapping[int, int]) -> _Facts:
    rows = session.scalars(select(FactRow).where(FactRow.claim_id.in_(positions)))
    return {(fact.claim_id, fact.field): fact for fact in rows}


def _kept(ticket_id: int, position: int, change: Change, fact: FactRow | None) -> CorrectionRow:
    """Return what is kept of a change; who made it, when, and to what is the caller's to say."""
    place = change.place
    return CorrectionRow(
        ticket_id=ticket_id,
        position=position,
        field=change.field,
        before=fact.value if fact else "",
        rule=fact.rule if fact else "",
        confidence=fact.confidence if fact else 0.0,
        message_id=place.message_id if place else None,
        span_start=place.start if place else None,
        span_end=place.end if place else None,
    )


def _before(
    change: Change, value: str, fact: FactRow | None, kept: CorrectionRow | None
) -> Before:
    number = kept.id if kept else None
    if fact is None or fact.agent_id is None:
        return Before(change.claim_id, change.field, Stood.READ, correction_id=number)
    stood = Stood.SAME if fact.value == value else Stood.ENTERED if fact.value else Stood.REMOVED
    return Before(change.claim_id, change.field, stood, _place(fact), number)


def _place(fact: FactRow) -> Place | None:
    if fact.message_id is None or fact.span_start is None or fact.span_end is None:
        return None
    return Place(fact.message_id, fact.span_start, fact.span_end)


def _enter(
    session: Session, change: Change, value: str, fact: FactRow | None, agent_id: int
) -> None:
    if fact is None:
        fact = FactRow(claim_id=change.claim_id, field=change.field, value="")
        session.add(fact)
    if fact.value and fact.value != value:
        fact.history = [*(fact.history or []), fact.value]
    fact.agent_id = agent_id
    _put(fact, value, change.place if value else None)


def _put_back(fact: FactRow, before: Before) -> None:
    value = "" if before.stood is Stood.REMOVED else fact.value
    if before.stood is Stood.ENTERED and fact.history:
        value, fact.history = fact.history[-1], fact.history[:-1]
    _put(fact, value, before.place)


def _put(fact: FactRow, value: str, place: Place | None) -> None:
    fact.value, fact.confidence, fact.rule, fact.warnings = value, 1.0, "", []
    fact.message_id = place.message_id if place else None
    fact.span_start = place.start if place else None
    fact.span_end = place.end if place else None
    fact.attachment_id = fact.box = None
