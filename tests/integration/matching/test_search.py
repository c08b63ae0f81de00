import datetime as dt

import pytest
from sqlalchemy import text

from helpdesk.matching.service import find
from helpdesk.matching.types import Level, Query, Verdict
from helpdesk.registry.serving import GenerationGoneError, file_of, schema_of

TODAY = dt.date(2026, 11, 21)
SITI = ("99000000017", "3273015708909001", "SITI AMINAH RAHAYU", "BANDUNG", "1990-08-17")
DAY = dt.date(1990, 8, 17)


def ask(database, *, day=None, nik=None, name=None, place=None):
    with database.reading() as session:
        return find(session, Query(name, place, day, nik), today=TODAY)


def kpjs(answer):
    return [candidate.record.kpj for candidate in answer.candidates]


@pytest.mark.parametrize(
    "facts",
    [
        {"nik": "3273015708909001"},
        {"nik": "3273 0157 0890 9001", "name": "siti aminah"},
        {"nik": "3273015708909007", "name": "Siti Aminah Rahayu"},
        {"nik": "327301570890901", "name": "Siti Aminah Rahayu"},
        {"nik": "3273017508909001"},
        {"name": "St. Aminah Rahajoe", "day": DAY},
        {"name": "Aminah Rahayu", "day": dt.date(1990, 8, 18)},
        {"name": "Siti Aminha Rahau", "day": DAY},
        {"name": "Aminah", "day": DAY},
        {"name": "Siti Aminah", "place": "Kota Bandung"},
        {"name": "Rahayu Siti Aminah"},
        {"nik": "1171010101709555", "name": "Siti Aminah Rahayu", "day": DAY},
    ],
    ids=[
        *("nik", "spaced", "serial_slip", "digit_lost", "digits_swapped", "old_spelling"),
        *("date_slip", "typos", "one_word", "place", "name_only", "another_nik"),
    ],
)
def test_record_is_found_whatever_is_missing_or_wrong(bring_in, facts):
    database = bring_in(SITI, ("99000000018", "", "BUDI CONTOH", "MEDAN", ""))
    assert kpjs(ask(database, **facts))[:1] == ["99000000017"]


def test_swapped_date_is_found(bring_in):
    database = bring_in((*SITI[:4], "1990-08-07"))
    answer = ask(database, name="Siti Aminah Rahayu", day=dt.date(1990, 7, 8))
    assert answer.candidates[0].evidence[1].level == Level.SWAPPED


def test_every_kpj_of_one_person_is_listed_with_one_probability(registry, people):
    person = next(each for each in people if len(each.records) == 3)
    answer = ask(registry, name=person.full_name, day=person.birth_date)
    mine = answer.candidates[:3]
    assert {each.record.kpj for each in mine} == {each.kpj for each in person.records}
    assert len({(each.person, each.probability) for each in mine}) == 1


def test_kpj_under_a_damaged_nik_comes_along(bring_in):
    other = ("99000000018", "3273015708909004", *SITI[2:])
    assert set(kpjs(ask(bring_in(SITI, other), nik=SITI[1]))) == {SITI[0], other[0]}


def test_twins_are_two_people(bring_in):
    twin = ("99000000018", "3273015708909002", "SITI AMIRA RAHAYU", *SITI[3:])
    answer = ask(bring_in(SITI, twin), nik=SITI[1], name=SITI[2], day=DAY)
    assert kpjs(answer)[0] == SITI[0]
    assert len({each.person for each in answer.candidates}) == len(answer.candidates)


def test_all_facts_right_is_a_match_with_evidence(registry, people):
    person = people[0]
    answer = ask(
        registry,
        name=person.full_name,
        place=person.birth_place,
        day=person.birth_date,
        nik=person.nik,
    )
    assert answer.verdict is Verdict.MATCH
    assert [each.level for each in answer.candidates[0].evidence] == [Level.EXACT] * 4


def test_namesake_with_another_nik_is_no_match(bring_in):
    answer = ask(bring_in(SITI), name=SITI[2], day=DAY, nik="1171015708909555")
    assert answer.verdict is not Verdict.MATCH


def test_name_and_place_alone_are_never_a_match(bring_in):
    assert ask(bring_in(SITI), name=SITI[2], place="Bandung").verdict is not Verdict.MATCH


def test_hidden_namesakes_lower_the_probability(bring_in):
    rows = [
        (f"990000{i:05}", "", "SITI AMINAH", "BANDUNG", f"{1960 + i % 40}-0{1 + i % 9}-11")
        for i in range(400)
    ]
    answer = ask(bring_in(*rows), name="Siti Aminah")
    assert answer.verdict is Verdict.NONE
    assert all(each.probability < 0.01 for each in answer.candidates)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"place": "Bandung"},
        {"name": "  ...  "},
        {"name": "x" * 5_000, "place": "y" * 5_000, "nik": "9" * 5_000, "day": dt.date.min},
        {"name": "Zq \x00\ud800 ’", "place": "\x00", "nik": "NIK saya hilang", "day": dt.date.max},
        {"nik": "9" * 16},
        {"nik": "9" * 17},
    ],
)
def test_facts_of_nobody_find_nobody(bring_in, facts):
    assert ask(bring_in(SITI), **facts).verdict is Verdict.NONE


def test_empty_registry_finds_nobody(database):
    assert ask(database, nik=SITI[1], name=SITI[2], day=DAY).candidates == ()


def test_long_list_of_candidates_is_cut_but_never_within_the_best_person(bring_in):
    rows = [(f"990000{i:05}", *SITI[1:]) for i in range(15)]
    assert len(ask(bring_in(*rows), nik=SITI[1]).candidates) == 15


def test_a_registry_replaced_while_matching_runs_stays_readable_and_then_says_so(bring_in):
    database = bring_in(SITI)
    with database.reading() as session:
        asked = Query("Siti Aminah Rahayu", None, DAY, None)
        assert kpjs(find(session, asked, today=TODAY)) == [SITI[0]]
        bring_in(("99000000018", "", "BUDI CONTOH", "MEDAN", ""))
        assert kpjs(find(session, asked, today=TODAY)) == [SITI[0]]  # the one it began with
    assert kpjs(ask(database, name="Budi Contoh"))[:1] == ["99000000018"]


def test_a_generation_that_is_gone_is_an_error_that_says_so(bring_in):
    database = bring_in(SITI)
    with database.transaction() as tx:
        if database.is_sqlite:
            file_of(tx.session.get_bind(), 1).unlink()
        else:
            tx.session.execute(text(f"DROP SCHEMA {schema_of(1)} CASCADE"))
    with pytest.raises(GenerationGoneError, match="replaced"):
        ask(database, name="Budi Contoh")
