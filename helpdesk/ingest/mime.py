"""Mail: from raw bytes to everything that can be read of them."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.utils import parsedate_tz

from helpdesk.ingest import addresses, body, bounces, contents, headers, parts
from helpdesk.ingest.types import (
    Address,
    Headers,
    Limits,
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
_LOOP_CHARS = 200
_MOST_TRACE = 200  # servers give up after 100 hops (RFC 5321 §6.3)


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
    content = contents.read(raw, tree.leaves, limits, defects)
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
            headers.text(value)[:_LOOP_CHARS] for name, value in fields.all if name in _LOOPS
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


def _small_parts(raw: bytes, leaves: Sequence[parts.Leaf]) -> list[tuple[str, bytes]]:
    """Decode the beginning of every part, as far as a bounce is read."""
    return [
        (leaf.media_type, parts.content(raw, replace(leaf, end=min(leaf.end, end)))[0])
        for leaf in leaves
        for end in (leaf.start + bounces.READ_BYTES,)
    ]
