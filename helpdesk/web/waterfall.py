"""How a probability comes about, drawn: one bar for each step, on one axis of log-odds. Pure.

Each bar begins where the one before it ended, so that the last ends at the probability; an axis
below it says which. The numbers beside the bars are rounded so that they add up as they stand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from helpdesk import i18n
from helpdesk.i18n import mark
from helpdesk.matching.types import Evidence, Reckoning
from helpdesk.web import evidence_words

WIDTH, HEIGHT = 156, 12  # of the box a bar is drawn in
_EDGE = 3.0  # kept free on both sides, for the mark at the end
_LEAST = 1.0  # a bar that weighs nothing is still to be seen
_NOTED = 0.05  # bits of rarity below this round to nothing
_TICKS = (0.5, 0.999, 0.001, 0.999999, 0.000001, 0.99, 0.01)  # the most telling first
_APART = 38.0  # between the labels of two ticks


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar.

    `kind` is "agreement", "rarity", "taken" (off for a common value), "against" or "step".
    """

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: its words, its weight in bits as shown, and where it is drawn.

    `field` is the fact it is about, "" for what is no fact; `end` is where the next one begins.
    """

    field: str
    text: str
    note: str
    bits: float
    bits_text: str
    segments: tuple[Segment, ...]
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A probability on the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Every bar, the axis below, and where it ends; `even` is the place of 50 %.

    `total_text` is the sum in bits, "" where the bars are of one person's facts only and do not
    end at a probability.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    even: float
    end: float
    total_text: str


@dataclass(frozen=True, slots=True)
class _Step:
    feature: str
    level: str
    text: str
    agreement: float
    rarity: float = 0.0

    @property
    def bits(self) -> float:
        return self.agreement + self.rarity


def waterfall(
    evidence: Sequence[Evidence], reckoning: Reckoning | None, language: str
) -> Waterfall:
    """Lay out what a person's facts weigh; without a reckoning from nothing, facts alone."""
    steps = _steps(evidence, reckoning, language)
    sums = [0.0]
    for step in steps:
        sums.append(sums[-1] + step.bits)
    scale = _Scale(_extremes(steps, sums))
    rounded = [round(each, 1) for each in sums]
    bars = tuple(
        _bar(step, (start, end), (shown_start, shown_end), scale, language)
        for step, (start, end), (shown_start, shown_end) in zip(
            steps, pairwise(sums), pairwise(rounded), strict=True
        )
    )
    return Waterfall(
        bars=bars,
        ticks=_ticks(scale, language) if reckoning else (),
        even=scale.x(0.0),
        end=scale.x(sums[-1]),
        total_text=signed(rounded[-1], language) if reckoning else "",
    )


def signed(number: float, language: str) -> str:
    """Write a weight with its sign and one decimal."""
    text = f"{'+' if number >= 0 else '−'}{abs(number):.1f}"
    return text if language == "en" else text.replace(".", ",")


class _Scale:
    """From bits to places in the box."""

    def __init__(self, extremes: tuple[float, float]) -> None:
        self._low, high = extremes
        self._step = (WIDTH - 2 * _EDGE) / max(high - self._low, 1.0)

    def x(self, bits: float) -> float:
        return round(_EDGE + (bits - self._low) * self._step, 1)


def _steps(
    evidence: Sequence[Evidence], reckoning: Reckoning | None, language: str
) -> list[_Step]:
    gettext = i18n.translations(language).gettext
    facts = [
        _Step(
            each.feature,
            each.level,
            evidence_words.text(each.feature, each.level, language),
            each.agreement,
            each.rarity,
        )
        for each in evidence_words.ordered(evidence)
        if each.level not in evidence_words.UNKNOWN or each.bits
    ]
    if reckoning is None:
        return facts
    return [
        _Step("", "", gettext(mark("Before: anybody registered")), reckoning.prior),
        *facts,
        _Step("", "", gettext(mark("Others who may be meant")), reckoning.rivals),
        _Step("", "", gettext(mark("Learned from answers")), reckoning.calibration),
    ]


def _extremes(steps: Sequence[_Step], sums: Sequence[float]) -> tuple[float, float]:
    reached = [*sums, *(sums[at] + step.agreement for at, step in enumerate(steps))]
    return min(reached), max(reached)


def _bar(
    step: _Step,
    at: tuple[float, float],
    shown: tuple[float, float],
    scale: _Scale,
    language: str,
) -> Bar:
    bits = round(shown[1] - shown[0], 1)
    return Bar(
        field=evidence_words.field_of(step.feature),
        text=step.text,
        note=_note(step, bits, language),
        bits=bits,
        bits_text=signed(bits, language),
        segments=tuple(_segments(step, at, scale)),
        start=scale.x(at[0]),
        end=scale.x(at[1]),
    )


def _segments(step: _Step, at: tuple[float, float], scale: _Scale) -> list[Segment]:
    start, end = at
    if not step.feature:
        return [_segment("step", start, end, scale)]
    if step.bits < 0:
        return [_segment("against", start, end, scale)]
    if step.rarity >= 0:
        middle = start + step.agreement
        parts = [_segment("agreement", start, middle, scale)]
        return parts + ([_segment("rarity", middle, end, scale)] if step.rarity >= _NOTED else [])
    parts = [_segment("agreement", start, end, scale)]
    taken = _segment("taken", end, start + step.agreement, scale)
    return parts + ([taken] if step.rarity <= -_NOTED else [])


def _segment(kind: str, start: float, end: float, scale: _Scale) -> Segment:
    left, right = sorted((scale.x(start), scale.x(end)))
    return Segment(kind, left, max(round(right - left, 1), _LEAST))


def _note(step: _Step, bits: float, language: str) -> str:
    """Say what of a weight is rarity, so that what is shown adds up."""
    rarity = round(step.rarity, 1)
    if not step.feature or abs(step.rarity) < _NOTED:
        return ""
    gettext = i18n.translations(language).gettext
    kind = mark("rare %(bits)s") if rarity > 0 else mark("common %(bits)s")
    said = gettext(kind) % {"bits": signed(rarity, language)}
    agreed = gettext(mark("by itself %(bits)s")) % {"bits": signed(bits - rarity, language)}
    return f"{agreed}, {said}"


def _ticks(scale: _Scale, language: str) -> tuple[Tick, ...]:
    kept: list[Tick] = []
    for probability in _TICKS:
        x = scale.x(math.log2(probability / (1 - probability)))
        inside = _EDGE <= x <= WIDTH - _EDGE
        if inside and all(abs(x - each.x) >= _APART for each in kept):
            text = f"{probability * 100:.6g}%"
            kept.append(Tick(x, text if language == "en" else text.replace(".", ",")))
    return tuple(sorted(kept, key=lambda each: each.x))
