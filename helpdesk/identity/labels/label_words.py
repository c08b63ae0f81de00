"""The words labels are made of: what each means, however it is spelt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from helpdesk.identity import shipped
from helpdesk.identity.words import words

_DATA = shipped.toml("labels.toml")
HINTS = frozenset(_DATA["hints"]["words"].split())
_GUARD = frozenset(_DATA["guard"]["words"].split())
_CLITICS = ("nya", "ku", "mu", "ne", "e", "na", "ka", "ki")
_TAKES_CLITIC = frozenset(
    {"name", "nik", "idcard", "number", "born", "place", "date", "ttl", "other_number", "kin"}
)
_FIRST_OF_COMPOUND = ("tempattanggal", "nomor", "nomer", "tempat", "tmpt", "tmp", "tanggal", "tgl",
                      "nama", "no")  # fmt: skip
_SECOND_OF_COMPOUND = frozenset(
    {"nik", "idcard", "born", "full", "other_number", "employee", "date", "foreign"}
)
_SLIPPED = ("nama", "tempat", "tanggal", "kelahiran", "lengkap", "identitas", "lahir", "nomor")
_MIN_STRETCHED = 2  # letters of a word that is written with one of them repeated, at least
_MAX_CHARS = 30  # no label is one longer word


@dataclass(frozen=True, slots=True)
class Word:
    """What a word of a label can mean.

    Attributes:
        ideas: names of the tables in data/labels.toml that have it.
        kin: the relation it states, in the word `referents.relation_of` knows, or "".
        slip: only one letter's change makes it a word of labels.
        mine: it ends in `-ku`, so it speaks of the writer.
    """

    ideas: frozenset[str]
    kin: str = ""
    slip: bool = False
    mine: bool = False


@lru_cache(maxsize=8_000)
def look_up(word: str) -> Word | None:
    """Return what a folded word means in a label, None when it belongs to none."""
    if len(word) > _MAX_CHARS:
        return None
    word = word.replace(".", "").replace(" ", "").replace("/", "").replace("-", "")
    return _exact(word) or _with_clitic(word) or _compound(word) or _slip(word)


def _exact(word: str) -> Word | None:
    known = _lexicon()
    spellings = (word, _squeezed(word, 3), word.rstrip(word[-1:]) + word[-1:], _squeezed(word, 2))
    found = (known.get(each) for each in spellings if each == word or len(each) > _MIN_STRETCHED)
    return next((one for one in found if one), None)


def _with_clitic(word: str) -> Word | None:
    for clitic in _CLITICS:
        base = _exact(word.removesuffix(clitic)) if word.endswith(clitic) else None
        if base and not base.ideas.isdisjoint(_TAKES_CLITIC):
            return Word(base.ideas, base.kin, mine=clitic == "ku")
    return None


def _compound(word: str) -> Word | None:
    """Read `noktp` and `tgllahir`: all ideas of both words."""
    for first in _FIRST_OF_COMPOUND:
        rest = word.removeprefix(first)
        second = _exact(rest) if rest and rest != word else None
        if second and not second.ideas.isdisjoint(_SECOND_OF_COMPOUND):
            head = _exact(first) or _exact("tempat")
            both = (head.ideas if head else frozenset()) | second.ideas
            extra = {"date"} if first == "tempattanggal" else set()
            return Word(both | extra)
    return None


def _slip(word: str) -> Word | None:
    if len(word) < 4 or word in words.STOP or word in _GUARD:
        return None
    for right in _SLIPPED:
        if word[0] == right[0] and _one_change(word, right):
            known = _lexicon()[right]
            return Word(known.ideas, known.kin, slip=True)
    return None


def _one_change(word: str, right: str) -> bool:
    """Tell whether one letter more, less, other or two swapped make `word` of `right`."""
    if abs(len(word) - len(right)) > 1 or word == right:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, right, strict=False)) if a != b), None)
    if start is None:
        return True
    one, two = word[start:], right[start:]
    swapped = one[1:2] + one[:1] + one[2:]
    return one[1:] == two[1:] or one[1:] == two or one == two[1:] or swapped == two


def _squeezed(word: str, run: int) -> str:
    """Return a word with every run of `run` or more equal letters written once."""
    pieces = ((letter, sum(1 for _ in group)) for letter, group in groupby(word))
    return "".join(letter if size >= run else letter * size for letter, size in pieces)


@cache
def _lexicon() -> Mapping[str, Word]:
    ideas: dict[str, set[str]] = {}
    for word, idea in _entries():
        ideas.setdefault(word, set()).add(idea)
    kin = {word: name for name, spelt in _DATA["kin"].items() for word in spelt.split()}
    return {word: Word(frozenset(found), kin.get(word, "")) for word, found in ideas.items()}


def _entries() -> Iterator[tuple[str, str]]:
    for idea, spelt in _DATA["ideas"].items():
        yield from ((word, idea) for word in spelt.split())
    for spelt in _DATA["kin"].values():
        yield from ((word, "kin") for word in spelt.split())
