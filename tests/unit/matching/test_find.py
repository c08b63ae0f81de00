"""The whole way from a query to an answer, on a registry in memory."""

import datetime as dt
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.identity.types import Field
from helpdesk.matching import search
from helpdesk.matching.score import FEATURES, LEVELS, WORD_LEVELS, shipped_weights
from helpdesk.matching.types import Doubt, Query, Verdict, Way
from helpdesk.registry import synthetic
from helpdesk.registry.synthetic import queries
from tests.unit.matching.memory import MemoryReader, found, session_of

TODAY = dt.date(2026, 11, 21)
PEOPLE = 400
SITI = {
    "nik": "3273015708909001",
    "full_name": "SITI AMINAH RAHAYU",
    "birth_place": "BANDUNG",
    "birth_day": dt.date(1990, 8, 17).toordinal(),
}
DAY = dt.date(1990, 8, 17)


def made_up():
    records = []
    for person in synthetic.people(PEOPLE, seed=3):
        first = len(records) + 1
        for each in person.records:
            born = each.birth_date
            values = {
                "kpj": each.kpj,
                "nik": each.nik,
                "full_name": each.full_name,
                "birth_place": each.birth_place,
                "birth_day": born.toordinal() if born else None,
            }
            records.append(found(len(records) + 1, values, person=first))
    return records


READER = MemoryReader(made_up())
ASKED = [
    {**line, "birth_date": line["birth_date"]}
    for line in (
        queries.lines(number, each)[0]
        for number, each in enumerate(
            queries.labelled(PEOPLE, 3, count=200, query_seed=4), start=1
        )
    )
]


def query_of(line):
    born = line.get("birth_date")
    return Query(
        line.get("full_name"),
        line.get("birth_place"),
        features_day(born),
        line.get("nik"),
    )


def features_day(text):
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        day, month, year = map(int, text.replace("/", "-").split("-"))
        return dt.date(year, month, day)


def ask(records, *, day=None, nik=None, name=None, place=None):
    reader = MemoryReader(records)
    return search.find(session_of(reader), Query(name, place, day, nik), today=TODAY)


def odds(answer):
    chance = answer.candidates[0].probability
    return log2(chance / (1 - chance))


FACTS = st.builds(
    Query,
    st.sampled_from([None, *(line.get("full_name") for line in ASKED)]),
    st.sampled_from([None, *(line.get("birth_place") for line in ASKED)]),
    st.sampled_from([None, *(features_day(line.get("birth_date")) for line in ASKED)]),
    st.sampled_from([None, *(line.get("nik") for line in ASKED)]),
)


@given(st.one_of(FACTS, st.sampled_from(ASKED).map(query_of)))
@settings(deadline=None)
def test_reckoning_of_any_answer_adds_up(query):
    answer = search.find(session_of(READER), query, today=TODAY)
    if answer.candidates:
        told = answer.reckoning
        bits = sum(each.bits for each in answer.candidates[0].evidence)
        total = told.prior + bits + told.rivals + told.calibration
        assert total == pytest.approx(odds(answer), abs=1e-6)
        assert sum({each.person: each.probability for each in answer.candidates}.values()) < 1.001
    else:
        assert (answer.verdict, answer.reckoning) == (Verdict.NONE, None)


@given(st.sampled_from(ASKED).map(query_of))
@settings(deadline=None)
def test_training_sees_what_the_evidence_adds_up_from(query):
    seen = search.observe(session_of(READER), query, today=TODAY)
    levels = shipped_weights().levels
    for person in range(len(seen.persons)):
        for feature, field in enumerate(FEATURES):
            name = "nik_given_date" if feature == 0 and seen.given_date[person] else field.value
            level, rarity = LEVELS[seen.levels[person, feature]], seen.rarity[person, feature]
            expected = 0.0
            if field is Field.FULL_NAME and level in {"similar", "different"}:
                expected = (
                    float(rarity)
                    + log2(levels["full_name"]["partial"].m)
                    + sum(
                        count * (log2(each.m) if each.counted else each.bits)
                        for count, each in zip(
                            seen.words[person].tolist(),
                            (levels["word"][word] for word in WORD_LEVELS),
                            strict=True,
                        )
                    )
                )
                expected = min(max(expected, -10.0), seen.ceiling)
            elif level in levels[name]:
                each = levels[name][level]
                expected = log2(each.m) + float(rarity) if each.counted else each.bits
            assert seen.bits[person, feature] == pytest.approx(expected, abs=1e-3)


def test_training_sees_nobody_where_nobody_is():
    seen = search.observe(session_of(READER), Query(nik="9999999999999999"), today=TODAY)
    assert (len(seen.persons), seen.kpjs, seen.log_odds) == (0, (), -np.inf)


def test_members_are_found_by_what_they_state():
    labelled = queries.labelled(PEOPLE, 3, count=200, query_seed=4)
    members = [
        (queries.lines(number, each)[0], set(queries.lines(number, each)[1]["kpjs"]))
        for number, each in enumerate(labelled)
    ]
    clear = [
        (query_of(line), kpjs)
        for line, kpjs in members
        if kpjs and (line["nik"] or (line["full_name"] and line["birth_date"]))
    ]
    answers = [search.find(session_of(READER), query, today=TODAY) for query, _ in clear]
    right = [
        bool(answer.candidates) and answer.candidates[0].record.kpj in kpjs
        for (_, kpjs), answer in zip(clear, answers, strict=True)
    ]
    assert len(right) > 100
    assert sum(right) >= len(right) - 1


@pytest.mark.parametrize(
    ("facts", "way"),
    [
        ({"nik": SITI["nik"]}, Way.NIK),
        ({"name": "Siti Aminah Rahayu", "day": DAY}, Way.DATE_AND_NAME),
        ({"name": "Siti Aminah Rahayu", "nik": "3273015708809001"}, Way.NEAR_NIK),
        ({"name": "Siti Aminah Rahayu"}, Way.NAME),
        ({"name": "Sity Aminh Rahayy", "day": DAY}, Way.DAY),
    ],
)
def test_the_key_that_led_there_is_told(facts, way):
    records = [found(1, SITI), found(2, {"full_name": "BUDI CONTOH"})]
    if way is Way.DAY:
        facts = facts | {"name": "Sitxi Aminbh Rahbyu"}
    answer = ask(records, **facts)
    assert (answer.candidates[0].person, answer.candidates[0].way) == (1, way)


def test_common_words_lead_to_a_place_or_to_a_near_date():
    crowd = [
        found(number, {"full_name": "SITI AMINAH", "birth_place": "MEDAN", "birth_day": 700_000})
        for number in range(2, 400)
    ]
    siti = found(1, SITI | {"full_name": "SITI AMINAH"})
    placed = ask([siti, *crowd], name="Siti Aminah", place="Bandung")
    assert (placed.candidates[0].person, placed.candidates[0].way) == (1, Way.NAME_AND_PLACE)
    dated = ask([siti, *crowd], name="Siti Aminah", day=dt.date(1990, 8, 18))
    assert (dated.candidates[0].person, dated.candidates[0].way) == (1, Way.NEAR_DATE)


def test_a_word_that_nobody_has_is_looked_for_with_a_slip():
    crowd = [
        found(number, {"full_name": "AGUS SANTOSO", "birth_place": "BANDUNG"})
        for number in range(3, 400)
    ]
    agus = [
        found(number, {"full_name": "AGUS RAHPRAMAT", "birth_place": place})
        for number, place in ((1, "BANDUNG"), (2, "MEDAN"))
    ]
    reader = MemoryReader([*agus, *crowd])
    asked = Query("Agus Rahrpamat", "Bandung")
    assert search.find(session_of(reader), asked, today=TODAY).candidates[0].person == 1
    assert reader.buckets_read < 50  # by the slips that are words, not by all there are


def test_a_place_with_a_slip_leads_there_too():
    crowd = [
        found(number, {"full_name": "SITI AMINAH", "birth_place": "MEDAN"})
        for number in range(2, 400)
    ]
    siti = found(1, {"full_name": "SITI AMINAH", "birth_place": "JEMBER"})
    placed = ask([siti, *crowd], name="Siti Aminah", place="Jymber")
    assert (placed.candidates[0].person, placed.candidates[0].way) == (1, Way.NAME_AND_PLACE)


def test_a_crowd_is_counted_though_not_fetched():
    crowd = [
        found(number, {"full_name": "SITI AMINAH", "birth_place": "MEDAN"})
        for number in range(1, 400)
    ]
    answer = ask(crowd, name="Siti Aminah", place="Medan")
    assert answer.verdict is Verdict.NONE
    assert all(each.probability < 0.01 for each in answer.candidates)


def test_several_kpj_of_one_person_do_not_compete():
    records = [found(number, SITI, person=1) for number in (1, 2, 3)]
    answer = ask(records, name="Siti Aminah Rahayu", day=DAY, nik=SITI["nik"])
    assert answer.verdict is Verdict.MATCH
    assert [each.person for each in answer.candidates] == [1, 1, 1]


def test_best_of_each_fact_counts_over_the_records_of_a_person():
    swapped = found(2, SITI | {"nik": "3273015708909008"}, person=1)
    records = [found(1, SITI | {"full_name": "SITTI AMINA"}), swapped]
    answer = ask(records, name="Siti Aminah Rahayu", nik=SITI["nik"])
    assert {each.level for each in answer.candidates[0].evidence[:3:2]} == {"exact"}
    assert len({each.evidence for each in answer.candidates}) == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "Siti Aminah Rahayu"}, Field.NIK),
        ({"name": "Siti Aminah Rahayu", "nik": "1171010101709555"}, Field.NIK),
        ({"nik": SITI["nik"], "name": "Siti Aminah Rahayu", "day": DAY}, None),
        ({"nik": "9999999999999999"}, Field.BIRTH_DATE),
        ({}, Field.NIK),
    ],
)
def test_what_to_ask_next_is_the_fact_that_decides(facts, field):
    assert ask([found(1, SITI)], **facts).ask is field


def test_what_to_ask_next_tells_namesakes_apart():
    twins = [
        found(1, SITI | {"nik": "", "birth_place": "BANDUNG"}),
        found(2, SITI | {"nik": "", "birth_place": "MEDAN"}),
    ]
    answer = ask(twins, name="Siti Aminah Rahayu", day=DAY)
    assert answer.ask is Field.BIRTH_PLACE
    assert Doubt.RUNNER_UP in answer.doubts


def test_an_agents_choice_comes_first_however_unlikely():
    records = [found(1, SITI), found(2, {"full_name": "BUDI CONTOH"})]
    session = session_of(MemoryReader(records))
    query = Query("Siti Aminah Rahayu", None, DAY, SITI["nik"])
    answer = search.find(session, query, today=TODAY, first=2)
    assert [each.person for each in answer.candidates] == [2, 1]
    assert answer.candidates[0].probability < 0.01 < answer.candidates[1].probability


def test_sure_answers_take_one_look():
    reader = MemoryReader([found(1, SITI)])
    search.find(session_of(reader), Query("Siti Aminah Rahayu", None, DAY), today=TODAY)
    assert reader.looked == 1


def test_empty_registry_finds_nobody():
    query = Query("Siti", "Bandung", DAY, SITI["nik"])
    for reader in (None, MemoryReader([])):
        answer = search.find(session_of(reader), query, today=TODAY)
        assert (answer.candidates, answer.verdict) == ((), Verdict.NONE)


LONG_NAMES = ("9" * 300, "a " * 200, "x" * 300)
HOSTILE = st.builds(
    Query,
    st.one_of(
        st.none(), st.text(max_size=400), st.sampled_from(["9" * 300, "a " * 200, "x" * 300])
    ),
    st.one_of(st.none(), st.text(max_size=400)),
    st.one_of(st.none(), st.dates(), st.just(dt.date(1900, 1, 1))),
    st.one_of(st.none(), st.text(max_size=40), st.from_regex(r"[0-9A-Z]{14,18}", fullmatch=True)),
)


@given(HOSTILE)
@settings(deadline=None)
def test_whatever_is_asked_there_is_an_answer(query):
    answer = search.find(session_of(READER), query, today=TODAY)
    assert answer.verdict in set(Verdict)
    assert (answer.reckoning is None) == (not answer.candidates)
