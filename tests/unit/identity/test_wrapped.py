import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.extract import extract
from helpdesk.identity.lists import wrapped
from helpdesk.identity.reading import read
from helpdesk.identity.types import Conversation, Field, Span

TODAY = dt.date(2026, 11, 21)
COPIED = """Mohon nomor KPJ karyawan kami:

No  Nama               Tempat, Tgl Lahir      NIK
1   Muhammad Rizky
    Pratama Putra      Banjarbaru, 4 Juni
    1994               6372020406949013
2   Noor Laila
    Fitriani           Martapura, 18
    Oktober 1989       6303055810899002

Terima kasih"""


def test_rows_broken_over_lines_are_read_as_rows():
    claims = extract(Conversation((COPIED,)), today=TODAY)
    assert [tuple(one.get(field).value for field in Field) for one in claims] == [
        ("Muhammad Rizky Pratama Putra", "Banjarbaru", "1994-06-04", "6372020406949013"),
        ("Noor Laila Fitriani", "Martapura", "1989-10-18", "6303055810899002"),
    ]


def test_a_fact_of_a_broken_row_is_shown_where_it_was_written():
    first, _ = extract(Conversation((COPIED,)), today=TODAY)
    written = [
        " ".join(COPIED[span.start : span.end].split())
        for fact in first.facts if (span := fact.span)
    ]  # fmt: skip
    assert written == [
        "Muhammad Rizky Pratama Putra", "Banjarbaru", "4 Juni 1994", "6372020406949013",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "Budi\nGarut 4 Juni 1994", "1. Budi\n2. Ani", "4\n5\n"])
def test_whole_rows_stay_as_they_are(text):
    assert wrapped.join(read(0, text)) is None


@given(st.text(alphabet="1 4\njunimei.a2019", max_size=120))
def test_every_character_of_a_joined_message_is_one_that_was_written(text):
    joined = wrapped.join(read(0, text))
    for at, character in enumerate(joined.reading.text if joined else ()):
        origin = joined.origin(at)
        assert text[origin] == character or (character == " " and text[origin] in " \n")


def test_a_span_over_a_joined_line_holds_both_of_its_ends():
    joined = wrapped.join(read(0, "lahir 4 Juni\n   1994"))
    assert joined.reading.text == "lahir 4 Juni 1994"
    assert joined.span(Span(0, 6, 17)) == Span(0, 6, 20)
