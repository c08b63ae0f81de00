"""Plots stay within their box and say in words what they draw."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.matching.evaluation import Outcome, measure
from helpdesk.web import matching_view, plots

shares = st.floats(0, 1)
bins = st.lists(
    st.fixed_dictionaries({"queries": st.integers(0, 10_000), "stated": shares, "right": shares}),
    max_size=8,
)


@given(bins)
def test_points_and_their_intervals_stay_within_the_plot(found):
    plot = matching_view.calibration([("measured", "x", found)], "id")

    for point in plot.series[0].points:
        assert plot.left <= point.x <= plot.right
        assert plot.top <= point.high <= point.y <= point.low <= plot.bottom


def test_a_probability_that_keeps_its_word_lies_on_the_diagonal():
    plot = matching_view.calibration(
        [("measured", "x", [{"queries": 50, "stated": 0.9, "right": 0.9}])], "en"
    )
    (point,) = plot.series[0].points

    across = (point.x - plot.left) / (plot.right - plot.left)
    up = (plot.bottom - point.y) / (plot.bottom - plot.top)
    assert abs(across - up) < 0.01
    assert point.title == "stated 90.0%, right 90.0%, of 50"


def test_the_curve_has_a_line_for_each_figure_and_the_thresholds_that_are_set():
    outcomes = [Outcome("NPDI", "member", 1, 0.999), Outcome("NP--", "same_name", 0, 0.2)]
    quality = measure(outcomes * 30).as_json()

    plot = matching_view.thresholds(quality["curve"], "id", {0.99: "match"})

    assert {each.kind for each in plot.series} == {"precision", "coverage", "strangers"}
    assert [rule.label for rule in plot.rules] == ["cocok"]


@given(st.lists(st.floats(0, 300), min_size=2, max_size=5))
def test_names_of_lines_never_stand_on_each_other(heights):
    curve = [
        {"threshold": 0.5, **{str(at): 1 - y / 300 for at, y in enumerate(heights)}},
    ]

    plot = plots.thresholds(
        curve,
        [(str(at), "kind", "name") for at in range(len(heights))],
        percent=str,
        title=lambda _name, _each: "",
    )

    places = sorted(each.label_y for each in plot.series)
    assert all(after - before > 15 for before, after in pairwise(places))
