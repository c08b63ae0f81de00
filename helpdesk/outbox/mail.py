"""The exact bytes of a reply, built once when it is approved. Pure.

The header is written here and not by `email.message.EmailMessage`, which folds a long Message-ID
in References into encoded words, so that no client finds the thread again.
"""

import binascii
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import Header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime, getaddresses
from unicodedata import category

from helpdesk.errors import PermanentError
from helpdesk.outbox import token

_MAX_SUBJECT_CHARS = 200
_MAX_NAME_CHARS = 100
_MAX_ID_CHARS = 250
_MAX_REFERENCES = 10  # the first and the last nine, as RFC 5537 §3.4.4 does for news
_MAX_LINE_BYTES = 998  # RFC 5322 §2.1.1
_REQUIRED = (
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
)  # fmt: skip
_THREADING = ("In-Reply-To", "References")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_ID = re.compile(r"[!-;=?-~]+")  # printable ASCII but angle brackets
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
# They reorder what a reader sees, a number's digits among it.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingReply:
    """An approved reply, before it is bytes.

    Message-IDs are without angle brackets. `secret` signs the reply's own Message-ID; its domain
    is that of `from_address`. What must not be printed is left out of `repr`.
    """

    ticket_id: int
    message_row_id: int  # the outbound Message row; also what makes the Message-ID unique
    from_name: str
    from_address: str
    recipient: str = field(repr=False)  # one addr-spec
    subject: str = field(repr=False)
    body: str = field(repr=False)  # plain text
    language: str  # "id" or "en"
    date: dt.datetime  # of the approval, aware
    secret: str = field(repr=False)
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()  # oldest first, without `in_reply_to` being necessary


def build(reply: OutgoingReply) -> bytes:
    """Return the message as it will be transmitted, CRLF line ends, not dot-stuffed.

    The same reply gives the same bytes. Headers come from an allow-list, values are stripped of
    control characters and line separators, and the finished bytes are parsed again by other code
    before they are believed.

    Raises:
        PermanentError: an address cannot be used, or the finished bytes are not what was meant.
    """
    body = _lines(reply.body)
    headers = _headers(reply)
    content = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")
    content += b"\r\n" + binascii.b2a_qp(body.encode("utf-8"), istext=True)
    _check(content, reply, [name for name, _ in headers], body)
    return content


def message_id(reply: OutgoingReply) -> str:
    """Return the reply's Message-ID, without angle brackets: signed, and made only once."""
    # The time keeps it unique after a restored backup has given row numbers out again.
    nonce = f"{reply.message_row_id:x}x{int(reply.date.timestamp()):x}"
    domain = reply.from_address.rpartition("@")[2]
    return token.make(reply.secret, reply.ticket_id, nonce, domain)


def envelope(content: bytes) -> tuple[str, str]:
    """Return the sender and the recipient that built bytes are addressed with."""
    header = BytesHeaderParser(policy=compat32).parsebytes(content)
    sender, recipient = (
        _one_address([str(value) for value in header.get_all(name, [])], name)
        for name in ("From", "To")
    )
    return sender, recipient


def _headers(reply: OutgoingReply) -> list[tuple[str, str]]:
    if not _LANGUAGE.fullmatch(reply.language):
        msg = "the language of the reply is not a language tag"
        raise PermanentError(msg)
    references = _references(reply)
    threading = []
    if reply.in_reply_to and _usable(reply.in_reply_to):
        threading.append(("In-Reply-To", f"<{reply.in_reply_to}>"))
    if references:
        threading.append(("References", "\r\n ".join(f"<{each}>" for each in references)))
    return [
        ("From", f"{_phrase(reply.from_name)}<{_address(reply.from_address)}>"),
        ("To", _address(reply.recipient)),
        ("Subject", _encoded(_clean(reply.subject)[:_MAX_SUBJECT_CHARS].rstrip())),
        ("Date", format_datetime(reply.date)),
        ("Message-ID", f"<{message_id(reply)}>"),
        *threading,
        ("Auto-Submitted", "no"),  # RFC 3834 §5: a person approved it
        ("Content-Language", reply.language),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]


def _address(address: str) -> str:
    """Let only plain addresses through: no quoting, no comments, nothing to be read two ways."""
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        msg = "this is not a plain e-mail address that can be written to"
        raise PermanentError(msg)
    return address


def _phrase(name: str) -> str:
    cleaned = _clean(name)[:_MAX_NAME_CHARS].rstrip()
    if not cleaned:
        return ""
    if cleaned.isascii() and "=?" not in cleaned:
        escaped = cleaned.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" '
    return f"{_encoded(cleaned)} "


def _encoded(text: str) -> str:
    """Return a header value in ASCII. What looks like an encoded word is encoded once more."""
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _references(reply: OutgoingReply) -> list[str]:
    ids = [*reply.references, *([reply.in_reply_to] if reply.in_reply_to else [])]
    ids = [each for each in dict.fromkeys(ids) if _usable(each)]
    return ids if len(ids) <= _MAX_REFERENCES else [ids[0], *ids[1 - _MAX_REFERENCES :]]


def _usable(identifier: str) -> bool:
    return (
        len(identifier) <= _MAX_ID_CHARS
        and _ID.fullmatch(identifier) is not None
        and "=?" not in identifier
    )


def _clean(value: str) -> str:
    """Return `value` on one line, without anything that could end or reorder it."""
    return " ".join("".join(_visible(value, kept="")).split())


def _lines(text: str) -> str:
    """Return the body with CRLF line ends, one at its end, without other control characters."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    unix = unix.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x85", "\n")
    visible = "".join(_visible(unix, kept="\n\t")).rstrip("\n")
    return visible.replace("\n", "\r\n") + "\r\n"


def _visible(text: str, *, kept: str) -> Iterable[str]:
    for char in text:
        kind = category(char)
        if char in kept:
            yield char
        elif kind in {"Cc", "Zl", "Zp"}:
            yield " "
        elif kind == "Cs":
            yield "\ufffd"  # a lone surrogate cannot be encoded
        elif char not in _BIDI:
            yield char


def _check(content: bytes, reply: OutgoingReply, names: list[str], body: str) -> None:
    """Refuse bytes that another reader would take for something else than was approved."""
    parsed = message_from_bytes(content, policy=compat32)
    allowed = [name for name in names if name in _REQUIRED or name in _THREADING]
    wanted = [
        parsed.keys() == allowed == names,
        set(_REQUIRED) <= set(names),
        not parsed.defects,
        not parsed.is_multipart(),
        envelope(content) == (reply.from_address, reply.recipient),
        parsed.get_payload(decode=True) == body.encode("utf-8"),
        _BARE.search(content) is None,
        max(map(len, content.split(b"\r\n"))) <= _MAX_LINE_BYTES,
    ]
    if not all(wanted):
        msg = f"the reply cannot be written safely (check {wanted.index(False)})"
        raise PermanentError(msg)


def _one_address(values: list[str], name: str) -> str:
    found = getaddresses(values)
    if len(found) != 1:
        msg = f"the reply does not have exactly one address in {name}"
        raise PermanentError(msg)
    return found[0][1]
