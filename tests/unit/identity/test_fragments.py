import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.free import fragments
from helpdesk.identity.reading import read
from helpdesk.identity.types import Field

TODAY = dt.date(2026, 11, 21)


def found(messages):
    return list(fragments.find([read(at, text) for at, text in enumerate(messages)], TODAY))


@pytest.mark.parametrize(
    ("messages", "value", "first"),
    [
        (["halo", "tgl 29", "september 93"], "1993-09-29", "29"),
        (["lahir tgl 9", "bulan januari", "92"], "1992-01-09", "9"),
        (["17", "agustus", "1990"], "1990-08-17", "17"),
        (["nik", "32730117", "08909001"], "3273011708909001", "32730117"),
        (["  3273 0117 ", "0890 9001"], "3273011708909001", "3273 0117"),
    ],
)
def test_a_fact_runs_over_messages_and_stands_where_it_begins(messages, value, first):
    (finding,) = found(messages)
    assert finding.value == value
    span = finding.span
    assert messages[span.message][span.start : span.end] == first


@pytest.mark.parametrize(
    "messages",
    [["1 mei", "2 juni"], ["saya masuk tgl 3", "mei 2004"], ["5-5-1988", "garut"], ["ada 3", "ok"],
     ["kerja " * 20 + "tgl 9", "mei 1990"], []],
)  # fmt: skip
def test_whole_facts_and_other_matters_are_left_alone(messages):
    assert not found(messages)


PIECES = st.sampled_from(
    ["tgl 29", "september", "93", "32730117", "08909001", " ", "", "mei 1990"]
)


@given(st.lists(PIECES | st.text(max_size=10), max_size=12))
def test_any_messages_can_be_read(messages):
    for finding in found(messages):
        assert finding.field in {Field.BIRTH_DATE, Field.NIK}
        assert 0 <= finding.span.start < finding.span.end <= len(messages[finding.span.message])
