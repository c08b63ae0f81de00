"""What names, places, dates and NIKs are found by: one normaliser for records and queries.

Everything here is pure. When a rule changes what a key comes out as, `VERSION` goes up, and a
registry whose keys are older has to be rebuilt (`load.rebuild_keys`).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from itertools import combinations, islice
from typing import NamedTuple
from zlib import crc32

VERSION = 1

NO_DAY = 0  # the birth date of a record without one; real ordinals start far above
_WORDS_KEYED = 4  # pairs of the first four words: more would only repeat longer names
_PLACE_BITS = 10
_MAX_NAME_CHARS, _MAX_WORDS = 300, 12  # names are short; what is longer is not read to its end
_OLDEST = dt.date(1900, 1, 1)

# Old spelling before new, digraphs before letters; order matters.
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("oe", "u"), ("dj", "j"), ("tj", "c"), ("nj", "ny"), ("sj|sy", "s"), ("^ch", "c"),
        ("kh|ch", "h"), ("dh", "d"), ("th", "t"), ("ph|f|v", "p"), ("x", "ks"), ("q", "k"),
        ("ie", "i"), ("[jyz]", "i"), ("(?<=.)h", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip

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


def near_niks(digits: str) -> list[int]:
    """Return the well-formed NIKs one slip away: a digit, a swap of neighbours, one lost or added.

    About 130 for sixteen digits. Whatever would hold an impossible date is left out.
    """
    if len(digits) == 16:
        near = {*_substituted(digits), *_transposed(digits)}
    elif len(digits) == 15:
        near = {digits[:i] + d + digits[i:] for i in range(16) for d in "0123456789"}
    elif len(digits) == 17:
        near = {digits[:i] + digits[i + 1 :] for i in range(17)}
    else:
        return []
    near.discard(digits)
    return [int(nik) for nik in near if _possible(nik)]


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


def date_key(day: int, word_code: str) -> int:
    """Return the key of a birth date and one word; the date leads, so that a day is a range."""
    return (day << 32) | crc32(word_code.encode())


def day_range(day: int) -> tuple[int, int]:
    """Return the first key of a birth date and the first behind it."""
    return day << 32, (day + 1) << 32


def pair_range(first: str, second: str) -> tuple[int, int]:
    """Return the first key of two words in any order and the first behind it, all places."""
    start = _pair_start(first, second) if first < second else _pair_start(second, first)
    return start, start + (1 << _PLACE_BITS)


def pair_key(first: str, second: str, place_code: str) -> int:
    """Return the key of two words of a name, in any order, and a place."""
    return pair_range(first, second)[0] + _place_bits(place_code)


def pairs(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of words a name is filed under, and each word alone, paired with ""."""
    distinct = list(dict.fromkeys(codes))[:_WORDS_KEYED]
    return [*combinations(distinct, 2), *((code, "") for code in distinct)]


def of_record(codes: tuple[str, ...], day: int | None, place_code: str) -> set[int]:
    """Return every key one record is found by, beside its NIK."""
    dated = {date_key(day or NO_DAY, word) for word in codes}
    paired = {pair_key(first, second, place_code) for first, second in pairs(codes)}
    return dated | paired


def name_term(codes: Iterable[str]) -> str:
    """Return the term under which a full name is counted."""
    return "name:" + " ".join(codes)


def word_term(word_code: str) -> str:
    """Return the term under which a word of names is counted."""
    return "word:" + word_code


def day_term(day: int) -> str:
    """Return the term under which a birth date is counted."""
    return f"day:{day}"


def place_term(place_code: str) -> str:
    """Return the term under which a birth place is counted."""
    return "place:" + place_code


ALL_TERM = "all:"


@lru_cache(maxsize=100_000)
def _pair_start(low: str, high: str) -> int:
    text = f"{low} {high}".encode()
    wide = (crc32(text) << 20) | (crc32(text[::-1] + b"\0") & 0xFFFFF)
    # Negative, so that pairs and dates share one table and one question.
    return -((wide + 1) << _PLACE_BITS)


@lru_cache(maxsize=10_000)
def _place_bits(place_code: str) -> int:
    return crc32(place_code.encode()) % (1 << _PLACE_BITS)


def _spelled(name: str) -> Iterator[str]:
    """Yield the words of a name in lower case: S.Pd is one word, M.Rizki are two."""
    for part in _plain(name).replace(",", " ").split():
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
    if day > 71:
        return ()
    dates = (_ordinal(century + year, month, day % 40) for century in (1900, 2000))
    return tuple(date for date in dates if date)


def _substituted(digits: str) -> Iterator[str]:
    for i, old in enumerate(digits):
        for new in "0123456789":
            if new != old:
                yield digits[:i] + new + digits[i + 1 :]


def _transposed(digits: str) -> Iterator[str]:
    for i in range(len(digits) - 1):
        yield digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]


def _possible(nik: str) -> bool:
    return nik[0] != "0" and bool(_segment_days(nik[6:12]))


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


def _data(name: str) -> list[list[str]]:
    """Read a table of this room; the first line is its heading."""
    text = resources.files("helpdesk.registry").joinpath("data", name).read_text("utf-8")
    return [line.split(",") for line in text.splitlines()[1:]]
