"""Plots as values: axes, lines and points in the pixels of one box, for a template to draw. Pure.

Probabilities are drawn by their odds: nearly all of them lie near 0 or near 1, where a straight
scale shows nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.matching.intervals import wilson

WIDTH, HEIGHT = 520, 300
# Around the plot: numbers, names, words of the axis.
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 128, 14, 40
_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
_LEAST, _MOST = 0.0005, 0.9995  # beyond, a probability is drawn at the edge
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_LABELS_APART = 16.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """A place, what it says when pointed at, and the interval it is sure within, if any."""

    x: float
    y: float
    title: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together; `path` joins them where that means something.

    `kind` is the class it is drawn by; `label_y` is where its name stands, right of
    the plot: at the end of a line, else in a list from the top.
    """

    kind: str
    label: str
    points: tuple[Point, ...]
    path: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the plot at one value of x, and its name."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn, in a box of WIDTH x HEIGHT; `diagonal` is a path or ""."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    rules: tuple[Rule, ...] = ()
    diagonal: str = ""
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


Percent = Callable[[float], str]


def calibration(
    groups: Sequence[tuple[str, str, Sequence[Mapping[str, Any]]]],
    *,
    percent: Percent,
    title: Callable[[Mapping[str, Any]], str],
) -> Plot:
    """Plot observed against stated probabilities; on the diagonal they keep what they promise.

    Args:
        groups: (kind, label, bins as of `evaluation.Bin`) each.
        percent: writes a ratio.
        title: says what a bin is in words.
    """
    series = [
        Series(
            kind,
            label,
            tuple(_observed(each, title(each)) for each in bins if each["queries"]),
            "",
            _TOP,
        )
        for kind, label, bins in groups
    ]
    low, high = _odds_x(_LEAST), _odds_x(_MOST)
    return Plot(
        x_ticks=tuple(Tick(_odds_x(each), percent(each)) for each in _TICKS),
        y_ticks=tuple(Tick(_odds_y(each), percent(each)) for each in _TICKS),
        series=_apart(series),
        diagonal=f"M{low} {_odds_y(_LEAST)}L{high} {_odds_y(_MOST)}",
    )


def thresholds(
    curve: Sequence[Mapping[str, Any]],
    lines: Sequence[tuple[str, str, str]],
    *,
    percent: Percent,
    title: Callable[[str, Mapping[str, Any]], str],
    rules: Sequence[tuple[float, str]] = (),
) -> Plot:
    """Plot what accepting from a probability on comes to.

    Args:
        curve: points as of `evaluation.Point`, by rising threshold.
        lines: (name of the figure, kind, label) each.
        percent: writes a ratio.
        title: says a point of a figure in words.
        rules: thresholds that are set, and their names.
    """
    series = []
    for name, kind, label in lines:
        points = tuple(
            Point(_odds_x(each["threshold"]), _share_y(each[name]), title(name, each))
            for each in curve
        )
        path = "M" + "L".join(f"{point.x} {point.y}" for point in points) if points else ""
        series.append(Series(kind, label, points, path, points[-1].y if points else _TOP))
    return Plot(
        x_ticks=tuple(Tick(_odds_x(each), percent(each)) for each in _TICKS[1:]),
        y_ticks=tuple(Tick(_share_y(each), percent(each)) for each in _SHARES),
        series=_apart(series),
        rules=tuple(Rule(_odds_x(at), label) for at, label in rules),
    )


def _observed(each: Mapping[str, Any], title: str) -> Point:
    low, high = wilson(each["right"] * each["queries"], each["queries"])
    x, y = _odds_x(each["stated"]), _odds_y(each["right"])
    return Point(x, y, title, _odds_y(low), _odds_y(high))


def _apart(series: Sequence[Series]) -> tuple[Series, ...]:
    """Move names of lines that end close together away from each other."""
    placed: list[Series] = []
    last = -math.inf
    for each in sorted(series, key=lambda one: one.label_y):
        y = round(max(each.label_y, last + _LABELS_APART), 1)
        last = y
        placed.append(Series(each.kind, each.label, each.points, each.path, y))
    over = max(0.0, last - (HEIGHT - _BOTTOM))
    return tuple(
        Series(each.kind, each.label, each.points, each.path, round(each.label_y - over, 1))
        for each in placed
    )


def _odds(probability: float) -> float:
    """Return where a probability stands between the edges, by its odds, in [0, 1]."""
    bounded = min(max(probability, _LEAST), _MOST)
    low, high = math.log(_LEAST / (1 - _LEAST)), math.log(_MOST / (1 - _MOST))
    return (math.log(bounded / (1 - bounded)) - low) / (high - low)


def _odds_x(probability: float) -> float:
    return round(_LEFT + _odds(probability) * (WIDTH - _LEFT - _RIGHT), 1)


def _odds_y(probability: float) -> float:
    return _share_y(_odds(probability))


def _share_y(share: float) -> float:
    bounded = min(max(share, 0.0), 1.0)
    return round(HEIGHT - _BOTTOM - bounded * (HEIGHT - _TOP - _BOTTOM), 1)
