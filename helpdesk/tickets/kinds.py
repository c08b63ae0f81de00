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


class RawOutcome(StrEnum):
    """What became of stored bytes."""

    FILED = "filed"
    DUPLICATE = "duplicate"  # the same message was filed before, from another copy
    BOUNCE = "bounce"  # changed a delivery's state, opened no ticket
    IGNORED = "ignored"  # list mail, auto-replies and our own mail without a ticket to go to
    UNPARSED = "unparsed"
