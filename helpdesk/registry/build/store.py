"""Write a generation: a file on SQLite, a schema in one transaction on PostgreSQL."""

import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Engine, text

from helpdesk.registry.build.postings import Pack
from helpdesk.registry.serving import file_of, schema_of

Record: TypeAlias = tuple[int, int, int, int | None, str]
"""An id, how many others the same person has, a KPJ, a birth day, the texts between tabs."""

_PAGE_BYTES = 8192
_CACHE_KIB = 64 * 1024
_COPY_BYTES = 1 << 20
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TUPLE = struct.Struct("!hiqi")
_RECORD = (
    "id integer {key}, kpj bigint NOT NULL, nik text NOT NULL, "
    "full_name text NOT NULL, birth_place text NOT NULL, birth_day integer, "
    "mother_name text NOT NULL, employer text NOT NULL, segment text NOT NULL, "
    "status text NOT NULL, others smallint NOT NULL"
)
_ORDER = (
    "id, others, kpj, birth_day, nik, full_name, birth_place, mother_name, employer, segment, "
    "status"
)

_OTHERS = (
    "other_record (person integer NOT NULL, record_id integer NOT NULL, "
    "PRIMARY KEY (person, record_id)) WITHOUT ROWID"
)
_SCHEMAS = text(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'registry\_%'")


class Writer(Protocol):
    """Takes the tables of one generation, each in the order of its key."""

    def records(self, records: Iterable[Record]) -> None: ...

    def others(self, rows: Iterable[tuple[int, int]]) -> None: ...

    def postings(self, pack: Pack) -> None: ...

    def terms(self, rows: Iterable[tuple[int, int]]) -> None: ...

    def finish(self) -> None:
        """Make the indexes and make sure that all of it lies on the disk."""


@contextmanager
def writing(engine: Engine, number: int) -> Iterator[Writer]:
    """Write generation `number`; whatever was left of another attempt at it is replaced."""
    drop(engine, number)
    if engine.dialect.name == "sqlite":
        path = file_of(engine, number)
        path.touch(mode=0o600)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield _SqliteWriter(connection, path)
        return
    with engine.connect() as connection:
        connection.commit()
        writer = _PostgresWriter(connection.connection.driver_connection, schema_of(number))
        try:
            yield writer
            writer.commit()
        except BaseException:
            connection.invalidate()
            raise


def drop(engine: Engine, number: int) -> None:
    """Remove what there is of a generation; who still reads it on SQLite reads on."""
    if engine.dialect.name == "sqlite":
        path = file_of(engine, number)
        for name in (path, path.with_name(f"{path.name}-journal")):
            name.unlink(missing_ok=True)
        return
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema_of(number)} CASCADE"))


def existing(engine: Engine) -> set[int]:
    """Return the generations there is anything of."""
    if engine.dialect.name == "sqlite":
        path = file_of(engine, 0)
        start, end = path.name.split("0.sqlite3")[0], ".sqlite3"
        names = [found.name for found in path.parent.glob(f"{start}*{end}")]
        numbers = [name.removeprefix(start).removesuffix(end) for name in names]
    else:
        with engine.connect() as connection:
            names = list(connection.scalars(_SCHEMAS))
        numbers = [name.removeprefix(schema_of(0)[:-1]) for name in names]
    return {int(number) for number in numbers if number.isdecimal()}


class _SqliteWriter:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        for pragma in (
            f"page_size = {_PAGE_BYTES}",
            "journal_mode = OFF",
            "synchronous = OFF",
            "locking_mode = EXCLUSIVE",
            f"cache_size = -{_CACHE_KIB}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        for table in (
            f"record ({_RECORD.format(key='PRIMARY KEY')})",
            "posting (bucket integer PRIMARY KEY, entries blob NOT NULL)",
            "term (term integer PRIMARY KEY, persons integer NOT NULL)",
            _OTHERS,
        ):
            connection.execute(f"CREATE TABLE {table}")
        connection.execute("BEGIN")

    def records(self, records: Iterable[Record]) -> None:
        self._connection.executemany(
            f"INSERT INTO record ({_ORDER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*row[:4], *row[4].split("\t")) for row in records),
        )

    def others(self, rows: Iterable[tuple[int, int]]) -> None:
        self._connection.executemany("INSERT INTO other_record VALUES (?, ?)", rows)

    def postings(self, pack: Pack) -> None:
        self._connection.executemany("INSERT INTO posting VALUES (?, ?)", pack)

    def terms(self, rows: Iterable[tuple[int, int]]) -> None:
        self._connection.executemany("INSERT INTO term VALUES (?, ?)", rows)

    def finish(self) -> None:
        ask = self._connection.execute
        ask("CREATE UNIQUE INDEX record_kpj ON record (kpj)")
        ask("CREATE UNIQUE INDEX other_record_record ON other_record (record_id)")
        ask("COMMIT")
        self._connection.close()
        for path in (self._path, self._path.parent):
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)


def _line(record: Record) -> bytes:
    number, others, kpj, day, texts = record
    if "\\" in texts:
        texts = texts.replace("\\", "\\\\")
    born = "\\N" if day is None else day
    return f"{number}\t{others}\t{kpj}\t{born}\t{texts}\n".encode()


class _PostgresWriter:
    """One transaction: a killed import leaves nothing."""

    def __init__(self, connection: Any, schema: str) -> None:  # noqa: ANN401 - DBAPI object
        self._connection = connection
        self._schema = schema
        self._ask = connection.execute
        self._ask(
            f"SET LOCAL maintenance_work_mem = '256MB'; CREATE SCHEMA {schema}; "
            f"CREATE TABLE {schema}.record ({_RECORD.format(key='NOT NULL')}); "
            f"CREATE TABLE {schema}.posting (bucket bigint NOT NULL, entries bytea NOT NULL); "
            f"ALTER TABLE {schema}.posting ALTER entries SET STORAGE EXTERNAL; "
            f"CREATE TABLE {schema}.term (term bigint NOT NULL, persons integer NOT NULL); "
            f"CREATE TABLE {schema}.other_record "
            "(person integer NOT NULL, record_id integer NOT NULL)"
        )

    def records(self, records: Iterable[Record]) -> None:
        self._copy(f"record ({_ORDER})", map(_line, records))

    def others(self, rows: Iterable[tuple[int, int]]) -> None:
        self._copy("other_record", (b"%d\t%d\n" % row for row in rows))

    def postings(self, pack: Pack) -> None:
        tuples = ((_TUPLE.pack(2, 8, each, len(blob)), blob) for each, blob in pack)
        parts = chain((_HEADER,), chain.from_iterable(tuples), (b"\xff\xff",))
        self._copy("posting", parts, how="FORMAT binary, ")

    def terms(self, rows: Iterable[tuple[int, int]]) -> None:
        self._copy("term", (b"%d\t%d\n" % row for row in rows))

    def finish(self) -> None:
        schema = self._schema
        self._ask(
            f"ALTER TABLE {schema}.record ADD PRIMARY KEY (id); "
            f"ALTER TABLE {schema}.posting ADD PRIMARY KEY (bucket); "
            f"ALTER TABLE {schema}.term ADD PRIMARY KEY (term); "
            f"ALTER TABLE {schema}.other_record ADD PRIMARY KEY (person, record_id); "
            f"CREATE UNIQUE INDEX ON {schema}.other_record (record_id); "
            f"CREATE UNIQUE INDEX ON {schema}.record (kpj); "
            f"ANALYZE {schema}.record; ANALYZE {schema}.posting; "
            f"ANALYZE {schema}.term; ANALYZE {schema}.other_record"
        )

    def commit(self) -> None:
        self._connection.commit()

    def _copy(self, table: str, parts: Iterable[Any], how: str = "") -> None:
        """Send bytes in pieces of a megabyte: each piece is a call into the driver."""
        question = f"COPY {self._schema}.{table} FROM STDIN WITH ({how}FREEZE)"
        with self._connection.cursor() as cursor, cursor.copy(question) as copy:
            waiting: list[Any] = []
            size = 0
            for part in parts:
                waiting.append(part)
                size += len(part)
                if size >= _COPY_BYTES:
                    copy.write(b"".join(waiting))
                    waiting, size = [], 0
            copy.write(b"".join(waiting))
