"""Reads of what came in but could not be worked on."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Mailbox, MailboxMessage, Message, RawMessage, Ticket

_LIMIT = 200  # of one list; a page with more is a page nobody reads


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A message nobody could read, and why."""

    ticket_id: int
    message_id: int
    received_at: dt.datetime
    size_bytes: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class MailboxState:
    """How a mailbox is."""

    name: str
    folder: str
    last_success_at: dt.datetime | None
    last_error: str | None
    last_error_at: dt.datetime | None

    @property
    def in_trouble(self) -> bool:
        if self.last_error_at is None:
            return False
        return self.last_success_at is None or self.last_success_at < self.last_error_at


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A message on the server that could not be fetched; it is tried again at `next_try_at`."""

    mailbox: str
    uid: int
    attempts: int
    error: str
    next_try_at: dt.datetime | None


def unparsed(session: Session) -> list[Unparsed]:
    """Return the messages of unparsed tickets, newest first."""
    rows = session.execute(
        select(
            Ticket.id,
            Message.id,
            Message.received_at,
            RawMessage.full_size_bytes,
            RawMessage.problem,
        )
        .join(Message, Message.ticket_id == Ticket.id)
        .join(RawMessage, RawMessage.id == Message.raw_id)
        .where(Ticket.status == TicketStatus.UNPARSED)
        .order_by(Message.id.desc())
        .limit(_LIMIT)
    )
    return [Unparsed(*row) for row in rows]


def mailboxes(session: Session) -> list[MailboxState]:
    """Return every mailbox by name."""
    rows = session.execute(
        select(
            Mailbox.name,
            Mailbox.folder,
            Mailbox.last_success_at,
            Mailbox.last_error,
            Mailbox.last_error_at,
        ).order_by(Mailbox.name, Mailbox.folder)
    )
    return [MailboxState(*row) for row in rows]


def unfetched(session: Session) -> list[Unfetched]:
    """Return what could not be fetched from the servers yet, newest first."""
    rows = session.execute(
        select(
            Mailbox.name,
            MailboxMessage.uid,
            MailboxMessage.attempts,
            func.coalesce(MailboxMessage.error, ""),
            MailboxMessage.next_try_at,
        )
        .join(Mailbox, Mailbox.id == MailboxMessage.mailbox_id)
        .where(MailboxMessage.raw_id.is_(None), MailboxMessage.error.is_not(None))
        .order_by(MailboxMessage.uid.desc())
        .limit(_LIMIT)
    )
    return [Unfetched(*row) for row in rows]
