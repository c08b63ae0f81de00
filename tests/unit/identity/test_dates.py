import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity import dates, spoken

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


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("tujuh belas agustus seribu sembilan ratus delapan puluh", "1980-08-17"),
        ("lima mei sembilan belas delapan puluh delapan", "1988-05-05"),
        ("dua puluh satu juni 1990", "1990-06-21"),
        ("satu januari dua ribu satu", "2001-01-01"),
    ],
)
def test_a_date_in_words_is_read(said, meant):
    assert spoken.find(said, today=TODAY).day == dt.date.fromisoformat(meant)


@given(st.text(alphabet="0123456789 -/.janfebmeiotkv'", max_size=60))
def test_any_text_can_be_parsed(text):
    day = dates.parse(text, today=TODAY)
    assert day is None or isinstance(day, dt.date)


@given(st.dates(dt.date(1927, 1, 1), dt.date(2010, 12, 31)), st.sampled_from("-/. "))
def test_a_written_date_comes_back(day, mark):
    assert dates.parse(f"{day.day:02}{mark}{day.month:02}{mark}{day.year}", today=TODAY) == day
