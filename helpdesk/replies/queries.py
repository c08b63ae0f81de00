"""What pages and the command line show of drafts."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from helpdesk.accounts.models import Agent
from helpdesk.replies.models import Approval, Draft
from helpdesk.replies.policy import Doubt
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Contact, Ticket

_DOUBTS = frozenset(doubt.value for doubt in Doubt)


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """One person's yes to the draft as it stands."""

    agent_id: int
    agent_name: str
    approved_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as an agent decides on it.

    `reasons` and `warnings` are codes of `reasons.text`; the warnings are those that take trust
    away. `signer` is the person whose name will stand below, None until somebody approves.
    """

    ticket_id: int
    version: int
    recipient: str
    channel: Channel
    subject: str
    body: str
    situation: str
    language: str
    disclosure: str
    approvals_needed: int
    approvals: tuple[ApprovalView, ...]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    kpjs: tuple[str, ...]
    edited_by: str | None
    updated_at: dt.datetime
    signer: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """The outcome of one ticket as the command line lists it."""

    disclosure: str
    approvals: int
    text: str


def draft_view(session: Session, ticket_id: int) -> DraftView | None:
    """Return the draft of a ticket, or None while there is none."""
    editor = aliased(Agent)
    row = session.execute(
        select(Draft, Ticket.channel, Contact.address, editor.name)
        .join(Ticket, Ticket.id == Draft.ticket_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(editor, editor.id == Draft.edited_by_id)
        .where(Draft.ticket_id == ticket_id)
    ).one_or_none()
    if row is None:
        return None
    kept, channel, recipient, edited_by = row
    approvals = _approvals(session, ticket_id, kept.version)
    return DraftView(
        ticket_id=ticket_id,
        version=kept.version,
        recipient=recipient,
        channel=channel,
        subject=f"{kept.subject} [#{ticket_id}]",
        body=kept.body,
        situation=kept.situation,
        language=kept.language,
        disclosure=kept.disclosure,
        approvals_needed=kept.approvals_needed,
        approvals=approvals,
        reasons=tuple(kept.reasons),
        warnings=tuple(code for code in kept.reasons if code in _DOUBTS),
        kpjs=tuple(kept.kpjs),
        edited_by=edited_by,
        updated_at=kept.updated_at,
        signer=approvals[0].agent_name if approvals else None,
    )


def said(session: Session, ticket_ids: Sequence[int]) -> dict[int, Said]:
    """Return disclosure, approvals needed and text of each ticket that has a draft."""
    rows = session.execute(
        select(Draft.ticket_id, Draft.disclosure, Draft.approvals_needed, Draft.body).where(
            Draft.ticket_id.in_(ticket_ids)
        )
    )
    return {row.ticket_id: Said(row.disclosure, row.approvals_needed, row.body) for row in rows}


def _approvals(session: Session, ticket_id: int, version: int) -> tuple[ApprovalView, ...]:
    rows = session.execute(
        select(Approval.agent_id, Agent.name, Approval.approved_at)
        .join(Agent, Agent.id == Approval.agent_id)
        .where(Approval.ticket_id == ticket_id, Approval.draft_version == version)
        .order_by(Approval.id)
    )
    return tuple(ApprovalView(row.agent_id, row.name, row.approved_at) for row in rows)
