"""The tickets as data, for scripts and evaluations: `helpdesk tickets`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from helpdesk.identity.types import Field
from helpdesk.matching.queries import ClaimView, claims_of
from helpdesk.replies.queries import Said, said
from helpdesk.tickets.kinds import MessageKind
from helpdesk.tickets.models import Contact, Message, Ticket

_PAGE = 500
_Row: TypeAlias = Row[*tuple[Any, ...]]


def tickets(session: Session) -> Iterator[dict[str, Any]]:
    """Yield one JSON-ready object a ticket, oldest first, a page at a time.

    Keys: id, channel, status, subject, contact, message_count, message_ids, claims, candidates
    (best first), disclosure, approvals (needed), draft (text or None), linked_ticket.
    """
    last = 0
    while page := _page(session, last):
        ids = [row.id for row in page]
        message_ids, replies = _message_ids(session, ids), said(session, ids)
        for row in page:
            claims = claims_of(session, row.id)
            yield _ticket(row, message_ids[row.id], claims, replies)
        last = ids[-1]


def _page(session: Session, last: int) -> Sequence[_Row]:
    columns = (
        *(Ticket.id, Ticket.channel, Ticket.status, Ticket.subject, Ticket.message_count),
        *(Ticket.linked_ticket_id, Ticket.disclosure, Ticket.approvals_needed, Contact.address),
    )
    return session.execute(
        select(*columns)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(Ticket.id > last)
        .order_by(Ticket.id)
        .limit(_PAGE)
    ).all()


def _message_ids(session: Session, ticket_ids: Sequence[int]) -> Mapping[int, list[str | None]]:
    """Return the Message-ID headers of each ticket's messages, None where there was none."""
    found: defaultdict[int, list[str | None]] = defaultdict(list)
    rows = session.execute(
        select(Message.ticket_id, Message.message_id)
        .where(Message.ticket_id.in_(ticket_ids), Message.kind != MessageKind.EVENT)
        .order_by(Message.received_at, Message.id)
    )
    for ticket_id, message_id in rows:
        found[ticket_id].append(message_id)
    return found


def _ticket(
    row: _Row,
    message_ids: list[str | None],
    claims: Sequence[ClaimView],
    replies: Mapping[int, Said],
) -> dict[str, Any]:
    reply = replies.get(row.id)
    return {
        "id": row.id,
        "channel": row.channel,
        "status": row.status,
        "subject": row.subject,
        "contact": row.address,
        "message_count": row.message_count,
        "message_ids": message_ids,
        "linked_ticket": row.linked_ticket_id,
        "claims": [_claim(claim) for claim in claims],
        "candidates": _candidates(claims),
        "disclosure": reply.disclosure if reply else row.disclosure or "none",
        "approvals": reply.approvals if reply else max(1, row.approvals_needed),
        "draft": reply.text if reply else None,
    }


def _claim(claim: ClaimView) -> dict[str, Any]:
    facts = {fact.field: fact for fact in claim.facts}
    return {
        **{field.value: facts[field].value if field in facts else None for field in Field},
        "about": claim.about.value,
        "relation": claim.relation,
        "verdict": claim.verdict,
        "confidence": {field.value: round(fact.confidence, 3) for field, fact in facts.items()},
    }


def _candidates(claims: Sequence[ClaimView]) -> list[dict[str, Any]]:
    """Return the candidates of every claim, best first; `claim` is its place in `claims`."""
    listed = [
        {
            "claim": position,
            "kpj": candidate.record.kpj,
            "probability": round(candidate.probability, 6),
            "evidence": [
                {"feature": each.feature, "level": each.level, "bits": round(each.bits, 2)}
                for each in candidate.evidence
            ],
        }
        for position, claim in enumerate(claims)
        for candidate in claim.candidates
    ]
    return sorted(listed, key=lambda each: (each["claim"], -each["probability"]))
