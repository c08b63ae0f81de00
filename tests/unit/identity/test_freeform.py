"""What stands without labels: rows, introductions, sign-offs, one fact a message."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures import numbers
from helpdesk.identity.findings import Finding
from helpdesk.identity.free import freeform, introductions
from helpdesk.identity.free.cells import Marked
from helpdesk.identity.labels import labelled
from helpdesk.identity.reading import read
from helpdesk.identity.types import Field

TODAY = dt.date(2026, 11, 21)
NAME, PLACE = Field.FULL_NAME, Field.BIRTH_PLACE


@pytest.mark.parametrize(
    "messages",
    [
        ("Sumarsono, Garut, 12 Maret 1979, 3205011203799001",),
        ("lupa kpj min. Sumarsono Garut 12-03-1979 3205011203799001",),
        ("sumarsono | garut | 12/3/79 | 3205011203799001",),
        ("SUMARSONO/GARUT/12-03-1979/3205011203799001",),
        ("Sumarsono#Garut#12-03-1979#3205011203799001 makasih",),
        ("1. Sumarsono\n2. Garut\n3. 12 Maret 1979\n4. 3205011203799001\n5. PT Maju Jaya",),
        ("1.Sumarsono 2.Garut 3.12/3/1979 4.3205011203799001",),
        ("halo", "mau tanya kpj", "Sumarsono", "garut", "12 maret 1979", "3205011203799001"),
        ("nomor kpj saya hilang", "Sumarsono", "makasih ya kak", "garut 12-3-1979"),
        ("kartu hilang waktu pindah. Atasan saya Pak Hartono. Sumarsono, Garut, 12 Maret 1979",),
        ("Bos saya Pak Budi di PT Sinar Mas. Sumarsono, lahir 12-3-1979, Garut",),
    ],
)
def test_a_name_and_place_are_found_beside_a_date(messages: tuple[str, ...]) -> None:
    assert _values(NAME, *messages) == ["Sumarsono"]
    assert _values(PLACE, *messages) in (["Garut"], [])


def test_of_two_towns_the_one_beside_the_date_is_the_place() -> None:
    text = "Medan Simatupang, sekarang di Jakarta. Balige 3-4-1980, 1212010304809001"
    assert _values(PLACE, text) == ["Balige"]


def test_an_unknown_village_beside_a_date_is_a_place() -> None:
    assert _values(PLACE, "Sumarsono, Cibantarwangi, 12 Maret 1979") == ["Cibantarwangi"]


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("LA ODE HARIMU/WAPULAKA/07-07-1970", "La Ode Harimu", "Wapulaka"),
        ("Eko Pamungkas - Sekampung Udik - 1807092411929001", "Eko Pamungkas", "Sekampung Udik"),
        ("Sumarsono, S.Kep., dusun Cibantarwangi, 6-6-73", "Sumarsono", "Cibantarwangi"),
        ("Sumarsono, Skh, 3 juli 1992", "Sumarsono", "Sukoharjo"),
        ("Sumarsono, tempat Cibantarwangi, tgl 9-5-1984", "Sumarsono", "Cibantarwangi"),
        ("Sumarsono, Cibantarwangi juga, 20 Mei 1989", "Sumarsono", "Cibantarwangi"),
        ("no kpj: Sumarsono, Brb 29 Mei 1977", "Sumarsono", "Barabai"),
    ],
)
def test_name_place_and_date_come_in_the_order_of_a_form(text: str, name: str, place: str) -> None:
    assert _values(NAME, text) == [name]
    assert _values(PLACE, text) == [place]


def test_a_village_with_its_regency_is_the_village() -> None:
    assert _values(PLACE, "Sumarsono\nNgantang Malang\n12 Maret 1979") == ["Ngantang"]


def test_a_village_before_its_regency_is_the_village() -> None:
    assert _values(PLACE, "Sumarsono", "Imogiri, Bantul", "12 Maret 1979") == ["Imogiri"]


@pytest.mark.parametrize(
    "text",
    ["lupa nomor pak, Untung nama saya.", "Untung asmo kulo, lair Solo", "untung ngaran abdi"],
)
def test_a_name_may_stand_before_what_announces_it(text: str) -> None:
    assert _values(NAME, text) == ["Untung"]


@pytest.mark.parametrize("text", ["pakai kartu nama saya.", "itu bukan nama saya, kak"])
def test_talk_before_nama_saya_names_nobody(text: str) -> None:
    assert _values(NAME, text) == []


def test_where_somebody_lives_is_no_place_of_birth() -> None:
    assert _values(PLACE, "Sumarsono, alamat Nganjuk, 12 Maret 1979") == []


def test_a_message_may_end_with_its_writer_on_the_same_line() -> None:
    assert _values(NAME, "Mohon nomor KPJ saya. Ttd, Paskalis Seran Klau") == [
        "Paskalis Seran Klau"
    ]


def test_a_month_said_again_in_brackets_is_nobody() -> None:
    assert _values(NAME, "He is Sumarsono, born 07/04/1979 (7 April)") == ["Sumarsono"]


def test_each_row_of_a_list_begins_a_person() -> None:
    text = (
        "Dewi Anggraini Garut 1 Mei 1990 3205014105909001\n"
        "Joko Susilo Solo 2 Juni 1991 3372010206919002"
    )
    names = [one for one in _found(text) if one.field is NAME]
    assert [one.value for one in names] == ["Dewi Anggraini", "Joko Susilo"]
    assert all(one.starts_person for one in names)


def test_names_side_by_side_are_all_read_when_as_many_numbers_follow() -> None:
    messages = ("Joko Susilo, Dewi Anggraini", "3372010206919002\n3205014105909001")
    assert _values(NAME, *messages) == ["Joko Susilo", "Dewi Anggraini"]


def test_a_name_given_again_in_other_letters_corrects_the_first() -> None:
    found = _found("Rian Hidayat", "eh sesuai ktp RIYAN HIDAYAT ya", "garut 3-4-1990")
    assert [(one.value, one.corrects) for one in found if one.field is NAME] == [
        ("Rian Hidayat", False),
        ("Riyan Hidayat", True),
    ]


def test_talk_with_a_date_names_nobody() -> None:
    text = "kartu saya kebuang pas pindahan kos, saya lahir 12-3-1979 kak, tolong dicek"
    assert _values(NAME, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("saya Dewi Anggraini mau tanya nomor kpj", "Dewi Anggraini"),
        ("sy dewi anggraini mau tanya", "Dewi Anggraini"),
        ("saya untung mau minta nomor", "Untung"),
        ("Perkenalkan, saya Untung Slamet dari Kudus", "Untung Slamet"),
        ("dengan Melati di sini kak", "Melati"),
        ("abdi asep saepul bade naros", "Asep Saepul"),
        ("Kulo Sukiran, badhe tanglet", "Sukiran"),
        ("Titiang Ida Bagus Gede Oka, saking Sanur", "Ida Bagus Gede Oka"),
        ("sa Yohanes Kogoya, sa pu nomor hilang", "Yohanes Kogoya"),
        ("I'm Natasha Wirawan and I lost my card", "Natasha Wirawan"),
        ("Saya anaknya, Siti Muslimah.", "Siti Muslimah"),
        ("Aku Hj. Rokayah, kartuku hilang", "Rokayah"),
    ],
)
def test_the_writer_is_introduced(text: str, name: str) -> None:
    assert [(one.value, one.whose) for one in _told(text)] == [(name, "self")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("suami saya Hariyanto Wibisono kerja di Johor", "Hariyanto Wibisono"),
        ("Anak saya yang bernama Rafi Ahmad baru kerja", "Rafi Ahmad"),
        ("almarhum ayah kami H. Encep Sulaeman", "Encep Sulaeman"),
        ("mohon nomor alm. Agustus Manek", "Agustus Manek"),
        ("adikku Marolop Sinaga", "Marolop Sinaga"),
        ("saya istri dari Bapak Sutrisno Hadi, mohon", "Sutrisno Hadi"),
    ],
)
def test_somebody_else_is_introduced(text: str, name: str) -> None:
    assert (name, "") in [(one.value, one.whose) for one in _told(text)]


@pytest.mark.parametrize(
    "text",
    [
        "saya karyawan pabrik sepatu di Tangerang",
        "sy eks pt chemco",
        "saya driver ojol, kartu saya hilang",
        "saya tinggal di Bandung",
        "ktp saya aman kok",
        "rumah kami roboh, kartu hilang",
        "anak saya sakit, suami saya masih kerja",
        "saya ibunya Kevin",
    ],
)
def test_what_the_writer_does_is_no_name(text: str) -> None:
    assert _told(text) == []


@pytest.mark.parametrize(
    "closing", ["Hormat saya,", "Terima kasih", "Salam,\n\nGarut, 3-11-2026\n", "Regards"]
)
def test_a_letter_is_signed(closing: str) -> None:
    [found] = _told(f"Mohon nomor KPJ saya.\n\n{closing}\n\n\nLalu Zulkarnaen, S.Pd")
    assert (found.value, found.rule, found.whose) == ("Lalu Zulkarnaen", "sign_off", "self")


def test_data_after_thanks_are_no_signature() -> None:
    messages = "mohon dibantu. terima kasih\nBambang Pamungkas\nGarut, 10 Juni 1980"
    assert [one.rule for one in _found(messages) if one.field is NAME] == ["name_cell"]


PIECES = st.sampled_from(
    ["saya ", "suami saya ", "Budi ", "garut ", "3-4-1990 ", "3205014105909001 ", "\n", ", ", ". ",
     "alm. ", "terima kasih\n", "(", "1.", "S.E.", "'", "-", "dari ", "\u200b", "İ"]
)  # fmt: skip


@given(st.lists(st.lists(PIECES | st.text(max_size=6), max_size=25).map("".join), max_size=3))
def test_any_text_is_read_and_every_span_lies_in_its_message(messages: list[str]) -> None:
    for one in _found(*messages):
        assert 0 <= one.span.start < one.span.end <= len(messages[one.span.message])
        assert one.value


def _marked(at: int, text: str) -> Marked:
    reading = read(at, text)
    digits = list(numbers.find(reading.low))
    seen = labelled.find(reading, digits, TODAY)
    return Marked(reading, seen.findings, seen.taken, tuple(digits))


def _found(*messages: str) -> list[Finding]:
    marked = [_marked(at, text) for at, text in enumerate(messages)]
    return freeform.find(marked, TODAY)


def _told(text: str) -> list[Finding]:
    return list(introductions.find(_marked(0, text)))


def _values(field: Field, *messages: str) -> list[str]:
    return [one.value for one in _found(*messages) if one.field is field]
