"""Assess tickets: what they claim, which records that may mean; let agents correct it."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.errors import InvalidError, NotFoundError
from helpdesk.identity.extract import extract
from helpdesk.identity.types import About, Claim, Conversation, Fact, Field
from helpdesk.matching.lines import match_line
from helpdesk.matching.models import ClaimRow, FactRow
from helpdesk.matching.search import find, find_each
from helpdesk.matching.store import AssessedClaim, AssessedFact, Assessment, save
from helpdesk.matching.types import Answer, Query, Verdict
from helpdesk.registry import keys, lookup
from helpdesk.registry.reader import birth_day
from helpdesk.rows import among
from helpdesk.tickets.kinds import Direction, MessageKind
from helpdesk.tickets.models import Message, Ticket

__all__ = ["Assessment", "add_claim", "assess", "correct", "find", "match_line", "renewed", "save"]

MAX_VALUE_CHARS = 200  # as in the registry
_UNANSWERED = Answer((), Verdict.NONE)

_Entered: TypeAlias = dict[int, dict[Field, AssessedFact]]  # by position of the claim


@dataclass(slots=True)
class _Thread:
    """What was written in one ticket, oldest first."""

    subject: str
    message_ids: list[int]
    texts: list[str]
    sender_name: str = ""


def assess(session: Session, ticket_ids: Sequence[int], *, today: dt.date) -> list[Assessment]:
    """Extract the claims of each ticket anew and match them; facts agents entered stay.

    Reads all conversations in two queries and all agents' facts in another, and asks the registry
    about all claims together; writes nothing. One assessment for each ticket that exists, in the
    order asked.
    """
    threads = _threads(session, ticket_ids)
    entered = _entered(session, ticket_ids)
    stated = {
        each: list(_stated(threads[each], entered[each], today))
        for each in dict.fromkeys(ticket_ids)
        if each in threads
    }
    lookup.plan_once(session)
    queries = [_query(claim.facts) for claims in stated.values() for claim in claims]
    answers = iter(find_each(session, queries, today=today))
    return [
        Assessment(each, tuple(replace(claim, answer=next(answers)) for claim in claims))
        for each, claims in stated.items()
    ]


def renewed(
    session: Session, assessments: Sequence[Assessment], *, today: dt.date
) -> list[Assessment]:
    """Assess anew what an agent corrected since; to be called where the result is saved.

    Between an assessment and its saving lies the time it took; a correction made in it would be
    lost. On PostgreSQL the tickets are locked until the end of the transaction.
    """
    ids = sorted(each.ticket_id for each in assessments)
    session.execute(
        select(Ticket.id).where(among(Ticket.id, ids)).order_by(Ticket.id).with_for_update()
    )
    entered = _entered(session, ids)
    late = [
        each.ticket_id
        for each in assessments
        if _agents_facts(each)
        != {
            (position, field, fact.fact.value)
            for position, facts in entered[each.ticket_id].items()
            for field, fact in facts.items()
        }
    ]
    anew = {each.ticket_id: each for each in assess(session, late, today=today)} if late else {}
    return [anew.get(each.ticket_id, each) for each in assessments]


def _agents_facts(assessment: Assessment) -> set[tuple[int, Field, str]]:
    return {
        (position, fact.fact.field, fact.fact.value)
        for position, claim in enumerate(assessment.claims)
        for fact in claim.facts
        if fact.agent_id is not None
    }


def correct(
    session: Session, claim_id: int, field: Field, value: str, agent_id: int, now: dt.datetime
) -> None:
    """Set one fact by hand, or remove it with "", and match the ticket again.

    The caller queues the draft: what may be said can have changed.

    Raises:
        InvalidError: the value cannot be such a fact; the text says what to enter instead.
        NotFoundError: there is no such claim.
    """
    ticket_id = session.scalar(select(ClaimRow.ticket_id).where(ClaimRow.id == claim_id))
    if ticket_id is None:
        msg = "this claim is not there any more; load the page again"
        raise NotFoundError(msg)
    clean = _checked(field, value)
    fact = session.scalar(
        select(FactRow).where(FactRow.claim_id == claim_id, FactRow.field == field)
    )
    if fact is None:
        fact = FactRow(claim_id=claim_id, field=field, value="")
        session.add(fact)
    if fact.value and fact.value != clean:
        fact.history = [*(fact.history or []), fact.value]
    fact.value, fact.agent_id = clean, agent_id
    fact.confidence, fact.warnings = 1.0, []
    fact.message_id = fact.span_start = fact.span_end = None
    session.flush()
    save(session, assess(session, [ticket_id], today=now.date()), now=now)


def add_claim(session: Session, ticket_id: int, now: dt.datetime) -> int:
    """Return the id of a new empty claim of the ticket, for an agent to fill with `correct`.

    It lasts only if a fact is entered before the ticket is assessed again.

    Raises:
        NotFoundError: there is no such ticket.
    """
    if session.get(Ticket, ticket_id) is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    positions = session.scalars(select(ClaimRow.position).where(ClaimRow.ticket_id == ticket_id))
    row = ClaimRow(
        ticket_id=ticket_id,
        position=max(positions, default=-1) + 1,
        about=About.SELF,
        verdict=Verdict.NONE.value,
        matched_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def _threads(session: Session, ticket_ids: Sequence[int]) -> dict[int, _Thread]:
    # Not a join: PostgreSQL, knowing nothing yet of a young table, compares every pair of rows.
    tickets = session.execute(
        select(Ticket.id, Ticket.subject, Ticket.channel).where(among(Ticket.id, ticket_ids))
    )
    # That of a direct message is its own first words, cut off perhaps in the middle of a NIK.
    threads = {
        row.id: _Thread("" if row.channel.is_direct else row.subject, [], []) for row in tickets
    }
    rows = session.execute(
        select(Message.ticket_id, Message.id, Message.body, Message.sender_name)
        .where(
            among(Message.ticket_id, threads),
            Message.direction == Direction.INBOUND,
            Message.kind == MessageKind.PERSON,
        )
        .order_by(Message.received_at, Message.id)
    )
    for ticket_id, message_id, body, sender_name in rows:
        thread = threads[ticket_id]
        thread.message_ids.append(message_id)
        thread.texts.append(body)
        thread.sender_name = thread.sender_name or sender_name
    return threads


def _entered(session: Session, ticket_ids: Sequence[int]) -> dict[int, _Entered]:
    """Return what agents entered, by ticket, position of the claim and field."""
    found: dict[int, _Entered] = defaultdict(lambda: defaultdict(dict))
    rows = session.execute(
        select(
            ClaimRow.ticket_id,
            ClaimRow.position,
            FactRow.field,
            FactRow.value,
            FactRow.agent_id,
            FactRow.history,
        )
        .join(FactRow, FactRow.claim_id == ClaimRow.id)
        .where(among(ClaimRow.ticket_id, ticket_ids), FactRow.agent_id.is_not(None))
    )
    for ticket_id, position, field, value, agent_id, history in rows:
        fact = Fact(field, value, 1.0, history=tuple(history or ()))
        found[ticket_id][position][field] = AssessedFact(fact, None, agent_id)
    return found


def _stated(thread: _Thread, entered: _Entered, today: dt.date) -> Iterable[AssessedClaim]:
    """Yield what a ticket claims, not answered yet."""
    conversation = Conversation(tuple(thread.texts), thread.subject, thread.sender_name)
    extracted = extract(conversation, today=today) if thread.texts else ()
    count = max(len(extracted), max(entered, default=-1) + 1)
    for position in range(count):
        claim = extracted[position] if position < len(extracted) else Claim(())
        facts = _merged(claim, entered.get(position, {}), thread.message_ids)
        if facts:
            yield AssessedClaim(claim.about, claim.relation, facts, _UNANSWERED)


def _merged(
    claim: Claim, entered: Mapping[Field, AssessedFact], message_ids: Sequence[int]
) -> tuple[AssessedFact, ...]:
    facts = {
        fact.field: AssessedFact(fact, _message_id(fact, message_ids), None)
        for fact in claim.facts
    }
    return tuple({**facts, **entered}.values())


def _message_id(fact: Fact, message_ids: Sequence[int]) -> int | None:
    """Return the message a span points into; None for the subject."""
    if fact.span is None or not 0 <= fact.span.message < len(message_ids):
        return None
    return message_ids[fact.span.message]


def _query(facts: Iterable[AssessedFact]) -> Query:
    stated = {each.fact.field: each.fact.value for each in facts if each.fact.value}
    day = birth_day(stated.get(Field.BIRTH_DATE, ""))
    return Query(
        full_name=stated.get(Field.FULL_NAME),
        birth_place=stated.get(Field.BIRTH_PLACE),
        birth_date=None if day is None else dt.date.fromordinal(day),
        nik=stated.get(Field.NIK),
    )


def _checked(field: Field, value: str) -> str:
    """Return what an agent entered in the form facts have."""
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
