import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.registry import keys

DAY = dt.date(1990, 8, 17).toordinal()


def codes(name):
    return [word.code for word in keys.words(name)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DJOKO TJAHJONO", "Joko Cahyono"),
        ("H. Muhammad Rizki, S.Kom", "MOCH. RISKY"),
        ("Achmad Sjarif", "Ahmad Syarif"),
        ("Jusuf", "Yusup"),
        ("Rachman", "Rahman"),
        ("Koesoema", "Kusuma"),
        ("Dra. Hj. Siti Aminah", "St. Aminah"),
        ("I GDE MADE SUARTA", "I Gede Made Suarta"),
        ("Ahmad bin Saleh", "AHMAD"),
        ("Nur-Hayati", "Nur Hayati"),
        ("Ma'ruf Amin", "Ma’ruf Amin"),
        ("Rotua br. Siregar", "Rotua Siregar"),
    ],
)
def test_spellings_of_one_name_share_their_codes(one, other):
    assert codes(one) == codes(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dwi Lestari", "Dewi Lestari"),
        ("Yanto", "Yanti"),
        ("Sutrisno", "Sutrisna"),
        ("Siti Aminah", "Siti Amirah"),
    ],
)
def test_names_of_different_people_stay_apart(one, other):
    assert codes(one) != codes(other)


def test_degree_is_dropped_only_at_the_end():
    assert codes("Budi ST") == ["budi"]
    assert codes("ST Aminah")[0] == "siti"


def test_name_of_titles_only_keeps_them():
    assert codes("Dr. H.") == ["dr", "h"]


@given(st.text(max_size=400))
def test_words_never_raise_and_are_few(name):
    found = keys.words(name)
    assert len(found) <= 12
    assert all(word.spelled.isascii() and word.code for word in found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("KAB. BANDUNG", "bandung"),
        ("Ujung Pandang", "makassar"),
        ("Jkt", "jakarta"),
        ("Kota Adm. Jakarta Selatan", "jakarta"),
        ("D.I. Yogyakarta", "yogyakarta"),
        ("Solo", "surakarta"),
        ("", ""),
    ],
)
def test_place_loses_rank_and_old_name(written, meant):
    assert keys.place(written) == meant


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3273 0157 0890 9001", 3273015708909001),
        ("32.7301.570890.9001", 3273015708909001),
        ("327301570890900", None),
        ("32730157O8909001", None),
        ("３２７３０１５７０８９０９００１", None),
        ("", None),
    ],
)
def test_nik_is_a_number_only_with_sixteen_digits(written, number):
    assert keys.nik_number(written) == number


def test_nik_of_a_woman_means_her_birth_date():
    assert DAY in keys.nik_days("3273015708909001")


def test_near_codes_hold_every_slip_and_not_the_code():
    near = keys.near_codes("tono")
    assert {"ton", "otno", "tomo", "tonto", "stono", "tonos"} <= near
    assert "tono" not in near


def test_near_niks_hold_every_plausible_slip():
    near = keys.near_niks("3273011708909001")
    assert 3273011708909002 in near
    assert 3273011708909010 in near  # neighbours swapped
    assert 3273015708909001 in near  # a woman's day
    assert 3273011713909001 not in near  # month 13
    assert 100 < len(near) < 180


@pytest.mark.parametrize("written", ["327301170890901", "32730117089009001"])
def test_near_niks_mend_a_digit_lost_or_added(written):
    assert 3273011708909001 in keys.near_niks(written)


@given(st.text("0123456789", max_size=20))
def test_near_niks_are_sixteen_digits_with_a_date(digits):
    assert all(keys.nik_days(str(nik)) and len(str(nik)) == 16 for nik in keys.near_niks(digits))


def test_swapped_day_exists_only_where_it_is_another_date():
    assert keys.swapped_day(dt.date(1990, 5, 7).toordinal()) == dt.date(1990, 7, 5).toordinal()
    assert keys.swapped_day(DAY) is None
    assert keys.swapped_day(dt.date(1990, 7, 7).toordinal()) is None


@given(st.dates())
def test_near_days_differ_in_one_digit(date):
    for day in keys.near_days(date.toordinal(), latest=dt.date(2030, 1, 1).toordinal()):
        other = dt.date.fromordinal(day)
        assert sum(a != b for a, b in zip(f"{date}", f"{other}", strict=True)) == 1
