"""Count by how many persons a name, a word, a birth date and a place are shared."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry.build.work import Values, Work
from helpdesk.registry.layout import ALL_PERSONS, ENTRY, WORDS, TermKind

_BLOCK = 1_000_000
_NAME_PARTS, _NAME_BITS = 8, 57  # there are nearly as many names as persons: an eighth at a time


def count(work: Work, persons: int) -> Values:
    """Write `term` and `term_persons`, ascending; names that one person has are left out."""
    entries = work.load("entry", ENTRY)
    several = (np.bincount(entries["person"], minlength=1) > 1)[entries["person"]]
    found = [(np.array([ALL_PERSONS], np.int64), np.array([persons], np.int64))]
    for kind in (TermKind.NAME, TermKind.WORD, TermKind.DAY, TermKind.PLACE):
        for part in range(_NAME_PARTS if kind is TermKind.NAME else 1):
            values, counts = _counted(_values(work, entries, several, kind, part))
            if kind is TermKind.NAME:
                values, counts = values[counts > 1], counts[counts > 1]
            found.append(((values | np.uint64(kind << 60)).astype(np.int64), counts))
    terms = np.concatenate([part[0] for part in found])
    work.save("term", terms)
    work.save("term_persons", np.concatenate([part[1] for part in found]))
    return {"terms": len(terms)}


def _values(
    work: Work,
    entries: NDArray[Any],
    several: NDArray[np.bool_],
    kind: TermKind,
    part: int,
) -> Iterator[NDArray[np.uint64]]:
    """Yield the marks that persons have, each once for a person; of names one part by value."""
    columns = _columns(work, entries, kind)
    upper = np.uint64(_NAME_BITS if kind is TermKind.NAME else 63)
    for start in range(0, len(entries), _BLOCK):
        some = slice(start, start + _BLOCK)
        alone = ~several[some]
        for column in columns:
            values = column[some][alone].astype(np.uint64)
            yield values[(values != 0) & (values >> upper == part)]
    whose = entries["person"][several].astype(np.uint64)
    for values, owners in _pairs([(column[several], whose) for column in columns]):
        fresh = np.ones(len(values), np.bool_)
        fresh[1:] = (values[1:] != values[:-1]) | (owners[1:] != owners[:-1])
        yield values[fresh & (values != 0) & (values >> upper == part)]


def _pairs(
    columns: list[tuple[NDArray[Any], NDArray[np.uint64]]],
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint64]]]:
    """Yield values and owners of several columns as one, sorted by both."""
    values = np.concatenate([column[0] for column in columns]).astype(np.uint64)
    owners = np.concatenate([column[1] for column in columns])
    order = np.lexsort((owners, values))
    yield values[order], owners[order]


def _columns(work: Work, entries: NDArray[Any], kind: TermKind) -> list[NDArray[Any]]:
    if kind is TermKind.NAME:
        return [work.load("entry_name", np.uint64)]
    if kind is TermKind.WORD:
        words = work.load("entry_words", np.uint32, WORDS)
        return [words[:, at] for at in range(WORDS)]
    return [entries["day" if kind is TermKind.DAY else "place"]]


def _counted(
    blocks: Iterator[NDArray[np.uint64]],
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Count values over blocks; what was counted is folded together as it grows."""
    values, counts = np.empty(0, np.uint64), np.empty(0, np.int64)
    for block in blocks:
        fresh, numbers = np.unique(block, return_counts=True)
        both = np.concatenate([values, fresh])
        values, where = np.unique(both, return_inverse=True)
        folded = np.concatenate([counts, numbers])
        counts = np.bincount(where, weights=folded, minlength=len(values)).astype(np.int64)
    return values, counts
