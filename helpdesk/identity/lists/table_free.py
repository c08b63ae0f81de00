"""Entries that people wrote each in their own way: every one is judged for itself."""

import datetime as dt
from collections.abc import Iterator, Sequence

from helpdesk.identity.findings import can_be_birth
from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import columns
from helpdesk.identity.lists.columns import Roles
from helpdesk.identity.lists.table_cells import MIN_AGE, Cell, Shape
from helpdesk.identity.words import places

_NO_NAME = frozenset({Kind.OTHER, Kind.NIK, Kind.DATE})
_PLACED = frozenset({Kind.PLACE, Kind.PLACE_DATE})


def judge(entry: Sequence[Cell], today: dt.date) -> Roles | None:
    """Decide what each cell of one entry holds; None when nobody is named in it."""
    texts = [
        at for at, cell in enumerate(entry)
        if cell.shape is Shape.TEXT and cell.label not in _NO_NAME
    ]  # fmt: skip
    name = next(_names(entry, texts), None)
    if name is None:
        return None
    number = next((at for at, cell in enumerate(entry) if _is_nik(cell)), None)
    born = next((at for at, cell in enumerate(entry) if _is_birth(cell, today)), None)
    place = next(_places(entry, [at for at in texts if at != name], born), None)
    found = {Kind.NAME: name, Kind.NIK: number, Kind.DATE: born, Kind.PLACE: place}
    merged = place is None and name + 1 == born and columns.place_at_end(entry[name].low) > 0
    return Roles({kind: at for kind, at in found.items() if at is not None}, merged)


def _names(entry: Sequence[Cell], texts: Sequence[int]) -> Iterator[int]:
    """Yield where the name may stand, likeliest first."""
    yield from (at for at in texts if entry[at].label is Kind.NAME)
    may = [at for at in texts if entry[at].is_nameable]
    yield from (at for at in may if not places.major(entry[at].low))
    yield from may
    yield from (at for at in texts if entry[at].label is None)


def _places(entry: Sequence[Cell], texts: Sequence[int], born: int | None) -> Iterator[int]:
    """Yield where the birth place may stand, likeliest first."""
    yield from (at for at in texts if entry[at].label in _PLACED)
    yield from (at for at in texts if at + 1 == born and not entry[at].is_prose)
    yield from (at for at in texts if places.known(entry[at].low))


def _is_nik(cell: Cell) -> bool:
    return cell.shape is Shape.LONG and cell.is_hard


def _is_birth(cell: Cell, today: dt.date) -> bool:
    day = cell.date.day if cell.date and cell.is_hard else None
    return can_be_birth(day, today, min_age=MIN_AGE)
