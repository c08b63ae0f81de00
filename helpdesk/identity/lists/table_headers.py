"""Headings: which words over a column, or before a list, say what stands in it."""

import re
from collections.abc import Iterator
from functools import lru_cache

from helpdesk.identity import shipped
from helpdesk.identity.labels.labels import Kind

_DATA = shipped.toml("headers.toml")
_SETS = {name: frozenset(words.split()) for name, words in _DATA.items()}
_HEADS = ("name", "nik", "place", "date", "both", "birth_date", "other")
_GO_ON = ("birth", "filler", "firm", "other_date")  # sets of words that never begin a heading
_NAMED = frozenset({"ibu", "ayah", "bapak", "perusahaan", "bank"})  # nama ibu, nama bank
_CHAT = _SETS.pop("chat")
_KNOWN = frozenset().union(*_SETS.values())
_WORD = re.compile(r"[a-z]+\d?")
_MAX_CHARS = 60  # no heading is longer
_MAX_WORDS = 8
# `nama2`: names. One digit behind a word is no data.
_DOUBLED = re.compile(r"(?<=[a-z])2(?![a-z\d])")
_NUMBER = frozenset({"no", "nomor", "nomer", "nmr", "number"})
_MAIN = frozenset({Kind.NAME, Kind.NIK, Kind.PLACE, Kind.DATE, Kind.PLACE_DATE})


@lru_cache(maxsize=2_000)  # the columns of a firm's sheets are named alike
def kind(low: str) -> Kind | None:
    """Return what a folded heading announces, None when it is none (a value, or talk)."""
    if not low or len(low) > _MAX_CHARS or any(map(str.isdigit, low)):
        return None
    words = _WORD.findall(low.replace("l/p", "lp").replace("e-ktp", "ktp"))
    if not words or len(words) > _MAX_WORDS or not _KNOWN.issuperset(words):
        return None
    if (_SETS["filler"] | _SETS["firm"]).issuperset(words):
        return None
    return _of(frozenset(_before_order(words)))


def over_list(low: str) -> Kind | None:
    """Return what a folded line announces for those below, with words of chat: `nik urut ya`."""
    low = _DOUBLED.sub("", low)
    if not low or len(low) > _MAX_CHARS or any(map(str.isdigit, low)):
        return None
    return kind(" ".join(word for word in low.split() if word.strip(".,:;!-") not in _CHAT))


def announces(low: str) -> Kind | None:
    """Return what words before a value announce; `no` alone announces nothing."""
    what = None if low in _NUMBER else kind(low)
    return None if what is Kind.OTHER and _of_kin(low) else what


def is_person(low: str) -> bool:
    """Tell whether words before a colon turn to a person: `istri saya: ...`."""
    said = frozenset(_WORD.findall(low))
    return bool(said & (_SETS["kin"] | _SETS["persons"]))


def is_main(what: Kind | None) -> bool:
    """Tell whether a heading announces one of the four facts."""
    return what in _MAIN


def split(low: str) -> list[str]:
    """Cut a line of headings without separators: `no nama no ktp tempat, tgl lahir`.

    Returns the headings in order; empty when the line holds anything but headings.
    """
    words = list(_words(low))
    if len(words) < 3 or not _KNOWN.issuperset(words):
        return []
    headings: list[list[str]] = []
    for word in words:
        if not headings or _begins(word, headings[-1]):
            headings.append([])
        headings[-1].append(word)
    return [" ".join(one) for one in headings]


def _of_kin(low: str) -> bool:
    return (_SETS["kin"] | _SETS["persons"] | _SETS["filler"]).issuperset(_WORD.findall(low))


def _words(low: str) -> Iterator[str]:
    if len(low) <= 4 * _MAX_CHARS and not any(map(str.isdigit, low)):
        yield from _WORD.findall(low.replace("l/p", "lp").replace("e-ktp", "ktp"))


def _begins(word: str, heading: list[str]) -> bool:
    """Tell whether a word opens the next heading rather than going on with this one."""
    last, have = heading[-1], frozenset(heading)
    if word in _SETS["date"]:
        return not (last in _SETS["place"] and not have & _SETS["birth"])
    if word in _SETS["nik"]:
        return not (last in _NUMBER or last in _SETS["nik"] or last in _SETS["ends"])
    goes_on = (
        any(word in _SETS[name] for name in _GO_ON)
        or (last in _NUMBER and word not in _SETS["name"])
        or (last in _SETS["name"] and word in _NAMED)
    )
    return not goes_on and any(word in _SETS[head] for head in _HEADS)


def _before_order(words: list[str]) -> list[str]:
    for at, word in enumerate(words):
        if at and word in _SETS["ends"]:
            return words[:at]
    return words


def _of(words: frozenset[str]) -> Kind:
    has = {name for name, some in _SETS.items() if words & some}
    if "name" in has:
        return Kind.OTHER if "kin" in has or words & _SETS["other"] - _NUMBER else Kind.NAME
    if words & _SETS["other"] - _NUMBER and not words & {"ktp", "identitas"}:
        return Kind.OTHER
    if "nik" in has:
        employees = "firm" in has and not words & {"ktp", "kependudukan"}
        return Kind.OTHER if employees else Kind.NIK
    return _of_birth(has)


def _of_birth(has: set[str]) -> Kind:
    """Judge a heading of place or date, `has` the sets its words are in."""
    if "other_date" in has and "birth" not in has:
        return Kind.OTHER
    if has & {"both"} or has >= {"place", "date"}:
        return Kind.PLACE_DATE
    if has & {"date", "birth_date"}:
        return Kind.DATE
    if "place" in has:
        return Kind.PLACE
    return Kind.PLACE_DATE if "birth" in has else Kind.OTHER
