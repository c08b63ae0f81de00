import datetime as dt

import pytest

from helpdesk.identity.extract import extract
from helpdesk.identity.types import Conversation, Field

TODAY = dt.date(2026, 11, 21)
LIST = "Rahmad 1 feb 1990 3507010102909385\nYoga 3 apr 1994 3507010304949387"
NIKS = "Rangga Permana, NIK 3204330606049001\nRanti Permani NIK 3204334606049002"


def _said(field: Field, *messages: str) -> list[str | None]:
    claims = extract(Conversation(messages), today=TODAY)
    return [fact.value if (fact := one.get(field)) else None for one in claims]


@pytest.mark.parametrize(
    "words",
    ["kelahiran Malang semua", "semuanya lahir di Malang", "mereka asli Malang", "tl malang semua",
     "berdua lahirnya sama di Malang"],
)  # fmt: skip
def test_what_all_have_is_said_of_each(words):
    assert _said(Field.BIRTH_PLACE, f"tolong nomor kpj karyawan kami, {words}\n{LIST}") == [
        "Malang", "Malang",
    ]  # fmt: skip


def test_a_birth_date_may_be_shared():
    text = f"nomor bpjs tk anak kembar saya. Mereka lahirnya sama Majalaya 6-6-2004:\n{NIKS}"
    assert _said(Field.BIRTH_DATE, text) == ["2004-06-06", "2004-06-06"]


def test_who_has_a_place_of_their_own_keeps_it():
    own = LIST.replace("Yoga", "Yoga, Blitar,")
    text = f"tolong nomor kpj karyawan kami, kelahiran Malang semua\n{own}"
    assert _said(Field.BIRTH_PLACE, text)[1] == "Blitar"


@pytest.mark.parametrize("words", ["semua sehat", "mereka tinggal di Malang", "semua lahir batin"])
def test_other_things_all_have_are_no_birth_places(words):
    assert _said(Field.BIRTH_PLACE, f"tolong nomor kpj karyawan kami, {words}\n{LIST}") == [
        None, None,
    ]  # fmt: skip


def test_a_fact_goes_to_whom_the_words_before_it_name():
    text = (
        "minta kpj dua karyawan saya Sapri lahir Masamba 10 juli 1988 sama Baharuddin lahir Palopo"
        " 1 mei 1985. KTP Sapri 7322021007889316, KTP Baharuddin 7373030105859317"
    )
    assert _said(Field.NIK, text) == ["7322021007889316", "7373030105859317"]


def test_another_who_is_wanted_too_leaves_the_writer_in():
    text = "sy Murni lahir Bima 1-5-1989 mau nomor kpj. sekalian adek sy jg dong, Rahmah 2-6-1993"
    assert _said(Field.BIRTH_DATE, text) == ["1989-05-01", "1993-06-02"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("saya Mulia lahir Medan 17 Agustus 1985, mau tau nomor KPJ saya", "Mulia"),
        ("Aku Bintang kak, 14 feb 2001, minta nomor bpjs ketenagakerjaan", "Bintang"),
        ("no kpj saya hilang\nNama Selamat Datang\ntgl lahir 8-8-1980", "Selamat Datang"),
    ],
)
def test_a_name_may_be_made_of_ordinary_words(text, name):
    assert _said(Field.FULL_NAME, text) == [name]


@pytest.mark.parametrize("line", ["Nama Tidak Tahu", "Nama Belum Ada", "Nama Sesuai Ktp"])
def test_an_excuse_for_a_name_is_none(line):
    assert _said(Field.FULL_NAME, f"no kpj saya hilang\n{line}\ntgl lahir 8-8-1980") == [None]
