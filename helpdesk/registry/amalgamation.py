"""List the participants with several KPJ, for the campaign that merges their accounts.

A shell: it opens transactions of its own.
"""

import csv
import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TextIO

from helpdesk import clock
from helpdesk.accounts import audit
from helpdesk.db import Database
from helpdesk.errors import InvalidError, NotFoundError
from helpdesk.registry import keys, serving
from helpdesk.registry.serving import Found, Generation, Reader
from helpdesk.sheet import cell

COLUMNS = (
    "person",
    "kpj",
    "status",
    "segment",
    "employer",
    "full_name",
    "birth_date",
    "nik",
    "grouped_by",
)
_PERSONS = 2_000  # fetched together


class Basis(StrEnum):
    """What holds a record together with the others of its person."""

    SAME_NIK = "same NIK"
    NEAR_NIK = "NIK one slip"
    NO_NIK = "no NIK"  # name, birth date and birth place


class Listed(NamedTuple):
    """How many are in the list."""

    persons: int
    records: int


def export(
    db: Database,
    path: Path,
    *,
    key: bytes,
    on_progress: Callable[[int, int], object] = lambda *_: None,
    grouping: Callable[[Reader], Iterator[list[Found]]] | None = None,
) -> Listed:
    """Write everybody with several KPJ to a CSV file that only its owner can read.

    The file appears whole or not at all, and not before the trail says so.

    Args:
        db: the database.
        path: the file; one that is there is replaced.
        key: of the audit trail.
        on_progress: told how many records are written beside the first of each person, of how
            many.
        grouping: what yields the records of each person, if not as the registry groups them.

    Raises:
        NotFoundError: there is no registry.
        InvalidError: the file cannot be written.
    """
    with db.reading() as session:
        reader = serving.serving(session)
        if reader is None:
            msg = "there is no registry yet; import one first"
            raise NotFoundError(msg)
        with _private(path) as out:
            people = (grouping or several)(reader)
            further = reader.generation.rows - reader.generation.persons
            listed = write(people, out, lambda done: on_progress(done, further))
            out.flush()
            _note(db, reader.generation, listed, key)
    return listed


def write(
    people: Iterable[Sequence[Found]], out: TextIO, on_progress: Callable[[int], object]
) -> Listed:
    """Write the list as CSV, the records of one person together."""
    table = csv.writer(out)
    table.writerow(COLUMNS)
    persons = records = 0
    for person in people:
        table.writerows(lines(person))
        persons, records = persons + 1, records + len(person)
        if persons % _PERSONS == 0:
            on_progress(records - persons)
    on_progress(records - persons)
    return Listed(persons, records)


def several(reader: Reader) -> Iterator[list[Found]]:
    """Yield the records of each person who has more than one, in the order of their numbers."""
    numbers = reader.with_several(0, _PERSONS)
    while numbers:
        for _, records in groupby(reader.persons(numbers), attrgetter("person")):
            yield list(records)
        numbers = reader.with_several(numbers[-1], _PERSONS)


def lines(person: Sequence[Found]) -> Iterator[list[str]]:
    """Yield what the list says about the records of one person; no cell is a formula."""
    for record, basis in zip(person, bases(person), strict=True):
        born = record.birth_day and dt.date.fromordinal(record.birth_day).isoformat()
        values = (
            str(record.person),
            record.kpj,
            record.status,
            record.segment,
            record.employer,
            record.full_name,
            born or "",
            _spaced(record.nik),
            basis,
        )
        yield [cell(value) for value in values]


def bases(person: Sequence[Found]) -> list[Basis]:
    """Return for each record of one person what holds it together with the others."""
    niks = [keys.nik_number(record.nik) for record in person]
    counts = Counter(nik for nik in niks if nik)
    return [_basis(nik, counts) for nik in niks]


def _basis(nik: int | None, counts: Counter[int]) -> Basis:
    if nik and counts[nik] > 1:
        return Basis.SAME_NIK
    return Basis.NEAR_NIK if nik and len(counts) > 1 else Basis.NO_NIK


def _spaced(nik: str) -> str:
    """Return sixteen digits in fours: as one number a spreadsheet rounds the last ones away."""
    digits = keys.nik_digits(nik)
    return " ".join(digits[i : i + 4] for i in range(0, 16, 4)) if len(digits) == 16 else nik


def _note(db: Database, generation: Generation, listed: Listed, key: bytes) -> None:
    with db.transaction() as tx:
        audit.record(
            tx.session,
            key=key,
            now=clock.now(),
            agent_id=None,
            action="registry.amalgamation",
            subject_type="registry_import",
            subject_id=generation.id,
            detail={"persons": listed.persons, "records": listed.records},
        )


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    """Open a file beside `path` that takes its place once all of it is written."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as out:
                yield out
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}"
        raise InvalidError(msg) from error
