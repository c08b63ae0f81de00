"""The people a claim may mean as a page shows them."""

import datetime as dt

import pytest

from helpdesk.identity.types import About, Field
from helpdesk.matching.chosen import ChosenView
from helpdesk.matching.queries import CandidateView, ClaimView, FactView
from helpdesk.matching.types import Doubt, Evidence, Level, Reckoning, RegistryRecord, Way
from helpdesk.web import candidate_view
from helpdesk.web.candidate_view import finding, percent

NOW = dt.datetime(2026, 11, 2, 3, 15, tzinfo=dt.UTC)
NIK = "3273011708909001"


def record(kpj: str, name: str = "RAHMAT CONTOH", nik: str = NIK) -> RegistryRecord:
    born = dt.date(1990, 8, 17)
    return RegistryRecord(kpj, nik, name, "BANDUNG", born, "", "PT CONTOH", "PU", "AKTIF")


def candidate(person: int, kpj: str, probability: float, **values) -> CandidateView:
    evidence = (
        Evidence("full_name", Level.EXACT, 8.0, 1.0),
        Evidence("birth_date", Level.MISSING, 0.0),
        Evidence("nik", Level.EXACT, 24.0),
    )
    return CandidateView(person, probability, evidence, record(kpj, **values), Way.NIK)


def claim(*candidates: CandidateView, **values) -> ClaimView:
    facts = tuple(
        FactView(field, value, 0.98, 1, 0, 1, "name_label", None, (), ())
        for field, value in ((Field.FULL_NAME, "Rahmat Contoh"), (Field.NIK, NIK))
    )
    return ClaimView(1, About.SELF, None, "match", NOW, facts, candidates, **values)


def test_records_of_one_person_are_one_candidate_with_all_their_numbers():
    found = finding(
        claim(
            candidate(7, "99000000001", 0.999),
            candidate(7, "99000000002", 0.999),
            candidate(9, "99000000003", 0.001),
        ),
        language="id",
        revealed=False,
    )

    assert [[kpj.shown for kpj in person.kpjs] for person in found.persons] == [
        ["••••••• 0001", "••••••• 0002"],
        ["••••••• 0003"],
    ]
    assert found.persons[0].kpjs[0].active


def test_nothing_of_a_covered_claim_holds_a_whole_number():
    found = finding(claim(candidate(7, "99000000001", 0.999)), language="id", revealed=False)

    assert NIK not in repr(found)
    assert "99000000001" not in repr(found)


def test_revealed_numbers_can_be_copied():
    (person,) = finding(
        claim(candidate(7, "99000000001", 0.999)), language="id", revealed=True
    ).persons

    assert (person.kpjs[0].shown, person.kpjs[0].plain) == ("99 0000 00001", "99000000001")
    assert person.nik == "3273 0117 0890 9001"


def test_signs_come_with_the_most_telling_fact_first():
    (person,) = finding(
        claim(candidate(7, "99000000001", 0.999)), language="id", revealed=False
    ).persons

    assert [(each.text, each.kind) for each in person.chips] == [
        ("NIK", "same"),
        ("Tanggal", "unknown"),
        ("Nama", "same"),
    ]


def test_a_doubt_lays_the_runner_up_open():
    two = (candidate(7, "99000000001", 0.7), candidate(9, "99000000003", 0.3, name="RAHMAD C"))

    doubted = finding(claim(*two, doubts=(Doubt.RUNNER_UP,)), language="id", revealed=False)
    sure = finding(claim(*two), language="id", revealed=False)

    assert (doubted.close, sure.close) == (True, False)
    assert doubted.doubts == ("Bisa juga orang lain yang dimaksud.",)
    assert len(doubted.lines[0].recorded) == 2


def test_many_namesakes_that_are_not_listed_are_told():
    alone = claim(candidate(7, "99000000001", 0.02), reckoning=Reckoning(-20.0, -9.0, 0.0))

    assert (
        "Orang lain dengan nama seperti itu" in finding(alone, language="id", revealed=False).why
    )


def test_a_claim_without_candidates_may_still_ask():
    found = finding(claim(ask=Field.NIK), language="id", revealed=False)

    assert (found.persons, found.ask) == ((), Field.NIK)


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(1.0, "99.9%"), (0.9999, "99.9%"), (0.5, "50.0%"), (0.29, "29.0%"), (0.0004, "< 0.1%")],
)
def test_nothing_is_shown_as_certain_that_is_not(probability, shown):
    assert percent(probability, "en") == shown


@pytest.mark.parametrize(
    ("kpj", "person", "nobody"),
    [("99000000001", 7, False), ("", None, True), ("99000000099", None, False)],
    ids=["a candidate", "nobody", "left the registry"],
)
def test_a_choice_names_whom_it_means(kpj, person, nobody):
    line = candidate_view.choice_line(
        claim(candidate(7, "99000000001", 0.9)), ChosenView(kpj, "Dewi", NOW)
    )

    assert (line.person, line.nobody, line.agent) == (person, nobody, "Dewi")
