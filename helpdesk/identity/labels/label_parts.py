"""The words of one label: how far it goes, and what stands between and behind them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from helpdesk.identity.labels import label_words
from helpdesk.identity.labels.label_words import Word


class Part(NamedTuple):
    """A word of a label at `start`:`end` with what it means."""

    word: Word
    start: int
    end: int


_SPELT = (
    r"(?:atas {1,2}nama|dan {1,2}gelar|t\. ?t\. ?l|n\. ?i\. ?k|d\.o\.b"
    r"|a[./] ?n|e-?ktp(?:-?el)?|ktp-el|e-?mail|t4"
    r"|[a-z]+(?:'s)?)(?![a-z])"
)
_TERM = re.compile(_SPELT)
_NEXT = re.compile(rf"(?P<gap> {{0,3}}(?:[./,&+\-] {{0,3}}){{0,2}})(?P<word>{_SPELT})")
_HINT = re.compile(r" {0,2}[(\[](?P<hint>[^()\[\]\n]{1,60})[)\]]")
_INDEX = re.compile(r" {0,2}(?:ke ?-? ?)?\d{1,2}(?= {0,3}[:=)])")  # `Nama 1 :`, `NIK ke-2 :`
HINT_WORD = re.compile(r"[a-z]+|\d+")
COLON = re.compile(r" {0,4}(?:[:=|]|-+>)")
_ABBREVIATED = 4  # letters of a word that a full stop only shortens: `tgl. lahir`
_LETTER = re.compile(r"[a-z]")
_LETTERED = re.compile(r"[^a-z]*[a-z][.)] {0,3}")  # `d) ibu kandung:`
_HEAD_OF_LINE = 12  # characters of numbering and bullets before a label
_MAX_PARTS = 10
_MAX_HINTS = 3


BIRTH = frozenset({"place", "date", "born", "birth", "ttl", "dob", "pob"})
NUMBER = frozenset({"number", "nik", "idcard", "id", "induk", "other_number"})
OWNER = frozenset({"mine", "his", "kin"})
# Words after which a comma or a slash may stand inside one label.
_LISTED = BIRTH | NUMBER | {"month", "and", "resident", "paper", "employee"}
_BEFORE_MARK = _LISTED | {"kin", "foreign", "participant", "his"}


def head_at(low: str, at: int) -> Part | None:
    """Return the word or the abbreviation with marks that begins at `at`, if labels know it."""
    term = _TERM.match(low, at)
    word = label_words.look_up(term[0]) if term else None
    return Part(word, at, term.end()) if term and word else None


def walk(low: str, head: Part, family: frozenset[str]) -> list[Part]:
    """Follow a label from its first word as far as words of its family go."""
    parts = [head]
    while len(parts) < _MAX_PARTS:
        if not head.word.ideas.isdisjoint(NUMBER) and (inner := _bracketed(low, parts[-1].end)):
            parts.append(inner)
        match = _NEXT.match(low, parts[-1].end)
        word = label_words.look_up(match["word"]) if match else None
        if not match or not word or word.ideas.isdisjoint(family):
            break
        if not _joins(match["gap"], parts[-1], word) or _begins_name(low, match):
            break
        parts.append(Part(word, match.start("word"), match.end("word")))
    return parts


def _bracketed(low: str, end: int) -> Part | None:
    """Return the `(KTP)` inside `ID (KTP) no.:`, None when nothing of a label follows it."""
    match = _HINT.match(low, end)
    word = label_words.look_up(match["hint"]) if match else None
    after = _NEXT.match(low, match.end()) if match and word else None
    following = label_words.look_up(after["word"]) if after else None
    if not match or not word or not following or following.ideas.isdisjoint({"number", "nik"}):
        return None
    return Part(word, match.start(), match.end())


def _joins(gap: str, before: Part, word: Word) -> bool:
    """Tell whether what stands between two words keeps them in one label."""
    listed = not word.ideas.isdisjoint(_LISTED)
    marks = gap.strip()
    if not gap or ("month" in word.ideas and not marks and word.ideas.isdisjoint(BIRTH)):
        return False
    if word.ideas & {"idcard", "paper"} and not before.word.ideas.isdisjoint(BIRTH):
        return False  # `lahir sesuai KTP`, but `TTL, KTP`
    if not marks:
        return True
    shortened = before.end - before.start <= _ABBREVIATED
    if marks == "." and shortened and before.word.ideas.isdisjoint(OWNER):
        return True
    return listed and not before.word.ideas.isdisjoint(_BEFORE_MARK)


def _begins_name(low: str, match: re.Match[str]) -> bool:
    return match["word"] == "anak" and low.startswith(" agung", match.end())


def after_hints(low: str, end: int) -> int:
    """Return where a label ends, with `(sesuai KTP)` and `(16 digit)` behind it."""
    end += low.startswith(".", end)
    index = _INDEX.match(low, end)
    end = index.end() if index else end
    for _ in range(_MAX_HINTS):
        match = _HINT.match(low, end)
        if not match or not _is_hint(match["hint"]):
            break
        end = match.end()
    return end


def _is_hint(text: str) -> bool:
    found = HINT_WORD.findall(text)
    return bool(found) and all(map(_hints, found))


def _hints(word: str) -> bool:
    if word.isdecimal():
        return len(word) < 3
    known = label_words.look_up(word)
    return word in label_words.HINTS or (known is not None and not (known.kin or known.slip))


def only_slips(low: str, parts: list[Part]) -> bool:
    """Tell whether all that makes a birth label is misspelt, and no colon bears it out."""
    core = [part for part in parts if not part.word.ideas.isdisjoint(BIRTH)]
    return all(part.word.slip for part in core) and not COLON.match(low, parts[-1].end)


def ideas_of(parts: Sequence[Part]) -> frozenset[str]:
    """Return all that the words of a label mean together."""
    return frozenset().union(*(part.word.ideas for part in parts))


def kin_of(parts: list[Part]) -> str:
    """Return the relation the words of a label state, or ""."""
    found = [part.word.kin for part in parts if part.word.kin]
    return next((kin for kin in found if kin == "mertua"), found[0] if found else "")


def starts_line(low: str, at: int) -> bool:
    """Tell whether only numbering and bullets stand before `at` on its line."""
    head = low[max(0, at - _HEAD_OF_LINE) : at].rpartition("\n")[2]
    return _LETTER.search(head) is None or _LETTERED.fullmatch(head) is not None
