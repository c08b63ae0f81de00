"""What the matching page shows of weights and figures: bars, plots, before and after."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import log2
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from helpdesk import i18n
from helpdesk.i18n import mark
from helpdesk.web import evidence_words, plots
from helpdesk.web.plots import Plot
from helpdesk.web.waterfall import signed

_BAR = 120.0  # the box a weight is drawn in
_FEATURES: dict[str, str] = {
    "nik": mark("NIK, the birth date not known"),
    "nik_given_date": mark("NIK, the birth date agreeing"),
    "birth_date": mark("Birth date"),
    "full_name": mark("Whole name"),
    "word": mark("Each word of a name"),
    "birth_place": mark("Birth place"),
}
_WORDS: dict[str, str] = {
    "slip": mark("a slip of the pen"),
    "initial": mark("an initial"),
    "added": mark("one word too many"),
    "dropped": mark("one word missing"),
    "partial": mark("only in part, or not at all"),
}
_LINES = (
    ("precision", "precision", mark("right")),
    ("coverage", "coverage", mark("found")),
    ("false_accepts", "strangers", mark("strangers")),
)
_SAID: dict[str, str] = {
    "precision": mark("from %(at)s on: %(share)s of those accepted are right"),
    "coverage": mark("from %(at)s on: %(share)s of the members are found"),
    "false_accepts": mark("from %(at)s on: %(share)s of the strangers are accepted"),
}


@dataclass(frozen=True, slots=True)
class WeightLine:
    """One level of a fact; `x` and `width` place its bar, `bits` is for a usual value.

    `before` is what it weighed before, "" where that is the same or nothing to compare with.
    """

    text: str
    bits: float
    bits_text: str
    before: str
    m: str
    u: str
    counted: bool
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Feature:
    """The levels of one fact; `axis` is where nothing is weighed."""

    text: str
    axis: float
    lines: tuple[WeightLine, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured share: its name, how it was and how it is, and whether that is better."""

    text: str
    value: str
    before: str = ""
    better: bool | None = None


def features(
    data: Mapping[str, Any], language: str, before: Mapping[str, Any] | None = None
) -> list[Feature]:
    """Lay out weights as `weights.json` holds them, beside others if there are any."""
    levels: Mapping[str, Any] = data.get("levels", {})
    old: Mapping[str, Any] = (before or {}).get("levels", {})
    every = [_bits(each) for known in levels.values() for each in known.values()]
    low, high = min([*every, 0.0]), max([*every, 1.0])
    scale = _BAR / (high - low)
    axis = round(-low * scale, 1)
    gettext = i18n.translations(language).gettext
    return [
        Feature(
            gettext(_FEATURES.get(name, name.replace("_", " "))),
            axis,
            tuple(
                _line(level, weight, old.get(name, {}).get(level), scale, axis, language)
                for level, weight in known.items()
            ),
        )
        for name, known in sorted(levels.items(), key=lambda each: _place(each[0]))
    ]


def trained(data: Mapping[str, Any], language: str) -> str:
    """Say when weights were trained, and on how many queries, or "" where they do not tell."""
    found = data.get("trained")
    if not found:
        return ""
    said = mark(
        "Trained on %(date)s on %(queries)s queries, %(answered)s of them with a known answer."
    )
    return i18n.translations(language).gettext(said) % {
        "date": format_date(dt.date.fromisoformat(found["on"]), "long", locale=language),
        "queries": format_decimal(found["queries"], locale=language),
        "answered": format_decimal(found["answered"], locale=language),
    }


def figures(
    quality: Mapping[str, Any] | None, language: str, before: Mapping[str, Any] | None = None
) -> list[Figure]:
    """Return the figures people decide by, beside those before if there are any."""
    if not quality:
        return []
    gettext = i18n.translations(language).gettext
    return [
        _figure(gettext(text), path, quality, before, language, more=more)
        for text, path, more in _FIGURES
    ]


def named(
    groups: Sequence[tuple[str, str, Sequence[Mapping[str, Any]]]], language: str
) -> list[tuple[str, str, Sequence[Mapping[str, Any]]]]:
    """Return groups of bins with their names in this language."""
    gettext = i18n.translations(language).gettext
    return [(kind, gettext(label), bins) for kind, label, bins in groups]


def calibration(
    groups: Sequence[tuple[str, str, Sequence[Mapping[str, Any]]]], language: str
) -> Plot:
    """Plot how far probabilities keep what they promise."""
    gettext = i18n.translations(language).gettext

    def title(each: Mapping[str, Any]) -> str:
        return gettext(mark("stated %(stated)s, right %(right)s, of %(number)s")) % {
            "stated": share(each["stated"], language),
            "right": share(each["right"], language),
            "number": each["queries"],
        }

    return plots.calibration(groups, percent=partial(_tick, language=language), title=title)


def thresholds(
    curve: Sequence[Mapping[str, Any]], language: str, rules: Mapping[float, str]
) -> Plot:
    """Plot what accepting from a probability on comes to."""
    gettext = i18n.translations(language).gettext

    def title(name: str, each: Mapping[str, Any]) -> str:
        values = {"at": share(each["threshold"], language), "share": share(each[name], language)}
        return gettext(_SAID[name]) % values

    return plots.thresholds(
        curve,
        [(name, kind, gettext(label)) for name, kind, label in _LINES],
        percent=partial(_tick, language=language),
        title=title,
        rules=[(at, gettext(label)) for at, label in rules.items()],
    )


def share(ratio: float, language: str) -> str:
    """Write a ratio with as many digits as still tell it from 0 and from 1."""
    far = min(ratio, 1 - ratio)
    digits = 1 if far >= 0.01 or not far else 2 if far >= 0.0001 else 3
    return format_percent(ratio, f"#,##0.{'0' * digits}%", locale=language)


def _tick(ratio: float, *, language: str) -> str:
    return format_percent(ratio, "#,##0.##%", locale=language)


def _place(name: str) -> int:
    known = list(_FEATURES)
    return known.index(name) if name in known else len(known)


def _bits(weight: Mapping[str, Any]) -> float:
    m, u = float(weight.get("m") or 0), float(weight.get("u") or 0)
    return log2(m / u) if m > 0 and u > 0 else 0.0


def _line(
    level: str,
    weight: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    scale: float,
    axis: float,
    language: str,
) -> WeightLine:
    bits, was = _bits(weight), _bits(old) if old else None
    width = max(round(abs(bits) * scale, 1), 1.0)
    changed = was is not None and abs(was - bits) >= 0.05
    said = _WORDS.get(level)
    return WeightLine(
        text=i18n.translations(language).gettext(said)
        if said
        else evidence_words.how(level, language),
        bits=bits,
        bits_text=signed(bits, language),
        before=signed(was, language) if changed and was is not None else "",
        m=_chance(weight.get("m"), language),
        u=_chance(weight.get("u"), language),
        counted=bool(weight.get("counted")),
        x=axis if bits >= 0 else round(axis - width, 1),
        width=width,
    )


def _chance(value: float | None, language: str) -> str:
    """Write a share among pairs: as a percentage, or as one in so many where that is clearer."""
    if not value:
        return "–"
    if value >= 0.001:
        return share(value, language)
    number = f"{round(1 / value):,}"
    return f"1 : {number if language == 'en' else number.replace(',', '.')}"


def _figure(
    text: str,
    path: tuple[str, ...],
    quality: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    language: str,
    *,
    more: bool,
) -> Figure:
    value, was = _at(quality, path), _at(before or {}, path)
    if value is None:
        return Figure(text, "–")
    if was is None:
        return Figure(text, share(value, language))
    same = abs(value - was) < 0.00005
    better = None if same else (value > was) == more
    return Figure(text, share(value, language), share(was, language), better)


def _at(values: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    found: Any = values
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) else None


# What it is called, where it stands in `evaluation.Quality`, and whether more of it is better.
_FIGURES: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    (mark("Right person first, with NIK or name and date"), ("recall_1_identifiable",), True),
    (mark("Right person first, of all"), ("recall_1",), True),
    (mark("Members found where 99% are right"), ("at_precision", "coverage"), True),
    (mark("Strangers accepted there"), ("at_precision", "false_accepts"), False),
    (mark("Right from 99% on"), ("at_sure", "precision"), True),
    (mark("Members found from 99% on"), ("at_sure", "coverage"), True),
    (mark("Distance of stated from observed"), ("calibration_error",), False),
)
