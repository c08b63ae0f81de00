"""People of a list pointed to afterwards: `yang nomor 2 NIK nya ...`, `Ahmad itu saya sendiri`."""

import re
from collections.abc import Collection, Iterator

_ORDINALS = {
    "pertama": 1, "kedua": 2, "ketiga": 3, "keempat": 4, "kelima": 5, "first": 1, "second": 2,
    "third": 3, "terakhir": -1, "last": -1,
}  # fmt: skip
_ITEM = re.compile(
    r"(?<![a-z])(?:(?:yang|yg|baris|urutan|poin|point|orang|list|row|no|nomor|nomer|nmr|ke|data|the"
    r"|number|the|for)[ .\-]{1,2}){1,4}"
    rf"(?:[(#]?(?P<number>\d{{1,2}})(?![\d/\-]|\.\d)|(?P<said>{'|'.join(_ORDINALS)})(?![a-z]))"
)
# What may stand between a fact and whom it is for, behind it: `3273... itu buat yg no 2`.
_FOR = re.compile(r"[ ,(\-]{1,3}(?:(?:itu|ini|buat|untuk|utk|bwt|punya|milik|nik|for) ){0,3}")
_APART = re.compile(r"[;!?]|\.\s|(?<!:)\n")
_IS = re.compile(r"[ ,]*(?:itu|tu|tuh|ini|adalah|ialah|yaitu|is|=|kui|niku)(?: ya| mah| teh)? ?$")
_WORDS = re.compile(r"[a-z']+")
# What may stand between somebody's name and a fact of theirs.
_OF_FACT = frozenset(
    ["nik", "nya", "niknya", "ktp", "ktpnya", "ektp", "no", "nomor", "nomer", "nmr", "lahir",
     "lahirnya", "lhr", "tgl", "tanggal", "ttl", "kelahiran", "di", "dan", "itu", "yaitu",
     "adalah", "born", "id", "punya", "punyanya", "si", "yang", "yg"]
)  # fmt: skip
_LETTERS = re.compile(r"[a-z'.:=, \-]*$")
_REACH = 70  # characters between the number of an item and a fact of it
_SHORTEST = 3  # letters of a part of a name that tells somebody apart
_MOST_WORDS = 5


def item_of(low: str, start: int, end: int) -> int | None:
    """Return which of a list a fact at `start`:`end` is said to be of, -1 for the last."""
    before = None
    for match in _ITEM.finditer(low, max(0, start - _REACH), start):
        before = match
    if before is not None and not _APART.search(low, before.end(), start):
        return _number(before)
    behind = _FOR.match(low, end)
    after = _ITEM.match(low, behind.end()) if behind else None
    return _number(after) if after else None


def called(low: str, at: int) -> Iterator[Collection[str]]:
    """Yield what may be the name of whose a fact at `at` is: `KTP Sapri 7322...`.

    The words just before it but for those of labels, the longest run of them first.
    """
    line = low.rfind("\n", max(0, at - _REACH), at) + 1
    said = _LETTERS.search(low, max(line, at - _REACH), at)
    words = _WORDS.findall(said[0])[-_MOST_WORDS - 2 :] if said else []
    while words and words[-1] in _OF_FACT:
        words.pop()
    for first in range(len(words)):
        if all(len(word) >= _SHORTEST for word in words[first:]):
            yield frozenset(words[first:])


def subject(low: str, at: int) -> Iterator[int | Collection[str]]:
    """Yield what may be the subject of `... itu <at>`: a number of a list, the words of a name.

    `la ode safar itu saya`: {la, ode, safar}, {ode, safar} and {safar}, the longest first.
    """
    low = low[max(0, at - _REACH) : at]
    low = low[_last_stop(low) :]
    verb = _IS.search(low)
    for match in _ITEM.finditer(low):
        if not low[match.end() : verb.start() if verb else len(low)].strip(" ,()"):
            yield _number(match)
    if verb:
        words = _WORDS.findall(low[: verb.start()])[-_MOST_WORDS:]
        for first in range(len(words)):
            if any(len(word) >= _SHORTEST for word in words[first:]):
                yield frozenset(words[first:])


def _last_stop(low: str) -> int:
    return max((match.end() for match in _APART.finditer(low)), default=0)


def _number(match: re.Match[str]) -> int:
    return int(match["number"]) if match["number"] else _ORDINALS[match["said"]]
