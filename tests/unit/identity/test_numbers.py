import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures import number_kinds, numbers
from helpdesk.identity.findings import nik_finding
from helpdesk.identity.reading import fold, read

TODAY = dt.date(2026, 11, 21)
NIK = "3273011708909001"


def digits(text):
    return [number.digits for number in numbers.find(fold(text))]


def test_a_nik_is_found_however_it_is_grouped():
    for text in (
        "3273 0117 0890 9001", "32.7301.170890.9001", "327301-170890-9001", "3273/0117/0890/9001",
        "3 2 7 3 0 1 1 7 0 8 9 0 9 0 0 1", "32730117\n08909001",
        "3,273,011,708,909,001", "3273\n0117\n0890\n9001",
        "3️⃣2️⃣7️⃣3️⃣0️⃣1️⃣1️⃣7️⃣0️⃣8️⃣9️⃣0️⃣9️⃣0️⃣0️⃣1️⃣", "３２７３０１１７０８９０９００１",
    ):  # fmt: skip
        assert digits(text) == [NIK], text


def test_letters_that_look_like_digits_are_read_as_digits():
    for text in ("3273O117O89O9OO1", "327301l7O8909OOl", "l271012409909003", "327301170B909001"):
        assert len(digits(text)[0]) == 16
        assert digits(text)[0].isdecimal()


def test_a_nik_dictated_in_words_is_found():
    said = "tiga dua tujuh tiga nol satu satu tujuh kosong delapan sembilan kosong sembilan nol"
    assert digits(f"nomernya {said} nol satu") == [NIK]
    assert digits(f"nomernya {said} nol satu dua belas mei delapan lima") == [NIK]
    assert digits("tiga dua tujuh tiga nol satu tujuh belas nol delapan sembilan puluh sembilan"
                  " dobel nol satu") != []  # fmt: skip


def test_what_stands_beside_a_nik_is_no_part_of_it():
    for text in (
        f"081234567890 {NIK}", f"01 {NIK} 12", f"17-08-1990 {NIK}", f"5.{NIK}\n12\n0812345678",
        f"0812 3456 7890 {NIK[:4]} {NIK[4:8]} {NIK[8:12]} {NIK[12:]}",
    ):  # fmt: skip
        assert NIK in digits(text), text


def test_lists_of_numbers_are_not_joined():
    assert digits("3273011708909001\n3273011708909002") == [NIK, "3273011708909002"]
    assert digits("327301170890900 081200003321") == ["327301170890900", "081200003321"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("itu nik saya @", "nik"), ("@ itu nik saya", "nik"), ("@ (nik)", "nik"),
        ("no ktp: @", "nik"), ("@ (kk)", "other"), ("nomor kk saya @", "other"),
        ("@ itu nomor kartu keluarga", "other"), ("transfer ke va bca @", "other"),
        ("budi, garut, @", ""), ("no hp 0812, @", ""), ("@ no hp 0812000", ""),
        ("kk saya hilang. ini @", ""),
    ],
)  # fmt: skip
def test_the_words_beside_a_number_say_what_it_is(text, kind):
    at = text.index("@")
    assert number_kinds.kind(text.replace("@", NIK), at, at + len(NIK)) == kind


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("budi, 3273011708909001", ()), ("3273011708909001 itu nik saya", ()),
        ("budi, 327301170890901", ("nik_malformed",)),
        ("budi, 32730117089090011", ("nik_malformed",)),
    ],
)  # fmt: skip
def test_digits_of_the_shape_of_a_nik_are_one_without_a_label(text, warnings):
    reading = read(0, text)
    (number,) = numbers.find(reading.low)
    assert nik_finding(reading, number, TODAY, labelled=False).warnings == warnings


@pytest.mark.parametrize(
    "text",
    ["kartu saya 4123456789012345", "kk 3273011708909001", "3273012005129001 lahir",
     "rekening 335301012345534", "npwp 092345678901000", "99730117089090012"],
)  # fmt: skip
def test_other_long_numbers_are_no_nik(text):
    reading = read(0, text)
    assert all(
        nik_finding(reading, number, TODAY, labelled=False) is None
        for number in numbers.find(reading.low)
    )


WORDS = st.sampled_from(
    ["3273", "0117 ", "0890", "9001", "\n", "nol ", "dobel ", "tiga ", "puluh ", "o", "l", "b",
     ".",     "-", "/", "kk ", "(nik)",  "٣", "３", "\u20e3"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40).map("".join))
def test_any_text_gives_numbers_inside_it_in_order(text):
    low = fold(text)
    at = 0
    for number in numbers.find(low):
        assert at <= number.start < number.end <= len(low)
        assert number.digits.isdecimal()
        assert number.digits.isascii()
        assert number_kinds.kind(low, number.start, number.end) in {"nik", "other", ""}
        at = number.end


def test_two_dates_side_by_side_are_no_nik():
    for text in ("lahir 12061993 01122012 masuk", "1993-06-12 2012-12-01"):
        assert not [one for one in numbers.find(text) if len(one.digits) == 16]
    assert [one.digits for one in numbers.find("32730117 08909001")] == ["3273011708909001"]
