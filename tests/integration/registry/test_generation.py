"""A generation holds what the layout says, however it was built."""

import pytest

from helpdesk.db import Base, Database
from helpdesk.registry import load, serving, synthetic
from helpdesk.registry.build import postings
from helpdesk.registry.layout import Family
from tests.integration.registry import brute
from tests.integration.registry.conftest import ROW, content
from tests.registry import AUDIT_KEY

ODD = (
    ROW.replace("99000000017", "99000000018").replace("SITI CONTOH", "SITI"),
    ROW.replace("99000000017", "99000000019").replace("3273015708909001", "1111111111111111"),
    ROW.replace("99000000017", "99000000020").replace("1990-08-17", ""),
    ROW.replace("99000000017", "99000000021").replace("1990-08-17", "1900-01-01"),
    ROW.replace("99000000017", "99000000022").replace("1990-08-17", "1850-01-01"),
    ROW.replace("99000000017", "99000000023").replace("SITI CONTOH", "-"),
    ROW.replace("99000000017", "99000000024").replace("SITI CONTOH", "A B C D E F SITI"),
    ROW.replace("99000000017", "99000000025").replace("BANDUNG", ""),
    ROW.replace("99000000017", "99000000026").replace("3273015708909001", ""),
    ROW.replace("99000000017", "99000000027").replace("3273015708909001", "32730157O8909001"),
    ROW.replace("99000000017", "99000000028").replace("PT CONTOH", "PT \\N \\t CONTOH"),
    ROW,
)


@pytest.fixture
def made(tmp_path):
    path = tmp_path / "made.csv"
    synthetic.write(path, people=400, seed=1)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(ODD))
    return path


def check(database, common):
    found = content(database)
    persons = {row[1]: row[0] for row in found["other_record"]}
    records = [(row[0], *row[2:6]) for row in found["record"]]
    with database.reading() as session:
        plan = serving.current(session).layout
    expected, terms = brute.expected(
        records, {row[0]: persons.get(row[0], row[0]) for row in records}, plan, common
    )
    assert {row[0]: brute.unpacked(row[1]) for row in found["posting"]} == expected
    assert dict(found["term"]) == terms
    return {brute.family_of(bucket) for bucket in expected}


@pytest.mark.parametrize("common", [3, 256])
def test_postings_and_terms_are_those_of_the_layout(
    database, load_file, made, monkeypatch, common
):
    monkeypatch.setattr(postings, "COMMON", common)
    monkeypatch.setattr(postings, "PART", 500)
    load_file(made)
    families = check(database, common)
    assert families == set(Family) if common == 3 else families == set(Family) - {Family.SPOT}


def test_large_files_come_to_the_same_as_small_ones(database, load_file, made, request):
    load_file(made)
    small = content(database)
    request.getfixturevalue("as_large")
    load.rebuild(database, audit_key=AUDIT_KEY, folder=request.getfixturevalue("work"))
    assert content(database) == small


def test_both_databases_hold_the_same_bytes(database, load_file, made, tmp_path):
    load_file(made)
    here = content(database)
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    Base.metadata.create_all(other.engine)
    load.import_file(
        *(other, made), reject_path=tmp_path / "r.csv", audit_key=AUDIT_KEY, folder=tmp_path / "o"
    )
    there = content(other)
    other.dispose()
    assert [(row[0], bytes(row[1])) for row in here["posting"]] == there["posting"]
    assert here["record"] == there["record"]
