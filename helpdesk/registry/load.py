"""Fill the registry from a file, in chunks, so that running it again changes nothing."""

import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Self, TypeAlias

from sqlalchemy import Connection, func, insert, select, text

from helpdesk import clock
from helpdesk.db import Database
from helpdesk.registry import keys
from helpdesk.registry.models import RecordRow, RegistryImport
from helpdesk.registry.reader import COLUMNS, BadRow, RegistryFile, Row

CHUNK_ROWS = 20_000  # a second of work: what waits for the write lock waits no longer
_CACHE_KIB = 128 * 1024  # keys are spread like dice: what SQLite does not hold it reads again
_RECORD_COLUMNS = ("id", "kpj", "nik", "nik_number", *COLUMNS[2:4], "birth_day", *COLUMNS[5:])

_Values: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `reject_path` is None when no row was rejected."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    reject_path: Path | None

    @property
    def text(self) -> str:
        """The report in one line, for a terminal."""
        done = (
            f"{self.read} rows: {self.inserted} new, {self.updated} changed, "
            f"{self.unchanged} as before, {self.rejected} rejected"
        )
        return f"{done} (see {self.reject_path})" if self.reject_path else done


def import_csv(
    db: Database,
    path: Path,
    *,
    reject_path: Path,
    on_progress: Callable[[int, int], object] | None = None,
) -> ImportReport:
    """Insert or update one record for each row, by KPJ; the last row of a KPJ counts.

    A shell of its own: each chunk is one transaction, so others can write in between, and an
    import that was cut off is simply run again. Rows that cannot be used go to `reject_path`
    (made only then, readable by its owner only) with their line and the reason. `on_progress`
    is told the bytes done and the bytes in all, of the file as it lies on disk.

    Raises:
        InvalidError: the file cannot be read, is no such table, or ends in the middle.
    """
    totals: Counter[str] = Counter()
    with RegistryFile(path) as source, _Rejects(reject_path) as rejects:
        if key_version(db) not in {None, keys.VERSION}:
            rebuild_keys(db)
        rows = iter(source)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            good = {row.kpj: row for row in chunk if isinstance(row, Row)}
            rejects.write(row for row in chunk if isinstance(row, BadRow))
            with db.transaction() as tx:
                totals.update(_store(tx.session.connection(), good))
            totals["read"] += len(chunk)
            if on_progress is not None:
                on_progress(source.read_bytes(), source.total_bytes)
    report = ImportReport(
        read=totals["read"],
        inserted=totals["inserted"],
        updated=totals["updated"],
        unchanged=totals["read"] - totals["inserted"] - totals["updated"] - rejects.count,
        rejected=rejects.count,
        reject_path=reject_path if rejects.count else None,
    )
    _finish(db, report)
    return report


def key_version(db: Database) -> int | None:
    """Return the version of the keys in the registry; None when nothing was ever imported."""
    newest = select(RegistryImport.key_version).order_by(RegistryImport.id.desc()).limit(1)
    with db.reading() as session:
        return session.scalar(newest)


def rebuild_keys(db: Database) -> None:
    """Make every key and count anew from the records, in one transaction."""
    with db.transaction() as tx:
        connection = tx.session.connection()
        connection.exec_driver_sql("DELETE FROM record_key")
        connection.exec_driver_sql("DELETE FROM term_count")
        last = 0
        columns = ", ".join(_RECORD_COLUMNS)
        page = text(f"SELECT {columns} FROM record WHERE id > :last ORDER BY id LIMIT :size")  # noqa: S608
        while found := connection.execute(page, {"last": last, "size": CHUNK_ROWS}).all():
            rows = [tuple(row) for row in found]
            _insert(connection, "record_key", ("key", "record_id"), sorted(_all_keys(rows)))
            _count(connection, _terms(rows))
            last = rows[-1][0]


class _Rejects:
    """The file of rejected rows; it is made when the first one comes."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._file: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rows: Iterable[BadRow]) -> None:
        for row in rows:
            if self._file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
                self._file = os.fdopen(
                    os.open(self._path, flags, 0o600), "w", encoding="utf-8", newline=""
                )
                os.fchmod(self._file.fileno(), 0o600)  # it may have been there, open to others
                csv.writer(self._file).writerow(("line", "reason", *COLUMNS))
            csv.writer(self._file).writerow((row.line, row.reason, *row.fields))
            self.count += 1


def _store(connection: Connection, rows: Mapping[str, Row]) -> dict[str, int]:
    """Write one chunk: records, keys and counts move together."""
    if connection.dialect.name == "postgresql":  # two imports at once would number rows alike
        connection.exec_driver_sql("LOCK TABLE record IN SHARE ROW EXCLUSIVE MODE")
    else:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    old = _existing(connection, list(rows))
    next_id = (connection.scalar(select(func.max(RecordRow.id))) or 0) + 1
    fresh = [row for kpj, row in rows.items() if kpj not in old]
    new = [(next_id + i, *_values(row)) for i, row in enumerate(fresh)]
    changed = [
        (found[0], *_values(rows[kpj]))
        for kpj, found in old.items()
        if found[1:] != _values(rows[kpj])
    ]
    outdated = [old[values[1]] for values in changed]
    _replace(connection, outdated, changed)
    _insert(connection, "record", _RECORD_COLUMNS, new)
    _insert(connection, "record_key", ("key", "record_id"), sorted(_all_keys(new)))
    counts = _terms(chain(new, changed))
    counts.subtract(_terms(outdated))
    _count(connection, counts)
    return {"inserted": len(new), "updated": len(changed)}


def _existing(connection: Connection, kpjs: list[str]) -> dict[str, _Values]:
    """Return what the registry has under these numbers, by number."""
    columns = ", ".join(_RECORD_COLUMNS)
    if connection.dialect.name == "sqlite":
        listed, value = "SELECT value FROM json_each(?)", json.dumps(kpjs)
    else:
        listed, value = "SELECT unnest(%s::text[])", kpjs  # type: ignore[assignment]
    question = f"SELECT {columns} FROM record WHERE kpj IN ({listed})"  # noqa: S608
    return {row[1]: tuple(row) for row in connection.exec_driver_sql(question, (value,))}


def _values(row: Row) -> _Values:
    """Return a row's columns in the order of the table, without the id."""
    return (
        row.kpj,
        row.nik,
        keys.nik_number(row.nik),
        row.full_name,
        row.birth_place,
        row.birth_day,
        row.mother_name,
        row.employer,
        row.segment,
        row.status,
    )


def _replace(connection: Connection, old: Sequence[_Values], new: Sequence[_Values]) -> None:
    if not new:
        return
    connection.execute(
        text("DELETE FROM record_key WHERE key = :key AND record_id = :id"),
        [{"key": key, "id": record_id} for key, record_id in _all_keys(old)],
    )
    assignments = ", ".join(f"{name} = :{name}" for name in _RECORD_COLUMNS[1:])
    connection.execute(
        text(f"UPDATE record SET {assignments} WHERE id = :id"),  # noqa: S608 - our columns
        [dict(zip(_RECORD_COLUMNS, values, strict=True)) for values in new],
    )
    _insert(connection, "record_key", ("key", "record_id"), sorted(_all_keys(new)))


def _insert(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[_Values]
) -> None:
    """Insert many rows the fastest way each database has: COPY, or one prepared statement."""
    if not rows:
        return
    listed = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({listed}) VALUES ({marks})", list(rows))  # noqa: S608
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _all_keys(rows: Iterable[_Values]) -> Iterator[tuple[int, int]]:
    for row in rows:
        codes = tuple(word.code for word in keys.words(row[4]))
        for key in keys.of_record(codes, row[6], keys.place(row[5])):
            yield key, row[0]


def _terms(rows: Iterable[_Values]) -> Counter[str]:
    """Count what records have in common; a word counts once a record."""
    counts: Counter[str] = Counter()
    for row in rows:
        codes = [word.code for word in keys.words(row[4])]
        counts[keys.ALL_TERM] += 1
        counts[keys.name_term(codes)] += 1
        counts.update(keys.word_term(code) for code in set(codes))
        if row[6] is not None:
            counts[keys.day_term(row[6])] += 1
        if place := keys.place(row[5]):
            counts[keys.place_term(place)] += 1
    return counts


def _count(connection: Connection, counts: Mapping[str, int]) -> None:
    """Add to the counts kept; what nobody has any more keeps a zero."""
    changed = sorted((term, number) for term, number in counts.items() if number)
    if not changed:
        return
    marks = "?, ?" if connection.dialect.name == "sqlite" else "%s, %s"
    connection.exec_driver_sql(
        f"INSERT INTO term_count (term, records) VALUES ({marks}) "  # noqa: S608 - two marks
        "ON CONFLICT (term) DO UPDATE SET records = term_count.records + excluded.records",
        changed,
    )


def _finish(db: Database, report: ImportReport) -> None:
    """Note the import and let the planner see what is there now."""
    with db.transaction() as tx:
        tx.session.execute(
            insert(RegistryImport).values(
                finished_at=clock.now(),
                key_version=keys.VERSION,
                read=report.read,
                inserted=report.inserted,
                updated=report.updated,
                rejected=report.rejected,
            )
        )
        if db.is_sqlite:
            tx.session.execute(text("PRAGMA analysis_limit = 1000"))
            tx.session.execute(text("PRAGMA cache_size = -2000"))  # its default again
        for table in ("record", "record_key", "term_count"):
            with suppress(NotImplementedError):
                tx.session.execute(text(f"ANALYZE {table}"))
