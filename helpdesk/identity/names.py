"""Names as people write them: where one ends, how to show it, how to compare it."""

import re
from functools import lru_cache

from helpdesk.identity import words
from helpdesk.identity.reading import fold

VERSION = 1  # of `canonical`; keys built with another version must be rebuilt
MAX_TOKENS = 7
_MAX_CHARS = 120  # no name is longer, whatever signs stand around it

_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|['.\-](?=[^\W\d_]))*\.?")
_LETTERS = re.compile(r"[^a-z]+")

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


def display(raw: str) -> str:
    """Return a name as a card would show it: titles and honorifics off, capitals in order.

    Text that is all capitals or all small gets a capital per word; mixed case stays as written.
    """
    text = " ".join(raw.replace("*", " ").replace("_", " ").split()).strip(" .,:;-'\"()")
    text = _without_titles(text)
    if text.islower() or text.isupper():
        text = " ".join(_capital(word) for word in text.split())
    return text


def canonical(name: str) -> str:
    """Return the tokens of a name for comparing: no titles, one spelling for common variants.

    Lower case letters only, `bin`/`binti` dropped, old spelling (oe, dj, tj, sj, nj) made new.
    """
    tokens = (_LETTERS.sub("", token) for token in fold(display(name)).replace("-", " ").split())
    return " ".join(
        _canonical_token(token) for token in tokens if token not in {"", "bin", "binti"}
    )


def is_title(word: str) -> bool:
    """Tell whether a folded word is a title or honorific before a name."""
    return word.strip(".") in words.TITLES_BEFORE


def measure(low: str, start: int, end: int) -> int:
    """Return where the name that begins at `start` of a folded text ends; `start` when none does.

    A name is up to seven words of letters on one line. It ends before a digit, at punctuation
    other than inside words, at a word of ordinary language, and at `end`.
    """
    at, stop, count = start, start, 0
    while count < MAX_TOKENS + 2:
        match = _TOKEN.match(low, at, end)
        if not match:
            break
        word = match[0]
        if _ends_name(word, is_first=count == 0, low=low, at=match.end()):
            break
        stop, count = match.end(), count + 1
        if word.endswith(".") and len(word) > 5:  # the end of a sentence, not an abbreviation
            stop -= 1
            break
        at = _next_word(low, stop, end)
        if at < 0:
            break
    while stop > start and low[stop - 1] in " -'":
        stop -= 1
    return stop


def plausible(low: str) -> bool:
    """Tell whether a folded text could be a whole name and nothing else."""
    return len(low) <= _MAX_CHARS and _is_plausible(low)


@lru_cache(maxsize=5_000)  # greetings and thanks are asked about in every message
def _is_plausible(low: str) -> bool:
    text = low.strip(" .,:;-*_'\"()")
    tokens = [token for token in text.split() if not is_title(token)]
    if not tokens or len(tokens) > MAX_TOKENS or len(text) > 60:
        return False
    letters = sum(map(len, tokens))
    return letters >= 3 and all(_nameable(token) for token in tokens)


def _nameable(token: str) -> bool:
    return bool(_TOKEN.fullmatch(token.rstrip(",."))) and not words.is_talk(token)


def _ends_name(word: str, *, is_first: bool, low: str, at: int) -> bool:
    bare = word.strip(".")
    if bare in words.TITLES_BEFORE:
        return not is_first and bare in words.STOP and low[at - 1 : at] != "."
    return words.is_talk(bare)


def _next_word(low: str, at: int, end: int) -> int:
    """Return where the name goes on after a word, or -1 when it does not."""
    spaces = at
    while spaces < end and low[spaces] == " " and spaces - at < 3:
        spaces += 1
    if spaces < end and spaces > at and low[spaces].isalpha():
        return spaces
    if low[at : at + 1] == "," and (
        match := _TOKEN.match(low, at + 1 + (low[at + 1 : at + 2] == " "), end)
    ):
        return match.start() if match[0].replace(".", "") in words.TITLES_AFTER else -1
    return -1


def _without_titles(text: str) -> str:
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
    return " ".join(tokens).strip(" .,:;-'\"()")


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
