"""The words that `referents` knows people by, and what is said around them."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from helpdesk.identity import shipped

_DATA = shipped.toml("referents.toml")
KIN_OF = {word: who for who, words in _DATA["kin"].items() for word in words.split()}
CLASS = {name: frozenset(words.split()) for name, words in _DATA["words"].items()}
ADDRESS, WRITER, OWNERS = CLASS["address"], CLASS["self"], CLASS["own"]
NUMBER, FOR_WHOM, LOST, MORE = (
    CLASS["number"], CLASS["for"], CLASS["lost"], CLASS["kin_more"],
)  # fmt: skip
CARD = NUMBER - {"no", "nomor", "nomer", "nmr", "nmer", "number", "data", "datanya"}
THEY_WORDS = frozenset(CLASS["they"])
PAIRS = {pair: who for who, pairs in _DATA["pairs"].items() for pair in pairs}
SOMEBODY = frozenset(_DATA["somebody"]["words"].split())
MERE_WORK = frozenset({"sebagai", "jadi", "bekerja", "kerja", "nik", "induk", "as"})
MINE = frozenset({"punyaku", "milikku"})
US = frozenset({"kami", "kita", "our"})
OWN_NUMBER = frozenset({"nomor", "no", "nomer", "id", "kartu"})
SIGNER = frozenset({"bertanda", "bertandatangan"})
STOPS = frozenset(".!?;\n")
# `suaminya`, in Javanese `bojone`; `like` is no `lik`.
THEIRS_OF = {
    word + suffix: word
    for word in KIN_OF
    for suffix in ("nya", "ipun", "ne", "e")
    if suffix == "nya" or len(word) > 3
}
# Every word that can begin a mention; the others are passed over at once.
PERSON = frozenset(
    {*WRITER, *THEY_WORDS, *SIGNER, *SOMEBODY, *KIN_OF, "orang"}
    | {word for word in NUMBER if word.endswith("nya")}
    | set(THEIRS_OF)
    | {word + "2" for word in KIN_OF}
    | {pair.partition(" ")[0] for pair in PAIRS}
)
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+|2(?!\d))?|[.!?;:()\n,]")


Token: TypeAlias = re.Match[str]


def cut(low: str) -> list[Token]:
    """Return the words and marks of a folded text; linear."""
    return list(_TOKEN.finditer(low))


def words_before(tokens: Sequence[Token], at: int, count: int) -> Iterable[str]:
    """Yield up to `count` words before a token within its sentence, nearest first."""
    for step in range(at - 1, max(-1, at - 1 - count), -1):
        word = tokens[step][0]
        if word in STOPS:
            return
        yield word


def words_after(tokens: Sequence[Token], at: int, count: int) -> Iterable[str]:
    """Yield up to `count` words after a token within its sentence."""
    for step in range(at + 1, min(len(tokens), at + 1 + count)):
        word = tokens[step][0]
        if word in STOPS:
            return
        yield word


def word_at(tokens: Sequence[Token], at: int) -> str:
    """Return the word of a token, "" before the first and after the last."""
    return tokens[at][0] if 0 <= at < len(tokens) else ""


def in_law(words: set[str]) -> str:
    """Tell what `mertua`, `mantu` or `ipar` after a kin makes of it, "" when none is there."""
    if "ipar" in words:
        return "relative"
    return "parent_in_law" if words & CLASS["in_law"] else ""
