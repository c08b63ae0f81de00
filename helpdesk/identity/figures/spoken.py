"""Numbers in words, as people dictate them: `tujuh belas`, `sembilan puluh`, `tiga dua nol`."""

from collections.abc import Sequence

ONES = {
    "nol": 0, "kosong": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6,
    "tujuh": 7, "delapan": 8, "sembilan": 9,
    # as heard and as slipped
    "enol": 0, "ampat": 4, "anam": 6, "nam": 6, "tuju": 7, "lapan": 8, "dlapan": 8, "slapan": 8,
    "sembilang": 9, "smbilan": 9,
}  # fmt: skip
_JOINED = {  # limabelas, duapuluh
    **{f"{word}belas": 10 + value for word, value in ONES.items() if value > 1},
    **{f"{word}puluh": 10 * value for word, value in ONES.items() if value > 1},
}
_TEENS = {"sepuluh": 10, "sebelas": 11, **_JOINED}
_HUNDREDS = {
    "seratus": 100,
    **{f"{word}ratus": 100 * value for word, value in ONES.items() if value},
}
_THOUSANDS = {"seribu": 1000, "duaribu": 2000}
_SCALES = frozenset({"belas", "puluh", "ratus", "ribu"})
WORDS = frozenset({*ONES, *_TEENS, *_HUNDREDS, *_THOUSANDS, *_SCALES})
# Some word that every spoken date or NIK has.
HINTS = (
    "belas", "puluh", "ratus", "ribu", "nol", "kosong", "lapan", "tuju",
    "empat", "lima", "enam", "tiga", "sembilan",
)  # fmt: skip


def number_at(words: Sequence[str], at: int) -> tuple[int, int]:
    """Return the number that begins at `words[at]` and where it ends; (-1, at) when none does.

    The longest number is taken: `dua puluh lima` is 25. `words` are folded.
    """
    total, at_thousands = _below_thousand(words, at)
    if at < len(words) and words[at] in _THOUSANDS:
        total, at_thousands = _THOUSANDS[words[at]], at + 1
    elif 0 < total < 10 and at_thousands < len(words) and words[at_thousands] == "ribu":
        total, at_thousands = total * 1000, at_thousands + 1
    else:
        return total, at_thousands
    rest, end = _below_thousand(words, at_thousands)
    # `dua ribu nol dua` is 2002: a nought before the ones
    if rest == 0 and end < len(words) and words[end] in ONES:
        return total + ONES[words[end]], end + 1
    return (total + rest, end) if rest > 0 else (total, at_thousands)


def _below_thousand(words: Sequence[str], at: int) -> tuple[int, int]:
    if at < len(words) and words[at] in _HUNDREDS:
        total, end = _HUNDREDS[words[at]], at + 1
    else:
        total, end = _below_hundred(words, at)
        if not (0 < total < 10 and end < len(words) and words[end] == "ratus"):
            return total, end
        total, end = total * 100, end + 1
    rest, last = _below_hundred(words, end)
    return (total + rest, last) if rest > 0 else (total, end)


def _below_hundred(words: Sequence[str], at: int) -> tuple[int, int]:
    word, scale, more, following = [*words[at : at + 4], "", "", "", ""][:4]
    if word in _TEENS:
        return _with_ones(_TEENS[word], scale, more, at)
    ones = ONES.get(word, -1)
    if ones > 0 and scale == "belas":
        return 10 + ones, at + 2
    if ones <= 0 or scale != "puluh":
        return (ones, at + 1) if ones >= 0 else (-1, at)
    # `dua puluh lima` is 25, but `sembilan puluh lima belas` is 90 and 15
    if ONES.get(more) and following not in _SCALES:
        return 10 * ones + ONES[more], at + 3
    return 10 * ones, at + 2


def _with_ones(tens: int, ones: str, following: str, at: int) -> tuple[int, int]:
    """Add the ones that follow tens written as one word: `duapuluh lima`."""
    if tens >= 20 and ONES.get(ones) and following not in _SCALES:
        return tens + ONES[ones], at + 2
    return tens, at + 1
