"""Why something was read."""

from helpdesk.identity.evaluation import conversation
from helpdesk.identity.explain import RULES, explain
from helpdesk.identity.extract import extract
from helpdesk.identity.types import Conversation
from tests.unit.identity.labels import DATA, TODAY, rows


def _explained(*messages: str) -> dict:
    return explain(Conversation(messages), today=TODAY)


def test_every_rule_that_saw_something_says_where_and_why():
    seen = _explained("lupa kpj saya\nNama: Budi Santoso\nNIK: 3273011708909001")
    assert [one["rule"] for one in seen["findings"]] == ["name_label", "nik_label"]
    assert seen["findings"][0]["why"] == RULES["name_label"]
    assert seen["findings"][0]["span"] == [0, 20, 32]
    assert seen["wanted"]


def test_what_was_seen_is_told_even_where_no_number_is_asked_for():
    seen = _explained("Mau cek saldo JHT saya pak. Nama: Budi Santoso NIK: 3273011708909001")
    assert not seen["wanted"]
    assert {one["field"] for one in seen["findings"]} == {"full_name", "nik"}


def test_whose_a_fact_is_and_whose_number_is_asked_for_is_told():
    seen = _explained("minta no kpj suami saya Budi Santoso")
    assert seen["relation"] == "spouse"
    assert [one["whose"] for one in seen["findings"]] == ["spouse"]


def test_every_rule_that_ever_read_a_fact_is_explained():
    written = (row for path in DATA.glob("*.jsonl") for row in rows(path))
    claims = (one for row in written for one in extract(conversation(row), today=TODAY))
    assert {fact.rule for claim in claims for fact in claim.facts} <= RULES.keys()
