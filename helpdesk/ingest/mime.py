"""Mail: from raw bytes to everything that can be read of them."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_tz

from helpdesk.ingest import addresses, body, bounces, headers, parts
from helpdesk.ingest.types import (
    Address,
    Headers,
    Limits,
    ParsedAttachment,
    ParsedMessage,
    Trace,
)

_TRACE = frozenset(("received", "authentication-results"))
_ONCE = frozenset(
    (
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "content-type",
        "content-transfer-encoding",
        "mime-version",
    )
)
_AUTO = frozenset(("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"))
_SHOWN = frozenset(("from", "sender", "reply-to", "to", "cc", "subject"))
_LOOPS = frozenset(("x-loop", "x-care-loop"))
_WANTED = frozenset(
    (
        *_TRACE,
        *_ONCE,
        *_AUTO,
        *_LOOPS,
        "return-path",
        "auto-submitted",
        "precedence",
        "x-auto-response-suppress",
        "feedback-id",
        "x-failed-recipients",
        "content-disposition",
    )
)
_ID = re.compile(r"<([^<>\s]{1,500})>")  # PostgreSQL indexes values up to 2,700 bytes
_MOST_IDS = 100
_MOST_TRACE = 200  # servers give up after 100 hops (RFC 5321 §6.3)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_EMPTY_PLAIN = re.compile(r"\bhtml\b", re.IGNORECASE)  # "your program cannot show HTML"
_NAME_CHARS = 200
_HTML_READ = 4  # times as much HTML is read for its text as is kept to be shown
_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "application/ms-tnef": ".dat",
}


def parse(raw: bytes, limits: Limits = Limits()) -> ParsedMessage:  # noqa: B008 - frozen
    """Read a mail, each field and part on its own, so that the worst costs only itself.

    Args:
        raw: the bytes as they came in, with or without an mbox separator line.
        limits: caps; what lies beyond them stays in the raw bytes.

    Returns:
        What could be read. Every text in it can be stored by every database: no NUL, no lone
        surrogate, no control but LF and tab; header values are single lines.

    Never raises; time and memory grow with the size of the mail.
    """
    if b"\n" not in raw[:65_536] and b"\r" in raw[:65_536]:
        raw = raw.replace(b"\r", b"\n")  # lines of an old Macintosh
    start = raw.find(b"\n") + 1 if raw.startswith((b"From ", b">From ")) else 0
    stop, body_start = parts.head_end(raw, start, len(raw))
    block = headers.block(parts.head(raw, start, stop), _WANTED)
    defects = dict.fromkeys(block.defects)
    if stop - start >= parts.HEAD_BYTES - 1:
        defects["header_too_long"] = None
    if not block.names:
        defects["no_headers"] = None
        body_start = start
    fields = _Fields(block, limits, defects)
    tree = parts.walk(raw, block, body_start, limits)
    defects.update(dict.fromkeys(tree.defects))
    fields.look_for_controls()
    read = _read_headers(fields)
    content = _content(raw, tree.leaves, limits, defects)
    report = bounces.Report()
    if bounces.looks_like_one(read, {leaf.media_type for leaf in tree.leaves}):
        failed = fields.text("x-failed-recipients")
        report = bounces.read(raw[start:], failed, _small_parts(raw, tree.leaves))
    return ParsedMessage(
        headers=read,
        body=body.split_quote(content.text),
        html=content.html,
        attachments=content.attachments,
        trace=fields.trace(),
        defects=tuple(defects),
        original_message_ids=report.message_ids,
        failed_recipients=report.recipients,
        bounce_permanent=report.permanent,
    )


@dataclass(frozen=True, slots=True)
class _Content:
    text: str
    html: str | None
    attachments: tuple[ParsedAttachment, ...]


class _Fields:
    """The fields of the top header block, read one by one; notes what was wrong with each."""

    def __init__(self, block: headers.Block, limits: Limits, defects: dict[str, None]) -> None:
        self._limits = limits
        self._defects = defects
        self.all = block.fields
        self.first: dict[str, bytes] = {}
        for name, value in block.fields:
            if name not in self.first:
                self.first[name] = value
            elif name in _ONCE:
                self.defect("two_from" if name == "from" else f"two_{name.replace('-', '_')}")

    def defect(self, code: str) -> None:
        self._defects[code] = None

    def raw(self, name: str) -> bytes:
        value = self.first.get(name, b"")
        return self._capped(name, value)

    def text(self, name: str) -> str:
        return self.read(name, headers.text, "")

    def read(
        self, name: str, how: Callable[[bytes], headers.Value], default: headers.Value
    ) -> headers.Value:
        """Read the first field of a name; `default` when it is absent or cannot be read."""
        if name not in self.first:
            return default
        value, fine = headers.tried(how, self.raw(name), default)
        if not fine:
            self.defect(f"bad_{name.replace('-', '_')}")
        return value

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Read the addresses of every field of a name, and note what was wrong with them."""
        found: tuple[Address, ...] = ()
        for field, value in self.all:
            if field != name:
                continue
            nothing: tuple[tuple[Address, ...], tuple[str, ...]] = ((), ("unreadable",))
            (some, problems), _ = headers.tried(
                addresses.parse, self._capped(name, value), nothing
            )
            found += some
            for problem in problems:
                self.defect(f"{name.replace('-', '_')}_{problem}")
        if name == "from" and len(found) != 1:
            self.defect("two_from" if found else "no_from")
        return found

    def look_for_controls(self) -> None:
        """Note line breaks and controls in the fields people read, the sign of an injection."""
        if any(name in _SHOWN and headers.smuggles(value) for name, value in self.all):
            self.defect("control_in_header")

    def names(self, is_one: Callable[[str], bool]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name[:80] for name, _ in self.all if is_one(name)))

    def trace(self) -> tuple[Trace, ...]:
        """Unfold the trace fields; of more than a mail can gather the newest."""
        values = [(name, value) for name, value in self.all if name in _TRACE][:_MOST_TRACE]
        return tuple(
            Trace(name, headers.clean_line(headers.raw_text(self._capped(name, value))))
            for name, value in values
        )

    def _capped(self, name: str, value: bytes) -> bytes:
        most = self._limits.max_header_chars
        if len(value) <= most:
            return value
        self.defect("header_too_long")
        return value[-most:] if name == "references" else value[:most]


def _read_headers(fields: _Fields) -> Headers:
    kind = fields.read("content-type", parts.media, parts.Media("", {}))
    return Headers(
        message_id=fields.read("message-id", _message_id, None),
        in_reply_to=fields.read("in-reply-to", _message_ids, ()),
        references=fields.read("references", _message_ids, ()),
        from_=fields.addresses("from"),
        sender=fields.addresses("sender"),
        reply_to=fields.addresses("reply-to"),
        to=fields.addresses("to"),
        cc=fields.addresses("cc"),
        return_path=fields.read("return-path", _return_path, None),
        subject=fields.text("subject"),
        date=fields.read("date", _date, None),
        auto_submitted=fields.text("auto-submitted").lower(),
        precedence=fields.text("precedence").lower(),
        auto_response_suppress=fields.text("x-auto-response-suppress").lower(),
        list_headers=fields.names(lambda name: name.startswith("list-") or name == "feedback-id"),
        auto_headers=fields.names(_AUTO.__contains__),
        loop_headers=tuple(
            headers.text(value)[:_NAME_CHARS] for name, value in fields.all if name in _LOOPS
        ),
        content_type=kind.value or "text/plain",
        report_type=kind.params.get("report-type", "").lower(),
    )


def _message_id(value: bytes) -> str:
    """Read the one identifier; broken writers leave the brackets out."""
    text = headers.clean_line(headers.raw_text(value))
    found = _ID.search(text)
    bare = found[1] if found else text
    if not bare or len(bare) > 500 or " " in bare:
        raise ValueError
    return bare


def _message_ids(value: bytes) -> tuple[str, ...]:
    text = headers.clean_line(headers.raw_text(value))
    found = _ID.findall(text) or [word for word in text.split() if "@" in word[:500]]
    unique = tuple(dict.fromkeys(word[:500] for word in found))
    return unique if len(unique) <= _MOST_IDS else (unique[0], *unique[1 - _MOST_IDS :])


def _return_path(value: bytes) -> str:
    text = headers.clean_line(headers.raw_text(value)).lower()
    return text.partition("<")[2].partition(">")[0] if "<" in text else text


def _date(value: bytes) -> dt.datetime:
    """Read a date as UTC; one without a zone is taken as UTC (RFC 5322 §3.3, `-0000`)."""
    read = parsedate_tz(headers.text(value)[:100])
    if read is None or not 1980 <= read[0] <= 2200:  # before e-mail, or a slip
        raise ValueError
    offset = dt.timedelta(seconds=read[9] or 0)
    return dt.datetime(*read[:6], tzinfo=dt.UTC) - offset


def _content(
    raw: bytes, leaves: Sequence[parts.Leaf], limits: Limits, defects: dict[str, None]
) -> _Content:
    """Tell bodies from attachments, and read each."""
    texts: dict[int, dict[str, list[str]]] = {}  # by multipart/alternative, or one of its own
    files: list[ParsedAttachment] = []
    room = {"text/plain": limits.max_body_chars, "text/html": _HTML_READ * limits.max_html_chars}
    for number, leaf in enumerate(leaves):
        if _is_text(leaf, alone=len(leaves) == 1):
            unit = texts.setdefault(leaf.alternative or -number - 1, {})
            text = _text(raw, leaf, room[leaf.media_type], defects)
            room[leaf.media_type] -= len(text)
            unit.setdefault(leaf.media_type, []).append(text)
        elif len(files) == limits.max_attachments:
            defects["too_many_attachments"] = None
        elif leaf.end > leaf.start or leaf.file_name:
            files.append(_attachment(raw, leaf, len(files) + 1, limits))
    html = "\n".join(text for unit in texts.values() for text in unit.get("text/html", ()))
    if len(html) > limits.max_html_chars:
        defects["html_too_long"] = None
        html = html[: limits.max_html_chars]
    return _Content(_readable(texts.values(), limits, defects), html or None, tuple(files))


def _is_text(leaf: parts.Leaf, *, alone: bool) -> bool:
    return (
        leaf.media_type in {"text/plain", "text/html"}
        and leaf.disposition != "attachment"
        and (alone or not leaf.file_name)
    )


def _text(raw: bytes, leaf: parts.Leaf, room: int, defects: dict[str, None]) -> str:
    """Decode a text part, up to `room` characters."""
    name = leaf.media_type.partition("/")[2].replace("plain", "body")
    if room <= 0:
        if leaf.end > leaf.start:
            defects[f"{name}_too_long"] = None
        return ""
    cut = min(leaf.end, leaf.start + room * 12)  # a character is 4 bytes, each `=XX` at most
    data, fine = parts.content(raw, replace(leaf, end=cut))
    if not fine and cut == leaf.end:
        defects["bad_encoding"] = None
    charset = leaf.params.get("charset", "")
    if not charset and leaf.media_type == "text/html":
        declared = _META_CHARSET.search(data[:2_048])
        charset = declared[1].decode("ascii", "replace") if declared else ""
    text, fine = headers.decode(data, charset)
    if not fine and cut == leaf.end:
        defects["bad_charset"] = None
    text = headers.clean_text(text)
    if len(text) > room or cut < leaf.end:
        defects[f"{name}_too_long"] = None
    return text[:room]


def _readable(
    units: Iterable[dict[str, list[str]]], limits: Limits, defects: dict[str, None]
) -> str:
    """Join the text parts in order; of alternatives the plain one, if it says anything."""
    chosen = []
    for unit in units:
        plain = "\n".join(unit.get("text/plain", ())).strip()
        source = "\n".join(unit.get("text/html", ()))
        if source and (not plain or (len(plain) < 300 and _EMPTY_PLAIN.search(plain))):
            plain = headers.clean_text(body.html_to_text(source)) or plain
        if plain:
            chosen.append(plain)
    text = "\n\n".join(chosen)
    if len(text) > limits.max_body_chars:
        defects["body_too_long"] = None
    return text[: limits.max_body_chars]


def _attachment(raw: bytes, leaf: parts.Leaf, number: int, limits: Limits) -> ParsedAttachment:
    media_type = leaf.media_type
    name = _file_name(leaf.file_name) or f"attachment-{number}{_EXTENSIONS.get(media_type, '')}"
    size = parts.decoded_size(raw, leaf)
    if size > limits.max_attachment_bytes:
        return ParsedAttachment(name, media_type, size, None, "too_large")
    data, fine = parts.content(raw, leaf)
    return ParsedAttachment(name, media_type, len(data), data, None if fine else "bad_encoding")


def _file_name(name: str) -> str:
    """Keep the last part of a path; a long name loses its middle, not its extension."""
    name = re.split(r"[/\\]", name)[-1].strip(". ")
    if len(name) > _NAME_CHARS:
        stem, dot, extension = name.rpartition(".")
        extension = dot + extension if dot and len(extension) <= 10 else ""
        name = (stem if extension else name)[: _NAME_CHARS - len(extension)] + extension
    return name


def _small_parts(raw: bytes, leaves: Sequence[parts.Leaf]) -> list[tuple[str, bytes]]:
    """Decode the beginning of every part, as far as a bounce is read."""
    return [
        (leaf.media_type, parts.content(raw, replace(leaf, end=min(leaf.end, end)))[0])
        for leaf in leaves
        for end in (leaf.start + bounces.READ_BYTES,)
    ]
