"""How well the rules read what people wrote by hand; prints the tables with `-s`."""

import pytest

from helpdesk.identity.evaluation import Report, compare, score
from helpdesk.identity.types import About, Claim, Fact, Field, Span
from tests.training.variations import vary
from tests.unit.identity.labels import DATA, TODAY, faults, files, rows


def _score(pattern: str) -> Report:
    report = score((row for path in sorted(DATA.glob(pattern)) for row in rows(path)), today=TODAY)
    print(pattern, *report.lines(), sep="\n")
    return report


def test_every_label_has_its_form_and_every_id_is_there_once():
    wrong = [f"{path.name} {row['id']}: {one}" for path in files() for row in rows(path)
             for one in faults(row)]  # fmt: skip
    assert wrong == []
    ids = [row["id"] for path in files() for row in rows(path)]
    assert len(ids) == len(set(ids))


ROW = {
    "id": "x1",
    "messages": ["saya Budi Santoso, nik 3273011708909001"],
    "people": [
        {
            "about": "self", "full_name": "Budi Santoso", "nik": "3273011708909001",
            "said": {"full_name": [0, "Budi Santoso"], "nik": [0, "3273011708909001"]},
        }
    ],
}  # fmt: skip


def _claim(name: str, nik: str, start: int = 5) -> Claim:
    return Claim(
        (
            Fact(Field.FULL_NAME, name, 0.9, Span(0, start, start + 12)),
            Fact(Field.NIK, nik, 0.8, Span(0, 23, 39)),
        ),
        About.SELF,
    )


def test_what_is_read_rightly_counts_as_right():
    report = Report()
    compare(ROW, [_claim("BUDI SANTOSO", "3273011708909001")], report)
    assert (report.whole, report.about, report.false_people, report.misses) == (1, 1, 0, [])
    assert report.placed == 2
    assert report.ece == pytest.approx(0.15)


def test_a_wrong_value_an_invented_person_and_a_wrong_place_are_told():
    report = Report()
    compare(ROW, [_claim("Budi", "3273011708909001"), _claim("Siti", "1", 20)], report)
    assert report.whole == 0
    assert report.false_people == 1
    assert report.precision(Field.NIK) == 0.5
    assert report.f1(Field.FULL_NAME) == 0
    assert [miss.what for miss in report.misses] == ["full_name", "person"]


def test_somebody_found_where_nothing_is_asked_breaks_the_quiet():
    report = Report()
    compare({**ROW, "people": []}, [_claim("Budi", "1")], report)
    assert (report.quiet, report.kept_quiet) == (1, 0)


def test_variations_are_other_people_with_right_labels_the_same_each_time():
    written = [row for path in sorted(DATA.glob("development*.jsonl")) for row in rows(path)][:60]
    varied = list(vary(written, times=2, seed=1))
    assert len(varied) == 120
    assert [(row["id"], one) for row in varied for one in faults(row)] == []
    assert varied == list(vary(written, times=2, seed=1))
    names = {one.get("full_name") for row in written for one in row["people"]}
    others = {one.get("full_name") for row in varied for one in row["people"]}
    assert len(others - names) > len(names)
