"""Filing what webhooks brought: stored bytes to messages in tickets, the way exports go."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.blobs import BlobStore
from helpdesk.ingest import filing, hooks, media
from helpdesk.ingest.chats import Filer, Media
from helpdesk.ingest.exports.types import ExportedMessage
from helpdesk.ingest.hook_values import Accepted, Failed
from helpdesk.ingest.reading import ReadyAttachment
from helpdesk.ingest.spool import Spool, Spooled
from helpdesk.ingest.standing import Rules
from helpdesk.outbox import parts
from helpdesk.rows import among
from helpdesk.tickets.kinds import Channel, RawOutcome
from helpdesk.tickets.models import Mailbox, RawMessage

MAILBOX = "hook"  # the name of the mailbox rows that stand for the hooks, one a channel
_UNREADABLE = "it is nothing that this channel's webhook sends"


@dataclass(frozen=True, slots=True)
class Ready:
    """What some raw messages tell, in the order it is filed; `unreadable` tell nothing."""

    raw_ids: tuple[int, ...]
    chunk: tuple[Spooled, ...]
    accepted: tuple[tuple[Channel, Accepted], ...]
    failed: tuple[tuple[Channel, Failed], ...]
    unreadable: tuple[int, ...]


def of_hooks(session: Session, raw_ids: Collection[int]) -> set[int]:
    """Return those raw messages that webhooks brought."""
    return set(
        session.scalars(
            select(RawMessage.id).where(
                among(RawMessage.id, raw_ids), RawMessage.channel != Channel.EMAIL
            )
        )
    )


def read(
    session: Session,
    blobs: BlobStore,
    raw_ids: Collection[int],
    accounts: Mapping[Channel, str],
    folder: Path,
) -> Ready:
    """Load and read what webhooks brought to our `accounts`; writes no row.

    `folder` is for private files.

    Raises:
        NotFoundError: the bytes are gone.
    """
    rows = session.execute(
        select(RawMessage.id, RawMessage.channel, RawMessage.sha256, RawMessage.received_at)
        .where(among(RawMessage.id, raw_ids))
        .order_by(RawMessage.id)
    ).all()
    messages: list[ExportedMessage] = []
    accepted: list[tuple[Channel, Accepted]] = []
    failed: list[tuple[Channel, Failed]] = []
    unreadable = []
    for row in rows:
        content, account = blobs.read(session, row.sha256), accounts.get(row.channel, "")
        told = hooks.read(row.channel, content, row.received_at, account)
        if told is None:
            unreadable.append(row.id)
            continue
        messages += told.messages
        accepted += ((row.channel, each) for each in told.accepted)
        failed += ((row.channel, each) for each in told.failed)
    with Spool(folder) as spool:
        spool.fill(_once(messages), Channel.OTHER)  # each names its own
        chunk = tuple(spool.read())
    raw_ids = tuple(row.id for row in rows)
    return Ready(raw_ids, chunk, tuple(accepted), tuple(failed), tuple(unreadable))


def file(
    session: Session, blobs: BlobStore, ready: Ready, rules: Rules, now: dt.datetime
) -> set[int]:
    """Put messages into tickets and settle deliveries; twice does no more than once.

    Returns:
        The tickets in which a participant said more.
    """
    chunk = _closed(
        each for each in ready.chunk if not (_is_ours(each) and _seen(session, blobs, each, now))
    )
    filed = Filer(blobs, rules, None).file(session, chunk, _media(chunk), now) if chunk else None
    for channel, sent in ready.accepted:
        parts.confirmed(session, channel, sent.recipient, sent.remote_id, sent.mark, now=now)
    for channel, each in ready.failed:
        parts.failed(session, channel, each.recipient, each.remote_id, each.why, now=now)
    for raw_id in ready.unreadable:
        filing.give_up(session, raw_id, _UNREADABLE, now)
    readable = set(ready.raw_ids) - set(ready.unreadable)
    session.execute(
        update(RawMessage).where(among(RawMessage.id, readable)).values(outcome=RawOutcome.FILED),
        execution_options={"synchronize_session": False},
    )
    _note_heard(session, ready.raw_ids, now)
    return filed.to_match if filed else set()


def _note_heard(session: Session, raw_ids: Collection[int], now: dt.datetime) -> None:
    """Note that the hooks are alive, where the pages show how mailboxes are."""
    mailbox_ids = select(RawMessage.mailbox_id).where(among(RawMessage.id, raw_ids))
    session.execute(
        update(Mailbox).where(Mailbox.id.in_(mailbox_ids)).values(last_success_at=now),
        execution_options={"synchronize_session": False},
    )


def _once(messages: Iterable[ExportedMessage]) -> Iterable[ExportedMessage]:
    """Leave out what came twice; a message that was changed meanwhile has its last text."""
    found: dict[tuple[str | None, str, str | None], ExportedMessage] = {}
    unnamed = []
    for each in messages:
        if each.message_id is None:
            unnamed.append(each)
            continue
        name = (each.channel, each.thread, each.message_id)
        before = found.setdefault(name, each)
        if each.edited:
            found[name] = replace(before, text=each.text, edited=True)
    return [*found.values(), *unnamed]


def _is_ours(each: Spooled) -> bool:
    return each.message.ours and each.message.event is None


def _seen(session: Session, blobs: BlobStore, each: Spooled, now: dt.datetime) -> bool:
    """Tell whether this is the echo of a reply that left through here."""
    message = each.message
    recipient = each.thread.phone or each.thread.platform_id
    return parts.seen(
        session,
        blobs,
        each.thread.channel,
        recipient,
        message.message_id or "",
        message.text,
        now=now,
    )


def _closed(chunk: Iterable[Spooled]) -> Sequence[Spooled]:
    """Mark the last message of each thread again, now that some are left out."""
    kept = list(chunk)
    ends = [one.thread != after.thread for one, after in pairwise(kept)] + [True]
    return [replace(one, closes=end) for one, end in zip(kept, ends, strict=False)]


def _media(chunk: Iterable[Spooled]) -> Media:
    """Return what is known of the files: a webhook brings their names, not the files."""
    return {
        each.key: tuple(
            ReadyAttachment(one.name, media.type_of(one.name), 0, None, "not_fetched")
            for one in each.message.files
        )
        for each in chunk
        if each.message.files
    }
