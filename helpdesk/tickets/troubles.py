"""Reads of what came in but could not be worked on."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Session

from helpdesk.blobs import Blob
from helpdesk.errors import NotFoundError
from helpdesk.tickets.kinds import RawOutcome, TicketStatus
from helpdesk.tickets.models import Mailbox, MailboxMessage, Message, RawMessage, Ticket

KEPT_OUTCOMES = (RawOutcome.IGNORED, RawOutcome.BOUNCE, RawOutcome.DUPLICATE)
HEAD_BYTES = 16_384  # enough for the header of nearly every mail
_LIMIT = 200  # of one list; a page with more is a page nobody reads
_PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A message nobody could read, and why."""

    ticket_id: int
    message_id: int
    received_at: dt.datetime
    size_bytes: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """Mail that is kept, but in no ticket, and why: ignored, a bounce, or a duplicate."""

    raw_id: int
    mailbox: str
    sha256: str
    size_bytes: int
    received_at: dt.datetime
    outcome: RawOutcome


@dataclass(frozen=True, slots=True)
class MailboxState:
    """How a mailbox is."""

    name: str
    folder: str
    last_success_at: dt.datetime | None
    last_error: str | None
    last_error_at: dt.datetime | None
    next_poll_at: dt.datetime | None

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


def kept(
    session: Session, outcome: RawOutcome | None = None, *, before: int | None = None
) -> tuple[list[Kept], int | None]:
    """Return a page of mail in no ticket, newest first, and where the next one begins.

    Args:
        session: to read with.
        outcome: only what ended like this; by default all three kinds.
        before: only what was stored before this raw message.
    """
    wanted = select(
        RawMessage.id,
        Mailbox.name,
        RawMessage.sha256,
        RawMessage.full_size_bytes,
        RawMessage.received_at,
        RawMessage.outcome,
    ).join(Mailbox, Mailbox.id == RawMessage.mailbox_id)
    wanted = wanted.where(RawMessage.outcome.in_([outcome] if outcome else KEPT_OUTCOMES))
    if before is not None:
        wanted = wanted.where(RawMessage.id < before)
    rows = session.execute(wanted.order_by(RawMessage.id.desc()).limit(_PAGE_ROWS + 1)).all()
    page = [Kept(*row) for row in rows[:_PAGE_ROWS]]  # type: ignore[arg-type] # none is null here
    return page, page[-1].raw_id if len(rows) > _PAGE_ROWS else None


def kept_sha256(session: Session, raw_id: int) -> str:
    """Return the name of the bytes of mail in no ticket; raises NotFoundError if it is none."""
    found = session.scalar(
        select(RawMessage.sha256).where(
            RawMessage.id == raw_id, RawMessage.outcome.in_(KEPT_OUTCOMES)
        )
    )
    if found is None:
        msg = "this mail is not kept here any more"
        raise NotFoundError(msg)
    return found


def heads(session: Session, wanted: Iterable[str]) -> dict[str, bytes]:
    """Return the first `HEAD_BYTES` of blobs by SHA-256; those that lie in files are left out."""
    rows = session.execute(
        select(Blob.sha256, func.substr(Blob.content, 1, HEAD_BYTES, type_=LargeBinary)).where(
            Blob.sha256.in_(list(wanted)), Blob.content.is_not(None)
        )
    )
    return {sha256: bytes(content) for sha256, content in rows}


def unparsed_raw_id(session: Session, ticket_id: int) -> int:
    """Return the raw message of an unparsed ticket; raises NotFoundError if it is none."""
    found = session.scalar(
        select(Message.raw_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Ticket.id == ticket_id, Ticket.status == TicketStatus.UNPARSED)
        .where(Message.raw_id.is_not(None))
    )
    if found is None:
        msg = "this message was not received as raw bytes"
        raise NotFoundError(msg)
    return found


def mailboxes(session: Session) -> list[MailboxState]:
    """Return every mailbox by name."""
    rows = session.execute(
        select(
            Mailbox.name,
            Mailbox.folder,
            Mailbox.last_success_at,
            Mailbox.last_error,
            Mailbox.last_error_at,
            Mailbox.next_poll_at,
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
