"""What the words of a text are about: a number, losing, asking, claiming (`data/intent.toml`).

One thing is written in many ways: *nomor, no, nmr, nomer, nomeripun* are all a number. A text is
cut into clauses whose words are replaced by such *concepts* where the lexicon knows them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

from helpdesk.identity import shipped

# A wish stands at the beginning or the end; a pasted list of employees lies between.
MAX_CHARS = 4_000

_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*|\d+(?:[./-]\d+)*|[.,!?;\n]")
_STRETCHED = re.compile(r"([a-z])\1\1+")
_DOUBLED = re.compile(r"([a-z])\1")
_NO_DIGIT = re.compile(r"\D")
_STOPS = frozenset(".!?;\n")
_ENDS = frozenset({".", ",", "BUT"})  # of a clause


class Clause(NamedTuple):
    """What is said between two stops, commas or words like `tapi`.

    Attributes:
        words: as folded, and in capitals the concepts in place of the words they stand for.
        said: the concepts among them.
        goes_on: only a comma parts it from the clause before.
    """

    words: tuple[str, ...]
    said: frozenset[str]
    goes_on: bool = False


_LEXICON = shipped.toml("intent.toml")
_OTHER_THINGS = frozenset(_LEXICON["other_things"].upper().split())
_ENDINGS = tuple(sorted(_LEXICON["endings"].split(), key=len, reverse=True))


def group(name: str) -> frozenset[str]:
    """Return the concepts that the lexicon lists under `name`, e.g. `wishes`."""
    return frozenset(map(str.upper, words(name)))


def words(name: str) -> frozenset[str]:
    """Return the words that the lexicon lists under `name`, e.g. `abbreviations`."""
    return frozenset(_LEXICON[name].split())


def phrases() -> Iterator[tuple[str, str]]:
    """Yield every word and phrase of the lexicon with its concept."""
    for concept, words in _LEXICON["concepts"].items():
        for word in words.split():
            yield word.replace("_", " "), concept.upper()
    for concept, halves in _LEXICON["pairs"].items():
        left, right = (half.split() for half in halves.split("/"))
        for one, two in product(left, right):
            yield f"{one} {two}".replace("_", " "), concept.upper()


_WITH_OTHER_THINGS = frozenset({"NUMBER", "CARD"})
_ABBREVIATIONS = words("abbreviations")
_CONCEPT = dict(phrases())
_SIZES: defaultdict[str, set[int]] = defaultdict(set)  # words of the phrases that begin so
for _phrase in _CONCEPT:
    if " " in _phrase:
        _SIZES[_phrase.split(" ")[0]].add(_phrase.count(" ") + 1)
_ALL = frozenset({*_CONCEPT.values(), "OTHER_NUMBER", "KNOWN", "NIK", "DATE"})
_LONGEST_FIRST = {first: sorted(sizes, reverse=True) for first, sizes in _SIZES.items()}


def clauses(lows: Iterable[str]) -> list[Clause]:
    """Cut folded texts into clauses, at most `MAX_CHARS` of each text. Linear, never raises."""
    return [clause for low in lows for clause in _of(low)]


@lru_cache(maxsize=32)  # of a conversation more than one question is asked
def _of(low: str) -> tuple[Clause, ...]:
    return tuple(_clauses(_about(_words(low))))


def _clauses(words: Iterable[str]) -> Iterator[Clause]:
    clause: list[str] = []
    goes_on = False
    for word in words:
        if word in _ENDS:
            if clause:
                yield _clause(clause, goes_on=goes_on)
            clause = ["BUT"] if word == "BUT" else []
            goes_on = word == ","
        else:
            clause.append(word)
    if clause:
        yield _clause(clause, goes_on=goes_on)


def _clause(words: Sequence[str], *, goes_on: bool) -> Clause:
    return Clause(tuple(words), _ALL.intersection(words), goes_on)


def _words(low: str) -> list[str]:
    """Cut a folded text into words and stops; the full stop of an abbreviation is none."""
    if len(low) > MAX_CHARS:
        low = low[: MAX_CHARS // 2] + "\n" + low[-MAX_CHARS // 2 :]
    words: list[str] = []
    before = ""
    for word in _WORD.findall(low):
        if word != "." or before not in _ABBREVIATIONS:
            before = _plain(word)
            words.append(before)
    return words


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    """Return a word without stretched letters, a full stop for every stop."""
    return "." if word in _STOPS else _STRETCHED.sub(r"\1", word)


def _about(words: Sequence[str]) -> list[str]:
    """Return words or their concepts; the number of another thing is no membership number."""
    said = _concepts(words)
    if not _OTHER_THINGS.isdisjoint(said):
        for at, (one, two) in enumerate(pairwise(said)):
            if one in _WITH_OTHER_THINGS and two in _OTHER_THINGS:
                said[at] = "OTHER_NUMBER"
    return said


def _concepts(words: Sequence[str]) -> list[str]:
    """Return the concept of each word or phrase, the longest phrase first, or the word itself."""
    found: list[str] = []
    done = 0
    for at, word in enumerate(words):
        if at < done:
            continue
        size = _phrase_size(words, at) if word in _LONGEST_FIRST else 0
        found.append(_CONCEPT[" ".join(words[at : at + size])] if size else _concept(word))
        done = at + size
    return found


def _phrase_size(words: Sequence[str], at: int) -> int:
    """Return how many words from one on are a phrase, 0 for none."""
    for size in _LONGEST_FIRST[words[at]]:
        if " ".join(words[at : at + size]) in _CONCEPT:
            return size
    return 0


@lru_cache(maxsize=20_000)
def _concept(word: str) -> str:
    """Return the concept of a word or of digits in capitals, or the word itself."""
    if word[0].isdigit():
        return _digits(word)
    plain = _DOUBLED.sub(r"\1", word)
    for stem in (word, plain, *_stems(word), *_stems(plain)):
        if concept := _CONCEPT.get(stem):
            return concept
    return word


def _digits(written: str) -> str:
    """Tell a membership number (eleven digits, no telephone), a NIK and a date from the rest.

    One or two digits stay readable: the number of a row.
    """
    digits = _NO_DIGIT.sub("", written)
    if len(digits) == 11 and digits[0] != "0":
        return "KNOWN"
    if 14 <= len(digits) <= 17 and "/" not in written:
        return "NIK"
    if len(digits) <= 8 and len(written) == len(digits) + 2:
        return "DATE"
    return f"#{digits}" if len(digits) <= 2 else "#"


def _stems(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        if len(word) >= len(ending) + 3 and word.endswith(ending):
            yield word.removesuffix(ending)
