"""Read everything a decision rests on, for many tickets at once; nothing is written."""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from helpdesk.identity.types import About, Field
from helpdesk.matching.choices import NOBODY
from helpdesk.matching.models import CandidateRow, ChoiceRow, ClaimRow, FactRow
from helpdesk.matching.records import record
from helpdesk.matching.types import RegistryRecord, Verdict
from helpdesk.registry.serving import serving
from helpdesk.replies import budget
from helpdesk.replies.compare import Comparison, compare, missing, told
from helpdesk.replies.disclosure import Agreement, Case
from helpdesk.replies.policy import Limits
from helpdesk.replies.ways import Reach
from helpdesk.rows import among
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket, Verification

_DECIDING = (Field.FULL_NAME, Field.BIRTH_DATE, Field.NIK)

_Row: TypeAlias = Row[*tuple[Any, ...]]
_Rows: TypeAlias = dict[int, list[_Row]]


@dataclass(frozen=True, slots=True)
class Known:
    """One ticket as a decision sees it.

    `records` maps each KPJ that may be told to a digest of its record, so that a later change of
    the registry shows. `answers_message_id` is the newest thing the contact wrote, `matched_at`
    the time of the claims: with either the ticket says something new.
    """

    ticket_id: int
    channel: Channel
    language: str
    status: TicketStatus
    reach: Reach
    contact_name: str
    answers_message_id: int
    case: Case
    matched_at: dt.datetime | None = None
    claim_id: int | None = None
    facts: Mapping[Field, str] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)


def read(
    session: Session, ticket_ids: Sequence[int], limits: Limits, *, now: dt.datetime
) -> dict[int, Known]:
    """Return what is known of each ticket that a person wrote in; the others are left out.

    Seven queries whatever the number of tickets, and one more where somebody called or came.
    """
    tickets = _tickets(session, ticket_ids)
    messages = _messages(session, list(tickets))
    claims = _claims(session, list(tickets))
    chosen = {ticket_id: _chosen(rows) for ticket_id, rows in claims.items()}
    facts = _facts(session, [claim.id for claim in chosen.values()])
    compared = _compare(session, [claim.id for claim in chosen.values()], facts)
    since = now - dt.timedelta(days=limits.days)
    people = budget.people_asked(session, {row.contact_id for row in tickets.values()}, since)
    elsewhere = budget.asked_elsewhere(session, _niks(facts.values()), since)
    spoken = [each for each, row in tickets.items() if row.channel.is_spoken]
    passed = verified(session, spoken) if spoken else {}
    known = {}
    for ticket_id, row in tickets.items():
        if ticket_id not in messages:
            continue
        claim = chosen.get(ticket_id)
        found = _Found(
            messages[ticket_id],
            len(claims.get(ticket_id, ())),
            _matched_at(claims.get(ticket_id)),
            claim,
            facts.get(claim.id, {}) if claim else {},
            compared.get(claim.id, _NOBODY) if claim else _NOBODY,
            people.get(row.contact_id, 0),
            elsewhere,
            passed.get(ticket_id, frozenset()),
        )
        known[ticket_id] = _known(row, found)
    return known


def verified(session: Session, ticket_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Return the KPJs of records whose mother's name was told in each of these tickets."""
    rows = session.execute(
        select(Verification.ticket_id, Verification.kpj).where(
            among(Verification.ticket_id, ticket_ids), Verification.passed
        )
    )
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        found[row.ticket_id].add(row.kpj)
    return {ticket_id: frozenset(kpjs) for ticket_id, kpjs in found.items()}


def chosen_claim(session: Session, ticket_id: int) -> int | None:
    """Return the claim of a ticket that its reply answers."""
    claims = _claims(session, [ticket_id]).get(ticket_id)
    return int(_chosen(claims).id) if claims else None


def outdated(session: Session, known: Iterable[Known]) -> list[int]:
    """Return the tickets in which something was written or matched since this was read."""
    read_then = {each.ticket_id: (each.answers_message_id, each.matched_at) for each in known}
    messages = _messages(session, list(read_then))
    claims = _claims(session, list(read_then))
    return [
        each
        for each, then in read_then.items()
        if each in messages and then != (messages[each][-1].id, _matched_at(claims.get(each)))
    ]


def _matched_at(claims: list[_Row] | None) -> dt.datetime | None:
    return claims[0].matched_at if claims else None  # all of a ticket are saved together


@dataclass(frozen=True, slots=True)
class _Best:
    """The participant a claim most likely means, record by record."""

    comparisons: tuple[Comparison, ...]
    rival: float


_NOBODY = _Best((), 0.0)


@dataclass(frozen=True, slots=True)
class _Found:
    messages: list[_Row]
    claims: int
    matched_at: dt.datetime | None
    claim: _Row | None
    facts: Mapping[Field, _Row]
    best: _Best
    people: int
    elsewhere: frozenset[str]
    passed: frozenset[str]


def digest(record: RegistryRecord) -> str:
    """Return a hash over everything a record says."""
    values = [str(value) for value in record]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def records(session: Session, kpjs: Collection[str]) -> dict[str, RegistryRecord]:
    """Return the records of these KPJs as the registry has them now."""
    if not kpjs:
        return {}
    reader = serving(session)
    found = reader.by_kpj(kpjs) if reader else {}
    return {kpj: record(row) for kpj, row in found.items()}


def reach_of(row: _Row) -> Reach:
    """Return how to reach the contact of a row that has the columns of `Reach`."""
    return Reach(
        row.channel,
        row.address,
        row.platform_id,
        row.phone,
        row.mail_to,
        row.window_ends_at,
        row.is_group,
    )


def _tickets(session: Session, ticket_ids: Sequence[int]) -> dict[int, _Row]:
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.channel,
            Ticket.language,
            Ticket.status,
            Ticket.contact_id,
            Ticket.mail_to,
            Ticket.window_ends_at,
            Contact.address,
            Contact.platform_id,
            Contact.phone,
            Contact.is_group,
            Contact.display_name,
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(among(Ticket.id, ticket_ids))
    )
    return {row.id: row for row in rows}


def _messages(session: Session, ticket_ids: Sequence[int]) -> _Rows:
    rows = session.execute(
        select(
            Message.id,
            Message.ticket_id,
            Message.authentic,
            Message.reply_to,
            Message.defects,
            Message.sender_name,
        )
        .where(
            among(Message.ticket_id, ticket_ids),
            Message.direction == Direction.INBOUND,
            Message.kind == MessageKind.PERSON,
        )
        .order_by(Message.received_at, Message.id)
    )
    return _grouped(rows, "ticket_id")


def _claims(session: Session, ticket_ids: Sequence[int]) -> _Rows:
    """Return claims that state something; of one an agent removed every fact, nobody asked."""
    stated = select(FactRow.id).where(FactRow.claim_id == ClaimRow.id, FactRow.value != "")
    rows = session.execute(
        select(
            ClaimRow.id,
            ClaimRow.ticket_id,
            ClaimRow.about,
            ClaimRow.verdict,
            ClaimRow.matched_at,
            _OVERRULED.label("agent_chose"),
        )
        .where(among(ClaimRow.ticket_id, ticket_ids), stated.exists())
        .order_by(ClaimRow.position)
    )
    return _grouped(rows, "ticket_id")


def _chosen(claims: list[_Row]) -> _Row:
    """Answer what the writer says of themself before what they say of others."""
    return next((claim for claim in claims if claim.about is About.SELF), claims[0])


def _facts(session: Session, claim_ids: Sequence[int]) -> dict[int, dict[Field, _Row]]:
    rows = session.execute(
        select(FactRow.claim_id, FactRow.field, FactRow.value, FactRow.agent_id).where(
            among(FactRow.claim_id, claim_ids)
        )
    )
    facts: dict[int, dict[Field, _Row]] = defaultdict(dict)
    for row in rows:
        facts[row.claim_id][row.field] = row
    return facts


def _values(facts: Mapping[Field, _Row]) -> dict[Field, str]:
    return {name: row.value for name, row in facts.items() if row.value}


def _niks(claims: Iterable[Mapping[Field, _Row]]) -> set[str]:
    return {facts[Field.NIK].value for facts in claims if Field.NIK in facts} - {""}


def _compare(
    session: Session,
    claim_ids: Sequence[int],
    facts: Mapping[int, Mapping[Field, _Row]],
) -> dict[int, _Best]:
    rows = session.execute(
        select(
            CandidateRow.claim_id, CandidateRow.kpj, CandidateRow.person, CandidateRow.probability
        )
        .where(among(CandidateRow.claim_id, claim_ids))
        .order_by(CandidateRow.rank)
    )
    candidates = _grouped(rows, "claim_id")
    of_best = {
        claim_id: [row.kpj for row in found if row.person == found[0].person]
        for claim_id, found in candidates.items()
    }
    wanted = {kpj for kpjs in of_best.values() for kpj in kpjs}
    registry = records(session, wanted)
    best = {}
    for claim_id, kpjs in of_best.items():
        stated = _values(facts.get(claim_id, {}))
        others = [
            row.probability
            for row in candidates[claim_id]
            if row.person != candidates[claim_id][0].person
        ]
        comparisons = [compare(stated, registry[kpj]) for kpj in kpjs if kpj in registry]
        best[claim_id] = _Best(tuple(comparisons), max(others, default=0.0))
    return best


def _known(row: _Row, found: _Found) -> Known:
    stated = _values(found.facts)
    leader = _leader(found.best)
    tellable = [each for each in found.best.comparisons if told(leader, each)] if leader else []
    newest = found.messages[-1]
    return Known(
        ticket_id=row.id,
        channel=row.channel,
        language="en" if row.language == "en" else "id",
        status=row.status,
        reach=reach_of(row),
        contact_name=newest.sender_name or row.display_name,
        answers_message_id=newest.id,
        case=_case(row, found, stated, leader, tuple(each.record.kpj for each in tellable)),
        matched_at=found.matched_at,
        claim_id=found.claim.id if found.claim else None,
        facts=stated,
        records={each.record.kpj: digest(each.record) for each in tellable},
    )


def _leader(best: _Best) -> Comparison | None:
    return max(best.comparisons, key=lambda each: each.strength, default=None)


def _case(
    row: _Row,
    found: _Found,
    stated: Mapping[Field, str],
    leader: Comparison | None,
    kpjs: tuple[str, ...],
) -> Case:
    claim = found.claim
    return Case(
        channel=row.channel,
        in_group=row.is_group,
        sent_elsewhere=bool(row.mail_to),
        named_only=reach_of(row).named_only,
        claims=found.claims,
        about=claim.about if claim else None,
        verdict=Verdict(claim.verdict) if claim and claim.verdict else None,
        missing=missing(stated),
        name=leader.name if leader else Agreement.ABSENT,
        birth_date=leader.birth_date if leader else Agreement.ABSENT,
        nik=leader.nik if leader else Agreement.ABSENT,
        kpjs=kpjs,
        rival=found.best.rival,
        authentic=all(each.authentic for each in found.messages),
        verified=any(each.record.kpj in found.passed for each in found.best.comparisons),
        reply_to_differs=any(each.reply_to for each in found.messages),
        defects=tuple(dict.fromkeys(code for each in found.messages for code in each.defects)),
        people_asked=found.people,
        nik_asked_elsewhere=stated.get(Field.NIK, "") in found.elsewhere,
        agent_chose=bool(claim and claim.agent_chose),
        agent_entered=any(
            found.facts[name].agent_id is not None for name in _DECIDING if name in found.facts
        ),
    )


def _grouped(rows: Iterable[_Row], key: str) -> _Rows:
    grouped: _Rows = defaultdict(list)
    for row in rows:
        grouped[getattr(row, key)].append(row)
    return dict(grouped)


# Whether the newest choice for a claim names somebody else than the matcher's best.
_OVERRULED = (
    select(and_(ChoiceRow.kpj != NOBODY, ChoiceRow.kpj != ChoiceRow.best_kpj))
    .where(ChoiceRow.ticket_id == ClaimRow.ticket_id, ChoiceRow.position == ClaimRow.position)
    .order_by(ChoiceRow.id.desc())
    .limit(1)
    .correlate(ClaimRow)
    .scalar_subquery()
)
