"""Dates in words: `tujuh belas agustus seribu sembilan ratus delapan puluh`."""

import datetime as dt
import re
from collections.abc import Sequence

from helpdesk.identity.dates import MONTHS, DateHit, year_of

_ONES = {
    "nol": 0, "kosong": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6,
    "tujuh": 7, "delapan": 8, "sembilan": 9, "sepuluh": 10, "sebelas": 11,
}  # fmt: skip
_TENS = {"belas": (1, 10), "puluh": (10, 0), "ratus": (100, 0)}
_WHOLE = {"seratus": 100, "seribu": 1000}
_WORD = re.compile(r"[a-z]+|\d{1,4}")


def find(low: str, *, today: dt.date) -> DateHit | None:
    """Return the first date of a folded text whose day or year is written in words, or None."""
    tokens = list(_WORD.finditer(low[:200]))
    for at, token in enumerate(tokens):
        month = MONTHS.get(token[0])
        if month and (hit := _around(tokens, at, month, today)):
            return hit
    return None


def number(words: Sequence[str]) -> int | None:
    """Return the number that Indonesian words or digits say, None when they say none.

    `sembilan belas delapan puluh` is 1980, as people read years in pairs.
    """
    total = part = 0
    for word in words:
        if word.isdecimal():
            part = part * 100 + int(word) if len(word) < 4 else int(word)
        elif word in _ONES:
            part = part * 100 + _ONES[word] if 10 < part < 20 else part + _ONES[word]
        elif word in _WHOLE:
            total += _WHOLE[word]
        elif word in _TENS:
            times, plus = _TENS[word]
            ones = part % 10 if word != "ratus" else part
            part = part - ones + ones * times + plus
        elif word == "ribu":
            total, part = total + part * 1000, 0
        else:
            return None
        if word == "ratus":
            total, part = total + part, 0
    return total + part if words else None


def _around(tokens: list[re.Match[str]], at: int, month: int, today: dt.date) -> DateHit | None:
    first = at
    while first > 0 and at - first < 3 and _is_number(tokens[first - 1][0]):
        first -= 1
    last = at
    while last + 1 < len(tokens) and last - at < 7 and _is_number(tokens[last + 1][0]):
        last += 1
    day = number([token[0] for token in tokens[first:at]])
    year = number([token[0] for token in tokens[at + 1 : last + 1]])
    if day is None or year is None:
        return None
    try:
        born = dt.date(year if year > 99 else year_of(year, today=today), month, day)
    except ValueError:
        return None
    return DateHit(tokens[first].start(), tokens[last].end(), born, year <= 99)


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _ONES or word in _TENS or word in _WHOLE or word == "ribu"
