"""How values look on a page."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk import clock
from helpdesk.web import formats

MOMENT = dt.datetime(2026, 8, 16, 18, 5, tzinfo=dt.UTC)


@pytest.fixture
def indonesian():
    return formats.filters("id", "Asia/Jakarta")


@pytest.fixture
def english():
    return formats.filters("en", "Asia/Jakarta")


def test_moment_is_in_the_agencys_time_zone(indonesian, english):
    assert indonesian["moment"](MOMENT) == "17 Agu 2026, 01.05"
    assert english["moment"](MOMENT) == "17 Aug 2026, 01:05"
    assert indonesian["time"](MOMENT) == "01.05"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "hari ini, 01.05"),
        (1, "kemarin, 01.05"),
        (2, "15 Agu, 01.05"),
        (400, "13 Jul 2025, 01.05"),
        (-1, "18 Agu, 01.05"),
    ],
)
def test_when_is_as_short_as_it_stays_clear(indonesian, monkeypatch, days, expected):
    monkeypatch.setattr(clock, "now", lambda: MOMENT)

    assert indonesian["when"](MOMENT - dt.timedelta(days=days)) == expected


def test_day_of_a_moment_is_local_and_a_date_stays_itself(indonesian, english):
    assert indonesian["day"](MOMENT) == "17 Agu 2026"
    assert english["day"](dt.date(1990, 8, 17)) == "17 Aug 1990"


def test_ago_says_how_long_in_words(indonesian, english, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MOMENT)

    assert indonesian["ago"](MOMENT - dt.timedelta(hours=2)) == "2 jam yang lalu"
    assert english["ago"](MOMENT - dt.timedelta(days=1)) == "1 day ago"


def test_numbers_follow_the_language(indonesian, english):
    assert (indonesian["number"](12345), english["number"](12345)) == ("12.345", "12,345")
    assert (indonesian["percent"](0.994, 1), english["percent"](0.98)) == ("99,4%", "98%")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0 B"), (999, "999 B"), (1000, "1,0 kB"), (12_345, "12 kB"), (5 * 10**9, "5,0 GB")],
)
def test_size_is_in_the_unit_that_suits(value, expected):
    assert formats.size(value, "id") == expected


def test_numbers_of_people_are_grouped_for_the_eye():
    assert formats.group_nik("3271046504930001") == "3271 0465 0493 0001"
    assert formats.group_kpj("99000000017") == "99 0000 00017"


@given(st.text().filter(lambda value: sum(each.isdigit() for each in value) not in {11, 16}))
def test_anything_else_is_left_as_it_is(value):
    assert formats.group_nik(value) == value
    assert formats.group_kpj(value) == value


def test_cover_leaves_the_last_four():
    assert formats.mask_nik("3271046504930001") == "•••• •••• •••• 0001"
    assert formats.mask_kpj("99000000017") == "••••••• 0017"
    assert formats.mask_address("rahmat@example.org") == "rah…@example.org"


@given(st.text(max_size=20))
def test_cover_never_shows_more_than_four(value):
    for mask in (formats.mask_nik, formats.mask_kpj):
        assert len(mask(value).replace("•", "").replace(" ", "")) <= 4


@given(st.text())
def test_cover_of_an_address_hides_most_of_its_name(value):
    name = value.partition("@")[0]
    shown = formats.mask_address(value).partition("…")[0]
    assert len(shown) <= 3 or "@" not in value
    assert name.startswith(shown) or "@" not in value
