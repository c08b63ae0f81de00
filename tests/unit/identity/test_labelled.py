import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures import numbers
from helpdesk.identity.findings import Finding
from helpdesk.identity.labels import labelled
from helpdesk.identity.reading import read
from helpdesk.identity.types import Field

TODAY = dt.date(2026, 11, 21)
FORMS = {
    "a form": "Nama : Siti Aminah\nTempat Lahir : Garut\nTgl Lahir : 05-05-1988\n"
    "NIK : 3205014505889002",
    "one line": "nama Siti Aminah ttl Garut 5 mei 1988 nik 3205014505889002",
    "capitals": "NAMA:SITI AMINAH TTL:GARUT,5 MEI 1988 NO KTP:3205014505889002",
    "values below": "Nama\nSiti Aminah\nTTL\nGarut, 5 Mei 1988\nNIK\n3205014505889002",
    "numbered": "1) Nama = Siti Aminah\n2) Lahir = Garut 5/5/88\n3) KTP = 3205 0145 0588 9002",
    "bold": "*Nama:* Siti Aminah\n*Tempat/Tgl Lahir:* Garut / 5 Mei 1988\n*NIK:* 3205014505889002",
    "a sentence": "nama saya Siti Aminah, lahir di Garut tgl 5 Mei 1988, nomor KTP saya"
    " 3205014505889002",
    "two columns": "Nama     Siti Aminah\nTTL      Garut, 5 Mei 1988\nNIK      3205014505889002",
    "English": "Full name: Siti Aminah\nPlace of birth: Garut\nDOB: 5 May 1988\n"
    "ID number: 3205014505889002",
    "Javanese": "jenengku Siti Aminah lair ing Garut 5 Mei 1988 nik ku 3205014505889002",
    "date first": "Nama Siti Aminah, tgl lahir 5 Mei 1988 di Garut, NIK 3205014505889002",
    "hints": "Nama (sesuai KTP): Siti Aminah\nTTL (kota, dd-mm-yyyy): Garut, 05-05-1988\n"
    "NIK (16 digit): 3205014505889002",
}


def _find(text: str) -> tuple[Finding, ...]:
    reading = read(0, text)
    return labelled.find(reading, list(numbers.find(reading.low)), TODAY).findings


def _values(text: str, field: Field) -> list[str]:
    return [one.value for one in _find(text) if one.field is field]


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_person_is_read_from_labels_in_any_layout(text):
    found = {one.field: one.value for one in _find(text)}
    assert {field: found[field].lower() for field in Field} == {
        Field.FULL_NAME: "siti aminah",
        Field.BIRTH_PLACE: "garut",
        Field.BIRTH_DATE: "1988-05-05",
        Field.NIK: "3205014505889002",
    }


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_span_holds_what_was_written(text):
    for one in _find(text):
        if one.field in {Field.FULL_NAME, Field.BIRTH_PLACE}:
            assert text[one.span.start : one.span.end].lower() == one.value.lower()


@pytest.mark.parametrize(
    "text",
    ["Nama: ........\nTTL: ........\nNIK: ........", "mohon kirim nama lengkap, TTL dan NIK ya",
     "NAMA#TEMPAT LAHIR#TANGGAL LAHIR#NIK", "bisa pakai nama sama ttl?", "NIK?",
     "Nama :\nNIK :\n"],
)  # fmt: skip
def test_labels_that_are_only_named_say_nothing(text):
    assert _find(text) == ()


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("TTL: Kab. Bandung, 1-1-1990", "Bandung"),
        ("Tempat lahir: Ds. Sumberagung Kec. Moyudan Kab. Sleman", "Sumberagung"),
        ("lahir di kampung Beoga tanggal 10-10-1987", "Beoga"),
        ("lahir di Tongas Probolinggo tgl 24-9-1963", "Tongas"),
        ("lahir di Desa Sidemen, Karangasem, tanggal 31-12-1964", "Sidemen"),
        ("Lahir di Ujung Lamuru, Bone", "Ujung Lamuru"),
        ("Tempat lahir: Kampung Baru, Kota Sorong", "Kampung Baru"),
        ("Tempat lahir: Undaan Lor", "Undaan Lor"),
        ("birth place: Sibu (Malaysia)", "Sibu"),
        ("lahir : 1 - 7 - 1965 di Takalar", "Takalar"),
        ("lahir tahun 1958 di Tegal", "Tegal"),
        ("lahir wonten Ngrampal, Sragen, 10-10-1970", "Ngrampal"),
        ("LAHIR MERAUKE KOMA 02 NOPEMBER 1974", "MERAUKE"),
        ("ttl jkt 3-3-1990", "Jakarta"),
        ("Tempat : Brebes", "Brebes"),
    ],
)
def test_a_place_ends_where_what_is_above_it_begins(written, place):
    assert [one.lower() for one in _values(written, Field.BIRTH_PLACE)] == [place.lower()]


@pytest.mark.parametrize(
    "text", ["mohon maaf lahir batin", "tempat tinggal saya Bekasi", "lahir di keluarga petani"]
)
def test_talk_behind_a_label_is_no_place(text):
    assert _values(text, Field.BIRTH_PLACE) == []


@pytest.mark.parametrize(
    "text",
    ["Nama ibu kandung : Sumarni\nNIK : 3205014505889002", "No rek BRI 0001 a.n. Sumarni",
     "Nama perusahaan : Sumarni Jaya", "kalo yg namanya Taufik ga usah kak",
     "ganti nama jadi Lisa"],
)  # fmt: skip
def test_a_name_of_somebody_who_is_not_asked_for_is_none(text):
    assert _values(text, Field.FULL_NAME) == []


def test_a_mother_is_the_participant_when_only_she_is_spoken_of():
    text = "no peserta ibu saya hilang\nnama ibu : Ramlah\nlahir : Takalar, 1-7-1965"
    assert _values(text, Field.FULL_NAME) == ["Ramlah"]
    assert _values(f"Nama : Yanto\n{text}", Field.FULL_NAME) == ["Yanto"]


def test_an_applicant_is_nobody_beside_a_participant():
    assert _values("Nama pelapor: Hendra\nNama peserta: Suparno", Field.FULL_NAME) == ["Suparno"]
    assert _values("Nama pemohon: Hendra", Field.FULL_NAME) == ["Hendra"]


def test_the_signer_of_a_letter_for_another_is_the_writer():
    text = "Yang bertanda tangan di bawah ini:\nNama : Ernita\n\nmemohon untuk\nNama : Marwan"
    names = [one for one in _find(text) if one.field is Field.FULL_NAME]
    assert [(one.value, one.whose) for one in names] == [("Ernita", "self"), ("Marwan", "")]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Nama timpal tiang Kadek Mertayasa", "Kadek Mertayasa"), ("nama saya cuma Sabar", "Sabar"),
     ("Di KTP: Heryanto Lim", "Heryanto Lim"), ("NAMA MARKUS KAIZE TTK LAHIR", "Markus Kaize")],
)  # fmt: skip
def test_a_name_begins_behind_small_words(text, name):
    assert _values(text, Field.FULL_NAME) == [name]


def test_fields_of_a_form_that_say_nothing_are_spoken_for():
    reading = read(0, "Nama ibu kandung : Sumarni\nAlamat : Jl. Garut 5")
    assert labelled.find(reading, [], TODAY).taken == ((0, 26), (27, 47))


def test_facts_listed_behind_the_number_that_is_asked_for_are_left_to_others():
    text = "Cek no KPJ : Agus Salim / Garut / 02-02-1986 / 3205010202869044"
    reading = read(0, text)
    ((start, end),) = labelled.find(reading, [], TODAY).taken
    assert text[start:end].strip() == "no KPJ :"


def test_sixteen_digits_on_the_line_of_a_mother_are_hers():
    assert _values("Nama ibu kandung: Sumarni, NIK 3205014505889002", Field.NIK) == []


def test_a_nik_cut_by_the_end_of_a_line_is_joined():
    assert _values("NIK: 32050145\n05889002", Field.NIK) == ["3205014505889002"]


LABELS = st.sampled_from(
    ["Nama : ", "TTL ", "NIK: ", "lahir di ", "tempat, ", "Budi ", "Garut", "5 Mei 1988", "\n",
     "no ", "3205014505889002", "ibu: ", "(sesuai KTP)", " sama ", "suami : ", "kab. "]
)  # fmt: skip


@given(st.lists(LABELS | st.text(max_size=5), max_size=25).map("".join))
def test_any_text_is_read_and_everything_lies_in_it(text):
    reading = read(0, text)
    seen = labelled.find(reading, list(numbers.find(reading.low)), TODAY)
    for start, end in seen.taken:
        assert 0 <= start <= end <= len(text)
    for one in seen.findings:
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert one.value
