"""People of a list come back to by their number, or told apart by `X itu saya`."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.extract import extract
from helpdesk.identity.reading import fold
from helpdesk.identity.types import Claim, Conversation, Field
from helpdesk.identity.whose import pointed

LIST = (
    "1. Gita Puspa Sari, Sukoharjo 21-03-1995, 3372046103959015\n"
    "2. Aryani Wulandari, Boyolali 09-11-1992, 3309054911929060\n"
    "3. Teguh Prasetya Adi, Klaten 01-07-1990, 3310210107909008"
)


def _claims(*messages: str) -> tuple[Claim, ...]:
    return extract(Conversation(messages), today=dt.date(2026, 11, 21))


@pytest.mark.parametrize(
    "later",
    [
        "kak ada yg salah, yg nomor 2 NIK nya 3309054911929066",
        "ralat baris 2: NIK 3309054911929066",
        "NIK yang kedua salah, yang no 2 itu 3309054911929066",
        "maaf, 3309054911929066 itu NIK yg no. 2",
        "koreksi no (2), nik: 3309054911929066",
    ],
)
def test_a_fact_of_a_row_is_corrected_by_the_rows_number(later):
    claims = _claims(f"minta nomor bpjstk perawat kami\n{LIST}", later)
    assert [one.get(Field.NIK).value for one in claims] == [
        "3372046103959015", "3309054911929066", "3310210107909008",
    ]  # fmt: skip
    assert claims[1].get(Field.NIK).history == ("3309054911929060",)


@pytest.mark.parametrize(
    "later", ["Aryani itu saya sendiri", "yg nomor 2 itu saya ya", "aryani wulandari adalah saya"]
)
def test_a_writer_says_who_of_the_list_they_are(later):
    claims = _claims(f"tlg no kpj kami bertiga\n{LIST}", later)
    assert [one.about.value for one in claims] == ["other", "self", "other"]


@pytest.mark.parametrize("text", ["anak nomor 2 saya", "pada no 2/3 ", "no 12-3", ""])
def test_other_numbers_point_at_nobody(text):
    assert pointed.item_of(text, len(text), len(text)) in {None, 2}


@given(st.text(alphabet="yg no.2(3) itu saya budi\n;", max_size=200), st.integers(0, 200))
def test_any_text_is_looked_at(text, at):
    low = fold(text)
    at = min(at, len(low))
    pointed.item_of(low, at, at)
    assert all(said for said in pointed.subject(low, at))
