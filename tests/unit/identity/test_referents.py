"""Who is spoken of, and whose number is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.reading import fold
from helpdesk.identity.whose.referents import SELF, asked, find


def _asked(text: str) -> str:
    found = asked(find(fold(text)))
    if found.both:
        return f"{SELF} {found.relation}"
    return found.relation if found.only_other else SELF


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("saya lupa nomor KPJ saya", SELF),
        ("mau tanya nomor jamsostek suami saya yang hilang", "spouse"),
        ("mamah gw pgn tau no jamsosteknya", "parent"),
        ("minta nomer kpj istriku dong min", "spouse"),
        ("nyuwun nomer kartu bojo kula", "spouse"),
        ("tolong cek no BPJS TK anak saya, dia baru lulus", "child"),
        ("Mohon nomor peserta almarhum ayah kami", "parent"),
        ("mohon diberitahukan nomor peserta (KPJ) almarhum", "deceased"),
        ("saya Yuni istri dari Pak Dede, mau minta nomornya", "spouse"),
        ("Perkenalkan saya Nurul, anak pertama dari almarhum Bapak Encep", "parent"),
        ("bapak mertua saya mau cek nomor peserta", "parent_in_law"),
        ("mohon nomor KPJ karyawan kami di bawah ini", "employee"),
        ("minta tolong no kpj anak buah saya", "employee"),
        ("teman saya satu mess kehilangan kartu bpjs tk", "friend"),
        ("my husband lost his BPJS number", "spouse"),
        ("nomor kpj saya dan nomor kpj istri saya", "self spouse"),
    ],
)
def test_a_text_says_whose_number_it_asks_for(text, whose):
    assert _asked(text) == whose


@pytest.mark.parametrize(
    "text",
    [
        "ini FB anak saya, yang dicari nomor kartu saya sendiri",
        "kata anak saya bisa tanya lewat sini, saya lupa nomor kpj saya",
        "email ini punya suami saya ya. nomor kartu saya hilang",
        "bapak/ibu yth, nomor peserta saya berapa ya",
        "nama ibu kandung: Suharyati. kpj aku hilang",
        "saya karyawan PT Contoh, kartu jamsostek saya hilang",
    ],
)
def test_people_mentioned_in_passing_are_not_asked_about(text):
    assert _asked(text) == SELF


def test_a_word_over_somebodys_data_is_a_heading():
    papa, mama = (one for one in find("papa\nnama: budi\nmama\nnama: siti") if one.heading)
    assert (papa.who, papa.key, mama.key) == ("parent", "papa", "mama")


@given(st.text(alphabet="sayismuentbpk.,:\n() ", max_size=200))
def test_any_text_has_mentions_inside_it_and_in_order(text):
    found = find(fold(text))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
