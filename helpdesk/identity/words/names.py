"""Names as people write them: what is one, where it ends, how to show it, how to compare it."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate

from helpdesk.identity.reading import fold
from helpdesk.identity.words import words
from helpdesk.identity.words.name_words import (
    NEVER,
    WORD,
    Word,
    degree_at,
    read,
)

VERSION = 1  # of `canonical`; keys built with another version must be rebuilt
_MAX_CHARS = 120  # no name is longer, whatever signs stand around it

_BRACKETS = re.compile(r"\([^()]*\)?|\"[^\"]*\"")
_LETTERS = re.compile(r"[^a-z]+")
_CELL_ENDS = "\n,;/|()"
_EDGES = " .,:;-'\"()"

_ANNOUNCED = 0.5  # the first word where a name is announced is one, unless it is talk
_ALONE = 1.5  # more for each word when a line or cell ends with them
_CAPITAL, _SMALL = 1.5, -3.0  # in a text whose letter case tells something
_LEAST_AT_EDGE = -1.5  # of an unknown word between a name and the end of its text
_ALIKE = 0.75  # of two spellings of one name
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
    found = list(read(low, start, end))
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
    for match in WORD.finditer(low, start, end):
        if match.start() < at or match[0] in _MERE_TALK:
            continue
        if low[match.end() : match.end() + 1] == "." and (
            degree := degree_at(low, match.start(), end)
        ):
            at = degree.end
            continue
        some = list(read(low, match.start(), end))
        at = some[-1].end if some else match.end()
        one = _to_edge(_densest(some, written, _ALONE if alone else 0.0), some, written, end)
        if one and (found is None or one.odds > found.odds):
            found = one
    return found


def is_respelling(one: str, two: str) -> bool:
    """Tell whether the second is the first with slips mended."""
    first, second = one.lower(), two.lower()
    if first == second or len(first.split()) != len(second.split()):
        return False
    if len(second) < len(first) - 2:
        return False  # shortened to initials
    return SequenceMatcher(None, first, second).ratio() >= _ALIKE


def is_fuller(one: str, two: str) -> bool:
    """Tell whether the second is the first with more words."""
    return set(one.lower().split()) < set(two.lower().split())


def begins_talk(low: str) -> bool:
    """Tell whether a folded text begins with a word no name begins with; cheap."""
    word = low.split(maxsplit=1)[0].rstrip(".,") if low else ""
    return word in _MERE_TALK and word not in words.FIRST_OF_CELLS


def odds(low: str) -> float:
    """Return the log-odds that a folded text is a person's name and nothing else, about -20 to 20.

    Each word adds its own: 2.5 to 5 for one that is known as a name, -3 to 3 for an unknown one.
    """
    return _odds(low) if len(low) <= _MAX_CHARS else NEVER


def plausible(low: str) -> bool:
    """Tell whether a folded text could be a whole name and nothing else, where one is expected."""
    return len(low) <= _MAX_CHARS and _is_plausible(low)


def _densest(some: list[Word], written: str, more: float) -> Segment | None:
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


def _to_edge(one: Segment | None, some: list[Word], written: str, end: int) -> Segment | None:
    """Take the few words between a name and the end of its text with it, unless they are talk."""
    if one is None or one.end >= some[-1].end or some[-1].end < end - 1:
        return one
    rest = [word for word in some if word.start >= one.end]
    if any(word.is_dressing or word.is_link for word in rest):
        return one
    fit = all(_cased(word, written) > _LEAST_AT_EDGE for word in rest)
    return Segment(one.start, some[-1].end, one.odds) if fit else one


def _cased(word: Word, written: str) -> float:
    if not written or word.is_dressing or word.odds <= NEVER:
        return NEVER if word.needs_capital else word.odds
    said = written[word.start : word.end]
    if said[0].isupper():
        return word.odds + _CAPITAL
    if word.needs_capital:
        return NEVER
    return word.odds + (0.0 if said.strip(".") in words.NAME_PARTS else _SMALL)


@lru_cache(maxsize=5_000)  # greetings and thanks are asked about in every message
def _odds(low: str) -> float:
    text = low.strip(_EDGES + "*_")
    found = list(read(text, 0, len(text)))
    core = [word for word in found if not word.is_dressing]
    if not core or found[-1].end < len(text.rstrip(_EDGES)):
        return NEVER
    return sum(word.odds for word in core)


@lru_cache(maxsize=5_000)
def _is_plausible(low: str) -> bool:
    text = _BRACKETS.sub(" ", low).strip(_EDGES + "*_")
    found = list(read(text, 0, len(text)))
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
    while match := WORD.match(text):
        rest = text[match.end() :].lstrip(" .,):(")
        if fold(match[0]) not in words.ADDRESSES or not WORD.match(rest):
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
