"""What an agent selected in a message, read as the fact they say it is. Pure."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from helpdesk.errors import InvalidError
from helpdesk.identity.figures import dates, nik
from helpdesk.identity.types import Field
from helpdesk.identity.words import names, places

_EDGE = ' \t\n\r\u00a0\u200b\u200e\u200f.,;:=|/()[]{}<>"“”*_~-–—'  # never of a fact at its ends
_WORD = re.compile(r"[^\s:=,;|()]+")
_MAX_WORDS = 40  # of a selection; no fact has more
_MAX_NAME_CHARS = 100

_REFUSED = {
    Field.FULL_NAME: "the selected text is no name: a name has letters and no numbers",
    Field.BIRTH_PLACE: "the selected text is no place: a place has letters and no numbers",
    Field.BIRTH_DATE: "the selected text holds no date with day, month and year",
    Field.NIK: "the selected text holds no NIK: a NIK has 16 digits",
}


@dataclass(frozen=True, slots=True)
class Selected:
    """A value and the characters `start` to `end` (exclusive) of the text that say it."""

    value: str
    start: int
    end: int


def read(field: Field, text: str, *, today: dt.date) -> Selected:
    """Read a text as one fact and narrow it to the words that say it, as extraction would.

    Raises:
        InvalidError: no such fact stands there; the text says what one looks like.
    """
    means = _MEANINGS[field]
    found = _find(text, lambda part: means(part, today), narrow=field in _WITHIN)
    if found is None:
        raise InvalidError(_REFUSED[field])
    return found


def _name(text: str, _today: dt.date) -> str:
    value = names.display(text)
    return value if _is_words(value) else ""


def _place(text: str, _today: dt.date) -> str:
    value = places.display(" ".join(text.split()))
    return value if _is_words(value) else ""


def _date(text: str, today: dt.date) -> str:
    day = dates.parse(text, today=today)
    return day.isoformat() if day and day < today else ""


def _nik(text: str, _today: dt.date) -> str:
    digits = nik.clean(text).replace("\n", "")
    return digits if len(digits) == nik.LENGTH and digits.isascii() and digits.isdecimal() else ""


_MEANINGS: dict[Field, Callable[[str, dt.date], str]] = {
    Field.FULL_NAME: _name,
    Field.BIRTH_PLACE: _place,
    Field.BIRTH_DATE: _date,
    Field.NIK: _nik,
}
_WITHIN = frozenset({Field.BIRTH_DATE, Field.NIK})  # found among other words, `NIK: 3273…`


def _is_words(text: str) -> bool:
    letters = any(map(str.isalpha, text))
    return letters and len(text) <= _MAX_NAME_CHARS and not any(map(str.isdecimal, text))


def _find(text: str, means: Callable[[str], str], *, narrow: bool) -> Selected | None:
    start = len(text) - len(text.lstrip(_EDGE))
    end = len(text.rstrip(_EDGE))
    if start >= end:
        return None
    parts = list(_parts(text, start, end)) if narrow else [(start, end)]
    for at, (first, last) in enumerate(parts):
        if value := means(text[first:last]):
            return _narrowest(text, means, value, parts[at:])
    return None


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the text, then all runs of whole words in it, longest first from each word on."""
    yield start, end
    words = [each.span() for each in _WORD.finditer(text, start, end)][:_MAX_WORDS]
    for at, (first, _) in enumerate(words):
        for _, last in reversed(words[at:]):
            yield first, last


def _narrowest(
    text: str, means: Callable[[str], str], value: str, parts: list[tuple[int, int]]
) -> Selected:
    """Leave out the words around that change nothing: `Bandung, 17-08-1990` is a date's end."""
    start, end = parts[0]
    for first, last in parts[1:]:
        within = start <= first and last <= end
        if within and means(text[first:last]) == value:
            start, end = first, last
    return Selected(value, start, end)
