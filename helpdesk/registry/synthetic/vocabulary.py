"""Words that made-up people and employers are called by, drawn by the thousand.

A word is a number: below `Vocabulary.listed` it stands in a list, above it is coined from
syllables. Lists fall off like Zipf's law, in another order for each decade. Coined words fall off
so slowly that there are always new ones: the vocabulary grows with the registry, as real ones do.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import sin
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
Chances: TypeAlias = NDArray[np.float64]  # in [0, 1)
Texts: TypeAlias = NDArray[np.object_]

FIRST_DECADE, DECADES = 1950, 6  # the last one goes on

_FLATTENED, _FLATTENED_LAST = 4, 12  # ranks by which the first of a list lead less
_FASHION = 0.7  # how far a word's weight goes up and down over the decades, as exponent
_STYLE_BITS = 40  # of the number of a coined word that tell which one of its style
_COMMON_COINED, _COINED_TAIL = 30.0, 0.5  # P(word number >= k) = (1 + k / 30) ** -0.5
_SCRAMBLE = 7_368_787  # a prime: words of like rank are not alike


@dataclass(frozen=True, slots=True)
class _Style:
    """Syllables of coined words."""

    first: tuple[str, ...]
    middle: tuple[str, ...]
    last: tuple[str, ...]


class Vocabulary:
    """All lists of `data/names.json` one behind the other, and the styles of coined words."""

    def __init__(self, lists: dict[str, list[str]], styles: dict[str, Any]) -> None:
        words = dict.fromkeys(word.upper() for listed in lists.values() for word in listed)
        number = {word: at for at, word in enumerate(words, start=1)}
        self.listed = len(words) + 1
        self.words = np.array(["", *(f"{word} " for word in words)], dtype=object)
        self.list_number = {name: at for at, name in enumerate(lists)}
        self.style_number = {name: at for at, name in enumerate(styles)}
        self._styles = [
            _Style(*(tuple(style[part]) for part in _PARTS)) for style in styles.values()
        ]
        ids, totals = [], []
        for at, (name, listed) in enumerate(lists.items()):
            lead = _FLATTENED_LAST if "last" in name else _FLATTENED
            for decade in range(DECADES):
                ids.append([number[word.upper()] for word in listed])
                totals.append(at * DECADES + decade + _shares(listed, decade, lead))
        self._ids = np.concatenate(ids).astype(np.int64)
        self._totals = np.concatenate(totals)

    def draw(self, lists: Numbers, decades: Numbers, chances: Chances) -> Numbers:
        """Return a word of each list, as it is liked in each decade."""
        at = np.searchsorted(self._totals, lists * DECADES + decades + chances, side="right")
        drawn: Numbers = self._ids[at]
        return drawn

    def coin(self, styles: Numbers, chances: Chances) -> Numbers:
        """Return a coined word of each style."""
        tail = _COMMON_COINED * ((1 - chances) ** (-1 / _COINED_TAIL) - 1)
        rank = np.minimum(tail, (1 << _STYLE_BITS) - 1).astype(np.int64)
        numbered: Numbers = self.listed + (styles << _STYLE_BITS) + rank
        return numbered

    def spell(self, numbers: Numbers) -> Texts:
        """Return words in capitals with a blank behind each; "" for 0."""
        coined = numbers >= self.listed
        spelled: Texts = self.words[np.where(coined, 0, numbers)]
        for at in np.flatnonzero(coined).tolist():
            spelled[at] = self._coined(int(numbers[at]) - self.listed)
        return spelled

    @lru_cache(maxsize=300_000)  # noqa: B019 - there is one vocabulary, for ever
    def _coined(self, number: int) -> str:
        style = self._styles[number >> _STYLE_BITS]
        rank = number & ((1 << _STYLE_BITS) - 1)
        middles, size = 1, len(style.first) * len(style.middle) * len(style.last)
        while rank >= size and middles < 3:
            rank -= size
            middles, size = middles + 1, size * len(style.middle)
        rank = rank * _SCRAMBLE % size
        rank, first = divmod(rank, len(style.first))
        rank, last = divmod(rank, len(style.last))
        parts = [style.first[first]]
        for _ in range(middles):
            rank, middle = divmod(rank, len(style.middle))
            parts.append(style.middle[middle])
        return "".join((*parts, style.last[last])).upper() + " "


def decades(years: Numbers) -> Numbers:
    """Return the number of the decade of each year."""
    clipped: Numbers = np.clip((years - FIRST_DECADE) // 10, 0, DECADES - 1)
    return clipped


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    """Return what `data/names.json` holds."""
    path = resources.files("helpdesk.registry").joinpath("data", "names.json")
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the one vocabulary there is."""
    lists = {name: text.split(" | ") for name, text in data()["lists"].items()}
    bali = data()["bali"]
    lists["bali_before_male"] = _bali("I", bali["caste"], bali["order"])
    lists["bali_before_female"] = _bali("Ni", bali["caste_female"], bali["order"])
    return Vocabulary(lists, data()["coined"])


_PARTS = ("first", "middle", "last")


def _shares(listed: list[str], decade: int, lead: int) -> Chances:
    """Return running totals of the shares of a list's words; the last is 1."""
    weights = np.array(
        [
            np.exp(_FASHION * sin(crc32(word.encode()) % 628 / 100 + decade)) / (rank + lead)
            for rank, word in enumerate(listed)
        ]
    )
    totals = np.cumsum(weights)
    totals /= totals[-1]
    totals[-1] = 1.0
    shares: Chances = totals
    return shares


def _bali(article: str, castes: list[str], orders: list[str]) -> list[str]:
    """Return what stands before Balinese names: article, caste and order of birth."""
    before = []
    for caste in castes:
        lead = "" if caste.startswith(("Ida", "Anak", "Desak")) else article
        before += [" ".join(filter(None, (lead, caste, order))) for order in orders]
    return before
