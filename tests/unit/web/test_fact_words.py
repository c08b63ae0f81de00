import pytest

from helpdesk import i18n
from helpdesk.identity import explain
from helpdesk.identity.types import Field
from helpdesk.matching.queries import FactView
from helpdesk.web import fact_words


def fact(rule: str = "", confidence: float = 0.97, **values: object) -> FactView:
    given = {
        "field": Field.NIK, "value": "3273011708909001", "message_id": 1, "span_start": 4,
        "span_end": 20, "agent_id": None, "warnings": (), "history": (),
    }  # fmt: skip
    return FactView(**{**given, "rule": rule, "confidence": confidence, **values})


@pytest.mark.parametrize("rule", explain.RULES)
def test_every_rule_has_a_sentence_that_says_more_than_that_it_was_found(rule: str):
    assert fact_words.why(fact(rule)) != fact_words.why(fact("of no kind"))


def test_no_sentence_explains_two_rules():
    assert len(set(fact_words.RULES.values())) == len(fact_words.RULES)


@pytest.mark.parametrize("rule", ["", "name_column", "card_nik", "some_new_label", "x" * 200])
def test_an_unknown_rule_gets_a_sentence_all_the_same(rule: str):
    said = fact_words.why(fact(rule))

    assert said.endswith(".")
    assert i18n.translations("id").gettext(said) != said


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(1.0, "almost certain"), (0.8, "fairly sure"), (0.5, "unsure"), (0.0, "only a guess")],
)
def test_a_confidence_has_words(confidence: float, words: str):
    assert fact_words.how_sure(confidence) == words


def test_a_hint_is_one_line_and_never_certain():
    hint = fact_words.hint(fact("nik_label", 1.0), str)

    assert hint.startswith("almost certain, 99%. It stands after a label")


def test_what_an_agent_entered_or_selected_is_said_so():
    selected, entered = fact(agent_id=3), fact(agent_id=3, message_id=None, span_start=None)

    assert fact_words.why(selected) == "An agent selected it in the message."
    assert fact_words.hint(entered, str) == "An agent entered it."
