import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.figures import spoken


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("nol", 0), ("lima", 5), ("sepuluh", 10), ("sebelas", 11), ("tujuh belas", 17),
        ("dua puluh", 20), ("dua puluh lima", 25), ("seratus dua", 102), ("tiga ratus", 300),
        ("seribu sembilan ratus delapan puluh sembilan", 1989), ("dua ribu satu", 2001),
        ("dua ribu sebelas", 2011), ("dua ribu", 2000),
    ],
)  # fmt: skip
def test_a_number_in_words_is_read_to_its_end(said, number):
    words = said.split()
    assert spoken.number_at(words, 0) == (number, len(words))


def test_numbers_that_follow_each_other_are_told_apart():
    words = ["tujuh", "belas", "delapan", "sembilan", "puluh", "lima", "belas"]
    found, at = [], 0
    while at < len(words):
        value, at = spoken.number_at(words, at)
        found.append(value)
    assert found == [17, 8, 90, 15]


@pytest.mark.parametrize("words", [[], ["puluh"], ["ribu", "satu"], ["garut"]])
def test_words_that_are_no_number_are_none(words):
    assert spoken.number_at(words, 0)[0] == -1


@given(st.lists(st.sampled_from(sorted(spoken.WORDS)), max_size=12), st.integers(0, 12))
def test_any_words_can_be_read_at_any_place(words, at):
    value, end = spoken.number_at(words, at)
    assert at <= end <= max(at, len(words))
    assert (value >= 0) == (end > at)
