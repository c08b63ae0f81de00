"""What one query's candidates look like to whoever trains the weights: arrays of levels."""

from dataclasses import dataclass
from math import inf, log2
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpdesk.matching.answers import Weighing
from helpdesk.matching.decision import Posterior
from helpdesk.matching.features import CODES, DATE, NAME, PLACE, WORD_LEVELS
from helpdesk.matching.score import FEATURES, FLAGS, Scale, Weighed, is_given_date
from helpdesk.matching.types import Level

Numbers: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Observed:
    """The k persons a query may mean, best first, as they compared; F is `score.FEATURES`.

    With the weights this was observed under, `bits` of a person is the sum over the features of
    log2(m / u) of the level; where the level is counted ("counted" in the weights), -log2(u) is in
    `rarity`. A name that agrees as a whole has a level of `full_name`; one that is similar or
    different adds up over its words instead: the counts in `words` times log2(m / u) of each word
    level, -log2(u) of the words that are the same summed in `rarity`, kept between
    `score.NAME_FLOOR_BITS` and `ceiling`.

    Attributes:
        persons: uint32[k], numbers of persons.
        kpjs: of each person every KPJ, to tell whether they are the one meant.
        levels: uint8[k, F], index into `score.LEVELS`.
        given_date: bool[k], whether the NIK is weighed by "nik_given_date" instead of "nik".
        words: uint8[k, 5], how many words compared as each of `score.WORD_LEVELS`; all 0 where
            the name agrees as a whole or is missing.
        rarity: float32[k, F], bits: -log2 of the share of persons, counted in the registry; what
            a place weighs is at most `score.PLACE_CAP_BITS`, and its rarity so much less.
        bits: float64[k, F] under the weights it was observed with.
        ceiling: bits a name may have at most that only partly agrees.
        registered: how many persons the registry has.
        unseen: sum of 2**bits over persons that were not fetched.
        log_odds: natural, of the best person before calibration; -inf without candidates.
        flags: float64[len(score.FLAGS)] of the best person.
    """

    persons: Numbers
    kpjs: tuple[tuple[str, ...], ...]
    levels: Numbers
    given_date: Numbers
    words: Numbers
    rarity: Numbers
    bits: Numbers
    ceiling: float
    registered: int
    unseen: float
    log_odds: float
    flags: Numbers


def observed(
    scaled: Scale, weighing: Weighing | None, chances: Posterior | None, unseen: float
) -> Observed:
    """Return what training sees of a query that was answered."""
    registered = scaled.counts.persons
    if weighing is None or chances is None:
        none = np.empty((0, len(FEATURES)))
        return Observed(
            persons=np.empty(0, dtype=np.uint32),
            kpjs=(),
            levels=none.astype(np.uint8),
            given_date=np.empty(0, dtype=bool),
            words=np.empty((0, 5), dtype=np.uint8),
            rarity=none.astype(np.float32),
            bits=none,
            ceiling=scaled.ceiling,
            registered=registered,
            unseen=unseen,
            log_odds=-inf,
            flags=np.zeros(len(FLAGS)),
        )
    listed = [weighing.persons[person] for person in chances.order]
    persons = [each.weighed for each in listed]
    levels = np.array([each.levels for each in persons], dtype=np.uint8)
    return Observed(
        persons=np.array([each.number for each in listed], dtype=np.uint32),
        kpjs=tuple(tuple(record.kpj for record in each.records) for each in listed),
        levels=levels,
        given_date=np.array([is_given_date(each.levels[DATE]) for each in persons]),
        words=np.array([_word_counts(each) for each in persons], dtype=np.uint8),
        rarity=np.array([_counted(each, scaled) for each in persons], dtype=np.float32),
        bits=np.array([each.bits for each in persons]),
        ceiling=scaled.ceiling,
        registered=registered,
        unseen=unseen,
        log_odds=chances.log_odds,
        flags=np.array(chances.flags, dtype=np.float64),
    )


def _word_counts(person: Weighed) -> list[int]:
    counts = [person.paired.count(level) for level in range(len(WORD_LEVELS))]
    counts[-1] = person.dropped
    return counts


def _counted(person: Weighed, scaled: Scale) -> list[float]:
    """Return -log2 of counted shares: how rare usual values are, and how much rarer these."""
    levels = scaled.weights.levels
    rarity = [*person.rarity(scaled)]
    exact, same = CODES[Level.EXACT], CODES[Level.SAME]
    for feature, name in ((DATE, "birth_date"), (PLACE, "birth_place"), (NAME, "full_name")):
        if person.levels[feature] in {exact, same}:
            rarity[feature] -= log2(levels[name]["exact"].u)
    rarity[NAME] -= person.paired.count(0) * log2(levels["word"]["same"].u)
    rarity[NAME] -= person.paired.count(1) * log2(levels["word"]["slip"].u)
    return rarity
