"""Draw people in blocks of `SIZE`; a block is the same whatever comes behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from helpdesk.registry.synthetic import names, rates
from helpdesk.registry.synthetic.names import Flags, Names
from helpdesk.registry.synthetic.vocabulary import Chances, Numbers, Texts

SIZE = 8192
_STRANGERS = 1 << 40  # number of the first block of people who are in no registry

_OLDEST, _YOUNGEST = 714_780, 732_676  # 1 January 1958 and 31 December 2006, as ordinals
_UNIX = 719_163  # the ordinal of 1 January 1970
_MOTHER_OLDER = 26  # years
_SLOTS = 25  # bits: 64 MB of counters, whatever the number of people
_GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)
_SERIALS = 999  # of a day and district, more than ever come together


@dataclass(frozen=True, slots=True)
class Block:
    """People, one place in each array; `chances` are left for what their records hold."""

    number: int  # of the first, in the registry
    place: Numbers  # row of `regencies`
    female: Flags
    born: Numbers  # ordinals
    nik: Numbers
    names: Names
    mothers: Names
    records: Numbers  # how many
    dice: np.random.Generator

    def __len__(self) -> int:
        return len(self.born)


@dataclass(frozen=True, slots=True)
class Regencies:
    """Where people are born, in the order of the file."""

    codes: Numbers  # four digits
    names: Texts
    districts: Numbers
    groups: Numbers
    totals: Chances  # running shares of people


class Serials:
    """The serials of NIKs given out so far, by a hash of what stands before them.

    Prefixes that share a counter only skip numbers: no NIK comes twice.
    """

    def __init__(self) -> None:
        self._given = np.zeros(1 << _SLOTS, dtype=np.uint16)

    def give(self, prefixes: Numbers) -> Numbers:
        """Return the NIKs of twelve-digit prefixes, in their order."""
        slots = _slots(prefixes)
        order = np.argsort(slots, kind="stable")
        ranks = np.empty_like(order)
        starts = np.flatnonzero(np.diff(slots[order], prepend=-1))
        sizes = np.diff(starts, append=len(slots))
        ranks[order] = np.arange(len(slots)) - np.repeat(starts, sizes)
        serials = (self._given[slots] + ranks) % _SERIALS + 1
        self._given[slots[order][starts]] += sizes.astype(np.uint16)
        niks: Numbers = prefixes * 10_000 + rates.FIRST_SERIAL + serials
        return niks

    def is_last(self, nik: int) -> bool:
        """Tell whether the number behind a NIK given out here is still free."""
        slot = int(_slots(np.array([nik // 10_000]))[0])
        return int(self._given[slot]) == nik % 10_000 - rates.FIRST_SERIAL


def blocks(n: int, seed: int, serials: Serials) -> Iterator[Block]:
    """Yield `n` people; the same seed gives the same ones, and a larger `n` only adds to them."""
    for start in range(0, n, SIZE):
        dice = np.random.default_rng([seed, start // SIZE])
        yield _block(dice, start, min(SIZE, n - start), serials)


def strangers(n: int, seed: int, serials: Serials) -> Iterator[Block]:
    """Yield `n` people of the same kind who are in no registry."""
    for start in range(0, n, SIZE):
        dice = np.random.default_rng([seed, _STRANGERS + start // SIZE])
        yield _block(dice, start, min(SIZE, n - start), serials)


@lru_cache(maxsize=1)
def regencies() -> Regencies:
    """Return `data/regencies.csv`."""
    path = resources.files("helpdesk.registry").joinpath("data", "regencies.csv")
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()[1:]]
    weights = np.cumsum([float(row[3]) for row in rows])
    return Regencies(
        codes=np.array([int(row[0]) for row in rows]),
        names=np.array([row[1] for row in rows], dtype=object),
        districts=np.array([max(int(row[2]), 3) for row in rows]),
        groups=np.array([names.groups().numbers[row[4]] for row in rows]),
        totals=weights / weights[-1],
    )


def _block(dice: np.random.Generator, number: int, size: int, serials: Serials) -> Block:
    chances = dice.random((SIZE, 16))
    called, mothers = dice.random((2, SIZE, names.CHANCES))
    known = regencies()
    born = _birth_days(chances)
    female = chances[:, 3] < rates.FEMALE
    place = np.searchsorted(known.totals, chances[:, 4], side="right")
    district = 1 + (chances[:, 5] * known.districts[place]).astype(np.int64)
    group = _groups(place, chances[:, 6])
    kin, twin = _kin(chances[:, 7])
    for each in (place, district, group):
        each[kin] = each[kin - 1]
    born[kin] = _sibling_days(born[kin - 1], chances[kin, 8])
    born[twin] = born[twin - 1]
    alike = twin[chances[twin, 15] < 0.4]
    female[alike] = female[alike - 1]

    year = _years(born)
    own = names.draw(group, female, year, called)
    hers = names.draw(group, np.ones(SIZE, dtype=bool), year - _MOTHER_OLDER, mothers)
    hers.words[kin] = hers.words[kin - 1]
    shared = kin[own.clan[kin - 1] | (chances[kin, 9] < 0.3)]
    own.words[shared, 3] = own.words[shared - 1, 3]

    prefix = (known.codes[place] * 100 + district) * 1_000_000 + _segments(born, female)
    prefix = prefix[:size]
    several = 2 + np.searchsorted([0.75, 0.95], chances[:, 11], side="right")
    return Block(
        number=number,
        place=place[:size],
        female=female[:size],
        born=born[:size],
        nik=serials.give(prefix),
        names=own,
        mothers=hers,
        records=np.where(chances[:, 10] < rates.SEVERAL_KPJ, several, 1)[:size],
        dice=dice,
    )


def _birth_days(chances: Chances) -> Numbers:
    """Draw birth dates; the middle of the working ages is fuller than its ends."""
    share = (chances[:, 0] + chances[:, 1]) / 2 * 0.6 + chances[:, 2] * 0.4
    days = _OLDEST + (share * (_YOUNGEST - _OLDEST)).astype(np.int64)
    years = _years(days)
    heaped = chances[:, 13] < rates.HEAPED_DATE
    last = chances[:, 14] < 0.3
    days[heaped] = np.where(last, _new_year(years + 1) - 1, _new_year(years))[heaped]
    return days


def _groups(place: Numbers, chance: Chances) -> Numbers:
    """Draw groups: most people are called as is usual where they were born."""
    numbers = names.groups().numbers
    group = regencies().groups[place]
    group[chance < rates.MOVED_GROUP] = numbers["java"]
    at_home = (regencies().groups[place] == numbers["papua"]) & (chance < rates.MOVED_GROUP)
    group[at_home] = numbers["papua"]
    group[chance < 0.03] = numbers["chinese"]
    return group


def _kin(chance: Chances) -> tuple[Numbers, Numbers]:
    """Return who is a child of the same mother as the one before, and who their twin."""
    kin = chance < rates.SIBLING + rates.TWIN
    kin[0] = False  # blocks stand for themselves
    kin[1:] &= ~kin[:-1].copy()
    return np.flatnonzero(kin), np.flatnonzero(kin & (chance < rates.TWIN))


def _sibling_days(days: Numbers, chance: Chances) -> Numbers:
    """Return dates one to eight years from others, earlier or later, within the range of all."""
    apart = 330 + (chance * 2_600).astype(np.int64)
    return np.where(days + apart > _YOUNGEST, days - apart, days + apart)


def _years(days: Numbers) -> Numbers:
    years: Numbers = (
        (days - _UNIX).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    )
    return years + 1970


def _new_year(years: Numbers) -> Numbers:
    start: Numbers = (
        (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    )
    return start + _UNIX


def _segments(days: Numbers, female: Flags) -> Numbers:
    """Return the six digits that stand for a birth date in a NIK; 40 is added to women's days."""
    dates = (days - _UNIX).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day = (dates - months).astype(np.int64) + 1 + 40 * female
    month = months.astype(np.int64) % 12 + 1
    segments: Numbers = day * 10_000 + month * 100 + _years(days) % 100
    return segments


def _slots(prefixes: Numbers) -> Numbers:
    spread = prefixes.astype(np.uint64) * _GOLDEN >> np.uint64(64 - _SLOTS)
    return spread.astype(np.int64)
