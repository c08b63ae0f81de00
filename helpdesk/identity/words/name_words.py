"""The words of a name that is being read: titles, degrees, small words, and what each is worth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.identity.words import lexicon, words

MAX_TOKENS = 7
_MAX_WORDS = 14  # of a name with its titles and degrees

WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['\-](?=[^\W\d_]))*")
_DEGREE = re.compile(r"[a-z]{1,8}(?:\.[a-z]{1,8}){0,4}\.?(?![a-z])")
_GAP = re.compile(r" {0,3}")
_OF_ODE = re.compile(r"[wl]a(?= ode(?![a-z]))")
# Before Istri and Mas, which are names then, among the nobles of Bali.
_BALINESE = ("cokorda ", "tjokorda ", "agung ", "gusti ", "ayu ")
_GREETING = re.compile(r"selamat (?:pagi|siang|sore|petang|malam)(?![a-z])")
_VOWELS = frozenset("aeiouy")
_CLANS = frozenset(("la", "wa", "istri", "mas"))
_TITLES_WITHIN = words.TITLES_BEFORE - words.STOP
_LINKS = frozenset(
    ("bin", "binti", "bint", "bt", "br", "boru", "dg", "al", "el", "van", "von", "de", "do")
)

# Log-odds that a word is of a name rather than of talk, where the lexicon is not asked.
NEVER = -20.0  # words of talk: no name goes on over one
_VERB = -2.5  # by its form
_INITIAL = 0.2
_PART = 0.5
_CLAN = 2.5  # La Ode, Tjokorda Istri
_NAME_TOO = 0.3  # Mawar, Agustus: a name beside names, a word beside words
_TALK_TOO = -1.5  # a name that is talk much more often
_NEUTRAL = 0.0  # titles and degrees
_WITHIN = -1.4  # talk that may stand behind the first word of a name
_VOWELLESS = -4.0  # Skh, Brb: an abbreviation, of a town mostly


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name that is being read, at `start`:`end`."""

    start: int
    end: int
    odds: float
    is_dressing: bool = False  # a title or degree: no name by itself
    is_link: bool = False  # `bin`, `boru`: no name ends with it
    needs_capital: bool = False  # talk by its letters


@lru_cache(maxsize=20_000)
def word_odds(token: str) -> float:
    """Return the log-odds that a folded word is of a name rather than of talk."""
    bare = token.strip(".,'-")
    if bare in words.NAMES_TOO:
        return _TALK_TOO if bare in words.STOP else _NAME_TOO
    listed = _by_list(bare)
    return _learnt(bare) if listed is None else listed


def _by_list(bare: str) -> float | None:
    """Return what lists and the form of a word say, None when that is nothing."""
    if len(bare) < 2:
        return _INITIAL
    if bare in words.NAME_PARTS:
        return _PART
    if bare in words.STOP or (len(bare) > 2 and len(set(bare)) < 2):  # `iii` counts something
        return NEVER
    if is_vowelless(bare):
        return _VOWELLESS
    return _VERB if words.is_talk(bare) else None


def is_vowelless(word: str) -> bool:
    """Tell whether a folded word is an unlisted abbreviation without vowels: Skh, Brb."""
    return len(word) > 2 and _VOWELS.isdisjoint(word) and not lexicon.listed(word)


def _learnt(bare: str) -> float:
    if "-" in bare:
        return max(lexicon.name_odds(part) for part in bare.split("-"))
    return max(lexicon.name_odds(bare), lexicon.name_odds(bare.replace("'", "")))


def read(low: str, start: int, end: int) -> Iterator[Word]:
    """Yield the words of a name from `start` on, titles and degrees among them."""
    at, count = start, 0
    for _ in range(_MAX_WORDS):
        word = _word_at(low, at, end, is_first=count == 0)
        if word is None or word.odds <= NEVER:
            return
        count += not word.is_dressing
        if count > MAX_TOKENS:
            return
        yield word
        following = _next_word(low, word, end, is_first=count == 0)
        if following < 0:
            return
        at = following


def _word_at(low: str, at: int, end: int, *, is_first: bool) -> Word | None:
    match = WORD.match(low, at, end)
    if not match:
        return None
    bare, stop = match[0], match.end()
    if low.startswith(".", stop) or low[max(0, at - 2) : at].startswith(","):
        if degree := degree_at(low, at, end):
            return None if is_first else degree
        stop += low.startswith(".", stop) and abbreviates(bare)
    if is_first and bare in words.ADDRESSES and _goes_on(low, stop, end):
        return Word(at, stop, _NEUTRAL, is_dressing=True)
    if not is_first and bare in _TITLES_WITHIN:
        odds = _INITIAL if len(bare) < 2 else _NEUTRAL
    else:
        odds = _CLAN if bare in _CLANS and _is_clan(low, at, end) else word_odds(bare)
    if odds <= NEVER:
        return _talk_within(low, at, stop, end, is_first=is_first)
    return Word(at, stop, odds, is_link=bare in _LINKS)


def _is_clan(low: str, at: int, end: int) -> bool:
    """Tell whether a small word is a name by the word beside it: La Ode, Agung Istri."""
    return _OF_ODE.match(low, at, end) is not None or (
        low.startswith(("istri", "mas"), at) and low.endswith(_BALINESE, 0, at)
    )


def _talk_within(low: str, at: int, stop: int, end: int, *, is_first: bool) -> Word | None:
    """Read a word of talk as a part of a name (Mardi Selamat, Agung Mas Pemayun), if it can be."""
    bare = low[at:stop]
    if bare in words.ADDRESSES_WITHIN and not is_first:
        return Word(at, stop, _WITHIN, is_link=True, needs_capital=True)
    if bare in words.CAPITALS_WITHIN and not is_first:
        return Word(at, stop, _WITHIN, needs_capital=True)
    if bare not in words.WITHIN_NAMES or _GREETING.match(low, at, end):
        return None
    if is_first and not _is_listed_next(low, stop, end):
        return None
    return Word(at, stop, _WITHIN)


def _is_listed_next(low: str, at: int, end: int) -> bool:
    following = WORD.match(low, at + 1, end)
    return following is not None and word_odds(following[0]) >= _CLAN


def degree_at(low: str, at: int, end: int) -> Word | None:
    """Read a degree with full stops, or after a comma."""
    match = _DEGREE.match(low, at, end)
    if not match or match[0].replace(".", "") not in words.DEGREES:
        return None
    marked = _is_dotted_degree(match[0]) or low[max(0, at - 2) : at].strip() == ","
    return Word(at, match.end(), _NEUTRAL, is_dressing=True) if marked else None


def _is_dotted_degree(text: str) -> bool:
    return "." in text.rstrip(".") and text.replace(".", "") in words.DEGREES


def abbreviates(word: str) -> bool:
    """Tell whether the full stop after a word belongs to it rather than to the sentence."""
    return len(word) <= 3 or word in words.ADDRESSES or word in words.NAME_PARTS


def _goes_on(low: str, at: int, end: int) -> bool:
    """Tell whether another word follows on the line, as one must after a title."""
    following = WORD.match(low, _past_title(low, at, end), end)
    return following is not None and (
        following[0] in words.ADDRESSES or word_odds(following[0]) > NEVER
    )


def _past_title(low: str, at: int, end: int) -> int:
    while at < end and low[at] in " .,)(":
        at += 1
    return at


def _next_word(low: str, word: Word, end: int, *, is_first: bool) -> int:
    """Return where the name goes on after a word, or -1 when it does not."""
    if word.is_dressing and is_first:
        return _past_title(low, word.end, end)
    gap = _GAP.match(low, word.end, end)
    at = gap.end() if gap else word.end
    if at >= end:
        return -1
    at += low[at] == "'"  # Nur 'Aini
    if low[at : at + 1].isalpha() and (at > word.end or low[at - 1] == "."):
        return at
    if low.startswith(",", at):
        at += 1 + (low[at + 1 : at + 2] == " ")
        return at if degree_at(low, at, end) else -1
    return -1
