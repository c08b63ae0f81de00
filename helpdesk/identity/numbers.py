"""Runs of digits in a message, and which of them can be a NIK."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# One digit, then digits with up to three separators between, or O, I, l typed inside a run. The
# alternatives never share a first character, so the engine never goes back.
_RUN = re.compile(r"(?<!\d)\d(?:[ .\-_]{0,3}\d|[oil]{1,3}(?=[\d]))*(?:[oil](?![a-z]))?")
_GROUP = re.compile(r"[\doil]+")
_SLIPS = str.maketrans("oil", "011")
NIK_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Number:
    """Digits written together or in groups, at `start`:`end`, slips of letters mended."""

    start: int
    end: int
    digits: str


def find(low: str) -> Iterator[Number]:
    """Yield the runs of a folded text, from left to right; one that holds a NIK is cut to it.

    `17-08-1990 3273011708900001` is one run of groups: what comes before and after the sixteen
    digits is yielded apart. Runs shorter than five digits are left out. Linear.
    """
    for run in _RUN.finditer(low):
        groups = [
            (run.start() + group.start(), run.start() + group.end())
            for group in _GROUP.finditer(run[0])
        ]
        yield from _cut(low, groups)


def _cut(low: str, groups: list[tuple[int, int]]) -> Iterator[Number]:
    at = 0
    while at < len(groups):
        size = _nik_groups(groups, at)
        if size:
            yield _number(low, groups[at : at + size])
            at += size
            continue
        rest = at + 1
        while rest < len(groups) and not _nik_groups(groups, rest):
            rest += 1
        number = _number(low, groups[at:rest])
        if len(number.digits) >= 5:
            yield number
        at = rest


def _nik_groups(groups: list[tuple[int, int]], at: int) -> int:
    """Return how many groups from `at` on make a NIK, 0 for none.

    Whole or in parts, a NIK begins with its region's code: a first group of one digit, or of two
    followed by one of two (a date), is something else.
    """
    total = 0
    for count, (start, end) in enumerate(groups[at : at + 8], 1):
        total += end - start
        if total == NIK_DIGITS:
            return count if _sizes_fit(groups[at : at + count]) else 0
        if total > NIK_DIGITS:
            return 0
    return 0


def _sizes_fit(groups: list[tuple[int, int]]) -> bool:
    sizes = [end - start for start, end in groups]
    date_like = sizes[:3] in ([2, 2, 4], [1, 2, 4], [2, 1, 4], [1, 1, 4]) or 16 in sizes[1:]
    return not date_like and (sizes[0] > 1)


def _number(low: str, groups: list[tuple[int, int]]) -> Number:
    digits = "".join(low[start:end] for start, end in groups).translate(_SLIPS)
    return Number(groups[0][0], groups[-1][1], digits)
