import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures.date_kinds import is_other_date

OTHER = [
    "saya masuk kerja tanggal @", "resign @", "bekerja dari 1-1-2001 sampai @", "meninggal tgl @",
    "kontrak 1-2-2003 s/d @", "@ masuk kerja", "tgl @ resign dari pt", "menikah tgl @",
    "surat kehilangan tertanggal @", "terdaftar sejak @", "karyawan tetap per @", "surat tgl @",
    "dikirim kemarin tgl @", "datang ke kantor tgl @", "saya lapor polisi tanggal @",
    "kartu hilang tgl @", "@ jam 10 pagi", "joined the company on @",
]  # fmt: skip
BIRTH = [
    "@", "lahir di garut @", "budi, garut @", "siti. @", "budi, garut, @ kerja di pt x",
    "masuk 2010, garut @", "saya kerja di pt x lahir @", "masuk kerja di pt abc, garut @",
    "meninggal 3 mei 2020. lahir tegal @", "nik 3273011708909001 @", "saya kerja 10 tahun. budi @",
    "ttl: garut, @", "pendaftaran an budi, garut @", "kpj hilang, budi santoso @",
    "daftar karyawan: budi @", "kehilangan kartu an budi santoso @", "saldo budi @",
    "tanggal lahir @ masuk kerja", "masuk kerja tahun 2010\n@",
]  # fmt: skip


@pytest.mark.parametrize("text", OTHER)
def test_words_around_a_date_say_that_it_is_another(text):
    assert _is_other(text)


@pytest.mark.parametrize("text", BIRTH)
def test_words_that_belong_to_something_else_say_nothing(text):
    assert not _is_other(text)


@given(st.text(), st.integers(0, 100))
def test_any_place_in_any_text_can_be_asked_about(text, at):
    at = min(at, len(text))
    assert is_other_date(text, at, at) in {True, False}


def _is_other(text):
    at = text.index("@")
    return is_other_date(text.replace("@", "12-05-1990"), at, at + 10)
