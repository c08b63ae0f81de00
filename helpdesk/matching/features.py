"""Compare what is asked with what is recorded, one fact at a time; agents see the first sentences.

Pure. Each comparator says how a fact compared, `score.py` what that weighs.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from helpdesk.matching.types import Level
from helpdesk.registry import keys
from helpdesk.registry.keys import Word

_ALIKE = 0.87  # Jaro-Winkler of two words that are one with a slip: Setiawan, Setyawan
_SHORT = 4  # in words up to this length one letter makes another name: Dwi, Dewi, Ani, Ana


class WordLevel(StrEnum):
    """How one word of a name found its like."""

    SAME = "same"
    SLIP = "slip"
    INITIAL = "initial"
    ADDED = "added"  # only in the query
    DROPPED = "dropped"  # only in the registry


@dataclass(frozen=True, slots=True)
class Facts:
    """The four facts of a query or of a record, made comparable.

    `day` is an ordinal, None when not stated; `nik` is digits, 15 to 17 of them, or ''.
    """

    words: tuple[Word, ...]
    codes: tuple[str, ...]
    place: str
    day: int | None
    nik: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one fact compared; for names that only partly agree, how each word (by its code) did."""

    level: Level
    words: tuple[tuple[WordLevel, str], ...] = ()


def facts(name: str | None, place: str | None, day: int | None, nik: str | None) -> Facts:
    """Make four facts comparable; what is None, empty or no NIK at all counts as not stated."""
    words = keys.words(name) if name else ()
    digits = keys.nik_digits(nik) if nik else ""
    return Facts(
        words=words,
        codes=tuple(word.code for word in words),
        place=keys.place(place) if place else "",
        day=day,
        nik=digits if 15 <= len(digits) <= 17 else "",
    )


def full_name(asked: Facts, recorded: Facts) -> Comparison:
    """The name in the message against the name in the registry, whatever order and spelling."""
    if not asked.words or not recorded.words:
        return Comparison(_absent(has_asked=bool(asked.words)))
    if asked.words == recorded.words:
        return Comparison(Level.EXACT)
    if asked.codes == recorded.codes or sorted(asked.codes) == sorted(recorded.codes):
        return Comparison(Level.SAME)
    if _run_together(asked.words, recorded.words):
        return Comparison(Level.SAME)
    words = _aligned(asked.words, recorded.words)
    agree = any(level in {WordLevel.SAME, WordLevel.SLIP} for level, _ in words)
    return Comparison(Level.SIMILAR if agree else Level.DIFFERENT, words)


def birth_date(asked: Facts, recorded: Facts) -> Comparison:
    """The birth date in the message against the one in the registry."""
    if asked.day is None or recorded.day is None:
        return Comparison(_absent(has_asked=asked.day is not None))
    if asked.day == recorded.day:
        return Comparison(Level.EXACT)
    if keys.swapped_day(asked.day) == recorded.day:
        return Comparison(Level.SWAPPED)
    ours, theirs = dt.date.fromordinal(asked.day), dt.date.fromordinal(recorded.day)
    if sum(a != b for a, b in zip(f"{ours}", f"{theirs}", strict=True)) == 1:
        return Comparison(Level.ONE_DIGIT)
    return Comparison(Level.SAME_YEAR if ours.year == theirs.year else Level.DIFFERENT)


def nik(asked: Facts, recorded: Facts) -> Comparison:
    """The NIK in the message against the one in the registry, digit by digit."""
    ours, theirs = asked.nik, recorded.nik
    if not ours or not theirs:
        return Comparison(_absent(has_asked=bool(ours)))
    if ours == theirs:
        return Comparison(Level.EXACT)
    if abs(len(ours) - len(theirs)) > 1 or DamerauLevenshtein.distance(
        ours, theirs, score_cutoff=1
    ) > 1:  # fmt: skip
        return Comparison(Level.DIFFERENT)
    near_serial = len(ours) == len(theirs) and ours[:12] == theirs[:12]
    return Comparison(Level.ONE_DIGIT_SERIAL if near_serial else Level.ONE_DIGIT)


def birth_place(asked: Facts, recorded: Facts) -> Comparison:
    """The birth place in the message against the one in the registry, by its present name."""
    if not asked.place or not recorded.place:
        return Comparison(_absent(has_asked=bool(asked.place)))
    if asked.place == recorded.place:
        return Comparison(Level.EXACT)
    shared = set(asked.place.split()) & set(recorded.place.split())
    if shared or JaroWinkler.similarity(asked.place, recorded.place) > 0.92:
        return Comparison(Level.SIMILAR)
    return Comparison(Level.DIFFERENT)


def same_person(one: Facts, other: Facts) -> bool:
    """Tell whether two records are of one participant: several KPJ, a slip in one of them.

    Twins share the date and nearly the NIK, namesakes the name, heaped dates both; it takes all.
    """
    names_agree = sorted(one.codes) == sorted(other.codes)
    if one.nik and one.nik == other.nik:
        return names_agree or one.day == other.day or bool(set(one.codes) & set(other.codes))
    if not names_agree or one.day is None:
        return False
    dates_agree = other.day in {one.day, keys.swapped_day(one.day)}
    if one.nik and other.nik:
        return dates_agree and DamerauLevenshtein.distance(one.nik, other.nik, score_cutoff=1) <= 1
    return dates_agree and one.place == other.place


def _absent(*, has_asked: bool) -> Level:
    return Level.NOT_RECORDED if has_asked else Level.MISSING


def _aligned(
    asked: tuple[Word, ...], recorded: tuple[Word, ...]
) -> tuple[tuple[WordLevel, str], ...]:
    """Pair the words of two names, the surest pairs first."""
    found: list[tuple[WordLevel, str]] = []
    left = list(recorded)
    rest: list[Word] = []
    for word in asked:
        like = next((other for other in left if other.code == word.code), None)
        if like is None:
            rest.append(word)
        else:
            left.remove(like)
            found.append((WordLevel.SAME, word.code))
    if rest and left and _run_together(rest, left):
        return (*found, *((WordLevel.SAME, w.code) for w in rest))  # Nur Hayati, Nurhayati
    for word in rest:
        level, like = _nearest(word, left)
        if like is not None:
            left.remove(like)
        found.append((level, word.code))
    return (*found, *((WordLevel.DROPPED, word.code) for word in left))


def _run_together(some: Sequence[Word], others: Sequence[Word]) -> bool:
    """Tell whether two runs of words differ only in where they are split."""
    if len(some) == len(others):
        return False
    one, other = ("".join(word.spelled for word in words) for words in (some, others))
    return keys.code(one) == keys.code(other)


def _nearest(word: Word, others: list[Word]) -> tuple[WordLevel, Word | None]:
    for other in others:
        if _is_slip(word, other):
            return WordLevel.SLIP, other
    for other in others:
        if 1 in {len(word.spelled), len(other.spelled)} and word.spelled[0] == other.spelled[0]:
            return WordLevel.INITIAL, other
    return WordLevel.ADDED, None


def _is_slip(one: Word, other: Word) -> bool:
    if min(len(one.spelled), len(other.spelled)) <= _SHORT:
        return (
            min(len(one.spelled), len(other.spelled)) > 2
            and DamerauLevenshtein.distance(one.spelled, other.spelled, score_cutoff=1) <= 1
        )
    return (
        JaroWinkler.similarity(one.spelled, other.spelled, score_cutoff=_ALIKE) > 0
        or DamerauLevenshtein.distance(one.code, other.code, score_cutoff=1) <= 1
    )
