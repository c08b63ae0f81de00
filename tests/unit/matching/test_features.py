import ast
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.matching import features
from helpdesk.matching.features import LEVELS, WORD_LEVELS, WordLevel, facts, named
from helpdesk.matching.types import Level

DAY = dt.date(1990, 8, 7).toordinal()
NIK = "3273010708909001"


def compared(one, other):
    """Return how two lots of facts compare: NIK, date, name, place."""
    nik, date, name, place = features.compare(one, other)
    return [LEVELS[level] for level in (nik, date, name.level, place)]


def name_level(one, other):
    return compared(facts(one, None, None, None), facts(other, None, None, None))[2]


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        ("Siti Aminah", "SITI AMINAH", Level.EXACT),
        ("Aminah Siti", "SITI AMINAH", Level.SAME),
        ("Moch. Risky", "MUHAMMAD RIZKI", Level.SAME),
        ("Nur Hayati", "NURHAYATI", Level.SAME),
        ("Siti Y", "SITI", Level.SIMILAR),
        ("Budi Setyawan", "BUDI SETIAWANN", Level.SAME),
        ("Budi Setiawam", "BUDI SETIAWAN", Level.SIMILAR),
        ("Siti Aminah", "SITI", Level.SIMILAR),
        ("M Rizki Pratama", "MUHAMMAD RIZKI PRATAMA", Level.SIMILAR),
        ("Budi Santoso", "RINA WATI", Level.DIFFERENT),
        (None, "RINA WATI", Level.MISSING),
        ("...", "RINA WATI", Level.MISSING),
        ("Rina Wati", "", Level.NOT_RECORDED),
    ],
)
def test_name_compares_by_words(asked, recorded, level):
    assert name_level(asked, recorded) is level


def test_words_that_only_partly_agree_are_told_apart():
    asked = named("M Rizki Pratama Jaya")
    first, second = (
        features.full_name(asked, named(each)) for each in ("MUHAMMAD RIZKI PRATAM HASAN", "JAYA")
    )
    assert [WORD_LEVELS[level] for level in first.paired] == [
        *(WordLevel.INITIAL, WordLevel.SAME, WordLevel.SLIP, WordLevel.ADDED)
    ]
    assert [WORD_LEVELS[level] for level in second.paired] == [
        *(WordLevel.ADDED, WordLevel.ADDED, WordLevel.ADDED, WordLevel.SAME)
    ]
    assert (first.dropped, second.dropped) == (1, 0)


def test_a_word_finds_its_like_before_another_takes_it():
    found = features.full_name(named("Siti Sitti Rahayu"), named("RAHAYU SITI LESTARI"))
    assert [WORD_LEVELS[level] for level in found.paired].count(WordLevel.SAME) == 2
    assert found.dropped == 1


@pytest.mark.parametrize(
    ("recorded", "level"),
    [
        (dt.date(1990, 8, 7), Level.EXACT),
        (dt.date(1990, 7, 8), Level.SWAPPED),
        (dt.date(1990, 8, 17), Level.ONE_DIGIT),
        (dt.date(1980, 8, 7), Level.ONE_DIGIT),
        (dt.date(1990, 12, 31), Level.SAME_YEAR),
        (dt.date(1971, 2, 3), Level.DIFFERENT),
        (None, Level.NOT_RECORDED),
    ],
)
def test_birth_date_compares_by_digits(recorded, level):
    other = facts(None, None, recorded.toordinal() if recorded else None, None)
    assert compared(facts(None, None, DAY, None), other)[1] is level


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        (NIK, Level.EXACT),
        ("3273 0107 0890 9001", Level.EXACT),
        ("3273010708909002", Level.ONE_DIGIT_SERIAL),
        ("3273010708909010", Level.ONE_DIGIT_SERIAL),
        ("3273020708909001", Level.ONE_DIGIT),
        ("327301070890901", Level.ONE_DIGIT),
        ("3273010708909023", Level.TWO_DIGITS),
        ("327301070890902", Level.TWO_DIGITS),
        ("3273010709209123", Level.SAME_AREA),  # a family card, issued in 2020
        ("3273010709809123", Level.DIFFERENT),
        ("3274010708909123", Level.DIFFERENT),
        ("12345", Level.MISSING),
        ("", Level.MISSING),
    ],
)
def test_nik_compares_by_slips(asked, level):
    assert compared(facts(None, None, None, asked), facts(None, None, None, NIK))[0] is level


def test_a_nik_of_one_piece_with_its_date_is_no_slip_of_another():
    asked = facts(None, None, dt.date(1990, 8, 17).toordinal(), "3273011708909001")
    own, slipped = facts(None, None, DAY, NIK), facts(None, None, None, NIK)
    assert compared(asked, own)[0] is Level.DIFFERENT
    assert compared(asked, slipped)[0] is Level.ONE_DIGIT


def test_a_nik_that_holds_the_stated_date_is_not_of_a_family_card():
    day = dt.date(2007, 8, 7).toordinal()
    asked = facts(None, None, day, "3273010708079123")
    undated = facts(None, None, None, "3273010708079123")
    assert compared(asked, facts(None, None, None, NIK))[0] is Level.DIFFERENT
    assert compared(undated, facts(None, None, None, NIK))[0] is Level.SAME_AREA


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        ("Kota Bandung", "KAB. BANDUNG", Level.EXACT),
        ("Ujung Pandang", "MAKASSAR", Level.EXACT),
        ("Tangerang", "TANGERANG SELATAN", Level.SIMILAR),
        ("Surabaia", "SURABAYA", Level.SIMILAR),
        ("Medan", "PADANG", Level.DIFFERENT),
        (None, "PADANG", Level.MISSING),
        ("Medan", "", Level.NOT_RECORDED),
    ],
)
def test_place_compares_by_its_present_name(asked, recorded, level):
    one, other = facts(None, asked, None, None), facts(None, recorded, None, None)
    assert compared(one, other)[3] is level


TEXT = st.one_of(st.none(), st.text(max_size=40))
FACTS = st.builds(facts, TEXT, TEXT, st.one_of(st.none(), st.dates().map(dt.date.toordinal)), TEXT)


@given(FACTS, FACTS)
def test_comparators_never_raise_and_equal_facts_never_conflict(one, other):
    assert len(compared(one, other)) == 4
    assert set(compared(one, one)) <= {Level.EXACT, Level.SAME, Level.MISSING}


def test_each_comparator_has_one_sentence_for_agents():
    tree = ast.parse(Path(features.__file__).read_text(encoding="utf-8"))
    comparators = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and [argument.arg for argument in node.args.args] == ["asked", "recorded"]
        and not node.name.startswith("_")
    ]
    assert len(comparators) == 4
    assert all(ast.get_docstring(node).count(".") == 1 for node in comparators)
