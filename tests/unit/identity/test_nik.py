import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures import nik

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    "written",
    ["3273 0117 0890 9001", "32.7301.170890.9001", "3273O117O8909OO1", "327301-170890-9001"],
    ids=["groups", "dots", "letter O", "dashes"],
)
def test_separators_and_letters_for_digits_are_mended(written):
    assert nik.inspect(written, today=TODAY).digits == "3273011708909001"


def test_forty_is_added_to_the_day_of_women():
    seen = nik.inspect("3205014505889002", today=TODAY)
    assert (seen.sex, seen.birth_date) == ("f", dt.date(1988, 5, 5))


def test_a_century_is_chosen_that_makes_a_worker():
    assert nik.inspect("3273010101019001", today=TODAY).birth_date == dt.date(2001, 1, 1)
    assert nik.inspect("3273010101509001", today=TODAY).birth_date == dt.date(1950, 1, 1)


@pytest.mark.parametrize(
    ("digits", "warning"),
    [
        ("327301170890900", "nik_malformed"),
        ("3273013002909001", "nik_date_impossible"),
        ("3273018508909001", "nik_date_impossible"),
        ("9973011708909001", "nik_region_unknown"),
        ("3273011708900000", "nik_serial_zero"),
    ],
)
def test_a_failed_check_is_a_warning(digits, warning):
    assert warning in nik.inspect(digits, today=TODAY).warnings


def test_a_code_of_papua_before_2022_is_still_known():
    assert nik.inspect("9102016510879106", today=TODAY).region == "Kab. Jayawijaya"


def test_the_day_40_is_neither_sex():
    assert nik.inspect("3273014008909001", today=TODAY).birth_dates == ()


@given(st.text(max_size=40))
def test_any_text_can_be_inspected(text):
    seen = nik.inspect(text, today=TODAY)
    assert seen.well_formed == (len(seen.digits) == 16 and "nik_malformed" not in seen.warnings)
