"""Reads of one ticket: its head, its messages with their files, its events, its relations."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, AuditEvent
from helpdesk.errors import NotFoundError
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Message, RawMessage, Ticket

MAX_MESSAGES = 200  # of one page; a longer conversation shows its newest
SHOWN_EVENTS = 100
# Views are for the auditor; what changed something is for the next agent.
_QUIET = ("ticket.view", "ticket.reveal", "ticket.raw", "ticket.html", "ticket.file")


@dataclass(frozen=True, slots=True)
class TicketHead:
    """A ticket without its conversation."""

    id: int
    channel: Channel
    subject: str
    language: str
    status: TicketStatus
    version: int
    opened_at: dt.datetime
    updated_at: dt.datetime
    waiting_since: dt.datetime
    approvals_needed: int
    approvals_given: int
    decision: str | None
    disclosure: str | None
    linked_ticket_id: int | None
    link_reason: str | None
    contact_id: int
    contact_name: str
    contact_address: str
    assignee_id: int | None
    assignee_name: str | None


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment; `stored` tells whether it can be downloaded."""

    id: int
    message_id: int
    file_name: str
    media_type: str
    size_bytes: int
    stored: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of the conversation, with its files; `problem` says why it is unparsed."""

    id: int
    direction: Direction
    kind: MessageKind
    agent_name: str | None
    raw_id: int | None
    raw_size_bytes: int | None
    problem: str | None
    subject: str
    body: str
    quoted: str
    signature: str
    has_html: bool
    sent_at: dt.datetime | None
    received_at: dt.datetime
    sender_name: str
    sender_address: str
    reply_to: str | None
    authentic: bool
    authenticity: str
    thread_reason: str
    defects: tuple[str, ...]
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """One thing somebody did to the ticket."""

    at: dt.datetime
    action: str
    agent_name: str | None
    detail: dict[str, object]


@dataclass(frozen=True, slots=True)
class RelatedTicket:
    """Another ticket of the same contact, or one linked with this one."""

    id: int
    subject: str
    status: TicketStatus
    updated_at: dt.datetime
    linked: bool


def head(session: Session, ticket_id: int) -> TicketHead:
    """Return a ticket.

    Raises:
        NotFoundError: there is no such ticket.
    """
    row = session.execute(
        select(
            Ticket.id,
            Ticket.channel,
            Ticket.subject,
            Ticket.language,
            Ticket.status,
            Ticket.version,
            Ticket.opened_at,
            Ticket.updated_at,
            Ticket.waiting_since,
            Ticket.approvals_needed,
            Ticket.approvals_given,
            Ticket.decision,
            Ticket.disclosure,
            Ticket.linked_ticket_id,
            Ticket.link_reason,
            Contact.id.label("contact_id"),
            Contact.display_name.label("contact_name"),
            Contact.address.label("contact_address"),
            Ticket.assignee_id,
            Agent.name.label("assignee_name"),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Agent, Agent.id == Ticket.assignee_id)
        .where(Ticket.id == ticket_id)
    ).first()
    if row is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    return TicketHead(**row._asdict())


def messages(session: Session, ticket_id: int) -> list[MessageView]:
    """Return the conversation, oldest first, at most the newest `MAX_MESSAGES`."""
    rows = session.execute(
        select(
            Message.id,
            Message.direction,
            Message.kind,
            Agent.name.label("agent_name"),
            Message.raw_id,
            RawMessage.size_bytes.label("raw_size_bytes"),
            RawMessage.problem,
            Message.subject,
            Message.body,
            Message.quoted,
            Message.signature,
            Message.html.is_not(None).label("has_html"),
            Message.sent_at,
            Message.received_at,
            Message.sender_name,
            func.coalesce(Contact.address, "").label("sender_address"),
            Message.reply_to,
            Message.authentic,
            Message.authenticity,
            Message.thread_reason,
            Message.defects,
        )
        .outerjoin(Agent, Agent.id == Message.agent_id)
        .outerjoin(Contact, Contact.id == Message.contact_id)
        .outerjoin(RawMessage, RawMessage.id == Message.raw_id)
        .where(Message.ticket_id == ticket_id)
        .order_by(Message.id.desc())
        .limit(MAX_MESSAGES)
    ).all()
    files = _files(session, [row.id for row in rows])
    return [
        MessageView(
            **row._asdict() | {"defects": tuple(row.defects), "files": tuple(files[row.id])}
        )
        for row in reversed(rows)
    ]


def message_html(session: Session, ticket_id: int, message_id: int) -> str:
    """Return a message's HTML as it was sent: untrusted.

    Raises:
        NotFoundError: the ticket has no such message, or the message has no HTML.
    """
    html = session.scalar(
        select(Message.html).where(Message.id == message_id, Message.ticket_id == ticket_id)
    )
    if html is None:
        msg = "this message has no HTML"
        raise NotFoundError(msg)
    return html


def raw_sha256(session: Session, ticket_id: int, message_id: int) -> str:
    """Return the name of a message's raw bytes; raises NotFoundError if there are none."""
    found = session.scalar(
        select(RawMessage.sha256)
        .join(Message, Message.raw_id == RawMessage.id)
        .where(Message.id == message_id, Message.ticket_id == ticket_id)
    )
    if found is None:
        msg = "this message was not received as raw bytes"
        raise NotFoundError(msg)
    return found


def attachment(session: Session, ticket_id: int, attachment_id: int) -> tuple[FileView, str]:
    """Return a file and the name of its bytes; raises NotFoundError if it was not kept."""
    row = session.execute(
        select(*_FILE_COLUMNS, Attachment.sha256)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.id == attachment_id, Message.ticket_id == ticket_id)
    ).first()
    if row is None or row[-1] is None:
        msg = "this file was not kept"
        raise NotFoundError(msg)
    return FileView(*row[:7]), row[-1]


def events(session: Session, ticket_id: int) -> list[EventView]:
    """Return what was done to the ticket, oldest first, without mere looks at it."""
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.action, Agent.name, AuditEvent.detail)
        .outerjoin(Agent, Agent.id == AuditEvent.agent_id)
        .where(
            AuditEvent.subject_type == "ticket",
            AuditEvent.subject_id == ticket_id,
            AuditEvent.action.not_in(_QUIET),
        )
        .order_by(AuditEvent.id.desc())
        .limit(SHOWN_EVENTS)
    ).all()
    return [EventView(*row) for row in reversed(rows)]


def related(session: Session, ticket: TicketHead, *, limit: int = 5) -> list[RelatedTicket]:
    """Return the newest other tickets of the contact, and those linked with this one."""
    # By ids first: asked for the newest at once, SQLite walks all tickets by time.
    same_contact = (
        select(Ticket.id)
        .where(Ticket.contact_id == ticket.contact_id)
        .order_by(Ticket.id.desc())
        .limit(limit + 1)
    )
    linked_here = select(Ticket.id).where(Ticket.linked_ticket_id == ticket.id).limit(limit)
    linked_ids = {ticket.linked_ticket_id, *session.scalars(linked_here)} - {None}
    ids = {*session.scalars(same_contact), *linked_ids} - {ticket.id}
    if not ids:
        return []
    rows = session.execute(
        select(Ticket.id, Ticket.subject, Ticket.status, Ticket.updated_at).where(
            Ticket.id.in_(ids)
        )
    )
    found = [RelatedTicket(*row, row.id in linked_ids) for row in rows]
    return sorted(found, key=lambda each: each.updated_at, reverse=True)[:limit]


_FILE_COLUMNS = (
    Attachment.id,
    Attachment.message_id,
    Attachment.file_name,
    Attachment.media_type,
    Attachment.size_bytes,
    Attachment.sha256.is_not(None),
    Attachment.problem,
)


def _files(session: Session, message_ids: list[int]) -> dict[int, list[FileView]]:
    by_message: dict[int, list[FileView]] = defaultdict(list)
    rows = session.execute(
        select(*_FILE_COLUMNS)
        .where(Attachment.message_id.in_(message_ids))
        .order_by(Attachment.message_id, Attachment.position)
    )
    for row in rows:
        by_message[row[1]].append(FileView(*row))
    return by_message
