"""Mail in files: .eml, mbox, Maildir and folders of them, one message at a time."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from helpdesk.blobs import BlobStore
from helpdesk.errors import InvalidError
from helpdesk.ingest.storing import ToStore

_MAX_BYTES = 100 << 20  # of a longer message only the first megabyte is kept
_KEPT_BYTES = 1 << 20
_LINE_BYTES = 1 << 16
_SNIFFED_BYTES = 4_096

# RFC 4155: `From `, an address, and a date as asctime writes it. Without the date half of the
# letters would break where somebody starts a sentence with "From".
_SEPARATOR = re.compile(
    rb"From \S*.{0,200}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{0,60}\d{4}.{0,40}\r?\n?$"
)
_QUOTED_FROM = re.compile(rb">+From ")
_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One message: where it lay, and its bytes, or their beginning if it is too large.

    `received_at` is when a Maildir took it in; other files do not know.
    """

    path: Path
    number: int  # within an mbox, from 1
    content: bytes
    full_size_bytes: int
    received_at: dt.datetime | None = None


def read(path: Path) -> Iterator[FoundFile]:
    """Read every message under a path.

    A folder is read as a Maildir if it has `cur` or `new`, else every file in it, in order of
    name; hidden files and files that hold no mail are passed over there.

    Raises:
        InvalidError: there is nothing there, it cannot be read, or a file named is not mail.
    """
    try:
        if path.is_dir():
            yield from _read_folder(path)
        else:
            yield from _read_file(path)
    except FileNotFoundError as error:
        msg = "there is no such file or folder"
        raise InvalidError(msg) from error
    except OSError as error:
        msg = f"cannot be read: {error.strerror}"
        raise InvalidError(msg) from error


def to_store(found: FoundFile, blobs: BlobStore, now: dt.datetime) -> ToStore:
    """Make a message ready for `service.store`, under the mailbox `service.FILES`."""
    return ToStore(blobs.prepare(found.content), found.full_size_bytes, found.received_at or now)


def _read_folder(path: Path) -> Iterator[FoundFile]:
    parts = [path / name for name in ("cur", "new") if (path / name).is_dir()]
    for folder in parts or [path]:
        for file in sorted(folder.iterdir()):
            if file.name.startswith(".") or (parts and not file.is_file()):
                continue
            if parts:
                taken_in = dt.datetime.fromtimestamp(file.stat().st_mtime, tz=dt.UTC)
                yield from _read_eml(file, taken_in)
            elif file.is_dir():
                yield from _read_folder(file)
            elif _kind(file) is not None:
                yield from _read_file(file)


def _read_file(path: Path) -> Iterator[FoundFile]:
    kind = _kind(path)
    if kind is None:
        msg = "this is not mail; expected .eml, mbox or Maildir"
        raise InvalidError(msg)
    yield from _read_mbox(path) if kind == "mbox" else _read_eml(path)


def _kind(path: Path) -> str | None:
    """Tell by its first bytes whether a file is an `mbox`, an `eml` or neither."""
    with path.open("rb") as file:
        start = file.read(_SNIFFED_BYTES)
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    first = start.split(b"\n", 1)[0]
    if first.startswith(b"From ") and _SEPARATOR.match(first):
        return "mbox"
    if path.suffix.lower() in {".eml", ".mail"}:  # by its name, however damaged it is
        return "eml"
    if path.suffix.lower() in {".mbox", ".mbx"}:
        return "mbox"
    if _FIELD.match(first) or first.startswith(b"From "):
        return "eml"
    return None


def _read_eml(path: Path, received_at: dt.datetime | None = None) -> Iterator[FoundFile]:
    size = path.stat().st_size
    with path.open("rb") as file:
        content = file.read(size if size <= _MAX_BYTES else _KEPT_BYTES)
    yield FoundFile(path, 1, content, max(size, len(content)), received_at)


def _read_mbox(path: Path) -> Iterator[FoundFile]:
    with path.open("rb") as file:
        for number, (content, size) in enumerate(_split(file), start=1):
            yield FoundFile(path, number, content, size)


def _split(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Split an mbox at its separators; yields each message, perhaps cut, and its full size."""
    message: _Message | None = None
    after_blank = True
    whole_line = True  # the piece before ended its line
    while piece := file.readline(_LINE_BYTES):
        if whole_line and after_blank and piece.startswith(b"From ") and _SEPARATOR.match(piece):
            if message is not None:
                yield message.done()
            message = _Message()
        elif message is not None:
            message.add(piece, starts_line=whole_line)
        elif piece.strip(b"\xef\xbb\xbf\r\n"):  # an mbox without its first separator
            message = _Message()
            message.add(piece, starts_line=True)
        after_blank = whole_line and piece in {b"\n", b"\r\n"}
        whole_line = piece.endswith(b"\n")
    if message is not None:
        yield message.done()


class _Message:
    """The lines of one message of an mbox, of which too many are only counted."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._size = 0

    def add(self, piece: bytes, *, starts_line: bool) -> None:
        # mboxrd quotes every From line with one more `>`, mboxo only the bare ones: taking one
        # away is right for the first and for what the second quoted.
        if starts_line and piece.startswith(b">") and _QUOTED_FROM.match(piece):
            piece = piece[1:]
        self._size += len(piece)
        if self._size <= _MAX_BYTES:
            self._content += piece
        else:
            del self._content[_KEPT_BYTES:]

    def done(self) -> tuple[bytes, int]:
        """Return the message without the blank line that ends it in the mbox, and its size."""
        content = bytes(self._content)
        if self._size > _MAX_BYTES:
            return content[:_KEPT_BYTES], self._size
        for end in (b"\r\n", b"\n"):
            if content.endswith(end * 2):
                content = content.removesuffix(end)
                break
        return content, len(content)
