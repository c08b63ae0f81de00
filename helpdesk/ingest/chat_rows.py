"""Reading and writing what filing exported conversations needs, many rows at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, column, delete, exists, func, or_, select, table, update
from sqlalchemy.orm import Session

from helpdesk import blobs as blob_rows
from helpdesk.blobs import BlobStore
from helpdesk.db import UtcDateTime
from helpdesk.errors import NotFoundError, PermanentError
from helpdesk.ingest import conversations
from helpdesk.ingest.conversations import REPLY_SEEN_DAYS, Matter
from helpdesk.ingest.reading import ReadyAttachment
from helpdesk.ingest.spool import Spooled
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox import dm
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.photos import service as photos
from helpdesk.rows import among, insert_rows, on_both, update_rows
from helpdesk.tickets.kinds import Channel, Direction, ImportState, MessageKind, TicketStatus
from helpdesk.tickets.models import (
    Attachment,
    ImportBatch,
    Message,
    Ticket,
    TicketLink,
    Verification,
)

_NOT_SAID = (DeliveryState.FAILED, DeliveryState.CANCELLED)
APPROVAL = table(
    "approval", column("ticket_id"), column("approved_at", UtcDateTime())
)  # of a room that this one may not know


@dataclass(frozen=True, slots=True)
class Known:
    """A message that an earlier import, or an earlier run of this one, filed already."""

    id: int
    ticket_id: int
    inbound: bool
    body: str
    edited: bool
    import_id: int | None
    unfinished: bool  # its import failed on the way


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of ours that may be found in an export.

    `last` are those of its `texts` after which nothing of it is left to be sent: seeing another
    part does not show that the reply arrived.
    """

    delivery_id: int
    approved_at: dt.datetime
    texts: frozenset[str]
    last: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A message to be written. `ticket_id` is of a ticket that exists."""

    ticket_id: int
    contact_id: int
    spooled: Spooled
    files: tuple[ReadyAttachment, ...]


def known(session: Session, keys: Collection[str]) -> dict[str, Known]:
    """Return those of these messages that are filed, by key."""
    rows = session.execute(
        select(
            Message.import_key,
            Message.id,
            Message.ticket_id,
            Message.direction,
            Message.kind,
            Message.body,
            Message.edited,
            Message.import_id,
            ImportBatch.state,
        )
        .outerjoin(ImportBatch, ImportBatch.id == Message.import_id)
        .where(among(Message.import_key, keys), Message.import_key.is_not(None))
    )
    return {
        row.import_key: Known(
            row.id,
            row.ticket_id,
            row.direction is Direction.INBOUND and row.kind is MessageKind.PERSON,
            row.body,
            row.edited,
            row.import_id,
            row.state is ImportState.FAILED,
        )
        for row in rows
    }


def matters(session: Session, contact_ids: Collection[int]) -> dict[int, list[Matter]]:
    """Return the tickets of these contacts in which something was said."""
    rows = session.execute(
        select(
            Ticket.contact_id,
            Ticket.id,
            func.min(Message.received_at).label("first"),
            func.max(Message.received_at).label("last"),
        )
        .join(Message, Message.ticket_id == Ticket.id)
        .where(among(Ticket.contact_id, contact_ids), said())
        .group_by(Ticket.contact_id, Ticket.id)
    )
    found: dict[int, list[Matter]] = {each: [] for each in contact_ids}
    for row in rows:
        found[row.contact_id].append(Matter(row.id, row.first, row.last))
    return found


def said() -> ColumnElement[bool]:
    """Return the condition that a message is something said to the other side."""
    return (Message.direction != Direction.NOTE) & (Message.kind == MessageKind.PERSON)


def worked_on(session: Session, ticket_ids: Collection[int]) -> set[int]:
    """Return those of these tickets that a person did something with."""
    ours = exists().where(Message.ticket_id == Ticket.id, Message.agent_id.is_not(None))
    others = (
        exists().where(Delivery.ticket_id == Ticket.id),
        exists().where(TicketLink.ticket_id == Ticket.id),
        exists().where(Verification.ticket_id == Ticket.id),
        exists().where(APPROVAL.c.ticket_id == Ticket.id),
    )
    return set(
        session.scalars(
            select(Ticket.id).where(
                among(Ticket.id, ticket_ids), or_(Ticket.assignee_id.is_not(None), ours, *others)
            )
        )
    )


def replies(
    session: Session, blobs: BlobStore, contact_ids: Collection[int], since: dt.datetime
) -> dict[int, list[Reply]]:
    """Return what left through this product to these contacts, by contact.

    `since` is when the earliest message was sent that may be one of them.
    """
    found: dict[int, list[Reply]] = defaultdict(list)
    rows = session.execute(
        select(
            Ticket.contact_id,
            Delivery.id,
            Delivery.channel,
            Delivery.created_at,
            Delivery.sha256,
            Message.body,
        )
        .join(Ticket, Ticket.id == Delivery.ticket_id)
        .join(Message, Message.id == Delivery.message_row_id)
        .where(
            among(Ticket.contact_id, contact_ids),
            Delivery.state.not_in(_NOT_SAID),
            Delivery.created_at >= since - dt.timedelta(days=REPLY_SEEN_DAYS + 1),
        )
        .order_by(Delivery.id)
    ).all()
    for row in rows:
        parts = _parts(session, blobs, row.sha256) if row.channel.is_direct else ()
        texts = conversations.texts_of(row.body, parts)
        last = conversations.texts_of(row.body, parts[-1:])
        found[row.contact_id].append(Reply(row.id, row.created_at, texts, last))
    return found


def open_tickets(
    session: Session, new: Sequence[tuple[Matter, int, Channel]], now: dt.datetime
) -> None:
    """Insert tickets for new matters and give these their ids; `standing` makes them complete."""
    if not new:
        return
    rows = [
        {
            "channel": channel,
            "contact_id": contact_id,
            "subject": "",
            "preview": "",
            "language": "id",
            "status": TicketStatus.CLOSED,
            "priority": 1,
            "opened_at": matter.first,
            "updated_at": matter.first,
            "waiting_since": min(matter.first, now),
            "message_count": 0,
            "version": 1,
            "claim_count": 0,
            "claim_facts": "----",
            "approvals_needed": 0,
            "approvals_given": 0,
        }
        for matter, contact_id, channel in new
    ]
    made = insert_rows(session, _INSERT_TICKETS, rows)
    ids = {(row.contact_id, row.opened_at): row.id for row in made}
    for matter, contact_id, _ in new:  # two matters of one contact never begin together
        matter.ticket_id = ids[contact_id, matter.first]


def merge(session: Session, into: Mapping[int, int]) -> None:
    """Move everything said in some tickets into others, and take the empty ones away."""
    for gone, target in sorted(into.items()):
        session.execute(
            update(Message).where(Message.ticket_id == gone).values(ticket_id=target),
            execution_options={"synchronize_session": False},
        )
    remove_tickets(session, into.keys())


def remove_tickets(session: Session, ticket_ids: Collection[int]) -> None:
    """Delete tickets in which nobody of ours did anything, with all that was found out of them."""
    core = {"synchronize_session": False}
    session.execute(
        delete(JobRow).where(
            JobRow.job.in_([Job.MATCH, Job.DRAFT]), among(JobRow.subject_id, ticket_ids)
        ),
        execution_options=core,
    )
    session.execute(
        delete(Message).where(among(Message.ticket_id, ticket_ids)), execution_options=core
    )
    session.execute(delete(Ticket).where(among(Ticket.id, ticket_ids)), execution_options=core)


def insert_messages(session: Session, entries: Sequence[Entry], batch_id: int | None) -> None:
    """Insert messages in this order, and their files."""
    if not entries:
        return
    inserted = insert_rows(
        session, _INSERT_MESSAGES, [_message_row(each, batch_id) for each in entries]
    )
    ids = {row.import_key: row.id for row in inserted}
    stored = {
        file.stored.sha256: file.stored for each in entries for file in each.files if file.stored
    }
    blob_rows.add(session, [stored[sha256] for sha256 in sorted(stored)])
    files = [
        {
            "message_id": ids[each.spooled.key],
            "position": position,
            "file_name": file.file_name,
            "media_type": file.media_type,
            "size_bytes": file.size_bytes,
            "sha256": file.stored.sha256 if file.stored else None,
            "problem": file.problem,
        }
        for each in entries
        for position, file in enumerate(each.files)
    ]
    if files:
        insert_rows(session, _INSERT_ATTACHMENTS, files)
    pictured = [file["message_id"] for file in files if file["media_type"] in photos.MEDIA_TYPES]
    if pictured:
        photos.note(session, pictured)


def change_texts(session: Session, texts: Mapping[int, str]) -> None:
    """Give messages the texts their writers changed them to."""
    rows = [{"id": each, "body": text, "edited": True} for each, text in texts.items()]
    update_rows(session, Message, rows)


def adopt(session: Session, message_ids: Collection[int], batch_id: int | None) -> None:
    """Take over what an import filed that failed on the way."""
    if message_ids:
        session.execute(
            update(Message).where(among(Message.id, message_ids)).values(import_id=batch_id),
            execution_options={"synchronize_session": False},
        )


def _parts(session: Session, blobs: BlobStore, sha256: str) -> tuple[str, ...]:
    try:
        return dm.read(blobs.read(session, sha256)).parts
    except (NotFoundError, PermanentError):
        return ()


def _message_row(entry: Entry, batch_id: int | None) -> dict[str, Any]:
    message = entry.spooled.message
    return {
        "ticket_id": entry.ticket_id,
        "direction": Direction.OUTBOUND if message.ours else Direction.INBOUND,
        "kind": MessageKind.EVENT if message.event else MessageKind.PERSON,
        "contact_id": None if message.ours else entry.contact_id,
        "subject": "",
        "body": message.text,
        "quoted": "",
        "signature": "",
        "sent_at": message.sent_at,
        "received_at": message.sent_at,
        "sender_name": message.sender_name,
        "authentic": False,
        "authenticity": "",
        "thread_reason": "",
        "defects": list(message.defects),
        "event": message.event.value if message.event else None,
        "edited": message.edited,
        "import_id": batch_id,
        "import_key": entry.spooled.key,
    }


_INSERT_TICKETS = on_both(
    lambda dialect: dialect.insert(Ticket.__table__).returning(
        Ticket.contact_id, Ticket.opened_at, Ticket.id
    )
)
_INSERT_MESSAGES = on_both(
    lambda dialect: dialect.insert(Message.__table__).returning(Message.import_key, Message.id)
)
_INSERT_ATTACHMENTS = on_both(lambda dialect: dialect.insert(Attachment.__table__))
