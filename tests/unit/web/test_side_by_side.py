"""Stated beside recorded: what differs is marked, what is covered stays covered."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.types import Field
from helpdesk.matching.types import Level, RegistryRecord
from helpdesk.web.side_by_side import Compared, side_by_side

NIK = "3273011708909001"
OTHER_NIK = "3273011708909011"


def record(**values) -> RegistryRecord:
    known = {
        "kpj": "99000000001",
        "nik": NIK,
        "full_name": "RAHMAT CONTOH",
        "birth_place": "BANDUNG",
        "birth_date": dt.date(1990, 8, 17),
        "mother_name": "",
        "employer": "",
        "segment": "PU",
        "status": "aktif",
    }
    return RegistryRecord(**{**known, **values})


def line(field: Field, stated: str, found: RegistryRecord, *, revealed: bool = False, level=""):
    lines = side_by_side(
        {field: stated}, [Compared(found, {field: level})], language="id", revealed=revealed
    )
    return next(each for each in lines if each.field is field)


def marked(value) -> str:
    return "".join(f"[{run.text}]" if run.differs else run.text for run in value.runs)


@pytest.mark.parametrize(
    ("field", "stated", "values", "shown"),
    [
        (Field.FULL_NAME, "Rahmad Contoh", {}, "RAHMA[T] CONTOH"),
        (Field.FULL_NAME, "rahmat contoh", {}, "RAHMAT CONTOH"),
        (Field.BIRTH_DATE, "1990-08-17", {"birth_date": dt.date(1991, 8, 17)}, "17-08-199[1]"),
        (Field.BIRTH_PLACE, "", {}, "BANDUNG"),
        (Field.NIK, NIK, {"nik": OTHER_NIK}, "•••• •••• •••• 90[1]1"),
        (Field.NIK, NIK, {"nik": "3273011708809001"}, "•••• •••• ••[•]• 9001"),
        (Field.NIK, NIK, {"nik": ""}, ""),
    ],
    ids=["letter", "case", "year", "not stated", "serial", "covered digit", "not recorded"],
)
def test_what_differs_is_marked(field, stated, values, shown):
    assert marked(line(field, stated, record(**values)).recorded[0]) == shown


def test_a_revealed_nik_is_grouped_and_whole():
    shown = line(Field.NIK, OTHER_NIK, record(), revealed=True)

    assert shown.stated == "3273 0117 0890 9011"
    assert marked(shown.recorded[0]) == "3273 0117 0890 90[0]1"


def test_a_comparison_is_told_in_words_as_well():
    value = line(Field.NIK, NIK, record(nik=OTHER_NIK), level=Level.ONE_DIGIT_SERIAL).recorded[0]

    assert (value.how, value.kind) == ("beda satu angka di akhir", "near")


@given(st.text(max_size=400), st.text(max_size=40))
def test_whatever_is_recorded_as_nik_stays_covered(stated, recorded):
    shown = "".join(
        run.text for run in line(Field.NIK, stated, record(nik=recorded)).recorded[0].runs
    )

    assert set(shown.replace(" ", "")[:-4]) <= {"•"}


@given(
    st.sampled_from([Field.FULL_NAME, Field.BIRTH_PLACE]),
    st.text(max_size=400),
    st.text(max_size=400),
)
def test_pieces_rejoin_to_what_is_recorded(field, stated, recorded):
    found = record(**{field.value: recorded})

    shown = "".join(run.text for run in line(field, stated, found).recorded[0].runs)

    assert shown == " ".join(recorded.upper().split())[:300]
