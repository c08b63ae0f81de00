"""Made-up conversations as readers yield them, and filing them without an archive around."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, select

from helpdesk.blobs import BlobStore
from helpdesk.db import Base, Database
from helpdesk.ingest import imports
from helpdesk.ingest.chats import Filed, Filer
from helpdesk.ingest.exports.types import ExportedMessage, Item
from helpdesk.ingest.imports import NewImport, Source
from helpdesk.ingest.spool import Spool
from helpdesk.ingest.standing import Rules
from helpdesk.tickets.kinds import Channel, ImportState
from helpdesk.tickets.models import Contact, ImportBatch, Message, Ticket

START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC)
RULES = Rules(follow_up_days=30, window_hours={Channel.WHATSAPP: 24, Channel.FACEBOOK: 168})


def said(day: float, text: str = "Saya lupa nomor KPJ", **values: object) -> ExportedMessage:
    """Return one message of a participant, so many days after `START`."""
    ours = bool(values.pop("ours", False))
    return ExportedMessage(
        **{
            "thread": "siti contoh",
            "title": "Siti Contoh",
            "sender": "BPJS" if ours else "Siti Contoh",
            "sender_name": "BPJS" if ours else "Siti Contoh",
            "sent_at": START + dt.timedelta(days=day),
            "ours": ours,
            "text": text,
        }
        | values
    )


def answered(day: float, text: str = "Silakan kirim NIK", **values: object) -> ExportedMessage:
    """Return one message of ours."""
    return said(day, text, ours=True, **values)


def begin(database: Database, channel: Channel = Channel.WHATSAPP) -> int:
    """Note an import that is being filed."""
    new = NewImport(Source.COMMAND, Path("/nowhere"), "export.zip", channel)
    with database.transaction() as tx:
        batch_id = imports.create(tx.session, new, NOW)
        imports.note_position(tx.session, batch_id, ImportState.FILING, 0, 0)
    return batch_id


def bring(
    database: Database,
    blobs: BlobStore,
    tmp_path: Path,
    items: Iterable[Item],
    *,
    channel: Channel = Channel.WHATSAPP,
    now: dt.datetime = NOW,
    at_once: int = 1_000,
) -> tuple[int, Filed]:
    """Import what a reader yields; returns the import's id and what became of it."""
    batch_id = begin(database, channel)
    filed = file(database, blobs, tmp_path, items, batch_id=batch_id, now=now, at_once=at_once)
    with database.transaction() as tx:
        counts = imports.Counts(filed.new, filed.known, 0, filed.skipped)
        imports.finish(tx.session, batch_id, counts, now)
    return batch_id, filed


def file(
    database: Database,
    blobs: BlobStore,
    tmp_path: Path,
    items: Iterable[Item],
    *,
    batch_id: int | None,
    channel: Channel = Channel.WHATSAPP,
    now: dt.datetime = NOW,
    at_once: int = 1_000,
) -> Filed:
    """File what a reader yields, `at_once` messages a transaction."""
    filer, total = Filer(blobs, RULES, batch_id), Filed()
    with Spool(tmp_path / "tmp") as spool:
        spool.fill(items, channel)
        spooled = list(spool.read())
    for start in range(0, len(spooled), at_once):
        with database.transaction() as tx:
            filed = filer.file(tx.session, spooled[start : start + at_once], {}, now)
        total.new += filed.new
        total.known += filed.known
        total.skipped += filed.skipped
        total.to_match |= filed.to_match
    return total


def picture(database: Database, *, events: bool = True) -> list[object]:
    """Return all contacts with their tickets and what is said in these, without any id."""
    with database.reading() as session:
        contacts = {each.id: each for each in session.scalars(select(Contact))}
        messages: dict[int, list[Message]] = {}
        for each in session.scalars(select(Message).order_by(Message.received_at, Message.id)):
            if events or each.event is None:
                messages.setdefault(each.ticket_id, []).append(each)
        tickets = list(session.scalars(select(Ticket)))
    first = {each.id: each.opened_at for each in tickets}
    return sorted(
        (
            contacts[each.contact_id].address,
            contacts[each.contact_id].display_name,
            each.opened_at,
            each.status,
            each.waiting_since,
            each.window_ends_at or NOW,
            each.updated_at,
            *(each.subject, each.preview, each.message_count, each.link_reason or ""),
            first.get(each.linked_ticket_id, NOW),
            [(one.direction, one.received_at, one.body) for one in messages.get(each.id, ())],
        )
        for each in tickets
    )


def empty(database: Database) -> None:
    """Take everything out of a database."""
    with database.transaction() as tx:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in {"ticket", "message", "contact", "import_batch", "attachment", "job"}:
                tx.session.execute(delete(table))


def batch(database: Database, batch_id: int) -> ImportBatch:
    with database.reading() as session:
        return session.get_one(ImportBatch, batch_id)
