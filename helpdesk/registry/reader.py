"""Read a registry file block by block: CSV as offices export it, packed or not, and Parquet.

The file is cut into blocks of whole rows, which can then be read apart from each other.
"""

import csv
import datetime as dt
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

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
CHANGE = "change"  # a column that may be there
BLOCK_BYTES = 4 << 20  # a second of work: what a killed import does again

_MAX_HEADER_BYTES = 1 << 16
_MAX_QUOTED_BYTES = 1 << 16  # so far the end of a quoted field is looked for
_MAX_FIELD_CHARS = 200  # an Indonesian ID card holds 60 for a name
_PARQUET_ROWS = 20_000
_UNWANTED = re.compile(r"[\x00-\x1f\x7f]+")
_SPECIAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\"]")  # or quotes, which may hold line ends
_DATE_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T]00:00.*)?", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII),
)
_CHANGES = {"": False, "upsert": False, "ubah": False, "tambah": False} | dict.fromkeys(
    ("withdraw", "hapus", "tarik"), True
)
_OTHER_KINDS = (
    (b"PK\x03\x04", "the file is an Excel workbook or a zip; save the table as CSV in UTF-8"),
    (b"\xd0\xcf\x11\xe0", "the file is an old Excel workbook; save the table as CSV in UTF-8"),
    (b"\xff\xfe", "the file is in UTF-16; save it as CSV in UTF-8"),
    (b"\xfe\xff", "the file is in UTF-16; save it as CSV in UTF-8"),
    (b"%PDF", "the file is a PDF; export the table as CSV in UTF-8"),
    (b"<", "the file is a web page or XML, not a table; export the table as CSV in UTF-8"),
)


class Row(NamedTuple):
    """One usable row; `birth_day` is the ordinal of the birth date, None when it is empty.

    Of a withdrawn one only the KPJ counts.
    """

    kpj: str
    nik: str
    full_name: str
    birth_place: str
    birth_day: int | None
    mother_name: str
    employer: str
    segment: str
    status: str
    withdrawn: bool = False


class BadRow(NamedTuple):
    """One row that cannot be used, where it ends in the file, and why as a code."""

    line: int
    reason: str
    fields: tuple[str, ...]


class Table(NamedTuple):
    """How the rows of a file are written: `picks` is where each of our columns stands."""

    delimiter: str
    width: int
    picks: tuple[int, ...]
    change: int | None


class Block(NamedTuple):
    """Some whole rows, as bytes of CSV or already apart; `line` is how many lines come before."""

    line: int
    content: bytes | list[tuple[str, ...]]


class RegistryFile:
    """The blocks of one file, to be iterated once.

    Knows gzip and Parquet by their first bytes, comma, semicolon or tab by the header, UTF-8 (with
    or without BOM) and Latin-1 by each line. Raises `InvalidError` when it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._raw = path.open("rb")
            self.total_bytes = path.stat().st_size
            start = self._raw.read(4)
        except OSError as error:
            msg = f"cannot read {path}: {error.strerror}"
            raise InvalidError(msg) from error
        self._raw.seek(0)
        self._parquet = start == b"PAR1"
        self._done_bytes = 0
        packed = start.startswith(b"\x1f\x8b")
        self._lines: IO[bytes] = gzip.GzipFile(fileobj=self._raw) if packed else self._raw  # type: ignore[assignment]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._raw.close()

    def read_bytes(self) -> int:
        """Return how much of the file on disk has been read."""
        return self._done_bytes if self._parquet else self._raw.tell()

    def check(self) -> None:
        """Refuse at once what is no such table.

        Raises:
            InvalidError: a column is missing, there is no row, it is a file of another kind.
        """
        with RegistryFile(self._path) as probe:
            _, blocks = probe.open()
            if next(blocks, None) is None:
                msg = "the file has a header and no rows; nothing was changed"
                raise InvalidError(msg)

    def open(self) -> tuple[Table, Iterator[Block]]:
        """Return how rows are written and the blocks of all, in order.

        Raises:
            InvalidError: at once for a column that is missing, while iterating for a file that
                ends in the middle.
        """
        if self._parquet:
            return self._open_parquet()
        header = self._read(_MAX_HEADER_BYTES)
        for start, what in _OTHER_KINDS:
            if header.lstrip().startswith(start):
                raise InvalidError(what)
        first, end, rest = header.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
        text = _decode(first)
        if not text.strip():
            msg = "the file is empty; nothing was changed"
            raise InvalidError(msg)
        delimiter = max(",;\t", key=text.count)
        names = [name.strip().strip('"').strip().lower() for name in text.split(delimiter)]
        return _table(names, delimiter), self._blocks(rest if end else b"")

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Yield the rows in order, bad ones too."""
        table, blocks = self.open()
        for block in blocks:
            yield from rows(table, block)

    def _blocks(self, start: bytes) -> Iterator[Block]:
        line, left = 1, start
        while data := self._read(BLOCK_BYTES):
            content, left = _cut(left + data)
            if content:
                yield Block(line, content)
                line += content.count(b"\n")
        if left:
            yield Block(line, left)

    def _read(self, size: int) -> bytes:
        try:
            return self._lines.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            msg = "the packed file is damaged or ends in the middle; nothing was changed"
            raise InvalidError(msg) from error
        except OSError as error:
            msg = f"cannot read {self._path}: {error.strerror}"
            raise InvalidError(msg) from error

    def _open_parquet(self) -> tuple[Table, Iterator[Block]]:
        import duckdb  # noqa: PLC0415 - a second to load, for Parquet only

        try:
            names = [
                str(row[0]).lower()
                for row in duckdb.execute(
                    "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(?))",
                    [str(self._path)],
                ).fetchall()
            ]
        except duckdb.Error as error:
            msg = "the Parquet file is damaged or ends in the middle; nothing was changed"
            raise InvalidError(msg) from error
        return _table(names, ","), self._parquet_blocks(names)

    def _parquet_blocks(self, names: list[str]) -> Iterator[Block]:
        import duckdb  # noqa: PLC0415

        listed = ", ".join(f"coalesce(CAST(#{at + 1} AS VARCHAR), '')" for at in range(len(names)))
        try:
            with duckdb.connect(config={"memory_limit": "256MB", "threads": 1}) as reader:
                source = [str(self._path)]
                counted = reader.execute("SELECT count(*) FROM read_parquet(?)", source).fetchone()
                total = counted[0] if counted else 0
                reader.execute(f"SELECT {listed} FROM read_parquet(?)", source)  # noqa: S608 - positions
                done = 0
                while found := reader.fetchmany(_PARQUET_ROWS):
                    yield Block(done, found)
                    done += len(found)
                    self._done_bytes = self.total_bytes * done // total
        except duckdb.Error as error:
            msg = "the Parquet file is damaged; nothing was changed"
            raise InvalidError(msg) from error


def rows(table: Table, block: Block) -> Iterator[Row | BadRow]:
    """Yield the rows of one block, bad ones too; never raises."""
    pick = itemgetter(*table.picks)
    if isinstance(block.content, list):
        for number, fields in enumerate(block.content, block.line + 1):
            yield _row(map(_clean, pick(fields)), number, _change(table, fields))
        return
    text = _text(block.content)
    # Nearly every block is plain, and to say so of all its fields at once is far quicker.
    tabbed = "\t" in text and table.delimiter != "\t"
    clean = _clean if tabbed or _SPECIAL.search(text) else str.strip
    change = "" if table.change is None else None
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=table.delimiter)
    while True:
        try:
            for found in reader:
                if len(found) == table.width:
                    yield _row(
                        map(clean, pick(found)),
                        block.line + reader.line_num,
                        _change(table, found) if change is None else change,
                    )
                elif found:
                    line = block.line + reader.line_num
                    yield BadRow(line, "wrong_number_of_fields", tuple(found))
        except csv.Error:
            yield BadRow(block.line + reader.line_num, "unreadable", ())
            continue
        return


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


def _table(names: list[str], delimiter: str) -> Table:
    if absent := [name for name in COLUMNS if name not in names]:
        msg = f"the header lacks {', '.join(absent)}; expected {','.join(COLUMNS)}"
        raise InvalidError(msg)
    if twice := [name for name in (*COLUMNS, CHANGE) if names.count(name) > 1]:
        msg = f"the header has {', '.join(twice)} more than once; which one counts cannot be known"
        raise InvalidError(msg)
    picks = tuple(names.index(name) for name in COLUMNS)
    return Table(delimiter, len(names), picks, names.index(CHANGE) if CHANGE in names else None)


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Part what ends with a whole row from the rest; without a line end all of it is a block.

    A line end between quotes is none. Where quotes do not come in pairs for long, somebody wrote
    one inside a name, and lines are what counts.
    """
    end = last = data.rfind(b"\n") + 1
    if not end:
        return (data, b"") if len(data) >= max(BLOCK_BYTES, _MAX_QUOTED_BYTES) else (b"", data)
    quotes = data.count(b'"', 0, end)
    while end and quotes % 2:
        before = data.rfind(b"\n", max(0, last - _MAX_QUOTED_BYTES), end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    if not end and last > _MAX_QUOTED_BYTES:
        end = last
    return data[:end], data[end:]


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "\n".join(map(_decode, content.split(b"\n")))


def _decode(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _change(table: Table, fields: Any) -> str:  # noqa: ANN401 - a list or a tuple of text
    return "" if table.change is None else fields[table.change].strip().lower()


def _row(fields: Iterable[str], line: int, change: str) -> Row | BadRow:
    kpj, nik, name, place, date, mother, employer, segment, status = cleaned = tuple(fields)
    withdrawn = _CHANGES.get(change)
    day = birth_day(date) if date else None
    if len(kpj) != 11 or not (kpj.isascii() and kpj.isdecimal()):
        reason = "kpj_not_eleven_digits"
    elif withdrawn is None:
        reason = "change_unknown"
    elif withdrawn:
        return Row(kpj, "", "", "", None, "", "", "", "", withdrawn=True)
    elif not name:
        reason = "full_name_missing"
    elif date and day is None:
        reason = "birth_date_malformed"
    elif sum(map(len, cleaned)) > _MAX_FIELD_CHARS < max(map(len, cleaned)):
        reason = "field_too_long"
    else:
        return Row(kpj, nik, name, place, day, mother, employer, segment, status)
    return BadRow(line, reason, cleaned)


def _clean(field: str) -> str:
    return field.strip() if field.isprintable() else _UNWANTED.sub(" ", field).strip()
