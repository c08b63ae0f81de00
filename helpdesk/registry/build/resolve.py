"""Decide which rows a generation has: the last of each KPJ, unless it withdraws it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry.build import columns
from helpdesk.registry.build.work import Values, Work
from helpdesk.registry.layout import day_of
from helpdesk.registry.models import ImportKind
from helpdesk.registry.persons import MOST_RECORDS, placeholder

KEPT = ("nik", "day", "place", "name", "letters", "words", "mother")
_HEAPED_DAYS = 10
_HEAPED = 5  # times the mean of the days in use


def resolve(work: Work, chunks: Sequence[int], old: int, kind: ImportKind) -> Values:
    """Mark the rows that stay, keep their columns, and count what changed.

    Args:
        work: holds the chunks; gets `keep` (bool for each row) and a file for each of KEPT.
        chunks: the numbers of the chunks in order, those of the old generation first.
        old: how many rows the old generation has.
        kind: of the import.
    """
    keep, counts = _survivors(work, chunks, old, kind)
    work.save("keep", keep)
    work.discard(*KEPT)
    start = 0
    for number in chunks:
        found = columns.read(work, number)
        kept = found[keep[start : start + len(found)]]
        start += len(found)
        for name in KEPT:
            work.append(name, np.ascontiguousarray(kept[name]))
    return counts | {"rows": int(keep.sum())} | _quality(work)


def _column(work: Work, chunks: Sequence[int], name: str) -> NDArray[Any]:
    found = [columns.read(work, number)[name].copy() for number in chunks]
    return np.concatenate(found) if found else np.empty(0, columns.COLUMNS[name])


def _survivors(
    work: Work, chunks: Sequence[int], old: int, kind: ImportKind
) -> tuple[NDArray[np.bool_], Values]:
    first, last = _ends(_column(work, chunks, "kpj"))
    flags, digest = _column(work, chunks, "flags"), _column(work, chunks, "digest")
    was, named = first < old, last >= old
    leaves = named & ((flags[last] & columns.WITHDRAWN) > 0)
    if kind is ImportKind.WHOLE:
        leaves |= ~named
    same = was & named & ~leaves & (digest[first] == digest[last])
    stays = np.where(same & (kind is ImportKind.DELTA), first, last)[~leaves]
    keep = np.zeros(len(flags), np.bool_)
    keep[stays] = True
    return keep, {
        "left": int((was & ~named).sum()) if kind is ImportKind.WHOLE else 0,
        "inserted": int((named & ~was & ~leaves).sum()),
        "updated": int((named & was & ~leaves & ~same).sum()),
        "unchanged": int(same.sum()),
        "withdrawn": int((was & leaves).sum()),
        "duplicates": int(len(flags) - old - named.sum()),
    }


def _ends(kpj: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return for each KPJ the first and the last row that has it."""
    order = np.argsort(kpj, kind="stable").astype(np.uint32)
    ordered = kpj[order]
    fresh = np.ones(len(kpj) + 1, np.bool_)  # where a KPJ begins, and behind the last
    fresh[1:-1] = ordered[1:] != ordered[:-1]
    return order[fresh[:-1]], order[fresh[1:]]


def _quality(work: Work) -> Values:
    """Say what the data lack, without a word of any row."""
    niks, days = work.load("nik", np.int64), work.load("day", np.uint16)
    places = work.load("place", np.uint16)
    ordered = np.sort(niks[(niks != 0) & ~placeholder(niks)])
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else ordered
    sizes = np.diff(np.r_[starts, len(ordered)])
    counts = np.bincount(days, minlength=1 << 16)[1:]
    mean = counts.sum() / max(1, np.count_nonzero(counts))
    top = np.argsort(-counts, kind="stable")[:_HEAPED_DAYS]
    heaped = [
        (day_of(int(day) + 1), int(counts[day])) for day in top if counts[day] > _HEAPED * mean
    ]
    return {
        "without": {
            "nik": int((niks == 0).sum()),
            "birth_date": int((days == 0).sum()),
            "birth_place": int((places == 0).sum()),
        },
        "shared_niks": int(sizes[sizes > MOST_RECORDS].sum()),
        "heaped": heaped,
    }
