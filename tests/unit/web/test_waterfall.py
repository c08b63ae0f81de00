"""The bars begin where the last one ended, and what is written beside them adds up."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.matching.types import Evidence, Level, Reckoning
from helpdesk.web.waterfall import WIDTH, waterfall

bits = st.floats(-30, 30).map(lambda number: round(number, 2))
facts = st.lists(
    st.builds(
        Evidence,
        st.sampled_from(["nik", "birth_date", "full_name", "birth_place"]),
        st.sampled_from([Level.EXACT, Level.SIMILAR, Level.DIFFERENT]).map(str),
        bits,
        bits,
    ),
    max_size=4,
)
reckonings = st.builds(Reckoning, bits, bits, bits)


@given(facts, reckonings, st.sampled_from(["id", "en"]))
def test_written_weights_add_up_to_the_written_total(evidence, reckoning, language):
    fall = waterfall(evidence, reckoning, language)

    written = [_number(bar.bits_text) for bar in fall.bars]
    assert sum(written) == pytest.approx(_number(fall.total_text), abs=1e-6)


@given(facts, reckonings)
def test_each_bar_begins_where_the_last_one_ended(evidence, reckoning):
    bars = waterfall(evidence, reckoning, "en").bars

    assert [bar.start for bar in bars[1:]] == [bar.end for bar in bars[:-1]]


@given(facts, reckonings)
def test_everything_is_drawn_within_the_box(evidence, reckoning):
    fall = waterfall(evidence, reckoning, "en")

    for bar in fall.bars:
        for part in bar.segments:
            assert part.x >= 0
            assert part.x + part.width <= WIDTH


def test_a_rare_value_adds_a_part_and_a_common_one_takes_one_off():
    fall = waterfall(
        [Evidence("full_name", "exact", 9.0, 3.0), Evidence("birth_place", "exact", 4.0, -1.5)],
        None,
        "en",
    )

    assert [[part.kind for part in bar.segments] for bar in fall.bars] == [
        ["agreement", "rarity"],
        ["agreement", "taken"],
    ]
    assert fall.bars[0].note == "by itself +9.0, rare +3.0"
    assert fall.bars[1].note == "by itself +4.0, common −1.5"


def test_a_conflict_goes_left():
    (bar,) = waterfall([Evidence("nik", "different", -6.6)], None, "id").bars

    assert bar.end < bar.start
    assert bar.segments[0].kind == "against"
    assert bar.bits_text == "−6,6"


def test_the_mark_stands_where_the_probability_is_on_the_axis():
    probability = 0.999
    total = math.log2(probability / (1 - probability))
    fall = waterfall([Evidence("nik", "exact", 30.0)], Reckoning(-20.0, 0.0, total - 10.0), "id")

    assert next(tick.x for tick in fall.ticks if tick.text == "99,9%") == pytest.approx(
        fall.end, abs=0.2
    )


def test_what_was_not_stated_has_no_bar():
    fall = waterfall(
        [Evidence("nik", "missing", 0.0), Evidence("full_name", "exact", 8.0)], None, "en"
    )

    assert [bar.field for bar in fall.bars] == ["full_name"]


def _number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "."))
