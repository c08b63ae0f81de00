"""Names as people write them: what is one, where it ends, how to show it, how to compare it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from helpdesk.identity import lexicon, words
from helpdesk.identity.reading import fold

VERSION = 1  # of `canonical`; keys built with another version must be rebuilt
MAX_TOKENS = 7
_MAX_CHARS = 120  # no name is longer, whatever signs stand around it
_MAX_WORDS = 14  # of a name with its titles and degrees

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['\-](?=[^\W\d_]))*")
_DEGREE = re.compile(r"[a-z]{1,8}(?:\.[a-z]{1,8}){0,4}\.?(?![a-z])")
_GAP = re.compile(r" {0,3}")
_OF_ODE = re.compile(r"[wl]a(?= ode(?![a-z]))")
_BALINESE = ("cokorda ", "tjokorda ", "agung ", "gusti ")  # before Istri, a woman's name there
_LINKS = frozenset(
    ("bin", "binti", "bint", "bt", "br", "boru", "dg", "al", "el", "van", "von", "de", "do")
)
_BRACKETS = re.compile(r"\([^()]*\)?|\"[^\"]*\"")
_LETTERS = re.compile(r"[^a-z]+")
_CELL_ENDS = "\n,;/|()"
_EDGES = " .,:;-'\"()"

# Log-odds that a word is of a name rather than of talk, where the lexicon is not asked.
_NEVER = -20.0  # words of talk: no name goes on over one
_VERB = -2.5  # by its form
_INITIAL = 0.2
_PART = 0.5
_CLAN = 2.5  # La Ode, Tjokorda Istri
_NAME_TOO = 0.3  # Mawar, Agustus: a name beside names, a word beside words
_NEUTRAL = 0.0  # titles and degrees
_ANNOUNCED = 0.5  # the first word where a name is announced is one, unless it is talk
_ALONE = (
    1.5  # more for each word when a line or cell ends with them: nothing but the name is there
)
_CAPITAL, _SMALL = 1.5, -3.0  # in a text whose letter case tells something
_LEAST_MEAN = -2.9  # of a word, for a whole text to be able to be a name

# What begins no name, most words of most messages.
_MERE_TALK = words.STOP - words.ADDRESSES - words.NAMES_TOO - words.NAME_PARTS - {"la", "wa"}

_MUHAMMAD = (
    "muhammad muhamad mohammad mohamad mochammad mochamad mohammed muhamed moh moch muh muhd mhd"
    " md muchamad muchammad mokhamad mokhammad mukhamad mukhammad"
)
_CLASSES = {
    **dict.fromkeys(_MUHAMMAD.split(), "muhammad"),
    **dict.fromkeys(["ahmad", "achmad", "akhmad", "ahmat", "akh"], "ahmad"),
    **dict.fromkeys(["abdul", "abd", "abdoel", "abdl"], "abdul"),
    **dict.fromkeys(["siti", "sitti", "st", "sitie"], "siti"),
    **dict.fromkeys(["nur", "noer", "nor", "noor"], "nur"),
    **dict.fromkeys(["rizki", "rizky", "riski", "rizqi", "rezki", "risky", "rizkie"], "rizki"),
    **dict.fromkeys(["yusuf", "jusuf", "yusup", "jusup"], "yusuf"),
    **dict.fromkeys(["gede", "gde"], "gede"),
}
_OLD = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("sj", "sy"), ("nj", "ny"))


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a name that is being read, at `start`:`end`."""

    start: int
    end: int
    odds: float
    is_dressing: bool = False  # a title or degree: no name by itself
    is_link: bool = False  # `bin`, `boru`: no name ends with it


@dataclass(frozen=True, slots=True)
class Segment:
    """Words at `start`:`end` with the log-odds that they are a name."""

    start: int
    end: int
    odds: float


def display(raw: str) -> str:
    """Return a name as a card would show it: titles, degrees and aliases off, capitals in order.

    Text that is all capitals or all small gets a capital per word; mixed case stays as written.
    """
    text = _BRACKETS.sub(" ", raw.replace("*", " ").replace("_", " "))
    text = _undressed(" ".join(text.split()).strip(_EDGES)) or _squeezed(raw)
    if text.islower() or text.isupper():
        text = " ".join(_capital(word) for word in text.split())
    return text


def canonical(name: str) -> str:
    """Return the tokens of a name for comparing: no titles, one spelling for common variants.

    Lower case letters only, `bin`/`binti` dropped, old spelling (oe, dj, tj, sj, nj) made new.
    """
    bare = _without_titles(_squeezed(name))
    tokens = (_LETTERS.sub("", token) for token in fold(bare).replace("-", " ").split())
    return " ".join(
        _canonical_token(token) for token in tokens if token not in {"", "bin", "binti"}
    )


def is_title(word: str) -> bool:
    """Tell whether a folded word is a title or honorific before a name."""
    return word.strip(".") in words.TITLES_BEFORE


def measure(low: str, start: int, end: int, *, written: str = "") -> int:
    """Return where the name that is announced at `start` of a folded text ends.

    `start` when none does. A name is up to seven words of letters on one line, with its titles.
    It ends before a digit, at punctuation other than inside words, at talk, and where the
    following words are less likely to be of a name than not.

    Args:
        low: the folded text.
        start: where the first word or title begins.
        end: the name ends here at the latest.
        written: the text as written, of the same length, when its letter case tells something.
    """
    found = list(_read(low, start, end))
    if not any(not word.is_dressing for word in found):
        return start
    stop = found[-1].end
    alone = _ALONE if stop >= end or low[stop : stop + 1] in _CELL_ENDS else 0.0
    odds = [_cased(word, written) + alone for word in found]
    first = next(at for at, word in enumerate(found) if not word.is_dressing)
    odds[first] = max(odds[first], _ANNOUNCED)
    totals = list(accumulate(odds))
    ends = [at for at in range(first, len(found)) if not found[at].is_link] or [first]
    return found[max(ends, key=lambda at: (totals[at], at))].end


def best(
    low: str, start: int, end: int, *, written: str = "", alone: bool = False
) -> Segment | None:
    """Return the words of `start`:`end` that are likeliest a name; None when none are. Linear.

    `written` as in `measure`; `alone`: nothing else stands on the line.
    """
    found: Segment | None = None
    at = start
    for match in _WORD.finditer(low, start, end):
        if match.start() < at or match[0] in _MERE_TALK:
            continue
        some = list(_read(low, match.start(), end))
        at = some[-1].end if some else match.end()
        one = _densest(some, written, _ALONE if alone else 0.0)
        if one and (found is None or one.odds > found.odds):
            found = one
    return found


def odds(low: str) -> float:
    """Return the log-odds that a folded text is a person's name and nothing else, about -20 to 20.

    Each word adds its own: 2.5 to 5 for one that is known as a name, -3 to 3 for an unknown one.
    """
    return _odds(low) if len(low) <= _MAX_CHARS else _NEVER


def plausible(low: str) -> bool:
    """Tell whether a folded text could be a whole name and nothing else, where one is expected."""
    return len(low) <= _MAX_CHARS and _is_plausible(low)


@lru_cache(maxsize=20_000)
def word_odds(token: str) -> float:
    """Return the log-odds that a folded word is of a name rather than of talk."""
    bare = token.strip(".,'-")
    if len(bare) < 2:
        return _INITIAL
    if len(bare) > 2 and len(set(bare)) < 2:
        return _NEVER  # `iii` counts something
    if bare in words.NAME_PARTS:
        return _PART
    if bare in words.NAMES_TOO:
        return -_ALONE if bare in words.STOP else _NAME_TOO
    if bare in words.STOP:
        return _NEVER
    return _VERB if words.is_talk(bare) else _learnt(bare)


def _learnt(bare: str) -> float:
    if "-" in bare:
        return max(lexicon.name_odds(part) for part in bare.split("-"))
    return max(lexicon.name_odds(bare), lexicon.name_odds(bare.replace("'", "")))


def _read(low: str, start: int, end: int) -> Iterator[_Word]:
    """Yield the words of a name from `start` on, titles and degrees among them."""
    at, count = start, 0
    for _ in range(_MAX_WORDS):
        word = _word_at(low, at, end, is_first=count == 0)
        if word is None or word.odds <= _NEVER:
            return
        count += not word.is_dressing
        if count > MAX_TOKENS:
            return
        yield word
        following = _next_word(low, word, end, is_first=count == 0)
        if following < 0:
            return
        at = following


def _word_at(low: str, at: int, end: int, *, is_first: bool) -> _Word | None:
    match = _WORD.match(low, at, end)
    if not match:
        return None
    bare, stop = match[0], match.end()
    if low[stop : stop + 1] == "." or low[max(0, at - 2) : at].startswith(","):
        if degree := _degree_at(low, at, end):
            return None if is_first else degree
        stop += low[stop : stop + 1] == "." and abbreviates(bare)
    if is_first and bare in words.ADDRESSES and _goes_on(low, stop, end):
        return _Word(at, stop, _NEUTRAL, is_dressing=True)
    if not is_first and bare in words.TITLES_BEFORE and bare not in words.STOP:
        return _Word(at, stop, _INITIAL if len(bare) < 2 else _NEUTRAL)
    odds = word_odds(bare)
    if _OF_ODE.match(low, at, end) or (bare == "istri" and low.endswith(_BALINESE, 0, at)):
        odds = _CLAN
    return _Word(at, stop, odds, is_link=bare in _LINKS)


def _degree_at(low: str, at: int, end: int) -> _Word | None:
    """Read a degree with full stops, or after a comma."""
    match = _DEGREE.match(low, at, end)
    if not match or match[0].replace(".", "") not in words.DEGREES:
        return None
    marked = _is_dotted_degree(match[0]) or low[max(0, at - 2) : at].strip() == ","
    return _Word(at, match.end(), _NEUTRAL, is_dressing=True) if marked else None


def _is_dotted_degree(text: str) -> bool:
    return "." in text.rstrip(".") and text.replace(".", "") in words.DEGREES


def abbreviates(word: str) -> bool:
    """Tell whether the full stop after a word belongs to it rather than to the sentence."""
    return len(word) <= 3 or word in words.ADDRESSES or word in words.NAME_PARTS


def _goes_on(low: str, at: int, end: int) -> bool:
    """Tell whether another word follows on the line, as one must after a title."""
    following = _WORD.match(low, _past_title(low, at, end), end)
    return following is not None and (
        following[0] in words.ADDRESSES or word_odds(following[0]) > _NEVER
    )


def _past_title(low: str, at: int, end: int) -> int:
    while at < end and low[at] in " .,)(":
        at += 1
    return at


def _next_word(low: str, word: _Word, end: int, *, is_first: bool) -> int:
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
    if low[at] == ",":
        at += 1 + (low[at + 1 : at + 2] == " ")
        return at if _degree_at(low, at, end) else -1
    return -1


def _densest(some: list[_Word], written: str, more: float) -> Segment | None:
    """Return the run of words with the highest odds; titles before it belong to it."""
    top: Segment | None = None
    begun, total = -1, 0.0
    for at, word in enumerate(some):
        if begun < 0 or total < 0:
            begun, total = at, 0.0
        total += _cased(word, written) + (0.0 if word.is_dressing else more)
        ends = not (word.is_dressing or word.is_link)
        if ends and total > (top.odds if top else 0.0):
            top = Segment(some[begun].start, word.end, total)
    return top


def _cased(word: _Word, written: str) -> float:
    if not written or word.is_dressing or word.odds <= _NEVER:
        return word.odds
    said = written[word.start : word.end]
    if said[0].isupper():
        return word.odds + _CAPITAL
    return word.odds + (0.0 if said.strip(".") in words.NAME_PARTS else _SMALL)


@lru_cache(maxsize=5_000)  # greetings and thanks are asked about in every message
def _odds(low: str) -> float:
    text = low.strip(_EDGES + "*_")
    found = list(_read(text, 0, len(text)))
    core = [word for word in found if not word.is_dressing]
    if not core or found[-1].end < len(text.rstrip(_EDGES)):
        return _NEVER
    return sum(word.odds for word in core)


@lru_cache(maxsize=5_000)
def _is_plausible(low: str) -> bool:
    text = _BRACKETS.sub(" ", low).strip(_EDGES + "*_")
    found = list(_read(text, 0, len(text)))
    core = [word for word in found if not word.is_dressing]
    if not core or found[-1].end < len(text.rstrip(_EDGES)) or len(text) > 70:
        return False
    letters = sum(word.end - word.start for word in core)
    return letters >= 3 and sum(word.odds for word in core) >= _LEAST_MEAN * len(core)


def _undressed(text: str) -> str:
    """Take titles off the front of a name and degrees and titles off its end."""
    head, *suffixes = text.split(",")
    kept = [head, *(part for part in suffixes if not _dresses_end(part))]
    text = ",".join(kept)
    while match := _WORD.match(text):
        rest = text[match.end() :].lstrip(" .,):(")
        if fold(match[0]) not in words.ADDRESSES or not _WORD.match(rest):
            break
        text = rest
    tokens = text.split()
    while len(tokens) > 1 and _is_degree(tokens[-1], len(tokens)):
        tokens.pop()
    return " ".join(tokens).strip(_EDGES)


def _dresses_end(part: str) -> bool:
    """Tell whether what stands after a comma is a degree, a list of them, or `Alm`."""
    bare = [_LETTERS.sub("", fold(word)) for word in part.split()]
    return bool(bare) and all(word in words.DEGREES | words.ADDRESSES for word in bare)


def _is_degree(token: str, count: int) -> bool:
    bare = _LETTERS.sub("", fold(token))
    if bare in {"alm", "almh", "almarhum", "almarhumah"}:
        return True
    if bare not in words.DEGREES:
        return False
    return "." in token.rstrip(".") or (token.isupper() and count > 2 and len(bare) > 1)


def _squeezed(raw: str) -> str:
    return " ".join(raw.replace("*", " ").replace("_", " ").split()).strip(_EDGES)


def _without_titles(text: str) -> str:
    """Take titles off as the keys of the registry have it; `VERSION` stands for these rules."""
    head, *suffixes = text.split(",")
    kept = [head, *(part for part in suffixes if not _is_suffix(part))]
    tokens = ",".join(kept).split()
    while len(tokens) > 1 and is_title(fold(tokens[0])):
        tokens.pop(0)
    while (
        len(tokens) > 1 and _is_suffix(tokens[-1]) and ("." in tokens[-1] or tokens[-1].isupper())
    ):
        if not ("." in tokens[-1] or len(tokens) > 2):
            break
        tokens.pop()
    return " ".join(tokens).strip(_EDGES)


def _is_suffix(text: str) -> bool:
    return _LETTERS.sub("", fold(text)) in words.TITLES_AFTER


def _capital(word: str) -> str:
    low = word.lower()
    if low in {"bin", "binti"}:
        return low
    return re.sub(r"(?:^|(?<=[.\-]))[^\W\d_]", lambda match: match[0].upper(), low)


def _canonical_token(token: str) -> str:
    if token in _CLASSES:
        return _CLASSES[token]
    for old, new in _OLD:
        token = token.replace(old, new)
    return _CLASSES.get(token, token)
