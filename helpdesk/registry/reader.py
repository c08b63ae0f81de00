"""Read a registry file row by row: CSV as offices export it, packed or not."""

import csv
import datetime as dt
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import IO, NamedTuple, Protocol, Self

from helpdesk.errors import InvalidError

COLUMNS = (
    "kpj",
    "nik",
    "full_name",
    "birth_place",
    "birth_date",
    "mother_name",
    "employer",
    "segment",
    "status",
)

_MAX_LINE_BYTES = 1 << 20  # a file without line ends is not read into memory whole
_MAX_FIELD_CHARS = 200  # an Indonesian ID card holds 60 for a name
_KPJ = re.compile(r"[0-9]{11}", re.ASCII)
_UNWANTED = re.compile(r"[\x00-\x1f\x7f]+")
_DATE_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T]00:00.*)?", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII),
)


class _Reader(Protocol):
    """What `csv.reader` returns."""

    line_num: int

    def __next__(self) -> list[str]: ...


class Row(NamedTuple):
    """One usable row; `birth_day` is the ordinal of the birth date, None when it is empty."""

    kpj: str
    nik: str
    full_name: str
    birth_place: str
    birth_day: int | None
    mother_name: str
    employer: str
    segment: str
    status: str


class BadRow(NamedTuple):
    """One row that cannot be used, where it ends in the file, and why as a code."""

    line: int
    reason: str
    fields: tuple[str, ...]


class RegistryFile:
    """The rows of one file, to be iterated once.

    Knows gzip by its first bytes, comma, semicolon or tab by the header, UTF-8 (with or without
    BOM) and Latin-1 by each line. Raises `InvalidError` when it is no such file.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._raw = path.open("rb")
            self.total_bytes = path.stat().st_size
        except OSError as error:
            msg = f"cannot read {path}: {error.strerror}"
            raise InvalidError(msg) from error
        packed = self._raw.read(2) == b"\x1f\x8b"
        self._raw.seek(0)
        self._lines: IO[bytes] = gzip.GzipFile(fileobj=self._raw) if packed else self._raw  # type: ignore[assignment]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._raw.close()

    def read_bytes(self) -> int:
        """Return how much of the file on disk has been read."""
        return self._raw.tell()

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Yield the rows in order, bad ones too.

        Raises:
            InvalidError: a column is missing, or the file ends in the middle.
        """
        lines = self._text_lines()
        header = next(lines, "")
        if not header:
            msg = "the file is empty; nothing was changed"
            raise InvalidError(msg)
        delimiter = max(",;\t", key=header.count)
        names = [name.strip().strip('"').lower() for name in header.split(delimiter)]
        if absent := [name for name in COLUMNS if name not in names]:
            msg = f"the header lacks {', '.join(absent)}; expected {','.join(COLUMNS)}"
            raise InvalidError(msg)
        pick = itemgetter(*(names.index(name) for name in COLUMNS))
        reader = csv.reader(lines, delimiter=delimiter)
        return self._rows(reader, len(names), pick)

    def _rows(
        self, reader: _Reader, width: int, pick: Callable[[list[str]], tuple[str, ...]]
    ) -> Iterator[Row | BadRow]:
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield BadRow(reader.line_num + 1, "unreadable", ())
                continue
            if len(fields) == width:
                yield _row(pick(fields), reader.line_num + 1)
            elif fields:
                yield BadRow(reader.line_num + 1, "wrong_number_of_fields", tuple(fields))

    def _text_lines(self) -> Iterator[str]:
        first = True
        while True:
            try:
                line = self._lines.readline(_MAX_LINE_BYTES)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                msg = "the packed file is damaged or ends in the middle; rows before that are in"
                raise InvalidError(msg) from error
            if not line:
                return
            if first and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                msg = "the file is in UTF-16; save it as CSV in UTF-8"
                raise InvalidError(msg)
            yield _decode(line).lstrip("\ufeff") if first else _decode(line)
            first = False


def birth_day(text: str) -> int | None:
    """Return the ordinal of YYYY-MM-DD or dd-mm-yyyy (also with / or .); None if it is no date."""
    if len(text) == 10 and text[4] == text[7] == "-":  # nearly every one: four times as fast
        try:
            return dt.date.fromisoformat(text).toordinal()
        except ValueError:
            return None
    for form in _DATE_FORMS:
        if found := form.fullmatch(text):
            parts = {name: int(value) for name, value in found.groupdict().items()}
            try:
                return dt.date(**parts).toordinal()
            except ValueError:
                return None
    return None


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _row(fields: tuple[str, ...], line: int) -> Row | BadRow:
    kpj, nik, name, place, date, mother, employer, segment, status = map(_clean, fields)
    day = birth_day(date) if date else None
    if not _KPJ.fullmatch(kpj):
        return BadRow(line, "kpj_not_eleven_digits", fields)
    if not name:
        return BadRow(line, "full_name_missing", fields)
    if date and day is None:
        return BadRow(line, "birth_date_malformed", fields)
    if max(map(len, fields)) > _MAX_FIELD_CHARS:
        return BadRow(line, "field_too_long", fields)
    return Row(kpj, nik, name, place, day, mother, employer, segment, status)


def _clean(field: str) -> str:
    return field.strip() if field.isprintable() else _UNWANTED.sub(" ", field).strip()
