"""What a channel's bytes become on their way to a ticket, as values."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.tickets.kinds import MessageKind


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an addr-spec; `email` is lower case and may be empty."""

    name: str
    email: str


class PieceKind(StrEnum):
    """Whose words a piece of a body holds."""

    VISIBLE = "visible"
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of whole lines of a body."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """A text taken apart.

    `visible`, `quoted` and `signature` are each the pieces of that kind, joined. `pieces` joined
    in order equal the text; it is empty where nothing was cut, then `visible` is the text.
    """

    visible: str
    quoted: str = ""
    signature: str = ""
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedAttachment:
    """A decoded part that is not the body; `content` is None when it is over a cap."""

    file_name: str
    media_type: str
    size_bytes: int
    content: bytes | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Headers:
    """The header fields that decide what a mail is, each decoded, each possibly absent."""

    message_id: str | None = None  # without angle brackets
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    return_path: str | None = None  # "" is the null sender
    subject: str = ""
    date: dt.datetime | None = None
    auto_submitted: str = ""
    precedence: str = ""
    auto_response_suppress: str = ""
    list_headers: tuple[str, ...] = ()  # names of the List-* fields (and Feedback-ID) present
    auto_headers: tuple[str, ...] = ()  # names of the fields only auto-responders set
    loop_headers: tuple[str, ...] = ()  # values of X-Loop and ours
    content_type: str = "text/plain"
    report_type: str = ""  # of multipart/report: "delivery-status", "disposition-notification"


@dataclass(frozen=True, slots=True)
class Trace:
    """Received and Authentication-Results fields in the order they stand, newest first.

    `name` is lower case; values are unfolded. Everything below a foreign Received is hearsay.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """Everything that could be read of one message.

    `defects` are codes of what could not, e.g. `two_from`, `bad_charset`, `too_many_parts`; an
    unreadable message still has one, and its raw bytes.
    """

    headers: Headers
    body: Body
    html: str | None = None
    attachments: tuple[ParsedAttachment, ...] = ()
    trace: tuple[Trace, ...] = ()
    defects: tuple[str, ...] = ()
    original_message_ids: tuple[str, ...] = ()  # a bounce: Message-IDs in the returned part
    failed_recipients: tuple[str, ...] = ()  # a bounce: addresses it says it could not reach
    bounce_permanent: bool = True


@dataclass(frozen=True, slots=True)
class Authenticity:
    """Whether our own server vouches for the sender, and why, as a code for people."""

    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message in our tickets that a new one may answer. `contact_address` is its ticket's."""

    message_id: str
    ticket_id: int
    contact_address: str


@dataclass(frozen=True, slots=True)
class ThreadCandidates:
    """What a message says it answers, before anybody looked whether it exists."""

    token_ticket_id: int | None  # from a reply token of ours, signature checked
    message_ids: tuple[str, ...]  # nearest first
    subject_ticket_id: int | None


@dataclass(frozen=True, slots=True)
class ThreadDecision:
    """Where a message goes: into `ticket_id`, or into a new ticket linked to `linked_to`."""

    ticket_id: int | None
    linked_to: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Classification:
    """What wrote a message, and the code of the rule that said so."""

    kind: MessageKind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one mail; past them the rest is left in the raw bytes and a defect is noted."""

    max_parts: int = 500
    max_depth: int = 50
    max_body_chars: int = 200_000
    max_html_chars: int = 512_000
    max_header_chars: int = 10_000
    max_attachment_bytes: int = 25 << 20
    max_attachments: int = 50
    own_addresses: frozenset[str] = field(default_factory=frozenset)
