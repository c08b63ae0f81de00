"""Stated facts against a record, on the bare values."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.types import Field
from helpdesk.matching.types import RegistryRecord
from helpdesk.replies.compare import compare, missing, told
from helpdesk.replies.disclosure import Agreement

RECORD = RegistryRecord(
    kpj="99000000017",
    nik="3273011708909001",
    full_name="RAHMAT HIDAYAT CONTOH",
    birth_place="BANDUNG",
    birth_date=dt.date(1990, 8, 17),
    mother_name="",
    employer="",
    segment="PU",
    status="aktif",
)
FACTS = {
    Field.FULL_NAME: "Rahmat Hidayat Contoh",
    Field.BIRTH_PLACE: "Bandung",
    Field.BIRTH_DATE: "1990-08-17",
    Field.NIK: "3273011708909001",
}


def test_the_same_facts_agree_exactly():
    assert compare(FACTS, RECORD).exact


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("rachmat hidayat contoh", Agreement.EXACT),
        ("H. Rahmat Hidayat Contoh, S.Pd.", Agreement.EXACT),
        ("Contoh Rahmat Hidayat", Agreement.EXACT),
        ("Rahmat Contoh", Agreement.NEAR),
        ("Rahmat H. Contoh", Agreement.NEAR),
        ("Rahmat Hidayat Cantoh", Agreement.NEAR),
        ("Rahmat Hidayat Contoh Wijaya", Agreement.NEAR),
        ("Rahmat Wibowo", Agreement.DIFFERS),
        ("Rahmat Hidayat Susilo", Agreement.DIFFERS),
        ("Siti Aminah", Agreement.DIFFERS),
        ("", Agreement.ABSENT),
        ("...", Agreement.ABSENT),
    ],
)
def test_names(name, how):
    assert compare({**FACTS, Field.FULL_NAME: name}, RECORD).name is how


@pytest.mark.parametrize(
    ("date", "how"),
    [
        ("1990-08-17", Agreement.EXACT),
        ("1990-08-18", Agreement.NEAR),
        ("1991-08-17", Agreement.NEAR),
        ("1991-07-17", Agreement.DIFFERS),
        ("", Agreement.ABSENT),
        ("17 Agustus", Agreement.ABSENT),
    ],
)
def test_birth_dates(date, how):
    assert compare({**FACTS, Field.BIRTH_DATE: date}, RECORD).birth_date is how


def test_day_and_month_exchanged_are_near():
    record = RECORD._replace(birth_date=dt.date(1990, 8, 7))
    compared = compare({**FACTS, Field.BIRTH_DATE: "1990-07-08"}, record)
    assert compared.birth_date is Agreement.NEAR


@pytest.mark.parametrize(
    ("stated", "recorded", "how"),
    [
        ("3273011708909001", "3273011708909001", Agreement.EXACT),
        ("3273.0117.0890.9001", "3273 0117 0890 9001", Agreement.EXACT),
        ("3273011708909002", "3273011708909001", Agreement.NEAR),
        ("3273011708909001", "327301170890901", Agreement.NEAR),
        ("3273011708909999", "3273011708909001", Agreement.DIFFERS),
        ("327301170890900", "3273011708909001", Agreement.ABSENT),
        ("", "", Agreement.ABSENT),
        ("3273011708909001", "", Agreement.ABSENT),
    ],
)
def test_niks(stated, recorded, how):
    assert compare({**FACTS, Field.NIK: stated}, RECORD._replace(nik=recorded)).nik is how


@pytest.mark.parametrize(
    ("change", "belongs"),
    [
        ({}, True),
        ({"nik": ""}, True),
        ({"nik": "3273011708909002"}, True),
        ({"nik": "3273011708909999"}, False),
        ({"nik": "", "full_name": "RAHMAT CONTOH"}, False),
        ({"nik": "3273011708909002", "full_name": "RAHMAN HIDAYAT CONTOH"}, False),
        ({"full_name": "SITI AMINAH"}, False),
        ({"birth_date": dt.date(1960, 1, 1)}, False),
    ],
)
def test_each_number_needs_a_record_that_agrees_by_itself(change, belongs):
    best = compare(FACTS, RECORD)
    assert told(best, compare(FACTS, RECORD._replace(**change))) is belongs


def test_what_is_malformed_is_missing():
    facts = {**FACTS, Field.NIK: "32730117089090", Field.BIRTH_DATE: "1990-02-30"}
    assert missing(facts) == (Field.BIRTH_DATE, Field.NIK)
    assert missing({}) == tuple(Field)
    assert missing(FACTS) == ()


@given(st.dictionaries(st.sampled_from(Field), st.text()), st.text(), st.text())
def test_nothing_written_breaks_it(facts, name, nik):
    record = RECORD._replace(full_name=name, nik=nik)
    assert compare(facts, record).record is record
    assert isinstance(missing(facts), tuple)
