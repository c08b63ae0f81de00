import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import InvalidError
from helpdesk.identity.types import Field
from helpdesk.matching.selection import read

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("field", "text", "value", "said"),
    [
        (Field.FULL_NAME, " Bpk. SITI  AMINAH,", "Siti Aminah", "Bpk. SITI  AMINAH"),
        (Field.BIRTH_PLACE, "(kab. GARUT)", "Garut", "kab. GARUT"),
        (Field.BIRTH_PLACE, "jkt", "Jakarta", "jkt"),
        (Field.BIRTH_DATE, "Bandung, 17 Agustus 1990 (Jumat)", "1990-08-17", "17 Agustus 1990"),
        (Field.BIRTH_DATE, "17081990", "1990-08-17", "17081990"),
        (Field.NIK, "NIK: 3273 0117 0890 9001 ya", "3273011708909001", "3273 0117 0890 9001"),
        (Field.NIK, "3273O11708\n909001", "3273011708909001", "3273O11708\n909001"),
    ],
)
def test_a_selection_is_read_as_extraction_reads(field: Field, text: str, value: str, said: str):
    found = read(field, text, today=TODAY)

    assert (found.value, text[found.start : found.end]) == (value, said)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        (Field.FULL_NAME, "3273011708909001", "is no name"),
        (Field.FULL_NAME, " .,:\n", "is no name"),
        (Field.BIRTH_PLACE, "17-08-1990", "is no place"),
        (Field.BIRTH_DATE, "31-02-1990", "no date"),
        (Field.BIRTH_DATE, "besok 22-11-2026", "no date"),  # nobody is born tomorrow
        (Field.NIK, "327301170890900", "no NIK"),
    ],
)
def test_what_cannot_be_such_a_fact_is_refused(field: Field, text: str, said: str):
    with pytest.raises(InvalidError, match=said):
        read(field, text, today=TODAY)


@given(st.sampled_from(Field), st.text(min_size=1, max_size=200))
def test_whatever_is_selected_is_read_within_it_or_refused(field: Field, text: str):
    try:
        found = read(field, text, today=TODAY)
    except InvalidError:
        return

    assert 0 <= found.start < found.end <= len(text)
    assert found.value
