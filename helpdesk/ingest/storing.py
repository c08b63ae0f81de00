"""Keeping bytes and where they were seen, each once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk.blobs import Stored
from helpdesk.blobs import add as add_blobs
from helpdesk.rows import among, insert_rows, on_both
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Mailbox, MailboxMessage, RawMessage

FILES = "files"  # the mailbox row that stands for what the command line read


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a server some bytes were seen."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class ToStore:
    """Bytes ready to be stored. `full_size_bytes` is larger when only the beginning was kept."""

    stored: Stored
    full_size_bytes: int
    received_at: dt.datetime
    place: Place | None = None


def mailbox_id(session: Session, name: str, folder: str = "") -> int:
    """Return the id of a mailbox's row, made on first sight."""
    wanted = select(Mailbox.id).where(Mailbox.name == name, Mailbox.folder == folder)
    found = session.scalar(wanted)
    if found is not None:
        return found
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(Mailbox).on_conflict_do_nothing(),
        [{"name": name, "folder": folder, "last_uid": 0}],
    )
    return session.scalars(wanted).one()


def store(
    session: Session,
    mailbox_id: int,
    items: Sequence[ToStore],
    now: dt.datetime,
    channel: Channel = Channel.EMAIL,
) -> list[int]:
    """Keep bytes of a channel, and where they were seen.

    Bytes this mailbox has already are not stored again, only their new place is noted: that is how
    a changed UIDVALIDITY and a second poller add nothing.

    Returns:
        Ids of the raw messages that are new, in the order of `items`.
    """
    if not items:
        return []
    # In one order for all, or two mailboxes that got the same mails block each other.
    add_blobs(session, sorted((item.stored for item in items), key=_sha256))
    new = _insert_raw(session, mailbox_id, items, now, channel)
    ids = dict(new)
    missing = {item.stored.sha256 for item in items} - ids.keys()
    if missing:
        found = session.execute(
            select(RawMessage.sha256, RawMessage.id).where(
                RawMessage.mailbox_id == mailbox_id, among(RawMessage.sha256, missing)
            )
        )
        ids.update((row.sha256, row.id) for row in found)
    _note_places(session, mailbox_id, items, ids)
    order = dict.fromkeys(item.stored.sha256 for item in items)
    return [new[sha256] for sha256 in order if sha256 in new]


def _insert_raw(
    session: Session,
    mailbox_id: int,
    items: Sequence[ToStore],
    now: dt.datetime,
    channel: Channel,
) -> dict[str, int]:
    """Insert what is not there yet; returns the ids of that by SHA-256."""
    rows = {
        item.stored.sha256: {
            "mailbox_id": mailbox_id,
            "channel": channel,
            "sha256": item.stored.sha256,
            "size_bytes": item.stored.size_bytes,
            "full_size_bytes": item.full_size_bytes,
            "received_at": item.received_at,
            "stored_at": now,
        }
        for item in items
    }
    inserted = insert_rows(session, _INSERT_RAW, list(rows.values()))
    return {row.sha256: row.id for row in inserted}


def _note_places(
    session: Session, mailbox_id: int, items: Sequence[ToStore], ids: dict[str, int]
) -> None:
    rows = {
        item.place: {
            "mailbox_id": mailbox_id,
            "uidvalidity": item.place.uidvalidity,
            "uid": item.place.uid,
            "raw_id": ids[item.stored.sha256],
            "attempts": 0,
            "flagged": False,
        }
        for item in items
        if item.place is not None
    }
    if rows:
        insert_rows(session, _INSERT_PLACES, list(rows.values()))


def _sha256(stored: Stored) -> str:
    return stored.sha256


def _insert_places(dialect: Any) -> Insert:  # noqa: ANN401 - a module
    statement = dialect.insert(MailboxMessage.__table__)
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["mailbox_id", "uidvalidity", "uid"],
        set_={"raw_id": statement.excluded.raw_id, "error": None, "next_try_at": None},
    )


_INSERT_PLACES = on_both(_insert_places)
_INSERT_RAW = on_both(
    lambda dialect: (
        dialect.insert(RawMessage.__table__)
        .on_conflict_do_nothing()
        .returning(RawMessage.sha256, RawMessage.id)
    )
)
