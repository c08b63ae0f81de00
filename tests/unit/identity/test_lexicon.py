"""What single words say about being a name, and that the shipped model is what training gives."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.words import lexicon
from tests.training import tokens

SHIPPED = Path(lexicon.__file__).parents[1] / "data" / "tokens.json"


@pytest.fixture(scope="module")
def trained() -> dict[str, object]:
    return tokens.build()


def test_the_shipped_model_is_what_training_gives(trained: dict[str, object]) -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == trained


def test_the_shipped_model_is_small() -> None:
    assert SHIPPED.stat().st_size < 300_000


def test_the_lists_are_long_enough_to_learn_from() -> None:
    roots = tokens.listed("ordinary_words.txt")
    inflected = {form for root in tokens._roots() for form in tokens.inflections(root)}
    assert len(set(tokens.listed("person_names.txt"))) >= 3000
    assert len(set(roots) | inflected) >= 6000


def test_words_never_seen_are_mostly_told_right() -> None:
    people = sorted(set(tokens.listed("person_names.txt")))[::4]
    ordinary = sorted(set(tokens.listed("ordinary_words.txt")) - set(people))[::2]
    assert tokens.accuracy(people, ordinary, folds=2) > 0.75


@pytest.mark.parametrize(
    "word", ["sumarsono", "rohmayanti", "tumanggor", "fransiskus", "wulaningsih"]
)
def test_a_name_never_listed_is_told_by_its_pieces(word: str) -> None:
    assert lexicon.name_odds(word) > 0


@pytest.mark.parametrize("word", ["mengkonfirmasikan", "diberitahukannya", "persyaratannya"])
def test_a_word_never_listed_is_told_by_its_pieces(word: str) -> None:
    assert lexicon.name_odds(word) < 0


def test_villages_are_told_from_names() -> None:
    assert lexicon.place_odds("cibeureum") > 0 > lexicon.place_odds("suhartini")


@given(st.text(max_size=80))
def test_any_text_has_odds_within_bounds(text: str) -> None:
    assert -6 <= lexicon.name_odds(text) <= 5
    assert -3 <= lexicon.place_odds(text) <= 3
