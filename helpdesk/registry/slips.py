"""Find numbers of sixteen digits that are one slip apart; pure numpy.

A slip is one digit that differs, or two neighbours that changed places.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry.layout import Wide, mixed

Numbers: TypeAlias = NDArray[Any]
Flags: TypeAlias = NDArray[np.bool_]

_ONES = np.uint64(0x1111_1111_1111_1111)
_OWNER = np.uint64((1 << 24) - 1)  # of a key's bits, the place of its entry
_FOUR, _FIFTEEN = np.uint64(4), np.uint64(15)


def packed(numbers: Numbers) -> Wide:
    """Return numbers of up to sixteen digits with four bits a digit."""
    table = _packed_digits()
    result = np.zeros(len(numbers), np.uint64)
    rest = numbers.astype(np.int64)
    for shift in (0, 16, 32, 48):
        rest, digits = np.divmod(rest, 10_000)
        result |= table[digits] << np.uint64(shift)
    return result


def one_apart(some: Wide, others: Wide) -> Flags:
    """Tell which of some packed numbers are one slip from the other at their place."""
    differing = some ^ others
    differing |= differing >> np.uint64(1)
    differing = (differing | differing >> np.uint64(2)) & _ONES
    count = np.bitwise_count(differing)
    result: Flags = count == 1
    two = np.flatnonzero((count == 2) & (differing & differing >> _FOUR != 0))
    a, b = some[two], others[two]
    low = (differing[two] & (~differing[two] + np.uint64(1))) * _FIFTEEN
    result[two] = ((a ^ b >> _FOUR) & low == 0) & ((b ^ a >> _FOUR) & low == 0)
    return result


def halves(numbers: Wide) -> tuple[Wide, Wide]:
    """Return the first seven digits and the last eight of packed numbers.

    The eighth digit is in neither, so that a swap of neighbours spoils only one of them: numbers
    one slip apart share the other. The two are never equal to each other.
    """
    return numbers >> np.uint64(36), (numbers & np.uint64(0xFFFF_FFFF)) | np.uint64(1 << 32)


def pairs_alike(keys: Wide, owners: Numbers, most: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the pairs of owners that share a key, in arrays; a pair comes once for each key.

    Args:
        keys: of each entry, well mixed; of 2^24 at most. The upper forty bits count.
        owners: whose entry it is.
        most: keys that more entries have tell nobody apart and are left out.
    """
    # Sorting values is some times faster than sorting by them; forty bits of a key tell enough.
    ordered = np.sort(keys & ~_OWNER | np.arange(len(keys), dtype=np.uint64))
    keys = ordered & ~_OWNER
    same = keys[1:] == keys[:-1]
    kept = np.flatnonzero(np.append(same, False) | np.append(False, same)[: len(keys)])
    keys, owners = keys[kept], owners[(ordered[kept] & _OWNER).astype(np.intp)]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    sizes = np.diff(np.append(starts, len(keys)))
    few = np.repeat(sizes <= most, sizes)
    keys, owners = keys[few], owners[few]
    firsts, apart = np.arange(len(keys)), 0
    while firsts.size:  # neighbours first, then those two apart: keys are sorted
        apart += 1
        firsts = firsts[: np.searchsorted(firsts, len(keys) - apart)]
        firsts = firsts[keys[firsts] == keys[firsts + apart]]
        yield owners[firsts], owners[firsts + apart]


def spread(*parts: Numbers) -> Wide:
    """Return 64 bits for values that stand side by side, their order included."""
    result = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        result = mixed(result + np.uint64(1) ^ part.astype(np.uint64))
    return result


@lru_cache(maxsize=1)
def _packed_digits() -> Wide:
    numbers = np.arange(10_000, dtype=np.uint64)
    ten, digits = np.uint64(10), np.zeros(10_000, np.uint64)
    for place in range(4):
        digits |= numbers // ten ** np.uint64(place) % ten << np.uint64(4 * place)
    return digits
