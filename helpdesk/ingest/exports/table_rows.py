"""Rows of our own CSV or JSON-lines form, one at a time, by the names of their columns."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, TypeAlias

import msgspec

from helpdesk.i18n import mark
from helpdesk.ingest.exports.lines import Line, clean, lines
from helpdesk.ingest.exports.types import ExportError, Skipped

REQUIRED = ("thread", "sent_at")
COLUMNS = (
    *REQUIRED,
    *("text", "direction", "sender", "sender_name", "message_id", "channel", "handle", "phone"),
    *("platform_id", "title", "event", "files", "edited"),
)
MAX_ROW_CHARS = 256 << 10


Row: TypeAlias = Mapping[str, str | tuple[str, ...]]

_ALL = ", ".join(COLUMNS)
_DELIMITERS = (",", ";", "\t")
_MAX_WORD_CHARS = 40  # of a column's name, when it is quoted
_NO_HEADER = mark(
    "The first line of this table does not name its columns. The columns are: %(columns)s."
)
_UNKNOWN = mark("This table has columns that are not known: %(words)s. Known are: %(columns)s.")
_MISSING = mark("This table has no column “%(word)s”, which every row needs.")
_TWICE = mark("This table has the column “%(word)s” twice.")
_CUT_OFF = mark("This table is cut off in its last row. Copy or export it again.")
_EMPTY = mark("This table is empty.")
_ARRAY = mark("This is one JSON array. Write JSON lines instead: one object on each line.")
_NO_NAME = re.compile(r"[0-9]{5}|@")  # of a column: somebody's number or address
_OBJECT = msgspec.json.Decoder(dict[str, str | int | bool | list[str] | None])


def rows(file: BinaryIO) -> Iterator[Row | Skipped]:
    """Yield a table's rows: JSON lines if the first begins with a brace, else CSV.

    A row that cannot be read is a `Skipped`: `bad_row` or `row_too_long` (over 256 kB; a cell of
    CSV may have 128 kB).

    Raises:
        ExportError: a column is unknown, missing or named twice, or the file is cut off.
    """
    found = lines(file)
    for first in found:
        start = first.text.strip()
        if start:
            break
    else:
        raise ExportError(_EMPTY)
    if start.startswith("["):
        raise ExportError(_ARRAY)
    if start.startswith("{"):
        yield from _objects(first, found)
    else:
        yield from _cells(first, found)


def _objects(first: Line, others: Iterator[Line]) -> Iterator[Row | Skipped]:
    line: Line | None = first
    while line is not None:
        if line.cut:
            yield Skipped("row_too_long", defective=True)
        elif line.text.strip():
            yield _object(line)
        line = next(others, None)


def _object(line: Line) -> Row | Skipped:
    try:
        values = _OBJECT.decode(line.text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        if not line.ended and not line.text.rstrip().endswith("}"):
            raise ExportError(_CUT_OFF) from None  # its cause would quote what somebody wrote
        return Skipped("bad_row", defective=True)
    if unknown := [name for name in values if name not in COLUMNS]:
        raise _unknown(unknown)
    return {name: _value(value) for name, value in values.items() if value is not None}


def _value(value: str | int | list[str] | None) -> str | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(clean(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(str(value))


class _TooLongError(Exception):
    """A row goes on and on; raised through `csv.reader`, which has no limit of its own."""


class _Feed:
    """Lines for `csv.reader`, which asks for as many as a row has."""

    def __init__(self, found: Iterator[Line]) -> None:
        self._found = found
        self.chars = 0  # of the row that is being read
        self.ended = True  # whether the last line had an end
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._found, None)
        if line is None:
            self.exhausted = True
            raise StopIteration
        self.ended = line.ended
        self.chars += len(line.text) + 1
        if line.cut or self.chars > MAX_ROW_CHARS:
            raise _TooLongError
        return line.text + "\n"


def _cells(first: Line, others: Iterator[Line]) -> Iterator[Row | Skipped]:
    delimiter, names = _header(first.text)
    feed = _Feed(others)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)  # begins anew after an error
    while True:
        feed.chars = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _TooLongError:
            yield Skipped("row_too_long", defective=True)
        except csv.Error:
            if feed.exhausted:
                raise ExportError(_CUT_OFF) from None
            yield Skipped("bad_row", defective=True)
        else:
            if any(cells):
                yield _row(names, cells, feed)


def _row(names: list[str], cells: list[str], feed: _Feed) -> Row | Skipped:
    if len(cells) == len(names):
        return dict(zip(names, cells, strict=True))
    if not feed.ended and len(cells) < len(names):
        raise ExportError(_CUT_OFF)
    return Skipped("bad_row", defective=True)


def _header(line: str) -> tuple[str, list[str]]:
    """Return what separates the columns, and their names."""
    read = {one: _words(line, one) for one in _DELIMITERS}
    known = {one: len(set(words) & set(COLUMNS)) for one, words in read.items()}
    best = max(_DELIMITERS, key=known.__getitem__)
    words = read[best]
    # Words of a line that is no header are what somebody wrote: they are not quoted.
    if not known[best] or (known[best] < 2 and len(words) > 2):
        raise ExportError(_NO_HEADER, columns=_ALL)
    if unknown := [word for word in words if word not in COLUMNS]:
        raise _unknown(unknown)
    if missing := [name for name in REQUIRED if name not in words]:
        raise ExportError(_MISSING, word=missing[0])
    if twice := [name for name in COLUMNS if words.count(name) > 1]:
        raise ExportError(_TWICE, word=twice[0])
    return best, words


def _words(line: str, delimiter: str) -> list[str]:
    try:
        found = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
    return [word.strip().casefold() for word in found]


def _unknown(words: Sequence[str]) -> ExportError:
    told = ("…" if _NO_NAME.search(word) else word[:_MAX_WORD_CHARS] for word in words[:3])
    named = ", ".join(f"“{word}”" for word in told)
    return ExportError(_UNKNOWN, words=named, columns=_ALL)
