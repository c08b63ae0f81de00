"""MIME structure: from the bytes of a mail to its leaves, without recursion and without copies."""

import binascii
import re
from dataclasses import dataclass

from helpdesk.ingest import headers
from helpdesk.ingest.types import Limits

HEAD_BYTES = 1 << 20  # a header block longer than this is cut; the largest known servers allow

_HEAD_END = re.compile(rb"\n\r?\n")
_PART_FIELDS = frozenset(
    {
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "message-id",
        "subject",
    }
)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,90}")
_PARAM = re.compile(r';\s*([^\s=;]{1,60})\s*=\s*("(?:[^"\\]|\\.)*+"|[^;]*)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTINUED = re.compile(r"([^*]+)\*(\d{1,3})(\*?)")
_BOUNDARY_LINE = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Media:
    """A Content-Type or Content-Disposition: the value and its parameters, both decoded."""

    value: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds no parts. `start` and `end` bound its undecoded body in the mail."""

    media_type: str
    params: dict[str, str]
    disposition: str
    file_name: str
    encoding: str
    start: int
    end: int
    alternative: int  # number of the outermost multipart/alternative around it, 0 for none


@dataclass(frozen=True, slots=True)
class Tree:
    """The leaves of a mail in order, and what was wrong on the way to them."""

    leaves: tuple[Leaf, ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    start: int
    end: int
    depth: int
    default_type: str
    alternative: int


def head_end(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Find where a header block ends and where the body after it begins."""
    if raw.startswith(b"\n", start):
        return start, min(start + 1, end)
    if raw.startswith(b"\r\n", start):
        return start, min(start + 2, end)
    limit = min(end, start + HEAD_BYTES)
    match = _HEAD_END.search(raw, start, limit)
    if match:
        return match.start() + 1, match.end()
    cut = limit if limit == end else raw.rfind(b"\n", start, limit) + 1 or limit
    return cut, cut


def head(raw: bytes, start: int, end: int) -> bytes:
    """Cut out a header block, with LF line ends."""
    block = raw[start:end]
    return block.replace(b"\r\n", b"\n").replace(b"\r", b" ") if b"\r" in block else block


def walk(raw: bytes, top: headers.Block, body_start: int, limits: Limits) -> Tree:
    """List the leaves of a mail.

    Args:
        raw: the mail.
        top: its header block, read before.
        body_start: where its body begins.
        limits: parts and depth walked; what lies beyond stays in the raw bytes.

    Defects: `too_many_parts`, `too_deep`, `no_boundary` (a multipart that names none, or none
    that occurs: read as text), `unclosed_boundary`, `bad_content_type`.
    Never raises. Time grows with size times depth at worst, both capped. Source: RFC 2046 §5.1.
    """
    walker = _Walker(raw, limits)
    walker.open(top, _Node(body_start, len(raw), 0, "text/plain", 0))
    while walker.waiting and walker.seen < limits.max_parts:
        node = walker.waiting.pop()
        stop, start = head_end(raw, node.start, node.end)
        block = headers.block(head(raw, node.start, stop), _PART_FIELDS)
        if not block.names:  # text right after the boundary
            start = node.start
        inner = _Node(start, node.end, node.depth, node.default_type, node.alternative)
        walker.open(block, inner)
    if walker.waiting:
        walker.defects.add("too_many_parts")
    return Tree(tuple(walker.leaves), tuple(sorted(walker.defects)))


def media(value: bytes, default: str = "") -> Media:
    """Read a Content-Type or Content-Disposition, with RFC 2231 and RFC 2047 parameters."""
    first, _, rest = headers.raw_text(value).partition(";")
    name, *stray = first.split(None, 1) or [""]  # `text/plain charset=utf-8`, without the `;`
    params = _params(";".join(("", *stray, rest))) if stray or rest else {}
    return Media(headers.clean_line(name).lower() or default, params)


def content(raw: bytes, leaf: Leaf) -> tuple[bytes, bool]:
    """Undo a leaf's transfer encoding; False when it is broken or unknown. Never raises."""
    data = raw[leaf.start : leaf.end]
    if leaf.encoding == "base64":
        try:
            return binascii.a2b_base64(data), True
        except binascii.Error:
            return headers.base64(data), False
    if leaf.encoding == "quoted-printable":
        return binascii.a2b_qp(data), True
    return data, leaf.encoding in {"", "7bit", "8bit", "binary"}


def decoded_size(raw: bytes, leaf: Leaf) -> int:
    """Tell how large a leaf is once decoded, without decoding it; exact for base64 and binary."""
    size = leaf.end - leaf.start
    if leaf.encoding != "base64":
        return size
    breaks = raw.count(b"\n", leaf.start, leaf.end) + raw.count(b"\r", leaf.start, leaf.end)
    return (size - breaks) * 3 // 4


class _Walker:
    """What is left to visit, as a stack: nesting costs memory on the heap, not frames."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.waiting: list[_Node] = []
        self.leaves: list[Leaf] = []
        self.defects: set[str] = set()
        self.seen = 0

    def open(self, block: headers.Block, node: _Node) -> None:
        """Take one part: put its children on the stack, or keep it as a leaf."""
        self.seen += 1
        first = dict(reversed(block.fields))
        kind = media(first.get("content-type", b""), node.default_type)
        main, _, sub = kind.value.partition("/")
        if not _TYPE.fullmatch(kind.value):
            self.defects.add("bad_content_type")
            kind, main = Media("text/plain" if not sub else "application/octet-stream", {}), ""
        if main == "multipart" and self._split(kind, node):
            return
        if main == "multipart":
            kind = Media("text/plain", kind.params)
        self._leaf(kind, first, node)

    def _split(self, kind: Media, node: _Node) -> bool:
        """Push the children of a multipart; False when it has none."""
        boundary = kind.params.get("boundary", "").rstrip()
        if node.depth >= self.limits.max_depth:
            self.defects.add("too_deep")
            return True
        spans = self._spans(boundary.encode("utf-8", "replace"), node) if boundary else []
        if not spans:
            self.defects.add("no_boundary")
            return False
        alternative = node.alternative
        if kind.value == "multipart/alternative" and not alternative:
            alternative = self.seen
        default = "message/rfc822" if kind.value == "multipart/digest" else "text/plain"
        self.waiting.extend(
            _Node(start, end, node.depth + 1, default, alternative)
            for start, end in reversed(spans)
        )
        return True

    def _spans(self, boundary: bytes, node: _Node) -> list[tuple[int, int]]:
        """Bound the parts between the boundary lines; at most as many as may still be read."""
        raw, mark = self.raw, b"\n--" + boundary
        room = self.limits.max_parts - self.seen + 2
        spans: list[tuple[int, int]] = []
        opened = -1
        position = max(node.start - 1, 0)
        while len(spans) < room:
            found = raw.find(mark, position, node.end)
            if found < 0:
                break
            position = found + len(mark)
            line = _BOUNDARY_LINE.match(raw, position, node.end)
            if line is None:
                continue  # another, longer boundary, or text that looks like one
            if opened >= 0:
                stop = found - 1 if raw[found - 1 : found] == b"\r" else found
                spans.append((opened, max(stop, opened)))
            opened = line.end()
            position = max(opened - 1, position)
            if line[1]:
                return spans
        if opened >= 0 and len(spans) < room:
            self.defects.add("unclosed_boundary")
            spans.append((opened, node.end))
        return spans

    def _leaf(self, kind: Media, first: dict[str, bytes], node: _Node) -> None:
        place = media(first.get("content-disposition", b""))
        encoding = headers.raw_text(first.get("content-transfer-encoding", b""))
        self.leaves.append(
            Leaf(
                media_type=kind.value,
                params=kind.params,
                disposition=place.value,
                file_name=place.params.get("filename") or kind.params.get("name", ""),
                encoding=encoding.partition(";")[0].strip().lower(),
                start=node.start,
                end=node.end,
                alternative=node.alternative,
            )
        )


def _params(text: str) -> dict[str, str]:
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAM.finditer(text):
        name, value = match[1].lower(), match[2].strip()
        if value.startswith('"'):
            value = _ESCAPED.sub(r"\1", value[1:-1] if value.endswith('"') else value[1:])
        continued = _CONTINUED.fullmatch(name)
        if continued:
            pieces.setdefault(continued[1], {})[int(continued[2])] = (value, bool(continued[3]))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], {})[0] = (value, True)
        else:
            plain.setdefault(name, headers.text(value))
    for name, numbered in pieces.items():
        plain[name] = _extended(numbered)
    return plain


def _extended(numbered: dict[int, tuple[str, bool]]) -> str:
    """Join the pieces of a parameter and decode it (RFC 2231 §3, §4)."""
    charset = ""
    data = b""
    for number in sorted(numbered):
        value, encoded = numbered[number]
        if encoded and number == min(numbered) and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        piece = value.encode("utf-8", "replace")
        data += _percent(piece) if encoded else piece
    return headers.clean_line(headers.decode(data, charset)[0])


def _percent(data: bytes) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes((int(m[1], 16),)), data)
