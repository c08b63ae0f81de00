"""Does a conversation ask for somebody's number, or is its data meant for something else?

People state who they are for many reasons: to hear their balance, to claim, to complain, to change
their data, to apply for a job. Whether this conversation wants the number is judged by a logistic
regression over what its words are about. `data/intent.toml` says which words speak of the number,
of losing, asking, claiming (the *concepts*); `data/intent.json` holds the weights, made by
`python -m tests.training.intent` from hand-written texts.
"""

import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

from helpdesk.identity.reading import Reading

# A wish stands at the beginning or the end; a pasted list of employees lies between.
MAX_CHARS = 6_000
MAX_TOKENS = 1_200
THRESHOLD = 0.5  # below this chance nobody's number is asked for
_REACH = 4  # how many concepts back two of them still say something together

_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|\d+(?:[.-]\d+)*|[.!?;\n]")
_STRETCHED = re.compile(r"([a-z])\1\1+")
_DOUBLED = re.compile(r"([a-z])\1")
_NO_DIGIT = re.compile(r"\D")
_TEXT = files("helpdesk.identity").joinpath("data/intent.toml").read_text(encoding="utf-8")
_LEXICON = tomllib.loads(_TEXT)
_CONCEPT = {
    word.replace("_", " "): concept
    for concept, words in _LEXICON["concepts"].items()
    for word in words.split()
}
_LONGEST = max(phrase.count(" ") for phrase in _CONCEPT) + 1
_IN_PHRASES = frozenset(phrase.split(" ")[0] for phrase in _CONCEPT if " " in phrase)
_ENDINGS = tuple(sorted(_LEXICON["endings"].split(), key=len, reverse=True))
_ABBREVIATIONS = frozenset(_LEXICON["abbreviations"].split())
_OTHER_THINGS = frozenset(_LEXICON["other_things"].split())
_WISHES = frozenset(_LEXICON["wishes"].split())
_OBJECTS = frozenset(_LEXICON["objects"].split())
_WITHDRAWN = frozenset(_LEXICON["withdrawn"].split())
_OTHERS = frozenset(_LEXICON["others"].split())

Clause = list[str]  # words, and in capitals the concepts


def asks(readings: Sequence[Reading]) -> float:
    """Return the chance in [0, 1] that the conversation asks for a membership number at all.

    `readings` are the subject and the messages, oldest first, quoted parts blanked. A text that
    states identity data and no wish asks for it: it answers our request. Linear, never raises.
    """
    return chance(features(one.low for one in readings))


def chance(seen: Iterable[str]) -> float:
    """Return the chance that a conversation with these features asks for a number."""
    weights = _weights()
    score = weights["bias"] + sum(weights.get(one, 0.0) for one in seen)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def features(lows: Iterable[str]) -> set[str]:
    """Return what the model looks at in the folded texts of one conversation.

    `w:` a word or a concept, `p:` two of them in one clause, `t:` and `q:` the same after the
    last request, `is:` what the whole conversation amounts to.
    """
    clauses = list(_clauses(lows))
    last = max((at for at, one in enumerate(clauses) if _requests(one)), default=None)
    seen = set(_looks(clauses, "w:", "p:"))
    rest = clauses if last is None else clauses[last + 1 :]
    if last is not None:
        seen.update(_looks(rest, "t:", "q:"))
    seen.update(_taken_back(rest))
    seen.update(_amounts(clauses, requested=last is not None))
    return seen


@cache
def _weights() -> dict[str, float]:
    text = files("helpdesk.identity").joinpath("data/intent.json").read_text(encoding="utf-8")
    weights: dict[str, float] = json.loads(text)["weights"]
    return weights


def _clauses(lows: Iterable[str]) -> Iterator[Clause]:
    """Yield what is said between stops, line ends and words like `tapi`, one message at a time."""
    for low in lows:
        clause: Clause = []
        for word in _concepts(_words(low)):
            if word in {".", "BUT"} and clause:
                yield clause
                clause = []
            if word != ".":
                clause.append(word)
        if clause:
            yield clause


def _words(low: str) -> list[str]:
    """Cut a folded text into words; a stop is `.`, digits are what they look like."""
    if len(low) > MAX_CHARS:
        low = low[: MAX_CHARS // 2] + "\n" + low[-MAX_CHARS // 2 :]
    words: list[str] = []
    for match in islice(_TOKEN.finditer(_STRETCHED.sub(r"\1", low)), MAX_TOKENS):
        token = match[0]
        if token[0].isdigit():
            words.append(_digits(token))
        elif token[0].isalpha():
            words.append(token)
        elif not (token == "." and words and words[-1] in _ABBREVIATIONS):
            words.append(".")
    return words


def _digits(token: str) -> str:
    """Tell digits that may be a membership number (eleven, no telephone) from others."""
    digits = _NO_DIGIT.sub("", token)
    if len(digits) == 11 and digits[0] != "0":
        return "KNOWN"
    return "#16" if len(digits) == 16 else "#"


def _concepts(words: Sequence[str]) -> Iterator[str]:
    """Yield words with those of the lexicon replaced by their concepts, the longest phrase first."""
    at, before = 0, ""
    while at < len(words):
        size, word = _match(words, at)
        at += size
        if before in {"NUMBER", "CARD"}:
            yield "OTHER_NUMBER" if word.lower() in _OTHER_THINGS else before
        elif before:
            yield before
        before = word
    if before:
        yield before


def _match(words: Sequence[str], at: int) -> tuple[int, str]:
    if words[at] in _IN_PHRASES:
        for size in range(min(_LONGEST, len(words) - at), 1, -1):
            if concept := _CONCEPT.get(" ".join(words[at : at + size])):
                return size, concept.upper()
    return 1, _concept_of(words[at])


@lru_cache(maxsize=20_000)
def _concept_of(word: str) -> str:
    """Return the concept of a word in capitals, or the word itself."""
    if concept := _CONCEPT.get(word):
        return concept.upper()
    plain = _DOUBLED.sub(r"\1", word)
    for stem in (plain, *_stems(word), *_stems(plain)):
        if concept := _CONCEPT.get(stem):
            return concept.upper()
    return word


def _stems(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        if len(word) >= len(ending) + 3 and word.endswith(ending):
            yield word.removesuffix(ending)


def _requests(clause: Clause) -> bool:
    """Tell whether a clause by itself asks for a number, and does not take that back."""
    said = {word.lower() for word in clause if word.isupper()}
    unknown = {"not", "know"} <= said
    return bool((unknown or said & _WISHES) and said & _OBJECTS and not said & _WITHDRAWN)


def _looks(clauses: Iterable[Clause], one: str, two: str) -> Iterator[str]:
    for clause in clauses:
        near: list[str] = []
        last = ""
        for word in clause:
            yield one + word
            if word.isupper():
                for other in near:
                    yield f"{two}{other}>{word}"
                near = [*near[1 - _REACH :], word]
            elif last:
                yield f"{two}{last}>{word}"
            last = word


def _amounts(clauses: Sequence[Clause], *, requested: bool) -> Iterator[str]:
    """Yield what no single clause tells: a request, beside which other purposes."""
    said = {word.lower() for clause in clauses for word in clause if word.isupper()}
    asked = "asked" if requested else "unasked"
    yield f"is:{asked}"
    data = "#16" in {word for clause in clauses for word in clause}
    yield f"is:{asked}+{'data' if data else 'bare'}"
    others = said & _OTHERS
    for other in others:
        yield f"is:{asked}+{other}"
    if not others:
        yield f"is:{asked}+nothing else"
    if "known" in said:
        yield f"is:{asked}+known"


def _taken_back(clauses: Iterable[Clause]) -> Iterator[str]:
    """Yield how what was asked before is said to be over; `belum ketemu` does not say so."""
    for clause in clauses:
        said = {word.lower() for word in clause if word.isupper()}
        if "not" not in said:
            for word in said & _WITHDRAWN:
                yield f"is:then {word}"
