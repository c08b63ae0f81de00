"""Tables of the conversation: contact, ticket, message, and the bytes they came from."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.models import Agent  # noqa: F401 - the table a foreign key names
from helpdesk.blobs import Blob  # noqa: F401 - the table a foreign key names
from helpdesk.db import Base
from helpdesk.tickets.kinds import (
    Channel,
    Direction,
    ImportState,
    MessageKind,
    RawOutcome,
    TicketStatus,
)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


_WITH_THREAD: Any = {
    "sqlite_where": text("thread <> ''"),
    "postgresql_where": text("thread <> ''"),
}
_WHERE_IMPORTED: Any = {
    "sqlite_where": text("import_key IS NOT NULL"),
    "postgresql_where": text("import_key IS NOT NULL"),
}


class Mailbox(Base):
    """An account and folder that is read, and how far; `files` stands for the command line."""

    __tablename__ = "mailbox"
    __table_args__ = (UniqueConstraint("name", "folder"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    folder: Mapped[str]
    uidvalidity: Mapped[int | None]
    last_uid: Mapped[int] = mapped_column(default=0)
    last_success_at: Mapped[dt.datetime | None]
    last_full_at: Mapped[dt.datetime | None]
    last_error: Mapped[str | None]
    last_error_at: Mapped[dt.datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row, that a person has to mend
    next_poll_at: Mapped[dt.datetime | None]  # left alone until then, unless the settings change
    fingerprint: Mapped[str | None]  # keyed, of the settings that failed


class RawMessage(Base):
    """Bytes as they came in, kept whatever happens later. Unique per mailbox by content."""

    __tablename__ = "raw_message"
    __table_args__ = (
        UniqueConstraint("mailbox_id", "sha256"),
        _one_of("outcome", RawOutcome),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    channel: Mapped[Channel] = mapped_column(default=Channel.EMAIL)
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    size_bytes: Mapped[int]
    full_size_bytes: Mapped[int]  # larger than size_bytes when only the beginning was kept
    received_at: Mapped[dt.datetime]  # INTERNALDATE, or when the file was read
    stored_at: Mapped[dt.datetime]
    outcome: Mapped[RawOutcome | None]
    problem: Mapped[str | None]  # why it is unparsed; no personal data


class MailboxMessage(Base):
    """Where on the server some raw bytes were seen; one raw message may be seen in many places."""

    __tablename__ = "mailbox_message"

    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"), primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[int] = mapped_column(primary_key=True)
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw_message.id"), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    next_try_at: Mapped[dt.datetime | None]
    flagged: Mapped[bool] = mapped_column(default=False)  # the server was told


class ImportBatch(Base):
    """One export that was brought in: what it is, how far reading got, and what it held.

    `position` and `total` count bytes while reading and messages while filing. `skipped` maps a
    code to how often it was met; `problem` says why it failed, without personal data.
    """

    __tablename__ = "import_batch"
    __table_args__ = (_one_of("channel", Channel), _one_of("state", ImportState))

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[ImportState] = mapped_column(default=ImportState.WAITING)
    source: Mapped[str]  # command, folder, upload
    channel: Mapped[Channel | None]  # known once the format is
    format: Mapped[str] = mapped_column(default="")  # code of a format of ingest.exports.detect
    why: Mapped[str] = mapped_column(default="")  # what told the format
    file_name: Mapped[str]  # as the person who brought it named it
    path: Mapped[str | None]  # where it lies until it is read
    own_names: Mapped[list[str]] = mapped_column(JSON, default=list)  # besides the settings'
    sha256: Mapped[str] = mapped_column(default="", index=True)  # of a folder: of names and sizes
    size_bytes: Mapped[int] = mapped_column(default=0)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    new: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    defective: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    tickets_opened: Mapped[int] = mapped_column(default=0)
    tickets_continued: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[dt.datetime | None]  # of the messages in it
    last_at: Mapped[dt.datetime | None]
    problem: Mapped[str | None]


class Contact(Base):
    """An address or account outside.

    On a direct channel `address` is the conversation as its export names it, unless the platform
    tells who the other side is: then it is the platform's id, or the phone number.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("channel", "address"),
        _one_of("channel", Channel),
        Index("ix_contact_thread", "channel", "thread", **_WITH_THREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel]
    address: Mapped[str]  # as compared: lower case; "" for a message without a sender
    display_name: Mapped[str]
    platform_id: Mapped[str] = mapped_column(default="")  # whom the platform's API can write to
    handle: Mapped[str] = mapped_column(default="")  # without @
    phone: Mapped[str] = mapped_column(default="")  # E.164: +62…
    thread: Mapped[str] = mapped_column(default="")  # the conversation, as its platform names it
    service: Mapped[str] = mapped_column(default="")  # of channel OTHER: telegram, sms, …
    is_group: Mapped[bool] = mapped_column(default=False)  # several people read it
    created_at: Mapped[dt.datetime]


class Ticket(Base):
    """One matter of one contact.

    The last block repeats what other rooms know, so that the queue is one indexed read:
    `matching` writes the claim columns, `replies` the decision columns.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        _one_of("channel", Channel),
        _one_of("status", TicketStatus),
        CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
        CheckConstraint(
            "best_probability IS NULL OR best_probability BETWEEN 0 AND 1", name="probability"
        ),
        Index("ix_ticket_status_waiting_since_id", "status", "waiting_since", "id"),
        Index("ix_ticket_assignee_status_waiting", "assignee_id", "status", "waiting_since"),
        Index("ix_ticket_updated", "updated_at", "id"),
        Index("ix_ticket_status_window", "status", "window_ends_at", "id"),
        # Answers the counts of the views without touching a row, and lists what can be approved.
        Index(
            "ix_ticket_queue", "status", "approvals_needed", "waiting_since", "id", "assignee_id"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    subject: Mapped[str]
    preview: Mapped[str] = mapped_column(default="")  # first words of the last inbound message
    language: Mapped[str] = mapped_column(default="id")
    status: Mapped[TicketStatus]
    priority: Mapped[int] = mapped_column(default=1)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    linked_ticket_id: Mapped[int | None] = mapped_column(
        ForeignKey("ticket.id", ondelete="SET NULL"), index=True
    )
    link_reason: Mapped[str | None]  # e.g. "other_sender"
    opened_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    waiting_since: Mapped[dt.datetime]
    window_ends_at: Mapped[dt.datetime | None]  # until then the channel lets us answer freely
    mail_to: Mapped[str | None]  # an address they named, chosen to be answered instead
    message_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)  # +1 on every change agents could collide on

    claim_count: Mapped[int] = mapped_column(default=0)
    claim_facts: Mapped[str] = mapped_column(default="----")  # npdi stated, ? unsure, - missing
    best_probability: Mapped[float | None]
    decision: Mapped[str | None]  # match, review, none
    disclosure: Mapped[str | None]  # full, masked, redirect, ask, none
    approvals_needed: Mapped[int] = mapped_column(default=0)
    approvals_given: Mapped[int] = mapped_column(default=0)


class Message(Base):
    """One thing somebody wrote, to us, by us, or between us (a note)."""

    __tablename__ = "message"
    __table_args__ = (
        _one_of("direction", Direction),
        _one_of("kind", MessageKind),
        # In the order of the conversation: an import brings older messages later.
        Index("ix_message_ticket_received", "ticket_id", "received_at", "id"),
        Index("uq_message_import_key", "import_key", unique=True, **_WHERE_IMPORTED),
        Index("ix_message_import_id", "import_id", **_WHERE_IMPORTED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    direction: Mapped[Direction]
    kind: Mapped[MessageKind] = mapped_column(default=MessageKind.PERSON)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw_message.id"), unique=True)
    message_id: Mapped[str | None] = mapped_column(index=True)  # header, without angle brackets
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]  # what the sender wrote; spans of facts point into it
    quoted: Mapped[str] = mapped_column(default="")
    signature: Mapped[str] = mapped_column(default="")
    html: Mapped[str | None] = mapped_column(deferred=True)  # as sent, never shown unsanitised
    sent_at: Mapped[dt.datetime | None]  # the Date header: the sender's word
    received_at: Mapped[dt.datetime]
    sender_name: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str | None]  # only when it differs from the sender
    authentic: Mapped[bool] = mapped_column(default=False)  # passed DMARC by our own server's word
    authenticity: Mapped[str] = mapped_column(default="")  # why, as a code
    thread_reason: Mapped[str] = mapped_column(default="")  # why it is in this ticket, as a code
    defects: Mapped[list[str]] = mapped_column(JSON, default=list)
    event: Mapped[str | None]  # of kind EVENT: which, a code of ingest.exports.types.Event
    edited: Mapped[bool] = mapped_column(default=False)  # changed by its writer after it was sent
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    import_key: Mapped[str | None]  # the same in every export that holds it


class Attachment(Base):
    """A file of a message. `sha256` is null when it was over a cap; `problem` says which."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("message_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    position: Mapped[int]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    problem: Mapped[str | None]


class TicketLink(Base):
    """The secret address by which the writer of a web form follows a ticket; only its hash."""

    __tablename__ = "ticket_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]


class Verification(Base):
    """A question an agent asked a caller or visitor, and whether the answer fits the records.

    The answer itself is not kept. It counts for the participant of `kpj`, the record whose name
    was compared, and for nobody else that the ticket may later turn out to be about.
    """

    __tablename__ = "verification"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    question: Mapped[str]  # mother_name
    kpj: Mapped[str] = mapped_column(index=True)
    passed: Mapped[bool]
    asked_at: Mapped[dt.datetime]


class FormUse(Base):
    """A use of the public form, kept for an hour to slow abuse down. `who` is a keyed hash."""

    __tablename__ = "form_use"
    __table_args__ = (Index("ix_form_use_who_at", "who", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str]
    at: Mapped[dt.datetime]
