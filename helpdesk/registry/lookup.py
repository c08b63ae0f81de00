"""Read the registry by its keys: one statement each, never a scan.

These run for every claim, so they go past the ORM: a few tens of microseconds each on SQLite.
"""

import json
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy.orm import Session

_COLUMNS = (
    "r.id, r.kpj, r.nik, r.nik_number, r.full_name, r.birth_place, r.birth_day, "
    "r.mother_name, r.employer, r.segment, r.status"
)
# A list travels as one parameter, so that the statement is the same for every length.
_NUMBERS = {"sqlite": "(SELECT value FROM json_each(?))", "postgresql": "ANY (%s::bigint[])"}
_TEXTS = {"sqlite": "(SELECT value FROM json_each(?))", "postgresql": "ANY (%s::text[])"}
_IS_IN = {"sqlite": "IN", "postgresql": "="}


class Found(NamedTuple):
    """One record; `birth_day` is an ordinal, `nik_number` None unless the NIK has 16 digits."""

    id: int
    kpj: str
    nik: str
    nik_number: int | None
    full_name: str
    birth_place: str
    birth_day: int | None
    mother_name: str
    employer: str
    segment: str
    status: str


def plan_once(session: Session) -> None:
    """Let PostgreSQL plan the lookups of this transaction once; worth it from a few on.

    It would plan each anew, in three times the time of the lookup itself, since it takes a list
    of unknown length for a longer one.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")


def by_keys(session: Session, niks: Collection[int], keys: Collection[int]) -> list[Found]:
    """Return the records with any of these NIKs or any of these keys, each once."""
    if not niks and not keys:
        return []
    return _found(session, _BY_KEYS, _listed(session, niks), _listed(session, keys))


def by_key_range(session: Session, start: int, end: int, *, limit: int) -> list[Found]:
    """Return the records with a key from `start` up to before `end`, at most `limit`."""
    return _found(session, _BY_RANGE, start, end, limit)


def counts(session: Session, terms: Collection[str]) -> dict[str, int]:
    """Return how many records have each of these terms; a term nobody has is left out."""
    connection = session.connection()
    statement = _COUNTS[connection.dialect.name]
    rows = connection.exec_driver_sql(statement, (_listed(session, terms),))
    return {row[0]: row[1] for row in rows}


def _found(session: Session, statements: dict[str, str], *parameters: object) -> list[Found]:
    connection = session.connection()
    rows = connection.exec_driver_sql(statements[connection.dialect.name], parameters)
    return [Found(*row) for row in rows]


def _listed(session: Session, values: Collection[int] | Collection[str]) -> object:
    """Return a list as the one parameter the statements take."""
    listed = list(values)
    return json.dumps(listed) if session.get_bind().dialect.name == "sqlite" else listed


def _each(pattern: str) -> dict[str, str]:
    """Write a statement for both databases."""
    return {
        name: pattern.replace("{numbers}", f"{_IS_IN[name]} {_NUMBERS[name]}")
        .replace("{texts}", f"{_IS_IN[name]} {_TEXTS[name]}")
        .replace("{mark}", "?" if name == "sqlite" else "%s")
        for name in ("sqlite", "postgresql")
    }


_BY_KEYS = _each(
    f"SELECT {_COLUMNS} FROM (SELECT id FROM record WHERE nik_number {{numbers}} "  # noqa: S608
    "UNION SELECT record_id FROM record_key WHERE key {numbers}) AS f "
    "JOIN record AS r ON r.id = f.id"
)
_BY_RANGE = _each(
    f"SELECT {_COLUMNS} FROM (SELECT DISTINCT record_id FROM record_key "  # noqa: S608
    "WHERE key >= {mark} AND key < {mark} LIMIT {mark}) AS f "
    "JOIN record AS r ON r.id = f.record_id"
)
_COUNTS = _each("SELECT term, records FROM term_count WHERE term {texts}")
