"""The keys of `layout`, for whole arrays at once."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry.layout import Family, Wide, mixed

Rows: TypeAlias = NDArray[np.uint32]
Numbers: TypeAlias = NDArray[Any]

_LOW = np.uint64(32)


def niks(niks: Numbers) -> tuple[Wide, Rows]:
    """Return the spread NIKs and whose they are, of those that have one."""
    rows = np.flatnonzero(niks).astype(np.uint32)
    return mixed(niks[rows].astype(np.uint64)), rows


def days(days: Numbers, words: Numbers) -> tuple[Wide, Rows]:
    """Return each birth date with each word, as day << 32 | word, and whose it is."""
    dated = days.astype(np.uint64) << _LOW
    found = [
        (dated[rows] | words[rows, at], rows)
        for at in range(words.shape[1])
        if len(rows := np.flatnonzero((days != 0) & (words[:, at] != 0)).astype(np.uint32))
    ]
    return _joined(found)


def pairs(words: Numbers) -> tuple[Wide, Rows]:
    """Return what `layout.pair_marks` returns, and whose it is."""
    return _joined(list(_pairs(words)))


def spots(marks: Wide, places: Numbers) -> Wide:
    """Return pairs at places, as `layout.spot_key` spreads them."""
    return mixed(marks ^ places.astype(np.uint64))


def buckets(family: Family, marks: Wide, bits: int) -> NDArray[np.int64]:
    """Return the buckets of marks (of days: `days`); they ascend where the marks do."""
    if family is Family.DAY:
        low = (marks & np.uint64(0xFFFF_FFFF)) >> np.uint64(32 - bits)
        number = (marks >> _LOW << np.uint64(24)) | low
    else:
        number = upper(marks, bits)
    return (number | np.uint64(family << 60)).astype(np.int64)


def upper(marks: Wide, bits: int) -> Wide:
    """Return the upper bits of marks; 0 for none."""
    return marks >> np.uint64(64 - bits) if bits else np.zeros_like(marks)


def _pairs(words: Numbers) -> Iterator[tuple[Wide, Rows]]:
    wide = words.astype(np.uint64)
    there = words != 0
    for first, second in combinations(range(words.shape[1]), 2):
        rows = np.flatnonzero(there[:, second] & there[:, first]).astype(np.uint32)
        one, other = wide[rows, first], wide[rows, second]
        yield mixed(np.minimum(one, other) << _LOW | np.maximum(one, other)), rows
    for at in range(words.shape[1]):
        rows = np.flatnonzero(there[:, at]).astype(np.uint32)
        yield mixed(wide[rows, at] << _LOW), rows
    rows = np.flatnonzero(there[:, 0] & ~there[:, 1]).astype(np.uint32)
    yield mixed(wide[rows, 0] << _LOW | np.uint64(1)), rows


def _joined(parts: list[tuple[Wide, Rows]]) -> tuple[Wide, Rows]:
    if not parts:
        return np.empty(0, np.uint64), np.empty(0, np.uint32)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
