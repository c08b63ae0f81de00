"""Make the postings of a family: split the keys, sort each part, pack its buckets.

Keys are split by their upper bits, so that a part fits into memory and the parts come in the
order of their buckets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry.build import marks
from helpdesk.registry.build.marks import Rows
from helpdesk.registry.build.work import Values, Work
from helpdesk.registry.layout import COMMON, DAYS, ENTRY, WORDS, Entries, Family, Wide, bits_for

PART = 2_000_000  # keys: sorted in a hundred megabytes
_BLOCK = 500_000  # entries whose keys are made at once
_KEYS = {Family.NIK: 1, Family.DAY: 3, Family.PAIR: 6, Family.SPOT: 4}  # of an entry, about
_EIGHTS = ENTRY.itemsize // 8


@dataclass(frozen=True, slots=True)
class Pack:
    """The buckets of one part in order: their numbers, and where each ends in `entries`."""

    buckets: NDArray[np.int64]
    ends: NDArray[np.int64]
    entries: memoryview

    def __iter__(self) -> Iterator[tuple[int, memoryview]]:
        start = 0
        for bucket, end in zip(self.buckets.tolist(), self.ends.tolist(), strict=True):
            yield bucket, self.entries[start:end]
            start = end


def parts_for(entries: int, family: Family) -> int:
    """Return into how many parts, a power of two, the keys of so many entries are split."""
    return 1 << (entries * _KEYS[family] // PART).bit_length()


def split(work: Work, family: Family, parts: int) -> Values:
    """Write the keys of all entries, and whose they are, to files for each part."""
    for part in range(parts):
        work.save(f"{family}.{part}.keys", np.empty(0, np.uint64))
        work.save(f"{family}.{part}.rows", np.empty(0, np.uint32))
    entries, words = work.load("entry", ENTRY), work.load("entry_words", np.uint32, WORDS)
    edges = _edges(entries["day"], parts) if family is Family.DAY else None
    total = 0
    for start in range(0, len(entries), _BLOCK):
        some = slice(start, start + _BLOCK)
        keys, rows = _keys(family, entries[some], words[some])
        _spread(work, family, parts, (keys, rows + np.uint32(start)), edges)
        total += len(keys)
    return {"keys": total}


def pack(
    work: Work, family: Family, part: int, parts: dict[Family, int], bits: int | None
) -> Values:
    """Sort one part and write its buckets as a `Pack`; what too many share is left out.

    Args:
        work: holds the keys. Of PAIR, it gets the keys of SPOT for pairs too many share.
        family: of the keys.
        part: which of `parts[family]`.
        parts: of every family.
        bits: that choose a bucket; None to choose them by what this part holds.

    Returns:
        keys and buckets written, and the bits that chose them.
    """
    keys, rows = _sorted(work, family, part, parts)
    if family is not Family.DAY:
        common = _common(keys)
        if family is Family.PAIR:
            _spill(work, part, parts[Family.SPOT], keys[common], rows[common])
        keys, rows = keys[~common], rows[~common]
    if bits is None:
        spread = DAYS if family is Family.DAY else 1
        bits = bits_for(len(keys) * parts[family], spread=spread)
    return _write(work, family, part, keys, rows, bits)


def load(work: Work, family: Family, part: int) -> Pack:
    """Return a part that was packed."""
    name = f"{family}.{part}"
    return Pack(
        work.load(f"{name}.buckets", np.int64),
        work.load(f"{name}.ends", np.int64),
        work.load(f"{name}.entries", np.uint8).data,
    )


def _keys(family: Family, entries: Entries, words: NDArray[Any]) -> tuple[Wide, Rows]:
    if family is Family.NIK:
        return marks.niks(entries["nik"])
    if family is Family.DAY:
        return marks.days(entries["day"], words)
    return marks.pairs(words)


def _edges(days: NDArray[Any], parts: int) -> Wide:
    """Return the birth dates at which all but the first part start, so that they are alike."""
    counts = np.bincount(days[days != 0], minlength=1).cumsum()
    goals = np.arange(1, parts) * (counts[-1] / parts)
    edges: Wide = np.searchsorted(counts, goals).astype(np.uint64) + np.uint64(1)
    return edges


def _spread(
    work: Work, name: str | Family, parts: int, found: tuple[Wide, Rows], edges: Wide | None
) -> None:
    keys, rows = found
    if edges is not None:
        where = np.searchsorted(edges, keys >> np.uint64(32), side="right").astype(np.uint16)
    else:
        where = marks.upper(keys, (parts - 1).bit_length()).astype(np.uint16)
    order = np.argsort(where, kind="stable")
    keys, rows = keys[order], rows[order]
    ends = np.bincount(where, minlength=parts).cumsum().tolist()
    for part, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        work.append(f"{name}.{part}.keys", keys[start:end])
        work.append(f"{name}.{part}.rows", rows[start:end])


def _spill(work: Work, part: int, parts: int, keys: Wide, rows: Rows) -> None:
    """Hand pairs that too many share on to the parts of SPOT, in files of this part's own."""
    name = _spilled(part)
    for each in range(parts):
        work.discard(f"{name}.{each}.keys", f"{name}.{each}.rows")
    places = work.load("entry", ENTRY)["place"][rows]
    _spread(work, name, parts, (marks.spots(keys, places), rows), None)


def _sorted(work: Work, family: Family, part: int, parts: dict[Family, int]) -> tuple[Wide, Rows]:
    names = [f"{family}.{part}"]
    if family is Family.SPOT:
        names = [f"{_spilled(each)}.{part}" for each in range(parts[Family.PAIR])]
    keys = np.concatenate([work.load(f"{name}.keys", np.uint64) for name in names])
    rows = np.concatenate([work.load(f"{name}.rows", np.uint32) for name in names])
    order = np.lexsort((rows, keys)) if family is Family.SPOT else np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def _common(keys: Wide) -> NDArray[np.bool_]:
    """Tell which of sorted keys more than COMMON entries share."""
    found = np.zeros(len(keys), np.bool_)
    if len(keys) > COMMON:
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        sizes = np.diff(np.r_[starts, len(keys)])
        found = np.repeat(sizes > COMMON, sizes)
    return found


def _write(work: Work, family: Family, part: int, keys: Wide, rows: Rows, bits: int) -> Values:
    entries = work.load("entry", ENTRY)
    packed = entries.view(np.uint64).reshape(-1, _EIGHTS)[rows].view(ENTRY).reshape(-1)
    packed["tag"] = keys.astype(np.uint32)
    numbers = marks.buckets(family, keys, bits)
    last = np.flatnonzero(np.r_[numbers[1:] != numbers[:-1], True][: len(numbers)])
    name = f"{family}.{part}"
    work.save(f"{name}.buckets", numbers[last])
    work.save(f"{name}.ends", (last + 1) * ENTRY.itemsize)
    work.save(f"{name}.entries", packed)
    return {"keys": len(keys), "buckets": len(last), "bits": bits}


def _spilled(part: int) -> str:
    return f"spilled{part}"
