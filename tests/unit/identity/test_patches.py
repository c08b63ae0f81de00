import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.extract import extract
from helpdesk.identity.reading import read
from helpdesk.identity.types import Conversation, Field
from helpdesk.identity.whose import patches

TODAY = dt.date(2026, 11, 21)
OLD = {
    Field.FULL_NAME: "Rizky Rohmat Hidayat",
    Field.BIRTH_DATE: "1978-03-05",
    Field.NIK: "3514141203789013",
}


def patched(text):
    """Return what a second message makes of the facts of a first, by field."""
    facts = dict(OLD)
    for finding in patches.find(read(1, text)):
        facts[finding.field] = patches.apply(facts[finding.field], finding)
    return {field: value for field, value in facts.items() if value != OLD[field]}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("4 angka terakhir 9031", "3514141203789031"),
        ("belakangnya bukan 9013 tapi 9031 yang lainnya betul", "3514141203789031"),
        ("digit terakhir 8 bukan 3", "3514141203789018"),
        ("bukan 9013 tapi 9031", "3514141203789031"),
        ("9031 bukan 9013 kak", "3514141203789031"),
        ("6 digit depan 327301 ya kak", "3273011203789013"),
        ("angka ke-2 harusnya 3", "3314141203789013"),
    ],
)
def test_a_part_of_the_nik_is_corrected(said, meant):
    assert patched(said) == {Field.NIK: meant}


def test_a_digit_left_out_is_put_in():
    (finding,) = patches.find(read(1, "maaf kurang angka 5 di belakang"))
    assert patches.apply("351414120378901", finding) == "3514141203789015"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("*1989", "1989-03-05"), ("maaf tahunnya 1987 bukan 1978", "1987-03-05"),
        ("ralat tahun 87", "1987-03-05"), ("th lahirnya '89 bukan '78", "1989-03-05"),
        ("bulannya 5", "1978-05-05"), ("eh bulan mei bukan maret", "1978-05-05"),
        ("maaf Mei bukan Maret", "1978-05-05"), ("tanggal 7 bukan 5", "1978-03-07"),
        ("tanggalnya juga bukan 5 tapi 13", "1978-03-13"), ("harusnya 7 mei", "1978-05-07"),
    ],
)  # fmt: skip
def test_a_part_of_the_birth_date_is_corrected(said, meant):
    assert patched(said) == {Field.BIRTH_DATE: meant}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("namanya Rahmat bukan Rohmat", "Rizky Rahmat Hidayat"),
        ("bukan Rohmat tapi Rohmad pak", "Rizky Rohmad Hidayat"),
        ("namanya pakai s bukan z", "Risky Rohmat Hidayat"),
        ("nama Rohmad nya pakai d", "Rizky Rohmad Hidayat"),
    ],
)
def test_the_spelling_of_a_name_is_corrected(said, meant):
    assert patched(said) == {Field.FULL_NAME: meant}


@pytest.mark.parametrize(
    "said",
    [
        "maaf salah, saya resign bulan 5 tahun 2019", "saya kerja dari 1989 bukan 1998",
        "bukan istri tapi anak", "saya tunggu 2 hari", "hp saya yg bener 081200001111",
        "salah kirim kak", "maaf tanggalnya 31 februari", "tgl lahir yg bener 7 maret 1979",
        "ok makasih", "sudah 2 bulan saya tunggu", "", "bukan",
    ],
)  # fmt: skip
def test_other_messages_patch_nothing(said):
    assert not patched(said)


def test_a_first_message_has_nothing_to_correct():
    assert not list(patches.find(read(0, "*1989")))


def test_a_patch_that_would_make_no_date_is_left():
    (finding,) = patches.find(read(1, "tanggalnya 31"))
    assert patches.apply("1990-02-05", finding) == "1990-02-05"


def test_what_was_said_before_is_kept_as_history():
    talk = Conversation((
        "minta no kpj saya\nNama: Budi Santoso\nTTL: Garut, 5 Mei 1988\nNIK: 3205010505889013",
        "maaf tahunnya 1989 bukan 1988, nik 4 digit terakhir 9031",
    ))  # fmt: skip
    (claim,) = extract(talk, today=TODAY)
    born, number = claim.get(Field.BIRTH_DATE), claim.get(Field.NIK)
    assert (born.value, born.history) == ("1989-05-05", ("1988-05-05",))
    assert (number.value, number.history) == ("3205010505889031", ("3205010505889013",))


PIECES = st.sampled_from(
    ["bukan ", "tapi ", "maaf ", "tahunnya ", "bulannya ", "tanggal ", "mei ", "1989", " 31 ",
     "terakhir ", "depan ", "pakai ", "y ", "rohmat ", "9031 ", "angka ke 7 ", "kurang ", "*",
     "\n"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join))
def test_any_message_can_be_read_and_any_patch_applied(text):
    for finding in patches.find(read(1, text)):
        assert 0 <= finding.span.start < finding.span.end <= len(text)
        for old in (OLD[finding.field], "", "1"):
            assert isinstance(patches.apply(old, finding), str)
        if finding.field is Field.BIRTH_DATE:
            dt.date.fromisoformat(patches.apply(OLD[Field.BIRTH_DATE], finding))
