"""How a generation of the registry is laid out: which bucket a key is in, what an entry holds.

A generation is the registry as one import left it; it never changes. It has four tables:

- `record`: one row for each KPJ, numbered in the order of the file; the first of each person says
  how many others there are.
- `other_record`: for participants with several KPJ, which records are theirs beside the first.
  A person's number is the number of their first record.
- `posting`: an inverted index. A key (a NIK, a word on a birth date, two words of a name) leads to
  a bucket, a bucket holds the entries of some dozens of keys packed as `ENTRY`, and the tag of an
  entry tells whose it is. An entry repeats what tells people apart, so that hundreds are compared
  at once and only those that may be meant are fetched. A NIK, or a pair of words at a place, that
  more than COMMON entries share tells nobody apart and is left out. Entries of one key lie
  together.
- `term`: how many persons share a name, a word, a birth date or a place.

Everything here is pure and the same for building and for asking.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, pairwise
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Entries: TypeAlias = NDArray[Any]  # of ENTRY
Wide: TypeAlias = NDArray[np.uint64]

ENTRY = np.dtype(
    [
        ("tag", "<u4"),  # tells the keys of a bucket apart
        ("person", "<u4"),
        ("nik", "<i8"),  # sixteen digits as a number; 0 without one
        ("letters", "<u8"),  # see `letters`
        ("name", "<u4"),  # see `name_mark`
        ("day", "<u2"),  # see `day_code`; 0 without one
        ("place", "<u2"),  # see `place_mark`; 0 without one
    ]
)
ENTRIES_A_BUCKET = 24  # on average: a kilobyte, read in the time of one entry
COMMON = 256  # entries of a key; two words that more share are filed by place, others not at all
WORDS = 4  # of a name that are filed: more would only repeat longer names
DAY_ZERO, LAST_DAY = 693_595, 65_535  # the ordinal of 31 December 1899, and the last `day_code`
DAYS = 20_000  # birth dates in use, over which the buckets of days are spread

_MIX = 0x9E37_79B9_7F4A_7C15
_MASK = (1 << 64) - 1
_ALONE, _MONONYM = 0, 1  # beside one word, in place of a second


class Family(IntEnum):
    """The kinds of keys; the number leads the number of a bucket."""

    NIK = 1
    DAY = 2  # a birth date and a word
    PAIR = 3  # two words of a name in any order, or a rare word, or a name of one word
    SPOT = 4  # the same with a birth place, for pairs that more than COMMON share


class TermKind(IntEnum):
    """What persons are counted by; the number leads the number of a term."""

    ALL = 0
    NAME = 1
    WORD = 2
    DAY = 3
    PLACE = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """How many bits of a key choose its bucket, by family."""

    nik: int = 0
    day: int = 0
    pair: int = 0
    spot: int = 0


def bits_for(entries: int, *, spread: int = 1) -> int:
    """Return the bits that spread so many entries over buckets of ENTRIES_A_BUCKET or fewer."""
    return max(0, (max(entries, 1) // (ENTRIES_A_BUCKET * spread)).bit_length())


def mix(number: int) -> int:
    """Spread a number over 64 bits; `mixed` does the same to arrays."""
    number = (number ^ (number >> 29)) * _MIX & _MASK
    return number ^ (number >> 32)


def mixed(numbers: Wide) -> Wide:
    """Spread numbers over 64 bits, each as `mix` does."""
    spread: Wide = (numbers ^ (numbers >> np.uint64(29))) * np.uint64(_MIX)
    return spread ^ (spread >> np.uint64(32))


@lru_cache(maxsize=200_000)
def word_mark(code: str) -> int:
    """Return 32 bits for the code of a word."""
    return crc32(code.encode())


@lru_cache(maxsize=100_000)
def letters(code: str) -> int:
    """Return a set of a word's pairs of letters, folded into 64 bits; those of a name are ored."""
    padded = f"^{code}$"
    found = 0
    for first, second in pairwise(padded):
        found |= 1 << ((ord(first) * 31 + ord(second) * 7) & 63)
    return found


def name_mark(codes: Iterable[str]) -> int:
    """Return 60 bits for the words of a name in any order; an entry keeps the lower 32."""
    text = " ".join(sorted(codes)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little") >> 4


@lru_cache(maxsize=20_000)
def place_mark(place: str) -> int:
    """Return 16 bits for a place (`keys.place`), 0 only for none."""
    return (crc32(place.encode()) & 0xFFFF) or 1 if place else 0


def day_code(day: int | None) -> int:
    """Return 16 bits for the ordinal of a birth date from 1900 on, 0 for any other or none."""
    code = (day or 0) - DAY_ZERO
    return code if 0 < code <= LAST_DAY else 0


def day_of(code: int) -> int | None:
    """Return the ordinal a `day_code` stands for."""
    return code + DAY_ZERO if code else None


def pair_marks(words: Iterable[int]) -> list[int]:
    """Return what the words of a name (`word_mark`) are filed under as pairs and alone.

    Of up to four distinct words each pair, then each word by itself; for a name of one word also
    that it is the only one.
    """
    distinct = list(dict.fromkeys(words))[:WORDS]
    marks = [pair_mark(first, second) for first, second in combinations(distinct, 2)]
    marks += map(alone_mark, distinct)
    if len(distinct) == 1:
        marks.append(mononym_mark(distinct[0]))
    return marks


def pair_mark(first: int, second: int) -> int:
    """Return 64 bits for two words (`word_mark`) in any order."""
    return mix(min(first, second) << 32 | max(first, second))


def alone_mark(word: int) -> int:
    """Return 64 bits for a word wherever it stands in a name."""
    return mix(word << 32 | _ALONE)


def mononym_mark(word: int) -> int:
    """Return 64 bits for a name that is this one word."""
    return mix(word << 32 | _MONONYM)


def nik_key(layout: Layout, nik: int) -> tuple[int, int]:
    """Return the bucket and the tag of a NIK."""
    spread = mix(nik)
    return Family.NIK << 60 | spread >> (64 - layout.nik), spread & 0xFFFF_FFFF


def day_key(layout: Layout, day: int, word: int) -> tuple[int, int]:
    """Return the bucket and the tag of a word (`word_mark`) on a birth date (`day_code`)."""
    return Family.DAY << 60 | day << 24 | word >> (32 - layout.day), word


def day_range(day: int) -> tuple[int, int]:
    """Return the first bucket of a birth date (`day_code`) and the first behind it."""
    return Family.DAY << 60 | day << 24, Family.DAY << 60 | (day + 1) << 24


def pair_key(layout: Layout, pair: int) -> tuple[int, int]:
    """Return the bucket and the tag of a pair (`pair_mark` or one of its kind)."""
    return Family.PAIR << 60 | pair >> (64 - layout.pair), pair & 0xFFFF_FFFF


def spot_key(layout: Layout, pair: int, place: int) -> tuple[int, int]:
    """Return the bucket and the tag of a pair at a birth place (`place_mark`)."""
    spot = mix(pair ^ place)
    return Family.SPOT << 60 | spot >> (64 - layout.spot), spot & 0xFFFF_FFFF


def term(kind: TermKind, mark: int) -> int:
    """Return the number of a term: a `name_mark`, `word_mark`, `day_code` or `place_mark`."""
    return kind << 60 | mark


ALL_PERSONS = term(TermKind.ALL, 0)
