"""What a reader of an export is given, and what it returns. Pure values."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol, TypeAlias

from helpdesk.errors import InvalidError


class ExportError(InvalidError):
    """This export cannot be read. The sentence is for a person and says what to do instead.

    It names no member's content and no person; a member of the archive is named by its place.
    `text` is the sentence as the catalogues know it, `named` what stands in its placeholders.
    """

    def __init__(self, text: str, **named: str) -> None:
        super().__init__(text % named if named else text)
        self.text = text
        self.named = named


class Format(StrEnum):
    """The exports that can be read."""

    X = "x"
    FACEBOOK = "facebook"
    FACEBOOK_E2EE = "facebook_e2ee"  # messages.zip of messenger.com, flat and camel-case
    INSTAGRAM = "instagram"
    WHATSAPP = "whatsapp"
    TABLE = "table"  # our own CSV or JSON lines (docs/exports.md)


class Event(StrEnum):
    """What happened in a conversation that is not something said."""

    REACTION = "reaction"
    STICKER = "sticker"
    CALL = "call"
    SYSTEM = "system"  # joined, left, renamed, a number changed, the notice of encryption
    DELETED = "deleted"  # the writer took the message back
    LOCATION = "location"


class Export(Protocol):
    """An opened export: members by their path, `/` between folders, each name safe and unique.

    `name` is the file's or folder's own, without its folder: WhatsApp puts the contact there.
    """

    name: str

    def names(self) -> Collection[str]:
        """List the members, in no order that means anything."""

    def size(self, name: str) -> int:
        """Return a member's size in bytes; KeyError if there is no such member."""

    def open(self, name: str) -> BinaryIO:
        """Open a member for one reading from its start; KeyError if there is no such member.

        Reading raises ExportError when the member is cut off, damaged or larger than it said.
        """


@dataclass(frozen=True, slots=True)
class ReadConfig:
    """What readers have to be told.

    `own_names` are display names, handles, phone numbers or ids of our side, compared without
    regard to case and outer spaces; `timezone` is that of times written without one.
    """

    own_names: frozenset[str] = frozenset()
    timezone: dt.tzinfo = dt.UTC


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of a message; `member` is where its bytes are, None when the export left them out."""

    name: str
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMessage:
    """One message or event of one conversation.

    Attributes:
        thread: the conversation, the same in every export of it.
        title: what the platform calls it; for one other person mostly their name.
        is_group: whether more than one other person reads it.
        sender: who wrote it: the platform's id, phone number or handle, else the display name.
        sender_name: as shown; "" when the export does not tell.
        ours: whether our side wrote it.
        sent_at: aware.
        text: as shown, entities and links resolved; "" when there is none.
        message_id: the platform's own, None when the export has none.
        event: what it is if it is not something said; `text` then is the platform's words for it.
        files: pictures and the like, in order.
        edited: whether the writer changed it later.
        defects: codes of what could not be read of it, e.g. `empty_text`, `bad_date_order`.
        platform_id, handle, phone: of the other side, as far as this message tells; phone as
            E.164, handle without @.
    """

    thread: str
    sent_at: dt.datetime
    ours: bool
    sender: str
    sender_name: str = ""
    title: str = ""
    is_group: bool = False
    text: str = ""
    message_id: str | None = None
    event: Event | None = None
    files: tuple[ExportedFile, ...] = ()
    edited: bool = False
    defects: tuple[str, ...] = ()
    platform_id: str = ""
    handle: str = ""
    phone: str = ""
    channel: str | None = None  # only in our own form: a value of tickets.kinds.Channel
    service: str = ""  # only in our own form: the name of another service


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is no message, under a code; `defective` if it should have been one."""

    reason: str
    defective: bool = False


Item: TypeAlias = ExportedMessage | Skipped
