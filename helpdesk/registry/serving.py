"""Read the generation of the registry that serves: by bucket, by person, by KPJ; never a scan.

On PostgreSQL a generation is a schema of the same database. On SQLite it is a file beside the
database, opened read-only by one connection a thread. Asked for every claim, so it goes past the
ORM: some microseconds a question on SQLite, one round trip on PostgreSQL.
"""

import datetime as dt
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from psycopg.errors import InvalidSchemaName, UndefinedTable
from psycopg.types.numeric import Int4, Int8
from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from helpdesk.errors import TransientError
from helpdesk.registry.layout import Layout
from helpdesk.registry.models import GenerationState, RegistryImport

_COLUMNS = (
    "r.kpj, r.nik, r.full_name, r.birth_place, r.birth_day, "
    "r.mother_name, r.employer, r.segment, r.status"
)
_WRITTEN_OUT = 16  # values of a list that PostgreSQL is told one by one
_MARKS = 256  # values one statement of SQLite takes; more are asked for in several
_SHORT = 8  # up to so many values, a list of every length is a statement of its own
_COUNTS_KEPT = 100_000
_MAPPED_BYTES = 1 << 40  # of the file, all: pages are read where the system keeps them


class GenerationGoneError(TransientError):
    """The registry was replaced, and this generation of it dropped, while it was to be read."""

    def __init__(self) -> None:
        super().__init__("the registry was replaced meanwhile; try again")


class Found(NamedTuple):
    """One record and whose it is: the number of that person's first record.

    `kpj` is 11 digits, `nik` as the registry has it, `birth_day` an ordinal; "" is not recorded.
    """

    person: int
    kpj: str
    nik: str
    full_name: str
    birth_place: str
    birth_day: int | None
    mother_name: str
    employer: str
    segment: str
    status: str


class Generation(NamedTuple):
    """Which import serves, and how its records are laid out."""

    id: int
    layout: Layout
    rows: int
    persons: int
    key_version: int
    served_at: dt.datetime | None


class Reader(Protocol):
    """One generation, open for reading."""

    generation: Generation

    def look(
        self, buckets: Collection[int], terms: Collection[int]
    ) -> tuple[dict[int, bytes], dict[int, int]]:
        """Return the entries of buckets, packed as `layout.ENTRY`, and how many have each term.

        Buckets that are empty are left out, and so are terms that one person has at most.
        """

    def posting_range(self, start: int, end: int) -> list[bytes]:
        """Return the entries of the buckets from `start` up to before `end`."""

    def persons(self, numbers: Collection[int]) -> list[Found]:
        """Return every record of these persons, those of one together."""

    def by_kpj(self, kpjs: Collection[str]) -> dict[str, Found]:
        """Return the records with these numbers."""

    def with_several(self, after: int, size: int) -> list[int]:
        """Return the numbers of persons with several records, ascending, from behind `after`."""

    def page(self, after: int, size: int) -> Sequence[tuple[Any, ...]]:
        """Return records in the order of their ids as (id, kpj, nik, …), from behind `after`."""


def serving(session: Session) -> Reader | None:
    """Return the registry as it serves now, the same for all of a session; None if it is empty."""
    if "registry" not in session.info:
        session.info["registry"] = _reader(session)
    reader: Reader | None = session.info["registry"]
    return reader


def opened(session: Session, row: Sequence[Any]) -> Reader:
    """Return the registry as `serving` does, for who asked for GENERATION along with their own."""
    if session.info.get("registry") is None:
        session.info["registry"] = _reader_of(session, _generation(row))
    reader: Reader = session.info["registry"]
    return reader


def current(session: Session) -> Generation | None:
    """Return which generation serves."""
    row = session.execute(_CURRENT).first()
    return None if row is None else _generation(row)


def file_of(engine: Engine, number: int) -> Path:
    """Return where a generation lies on SQLite."""
    database = Path(engine.url.database or "")
    return database.with_name(f"{database.stem}-registry-{number}.sqlite3")


def schema_of(number: int) -> str:
    """Return where a generation lies on PostgreSQL."""
    return f"registry_{number}"


class _Files(threading.local):
    """The connections of one thread to generations, one for each database."""

    def __init__(self) -> None:
        self.open: WeakKeyDictionary[Pool, tuple[int, sqlite3.Connection]] = WeakKeyDictionary()

    def connection(self, engine: Engine, number: int) -> sqlite3.Connection:
        held = self.open.get(engine.pool)
        if held is not None:
            if held[0] == number:
                return held[1]
            held[1].close()
        uri = f"{file_of(engine, number).resolve().as_uri()}?mode=ro&immutable=1"
        try:
            made = sqlite3.connect(uri, uri=True)
        except sqlite3.OperationalError as error:
            raise GenerationGoneError from error
        made.isolation_level = None
        made.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
        self.open[engine.pool] = number, made
        return made


def _known_counts(engine: Engine, number: int) -> dict[int, int]:
    """Return how many persons have a term, as far as this process asked: it never changes."""
    held = _COUNTS.get(engine.pool)
    if held is None or held[0] != number or len(held[1]) > _COUNTS_KEPT:
        held = _COUNTS[engine.pool] = number, {}
    return held[1]


_FILES = _Files()
_COUNTS: WeakKeyDictionary[Pool, tuple[int, dict[int, int]]] = WeakKeyDictionary()


class _SqliteReader:
    """A generation in a file of its own."""

    def __init__(self, generation: Generation, engine: Engine) -> None:
        self.generation = generation
        self._ask = _FILES.connection(engine, generation.id).execute
        self._counts = _known_counts(engine, generation.id)

    def look(
        self, buckets: Collection[int], terms: Collection[int]
    ) -> tuple[dict[int, bytes], dict[int, int]]:
        counts = self._counts
        new = [term for term in terms if term not in counts]
        if new:
            counts |= self._each(_TERMS, new)
        found = dict(self._each(_POSTINGS, buckets)) if buckets else {}
        return found, {term: counts[term] for term in terms if term in counts}

    def posting_range(self, start: int, end: int) -> list[bytes]:
        question = "SELECT entries FROM posting WHERE bucket >= ? AND bucket < ?"
        return [row[0] for row in self._ask(question, (start, end))]

    def persons(self, numbers: Collection[int]) -> list[Found]:
        rows = self._each(_FIRST, numbers)
        several = [row[1] for row in rows if row[0]]
        return _found(rows + self._each(_OTHERS, several) if several else rows)

    def by_kpj(self, kpjs: Collection[str]) -> dict[str, Found]:
        return {row.kpj: row for row in _found(self._each(_BY_KPJ, _numbers(kpjs)))}

    def with_several(self, after: int, size: int) -> list[int]:
        return [row[0] for row in self._ask(_SEVERAL.format("other_record", "?"), (after, size))]

    def page(self, after: int, size: int) -> Sequence[tuple[Any, ...]]:
        question = f"SELECT r.id, {_COLUMNS} FROM record r WHERE r.id > ? ORDER BY r.id LIMIT ?"
        return self._ask(question, (after, size)).fetchall()

    def _each(self, question: str, values: Collection[int]) -> list[Any]:
        """Ask with a list; long ones differ only by powers of two, so all are prepared once."""
        if len(values) <= _SHORT:
            return self._ask(_with_marks(question, len(values)), tuple(values)).fetchall()
        listed, found = list(values), []
        for start in range(0, len(listed), _MARKS):
            some = listed[start : start + _MARKS]
            length = 1 << (len(some) - 1).bit_length()
            some += some[-1:] * (length - len(some))
            found += self._ask(_with_marks(question, length), some).fetchall()
        return found


class _PostgresReader:
    """A generation in a schema of its own, read in the transaction of a session."""

    def __init__(self, generation: Generation, connection: Connection) -> None:
        self.generation = generation
        driver: Any = connection.connection.driver_connection
        self._cursor = driver.cursor(binary=True)
        self._schema = schema_of(generation.id)
        self._counts = _known_counts(connection.engine, generation.id)

    def look(
        self, buckets: Collection[int], terms: Collection[int]
    ) -> tuple[dict[int, bytes], dict[int, int]]:
        found: dict[int, bytes] = {}
        counts = self._counts
        new = [term for term in terms if term not in counts]
        of_buckets, of_terms = _listed(buckets, Int8), _listed(new, Int8)
        question = _LOOK.format("{0}", of_buckets.marks, of_terms.marks)
        asked = (*of_buckets.values, *of_terms.values)  # together: asking costs more than reading
        for number, entries, persons in self._each(question, *asked):
            if persons is None:
                found[number] = entries
            else:
                counts[number] = persons
        return found, {term: counts[term] for term in terms if term in counts}

    def posting_range(self, start: int, end: int) -> list[bytes]:
        question = "SELECT entries FROM {}.posting WHERE bucket >= %s AND bucket < %s"
        return [row[0] for row in self._each(question, start, end)]

    def persons(self, numbers: Collection[int]) -> list[Found]:
        rows = self._each_of(_FIRST, numbers)
        several = [row[1] for row in rows if row[0]]
        return _found(rows + self._each_of(_OTHERS, several) if several else rows)

    def by_kpj(self, kpjs: Collection[str]) -> dict[str, Found]:
        return {row.kpj: row for row in _found(self._each_of(_BY_KPJ, _numbers(kpjs), Int8))}

    def with_several(self, after: int, size: int) -> list[int]:
        question = _SEVERAL.format("{}.other_record", "%s")
        return [row[0] for row in self._each(question, after, size)]

    def page(self, after: int, size: int) -> Sequence[tuple[Any, ...]]:
        question = (
            f"SELECT r.id, {_COLUMNS} FROM {{}}.record r WHERE r.id > %s ORDER BY r.id LIMIT %s"
        )
        return self._each(question, after, size)

    def _each_of(
        self, question: str, values: Collection[int], kind: type[int] = Int4
    ) -> list[Any]:
        listed = _listed(values, kind)
        return self._each(question.format("{0}", listed.marks), *listed.values)

    def _each(self, question: str, *parameters: object) -> list[Any]:
        try:
            self._cursor.execute(question.format(self._schema), parameters, prepare=True)
        except (UndefinedTable, InvalidSchemaName) as error:
            raise GenerationGoneError from error
        rows: list[Any] = self._cursor.fetchall()
        return rows


def _reader(session: Session) -> Reader | None:
    generation = current(session)
    return None if generation is None else _reader_of(session, generation)


def _generation(row: Sequence[Any]) -> Generation:
    return Generation(row[0], Layout(**(row[1] or {})), *row[2:])


def _reader_of(session: Session, generation: Generation) -> Reader:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return _SqliteReader(generation, connection.engine)
    return _PostgresReader(generation, connection)


def _found(rows: Sequence[Any] | Iterator[Any]) -> list[Found]:
    return [Found(row[1], f"{row[2]:011}", *row[3:]) for row in sorted(rows, key=_person)]


class _Listed(NamedTuple):
    """A list of numbers as part of a question to PostgreSQL."""

    marks: str
    values: Sequence[object]


def _listed(numbers: Collection[int], kind: type[int]) -> _Listed:
    """Write a short list out, a long one as an array.

    How many an array has is not known when a plan is made for all of them, so PostgreSQL makes
    one for each: that takes longer than to read a few rows.
    """
    if len(numbers) > _WRITTEN_OUT or not numbers:
        array = "bigint[]" if kind is Int8 else "integer[]"
        return _Listed(f"= ANY (%s::{array})", [list(numbers)])
    some = [kind(number) for number in numbers]
    length = 1 << (len(some) - 1).bit_length()
    some += some[-1:] * (length - len(some))
    return _Listed(f"IN ({','.join(['%s'] * length)})", some)


@lru_cache(maxsize=64)
def _with_marks(question: str, length: int) -> str:
    return question.format("main", f"IN ({','.join('?' * length)})")


def _numbers(kpjs: Collection[str]) -> list[int]:
    return [int(kpj) for kpj in kpjs if kpj.isdecimal()]


_LOOK = (
    "SELECT bucket, entries, NULL::integer FROM {0}.posting WHERE bucket {1} UNION ALL "
    "SELECT term, NULL, persons FROM {0}.term WHERE term {2}"
)
_POSTINGS = "SELECT bucket, entries FROM {0}.posting WHERE bucket {1}"
_TERMS = "SELECT term, persons FROM {0}.term WHERE term {1}"
_person = itemgetter(1)
_FIRST = f"SELECT r.others, r.id, {_COLUMNS} FROM {{0}}.record r WHERE r.id {{1}}"
_OTHERS = (
    f"SELECT 0, o.person, {_COLUMNS} FROM {{0}}.other_record o "
    "JOIN {0}.record r ON r.id = o.record_id WHERE o.person {1}"
)
_BY_KPJ = (
    f"SELECT 0, coalesce(o.person, r.id), {_COLUMNS} FROM {{0}}.record r "
    "LEFT JOIN {0}.other_record o ON o.record_id = r.id WHERE r.kpj {1}"
)
_SEVERAL = "SELECT DISTINCT person FROM {0} WHERE person > {1} ORDER BY person LIMIT {1}"
GENERATION = (
    RegistryImport.id,
    RegistryImport.layout,
    RegistryImport.rows,
    RegistryImport.persons,
    RegistryImport.key_version,
    RegistryImport.served_at,
)
IS_SERVING = RegistryImport.state == GenerationState.SERVING
_CURRENT = select(*GENERATION).where(IS_SERVING)
