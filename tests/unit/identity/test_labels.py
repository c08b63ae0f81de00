import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.labels import label_words, labels
from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.reading import fold


def _seen(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, text[one.start : one.end]) for one in labels.find(fold(text))]


def _kind(text: str) -> str:
    found = list(labels.find(fold(text)))
    return found[0].kind.value if found else ""


@pytest.mark.parametrize(
    "label",
    ["Nama", "NAMA LENGKAP", "nama sesuai e-KTP", "Nm", "namaa", "nama lngkp", "Nama Peserta",
     "Nama Tenaga Kerja", "nama saya", "namaku", "a.n.", "a/n", "atas nama", "Full name", "namo",
     "Nama (sesuai KTP)", "nmaa", "jenengku", "Nama di KTP", "Nama yang benar"],
)  # fmt: skip
def test_a_name_is_announced_in_many_ways(label):
    assert _seen(f"{label} : Budi") == [("name", label)]


@pytest.mark.parametrize(
    "label",
    ["Nama ibu kandung", "Nama gadis ibu kandung", "nama perusahaan", "Nama PT", "Nama Bank",
     "Nama HRD", "nama panggilan", "Nama perusahaan tempat bekerja terakhir", "Nama atasan",
     "mother's maiden name", "Company name"],
)  # fmt: skip
def test_somebody_elses_name_is_no_participants(label):
    assert _kind(f"{label} : Sumarni") == "other"


@pytest.mark.parametrize(
    "label",
    ["Tempat, Tanggal Lahir", "Tempat/Tgl. Lahir", "TTL", "T.T.L", "tmpt & tgl lhr",
     "t4 tgl lahir", "Place and date of birth", "lahir", "Kelahiran", "ttll",
     "tempat dan tanggal lahir",      "Tempat / tanggal lahir (dd/mm/yyyy)"],
)  # fmt: skip
def test_place_and_date_are_announced_together(label):
    assert _kind(f"{label} : Garut, 5 Mei 1988") == "place_date"


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Tempat Lahir", "place"), ("tmp lhr", "place"), ("Kota kelahiran", "place"),
        ("Place of birth", "place"), ("POB", "place"), ("tempat lahir saya", "place"),
        ("Tanggal lahir", "date"), ("Tgl-Bln-Thn Lahir", "date"), ("tgllahir", "date"),
        ("D.O.B", "date"), ("Date of birth", "date"), ("tanggak lahir", "date"),
        ("Tgl. masuk kerja", "other"), ("tanggal resign", "other"), ("Tgl wafat", "other"),
    ],
)  # fmt: skip
def test_place_and_date_are_announced_apart(label, kind):
    assert _kind(f"{label} : x") == kind


@pytest.mark.parametrize(
    "label",
    ["NIK", "N.I.K", "No. KTP", "noktp", "Nomor Induk Kependudukan (NIK)", "NIK/KTP", "niknya",
     "No. Identitas (KTP/SIM)", "NIK (16 digit)", "ID card no", "NIK KTP karyawan", "nik e"],
)  # fmt: skip
def test_a_nik_is_announced_in_many_ways(label):
    assert _kind(f"{label} : 3273011708909001") == "nik"


@pytest.mark.parametrize(
    "label",
    ["No. KK", "NPWP", "No HP", "No. KPJ", "nomor peserta", "NIK karyawan", "nik bpjs", "no rek",
     "Nomor Induk Pegawai", "No. Kartu BPJS Kesehatan", "nik hotel"],
)  # fmt: skip
def test_other_numbers_are_told_apart(label):
    assert _kind(f"{label} : 20110045") == "other"


def test_an_employees_nik_of_sixteen_digits_is_theirs_after_all():
    assert _kind("NIK karyawan : 3273011708909001") == "nik"


def test_a_card_without_a_number_is_no_label():
    assert _seen("KTP saya dipegang anak, kartu jamsostek hilang") == []


@pytest.mark.parametrize(
    ("text", "whose"),
    [("Nama suami saya: Agus", "suami"), ("Nama istri: Ani", "istri"), ("Suami : Agus", "suami"),
     ("nama ibu mertua: Ani", "mertua"), ("nama saya: Agus", "self"), ("Nama: Agus", ""),
     ("Nama Pemohon: Agus", "self"), ("nama bojoku: Ani", "suami")],
)  # fmt: skip
def test_a_label_says_whose_name_it_is(text, whose):
    (label,) = labels.find(fold(text))
    assert (label.kind, label.whose) == (Kind.NAME, whose)


@pytest.mark.parametrize("text", ["nama anak agung gede rai", "i'm an indonesian citizen"])
def test_words_of_labels_inside_a_name_or_a_sentence_are_none(text):
    assert all(not one.whose and one.end <= len("nama") for one in labels.find(text))


@pytest.mark.parametrize(
    "text",
    ["Nama → Budi", "Nama = Budi", "*Nama:* Budi", "nama;Budi", "Nama .... : Budi",
     "namanya adalah Budi"],
)  # fmt: skip
def test_the_value_begins_behind_any_separator(text):
    (label,) = labels.find(fold(text))
    assert text[label.value :] == "Budi"


def test_names_in_the_plural_announce_only_a_list():
    assert _seen("berikut nama-nama tenaga panen yang hilang") == [("name", "nama")]
    assert _seen("nama-nama karyawan : Budi")[-1] == ("name", "nama karyawan")


def test_a_bare_date_counts_only_behind_a_place():
    assert _seen("Tempat : Brebes\nTanggal : 1 Maret 1988")[1] == ("date", "Tanggal")
    assert _seen("Tanggal : 21 November 2026") == []


@pytest.mark.parametrize(
    ("word", "idea"),
    [("NAMAAA", "name"), ("tglnya", "date"), ("nomorku", "number"), ("tempatlahir", "born"),
     ("lahirka", "born"), ("tempt", "place"), ("tangal", "date")],
)  # fmt: skip
def test_a_word_is_known_in_other_spellings(word, idea):
    found = label_words.look_up(word.lower())
    assert found is not None and idea in found.ideas


@pytest.mark.parametrize("word", ["tepat", "tinggal", "budi", "aan", "lama", "nada"])
def test_words_that_only_look_like_labels_are_none(word):
    found = label_words.look_up(word)
    assert found is None or found.slip


@given(st.text(max_size=60).map(fold))
def test_labels_lie_in_any_text_in_order(low):
    last = 0
    for label in labels.find(low):
        assert last <= label.start < label.end <= label.value <= len(low)
        last = label.end
