"""The list of participants with several KPJ, on both databases."""

import csv
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import AuditEvent
from helpdesk.db import Database
from helpdesk.errors import InvalidError, NotFoundError
from helpdesk.registry import amalgamation
from helpdesk.registry.amalgamation import Listed
from tests.registry import fill

KEY = b"a key of a test"
BUDI = {
    "nik": "3174021203809001",
    "full_name": "BUDI SANTOSO",
    "birth_place": "JAKARTA",
    "birth_date": "1980-03-12",
    "mother_name": "SITI AMINAH",
    "employer": "PT CONTOH",
    "segment": "PU",
    "status": "aktif",
}
ROWS = [
    BUDI | {"kpj": "99000000017"},
    BUDI | {"kpj": "99000000025", "nik": "3578085505859001", "full_name": "ANI LESTARI"},
    BUDI | {"kpj": "99000000033", "status": "nonaktif", "employer": "=cmd()"},
    BUDI | {"kpj": "99000000041", "nik": "3174021203809081"},
    BUDI | {"kpj": "99000000058", "nik": ""},
]


@pytest.fixture
def filled(database: Database) -> Database:
    fill(database, ROWS)
    return database


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_people_with_several_kpj_are_listed_with_what_groups_them(filled, tmp_path):
    assert amalgamation.export(filled, tmp_path / "a.csv", key=KEY) == Listed(1, 4)
    rows = listed(tmp_path / "a.csv")
    assert [(row["person"], row["kpj"], row["grouped_by"]) for row in rows] == [
        ("1", "99000000017", "same NIK"),
        ("1", "99000000033", "same NIK"),
        ("1", "99000000041", "NIK one slip"),
        ("1", "99000000058", "no NIK"),
    ]
    assert rows[0] == {
        "person": "1",
        "kpj": "99000000017",
        "status": "aktif",
        "segment": "PU",
        "employer": "PT CONTOH",
        "full_name": "BUDI SANTOSO",
        "birth_date": "1980-03-12",
        "nik": "3174 0212 0380 9001",
        "grouped_by": "same NIK",
    }


def test_a_spreadsheet_knows_the_encoding_and_calculates_nothing(filled, tmp_path):
    amalgamation.export(filled, tmp_path / "a.csv", key=KEY)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert listed(tmp_path / "a.csv")[1]["employer"] == "'=cmd()"


def test_only_the_owner_reads_the_file_also_in_place_of_an_open_one(filled, tmp_path):
    path = tmp_path / "a.csv"
    path.touch(mode=0o644)
    amalgamation.export(filled, path, key=KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".*")) == []


def test_the_trail_says_how_many_were_listed(filled, tmp_path):
    amalgamation.export(filled, tmp_path / "a.csv", key=KEY)
    with filled.reading() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()[-1]
    assert (event.action, event.detail) == ("registry.amalgamation", {"persons": 1, "records": 4})


def test_pages_hold_every_person_once(database, tmp_path, monkeypatch):
    monkeypatch.setattr(amalgamation, "_PERSONS", 2)
    people = [f"{3174021203800000 + 1_010_101 * number:016}" for number in range(5)]
    pairs = [(number, again) for again in (0, 1) for number in range(5)]
    fill(
        database,
        [
            {"kpj": f"9900000{again}{number:03}", "nik": people[number], "full_name": "BUDI"}
            for number, again in pairs
        ],
    )
    seen: list[tuple[int, int]] = []
    done = amalgamation.export(
        database,
        tmp_path / "a.csv",
        key=KEY,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert done == Listed(5, 10)
    assert [row["person"] for row in listed(tmp_path / "a.csv")] == list("1122334455")
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_no_registry_is_said_and_nothing_is_written(database, tmp_path):
    with pytest.raises(NotFoundError, match="import one first"):
        amalgamation.export(database, tmp_path / "a.csv", key=KEY)
    assert not (tmp_path / "a.csv").exists()


def test_a_folder_that_is_not_there_is_said(filled, tmp_path):
    with pytest.raises(InvalidError, match="No such file"):
        amalgamation.export(filled, tmp_path / "nowhere" / "a.csv", key=KEY)
