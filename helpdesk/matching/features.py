"""Compare what is asked with what is recorded, one fact at a time; agents see the first sentences.

Pure. Each comparator says how a fact compared with those of n records; `score.py` weighs that.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cdist

from helpdesk.matching.types import Level
from helpdesk.registry import keys
from helpdesk.registry.keys import Word

LEVELS = tuple(Level)
CODES = {level: index for index, level in enumerate(LEVELS)}

_ALIKE = 0.87  # Jaro-Winkler of two words that are one with a slip: Setiawan, Setyawan
_SLIPPING = 3  # letters a word needs to be told from another with a slip in it
_SHORT = 4  # in words up to this length one letter makes another name: Dwi, Dewi, Ani, Ana
_PLACES_ALIKE = 0.92
_AREA_DIGITS = 6  # of a NIK: province, regency, district
_SPLIT_CHARS = 3  # by so much may the spellings differ of a name that is split elsewhere


class WordLevel(StrEnum):
    """How one word of a name found its like."""

    SAME = "same"
    SLIP = "slip"
    INITIAL = "initial"
    ADDED = "added"  # only in the query
    DROPPED = "dropped"  # only in the registry


WORD_LEVELS = tuple(WordLevel)
_SAME, _SLIP, _INITIAL, _ADDED, _DROPPED = range(5)


class Name(NamedTuple):
    """A name taken apart; `key` is equal for the same words in any order and spelling."""

    words: tuple[Word, ...]
    codes: tuple[str, ...]
    key: str


class Facts(NamedTuple):
    """The four facts of a query or of a record, made comparable.

    `day` is an ordinal, None when not stated; `nik` is digits, 15 to 17 of them, or ''.
    """

    name: Name
    place: str
    day: int | None
    nik: str


class Names(NamedTuple):
    """How a name compared with n names.

    Attributes:
        levels: of each name, index into `LEVELS`.
        paired: of each name that agrees in part, how each asked word did, index into
            `WORD_LEVELS`; empty for the others.
        dropped: of each such name, how many of its words are left; else 0.
    """

    levels: list[int]
    paired: list[tuple[int, ...]]
    dropped: list[int]


class Compared(NamedTuple):
    """How the facts of a query compared with those of n records, as indices into `LEVELS`."""

    nik: list[int]
    birth_date: list[int]
    full_name: Names
    birth_place: list[int]


def facts(name: str | None, place: str | None, day: int | None, nik: str | None) -> Facts:
    """Make four facts comparable; what is None, empty or no NIK at all counts as not stated."""
    digits = keys.nik_digits(nik) if nik else ""
    return Facts(
        named(name) if name else _NAMELESS,
        keys.place(place) if place else "",
        day,
        digits if 15 <= len(digits) <= 17 else "",
    )


def compare(asked: Facts, records: Sequence[Facts]) -> Compared:
    """Compare every fact of a query with those of records.

    A NIK that holds the stated date is nothing but a NIK; and if another one holds the date it is
    recorded with, they are not a slip apart: they are two people's.
    """
    dates = birth_date(asked.day, [each.day for each in records])
    niks = nik(asked.nik, [each.nik for each in records])
    if asked.nik and asked.day in keys.nik_days(asked.nik):
        niks = [_set_apart(*each) for each in zip(niks, dates, records, strict=True)]
    return Compared(
        niks,
        dates,
        full_name(asked.name, [each.name for each in records]),
        birth_place(asked.place, [each.place for each in records]),
    )


@lru_cache(maxsize=50_000)
def named(text: str) -> Name:
    """Take a name apart."""
    words = keys.words(text)
    codes = tuple([word.code for word in words])
    return Name(words, codes, " ".join(sorted(codes)))


def nik(asked: str, recorded: Sequence[str]) -> list[int]:
    """The NIK in the message against the one in the registry, digit by digit."""
    if not asked:
        return [_MISSING] * len(recorded)
    return [_EXACT if each == asked else _near_nik(asked, each) for each in recorded]


def birth_date(asked: int | None, recorded: Sequence[int | None]) -> list[int]:
    """The birth date in the message against the one in the registry."""
    if asked is None:
        return [_MISSING] * len(recorded)
    return [
        _EXACT if each == asked else _NOT_RECORDED if each is None else _near_date(asked, each)
        for each in recorded
    ]


def birth_place(asked: str, recorded: Sequence[str]) -> list[int]:
    """The birth place in the message against the one in the registry, by its present name."""
    if not asked:
        return [_MISSING] * len(recorded)
    return [
        _EXACT if each == asked else _NOT_RECORDED if not each else _near_place(asked, each)
        for each in recorded
    ]


def full_name(asked: Name, recorded: Sequence[Name]) -> Names:
    """The name in the message against the name in the registry, whatever order and spelling."""
    size = len(recorded)
    found = Names([_MISSING] * size, [()] * size, [0] * size)
    if not asked.words:
        return found
    found.levels[:] = [_as_a_whole(asked, each) for each in recorded]
    partly = [at for at, level in enumerate(found.levels) if level == _SIMILAR]
    if partly:
        known = _Known(asked.words, [recorded[at].words for at in partly])
        for at in partly:
            paired = known.pair(recorded[at].words)
            found.paired[at] = paired
            found.dropped[at] = len(recorded[at].words) - sum([each < _ADDED for each in paired])
            if min(paired) > _SLIP:
                found.levels[at] = _DIFFERENT
    return found


@lru_cache(maxsize=4_096)
def near_days(day: int) -> Mapping[int, Level]:
    """Return the dates that a slip makes of one: its swap, and those one digit off."""
    near = dict.fromkeys(keys.near_days(day, latest=dt.date.max.toordinal()), Level.ONE_DIGIT)
    swapped = keys.swapped_day(day)
    return near if swapped is None else {**near, swapped: Level.SWAPPED}


def _as_a_whole(asked: Name, recorded: Name) -> int:
    """Return how two names compare as a whole; similar is any that have to be taken apart."""
    if recorded.words == asked.words:
        return _EXACT
    if recorded.key == asked.key:
        return _SAME_NAME
    if not recorded.words:
        return _NOT_RECORDED
    return _SAME_NAME if _split_elsewhere(asked, recorded) else _SIMILAR


def _near_nik(asked: str, recorded: str) -> int:
    if not recorded:
        return _NOT_RECORDED
    slips = OSA.distance(asked, recorded, score_cutoff=2)
    if slips > 2:
        alike = asked[:_AREA_DIGITS] == recorded[:_AREA_DIGITS]
        return _SAME_AREA if alike and _of_a_card(asked) else _DIFFERENT
    if slips == 2:
        return _TWO_DIGITS
    near_serial = len(asked) == len(recorded) and asked[:12] == recorded[:12]
    return _ONE_DIGIT_SERIAL if near_serial else _ONE_DIGIT


def _of_a_card(digits: str) -> bool:
    """Tell whether it may be the number of a family card, which begins like a NIK of the family.

    Where a NIK has the date of birth, it has the day of issue: nobody who works was born then.
    """
    return len(digits) == 16 and "05" <= digits[10:12] <= "35"


def _set_apart(nik_level: int, date_level: int, record: Facts) -> int:
    """Return the level of a NIK of one piece with its date: it may only look like a slip."""
    if nik_level == _SAME_AREA:
        return _DIFFERENT
    if nik_level in _SLIPS and date_level in _OFF and record.day in keys.nik_days(record.nik):
        return _DIFFERENT
    return nik_level


def _near_date(asked: int, recorded: int) -> int:
    near = near_days(asked).get(recorded)
    if near is not None:
        return CODES[near]
    same_year = dt.date.fromordinal(asked).year == dt.date.fromordinal(recorded).year
    return _SAME_YEAR if same_year else _DIFFERENT


@lru_cache(maxsize=10_000)
def _near_place(asked: str, recorded: str) -> int:
    shared = set(asked.split()) & set(recorded.split())
    if shared or JaroWinkler.similarity(asked, recorded) > _PLACES_ALIKE:
        return _SIMILAR
    return _SAME_AREA if keys.provinces(asked) & keys.provinces(recorded) else _DIFFERENT


def _split_elsewhere(one: Name, other: Name) -> bool:
    """Tell whether two names differ only in where they are split: Nur Hayati, Nurhayati."""
    if len(one.words) == len(other.words):
        return False
    ours, theirs = ("".join([word.spelled for word in each.words]) for each in (one, other))
    return abs(len(ours) - len(theirs)) <= _SPLIT_CHARS and keys.code(ours) == keys.code(theirs)


class _Known:
    """How each word of a name compares with each word of others; all are compared at once."""

    def __init__(self, asked: Sequence[Word], names: Iterable[Sequence[Word]]) -> None:
        words = dict.fromkeys([word for name in names for word in name])
        self._at = {word: at for at, word in enumerate(words)}
        self._levels = _alike(asked, list(words))

    def pair(self, words: Sequence[Word]) -> tuple[int, ...]:
        """Return how each asked word did in a name, the surest pairs first."""
        columns = [self._at[word] for word in words]
        paired = [_ADDED] * len(self._levels)
        for wanted in (_SAME, _SLIP, _INITIAL):
            for at, levels in enumerate(self._levels):
                if paired[at] == _ADDED:
                    for column in columns:
                        if levels[column] == wanted:
                            paired[at] = wanted
                            columns.remove(column)
                            break
        return tuple(paired)


def _alike(asked: Sequence[Word], others: Sequence[Word]) -> list[list[int]]:
    """Return how words compare one by one, indices into `WORD_LEVELS` (added: not at all)."""
    codes, other_codes = [word.code for word in asked], [word.code for word in others]
    names, other_names = [word.spelled for word in asked], [word.spelled for word in others]
    slips: list[list[int]]
    alike: list[list[float]]
    if len(asked) * len(others) <= _FEW_PAIRS:
        slips = [[OSA.distance(a, b, score_cutoff=1) for b in other_codes] for a in codes]
        alike = [[JaroWinkler.similarity(a, b) for b in other_names] for a in names]
    else:
        slips = cdist(codes, other_codes, scorer=OSA.distance, score_cutoff=1).tolist()
        alike = cdist(names, other_names, scorer=JaroWinkler.similarity).tolist()
    return [
        [_word(one, other, a, b) for other, a, b in zip(other_names, slip, similar, strict=True)]
        for one, slip, similar in zip(names, slips, alike, strict=True)
    ]


def _word(one: str, other: str, slips: int, similar: float) -> int:
    if not slips:
        return _SAME
    shorter = min(len(one), len(other))
    if shorter == 1:
        return _INITIAL if one[0] == other[0] else _ADDED
    slipped = slips == 1 and shorter >= _SLIPPING
    return _SLIP if slipped or (similar >= _ALIKE and shorter > _SHORT) else _ADDED


_FEW_PAIRS = 24  # fewer are compared one by one faster than all at once
_NAMELESS = Name((), (), "")
_EXACT, _SAME_NAME, _SIMILAR = CODES[Level.EXACT], CODES[Level.SAME], CODES[Level.SIMILAR]
_ONE_DIGIT, _ONE_DIGIT_SERIAL = CODES[Level.ONE_DIGIT], CODES[Level.ONE_DIGIT_SERIAL]
_TWO_DIGITS, _SAME_AREA = CODES[Level.TWO_DIGITS], CODES[Level.SAME_AREA]
_SAME_YEAR, _DIFFERENT = CODES[Level.SAME_YEAR], CODES[Level.DIFFERENT]
_SLIPS = frozenset({_ONE_DIGIT, _TWO_DIGITS})
_OFF = frozenset({CODES[Level.SWAPPED], _ONE_DIGIT, _SAME_YEAR, _DIFFERENT})
_MISSING, _NOT_RECORDED = CODES[Level.MISSING], CODES[Level.NOT_RECORDED]
