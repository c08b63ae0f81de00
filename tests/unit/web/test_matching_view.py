"""Weights as bars, figures before and after."""

import json
from importlib import resources

import pytest

from helpdesk.web.matching_view import features, figures, share

SHIPPED = json.loads(resources.files("helpdesk.matching").joinpath("weights.json").read_text())


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_level_of_the_shipped_weights_has_words_and_a_bar_in_the_box(language):
    found = features(SHIPPED, language)

    assert len(found) == len(SHIPPED["levels"])
    for feature in found:
        for line in feature.lines:
            assert "_" not in feature.text + line.text
            assert 0 <= line.x <= line.x + line.width <= 121


def test_agreement_weighs_right_of_the_axis_and_conflict_left_of_it():
    (nik,) = features({"levels": {"nik": SHIPPED["levels"]["nik"]}}, "en")
    by_bits = {line.bits > 0: line for line in nik.lines}

    assert by_bits[True].x >= nik.axis
    assert by_bits[False].x + by_bits[False].width <= nik.axis + 0.1


def test_what_weighs_otherwise_than_before_says_so():
    new = {"levels": {"nik": {"exact": {"m": 0.8, "u": 0.1}, "different": {"m": 0.1, "u": 0.9}}}}
    old = {"levels": {"nik": {"exact": {"m": 0.4, "u": 0.1}, "different": {"m": 0.1, "u": 0.9}}}}

    (nik,) = features(new, "en", old)

    assert [(line.bits_text, line.before) for line in nik.lines] == [
        ("+3.0", "+2.0"),
        ("−3.2", ""),
    ]


def test_figures_say_what_got_better_and_what_worse():
    after = {"recall_1": 0.98, "calibration_error": 0.02, "at_sure": {"precision": 0.999}}
    before = {"recall_1": 0.97, "calibration_error": 0.01, "at_sure": {"precision": 0.999}}

    found = {each.text: each for each in figures(after, "en", before)}

    assert found["Right person first, of all"].better is True
    assert found["Distance of stated from observed"].better is False
    assert found["Right from 99% on"].better is None
    assert found["Strangers accepted there"].value == "–"


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.0, "100,0%"), (0.9987, "99,87%"), (0.99996, "99,996%"), (0.5, "50,0%")]
)
def test_a_share_near_one_is_told_from_one(ratio, text):
    assert share(ratio, "id") == text
