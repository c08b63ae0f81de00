"""Compare what is asked with what is recorded, one fact at a time; agents see the first sentences.

Pure. Each comparator says how a fact compared with that of a record; `score.py` weighs that.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cdist

from helpdesk.matching.types import Level
from helpdesk.registry import keys
from helpdesk.registry.keys import Word

NIK, DATE, NAME, PLACE = range(4)  # the facts, wherever they are listed

LEVELS = tuple(Level)
CODES = {level: index for index, level in enumerate(LEVELS)}

_ALIKE_WORDS = 0.87  # Jaro-Winkler of two words that are one with a slip: Setiawan, Setyawan
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


class Named(NamedTuple):
    """How a name compared with another.

    Attributes:
        level: index into `LEVELS`.
        paired: how each asked word did, index into `WORD_LEVELS`; empty unless it agrees in part.
        dropped: how many words of the other were left then.
    """

    level: int
    paired: tuple[int, ...] = ()
    dropped: int = 0


class Compared(NamedTuple):
    """How the facts of a query compared with those of a record, as indices into `LEVELS`."""

    nik: int
    birth_date: int
    full_name: Named
    birth_place: int


def facts(name: str | None, place: str | None, day: int | None, nik: str | None) -> Facts:
    """Make four facts comparable; what is None, empty or no NIK at all counts as not stated."""
    digits = keys.nik_digits(nik) if nik else ""
    return Facts(
        named(name) if name else _NAMELESS,
        keys.place(place) if place else "",
        day,
        digits if 15 <= len(digits) <= 17 else "",
    )


def compare(asked: Facts, record: Facts) -> Compared:
    """Compare every fact of a query with those of a record.

    A NIK that holds the stated date is nothing but a NIK; and if another one holds the date it is
    recorded with, they are not a slip apart: they are two people's.
    """
    date = birth_date(asked.day, record.day)
    number = nik(asked.nik, record.nik)
    if number in _LIKE and asked.day in keys.nik_days(asked.nik):
        number = _set_apart(number, date, record)
    return Compared(
        number, date, full_name(asked.name, record.name), birth_place(asked.place, record.place)
    )


@lru_cache(maxsize=50_000)
def named(text: str) -> Name:
    """Take a name apart."""
    words = keys.words(text)
    codes = tuple([word.code for word in words])
    return Name(words, codes, " ".join(sorted(codes)))


def nik(asked: str, recorded: str) -> int:
    """The NIK in the message against the one in the registry, digit by digit."""
    if recorded == asked:
        return _EXACT if asked else _MISSING
    return _near_nik(asked, recorded) if asked else _MISSING


def birth_date(asked: int | None, recorded: int | None) -> int:
    """The birth date in the message against the one in the registry."""
    if asked is None:
        return _MISSING
    if recorded == asked:
        return _EXACT
    return _NOT_RECORDED if recorded is None else _near_date(asked, recorded)


def birth_place(asked: str, recorded: str) -> int:
    """The birth place in the message against the one in the registry, by its present name."""
    if not asked:
        return _MISSING
    if recorded == asked:
        return _EXACT
    return _near_place(asked, recorded) if recorded else _NOT_RECORDED


def full_name(asked: Name, recorded: Name) -> Named:
    """The name in the message against the name in the registry, whatever order and spelling."""
    if recorded.words == asked.words:
        return _EXACT_NAME if asked.words else _MISSING_NAME
    if not asked.words:
        return _MISSING_NAME
    if recorded.key == asked.key:
        return _ANY_ORDER
    if not recorded.words:
        return _NO_NAME
    if _split_elsewhere(asked, recorded):
        return _ANY_ORDER
    paired = _paired(asked.words, recorded.words)
    dropped = len(recorded.words) - sum([each < _ADDED for each in paired])
    return Named(_SIMILAR if min(paired) <= _SLIP else _DIFFERENT, paired, dropped)


@lru_cache(maxsize=4_096)
def near_days(day: int) -> Mapping[int, Level]:
    """Return the dates that a slip makes of one: its swap, and those one digit off."""
    near = dict.fromkeys(keys.near_days(day, latest=dt.date.max.toordinal()), Level.ONE_DIGIT)
    swapped = keys.swapped_day(day)
    return near if swapped is None else {**near, swapped: Level.SWAPPED}


@lru_cache(maxsize=10_000)
def near_places(place: str) -> frozenset[str]:
    """Return the places that a slip makes of one, as `keys.place` calls them: Jymber, Jember."""
    known = keys.known_places()
    slips = cdist([place], list(known), scorer=OSA.distance, score_cutoff=1)[0]
    near = (slips == 1) & (len(place) > _SHORT)
    return frozenset(compress(known.values(), near)) - {place}


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
    alike = shared or JaroWinkler.similarity(asked, recorded) > _PLACES_ALIKE
    if alike or recorded in near_places(asked):
        return _SIMILAR
    return _SAME_AREA if keys.provinces(asked) & keys.provinces(recorded) else _DIFFERENT


def _split_elsewhere(one: Name, other: Name) -> bool:
    """Tell whether two names differ only in where they are split: Nur Hayati, Nurhayati.

    An initial is a word of its own: Siti Y is somebody, not Siti.
    """
    if len(one.words) == len(other.words):
        return False
    if any(len(word.spelled) == 1 for word in (*one.words, *other.words)):
        return False
    ours, theirs = ("".join([word.spelled for word in each.words]) for each in (one, other))
    return abs(len(ours) - len(theirs)) <= _SPLIT_CHARS and keys.code(ours) == keys.code(theirs)


def _paired(asked: Sequence[Word], recorded: Sequence[Word]) -> tuple[int, ...]:
    """Return how each asked word did in a name, the surest pairs first."""
    paired, left = [_ADDED] * len(asked), list(recorded)
    codes = [word.code for word in recorded]
    for at, word in enumerate(asked):
        if word.code in codes:
            paired[at] = _SAME
            column = codes.index(word.code)
            del codes[column], left[column]
    alone = [at for at, level in enumerate(paired) if level == _ADDED] if left else []
    levels = {at: [_alike(asked[at], other) for other in left] for at in alone}
    for wanted in (_SLIP, _INITIAL):
        for at, row in levels.items():
            if paired[at] == _ADDED and wanted in row:
                paired[at], column = wanted, row.index(wanted)
                for each in levels.values():
                    each[column] = _ADDED
    return tuple(paired)


@lru_cache(maxsize=100_000)
def _alike(one: Word, other: Word) -> int:
    """Return how two words with different codes compare; added: not at all."""
    shorter = min(len(one.spelled), len(other.spelled))
    if shorter == 1:
        return _INITIAL if one.spelled[0] == other.spelled[0] else _ADDED
    if shorter >= _SLIPPING and OSA.distance(one.code, other.code, score_cutoff=1) == 1:
        return _SLIP
    likeness = JaroWinkler.similarity(one.spelled, other.spelled) if shorter > _SHORT else 0.0
    return _SLIP if likeness >= _ALIKE_WORDS else _ADDED


_NAMELESS = Name((), (), "")
_EXACT, _SAME_NAME, _SIMILAR = CODES[Level.EXACT], CODES[Level.SAME], CODES[Level.SIMILAR]
_ONE_DIGIT, _ONE_DIGIT_SERIAL = CODES[Level.ONE_DIGIT], CODES[Level.ONE_DIGIT_SERIAL]
_TWO_DIGITS, _SAME_AREA = CODES[Level.TWO_DIGITS], CODES[Level.SAME_AREA]
_SAME_YEAR, _DIFFERENT = CODES[Level.SAME_YEAR], CODES[Level.DIFFERENT]
_SLIPS = frozenset({_ONE_DIGIT, _TWO_DIGITS})
_OFF = frozenset({CODES[Level.SWAPPED], _ONE_DIGIT, _SAME_YEAR, _DIFFERENT})
_LIKE = _SLIPS | {_SAME_AREA}
_MISSING, _NOT_RECORDED = CODES[Level.MISSING], CODES[Level.NOT_RECORDED]
_EXACT_NAME, _ANY_ORDER = Named(_EXACT), Named(_SAME_NAME)
_MISSING_NAME, _NO_NAME = Named(_MISSING), Named(_NOT_RECORDED)
