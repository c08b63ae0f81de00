"""What a registry holds of made-up people: a row for each KPJ, some of them with an error."""

import datetime as dt
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from helpdesk.registry.synthetic import rates
from helpdesk.registry.synthetic.blocks import Block, regencies
from helpdesk.registry.synthetic.names import Flags
from helpdesk.registry.synthetic.vocabulary import Chances, Numbers, Texts, data

Columns: TypeAlias = tuple[list[str], ...]  # as `reader.COLUMNS`, as long as there are rows

_KPJ_STEP = 618_033_989  # without a factor in common with 10**9: every number comes once
_KPJ_START = 33_989_017
_MOST_RECORDS = 4  # of a person; so many numbers are kept for each
_DAY_ZERO = 710_000
_OLD_SPELLINGS = (("U", "OE"), ("J", "DJ"), ("C", "TJ"), ("Y", "J"), ("I", "IE"))
_SHORT = {
    "MUHAMMAD": ("MUH.", "M.", "MOH.", "MUHAMAD", "MOHAMMAD"),
    "MOHAMMAD": ("MOH.", "M.", "MUHAMMAD"),
    "MOCHAMAD": ("MOCH.", "M."),
    "ABDUL": ("ABD.", "ABD"),
    "ACHMAD": ("A.", "AHMAD"),
    "AHMAD": ("A.", "ACHMAD", "AKHMAD"),
    "SITI": ("ST.", "SITTI"),
    "TEUKU": ("T.",),
    "YOHANES": ("YOH.",),
}
_TITLES = ("H. {}", "HJ. {}", "DRS. {}", "IR. {}", "{}, S.PD", "{}, SE", "{} ST", "{}, A.MD")
_SEGMENTS, _SEGMENT_SHARES = ("PU", "BPU", "JAKON", "PMI"), (0.75, 0.90, 0.97)
_STATES, _STATE_SHARES = ("aktif", "nonaktif", "digabung", "klaim"), (0.62, 0.96, 0.98)
_LEFT_SHARES = (0.08, 0.90, 0.96)  # of records that others of the same person follow
_COMPANY_LEAD = 40  # companies by which the largest lead less


def rows(block: Block) -> Columns:
    """Return the rows of a block's people, in their order, the oldest KPJ of each first."""
    owner = np.repeat(np.arange(len(block)), block.records)
    nth = np.arange(len(owner)) - np.repeat(
        np.cumsum(block.records) - block.records, block.records
    )
    chances = block.dice.random((len(owner), 8))
    everybody = np.arange(len(block))
    niks = _padded(block.nik, 16)[owner]
    names = block.names.texts(everybody)[owner]
    dates = _iso_dates()[block.born - _DAY_ZERO][owner]
    _spoil(chances, niks, names, dates)
    segment = np.searchsorted(_SEGMENT_SHARES, chances[:, 3], side="right")
    left = nth < block.records[owner] - 1
    return (
        kpjs(block.number + owner, nth),
        niks.tolist(),
        names.tolist(),
        _capital_places()[block.place][owner].tolist(),
        dates.tolist(),
        block.mothers.texts(everybody)[owner].tolist(),
        _employers(chances[:, 5], segment).tolist(),
        np.array(_SEGMENTS, dtype=object)[segment].tolist(),
        _states(chances[:, 4], left).tolist(),
    )


def kpjs(person: Numbers, nth: Numbers) -> list[str]:
    """Return the KPJ of people, by their numbers in the registry and which of theirs it is."""
    numbers = (_KPJ_START + (person * _MOST_RECORDS + nth) * _KPJ_STEP) % 10**9
    return [f"{rates.KPJ_PREFIX}{number:09}" for number in numbers.tolist()]


def _spoil(chances: Chances, niks: Texts, names: Texts, dates: Texts) -> None:
    """Put the errors of `rates` into rows, in place; `chances` has eight for each row."""
    kinds = (rates.NIK_DIGIT_WRONG, rates.NIK_ABSENT, rates.DATE_SWAPPED, rates.OLD_SPELLING)
    error = np.searchsorted(np.cumsum(kinds), chances[:, 0], side="right")
    for at in np.flatnonzero(error == 0).tolist():
        niks[at] = _with_wrong_digit(niks[at], chances[at, 6], chances[at, 7])
    niks[error == 1] = ""
    for at in np.flatnonzero(error == 2).tolist():
        dates[at] = _swapped(dates[at])
    for at in np.flatnonzero(error == 3).tolist():
        names[at] = _in_old_spelling(names[at], chances[at, 6])
    for at in np.flatnonzero((error == 4) & (chances[:, 1] < rates.ABBREVIATED)).tolist():
        names[at] = _shortened(names[at], chances[at, 6])
    for at in np.flatnonzero(chances[:, 2] < rates.TITLED).tolist():
        names[at] = _TITLES[int(chances[at, 7] * len(_TITLES))].format(names[at])


def _with_wrong_digit(nik: str, where: float, which: float) -> str:
    at = int(where * 16)
    others = "0123456789".replace(nik[at], "")
    return nik[:at] + others[int(which * 9)] + nik[at + 1 :]


def _swapped(date: str) -> str:
    return f"{date[:4]}-{date[8:]}-{date[5:7]}" if date[8:] <= "12" else date


def _in_old_spelling(name: str, chance: float) -> str:
    fitting = [(new, old) for new, old in _OLD_SPELLINGS if new in name]
    if not fitting:
        return name
    new, old = fitting[int(chance * len(fitting))]
    return name.replace(new, old, 1)


def _shortened(name: str, chance: float) -> str:
    first, _, rest = name.partition(" ")
    short = _SHORT.get(first, ())
    return f"{short[int(chance * len(short))]} {rest}" if short and rest else name


def _employers(chance: Chances, segment: Numbers) -> Texts:
    """Draw employers, some much larger than others; BPU and PMI have none here."""
    known = _companies()
    rank = _COMPANY_LEAD * ((len(known) / _COMPANY_LEAD + 1) ** chance - 1)
    drawn = known[rank.astype(np.int64)]
    drawn[(segment == _SEGMENTS.index("BPU")) | (segment == _SEGMENTS.index("PMI"))] = ""
    return drawn


def _states(chance: Chances, left: Flags) -> Texts:
    now = np.searchsorted(_STATE_SHARES, chance, side="right")
    then = np.searchsorted(_LEFT_SHARES, chance, side="right")
    states: Texts = np.array(_STATES, dtype=object)[np.where(left, then, now)]
    return states


def _padded(numbers: Numbers, width: int) -> Texts:
    return np.array([f"{number:0{width}}" for number in numbers.tolist()], dtype=object)


@lru_cache(maxsize=1)
def _iso_dates() -> Texts:
    days = range(_DAY_ZERO, _DAY_ZERO + 30_000)
    return np.array([dt.date.fromordinal(day).isoformat() for day in days], dtype=object)


@lru_cache(maxsize=1)
def _capital_places() -> Texts:
    return np.array([name.upper() for name in regencies().names], dtype=object)


@lru_cache(maxsize=1)
def _companies() -> Texts:
    words = data()["employers"]
    kinds = ("PT", "PT", "PT", "PT", "CV")
    named = [
        f"{kinds[(i + j + k) % 5]} {first} {second} {third} CONTOH".upper()
        for k, third in enumerate(words["third"])
        for j, second in enumerate(words["second"])
        for i, first in enumerate(words["first"])
    ]
    return np.array(named, dtype=object)
