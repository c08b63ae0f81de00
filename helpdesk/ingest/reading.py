"""From stored bytes to messages ready to be filed: load, parse, classify; writes no row."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from helpdesk.blobs import Blob, BlobStore, Stored
from helpdesk.errors import NotFoundError
from helpdesk.ingest import authenticity, classify, mime, thread
from helpdesk.ingest.types import Address, Authenticity, Limits, ParsedMessage
from helpdesk.rows import among
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import MessageKind
from helpdesk.tickets.models import RawMessage

_MAX_ADDRESS_CHARS = 320  # RFC 3696 errata 1690 allows 254; more cannot be written to
_MAX_ID_CHARS = 255
_MAX_REFERENCES = 30  # the nearest; a thread that long is known by any of them
_PARSED_BYTES = 32 << 20  # of a longer mail the rest stays in the raw download


@dataclass(frozen=True, slots=True)
class ReceiveConfig:
    """What reading mail needs to know about us."""

    own_addresses: frozenset[str] = frozenset()
    authserv_id: str = ""
    trusted_hosts: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    follow_up_days: int = 30


@dataclass(frozen=True, slots=True)
class ReadyAttachment:
    """A file of a message; `stored` is None when it was over a cap, and `problem` says which."""

    file_name: str
    media_type: str
    size_bytes: int
    stored: Stored | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class ReadyMessage:
    """One raw message, parsed, with everything filing needs to know.

    `parsed.attachments` is empty: their bytes are with the blobs already. `references` are the
    messages this one may answer, as compared; `token_ticket` is the ticket our own signed
    Message-ID among them names, `subject_ticket` the one the subject names.
    """

    raw_id: int
    mailbox_id: int
    sha256: str
    received_at: dt.datetime
    parsed: ParsedMessage
    sender: Address
    kind: MessageKind
    reason: str
    authenticity: Authenticity
    attachments: tuple[ReadyAttachment, ...] = ()
    message_id: str | None = None
    references: tuple[str, ...] = ()
    token_ticket: int | None = None
    subject_ticket: int | None = None
    to_us: bool = False
    readable: bool = True
    follow_up_days: int = 30


def receive_config(settings: Settings) -> ReceiveConfig:
    """Take out of the settings what reading mail needs."""
    return ReceiveConfig(
        own_addresses=settings.own_addresses,
        authserv_id=settings.authserv_id,
        trusted_hosts=settings.ingest.trusted_hosts,
        secret=settings.secret_key,
        follow_up_days=settings.ingest.follow_up_days,
    )


def read(
    session: Session, blobs: BlobStore, raw_ids: Sequence[int], conf: ReceiveConfig
) -> list[ReadyMessage]:
    """Load and parse stored messages; one result per id, in order.

    Writes no row, but large attachments go to their files here, outside any write transaction.

    Raises:
        NotFoundError: a raw message or its bytes are gone.
    """
    rows = {
        row.id: row
        for row in session.execute(
            select(
                RawMessage.id,
                RawMessage.mailbox_id,
                RawMessage.sha256,
                RawMessage.size_bytes,
                RawMessage.full_size_bytes,
                RawMessage.received_at,
                Blob.content,
            )
            .join(Blob, Blob.sha256 == RawMessage.sha256)
            .where(among(RawMessage.id, raw_ids))
        )
    }
    if len(rows) < len(set(raw_ids)):
        msg = "a raw message is gone"
        raise NotFoundError(msg)
    return [_read_one(session, blobs, rows[raw_id], conf) for raw_id in raw_ids]


def message_key(message_id: str) -> str:
    """Return a Message-ID as it is stored and compared: bounded, because it is indexed."""
    return message_id if len(message_id) <= _MAX_ID_CHARS else message_id[:_MAX_ID_CHARS]


def _read_one(
    session: Session,
    blobs: BlobStore,
    row: Row[int, int, str, int, int, dt.datetime, bytes | None],
    conf: ReceiveConfig,
) -> ReadyMessage:
    content = row.content
    raw = blobs.read(session, row.sha256) if content is None else bytes(content)
    parsed = mime.parse(raw[:_PARSED_BYTES], Limits(own_addresses=conf.own_addresses))
    headers = parsed.headers
    if row.full_size_bytes > row.size_bytes or len(raw) > _PARSED_BYTES:
        parsed = replace(parsed, defects=(*parsed.defects, "oversize"))
    kind = classify.classify(parsed, own_addresses=conf.own_addresses)
    answers = thread.candidates(parsed, conf.secret)
    addressed = {address.email for address in (*headers.to, *headers.cc)}
    return ReadyMessage(
        raw_id=row.id,
        mailbox_id=row.mailbox_id,
        sha256=row.sha256,
        received_at=row.received_at,
        parsed=replace(parsed, attachments=(), headers=replace(headers, date=_utc(headers.date))),
        sender=_sender(parsed),
        kind=kind.kind,
        reason=kind.reason,
        authenticity=authenticity.check(
            parsed, authserv_id=conf.authserv_id, trusted_hosts=conf.trusted_hosts
        ),
        attachments=_attachments(blobs, parsed),
        message_id=message_key(headers.message_id) if headers.message_id else None,
        references=answers.message_ids[:_MAX_REFERENCES],
        token_ticket=answers.token_ticket_id,
        subject_ticket=answers.subject_ticket_id,
        to_us=not addressed.isdisjoint(conf.own_addresses),
        readable=_is_readable(parsed),
        follow_up_days=conf.follow_up_days,
    )


def _sender(parsed: ParsedMessage) -> Address:
    first = next(iter(parsed.headers.from_), Address("", ""))
    return first if len(first.email) <= _MAX_ADDRESS_CHARS else Address(first.name, "")


def _attachments(blobs: BlobStore, parsed: ParsedMessage) -> tuple[ReadyAttachment, ...]:
    return tuple(
        ReadyAttachment(
            part.file_name,
            part.media_type,
            part.size_bytes,
            None if part.content is None else blobs.prepare(part.content),
            part.problem,
        )
        for part in parsed.attachments
    )


def _is_readable(parsed: ParsedMessage) -> bool:
    body = parsed.body
    return bool(
        parsed.headers.from_
        or parsed.headers.subject
        or parsed.attachments
        or body.visible.strip()
        or body.quoted.strip()
        or body.signature.strip()
        or parsed.html
    )


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a Date header in UTC; a date outside the calendar counts as none."""
    try:
        if moment is None or moment.tzinfo is None:
            return None if moment is None else moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return None
