"""What pages and the command line show of drafts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.outbox import queries as outbox_queries
from helpdesk.outbox.queries import DeliveryView
from helpdesk.replies.models import Approval, Draft
from helpdesk.tickets.models import Message


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a ticket's replies.

    `approvals` are ids and names of who approved the draft as it stands, if it needs two;
    `refusal` is who refused it, and why; `deliveries` are oldest first.
    """

    draft: Draft | None
    approvals: tuple[tuple[int, str], ...]
    refusal: tuple[str, str] | None
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """The outcome of one ticket as the command line lists it."""

    disclosure: str
    approvals: int
    text: str


def told(session: Session, ticket_id: int) -> Told:
    """Return the draft of a ticket, who approved or refused it, and its deliveries."""
    deliveries = tuple(outbox_queries.of_ticket(session, ticket_id))
    found = session.execute(_DRAFT, {"ticket_id": ticket_id}).one_or_none()
    if found is None:
        return Told(None, (), None, deliveries)
    draft, refused_by, why = found
    approvals = _approvals(session, draft) if draft.approvals_needed == 2 else ()
    refusal = None if draft.refusal_id is None else (refused_by, why)
    return Told(draft, approvals, refusal, deliveries)


def said(session: Session, ticket_ids: Sequence[int]) -> dict[int, Said]:
    """Return disclosure, approvals needed and text of each ticket that has a draft."""
    rows = session.execute(
        select(Draft.ticket_id, Draft.disclosure, Draft.approvals_needed, Draft.body).where(
            Draft.ticket_id.in_(ticket_ids)
        )
    )
    return {row.ticket_id: Said(row.disclosure, row.approvals_needed, row.body) for row in rows}


def _approvals(session: Session, draft: Draft) -> tuple[tuple[int, str], ...]:
    asked = {"ticket_id": draft.ticket_id, "version": draft.version}
    return tuple((row[0], row[1]) for row in session.execute(_APPROVALS, asked))


_DRAFT = (
    select(Draft, Agent.name, Message.body)
    .outerjoin(Message, Message.id == Draft.refusal_id)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(Draft.ticket_id == bindparam("ticket_id"))
)
_APPROVALS = (
    select(Approval.agent_id, Agent.name)
    .join(Agent, Agent.id == Approval.agent_id)
    .where(
        Approval.ticket_id == bindparam("ticket_id"),
        Approval.draft_version == bindparam("version"),
        Approval.delivery_id.is_(None),  # of one that was taken back
    )
    .order_by(Approval.id)
)
