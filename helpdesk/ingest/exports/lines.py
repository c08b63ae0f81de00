"""Lines of a text member, whatever its encoding and however long, in bounded memory."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_LINE_BYTES = 256 << 10  # the rest of a longer line is passed over

_BLOCK_BYTES = 64 << 10
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_BOMS = (
    (codecs.BOM_UTF8, ""),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Line(NamedTuple):
    """One line without its end.

    `cut` if it was longer than is read, `bad` if bytes of it are in no encoding, `ended` if a
    line end follows.
    """

    text: str
    cut: bool
    bad: bool
    ended: bool


def lines(file: BinaryIO, *, max_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Yield the lines of a file: LF or CRLF, UTF-8 or UTF-16, with a byte order mark or without.

    A line that is no UTF-8 is read as Windows-1252, if no other character of it is UTF-8 (else it
    is a damaged one, and what cannot be read becomes U+FFFD). Control characters are left out.
    """
    rest, cut = b"", False
    for block in _utf8_blocks(file):
        *whole, last = block.split(b"\n")
        for piece in whole:
            yield _line(rest + piece if rest else piece, max_bytes, cut=cut, ended=True)
            rest, cut = b"", False
        if not cut:
            rest += last
            cut = len(rest) > max_bytes
            rest = rest[:max_bytes]
    if rest:
        yield _line(rest, max_bytes, cut=cut, ended=False)


def clean(text: str) -> str:
    """Leave out what no database keeps: control characters other than tab and line end."""
    return _UNSTORABLE.sub("", text)


def _line(raw: bytes, max_bytes: int, *, cut: bool, ended: bool) -> Line:
    if len(raw) > max_bytes:
        raw, cut = raw[:max_bytes], True
    if raw.endswith(b"\r"):
        raw = raw[:-1]
    try:
        # The last character of a cut line may be cut itself.
        text, bad = codecs.utf_8_decode(raw, "strict", not cut)[0], False
    except UnicodeDecodeError:
        text, bad = _decoded(raw)
    return Line(text if text.isprintable() else _UNSTORABLE.sub("", text), cut, bad, ended)


def _decoded(raw: bytes) -> tuple[str, bool]:
    """Decode what is no UTF-8; a byte that stands for no character is the sign of damage."""
    damaged = raw.decode("utf-8", "replace")
    if any(char > "\x7f" and char != "\ufffd" for char in damaged):
        return damaged, True
    try:
        return raw.decode("cp1252"), False
    except UnicodeDecodeError:
        return damaged, True


def _utf8_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file's bytes as UTF-8, without a byte order mark."""
    head = _head(file)
    encoding = _utf16_by_its_zeros(head)
    for bom, named in _BOMS:
        if head.startswith(bom):
            head, encoding = head[len(bom) :], named
            break
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
    block = head
    while block:
        yield decoder.decode(block).encode() if decoder else block
        block = file.read(_BLOCK_BYTES)
    if decoder:
        yield decoder.decode(b"", final=True).encode()


def _head(file: BinaryIO) -> bytes:
    """Read enough to see a byte order mark; a file may hand out its bytes one by one."""
    head = file.read(_BLOCK_BYTES)
    while 0 < len(head) < 64 and (more := file.read(_BLOCK_BYTES)):
        head += more
    return head


def _utf16_by_its_zeros(head: bytes) -> str:
    """Tell UTF-16 without its mark: every second byte of Latin text is zero."""
    start = head[:64]
    if len(start) < 8 or start.count(0) * 3 < len(start):
        return ""
    return "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be"
