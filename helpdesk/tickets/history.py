"""Reads of one ticket: its head, its messages with their files, its events, its relations."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select, union
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, AuditEvent
from helpdesk.errors import NotFoundError
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Message, RawMessage, Ticket

MAX_MESSAGES = 200  # of one page; a longer conversation shows its newest
SHOWN_EVENTS = 100
SHOWN_RELATED = 5
# Views are for the auditor; what changed something is for the next agent.
_QUIET = (
    "ticket.view",
    "ticket.reveal",
    "ticket.raw",
    "ticket.html",
    "ticket.file",
    "ticket.picture",
)


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
    window_ends_at: dt.datetime | None
    mail_to: str | None
    approvals_needed: int
    approvals_given: int
    decision: str | None
    disclosure: str | None
    linked_ticket_id: int | None
    link_reason: str | None
    contact_id: int
    contact_name: str
    contact_address: str
    platform_id: str
    handle: str
    phone: str
    thread: str
    service: str
    is_group: bool
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
    event: str | None
    edited: bool
    import_id: int | None
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
    row = session.connection().execute(_HEAD, {"ticket_id": ticket_id}).first()
    if row is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    return TicketHead(*row)


def messages(session: Session, ticket_id: int) -> list[MessageView]:
    """Return the conversation, oldest first, at most the newest `MAX_MESSAGES`."""
    rows = session.connection().execute(_MESSAGES, {"ticket_id": ticket_id}).all()
    files = _files(session, ticket_id, oldest=rows[-1].id) if rows else {}
    return [
        MessageView(*(*row[:-1], tuple(row.defects), tuple(files.get(row.id, ()))))
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
    rows = session.connection().execute(_EVENTS, {"ticket_id": ticket_id}).all()
    return [EventView(*row) for row in reversed(rows)]


def related(session: Session, ticket: TicketHead) -> list[RelatedTicket]:
    """Return the newest other tickets of the contact, and those linked with this one."""
    linked_id = ticket.linked_ticket_id
    asked = {"ticket_id": ticket.id, "contact_id": ticket.contact_id, "linked_id": linked_id}
    found = [
        RelatedTicket(*row[:4], linked=row.id == linked_id or row.linked_ticket_id == ticket.id)
        for row in session.connection().execute(_RELATED, asked)
    ]
    return sorted(found, key=lambda each: each.updated_at, reverse=True)[:SHOWN_RELATED]


def _files(session: Session, ticket_id: int, *, oldest: int) -> dict[int, list[FileView]]:
    by_message: dict[int, list[FileView]] = defaultdict(list)
    for row in session.connection().execute(_FILES, {"ticket_id": ticket_id, "oldest": oldest}):
        by_message[row[1]].append(FileView(*row))
    return by_message


# Statements are built once: to build one anew takes longer than to run it.
_HEAD: Select[*tuple[Any, ...]] = (
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
        Ticket.window_ends_at,
        Ticket.mail_to,
        Ticket.approvals_needed,
        Ticket.approvals_given,
        Ticket.decision,
        Ticket.disclosure,
        Ticket.linked_ticket_id,
        Ticket.link_reason,
        Contact.id,
        Contact.display_name,
        Contact.address,
        Contact.platform_id,
        Contact.handle,
        Contact.phone,
        Contact.thread,
        Contact.service,
        Contact.is_group,
        Ticket.assignee_id,
        Agent.name,
    )
    .join(Contact, Contact.id == Ticket.contact_id)
    .outerjoin(Agent, Agent.id == Ticket.assignee_id)
    .where(Ticket.id == bindparam("ticket_id"))
)
_MESSAGES: Select[*tuple[Any, ...]] = (
    select(
        Message.id,
        Message.direction,
        Message.kind,
        Agent.name,
        Message.raw_id,
        RawMessage.size_bytes,
        RawMessage.problem,
        Message.subject,
        Message.body,
        Message.quoted,
        Message.signature,
        Message.html.is_not(None),
        Message.sent_at,
        Message.received_at,
        Message.sender_name,
        func.coalesce(Contact.address, ""),
        Message.reply_to,
        Message.authentic,
        Message.authenticity,
        Message.thread_reason,
        Message.event,
        Message.edited,
        Message.import_id,
        Message.defects,
    )
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .outerjoin(Contact, Contact.id == Message.contact_id)
    .outerjoin(RawMessage, RawMessage.id == Message.raw_id)
    .where(Message.ticket_id == bindparam("ticket_id"))
    .order_by(Message.received_at.desc(), Message.id.desc())
    .limit(MAX_MESSAGES)
)
_FILE_COLUMNS = (
    Attachment.id,
    Attachment.message_id,
    Attachment.file_name,
    Attachment.media_type,
    Attachment.size_bytes,
    Attachment.sha256.is_not(None),
    Attachment.problem,
)
_FILES = (
    select(*_FILE_COLUMNS)
    .join(Message, Message.id == Attachment.message_id)
    .where(Message.ticket_id == bindparam("ticket_id"), Message.id >= bindparam("oldest"))
    .order_by(Attachment.message_id, Attachment.position)
)
_EVENTS = (
    select(AuditEvent.at, AuditEvent.action, Agent.name, AuditEvent.detail)
    .outerjoin(Agent, Agent.id == AuditEvent.agent_id)
    .where(
        AuditEvent.subject_type == "ticket",
        AuditEvent.subject_id == bindparam("ticket_id"),
        and_(*(AuditEvent.action != action for action in _QUIET)),
    )
    .order_by(AuditEvent.id.desc())
    .limit(SHOWN_EVENTS)
)
# By ids first: asked for the newest at once, SQLite walks all tickets by time.
_OF_CONTACT = (
    select(Ticket.id)
    .where(Ticket.contact_id == bindparam("contact_id"))
    .order_by(Ticket.id.desc())
    .limit(SHOWN_RELATED + 1)
    .subquery()
)
_LINKED_HERE = (
    select(Ticket.id)
    .where(Ticket.linked_ticket_id == bindparam("ticket_id"))
    .limit(SHOWN_RELATED)
    .subquery()
)
_RELATED = select(
    Ticket.id, Ticket.subject, Ticket.status, Ticket.updated_at, Ticket.linked_ticket_id
).where(
    Ticket.id.in_(
        union(
            select(_OF_CONTACT.c.id),
            select(_LINKED_HERE.c.id),
            select(Ticket.id).where(Ticket.id == bindparam("linked_id")),
        )
    ),
    Ticket.id != bindparam("ticket_id"),
)
