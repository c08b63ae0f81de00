import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.extract import extract, look
from helpdesk.identity.reading import read
from helpdesk.identity.types import Conversation, Field
from helpdesk.identity.whose import corrections

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("lahir di genyem bukan sentani. sentani itu", ["sentani"]),
        ("bukan 16 mei 1990 tapi 19 mei 1990", ["16 mei 1990"]),
        ("tanggalnya bukan 12 tapi 13", ["12"]), ("born 5 may not 6 may", ["6 may"]),
        ("nama siti aminah bukan siti aminatun, ya", ["siti aminatun"]),
        ("nik 3273011708909001 itu salah", ["3273011708909001"]),
        ("di ijazah 9 desember 1978 tapi ijazah itu abaikan saja", ["9 desember 1978"]),
        ("(3201130709859001) ternyata nik suami", ["3201130709859001"]),
        ("nik 3273011708909001, salah satu karyawan", []), ("saya tidak bukan", []),
        ("i am not sure", []), ("17-08-1990 ternyata benar", []),
    ],
)  # fmt: skip
def test_what_is_denied_is_told(text, denied):
    assert [text[one.value_start : one.end] for one in corrections.denials(text)] == denied


def test_a_denied_value_is_never_read():
    for text in (
        "NIK saya bukan 3273011708909001 tapi 3273011708909002",
        "NIK saya 3273011708909002 bukan 3273011708909001",
    ):
        seen = look(Conversation((text,)), today=TODAY)
        assert [one.value for one in seen.findings] == ["3273011708909002"]


@pytest.mark.parametrize(
    "correction",
    [
        ["maaf salah, yang benar 14-9-1981"], ["eh 14-9-1981"], ["* 14-9-1981"], ["14-9-1981*"],
        ["ralat: tgl lahir 14-9-1981"], ["bukan 4-9-1981 tapi 14-9-1981"],
        ["aduh salah", "14-9-1981"],
        ["14-9-1981 yg bener"], ["maaf kak tanggalnya 14-9-1981"], ["14-9-1981 kak, kebalik"],
        ["maaf tadi salah ketik, tanggal lahir saya seharusnya 14-9-1981"],
    ],
)  # fmt: skip
def test_a_correction_takes_the_place_of_what_was_said(correction):
    talk = Conversation(("minta no kpj, nama: Budi, lahir Garut 4-9-1981", *correction))
    (claim,) = extract(talk, today=TODAY)
    born = claim.get(Field.BIRTH_DATE)
    assert (born.value, born.history) == ("1981-09-14", ("1981-09-04",))
    assert "contradicted" not in born.warnings


@pytest.mark.parametrize(
    "text", ["maaf kalau ada salah kata", "salah satu karyawan", "kalau tidak salah", "yang salah"]
)
def test_politeness_is_no_correction(text):
    assert corrections.starts(text, 1) is None


def test_two_values_of_which_none_is_taken_back_contradict_each_other():
    talk = Conversation((
        "minta no kpj saya, nama: Budi Santoso, lahir Garut 4-9-1981",
        "Nama: Budi Santoso\nTTL: Garut, 14-9-1981",
    ))  # fmt: skip
    (claim,) = extract(talk, today=TODAY)
    assert "contradicted" in claim.get(Field.BIRTH_DATE).warnings


PIECES = st.sampled_from(
    ["bukan ", "tapi ", "salah ", "3273011708909001 ", "itu ", "17 mei 1990", "\n", ". ", "di ",
     "garut ", "* ", "eh ", "ternyata ", "abaikan ", "not ", "yang benar "]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join))
def test_any_text_has_denials_inside_it(text):
    low = read(1, text).low
    for one in corrections.denials(low):
        assert 0 <= one.start <= one.value_start < one.end <= len(low)
    at = corrections.starts(low, 1)
    assert at is None or 0 <= at <= len(low)
