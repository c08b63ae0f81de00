"""The kinds of things a ticket is made of, as values every room may use."""

from enum import StrEnum


class Channel(StrEnum):
    """The way a conversation came in, and the way its reply goes out."""

    EMAIL = "email"
    X = "x"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    WHATSAPP = "whatsapp"
    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    OTHER = "other"  # a service we have no room for: SMS, Telegram, a chat widget

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct-message inbox, whose replies go back into the same thread."""
        return self in _DIRECT

    @property
    def is_spoken(self) -> bool:
        """Whether somebody calls or stands there, so that a reply is read out."""
        return self in SPOKEN


_DIRECT = frozenset(
    {Channel.X, Channel.FACEBOOK, Channel.INSTAGRAM, Channel.WHATSAPP, Channel.OTHER}
)
SPOKEN = frozenset({Channel.PHONE, Channel.COUNTER})


class TicketStatus(StrEnum):
    """Whose turn it is."""

    UNPARSED = "unparsed"  # could not be read: a person looks at the raw bytes
    WAITING_AGENT = "waiting_agent"
    WAITING_PARTICIPANT = "waiting_participant"
    CLOSED = "closed"
    SPAM = "spam"


class Direction(StrEnum):
    """Which way a message went; a note stays between us."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NOTE = "note"


class MessageKind(StrEnum):
    """Who or what wrote an inbound message."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"
    OWN = "own"
    EVENT = "event"  # not something said: a reaction, a call, a sticker, a system line


class RawOutcome(StrEnum):
    """What became of stored bytes."""

    FILED = "filed"
    DUPLICATE = "duplicate"  # the same message was filed before, from another copy
    BOUNCE = "bounce"  # changed a delivery's state, opened no ticket
    IGNORED = "ignored"  # list mail, auto-replies and our own mail without a ticket to go to
    UNPARSED = "unparsed"


class ImportState(StrEnum):
    """How far an import of an export got."""

    WAITING = "waiting"
    READING = "reading"  # nothing is filed yet
    FILING = "filing"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
