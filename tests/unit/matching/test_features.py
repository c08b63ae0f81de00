import ast
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.matching import features
from helpdesk.matching.features import WordLevel, facts
from helpdesk.matching.types import Level

DAY = dt.date(1990, 8, 7).toordinal()
NIK = "3273010708909001"


def name_level(one, other):
    return features.full_name(facts(one, None, None, None), facts(other, None, None, None)).level


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        ("Siti Aminah", "SITI AMINAH", Level.EXACT),
        ("Aminah Siti", "SITI AMINAH", Level.SAME),
        ("Moch. Risky", "MUHAMMAD RIZKI", Level.SAME),
        ("Nur Hayati", "NURHAYATI", Level.SAME),
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
    asked = facts("M Rizki Pratama Jaya", None, None, None)
    recorded = facts("MUHAMMAD RIZKI PRATAM HASAN", None, None, None)
    levels = [level for level, _ in features.full_name(asked, recorded).words]
    assert levels == [
        *(WordLevel.SAME, WordLevel.INITIAL, WordLevel.SLIP),
        *(WordLevel.ADDED, WordLevel.DROPPED),
    ]


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
    assert features.birth_date(facts(None, None, DAY, None), other).level is level


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        (NIK, Level.EXACT),
        ("3273 0107 0890 9001", Level.EXACT),
        ("3273010708909002", Level.ONE_DIGIT_SERIAL),
        ("3273010708909010", Level.ONE_DIGIT_SERIAL),
        ("3273020708909001", Level.ONE_DIGIT),
        ("327301070890901", Level.ONE_DIGIT),
        ("3273010708909123", Level.DIFFERENT),
        ("12345", Level.MISSING),
        ("", Level.MISSING),
    ],
)
def test_nik_compares_by_slips(asked, level):
    assert (
        features.nik(facts(None, None, None, asked), facts(None, None, None, NIK)).level is level
    )


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
    assert features.birth_place(one, other).level is level


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (("SITI AMINAH", "BANDUNG", DAY, NIK), True),
        (("SITI AMINAH", "BANDUNG", DAY, "3273010708909007"), True),
        (("SITI AMINAH", "BANDUNG", DAY, ""), True),
        (("SITTI AMINAH", "MEDAN", DAY, NIK), True),
        (("SITI AMINAH", "BANDUNG", dt.date(1990, 7, 8).toordinal(), NIK), True),
        (("SITI FATIMAH", "BANDUNG", DAY, "3273010708909002"), False),
        (("SITI AMINAH", "BANDUNG", DAY, "1171010708909555"), False),
        (("SITI AMINAH", "BANDUNG", DAY + 400, ""), False),
        (("BUDI SANTOSO", "BANDUNG", DAY + 400, NIK), False),
    ],
    ids=[
        *("alike", "slip", "no_nik", "spelling", "swapped"),
        *("twin", "namesake", "another_date", "stolen_nik"),
    ],
)
def test_records_of_one_person_are_known(other, same):
    mine = facts("SITI AMINAH", "BANDUNG", DAY, NIK)
    assert features.same_person(mine, facts(*other)) is same
    assert features.same_person(facts(*other), mine) is same


TEXT = st.one_of(st.none(), st.text(max_size=40))
FACTS = st.builds(facts, TEXT, TEXT, st.one_of(st.none(), st.dates().map(dt.date.toordinal)), TEXT)


@given(FACTS, FACTS)
def test_comparators_never_raise_and_equal_facts_never_conflict(one, other):
    for compare in (features.full_name, features.birth_date, features.nik, features.birth_place):
        compare(one, other)
        alike = {Level.EXACT, Level.SAME, Level.MISSING}
        assert compare(one, one).level in alike


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
