import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures import dates
from helpdesk.identity.reading import fold

TODAY = dt.date(2026, 11, 21)

# The forms of the domain notes: 36 strings, two of them days that do not exist.
FORMS = {
    "17 Agustus 1990": "1990-08-17", "17 Agt 1990": "1990-08-17", "17 Agst 1990": "1990-08-17",
    "17 Ags 1990": "1990-08-17", "05 Pebruari 1988": "1988-02-05", "5 Peb 1988": "1988-02-05",
    "12 Nopember 1979": "1979-11-12", "12 Nop 1979": "1979-11-12", "3 Mei 1985": "1985-05-03",
    "03-05-1985": "1985-05-03", "03/05/85": "1985-05-03", "3.5.1985": "1985-05-03",
    "030585": "1985-05-03", "03051985": "1985-05-03", "31 Desember 1999": "1999-12-31",
    "31 Des 1999": "1999-12-31", "01 Okt 1992": "1992-10-01", "1 oktober 92": "1992-10-01",
    "21-Juni-1991": "1991-06-21", "21 Jun '91": "1991-06-21", "9 Jan 2001": "2001-01-09",
    "10 Maret 1965": "1965-03-10", "07 - 08 - 1993": "1993-08-07", "1990-08-17": "1990-08-17",
    "17/08/1990": "1990-08-17", "12 agustus'84": "1984-08-12", "15  Sept  1980": "1980-09-15",
    "17 agustus 45": "1945-08-17", "1 Januari 1970": "1970-01-01", "7 Juni 68": "1968-06-07",
    "Bandung, 17 Agustus 1990": "1990-08-17", "tgl 4 bulan 7 tahun 1987": "1987-07-04",
    "4 Juli 1987 (pagi)": "1987-07-04", "jum'at, 12 september 1975": "1975-09-12",
    "17-VIII-1990": "1990-08-17", "3 Djanuari 1950": "1950-01-03", "17 08 1990": "1990-08-17",
    "August 17, 1990": "1990-08-17", "08/23/1994": "1994-08-23", "17th of May 1990": "1990-05-17",
    "29 Feb 1991": None, "31 Juni 1990": None, "tidak tahu": None, "": None,
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), FORMS.items())
def test_a_date_is_read_day_first(written, meant):
    day = dates.parse(written, today=TODAY)
    assert (day and day.isoformat()) == meant


def test_a_two_digit_year_makes_the_writer_fifteen_or_older():
    assert dates.year_of(11, today=TODAY) == 2011
    assert dates.year_of(12, today=TODAY) == 1912


# Several ways of one kind, in running text; the kind is what has to be read.
IN_TEXT = {
    "parts named": [
        ("tgl 7 bulan 7 taon 83", "1983-07-07"), ("tgl17bln8thn1990", "1990-08-17"),
        ("tanggal 17, bulan 8, tahun 90", "1990-08-17"), ("17 agt thn '90", "1990-08-17"),
    ],
    "parts in another order": [
        ("di Bandung tahun 1964 bulan Maret tanggal 8", "1964-03-08"),
        ("tahun 86 bulan 6 tgl 15", "1986-06-15"), ("bln 10 tgl 7 th 90", "1990-10-07"),
        ("tanggal 3 tahun 1986 bulan 5", "1986-05-03"), ("1990, 17 Agustus", "1990-08-17"),
    ],
    "over lines": [
        ("tgl 29\nbulan januari\n92", "1992-01-29"), ("9 mei\n1992", "1992-05-09"),
        ("9\n               mei 1992  3273", "1992-05-09"),
    ],
    "month misspelt": [
        ("17 Agusuts 1990", "1990-08-17"), ("5 Nopmeber 1988", "1988-11-05"),
        ("12 Septmber 1980", "1980-09-12"), ("8 pebr 69", "1969-02-08"),
    ],
    "nothing between": [
        ("17Agustus1990", "1990-08-17"), ("05Mei85", "1985-05-05"),
        ("garut05081979.", "1979-08-05"),
        ("garut, 050879, buruh", "1979-08-05"), ("lahir 050879 ya", "1979-08-05"),
    ],
    "marks mixed": [
        ("17-8 1990", "1990-08-17"), ("17 .08. 1990", "1990-08-17"), ("17-8-'90", "1990-08-17"),
        ("17_08_1990", "1990-08-17"), ("1990/8/17", "1990-08-17"), ("19900817", "1990-08-17"),
        ("05~05~1988", "1988-05-05"), ("88-05-17", "1988-05-17"), ("3.17/8/90 4.ok", "1990-08-17"),
    ],
    "letters for figures": [("O9-l1-1991", "1991-11-09"), ("17 Agustus 199O", "1990-08-17")],
    "English": [
        ("4TH OF FEBRUARY 1974", "1974-02-04"), ("May 5th, 1988", "1988-05-05"),
        ("12/25/1990", "1990-12-25"),
    ],
    "in words": [
        ("tujuh belas agustus seribu sembilan ratus delapan puluh", "1980-08-17"),
        ("lima mei sembilan belas delapan puluh delapan", "1988-05-05"),
        ("dua puluh satu juni 1990", "1990-06-21"), ("lima mei dua ribu satu", "2001-05-05"),
        ("tiga satu desember tujuh dua", "1972-12-31"),
        ("dua belas mei delapan lima", "1985-05-12"),
        ("12 (dua belas) Mei 1990", "1990-05-12"), ("5 mei 19 88", "1988-05-05"),
        ("duapuluh lima mei sembilanbelas delapanpuluh", "1980-05-25"),
        ("5 mei tahun seribu sembilan ratus 88", "1988-05-05"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", IN_TEXT)
def test_every_way_of_writing_a_date_is_found_in_running_text(kind):
    for written, meant in IN_TEXT[kind]:
        found = [hit.day for hit in dates.find(fold(f"saya {written}"), today=TODAY)]
        assert found == [dt.date.fromisoformat(meant)], written


def test_day_month_and_year_all_in_words_count_where_a_date_is_known_to_stand():
    said = "tujuh belas delapan sembilan puluh"
    assert dates.first(said, today=TODAY).day == dt.date(1990, 8, 17)
    assert not list(dates.find(said, today=TODAY))


@pytest.mark.parametrize(
    "written",
    ["0812-1708-1990", "0812 17 08 90", "192.168.10.12", "Rp 12.500.000", "5 mei 09.00 wib",
     "1. budi 17 agustus\n2. siti", "12 orang 2020", "otp 120590 jangan", "3 lahir 1990",
     "32 73 05 48 03 64 9002", "ada dua tiga puluh orang"],
)  # fmt: skip
def test_other_numbers_are_no_dates(written):
    assert not list(dates.find(fold(written), today=TODAY))


def test_one_numbered_date_after_another_keeps_its_own_year():
    found = dates.find("masuk 12 agustus 2003, 17 mei 1990", today=TODAY)
    assert [hit.day.isoformat() for hit in found] == ["2003-08-12", "1990-05-17"]


@given(st.text(alphabet="0123456789 -/.janfebmeiotkv'", max_size=60))
def test_any_text_can_be_parsed(text):
    day = dates.parse(text, today=TODAY)
    assert day is None or isinstance(day, dt.date)


PIECES = st.sampled_from(
    ["17", "8", "1990", "tgl ", "bln", " th ", "mei", "agusuts ", "\n", " ", "-", "'90", "dua ",
     "puluh ", "belas ", "seribu ", "(", "iv", "x ", "170890", "17081990", "o", "l", "th", "of "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_pieces_give_hits_inside_the_text_that_do_not_overlap(text):
    low = fold(text)
    at = 0
    for hit in dates.find(low, today=TODAY):
        assert at <= hit.start < hit.end <= len(low)
        at = hit.end
    one = dates.first(low, today=TODAY)
    assert one is None or 0 <= one.start < one.end <= len(low)


@given(st.dates(dt.date(1927, 1, 1), dt.date(2010, 12, 31)), st.sampled_from("-/. "))
def test_a_written_date_comes_back(day, mark):
    assert dates.parse(f"{day.day:02}{mark}{day.month:02}{mark}{day.year}", today=TODAY) == day
