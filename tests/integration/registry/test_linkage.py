"""Splink finds the persons that the registry has; where the extra is installed."""

import csv
import json
from importlib import resources, util
from pathlib import Path

import pytest

from helpdesk.db import Database
from helpdesk.registry import amalgamation, synthetic
from helpdesk.registry.linkage import Splink
from tests.conftest import missing
from tests.registry import fill


@pytest.fixture
def splink() -> Splink:
    if util.find_spec("splink") is None:
        missing("the extra splink is not installed: make splink")
    text = resources.files("helpdesk.matching").joinpath("weights.json").read_text("utf-8")
    return Splink(json.loads(text)["levels"])


def test_splink_groups_as_the_registry_does(
    sqlite_database: Database, splink: Splink, tmp_path: Path
) -> None:
    fill(sqlite_database, _rows(2_000))
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    amalgamation.export(sqlite_database, ours, key=b"key")
    amalgamation.export(sqlite_database, theirs, key=b"key", grouping=splink.several)
    both, either = _lines(ours) & _lines(theirs), _lines(ours) | _lines(theirs)
    print(f"{len(both)} of {len(either)} lines are the same")
    assert len(both) > 400
    assert len(both) / len(either) > 0.98
    assert list(tmp_path.glob("helpdesk-splink-*")) == []


def _rows(people: int) -> list[dict[str, str]]:
    return [
        {
            "kpj": record.kpj,
            "nik": record.nik,
            "full_name": record.full_name,
            "birth_place": record.birth_place,
            "birth_date": record.birth_date.isoformat(),
            "mother_name": record.mother_name,
            "status": record.status,
        }
        for person in synthetic.people(people, seed=5)
        for record in person.records
    ]


def _lines(path: Path) -> set[tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {tuple(line) for line in csv.reader(file)}
