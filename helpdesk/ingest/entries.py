"""Writing what was decided for a batch: tickets, messages, attachments, outcomes."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, cast, func, select, update
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.orm import Session

from helpdesk import blobs
from helpdesk.ingest.reading import ReadyMessage
from helpdesk.photos import service as photos
from helpdesk.rows import among, insert_rows, on_both, update_rows
from helpdesk.tickets.kinds import Channel, Direction, RawOutcome, TicketStatus
from helpdesk.tickets.models import Attachment, Message, RawMessage, Ticket


@dataclass(slots=True)
class TicketState:
    """A ticket as it will be once the batch is written. `id` is negative until it has a row."""

    id: int
    contact_id: int
    contact_address: str
    status: TicketStatus
    subject: str
    preview: str
    language: str
    opened_at: dt.datetime
    updated_at: dt.datetime
    waiting_since: dt.datetime
    message_count: int = 0  # when it was read
    version: int = 0
    added: int = 0
    linked_to: "TicketState | None" = None
    link_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A message to be written, where, whose it is, and the code of why it is there."""

    ticket: TicketState
    contact_id: int
    ready: ReadyMessage
    reason: str


def insert_tickets(session: Session, tickets: Sequence[TicketState]) -> None:
    """Insert new tickets and give them their ids."""
    if not tickets:
        return
    for ticket, ticket_id in zip(tickets, _new_ids(session, len(tickets)), strict=True):
        ticket.id = ticket_id
    insert_rows(session, _INSERT_TICKETS, [_ticket_row(ticket) for ticket in tickets])


def _new_ids(session: Session, count: int) -> Iterable[int]:
    """Return ids for new tickets, known before they are written: one may be linked to another."""
    if session.get_bind().dialect.name == "sqlite":  # this transaction has the write lock
        last = session.scalar(select(func.max(Ticket.id))) or 0
        return range(last + 1, last + 1 + count)
    sequence = func.pg_get_serial_sequence("ticket", "id")
    return session.scalars(
        select(func.nextval(cast(sequence, REGCLASS))).select_from(func.generate_series(1, count))
    )


def _ticket_row(ticket: TicketState) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "channel": Channel.EMAIL,
        "contact_id": ticket.contact_id,
        "subject": ticket.subject,
        "preview": ticket.preview,
        "language": ticket.language,
        "status": ticket.status,
        "priority": 1,
        "linked_ticket_id": ticket.linked_to.id if ticket.linked_to else None,
        "link_reason": ticket.link_reason,
        "opened_at": ticket.opened_at,
        "updated_at": ticket.updated_at,
        "waiting_since": ticket.waiting_since,
        "message_count": ticket.added,
        "version": 1,
        "claim_count": 0,
        "claim_facts": "----",
        "approvals_needed": 0,
        "approvals_given": 0,
    }


def update_tickets(session: Session, changed: Sequence[TicketState]) -> None:
    """Write what the batch changed in tickets that were there before, and are locked."""
    update_rows(
        session,
        Ticket,
        [
            {
                "id": ticket.id,
                "status": ticket.status,
                "preview": ticket.preview,
                "language": ticket.language,
                "waiting_since": ticket.waiting_since,
                "updated_at": ticket.updated_at,
                "message_count": ticket.message_count + ticket.added,
                "version": ticket.version + 1,
            }
            for ticket in changed
        ],
    )


def insert_messages(session: Session, added: Sequence[Entry]) -> None:
    """Insert messages and their attachments; their tickets have ids by now."""
    if not added:
        return
    inserted = insert_rows(session, _INSERT_MESSAGES, [_message_row(entry) for entry in added])
    message_ids = {row.raw_id: row.id for row in inserted}
    parts = [entry.ready for entry in added if entry.ready.attachments]
    if not parts:
        return
    stored = {
        part.stored.sha256: part.stored
        for each in parts
        for part in each.attachments
        if part.stored
    }
    blobs.add(session, [stored[sha256] for sha256 in sorted(stored)])  # as `storing` does
    insert_rows(
        session,
        _INSERT_ATTACHMENTS,
        [
            {
                "message_id": message_ids[each.raw_id],
                "position": position,
                "file_name": part.file_name,
                "media_type": part.media_type,
                "size_bytes": part.size_bytes,
                "sha256": part.stored.sha256 if part.stored else None,
                "problem": part.problem,
            }
            for each in parts
            for position, part in enumerate(each.attachments)
        ],
    )
    pictured = [message_ids[each.raw_id] for each in parts if _has_picture(each)]
    if pictured:
        photos.note(session, pictured)


def _has_picture(each: ReadyMessage) -> bool:
    return any(part.media_type in photos.MEDIA_TYPES for part in each.attachments)


def _message_row(entry: Entry) -> dict[str, Any]:
    each = entry.ready
    parsed, headers = each.parsed, each.parsed.headers
    elsewhere = (one.email for one in headers.reply_to if one.email != each.sender.email)
    return {
        "ticket_id": entry.ticket.id,
        "direction": Direction.INBOUND,
        "kind": each.kind,
        "contact_id": entry.contact_id,
        "raw_id": each.raw_id,
        "message_id": each.message_id,
        "subject": headers.subject,
        "body": parsed.body.visible,
        "quoted": parsed.body.quoted,
        "signature": parsed.body.signature,
        "html": parsed.html,
        "sent_at": headers.date,
        "received_at": each.received_at,
        "sender_name": each.sender.name,
        "reply_to": next((email for email in elsewhere if email), None),
        "authentic": each.authenticity.passed,
        "authenticity": each.authenticity.reason,
        "thread_reason": entry.reason,
        "defects": list(parsed.defects),
        "edited": False,
    }


def note_outcomes(
    session: Session, outcomes: Mapping[tuple[RawOutcome, str | None], Sequence[int]]
) -> None:
    """Write what became of raw messages: ids by outcome and problem."""
    for (outcome, problem), raw_ids in outcomes.items():
        session.execute(
            update(_table(RawMessage))
            .where(among(RawMessage.id, raw_ids))
            .values(outcome=outcome, problem=problem)
        )


_INSERT_TICKETS = on_both(lambda dialect: dialect.insert(Ticket.__table__))
_INSERT_MESSAGES = on_both(
    lambda dialect: dialect.insert(Message.__table__).returning(Message.raw_id, Message.id)
)
_INSERT_ATTACHMENTS = on_both(lambda dialect: dialect.insert(Attachment.__table__))


def _table(model: Any) -> Table:  # noqa: ANN401 - any mapped class
    """Return a model's table: a plain insert skips what the ORM would do for each row."""
    table: Table = model.__table__
    return table
