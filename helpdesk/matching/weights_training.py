"""Train weights on queries, some of them answered, and say what that changes. Pure but for `see`.

observe -> estimate levels -> observe again -> calibrate -> compare on what was held back
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, TypeAlias

import numpy as np

from helpdesk.errors import InvalidError
from helpdesk.matching import learn, samples, score
from helpdesk.matching.calibration import Calibration, Labelled, fit_best
from helpdesk.matching.evaluation import Outcome, Quality, measure, pattern
from helpdesk.matching.lessons import Lesson
from helpdesk.matching.observed import Observed
from helpdesk.matching.score import Weights
from helpdesk.matching.types import Query

See: TypeAlias = Callable[[Query, Weights], Observed]
OnProgress: TypeAlias = Callable[[int, int], None]  # queries seen so far, of how many

LEAST_QUERIES = 200
_LEAST_ANSWERS = 100  # fewer say nothing about how far the odds can be believed
_HELD_BACK = 5  # one part of so many
_FOLDS = 5
_PASSES = 2  # over each query: with the weights in use, and with new ones


@dataclass(frozen=True, slots=True)
class Trained:
    """New weights, and how they compare with those in use on what neither was trained on.

    Attributes:
        data: what `weights.json` holds.
        queries: how many were learned from.
        answered: how many of them somebody had answered.
        held_back: how many were kept for comparing.
        other_best: how many of those have another best person now.
        before: the weights in use, None where too few of the held-back ones were answered.
        after: the new ones.
    """

    data: Mapping[str, Any]
    queries: int
    answered: int
    held_back: int
    other_best: int
    before: Quality | None
    after: Quality | None

    def report(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return {
            "queries": self.queries,
            "answered": self.answered,
            "held_back": self.held_back,
            "other_best": self.other_best,
            "before": None if self.before is None else self.before.as_json(),
            "after": None if self.after is None else self.after.as_json(),
        }

    def lines(self) -> list[str]:
        """Lay the figures out as text."""
        head = (
            f"learned from {self.queries:,} queries, {self.answered:,} of them answered; "
            f"{self.held_back:,} held back, of which {self.other_best:,} have another best person"
        )
        if self.before is None or self.after is None:
            return [head, "too few of those held back were answered to compare"]
        return [head, "", "BEFORE", *self.before.lines(), "", "AFTER", *self.after.lines()]


def train(
    lessons: Sequence[Lesson],
    data: Mapping[str, Any],
    see: See,
    *,
    now: dt.datetime,
    on_progress: OnProgress = lambda _done, _total: None,
) -> Trained:
    """Train on four fifths of the queries, starting from `data`, and compare on the others.

    Raises:
        InvalidError: there are too few queries to learn anything from.
    """
    if len(lessons) < LEAST_QUERIES:
        msg = (
            f"there are {len(lessons)} queries, and fewer than {LEAST_QUERIES} teach nothing; "
            "train again when more tickets have come in"
        )
        raise InvalidError(msg)
    watched = _watched(see, on_progress, _PASSES * len(lessons))
    held = learn.split([each.key for each in lessons], parts=_HELD_BACK) == 0
    kept = [lesson for lesson, back in zip(lessons, held, strict=True) if not back]
    back = [lesson for lesson, back in zip(lessons, held, strict=True) if back]
    old = Weights.from_data(data)
    seen = [watched(each.query, old) for each in kept]
    levels = _relevelled(kept, seen, data)
    again = [watched(each.query, Weights.from_data(levels)) for each in kept]
    found = {**_recalibrated(kept, again, levels), "trained": _trained(kept, now)}
    found.pop("provenance", None)  # that of the weights it began with
    before = [watched(each.query, old) for each in back]
    after = [watched(each.query, Weights.from_data(found)) for each in back]
    return Trained(
        data=found,
        queries=len(kept),
        answered=_answers(kept),
        held_back=len(back),
        other_best=sum(
            one.persons[:1].tolist() != two.persons[:1].tolist()
            for one, two in zip(before, after, strict=True)
        ),
        before=_measured(back, before, data),
        after=_measured(back, after, found),
    )


def judged(lesson: Lesson, seen: Observed, data: Mapping[str, Any]) -> Outcome:
    """Return what became of an answered query."""
    meant = lesson.meant or frozenset()
    ranks = (rank for rank, kpjs in enumerate(seen.kpjs, start=1) if meant & set(kpjs))
    facts = {field: getattr(lesson.query, field) for field in Query.__slots__}
    odds = _calibration(data).apply(np.array([seen.log_odds]), seen.flags[None, :])[0]
    return Outcome(
        pattern=pattern(facts),
        kind=lesson.kind,
        rank=next(ranks, 0),
        probability=1 / (1 + exp(-max(odds, -700.0))) if seen.kpjs else 0.0,
    )


def labelled(lessons: Sequence[Lesson], seen: Sequence[Observed]) -> Labelled:
    """Return the answered queries that found anybody, to calibrate on."""
    rows = [
        (one.log_odds, one.flags, bool((lesson.meant or set()) & set(one.kpjs[0])), lesson.weight)
        for lesson, one in zip(lessons, seen, strict=True)
        if lesson.meant is not None and one.kpjs
    ]
    return Labelled(
        np.array([row[0] for row in rows], dtype=float),
        np.array([row[1] for row in rows], dtype=float).reshape(-1, len(score.FLAGS)),
        np.array([row[2] for row in rows], dtype=float),
        np.array([row[3] for row in rows], dtype=float),
    )


def _watched(see: See, on_progress: OnProgress, total: int) -> See:
    done = 0

    def watched(query: Query, weights: Weights) -> Observed:
        nonlocal done
        done += 1
        on_progress(done, total)
        return see(query, weights)

    return watched


def _relevelled(
    lessons: Sequence[Lesson], seen: Sequence[Observed], data: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the weights with new levels, and the calibration that is no calibration."""
    stacked = samples.sample(
        [samples.Seen(one, each.meant) for each, one in zip(lessons, seen, strict=True)], data
    )
    found, _ = learn.estimate(stacked, samples.space(data), samples.shares(data))
    return samples.with_shares(data, found)


def _recalibrated(
    lessons: Sequence[Lesson], seen: Sequence[Observed], data: Mapping[str, Any]
) -> dict[str, Any]:
    answered = [
        (lesson, one)
        for lesson, one in zip(lessons, seen, strict=True)
        if lesson.meant is not None and one.kpjs
    ]
    if len(answered) < _LEAST_ANSWERS:
        return dict(data)
    material = labelled([each[0] for each in answered], [each[1] for each in answered])
    dealt = learn.split([lesson.key for lesson, _ in answered], parts=_HELD_BACK * _FOLDS)
    found, _ = fit_best(material, folds=dealt // _HELD_BACK)
    flags = zip(score.FLAGS, found.coefficients, strict=True)
    return {
        **data,
        "calibration": {
            "intercept": round(found.intercept, 4),
            "slope": round(found.slope, 4),
            "flags": {name: round(coefficient, 4) for name, coefficient in flags},
        },
    }


def _calibration(data: Mapping[str, Any]) -> Calibration:
    said = data["calibration"]
    coefficients = tuple(said["flags"].get(name, 0.0) for name in score.FLAGS)
    return Calibration(said["intercept"], said["slope"], coefficients)


def _measured(
    lessons: Sequence[Lesson], seen: Sequence[Observed], data: Mapping[str, Any]
) -> Quality | None:
    outcomes = [
        judged(lesson, one, data)
        for lesson, one in zip(lessons, seen, strict=True)
        if lesson.meant is not None
    ]
    return measure(outcomes) if len(outcomes) * _HELD_BACK >= _LEAST_ANSWERS else None


def _answers(lessons: Sequence[Lesson]) -> int:
    return sum(each.meant is not None for each in lessons)


def _trained(lessons: Sequence[Lesson], now: dt.datetime) -> dict[str, Any]:
    """Return where the weights come from, for screens to put into words."""
    return {"on": f"{now:%Y-%m-%d}", "queries": len(lessons), "answered": _answers(lessons)}
