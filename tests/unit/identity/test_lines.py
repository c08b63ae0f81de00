import datetime as dt

import pytest

from helpdesk.identity.lines import extract_line

TODAY = dt.date(2026, 11, 21)


def test_a_line_is_answered_with_people_and_spans():
    text = "Nama: Rahmat Contoh\nTTL: Bandung, 17-08-1990\nNIK: 3273011708909001"
    answer = extract_line({"id": 7, "messages": [text]}, today=TODAY)
    [person] = answer["people"]
    assert answer["id"] == 7
    assert (person["full_name"], person["birth_place"]) == ("Rahmat Contoh", "Bandung")
    assert (person["birth_date"], person["nik"]) == ("1990-08-17", "3273011708909001")
    _, start, end = person["spans"]["nik"]
    assert text[start:end] == "3273011708909001"


def test_a_fact_nobody_stated_is_null():
    [person] = extract_line(
        {"id": "a", "messages": ["nama saya Siti Contoh, lupa KPJ"]}, today=TODAY
    )["people"]
    assert person["nik"] is None and person["birth_date"] is None


@pytest.mark.parametrize(
    "line",
    [{}, {"id": 1, "messages": None}, {"id": 1, "messages": [None, 3, ["x"]]}, {"messages": "x"}],
)
def test_what_is_not_text_counts_as_empty(line):
    assert extract_line(line, today=TODAY) == {"id": line.get("id"), "people": []}
