"""People left out of a list again: the others' numbers are still asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.reading import read
from helpdesk.identity.types import About, Claim, Fact, Field
from helpdesk.identity.whose import excused


def _claim(name: str, about: About = About.OTHER, relation: str | None = "employee") -> Claim:
    return Claim((Fact(Field.FULL_NAME, name, 0.9),), about, relation)


STAFF = (_claim("Suharti"), _claim("Budi Raharjo"), _claim("Wiwik Handayani"))
COUPLE = (_claim("Budi", About.SELF, None), _claim("Siti Aminah", About.OTHER, "spouse"))


def _left(claims: tuple[Claim, ...], *messages: str) -> list[str]:
    readings = [read(at, text) for at, text in enumerate(messages)]
    return [claim.facts[0].value for claim in excused.left(claims, readings)]


@pytest.mark.parametrize(
    "last",
    [
        "maaf kak, yang nomor 2 tidak usah",
        "yang kedua ga jadi ya, kartunya ketemu",
        "budi gak usah dulu pak, besok saja",
        "Pak Raharjo, batal ya bu",
        "no 2 dibatalkan saja",
    ],
)
def test_one_of_a_list_is_left_out_by_number_or_name(last):
    assert _left(STAFF, "minta kpj mereka", last) == ["Suharti", "Wiwik Handayani"]


@pytest.mark.parametrize("last", ["yang istri tidak jadi", "istri saya sudah dapat nomornya"])
def test_a_relative_is_left_out_by_what_they_are(last):
    assert _left(COUPLE, "minta kpj saya dan istri", last) == ["Budi"]


def test_the_writer_leaves_themself_out():
    assert _left(COUPLE, "minta kpj", "kalau saya ga usah, istri aja") == ["Siti Aminah"]


@pytest.mark.parametrize(
    "last",
    [
        "yang nomor 2 lahirnya salah, harusnya 1990",
        "kartu budi belum ketemu juga",
        "sudah ketemu semua ktp nya",
        "budi tetap ya",
        "tanggal 2 saya ambil, tidak usah dikirim",
    ],
)
def test_who_is_only_spoken_of_stays(last):
    assert len(_left(STAFF, "minta kpj mereka", last)) == 3


def test_a_single_person_and_a_whole_list_are_not_for_this_module_to_drop():
    assert _left(STAFF[:1], "suharti ga jadi") == ["Suharti"]
    assert len(_left(STAFF, "suharti budi dan wiwik ga jadi")) == 3


@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_text_leaves_a_part_of_the_claims(messages):
    assert set(_left(STAFF, *messages)) <= {"Suharti", "Budi Raharjo", "Wiwik Handayani"}
