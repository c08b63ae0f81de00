"""From the entries of a list to facts: what each column holds is read as that."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from helpdesk.identity.findings import Finding, can_be_birth, date_finding, nik_finding
from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import columns, table_align, table_free
from helpdesk.identity.lists.columns import Roles
from helpdesk.identity.lists.table_align import Slot
from helpdesk.identity.lists.table_cells import MIN_AGE, Cell, Shape
from helpdesk.identity.lists.table_layouts import Sheet
from helpdesk.identity.types import Field, Span
from helpdesk.identity.words import names, places

Entry = tuple[Finding, ...]  # what a list says of one person, in the order of writing

_HEADED, _BARE = 0.96, 0.93  # confidence of a cell under a heading, and under none
_GUESSED = 0.85  # of a place no table knows
_HARD = frozenset({Field.NIK, Field.BIRTH_DATE})
_SEX = re.compile(r" (?:l|p|lk|pr|laki-laki|perempuan)(?: |$)")
_BEFORE_PLACE = re.compile(
    r"(?:(?:lahir|lhr|kelahiran|asal|ttl|kota|di|d)[ .:]{1,3}){1,3}(?=[a-z])"
)
_ALIAS = re.compile(r" ?[(\[/]")


def read(sheet: Sheet, today: dt.date) -> list[Entry]:
    """Return the facts of each entry; nothing when they are not the data of several people."""
    grid = table_align.grid(sheet.records, sheet.header)
    judged: list[tuple[Sequence[Slot], Roles | None]]
    if grid.is_loose:
        judged = [(record, table_free.judge(record, today)) for record in sheet.records]
    else:
        roles = columns.judge(grid, today)
        judged = [(row, roles) for row in grid.rows]
    found = [_facts(row, roles, today) for row, roles in judged if roles]
    entries = [entry for one in found if (entry := _entry(one))]
    return entries if _is_list(entries) else []


def read_names(sheet: Sheet) -> list[Entry]:
    """Return the names of a list that holds nothing else."""
    roles = Roles({Kind.NAME: 0})
    found = [tuple(_named(cell, roles, dated=False)) for cell, *_ in sheet.records]
    return [tuple(replace(one, starts_person=True) for one in entry) for entry in found if entry]


def read_column(cells: Sequence[Cell], today: dt.date) -> list[Finding]:
    """Return the NIKs, or the birth dates, of a list of nothing else."""
    roles = Roles({Kind.NIK: 0, Kind.DATE: 0})
    return [one for cell in cells for one in _facts([cell], roles, today)]


def _is_list(entries: list[Entry]) -> bool:
    """Tell whether two people at least are named, each with data of their own."""
    named = {one.value for entry in entries for one in entry if one.field is Field.FULL_NAME}
    data = [tuple(one.value for one in entry if one.field in _HARD) for entry in entries]
    different = {values for values in data if values}
    return min(len(different), len(named)) >= 2 and 4 * len(different) >= 3 * len(data) - 4


def _entry(facts: Iterable[Finding]) -> Entry:
    """Put the facts of one person in the order of writing; the first begins the person."""
    found = sorted(facts, key=lambda one: (one.span.message, one.span.start))
    if not any(one.field in _HARD or one.field is Field.FULL_NAME for one in found):
        return ()
    return tuple(
        replace(one, starts_person=True) if at == 0 or one.field is Field.FULL_NAME else one
        for at, one in enumerate(found)
    )


def _facts(row: Sequence[Slot], roles: Roles, today: dt.date) -> Iterator[Finding]:
    cells = {
        kind: cell
        for kind, at in roles.columns.items()
        if (cell := row[at]) and cell.shape is not Shape.EMPTY
    }
    if name := cells.get(Kind.NAME):
        yield from _named(name, roles, dated=name is cells.get(Kind.DATE))
    if (place := cells.get(Kind.PLACE)) and place is not name:
        yield from _place(place, _sure(roles, Kind.PLACE))
    if date := cells.get(Kind.DATE):
        yield from _date(date, _sure(roles, Kind.DATE), today)
    if (number := cells.get(Kind.NIK)) and number.number:
        found = nik_finding(number.reading, number.number, today, labelled=True)
        yield from [replace(found, rule="nik_column")] if found else []


def _sure(roles: Roles, kind: Kind) -> float:
    return _HEADED if kind in roles.headed else _BARE


def _named(cell: Cell, roles: Roles, *, dated: bool) -> Iterator[Finding]:
    """Read a name, and the place behind it where the list has both in one column."""
    if cell.shape not in {Shape.TEXT, Shape.BIRTH}:
        return
    low = cell.low
    name_end, place_start = _bounds(low, merged=roles.merged or dated)
    written = cell.reading.text[cell.start : cell.start + name_end]
    value = names.display(written)
    if not any(map(str.isalpha, value)) or any(map(str.isdigit, value)):
        return
    span = Span(cell.reading.message, cell.start, cell.start + len(written.rstrip()))
    yield Finding(Field.FULL_NAME, value, _sure(roles, Kind.NAME), span, "name_column")
    if place_start < len(low):
        end = cell.start + len(low)
        place = replace(cell, start=cell.start + place_start, end=end, text_end=0)
        yield from _place(place, _BARE)


def _bounds(low: str, *, merged: bool) -> tuple[int, int]:
    """Return where the name in a cell ends and where its place begins."""
    whole = len(low)
    if alias := _ALIAS.search(low):
        low = low[: alias.start()]
    if not merged:
        return len(low), whole
    if sex := _SEX.search(low):
        return sex.start(), min(sex.end(), whole)
    at = columns.place_at_end(low) or low.rfind(" ") + 1
    return (at, at) if at else (len(low), whole)


def _place(cell: Cell, confidence: float) -> Iterator[Finding]:
    if cell.shape not in {Shape.TEXT, Shape.BIRTH}:
        return
    low = cell.low
    lead = _BEFORE_PLACE.match(low)
    start = lead.end() if lead else 0
    comma = low.find(",", start)
    end = comma if comma > start else len(low)
    value = places.display(cell.reading.text[cell.start + start : cell.start + end])
    if not value or any(map(str.isdigit, value)):
        return
    sure = confidence if places.known(low[start:end]) else min(confidence, _GUESSED)
    span = Span(cell.reading.message, cell.start + start, cell.start + end)
    yield Finding(Field.BIRTH_PLACE, value, sure, span, "place_column")


def _date(cell: Cell, confidence: float, today: dt.date) -> Iterator[Finding]:
    hit = columns.date_of(cell, today)
    if hit and can_be_birth(hit.day, today, min_age=MIN_AGE):
        found = date_finding(cell.reading, hit, confidence, "date_column")
        yield from [found] if found else []
