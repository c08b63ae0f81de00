"""Tell which records are of one participant: several KPJ, a slip in one of them.

Twins share the date and nearly the NIK, neighbours nearly the NIK, namesakes the name, heaped
dates both, so it takes two facts or more:

1. The same NIK, and the name agrees; or the birth date or a word of the name does, and the
   mother's name is not another: a slip can make it a neighbour's NIK.
2. NIKs one slip apart, a name that agrees, and the birth date, perhaps with day and month swapped.
   Neighbours and namesakes of ten million come as near by chance, so that it also takes the
   mother's name, or, where that is not known, the place; a slip among the NIK's own digits of the
   date needs neither. Where one name only lacks words of the other the date has to be equal, and
   the place is too little if chance would bring together as much; twins have NIKs side by side
   and perhaps such names, so that theirs have to be equal word by word.
   No more than two NIKs come together: what is two slips apart is never joined, whoever stands
   between.
3. Without a NIK: name, date and place are equal, not the mother's name another, chance would
   hardly bring together as much, and all whom it fits who have a NIK are one person.

Pure numpy in blocks: some dozens of bytes a record, linear apart from sorting. Names, words and
places are compared by their marks, of which some agree by chance: two names in 10^18.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry import keys, slips
from helpdesk.registry.layout import word_mark
from helpdesk.registry.slips import Flags, Numbers, spread

MOST_RECORDS = 24  # of one person; a NIK on more stands for "not known"
MOST_ALIKE = 256  # sharing half a NIK, the date and a word: beyond, that tells nobody apart
CHANCE = 1e-3  # how many others may be expected with this name, date and place by chance

_BLOCK = 1 << 18  # records looked at together
_FEW = 100_000  # records: shares counted in fewer are too coarse to reckon with
_MARKS = 1 << 16  # of dates, and of places
_DAY_ZERO = np.datetime64("1899-12-31", "D")  # what `layout.day_code` counts from
_MOST_ON_DATE = 1 << 21  # records; a date on more stands for "not known"
# Of a packed NIK, without the tens of the day: with 4 more there it is a woman's.
_DATE_DIGITS = np.uint64(0xF_FFFF_0000)
_TWINS = 2  # between the NIKs of those born together, triplets too
_UPPER, _LOWER = 0xFFFF_0000, 0xFFFF
_NOBODY = np.uint32(0xFFFF_FFFF)


class Columns(NamedTuple):
    """What tells people apart, of n records in the order of their ids; may be memory-mapped.

    Attributes:
        nik: int64[n], sixteen digits as a number (`keys.nik_number`); 0 without one.
        day: uint16[n], `layout.day_code`; 0 without one.
        place: uint16[n], `layout.place_mark`; 0 without one.
        name: uint64[n], `layout.name_mark` of the codes of all words; 0 for a name without words.
        words: uint32[n, 4], `layout.word_mark` of the codes of the first four words, then 0.
        mother: uint32[n], `mother_mark`; 0 where it is not known, None where no record has it.
    """

    nik: Numbers
    day: Numbers
    place: Numbers
    name: Numbers
    words: Numbers
    mother: Numbers | None = None


class _Links(NamedTuple):
    """Records that may be of one person, pair by pair.

    `weak` by part of the name only, of which `some` has no more words than `others`; `unsure` if
    chance could be the cause.
    """

    some: Numbers
    others: Numbers
    weak: Flags
    unsure: Flags


class _Fits(NamedTuple):
    """Records without a NIK, whose they may be, and how many agree so far; by record."""

    bare: Numbers
    person: Numbers
    sizes: Numbers


def group(rows: Columns) -> Numbers:
    """Return for each record the index (from 0) of the first record of its person, as uint32."""
    niks = np.where(placeholder(np.asarray(rows.nik)), 0, rows.nik)
    parent = np.arange(len(niks), dtype=np.uint32)
    _join_same_nik(parent, niks, rows)
    by_date = _by_date(rows)
    _join_near_niks(parent, _near_niks(parent, niks, rows, by_date))
    _join_without_nik(parent, niks, rows, by_date)
    for start in range(0, len(parent), _BLOCK):
        parent[start : start + _BLOCK] = _roots(parent, parent[start : start + _BLOCK])
    return parent


def mother_mark(name: str) -> int:
    """Return 32 bits for a mother's name, the lower half for its first word; 0 for none."""
    bare = name.split()
    if not bare:
        return 0
    first = _first_mark(bare[0]) or _mark_of(name)
    return (crc32("".join(bare).lower().encode()) & _UPPER | first & _LOWER) if first else 0


def placeholder(niks: Numbers) -> Flags:
    """Tell which NIKs stand for "not known": date and serial are one digit over, or they count.

    So does 0, which is none.
    """
    tail = niks % 10**10
    result: Flags = (tail % 1_111_111_111 == 0) | (niks == 1234567890123456)
    return result


def _join_same_nik(parent: Numbers, niks: Numbers, rows: Columns) -> None:
    """Join who shares a NIK and more; what too many share is struck from `niks`."""
    order = np.argsort(niks).astype(np.uint32)
    ordered = niks[order]
    same = ordered[1:] == ordered[:-1]
    kept = (np.append(same, False) | np.append(False, same))[: len(niks)] & (ordered > 0)
    order, ordered = order[kept], ordered[kept]
    starts = _starts(ordered)
    sizes = np.diff(np.append(starts, len(order)))
    many = np.repeat(sizes > MOST_RECORDS, sizes)
    niks[order[many]] = 0
    order, ordered = order[~many], ordered[~many]
    for start, end in _blocks(_starts(ordered), len(order)):
        for a, b in slips.pairs_alike(spread(ordered[start:end]), order[start:end], MOST_RECORDS):
            whole = (rows.name[a] == rows.name[b]) & (rows.name[a] != 0)
            dated = (rows.day[a] == rows.day[b]) & (rows.day[a] != 0)
            likely = (dated | _share_a_word(rows.words[a], rows.words[b])) & ~_strange(rows, a, b)
            agree = whole | likely
            _join(parent, a[agree], b[agree])


def _share_a_word(some: Numbers, others: Numbers) -> Flags:
    shared = np.zeros(len(some), np.bool_)
    for i in range(4):
        shared |= (some[:, i] != 0) & (some[:, i, None] == others).any(axis=1)
    return shared


def _near_niks(parent: Numbers, niks: Numbers, rows: Columns, by_date: Numbers) -> _Links:
    """Return who is one slip apart in the NIK and agrees otherwise, by the first records."""
    none, no = np.zeros(0, np.uint32), np.zeros(0, np.bool_)
    links = [_Links(none, none, no, no)]
    for start, end in _date_blocks(rows, by_date):
        found = by_date[start:end]
        links += _near_in(found[niks[found] > 0], niks, rows)
    some, others, weak, unsure = (np.concatenate(parts) for parts in zip(*links, strict=True))
    asked = some[unsure]
    unsure[unsure] = _by_chance(rows, asked, np.full(len(asked), 2), words=True) > CHANCE
    some, others = _roots(parent, some), _roots(parent, others)
    kept = (some != others) & ~unsure
    some, others = some[kept], others[kept]
    return _Links(np.minimum(some, others), np.maximum(some, others), weak[kept], unsure[kept])


def _near_in(found: Numbers, niks: Numbers, rows: Columns) -> Iterator[_Links]:
    nik, dates = slips.packed(niks[found]), _either_way()[rows.day[found]]
    region, serial = slips.halves(nik)
    everybody = np.arange(len(found), dtype=np.uint32)
    words = rows.words[found]
    facts = [rows.name[found], *(words[:, i] for i in range(4))]
    known = [np.flatnonzero(fact) for fact in facts]
    marks = [spread(serial[k], dates[k], fact[k]) for k, fact in zip(known, facts, strict=True)]
    # Few share a region and a date; a serial and a date many do, so that a word has to be shared.
    for shared, owners in (
        (spread(region, dates), everybody),
        (np.concatenate(marks), np.concatenate(known)),
    ):
        for some, others in slips.pairs_alike(shared, owners, MOST_ALIKE):
            near = slips.one_apart(nik[some], nik[others])
            a, b = some[near], others[near]
            in_date = (nik[a] ^ nik[b]) & _DATE_DIGITS != 0
            a, b = found[a], found[b]
            beside = np.abs(niks[a] - niks[b]) <= _TWINS
            yield _judged(rows, a, b, in_date=in_date, beside=beside)


def _judged(rows: Columns, a: Numbers, b: Numbers, *, in_date: Flags, beside: Flags) -> _Links:
    """Keep the pairs that agree enough beside the NIK.

    Where its slip is tells `in_date`, and `beside` where it is as near as that of a twin, whose
    name may have the same words in another order, or one more.
    """
    here, there = rows.words[a], rows.words[b]
    whole = (rows.name[a] == rows.name[b]) & (rows.name[a] != 0)
    whole &= ~beside | (here == there).all(axis=1)
    shorter = _lacks(here, there)
    part = (rows.day[a] == rows.day[b]) & (shorter | _lacks(there, here)) & ~beside
    apart = (rows.place[a] != rows.place[b]) & (rows.place[a] != 0) & (rows.place[b] != 0)
    sure = _kin(rows, a, b) | in_date
    likely = ~_strange(rows, a, b) & ~apart
    weak = ~whole & part & (sure | likely)
    kept = (whole & (sure | likely)) | weak
    some, others = np.where(shorter, a, b), np.where(shorter, b, a)
    return _Links(some[kept], others[kept], weak[kept], (weak & ~sure)[kept])


def _kin(rows: Columns, a: Numbers, b: Numbers) -> Flags:
    """Tell where the mothers have the same name."""
    if rows.mother is None:
        return np.zeros(len(a), np.bool_)
    same: Flags = (rows.mother[a] == rows.mother[b]) & (rows.mother[a] != 0)
    return same


def _strange(rows: Columns, a: Numbers, b: Numbers) -> Flags:
    """Tell where the mothers are known and not even called alike by their first word."""
    if rows.mother is None:
        return np.zeros(len(a), np.bool_)
    one, other = rows.mother[a], rows.mother[b]
    differ: Flags = ((one ^ other) & np.uint32(_LOWER) != 0) & (one != 0) & (other != 0)
    return differ


@lru_cache(maxsize=50_000)
def _first_mark(word: str) -> int:
    """Return the mark of a name's first word, 0 if it is a title or an initial."""
    known = keys.words(f"{word} zz")
    return word_mark(known[0].code) if len(known) == 2 and len(known[0].code) > 1 else 0


def _mark_of(name: str) -> int:
    known = keys.words(name)
    return word_mark(known[0].code) if known else 0


def _lacks(some: Numbers, others: Numbers) -> Flags:
    """Tell which names have only words that the other has; those of more than three are unsure."""
    within: Flags = (some[:, 0] != 0) & (some[:, 3] == 0)
    for i in range(3):
        within &= (some[:, i] == 0) | (some[:, i, None] == others).any(axis=1)
    return within


def _join_near_niks(parent: Numbers, links: _Links) -> None:
    """Join two and two, whole names before parts of names and then the first records first."""
    order = np.lexsort((links.others, links.some, links.weak))
    some, others = links.some[order], links.others[order]
    while some.size:
        ends = np.stack([some, others], axis=1).ravel()  # of the best link first
        nodes, best, inverse = np.unique(ends, return_index=True, return_inverse=True)
        best = best[inverse] // 2
        rank = np.arange(len(some))
        taken = (best[0::2] == rank) & (best[1::2] == rank)
        _join(parent, some[taken], others[taken])
        is_free = np.ones(len(nodes), np.bool_)
        is_free[inverse[np.repeat(taken, 2)]] = False
        left = is_free[inverse[0::2]] & is_free[inverse[1::2]]
        some, others = some[left], others[left]


def _join_without_nik(parent: Numbers, niks: Numbers, rows: Columns, by_date: Numbers) -> None:
    """Join records without a NIK to the one person they fit, or to each other."""
    nobody = np.zeros(0, np.uint32)
    fits = [_Fits(nobody, nobody, np.zeros(0, np.int64))]
    for start, end in _date_blocks(rows, by_date):
        fits.append(_fits_in(by_date[start:end], parent, niks, rows))
    bare, person, sizes = (np.concatenate(parts) for parts in zip(*fits, strict=True))
    telling = ~_strange(rows, bare, person)
    telling &= _by_chance(rows, bare, sizes, words=False) <= CHANCE
    _join(parent, bare[telling], person[telling])


def _fits_in(found: Numbers, parent: Numbers, niks: Numbers, rows: Columns) -> _Fits:
    name, day, place = rows.name[found], rows.day[found], rows.place[found]
    mark = spread(name, day, place)
    bare = (niks[found] == 0) & (name != 0) & (place != 0) & ~_heaped()[day]
    wanted, owners = np.unique(mark[bare]), found
    if not wanted.size:
        return _Fits(owners[:0], owners[:0], np.zeros(0, np.int64))
    run = np.minimum(np.searchsorted(wanted, mark), len(wanted) - 1)
    alike = wanted[run] == mark
    run, owners, bare = run[alike], owners[alike], bare[alike]
    first, last = np.full(len(wanted), _NOBODY), np.zeros(len(wanted), np.uint32)
    persons = _roots(parent, owners[~bare])
    np.minimum.at(first, run[~bare], persons)
    np.maximum.at(last, run[~bare], persons)
    is_clear = (first == last) | (first == _NOBODY)
    alone = np.full(len(wanted), _NOBODY)
    np.minimum.at(alone, run[bare], owners[bare])
    person = np.where(first == _NOBODY, alone, first)[run]
    kept = bare & is_clear[run] & (person != owners)
    return _Fits(owners[kept], person[kept], np.bincount(run)[run][kept])


def _by_chance(
    rows: Columns, found: Numbers, sizes: Numbers, *, words: bool
) -> NDArray[np.float64]:
    """Return how many further records would agree with each in name, date and place by chance.

    `sizes` is how many do agree, for each; they are not what chance is reckoned from. With
    `words` having the rarest of the first three words is agreeing in name.
    """
    n, count = len(rows.name), len(found)
    marks = rows.words[found, :3] if words else rows.name[found][:, None]
    wanted, inverse = np.unique(marks, return_inverse=True)
    alike = np.zeros(len(wanted), np.int64)
    days, places = np.zeros(_MARKS, np.int64), np.zeros(_MARKS, np.int64)
    for start in range(0, n if count else 0, _BLOCK):
        some = slice(start, start + _BLOCK)
        stated = rows.words[some].ravel() if words else rows.name[some]
        at = np.minimum(np.searchsorted(wanted, stated), len(wanted) - 1)
        alike += np.bincount(at[wanted[at] == stated], minlength=len(wanted))
        days += np.bincount(rows.day[some], minlength=_MARKS)
        places += np.bincount(rows.place[some], minlength=_MARKS)
    named = np.where(marks > 0, alike[inverse].reshape(marks.shape), n).min(axis=1, initial=n)
    expected = np.ones(count)
    for counts in (named, days[rows.day[found]], places[rows.place[found]]):
        expected *= np.maximum(counts - sizes, 0)
    return expected / max(n, _FEW) ** 2


def _by_date(rows: Columns) -> Numbers:
    """Return the records that have a birth date, those of one date and its swap together."""
    dates = _either_way()[rows.day]
    order = np.argsort(dates, kind="stable").astype(np.uint32)  # a radix sort: 16 bits
    return order[np.count_nonzero(dates == 0) :]


def _date_blocks(rows: Columns, by_date: Numbers) -> Iterator[tuple[int, int]]:
    """Yield the blocks of `by_date`, none for dates so common that they stand for "not known"."""
    for start, end in _blocks(_starts(_either_way()[rows.day[by_date]]), len(by_date)):
        if end - start <= _MOST_ON_DATE:
            yield start, end


def _blocks(starts: Numbers, n: int) -> Iterator[tuple[int, int]]:
    """Cut n values, whose groups begin at `starts`, into blocks of _BLOCK or else of one group."""
    ends = np.append(starts[1:], n)
    start = 0
    while start < n:
        fitting = int(np.searchsorted(ends, start + _BLOCK, side="right")) - 1
        end = int(ends[fitting]) if fitting >= 0 else start
        if end == start:
            end = int(ends[fitting + 1])
        yield start, end
        start = end


def _starts(values: Numbers) -> Numbers:
    """Return where the runs of equal values begin."""
    if not values.size:
        return np.zeros(0, np.intp)
    return np.flatnonzero(np.append(True, values[1:] != values[:-1]))


def _join(parent: Numbers, some: Numbers, others: Numbers) -> None:
    """Make one of each pair's trees; the root of a tree is its first record."""
    while some.size:
        some, others = _roots(parent, some), _roots(parent, others)
        apart = some != others
        some, others = some[apart], others[apart]
        np.minimum.at(parent, np.maximum(some, others), np.minimum(some, others))


def _roots(parent: Numbers, nodes: Numbers) -> Numbers:
    roots = parent[nodes]
    while not np.array_equal(above := parent[roots], roots):
        roots = above
    return roots


@lru_cache(maxsize=1)
def _either_way() -> Numbers:
    """Return for each `day_code` the smaller of it and of the date with day and month swapped."""
    codes = np.arange(_MARKS)
    dates = _DAY_ZERO + codes
    months, years = dates.astype("M8[M]"), dates.astype("M8[Y]")
    day, month = (dates - months).astype(int), (months - years).astype(int)
    swapped = (years.astype("M8[M]") + day).astype("M8[D]") + month
    other = (swapped - dates[0]).astype(int)
    return np.where((day < 12) & (other > 0), np.minimum(codes, other), codes).astype(np.uint16)


@lru_cache(maxsize=1)
def _heaped() -> Flags:
    """Return for each `day_code` whether it is 1 January or 31 December: often "not known"."""
    dates = _DAY_ZERO + np.arange(_MARKS)
    result: Flags = dates == dates.astype("M8[Y]")
    result[:-1] |= result[1:]
    return result
