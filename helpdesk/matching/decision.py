"""From the bits of persons to probabilities, a verdict and its doubts. Pure.

The persons compete with each other, with namesakes that were not fetched and with nobody: the one
who asks may not be in the registry, though somebody of the same name and date is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log2
from operator import mul

from helpdesk.matching.features import CODES, DATE, LEVELS, NAME, NIK, WORD_LEVELS, WordLevel
from helpdesk.matching.score import AGREEING_DATES, Scale, Thresholds, Weighed
from helpdesk.matching.strangers import NEEDED, NEIGHBOURS, STRANGERS
from helpdesk.matching.types import Doubt, Level, Reckoning, Verdict

_MOST_NATS = 20.0  # of log-odds that the calibration looks at
_SUREST = 1e-6  # nobody is likelier than one less this, nor unlikelier than this
_FAR = 1e-3  # a second best with a smaller share, ten bits behind, is no rival
_DIGITS = 6  # of a probability
_AGREEING_NIKS = frozenset({Level.EXACT, Level.ONE_DIGIT})


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Who may be meant, how likely.

    Attributes:
        order: the persons best first, as indices.
        chances: of each in that order, in [0, 1]; together at most 1.
        log_odds: of the best before calibration, natural.
        prior, rivals: bits, as in `Reckoning`, of the best.
        flags: of the best, in the order of `FLAGS`.
    """

    order: tuple[int, ...]
    chances: tuple[float, ...]
    log_odds: float
    prior: float
    rivals: float
    flags: tuple[float, ...]


def posterior(
    persons: Sequence[Weighed],
    scaled: Scale,
    *,
    unseen: float = 0.0,
    cut: bool = False,
    first: int | None = None,
) -> Posterior:
    """Return the probability of each person.

    Their rivals outside the registry are strangers of several kinds, among them namesakes, and
    those who also have the date of somebody registered: against these nothing speaks but what
    they do not share.

    Args:
        persons: at least one.
        scaled: how common the facts are, and the weights.
        unseen: sum of 2**bits over persons that were not fetched.
        cut: whether some of them were left out that might be likelier.
        first: index of somebody to put before the best; what is said of the best is said of them.
    """
    weights, totals = scaled.weights, [each.total for each in persons]
    order = sorted(range(len(totals)), key=totals.__getitem__, reverse=True)
    if first is not None:
        order.remove(first)
        order.insert(0, first)
    registered = max(scaled.counts.persons, 1)
    prior = weights.prior_member / registered
    odds = [prior * 2.0 ** totals[each] for each in order]
    nobody = (1.0 - weights.prior_member) * _strangers(persons, scaled)
    best, others = odds[0], sum(odds[1:])
    rest = others + prior * unseen + nobody
    log_odds = log(best / rest)
    second = odds[1] if len(odds) > 1 else 0.0
    flags = _flags(persons[order[0]], second / (best + second), cut=cut)
    chance = _calibrated(log_odds, flags, scaled)
    share = min(1.0, (1.0 - chance) * (1.0 + best / rest)) / (best + rest)
    most = chance if first is None else 1.0
    chances = [round(min(each * share, most), _DIGITS) for each in odds]
    chances[0] = chance
    return Posterior(
        tuple(order), tuple(chances), log_odds, log2(prior), -log2(rest), tuple(flags)
    )


def log_odds_alone(best: Weighed, scaled: Scale) -> float:
    """Return the natural log-odds of a person if nobody else were like them, here or elsewhere.

    Strangers who share their name and date are left out: more keys would not tell of those.
    """
    weights, registered = scaled.weights, max(scaled.counts.persons, 1)
    odds = weights.prior_member / registered / (1.0 - weights.prior_member)
    return log(odds) + best.total * _NATS


def reckoning(found: Posterior, bits: float) -> Reckoning:
    """Return how the best probability came about, from the bits of its evidence as they are told.

    What rounding and calibration made of the sum is all in `calibration`.
    """
    chance = found.chances[0]
    prior, rivals = round(found.prior, 2), round(found.rivals, 2)
    stated = log2(chance) - log2(1.0 - chance)
    return Reckoning(prior, rivals, stated - prior - rivals - bits)


def verdict(
    levels: Sequence[Level], chances: Sequence[float], limits: Thresholds
) -> tuple[Verdict, tuple[Doubt, ...]]:
    """Say what to make of the best person; some doubts no probability overrides.

    Args:
        levels: how their facts compared, in the order of `FEATURES`.
        chances: of them and the runner-up, if there is one.
        limits: what a match takes.
    """
    nik, date, name = levels[NIK], levels[DATE], levels[NAME]
    enough = nik in _AGREEING_NIKS or date in AGREEING_DATES
    doubts = [
        doubt
        for doubt, holds in (
            (Doubt.UNSURE, chances[0] < limits.accept),
            (Doubt.NOT_ENOUGH, not enough),
            (Doubt.OTHER_NIK, nik in _OTHER_NIKS),
            (Doubt.OTHER_NAME, name is Level.DIFFERENT),
            (Doubt.RUNNER_UP, len(chances) > 1 and chances[1] > limits.runner_up),
        )
        if holds
    ]
    if chances[0] < limits.reject:
        return Verdict.NONE, tuple(doubts)
    return Verdict.REVIEW if doubts else Verdict.MATCH, tuple(doubts)


def _strangers(persons: Sequence[Weighed], scaled: Scale) -> float:
    """Return how much likelier the query is from a stranger than if nothing agreed by design.

    Who shares facts with somebody registered states them as that one would. Where the query states
    too little of what they would share, they are strangers like any. A neighbour's NIK is near,
    but never the same.
    """
    levels, registered = persons[0].levels, max(scaled.counts.persons, 1)
    likely = 0.0
    for share, (facts, needed, differ) in zip(scaled.weights.strangers, _KINDS, strict=True):
        if not facts or _MISSING in [levels[fact] for fact in needed]:
            likely += share
            continue
        one, other = facts
        alike = [
            2.0 ** (each.bits[one] + each.bits[other])
            for each in persons
            if not differ or each.levels[NIK] != _EXACT
        ]
        likely += share * sum(alike) / registered
    return likely


def _calibrated(log_odds: float, flags: Sequence[float], scaled: Scale) -> float:
    weights = scaled.weights
    limited = max(-_MOST_NATS, min(_MOST_NATS, log_odds))
    shift = sum(map(mul, flags, weights.flags))
    chance = 1.0 / (1.0 + exp(-(weights.intercept + weights.slope * limited + shift)))
    return round(max(_SUREST, min(1.0 - _SUREST, chance)), _DIGITS)


def _flags(best: Weighed, rival: float, *, cut: bool) -> list[float]:
    nik, date, name, place = best.levels
    no_nik, no_date, no_place = nik == _MISSING, date == _MISSING, place == _MISSING
    other_nik = LEVELS[nik] in _OTHER_NIKS
    return [
        no_nik,
        nik == _NOT_RECORDED,
        nik == _ONE_DIGIT,
        nik == _ONE_DIGIT_SERIAL,
        nik == _TWO_DIGITS,
        nik == _SAME_AREA,
        nik == _DIFFERENT,
        no_date,
        date in _NEAR_DATES,
        date in _OTHER_DATES,
        name == _MISSING,
        name == _SIMILAR,
        name == _DIFFERENT,
        best.bits[NAME] < 0,
        _ADDED in best.paired,
        best.dropped > 0,
        no_place,
        place == _EXACT,
        place in _OTHER_PLACES,
        no_nik and no_date,
        no_nik and no_date and no_place,
        other_nik and (date == _EXACT or date in _NEAR_DATES),
        rival,
        rival < _FAR,
        cut,
    ]


_NATS = log(2.0)
# Of each kind of strangers: what they share, what a query must state, whether their NIK differs.
_KINDS = [(facts, NEEDED[kind], kind == NEIGHBOURS) for kind, facts in STRANGERS.items()]
_EXACT, _MISSING, _DIFFERENT = CODES[Level.EXACT], CODES[Level.MISSING], CODES[Level.DIFFERENT]
_SIMILAR, _ONE_DIGIT = CODES[Level.SIMILAR], CODES[Level.ONE_DIGIT]
_TWO_DIGITS, _SAME_AREA = CODES[Level.TWO_DIGITS], CODES[Level.SAME_AREA]
_NOT_RECORDED, _ADDED = CODES[Level.NOT_RECORDED], WORD_LEVELS.index(WordLevel.ADDED)
_ONE_DIGIT_SERIAL = CODES[Level.ONE_DIGIT_SERIAL]
_OTHER_NIKS = frozenset({Level.TWO_DIGITS, Level.SAME_AREA, Level.DIFFERENT})
_OTHER_PLACES = frozenset({CODES[Level.SAME_AREA], _DIFFERENT})
_NEAR_DATES = frozenset({CODES[Level.SWAPPED], _ONE_DIGIT})
_OTHER_DATES = frozenset({CODES[Level.SAME_YEAR], _DIFFERENT})
