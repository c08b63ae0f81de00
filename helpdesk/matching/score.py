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
from typing import Any, NamedTuple, TypeAlias

from helpdesk.identity.types import Field
from helpdesk.matching.features import (
    CODES,
    DATE,
    LEVELS,
    NAME,
    NIK,
    PLACE,
    WORD_LEVELS,
    Compared,
    WordLevel,
)
from helpdesk.matching.strangers import STRANGERS
from helpdesk.matching.types import Level
from helpdesk.registry import layout

Bits: TypeAlias = Sequence[float]

FEATURES = (Field.NIK, Field.BIRTH_DATE, Field.FULL_NAME, Field.BIRTH_PLACE)

# Where the evidence of the best person comes from, for the calibration; 0 or 1 but for "rival".
FLAGS = (
    *("nik_missing", "nik_not_recorded", "nik_near", "nik_near_serial", "nik_two_digits"),
    *("nik_same_area", "nik_different"),
    *("date_missing", "date_near", "date_different"),
    *("name_missing", "name_similar", "name_different", "name_against"),  # against: below 0 bits
    *("word_added", "word_dropped"),
    *("place_missing", "place_exact", "place_different"),
    "no_nik_no_date",  # neither is stated
    "name_alone",  # nothing but a name is stated
    "other_nik_same_date",
    "rival",  # the share of the second among the two best, 0 to 0.5
    "alone",  # nobody comes near, however many are compared
    "cut",  # there were more persons than were compared
)

NAME_FLOOR_BITS = -10.0  # however many words differ: a name may be somebody's other name
PLACE_CAP_BITS = 7.0  # a rare place says less than its count: people name the village or the town
_WAYS_TO_SLIP = 400  # one letter of a word lost, added, exchanged or another
_SHORTENED = 0.03  # who say one word of their name, for each who says all of it
_STRAY = 5e-6  # the share of those who miswrite their name as any one word that is no name
AGREEING_DATES = frozenset({Level.EXACT, Level.SWAPPED, Level.ONE_DIGIT})

_DAYS = layout.DAYS  # smooths the counts of a small registry
_USUAL_PERSONS = 10_000  # so many persons of usual names and places are counted beside those there
_GIVEN_DATE = tuple(int(level in AGREEING_DATES) for level in LEVELS)
_EXACT, _SAME = CODES[Level.EXACT], CODES[Level.SAME]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a match takes: probabilities in [0, 1], as `[matching]` of policy.toml sets them.

    From `accept` on the best is a match, below `reject` nobody is; between them, and where anybody
    else could be meant with more than `runner_up`, a person looks.
    """

    accept: float = 0.99
    reject: float = 0.1
    runner_up: float = 0.01


@dataclass(frozen=True, slots=True)
class Weight:
    """What a level weighs: its share among true pairs, and among all others.

    Where u is counted in the registry, the one here is that of a usual value.
    """

    m: float
    u: float
    counted: bool = False

    @property
    def bits(self) -> float:
        """What the level weighs for a usual value."""
        return log2(self.m / self.u)


class Usual(NamedTuple):
    """The share of persons that have a usual value."""

    name: float
    word: float
    slip: float
    day: float
    place: float


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What each level of each fact weighs, and how far the sum can be believed.

    Attributes:
        levels: {feature: {level: Weight}} of "nik", "nik_given_date", "birth_date", "full_name",
            "word" and "birth_place".
        prior_member: share of those asking who are in the registry.
        strangers: shares of the kinds of `STRANGERS` among the others; they sum to 1.
        intercept, slope, flags: natural log-odds are replaced by intercept + slope * log-odds +
            flags (in the order of `FLAGS`) . those of the best person.
        nik: bits by index of `LEVELS`, first without, then given the date.
        date, place: bits of usual values by index of `LEVELS`; `name` of whole names.
        word: bits by index of `WORD_LEVELS`.
        partial: bits of a name for agreeing only in part, before its words are looked at.
        other_place: bits of a place that is not the same, however near.
        usual: the shares of usual values.
    """

    levels: Mapping[str, Mapping[str, Weight]]
    prior_member: float
    strangers: tuple[float, ...]
    intercept: float
    slope: float
    flags: tuple[float, ...]
    nik: tuple[Bits, Bits]
    date: Bits
    place: Bits
    name: Bits
    word: Bits
    partial: float
    other_place: float
    usual: Usual

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Weights":
        """Return the weights of what `weights.json` or a `WeightsRow` holds.

        Raises KeyError, TypeError or ValueError for data that are no weights.
        """
        levels = {
            feature: {level: Weight(**weight) for level, weight in known.items()}
            for feature, known in data["levels"].items()
        }
        learned = data.get("calibration", {})
        flags = learned.get("flags", {})
        return cls(
            levels=levels,
            prior_member=float(data["prior_member"]),
            strangers=_shares(data["strangers"]),
            intercept=float(learned.get("intercept", 0.0)),
            slope=float(learned.get("slope", 1.0)),
            flags=tuple(float(flags.get(name, 0.0)) for name in FLAGS),
            nik=(_table(levels["nik"]), _table(levels["nik_given_date"])),
            date=_table(levels["birth_date"]),
            place=_table(levels["birth_place"]),
            name=_table(levels["full_name"]),
            word=[levels["word"][level].bits for level in WORD_LEVELS],
            partial=levels["full_name"]["partial"].bits,
            other_place=_of_others(levels["birth_place"]),
            usual=Usual(
                levels["full_name"]["exact"].u,
                levels["word"]["same"].u,
                levels["word"]["slip"].u,
                levels["birth_date"]["exact"].u,
                levels["birth_place"]["exact"].u,
            ),
        )


class Counts(NamedTuple):
    """How many persons of the registry share what a query states; words in the name's order."""

    persons: int
    name: int
    words: tuple[int, ...]
    day: int
    place: int


class Scale(NamedTuple):
    """What the facts of one query weigh, by how common they are.

    Attributes:
        weights: what it was made with.
        counts: and by which counts.
        date, name, place: bits by index of `LEVELS`; of a name that agrees as a whole.
        other_place: bits of a place that is not the same, whatever it is.
        words: of each word of the name, bits by index of `WORD_LEVELS`.
        rarity: bits by which the NIK (0), the date, the name and the place, where they are equal,
            say more than usual ones.
        word_rarity: the same of each word.
        slip_rarity: bits by which a slip in each word says more than a usual one.
        ceiling: bits a name may have at most that only partly agrees.
    """

    weights: Weights
    counts: Counts
    date: Bits
    name: Bits
    place: Bits
    other_place: float
    words: list[Bits]
    rarity: tuple[float, float, float, float]
    word_rarity: list[float]
    slip_rarity: list[float]
    ceiling: float


class Weighed(NamedTuple):
    """A record, or a person, weighed against a query.

    Attributes:
        levels: indices into `LEVELS`, in the order of `FEATURES`.
        bits: what they weigh.
        name_rarity: how much of the name's bits is because it is rarer or commoner than usual.
        paired, dropped: of a name that agrees in part, as in `features.Named`.
    """

    levels: tuple[int, int, int, int]
    bits: tuple[float, float, float, float]
    name_rarity: float
    paired: tuple[int, ...]
    dropped: int

    @property
    def total(self) -> float:
        """Bits of all facts together."""
        nik, date, name, place = self.bits
        return nik + date + name + place

    def rarity(self, scaled: Scale) -> tuple[float, float, float, float]:
        """Return how much of the bits is because values are rarer or commoner than usual."""
        _, date, _, place = self.levels
        return (
            0.0,
            scaled.rarity[DATE] if date == _EXACT else 0.0,
            self.name_rarity,
            scaled.rarity[PLACE] if place == _EXACT else 0.0,
        )


def scale(counts: Counts, weights: Weights) -> Scale:
    """Return what the facts of a query weigh where so many persons share them."""
    persons = max(counts.persons, 1)
    usual, among = weights.usual, persons + _USUAL_PERSONS
    called, words = _called(counts)
    name = log2(usual.name * among / (max(called, 1) + _USUAL_PERSONS * usual.name))
    expected = _USUAL_PERSONS * usual.word
    rarities = [log2(usual.word * among / (max(count, 1) + expected)) for count in words]
    slips = [log2(usual.slip / _slip_share(count / among)) for count in words]
    same, slip, *others = weights.word
    # A twentieth of a thousand of people share a day, thousands share a heaped one.
    day = log2(usual.day * (persons + _DAYS) / (counts.day + 1))
    place = log2(usual.place * among / (max(counts.place, 1) + _USUAL_PERSONS * usual.place))
    place = min(place, PLACE_CAP_BITS - weights.place[_EXACT])
    date_bits, place_bits, name_bits = [*weights.date], [*weights.place], [*weights.name]
    date_bits[_EXACT] += day
    place_bits[_EXACT] += place
    name_bits[_EXACT] += name
    name_bits[_SAME] += name
    return Scale(
        weights,
        counts,
        date_bits,
        name_bits,
        place_bits,
        weights.other_place,
        [[same + r, slip + s, *others] for r, s in zip(rarities, slips, strict=True)],
        (0.0, day, name, place),
        rarities,
        slips,
        # Words of one name come together more often than each by itself: less than the whole.
        name_bits[_SAME] - 1.0,
    )


def weigh(compared: Compared, scaled: Scale) -> Weighed:
    """Return what each fact of a record weighs; one that either side lacks weighs nothing."""
    nik, date, (name, paired, dropped), place = compared
    if paired:
        name_bits, rarity = _partly(paired, dropped, scaled)
    else:
        name_bits = scaled.name[name]
        rarity = scaled.rarity[NAME] if name in _WHOLE else 0.0
    return Weighed(
        (nik, date, name, place),
        (
            scaled.weights.nik[_GIVEN_DATE[date]][nik],
            scaled.date[date],
            name_bits,
            scaled.place[place],
        ),
        rarity,
        paired,
        dropped,
    )


def of_person(rows: Sequence[Weighed]) -> Weighed:
    """Return the best comparison of each fact over the records of a person."""
    if len(rows) == 1:
        return rows[0]
    nik, date, name, place = (
        max(rows, key=lambda row: row.bits[feature]) for feature in range(len(FEATURES))
    )
    return Weighed(
        (nik.levels[NIK], date.levels[DATE], name.levels[NAME], place.levels[PLACE]),
        (nik.bits[NIK], date.bits[DATE], name.bits[NAME], place.bits[PLACE]),
        name.name_rarity,
        name.paired,
        name.dropped,
    )


def shortened(scaled: Scale) -> float:
    """Return what a name of two words weighs where one of them is all that is stated."""
    return _partly([_SAME_WORD], 1, scaled)[0]


def is_given_date(level: int) -> bool:
    """Tell whether the NIK is weighed given the date where the dates compare like this."""
    return bool(_GIVEN_DATE[level])


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Return the weights this version ships with."""
    return Weights.from_data(shipped_data())


def shipped_data() -> dict[str, Any]:
    """Return what `weights.json` holds."""
    text = resources.files("helpdesk.matching").joinpath("weights.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _called(counts: Counts) -> tuple[float, Sequence[float]]:
    """Return how many may say that this is their name, and are called so by each of its words.

    One word is also what some say whose name has more, and of most words there are many more of
    them than of those who have no other name.
    """
    if len(counts.words) != 1:
        return counts.name, counts.words
    called = counts.name + _SHORTENED * max(counts.words[0] - counts.name, 0)
    return called, [called]


def _slip_share(share: float) -> float:
    """Return the share of persons whose name a word is by a slip; so many have it as it is.

    What nobody is called is somebody's name with a slip in it; what many are called, like Dewi,
    is rather their name than a slip in Dwi.
    """
    return min(_WAYS_TO_SLIP * (share + _STRAY), 1.0)


def _shares(kinds: Mapping[str, float]) -> tuple[float, ...]:
    """Return the shares of strangers in the order of `STRANGERS`."""
    shares = [float(kinds[kind]) for kind in STRANGERS]
    return tuple(share / sum(shares) for share in shares)


def _partly(paired: Sequence[int], dropped: int, scaled: Scale) -> tuple[float, float]:
    """Return what a name weighs that agrees in part, and how much of that is its rarity."""
    bits = scaled.weights.partial + dropped * scaled.weights.word[_DROPPED]
    rarity = 0.0
    for at, found in enumerate(paired):
        bits += scaled.words[at][found]
        if found == _SAME_WORD:
            rarity += scaled.word_rarity[at]
        elif found == _SLIP:
            rarity += scaled.slip_rarity[at]
    return max(NAME_FLOOR_BITS, min(bits, scaled.ceiling)), rarity


def _of_others(levels: Mapping[str, Weight]) -> float:
    others = [weight for level, weight in levels.items() if level != Level.EXACT]
    return log2(sum([each.m for each in others]) / sum([each.u for each in others]))


def _table(levels: Mapping[str, Weight]) -> list[float]:
    return [levels[level].bits if level in levels else 0.0 for level in LEVELS]


_WHOLE = (_EXACT, _SAME)
_SAME_WORD, _SLIP = WORD_LEVELS.index(WordLevel.SAME), WORD_LEVELS.index(WordLevel.SLIP)
_DROPPED = WORD_LEVELS.index(WordLevel.DROPPED)
