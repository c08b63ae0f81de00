"""The usual answer with PostgreSQL: the NIK by an index, the date by another, names by trigrams.

Weights are made by hand and were not tuned on these queries.
"""

import csv
import datetime as dt
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from sqlalchemy import make_url

from tests.benchmarks.built import Built
from tests.benchmarks.databases import empty_database

_SURE = 0.9  # a candidate this probable ends the search
_TRIGRAM_HITS = 50
_COLUMNS = "kpj, nik, name, place, born"
_MAKE = """
CREATE EXTENSION pg_trgm;
CREATE UNLOGGED TABLE reg (kpj text, nik text, name text, place text, born date);
"""
_INDEX = """
CREATE INDEX ON reg (nik);
CREATE INDEX ON reg (born);
CREATE INDEX ON reg USING gin (name gin_trgm_ops);
VACUUM ANALYZE reg;
"""


class Row(NamedTuple):
    kpj: str
    nik: str
    name: str
    place: str
    born: dt.date | None


def missing() -> str:
    """Return why this cannot be measured here, "" if it can."""
    try:
        with empty_database("postgresql", Path()) as url, _connected(url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
    except psycopg.Error as error:
        return f"PostgreSQL has no pg_trgm ({type(error).__name__})"
    return ""


@contextmanager
def built(file: Path) -> Iterator[Built]:
    """Load a registry file and index it."""
    with empty_database("postgresql", Path()) as url, _connected(url) as connection:
        began = time.perf_counter()
        connection.execute(_MAKE)
        with (
            file.open(encoding="utf-8", newline="") as rows,
            connection.cursor().copy(f"COPY reg ({_COLUMNS}) FROM STDIN") as copy,
        ):
            for row in csv.DictReader(rows):
                copy.write_row(
                    (
                        row["kpj"],
                        row["nik"],
                        row["full_name"].lower(),
                        row["birth_place"].lower(),
                        row["birth_date"] or None,
                    )
                )
        for statement in filter(str.strip, _INDEX.split(";")):
            connection.execute(statement)
        spent = time.perf_counter() - began
        yield Built(spent, lambda query: answer(connection, query))


def answer(connection: "psycopg.Connection[Any]", query: dict[str, Any]) -> dict[str, Any]:
    """Answer one query: by NIK, then by date, then by trigrams, until somebody is sure."""
    stated = _stated(query)
    found: dict[str, Row] = {}
    ranked: list[tuple[float, Row]] = []
    for where, values in _stages(stated):
        rows = connection.execute(f"SELECT {_COLUMNS} FROM reg WHERE {where}", values).fetchall()
        found |= {row[0]: Row(*row) for row in rows}
        ranked = _ranked(stated, list(found.values()))
        if ranked and ranked[0][0] >= _SURE:
            break
    return {
        "id": query["id"],
        "candidates": [
            {"kpj": row.kpj, "probability": probability, "person": _person(row)}
            for probability, row in ranked[:20]
        ],
        "decision": "match" if ranked and ranked[0][0] >= 0.99 else "review",
    }


def _stated(query: dict[str, Any]) -> Row:
    born = query["birth_date"]
    return Row(
        "",
        query["nik"] or "",
        (query["full_name"] or "").lower(),
        (query["birth_place"] or "").lower(),
        dt.date.fromisoformat(born) if born else None,
    )


def _stages(stated: Row) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if stated.nik:
        yield "nik = %s", (stated.nik,)
    if stated.born:
        yield "born = ANY(%s)", ([stated.born, _swapped(stated.born)],)
    if stated.name:
        near = f"name %% %s ORDER BY similarity(name, %s) DESC LIMIT {_TRIGRAM_HITS}"
        yield near, (stated.name, stated.name)


def _swapped(date: dt.date) -> dt.date:
    return date.replace(month=date.day, day=date.month) if date.day <= 12 else date


def _ranked(stated: Row, rows: list[Row]) -> list[tuple[float, Row]]:
    """Return rows with the probability of their person, nobody being among the answers."""
    weighed = [(weight(stated, row), row) for row in rows]
    persons: dict[str, float] = {}
    for bits, row in weighed:
        persons[_person(row)] = max(bits, persons.get(_person(row), bits))
    total = 1 + sum(map(math.exp, persons.values()))
    ranked = [(math.exp(persons[_person(row)]) / total, row) for _, row in weighed]
    return sorted(ranked, key=lambda each: -each[0])


def weight(stated: Row, row: Row) -> float:
    """Return log-odds by hand."""
    total = -8.0
    if stated.name:
        total += (fuzz.token_sort_ratio(stated.name, row.name) / 100 - 0.65) * 20
    if stated.nik and row.nik:
        slips = OSA.distance(stated.nik, row.nik)
        total += 9 if slips == 0 else 5 if slips == 1 else -5
    if stated.born and row.born:
        total += _date_weight(stated.born, row.born)
    if stated.place:
        total += 2 if stated.place == row.place else -0.5
    return total


def _date_weight(stated: dt.date, born: dt.date) -> float:
    if stated == born:
        return 6
    if _swapped(stated) == born:
        return 4
    digits = zip(stated.isoformat(), born.isoformat(), strict=True)
    return 2 if sum(a != b for a, b in digits) == 1 else -4


def _person(row: Row) -> str:
    return row.nik or f"{row.name} {row.born}"


@contextmanager
def _connected(url: str) -> Iterator["psycopg.Connection[Any]"]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection
