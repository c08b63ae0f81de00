"""People and facts beside the one whose number is asked for."""

import datetime as dt

import pytest

from helpdesk.identity.extract import extract
from helpdesk.identity.types import Conversation, Field

TODAY = dt.date(2026, 11, 21)
OWN = "Ratih Purwaningsih, Semarang, 9 Juni 1990, 3374074906909708"


def _people(*messages: str) -> list[tuple[str | None, ...]]:
    return [
        tuple(fact.value if (fact := one.get(field)) else None for field in Field)
        for one in extract(Conversation(messages), today=TODAY)
    ]


RATIH = ("Ratih Purwaningsih", "Semarang", "1990-06-09", "3374074906909708")


@pytest.mark.parametrize(
    "text",
    [
        f"salah kirim data adik saya, Rudi (3374011203959004). Yang dicek KPJ saya sendiri: {OWN}",
        f"tolong nomor KPJ saya, {OWN}. atasan dulu pak Joko Santoso nik 3174010101709009",
        f"nomor KPJ saya hilang. {OWN}\nPelapor: Maria Mote (anak), 9104014503959006",
        f"saya lupa nomor KPJ. Data:\n{OWN}\nNama Istri: Hasnah\nNIK Istri: 7305014502829003",
        f"di PT A dapet kartu, saya lupa nomor KPJ yang di PT B. {OWN}",
        f"mohon nomor KPJ saya\n{OWN}\nsuami : Paidi (alm)",
    ],
    ids=["corrected", "superior", "reporter", "wife of a form", "initial of a firm", "husband"],
)
def test_only_the_participant_is_read(text):
    assert _people(text) == [RATIH]


def test_a_child_told_of_is_nobody_when_a_late_husband_is_asked_for():
    text = (
        "Saya Yuliana, istri dari almarhum. Anak kami, Dimas (lahir 12-2-2010), menemani saya."
        " Saya mencari nomor Jamsostek almarhum. Nama almarhum Hendrikus Wattimena, 21 Mei 1974"
    )
    assert [one[0] for one in _people(text)] == ["Hendrikus Wattimena"]


def test_the_first_of_numbered_answers_is_the_name():
    text = "minta kpj\n1. Sahala Simbolon\n2. Pangururan, 22-02-1977\n3. 1217072202779717"
    assert _people(f"{text}\n4. Rosmaida Sinaga\n5. PT Toba")[0][0] == "Sahala Simbolon"


def test_letters_number_the_fields_of_a_form():
    text = "minta kpj saya\na) Bungaran Saragih\nb) 1208081111649718\nc) Medan / 11 Nov 1964"
    assert _people(f"{text}\nd) ibu kandung: Tiomina Purba")[0][0] == "Bungaran Saragih"


def test_a_former_name_is_none():
    own = ("halo, aku Ni Wayan Sukerti, minta nomor bpjs tk ku", "nik 5101054209859706")
    assert _people(own[0], "dulu nama gadis Ni Wayan Sukerti Dewi", own[1])[0][0] == (
        "Ni Wayan Sukerti"
    )


def test_two_people_of_one_place_are_two():
    text = (
        "warga saya tanya nomor Jamsostek: Pak Darmin (lahir Kuningan 2-2-1960, NIK"
        " 3208040202609741) sama Ibu Sumarsih (lahir Kuningan 3-3-1965, NIK 3208054303659742)"
    )
    assert [one[1:] for one in _people(text)] == [
        ("Kuningan", "1960-02-02", "3208040202609741"),
        ("Kuningan", "1965-03-03", "3208054303659742"),
    ]


def test_a_word_that_is_a_district_too_is_no_place_in_talk():
    text = "HRD salah tulis tgl lahir saya jadi 5-1-1989. Yang betul 1-5-1989. Nama Rian Lubis"
    assert [one[1] for one in _people(f"{text}, nomor KPJ saya berapa")] == [None]
