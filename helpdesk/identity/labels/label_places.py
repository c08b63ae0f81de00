"""A birth place where one is expected: where it begins and ends, and how sure it is."""

import re
from dataclasses import dataclass

from helpdesk.identity import shipped
from helpdesk.identity.figures.months import MONTHS
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field, Span
from helpdesk.identity.words import places, words

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['\-](?=[^\W\d_])|\.(?=[^\W\d_]))*\.?")
_HARD_END = re.compile(r"[^\S\n]{0,3}(?:[\d\n,;|/()=:#>]|\.(?: |\n|$)| - |$)|  ")
_MAX_WORDS = 6

_DATA = shipped.toml("place_words.toml")
_SETTLEMENT = frozenset(_DATA["settlement"].split())
_LEADING = frozenset(_DATA["leading"].split())
_ENDS = frozenset(_DATA["ends"].split())
_REGION = frozenset(_DATA["region"].split())
_LANDSCAPE = frozenset(_DATA["landscape"].split())
_SIDE = frozenset(_DATA["side"].split())


@dataclass(frozen=True, slots=True)
class _Spot:
    """Words that may be a place: their ends, and whether something closes them off."""

    start: int
    ends: tuple[int, ...]
    words: tuple[str, ...]
    closed: bool


def place_at(reading: Reading, start: int, end: int, *, firm: bool, rule: str) -> Finding | None:
    """Read a birth place that begins at `start`; None when no place stands there.

    An unknown place counts where a form asks for one (`firm`); elsewhere only known places do.
    """
    spot = _spot(reading.low, _lead(reading.low, start, end), end)
    size = _size(spot, firm=firm)
    if not size:
        return None
    stop = spot.ends[size - 1]
    text = reading.text[spot.start : stop].rstrip(" .-'")
    value = places.display(text)
    if sum(map(str.isalpha, value)) < 2:
        return None
    known = places.known(" ".join(spot.words[:size]))
    span = Span(reading.message, spot.start, spot.start + len(text))
    return Finding(Field.BIRTH_PLACE, value, 0.96 if known else 0.85, span, rule)


def _lead(low: str, start: int, end: int) -> int:
    """Return where the name of the place begins, past what leads to it."""
    at = start
    for _ in range(_MAX_WORDS):
        match = _WORD.match(low, at, end)
        if not match:
            return at
        word = match[0].rstrip(".")
        if word not in _LEADING and not (word in _SETTLEMENT and not _is_whole(low, at, end)):
            return at
        at = match.end()
        while at < end and low[at] in " ,:.":
            at += 1
    return at


def _is_whole(low: str, at: int, end: int) -> bool:
    """Tell whether `kampung` belongs to the name: Kampung Laut, Kampung Baru."""
    first, *rest = _WORD.findall(low[at : min(end, at + 60)])[:3] or [""]
    return places.find([first, *rest]) > 1 or bool(rest and rest[0] in _SIDE)


def _spot(low: str, start: int, end: int) -> _Spot:
    """Collect the words up to a mark, a digit, a word that no place contains, or `end`."""
    ends: list[int] = []
    found: list[str] = []
    at, closed = start, True
    while len(found) < _MAX_WORDS:
        match = _WORD.match(low, at, end)
        if not match:
            break
        word = match[0].rstrip(".")
        if word in _ENDS or (word in MONTHS and low[match.end() : end].lstrip()[:1].isdigit()):
            break
        ends.append(match.end() - len(match[0]) + len(word))
        found.append(word)
        at = match.end()
        dot = match[0].endswith(".") and word not in _REGION and len(word) > 4
        if dot or _HARD_END.match(low, at, end):
            break
        at += low[at : at + 1] == " "
    else:
        closed = False
    return _Spot(start, tuple(ends), tuple(found), closed)


def _size(spot: _Spot, *, firm: bool) -> int:
    """Return how many of the words are the place; 0 when they are none."""
    known = places.find(list(spot.words[:4]))
    talk = next((at for at, word in enumerate(spot.words) if _is_talk(word, at)), None)
    if talk is not None and talk >= known:  # the words before the talk, if any
        closed = False
        count = talk
    else:
        closed = spot.closed
        count = len(spot.words)
    if not count:
        return 0
    if known == count:
        return count
    if known:
        return _with_known_start(spot, known, count, closed=closed)
    return _unknown(spot, count, closed=closed, firm=firm)


def _with_known_start(spot: _Spot, known: int, count: int, *, closed: bool) -> int:
    rest = spot.words[known:count]
    if len(rest) == 1 and rest[0] in _SIDE:
        return count
    if rest[0] in _REGION or not closed or _is_place(rest):
        return known
    return count if count <= 3 and spot.words[0] in _LANDSCAPE else known


def _unknown(spot: _Spot, count: int, *, closed: bool, firm: bool) -> int:
    """Measure a place no table has: a village, perhaps with its regency behind it."""
    for at in range(1, count):
        alone = at > 1 or spot.words[0] not in _LANDSCAPE
        if alone and (spot.words[at] in _REGION or _is_place(spot.words[at:count])):
            return at
    return count if firm and count <= (4 if closed else 2) else 0


def _is_talk(word: str, at: int) -> bool:
    part_of_name = _SIDE if at == 1 else _SETTLEMENT | _LANDSCAPE if at == 0 else frozenset()
    return len(word) > 1 and word not in part_of_name and words.is_talk(word)


def _is_place(rest: tuple[str, ...]) -> bool:
    text = " ".join(rest)
    return places.major(text)
