"""Weigh comparisons into bits of evidence and bits into probabilities of persons. Pure.

Fellegi and Sunter (1969): a level weighs log2(m/u), m its share among true pairs and u among all
others. How rare a name, word, date or place is (u) is counted in the registry. The NIK holds the
birth date, so it is scored given the date: a neighbour's NIK is one digit away.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import log2

from helpdesk.identity.types import Field
from helpdesk.matching import features
from helpdesk.matching.features import Comparison, Facts
from helpdesk.matching.types import Evidence, Level, Verdict
from helpdesk.registry import keys

_NAME_FLOOR_BITS = -10.0  # however many words differ: a name may be somebody's other name
_PLACE_CAP_BITS = 7.0  # a rare place says less than its count: people name the village or the town
_DAYS = 20_000  # birth dates in use; smooths the counts of a small registry
_AGREEING_DATES = frozenset({Level.EXACT, Level.SWAPPED, Level.ONE_DIGIT})
_AGREEING_NAMES = frozenset({Level.EXACT, Level.SAME})


@dataclass(frozen=True, slots=True)
class Weights:
    """What each level weighs, {feature: {level: (m, u)}}, u None where counted, and the limits."""

    levels: Mapping[str, Mapping[str, tuple[float, float | None]]]
    prior_member: float
    prior_lookalike: float
    accept: float
    reject: float
    runner_up: float


@dataclass(frozen=True, slots=True)
class Rates:
    """How many records there are, and how many of them have each term of a query."""

    records: int
    terms: Mapping[str, int]

    def share(self, term: str) -> float:
        """Return the share of records with a term, at least that of one record."""
        return max(self.terms.get(term, 0), 1) / max(self.records, 1)


@dataclass(frozen=True, slots=True)
class Scored:
    """A record weighed against a query."""

    evidence: tuple[Evidence, ...]
    bits: float


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Return the weights this version ships with."""
    text = resources.files("helpdesk.matching").joinpath("weights.json").read_text("utf-8")
    data = json.loads(text)
    return Weights(
        levels={
            feature: {level: (pair["m"], pair["u"]) for level, pair in levels.items()}
            for feature, levels in data.items()
            if isinstance(levels, dict)
        },
        prior_member=data["prior_member"],
        prior_lookalike=data["prior_lookalike"],
        accept=data["accept"],
        reject=data["reject"],
        runner_up=data["runner_up"],
    )


def terms(asked: Facts) -> list[str]:
    """Return the terms whose counts a query needs."""
    found = [keys.ALL_TERM]
    if asked.codes:
        found.append(keys.name_term(asked.codes))
        found += map(keys.word_term, dict.fromkeys(asked.codes))
    if asked.day is not None:
        found.append(keys.day_term(asked.day))
    if asked.place:
        found.append(keys.place_term(asked.place))
    return found


def weigh(asked: Facts, recorded: Facts, rates: Rates, weights: Weights) -> Scored:
    """Return the evidence of each fact and its sum; a fact that one side lacks weighs nothing."""
    date = features.birth_date(asked, recorded)
    nik = features.nik(asked, recorded)
    name = features.full_name(asked, recorded)
    place = features.birth_place(asked, recorded)
    given = "nik_given_date" if date.level in _AGREEING_DATES else "nik"
    evidence = (
        Evidence(Field.NIK, nik.level, _fixed_bits(given, nik.level, weights)),
        Evidence(Field.BIRTH_DATE, date.level, _date_bits(asked, date, rates, weights)),
        Evidence(Field.FULL_NAME, name.level, name_bits(asked, name, rates, weights)),
        Evidence(Field.BIRTH_PLACE, place.level, _place_bits(asked, place, rates, weights)),
    )
    return Scored(evidence, sum(each.bits for each in evidence))


def name_bits(asked: Facts, name: Comparison, rates: Rates, weights: Weights) -> float:
    """Return what a name weighs: as a whole when all of it agrees, else word by word."""
    if name.level in {Level.MISSING, Level.NOT_RECORDED}:
        return 0.0
    whole = rates.share(keys.name_term(asked.codes))
    if name.level in _AGREEING_NAMES:
        return log2(weights.levels["full_name"][name.level][0] / whole)
    bits = 0.0
    for level, code in name.words:
        m, u = weights.levels["word"][level]
        bits += log2(m / (rates.share(keys.word_term(code)) if u is None else u))
    # Words of one name come together more often than each by itself: never more than the whole.
    ceiling = log2(weights.levels["full_name"][Level.SAME][0] * max(rates.records, 2)) - 1.0
    return max(min(bits, ceiling), _NAME_FLOOR_BITS)


def probabilities(
    persons: Sequence[Scored], *, records: int, weights: Weights, unseen: float = 0.0
) -> list[float]:
    """Return for each person the probability that they are the one meant.

    Each person has a rival who is not in the registry: somebody of the same name and date, with
    another NIK and place. Without a NIK or a place, nothing but their rarity speaks against them.

    Args:
        persons: the best record of each person that could matter.
        records: size of the registry; each is equally likely before the evidence.
        weights: for the shares of askers who are in the registry, and who are such a rival.
        unseen: sum of 2**bits over persons that were not fetched.

    What is missing to a sum of 1 belongs to nobody in the list.
    """
    prior = weights.prior_member / max(records, 1)
    odds = [prior * 2.0**each.bits for each in persons]
    rivals = sum(2.0 ** (each.evidence[1].bits + each.evidence[2].bits) for each in persons)
    nobody = weights.prior_lookalike / max(records, 1) * rivals + 1 - weights.prior_member
    total = sum(odds) + prior * unseen + nobody
    return [each / total for each in odds]


def verdict(
    best: Scored | None, probability: float, runner_up: float, weights: Weights
) -> Verdict:
    """Say what to make of the best person; some doubts no probability overrides.

    No match without an agreeing NIK or birth date, none when NIK or name is another whatever
    else agrees, and none with a runner-up that is not negligible.
    """
    if best is None:
        return Verdict.NONE
    nik, date, name, _ = (each.level for each in best.evidence)
    if probability < weights.reject:
        return Verdict.NONE
    sure = (
        probability >= weights.accept
        and runner_up <= weights.runner_up
        and (nik == Level.EXACT or date in _AGREEING_DATES)
        and Level.DIFFERENT not in {nik, name}
    )
    return Verdict.MATCH if sure else Verdict.REVIEW


def _fixed_bits(feature: str, level: Level, weights: Weights) -> float:
    m, u = weights.levels[feature].get(level, (1.0, 1.0))
    return log2(m / (u or 1.0))


def _date_bits(asked: Facts, date: Comparison, rates: Rates, weights: Weights) -> float:
    if date.level is not Level.EXACT or asked.day is None:
        return _fixed_bits("birth_date", date.level, weights)
    # A twentieth of a thousand of people share a day, thousands share a heaped one.
    share = (rates.terms.get(keys.day_term(asked.day), 0) + 1) / (rates.records + _DAYS)
    return log2(weights.levels["birth_date"][Level.EXACT][0] / share)


def _place_bits(asked: Facts, place: Comparison, rates: Rates, weights: Weights) -> float:
    if place.level is not Level.EXACT:
        return _fixed_bits("birth_place", place.level, weights)
    share = rates.share(keys.place_term(asked.place))
    m = weights.levels["birth_place"][Level.EXACT][0]
    return min(log2(m / share), _PLACE_CAP_BITS)
