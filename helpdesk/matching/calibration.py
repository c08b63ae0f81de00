"""Learn from answered queries how far the matcher's own log-odds can be believed. Pure.

A logistic regression that starts from believing them: without data, or where the data say nothing
else, the probability stays what the evidence adds up to. It never falls as the log-odds rise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)
FOLDS = 5
_SLOWEST = 0.2  # of the log-odds: below it they would hardly count any more
_ROUNDS = 100
_SETTLED = 1e-8
_HALVINGS = 30


@dataclass(frozen=True, slots=True)
class Calibration:
    """log-odds -> intercept + slope * log-odds + coefficients . flags, all in natural logarithms.

    `slope` is above 0, so that more evidence never makes a person less likely.
    """

    intercept: float = 0.0
    slope: float = 1.0
    coefficients: tuple[float, ...] = ()

    def apply(self, log_odds: Floats, flags: Floats) -> Floats:
        """Return the calibrated log-odds of n persons from their log-odds [n] and flags [n, k]."""
        shift: Floats = flags @ np.asarray(self.coefficients, dtype=np.float64)
        return self.intercept + self.slope * log_odds + shift


@dataclass(frozen=True, slots=True)
class Labelled:
    """Queries with the best person of each: was it the one meant?

    Attributes:
        log_odds: [n] natural log-odds of the best person before calibration.
        flags: [n, k] where their evidence came from.
        right: [n] 1 where the best person is the one meant, else 0.
        weight: [n] how many queries each stands for, so that what is sampled more often than it
            happens does not count for more.
    """

    log_odds: Floats
    flags: Floats
    right: Floats
    weight: Floats

    def take(self, which: NDArray[np.bool_]) -> "Labelled":
        """Return some of the queries."""
        return Labelled(
            self.log_odds[which], self.flags[which], self.right[which], self.weight[which]
        )


def fit(data: Labelled, *, ridge: float) -> Calibration:
    """Return the calibration that explains the answers best, drawn toward the identity.

    Args:
        data: what was answered.
        ridge: how many queries' worth of doubt stand against leaving the identity.
    """
    columns = np.column_stack([np.ones_like(data.log_odds), data.log_odds, data.flags])
    start = np.zeros(columns.shape[1])
    start[1] = 1.0
    free = np.ones(len(start), dtype=bool)
    found = _newton(columns, data, start, ridge=ridge, free=free)
    if found[1] < _SLOWEST:
        found[1], free[1] = _SLOWEST, False
        found = _newton(columns, data, start, ridge=ridge, free=free, held=found)
    return Calibration(float(found[0]), float(found[1]), tuple(map(float, found[2:])))


def fit_best(data: Labelled, *, folds: NDArray[np.int64], ridges: Sequence[float] = RIDGES) -> (
    tuple[Calibration, float]
):  # fmt: skip
    """Return the calibration of all queries, and the ridge under which unseen ones fare best.

    Args:
        data: what was answered.
        folds: [n] which part a query belongs to, from 0; it must not depend on the answer.
        ridges: those to choose from.
    """
    unseen = {ridge: _unseen_loss(data, folds, ridge) for ridge in ridges}
    ridge = min(ridges, key=unseen.__getitem__)
    return fit(data, ridge=ridge), ridge


def log_loss(calibration: Calibration, data: Labelled) -> float:
    """Return the mean surprise at the answers, in nats a query; 0 is a prophet's."""
    stated = calibration.apply(data.log_odds, data.flags)
    return float(_losses(stated, data.right) @ data.weight / max(data.weight.sum(), 1e-12))


def _unseen_loss(data: Labelled, folds: NDArray[np.int64], ridge: float) -> float:
    lost = 0.0
    for fold in np.unique(folds):
        held = folds == fold
        rest = data.take(~held)
        if held.all():
            rest = data
        part = data.take(held)
        lost += log_loss(fit(rest, ridge=ridge), part) * float(part.weight.sum())
    return lost


def _newton(
    columns: Floats,
    data: Labelled,
    center: Floats,
    *,
    ridge: float,
    free: NDArray[np.bool_],
    held: Floats | None = None,
) -> Floats:
    """Minimise the loss plus ridge/2 times the squared distance from the center (IRLS)."""
    at = (center if held is None else held).copy()

    def loss(where: Floats) -> float:
        surprise = _losses(columns @ where, data.right) @ data.weight
        return float(surprise + ridge / 2 * np.sum((where - center) ** 2))

    lost = loss(at)
    for _ in range(_ROUNDS):
        p = _probability(columns @ at)
        slope = columns.T @ (data.weight * (p - data.right)) + ridge * (at - center)
        bend = (columns * (data.weight * p * (1 - p))[:, None]).T @ columns
        bend += ridge * np.eye(len(at))
        step = np.zeros_like(at)
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        for _ in range(_HALVINGS):
            tried = loss(at - step)
            if tried <= lost:
                break
            step /= 2
        else:
            break
        at, gained, lost = at - step, lost - tried, tried
        if gained < _SETTLED * max(lost, 1.0):
            break
    return at


def _losses(stated: Floats, right: Floats) -> Floats:
    """Return -log of the probability given to what came out, without overflow."""
    surprise: Floats = np.logaddexp(0.0, stated) - right * stated
    return surprise


def _probability(log_odds: Floats) -> Floats:
    chance: Floats = 0.5 * (1 + np.tanh(log_odds / 2))
    return chance
