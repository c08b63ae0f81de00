"""What names, places, dates and NIKs are found by: one normaliser for records and queries.

Everything here is pure; `layout.py` says how it is filed. When a rule changes what a key comes out
as, `VERSION` goes up, and a registry whose keys are older has to be rebuilt (`load.rebuild`).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VERSION = 1

_MAX_NAME_CHARS, _MAX_WORDS = 300, 12  # names are short; what is longer is not read to its end
_OLDEST = dt.date(1900, 1, 1)
_LAST_DAY = 71  # in a NIK: the day of a woman has 40 added
_LONGEST = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0])  # days, by month
_TENS = 10 ** np.arange(17, dtype=np.int64)

# Old spelling before new, digraphs before letters; order matters.
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("oe", "u"), ("dj", "j"), ("tj", "c"), ("nj", "ny"), ("sj|sy", "s"), ("^ch", "c"),
        ("kh|ch", "h"), ("dh", "d"), ("th", "t"), ("ph|f|v", "p"), ("x", "ks"), ("q", "k"),
        ("ie", "i"), ("[jyz]", "i"), ("(?<=.)h", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip

_CODED = "abcdeghiklmnoprstuw"  # the letters that are left in codes

_PLACE_DOTS = re.compile(r"\bd\.\s*i\.|\.")
_PLACE_RANKS = re.compile(
    r"\b(?:kabupaten|kab|kotamadya|kodya|kota|kecamatan|kec|desa|kelurahan|kel|administrasi|adm|"
    r"provinsi|prov|dki|di)\b"
)


class Word(NamedTuple):
    """One word of a name: as spelled (lower case) and the code that spellings of it share."""

    spelled: str
    code: str


@lru_cache(maxsize=50_000)
def words(name: str) -> tuple[Word, ...]:
    """Take a name apart, without titles, degrees and what follows `bin` or `binti`; never raises.

    A name made of titles only keeps them: somebody may be called so.
    """
    vocabulary = _vocabulary()
    spelled = list(islice(_spelled(name[:_MAX_NAME_CHARS]), _MAX_WORDS))
    kept: list[str] = []
    for word in spelled:
        kinds = vocabulary.get(word, _NO_KINDS)
        if "patronym" in kinds and kept:
            break
        if "filler" not in kinds and ("title" not in kinds or kept):
            kept.append(word)
    while len(kept) > 1 and "degree" in vocabulary.get(kept[-1], _NO_KINDS):
        kept.pop()
    return tuple(Word(word, code(word)) for word in kept or spelled)


@lru_cache(maxsize=200_000)
def code(word: str) -> str:
    """Reduce a lower-case word to what its spellings share: Djoko and Joko, Yusuf and Jusup."""
    family = _vocabulary().get(word, _NO_KINDS).get("family")
    if family is not None:
        return family
    sound = word
    for pattern, replacement in _SPELLINGS:
        sound = pattern.sub(replacement, sound)
    return sound or word


@lru_cache(maxsize=50_000)
def place(text: str) -> str:
    """Reduce a birth place to its bare name: no ranks, no old names, no abbreviations."""
    plain = _PLACE_RANKS.sub(" ", _PLACE_DOTS.sub(" ", _plain(text[:_MAX_NAME_CHARS])))
    letters = " ".join(re.findall(r"[a-z]+", plain))
    return _place_aliases().get(letters, letters)


@lru_cache(maxsize=10_000)
def provinces(place_name: str) -> frozenset[str]:
    """Return which provinces (two digits) have a regency that is called so; places by `place`."""
    return _provinces().get(place_name, frozenset())


@lru_cache(maxsize=1)
def known_places() -> Mapping[str, str]:
    """Return what places are called, and what `place` makes of it."""
    return {**_place_aliases(), **{name: name for name in _provinces()}}


def nik_number(text: str) -> int | None:
    """Return sixteen digits as an integer, whatever separates them; None for anything else."""
    digits = nik_digits(text)
    return int(digits) if len(digits) == 16 else None


def nik_digits(text: str) -> str:
    """Return the ASCII digits of a NIK as written, if nothing but separators stands between."""
    bare = text if text.isdigit() else re.sub(r"[\s.,_\-]+", "", text)
    return bare if bare.isdigit() and bare.isascii() else ""


def nik_days(digits: str) -> tuple[int, ...]:
    """Return the birth dates a sixteen-digit NIK can mean, as ordinals; the century is open."""
    return _segment_days(digits[6:12]) if len(digits) == 16 else ()


def near_niks(digits: str) -> NDArray[np.int64]:
    """Return the well-formed NIKs one slip away: a digit, a swap of neighbours, one lost or added.

    Ascending; about 130 for sixteen digits. Whatever would hold an impossible date is left out.
    """
    if len(digits) not in {15, 16, 17}:
        return np.empty(0, dtype=np.int64)
    written = np.array([int(digits)], dtype=np.int64)
    tens = _TENS[: len(digits)][::-1]  # what each digit counts, the first first
    each = written // tens % 10
    if len(digits) == 16:
        substituted = written + (np.arange(10)[:, None] - each) * tens
        swapped = written + (each[1:] - each[:-1]) * (tens[:-1] - tens[1:])
        near = np.concatenate([substituted.ravel(), swapped])
    elif len(digits) == 15:
        gaps = written // _TENS[:16] * _TENS[:16] * 10 + written % _TENS[:16]
        near = (gaps + np.arange(10)[:, None] * _TENS[:16]).ravel()
    else:
        near = written // (tens * 10) * tens + written % tens
    possible: NDArray[np.int64] = np.unique(near[(near != written) & _are_possible(near)])
    return possible


def near_codes(code: str) -> set[str]:
    """Return the codes one slip away: a letter lost, added, another, or before its neighbour.

    About 40 a letter.
    """
    splits = [(code[:at], code[at:]) for at in range(len(code) + 1)]
    near = {head + tail[1:] for head, tail in splits if tail}
    near |= {head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1}
    for letter in _CODED:
        near |= {head + letter + tail for head, tail in splits}
        near |= {head + letter + tail[1:] for head, tail in splits if tail}
    return near - {code}


def swapped_day(day: int) -> int | None:
    """Return the date with day and month exchanged, or None when there is no such other date."""
    date = dt.date.fromordinal(day)
    return _ordinal(date.year, date.day, date.month) if date.day != date.month else None


def near_days(day: int, *, latest: int) -> list[int]:
    """Return the dates that differ from `day` in one digit, from 1900 to `latest`."""
    written = dt.date.fromordinal(day).isoformat().replace("-", "")  # strftime drops zeros
    near = (
        _ordinal(int(text[:4]), int(text[4:6]), int(text[6:])) for text in _substituted(written)
    )
    return [found for found in near if found and found <= latest]


def _spelled(name: str) -> Iterator[str]:
    """Yield the words of a name in lower case: S.Pd is one word, M.Rizki are two."""
    plain = _plain(name).replace(",", " ")
    if plain.replace(" ", "").isalnum():  # nearly every name: twice as fast
        yield from plain.split()
        return
    for part in plain.split():
        joined = re.sub(r"[^a-z0-9]", "", part)
        if "." in part and "degree" in _vocabulary().get(joined, _NO_KINDS):
            yield joined
        else:
            yield from re.findall(r"[a-z0-9]+", part.replace("'", ""))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("`", "'"))
    return apart.encode("ascii", "ignore").decode().lower()


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date.toordinal() if date >= _OLDEST else None


@lru_cache(maxsize=100_000)
def _segment_days(segment: str) -> tuple[int, ...]:
    day, month, year = int(segment[:2]), int(segment[2:4]), int(segment[4:])
    if day > _LAST_DAY:
        return ()
    dates = (_ordinal(century + year, month, day % 40) for century in (1900, 2000))
    return tuple(date for date in dates if date)


def _substituted(digits: str) -> Iterator[str]:
    for i, old in enumerate(digits):
        for new in "0123456789":
            if new != old:
                yield digits[:i] + new + digits[i + 1 :]


def _are_possible(niks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which numbers could be a NIK: sixteen digits with a date in them that there is."""
    day, month, year = niks // 10**8 % 100, niks // 10**6 % 100, niks // 10**4 % 100
    longest = _LONGEST[np.minimum(month, 13)] - ((month == 2) & (year % 4 != 0))
    is_day = (day <= _LAST_DAY) & (day % 40 > 0) & (day % 40 <= longest)
    possible: NDArray[np.bool_] = is_day & (niks >= 10**15)
    return possible


_NO_KINDS: dict[str, str] = {}


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, dict[str, str]]:
    """Return what is special about words: {word: {kind: code}}."""
    known: dict[str, dict[str, str]] = {}
    for kind, word, shared in _data("words.csv"):
        known.setdefault(word, {})[kind] = shared
    return known


@lru_cache(maxsize=1)
def _place_aliases() -> dict[str, str]:
    return {row[0]: row[1] for row in _data("places.csv")}


@lru_cache(maxsize=1)
def _provinces() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in _data("regencies.csv"):
        found.setdefault(place(row[1]), set()).add(row[0][:2])
    return {name: frozenset(codes) for name, codes in found.items()}


def _data(name: str) -> list[list[str]]:
    """Read a table of this room; the first line is its heading."""
    text = resources.files("helpdesk.registry").joinpath("data", name).read_text("utf-8")
    return [line.split(",") for line in text.splitlines()[1:]]
