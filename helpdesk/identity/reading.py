"""A message made ready for the rules: folded to plain lower case without moving a character."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

# Identity statements stand near the top; a message longer than this is a pasted log or an attack,
# and the cap bounds the work on it whatever it contains.
MAX_CHARS = 20_000
MAX_CHARS_TOTAL = 100_000  # of a whole conversation, oldest first, for the same reason

_VISIBLE = re.compile(r"[^\n]")
_FOLD = {
    **dict.fromkeys(map(ord, "\u00a0\u1680\u2007\u2009\u200a\u202f\u205f\u3000\t\r\v\f"), " "),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f\u20e3\u00ad"), " "),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u02bc\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u2028\u2029\u0085"), "\n"),
    **{0xFF01 + i: chr(0x21 + i) for i in range(94)},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One message: `text` as written (capped), `low` folded, both of the same length.

    `low` is what rules look at: where it is blank though `text` is not, a stage before has said
    that nothing there is for them.
    """

    message: int
    text: str
    low: str

    @property
    def shouted(self) -> bool:
        """Whether letter case tells nothing here: hardly any small or hardly any big letters."""
        return _is_shouted(self.text)

    def without(self, spans: Iterable[tuple[int, int]]) -> "Reading":
        """Return the message with some characters blanked for the rules; line ends stay."""
        low = self.low
        for start, end in spans:
            low = low[:start] + _VISIBLE.sub(" ", low[start:end]) + low[end:]
        return self if low == self.low else replace(self, low=low)


class Taken:
    """The characters of one text that a rule already spoke for."""

    __slots__ = ("_mask",)

    def __init__(self, length: int, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._mask = bytearray(length)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Speak for the characters `start`:`end`."""
        self._mask[start:end] = b"\x01" * (min(end, len(self._mask)) - start)

    def touches(self, start: int, end: int) -> bool:
        """Tell whether any character of `start`:`end` is spoken for."""
        return self._mask.find(1, start, end) >= 0


def read(message: int, text: str) -> Reading:
    """Fold `text` for the rules; only its first `MAX_CHARS` characters are examined."""
    text = text[:MAX_CHARS]
    return Reading(message, text, fold(text))


def has(low: str, signs: Iterable[str]) -> bool:
    """Tell whether any of some pieces of text stands in a folded text."""
    return any(map(low.__contains__, signs))


def fold(text: str) -> str:
    """Return `text` in lower case with plain spaces, dashes, quotes and digits, same length."""
    if text.isascii():
        return text.lower().replace("\t", " ").replace("\r", " ")
    low = text.translate(_FOLD)
    lower = low.lower()
    if len(lower) == len(low):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in low)


@lru_cache(maxsize=16)  # many rules ask about each message, whatever is blank in it
def _is_shouted(text: str) -> bool:
    big, small = sum(map(str.isupper, text)), sum(map(str.islower, text))
    return big * 8 < small * 0.2 or small < big
