"""What askers state is near what is true, whatever the dice say."""

import datetime as dt
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from helpdesk.registry.synthetic import slips
from helpdesk.registry.synthetic.slips import Asked

TRUE = Asked("SITI NURHALIZA DJOKO", "Makassar", "1990-04-23", "7371016304909001")
DRAWS = 20_000

dice = st.integers(0, 1 << 32).map(random.Random)
words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ'", min_size=1, max_size=14)


def shares(draw):
    """Return how often each outcome of a slip comes."""
    seeded = random.Random(1)
    counts = Counter(draw(seeded) for _ in range(DRAWS))
    return {outcome: n / DRAWS for outcome, n in counts.items()}


@settings(deadline=None)  # the first call reads the names of places
@given(dice, st.lists(words, min_size=1, max_size=5), st.dates(dt.date(1900, 1, 1)))
def test_any_name_and_date_can_be_stated(dice, names, date):
    asked = slips.slip(dice, Asked(" ".join(names), "Kota Baru", f"{date}", TRUE.nik))
    assert asked.full_name or asked.nik
    assert asked.birth_date is None or dt.date.fromisoformat(asked.birth_date)
    assert asked.nik is None or asked.nik.isdecimal()


@given(dice)
def test_a_nik_that_must_be_there_is(dice):
    assert slips.slip(dice, TRUE, has_nik=True).nik


@given(dice)
def test_a_nik_is_one_slip_off_or_of_another_document_of_the_same_district(dice):
    stated = slips.nik(dice, TRUE.nik, present=True)
    assert OSA.distance(stated, TRUE.nik) <= 1 or stated[:6] == TRUE.nik[:6]


@given(dice)
def test_a_date_is_right_or_swapped_or_one_digit_off(dice):
    # The 23rd is no month: this date cannot be exchanged.
    stated = slips.date(dice, TRUE.birth_date)
    assert stated is None or OSA.distance(stated, TRUE.birth_date) <= 1
    stated = slips.date(dice, "1990-04-05")
    assert stated in {None, "1990-05-04"} or OSA.distance(stated, "1990-04-05") <= 1


def test_dates_go_wrong_as_often_as_stated():
    found = shares(lambda dice: slips.date(dice, "1990-04-05"))
    assert found[None] == pytest.approx(slips.DATE_MISSING, abs=0.01)
    assert found["1990-05-04"] == pytest.approx(slips.DATE_SWAPPED, abs=0.005)
    # One in four wrong digits makes a date that does not exist, and is not stated.
    assert 0.71 < found["1990-04-05"] < 0.74


def test_niks_go_wrong_as_often_as_stated():
    found = shares(lambda dice: slips.nik(dice, TRUE.nik))
    # Exchanging two digits that are the same changes nothing.
    assert found[None] == pytest.approx(slips.NIK_ABSENT, abs=0.01)
    assert found[TRUE.nik] == pytest.approx(0.48, abs=0.015)
    short = sum(share for nik, share in found.items() if nik and len(nik) == 15)
    assert short == pytest.approx(slips.NIK_SHORT, abs=0.005)


def test_names_are_missing_or_short_as_often_as_stated():
    found = shares(lambda dice: len((slips.name(dice, "BUDI SANTOSO") or "").split()))
    assert found[0] == pytest.approx(slips.NAME_MISSING, abs=0.005)
    assert found[1] == pytest.approx(slips.DROPPED * 0.97 * 0.96 * 0.94, abs=0.01)


def test_a_place_is_called_by_an_old_name_or_a_rank_or_is_the_next_one():
    found = shares(lambda dice: slips.place(dice, "Makassar"))
    assert found["Makassar"] == pytest.approx(0.57, abs=0.015)
    assert {"Ujung Pandang", "Kab. Makassar", "Gowa"} <= set(found)
    assert found[None] == pytest.approx(slips.PLACE_ABSENT, abs=0.01)
