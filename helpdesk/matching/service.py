"""Assess tickets: what they claim and which records that may mean."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.identity.extract import extract
from helpdesk.identity.types import About, Card, Claim, Conversation, Fact, Field, Span
from helpdesk.matching import choices
from helpdesk.matching.choices import NOBODY, Choice
from helpdesk.matching.models import ClaimRow, FactRow
from helpdesk.matching.score import Thresholds
from helpdesk.matching.search import find, find_each
from helpdesk.matching.stated import query_of
from helpdesk.matching.store import AssessedClaim, AssessedFact, Assessment, save
from helpdesk.matching.types import Answer, Query, Verdict
from helpdesk.photos import service as photos
from helpdesk.registry.serving import serving
from helpdesk.rows import among
from helpdesk.tickets.kinds import Direction, MessageKind
from helpdesk.tickets.models import Message, Ticket

__all__ = ["Assessment", "assess", "conversations", "renewed", "save"]

_UNANSWERED = Answer((), Verdict.NONE)
_LIMITS = Thresholds()

_Entered: TypeAlias = dict[int, dict[Field, AssessedFact]]  # by position of the claim


@dataclass(slots=True)
class _Thread:
    """What was written in one ticket, oldest first."""

    subject: str
    message_ids: list[int]
    texts: list[str]
    sender_name: str = ""
    cards: tuple[tuple[int, Card], ...] = ()  # with the attachments they were read from

    @property
    def conversation(self) -> Conversation:
        return Conversation(tuple(self.texts), self.subject, self.sender_name)


def assess(
    session: Session,
    ticket_ids: Sequence[int],
    *,
    today: dt.date,
    limits: Thresholds = _LIMITS,
) -> list[Assessment]:
    """Extract the claims of each ticket anew and match them; what agents said stays.

    Reads all conversations in two queries, what their photos show, all facts and all choices of
    agents in one each, and asks the registry about all claims together; writes nothing. One
    assessment for each ticket that exists, in the order asked.
    """
    threads = _threads(session, ticket_ids)
    for each, cards in photos.cards_of(session, ticket_ids).items():
        threads[each].cards = cards
    entered = _entered(session, ticket_ids)
    stated = {
        each: list(_stated(threads[each], entered[each], today))
        for each in dict.fromkeys(ticket_ids)
        if each in threads
    }
    chosen = choices.newest(session, ticket_ids)
    queries = [_query(claim.facts) for claims in stated.values() for claim in claims]
    answers = iter(find_each(session, queries, today=today, limits=limits))
    assessed = []
    for each, claims in stated.items():
        told = []
        for position, claim in enumerate(claims):
            found, choice = replace(claim, answer=next(answers)), chosen.get((each, position))
            told.append(_heeded(session, found, choice, today, limits) if choice else found)
        assessed.append(Assessment(each, tuple(told)))
    return assessed


def renewed(
    session: Session,
    assessments: Sequence[Assessment],
    *,
    today: dt.date,
    limits: Thresholds = _LIMITS,
) -> list[Assessment]:
    """Assess anew what an agent corrected or chose since; to be called where the result is saved.

    Between an assessment and its saving lies the time it took; a correction made in it would be
    lost. On PostgreSQL the tickets are locked until the end of the transaction.
    """
    ids = sorted(each.ticket_id for each in assessments)
    session.execute(
        select(Ticket.id).where(among(Ticket.id, ids)).order_by(Ticket.id).with_for_update()
    )
    entered, chosen = _entered(session, ids), choices.newest(session, ids)
    late = [
        each.ticket_id
        for each in assessments
        if _agents_facts(each)
        != {
            (position, field, fact.fact.value)
            for position, facts in entered[each.ticket_id].items()
            for field, fact in facts.items()
        }
        or _choices(each)
        != {chosen[at].id for at in chosen if at[0] == each.ticket_id and at[1] < len(each.claims)}
    ]
    assessed = assess(session, late, today=today, limits=limits) if late else []
    anew = {each.ticket_id: each for each in assessed}
    return [anew.get(each.ticket_id, each) for each in assessments]


def conversations(session: Session, ticket_ids: Sequence[int]) -> dict[int, Conversation]:
    """Return what the contacts of tickets wrote, by ticket, as `assess` reads it."""
    threads = _threads(session, ticket_ids)
    return {ticket_id: thread.conversation for ticket_id, thread in threads.items()}


def _agents_facts(assessment: Assessment) -> set[tuple[int, Field, str]]:
    return {
        (position, fact.fact.field, fact.fact.value)
        for position, claim in enumerate(assessment.claims)
        for fact in claim.facts
        if fact.agent_id is not None
    }


def _choices(assessment: Assessment) -> set[int]:
    return {claim.choice_id for claim in assessment.claims if claim.choice_id is not None}


def _heeded(
    session: Session, claim: AssessedClaim, choice: Choice, today: dt.date, limits: Thresholds
) -> AssessedClaim:
    """Return a claim as an agent's word on whom it means leaves it.

    Somebody else than the matcher's best comes first and is never a match; confirmed is what the
    matcher said by itself, but for somebody it did not believe in.
    """
    answer = claim.answer
    best = _best_kpjs(answer)
    if choice.kpj == NOBODY:
        if not best or choice.rejects(best):
            answer = replace(_UNANSWERED, ask=answer.ask)
    elif choice.kpj not in best:
        answer = _with(session, claim, choice.kpj, today, limits)
    elif answer.verdict is Verdict.NONE:
        answer = replace(answer, verdict=Verdict.REVIEW)
    return replace(claim, answer=answer, choice_id=choice.id)


def _best_kpjs(answer: Answer) -> set[str]:
    best = answer.candidates[0].person if answer.candidates else None
    return {each.record.kpj for each in answer.candidates if each.person == best}


def _with(
    session: Session, claim: AssessedClaim, kpj: str, today: dt.date, limits: Thresholds
) -> Answer:
    """Return the answer with the person of a KPJ first, for review; as it is if that is gone."""
    reader = serving(session)
    found = reader.by_kpj([kpj]) if reader else {}
    if kpj not in found:
        return claim.answer
    query, first = _query(claim.facts), found[kpj].person
    answer = find(session, query, today=today, limits=limits, first=first)
    return replace(answer, verdict=Verdict.REVIEW)


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
            FactRow.message_id,
            FactRow.span_start,
            FactRow.span_end,
        )
        .join(FactRow, FactRow.claim_id == ClaimRow.id)
        .where(among(ClaimRow.ticket_id, ticket_ids), FactRow.agent_id.is_not(None))
    )
    for ticket_id, position, field, value, agent_id, history, message_id, start, end in rows:
        # Which message is said by its id; of one that is gone, its words are too.
        placed = message_id is not None and start is not None
        span = Span(0, start or 0, end or 0) if placed else None
        fact = Fact(field, value, 1.0, span, history=tuple(history or ()))
        found[ticket_id][position][field] = AssessedFact(fact, message_id, agent_id)
    return found


def _stated(thread: _Thread, entered: _Entered, today: dt.date) -> Iterable[AssessedClaim]:
    """Yield what a ticket claims, not answered yet."""
    shown = [card for _, card in thread.cards]
    extracted = extract(thread.conversation, today=today, cards=shown) if thread.texts else ()
    count = max(len(extracted), max(entered, default=-1) + 1)
    for position in range(count):
        claim = extracted[position] if position < len(extracted) else _added(position)
        facts = _merged(claim, entered.get(position, {}), thread)
        if facts:
            yield AssessedClaim(claim.about, claim.relation, facts, _UNANSWERED)


def _added(position: int) -> Claim:
    """Return a claim only an agent knows of: beside others it is somebody else's."""
    return Claim((), About.OTHER if position else About.SELF)


def _merged(
    claim: Claim, entered: Mapping[Field, AssessedFact], thread: _Thread
) -> tuple[AssessedFact, ...]:
    facts = {
        fact.field: AssessedFact(
            fact, _message_id(fact, thread.message_ids), None, _attachment_id(fact, thread)
        )
        for fact in claim.facts
    }
    return tuple({**facts, **entered}.values())


def _message_id(fact: Fact, message_ids: Sequence[int]) -> int | None:
    """Return the message a span points into; None for the subject."""
    if fact.span is None or not 0 <= fact.span.message < len(message_ids):
        return None
    return message_ids[fact.span.message]


def _attachment_id(fact: Fact, thread: _Thread) -> int | None:
    return None if fact.card is None else thread.cards[fact.card][0]


def _query(facts: Iterable[AssessedFact]) -> Query:
    return query_of({each.fact.field: each.fact.value for each in facts})
