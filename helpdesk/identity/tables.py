"""Lists of people: tables, pasted sheets, stacks of cells, parallel lists.

A message is cut into lines of cells (`table_cells`), the lines into entries of one person each
(`table_layouts`, `table_lists`), the entries are laid under one another (`table_align`), whole
columns decide what stands in them (`columns`), and each entry becomes facts (`table_facts`).
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from helpdesk.identity import table_cells, table_facts, table_layouts, table_lists
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading
from helpdesk.identity.table_facts import Entry
from helpdesk.identity.table_layouts import Sheet
from helpdesk.identity.types import Span

EMPLOYEE = "employee"
# What a list of people has at least two of: digits that are no telephone's, or dates.
_HINT = re.compile(
    r"(?<!\d)(?:(?P<number>(?!0|62[ -]?8)\d[\d .\-oil]{11,24}\d)"
    r"|(?P<date>\d{1,4}[ \-/.]{1,3}(?:\d{1,2}|[a-z]{3,9})[ \-/.']{1,3}\d{2,4}))"
)
_STAFF = re.compile(
    r"(?<![a-z])(?:karyawan|karyawati|pegawai|pekerja|tenaga kerja|staf|staff|buruh|tukang|kuli"
    r"|anak ?buah|kru|crew|abk|personil|personel|satpam|security|borongan|outsourcing|hrd|hr|hrga"
    r"|hrbp|personalia|sdm|payroll|mandor|employees?|workers?|teknisi|operator|sopir|driver"
    r"|kontraktor|subkon)(?:2|nya)?(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Listed(Finding):
    """A fact of one entry of a list; those of one entry belong together wherever they stand.

    Attributes:
        entry: message and character at which the entry's first fact stands.
    """

    entry: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Tables:
    """What the lists of one message say, and the message without them."""

    findings: tuple[Finding, ...]
    rest: Reading


def find(reading: Reading, today: dt.date) -> Tables:
    """Read the lists of people of one message; linear, never raises."""
    return find_all([reading], today)[0]


def find_all(readings: Sequence[Reading], today: dt.date) -> list[Tables]:
    """Read the lists of people of a conversation, one result a message; linear, never raises.

    Names in one message and their NIKs in the next are one list.
    """
    if not any(map(_may_list, readings)):
        return [Tables((), one) for one in readings]
    found = list(_found(readings, today))
    whose = EMPLOYEE if any(_STAFF.search(one.low) for one in readings) else ""
    listed = [one for entries, _ in found for entry in entries for one in _listed(entry, whose)]
    spans = [span for _, some in found for span in some]
    return [_tables(one, listed, spans) for one in readings]


def _may_list(reading: Reading) -> bool:
    """Tell at little cost whether a message can hold two people's data."""
    kinds = [hint.lastgroup for hint in _HINT.finditer(reading.low)]
    return len(kinds) > 1 and (kinds.count("number") > 1 or kinds.count("date") > 1)


def _found(
    readings: Sequence[Reading], today: dt.date
) -> Iterator[tuple[list[Entry], Sequence[Span]]]:
    """Yield the entries of each list, and the lines that it takes up."""
    cut = [(one, table_cells.lines(one, today)) for one in readings]
    if len(cut) > 1 and (all_over := _read(table_lists.find(cut, today), today)):
        yield all_over
        return
    for reading, lines in cut:
        if _may_list(reading):
            beside = _read(table_lists.find([(reading, lines)], today), today)
            below = beside or _read(table_layouts.find(lines, reading), today)
            yield from [below] if below else []


def _read(sheet: Sheet | None, today: dt.date) -> tuple[list[Entry], Sequence[Span]] | None:
    entries = table_facts.read(sheet, today) if sheet else []
    return (entries, sheet.spans) if sheet and entries else None


def _listed(entry: Entry, whose: str) -> Iterator[Listed]:
    at = min((one.span.message, one.span.start) for one in entry)
    for one in entry:
        told = {each.name: getattr(one, each.name) for each in fields(Finding)}
        yield Listed(**{**told, "whose": whose}, entry=at)


def _tables(reading: Reading, listed: Sequence[Listed], spans: Sequence[Span]) -> Tables:
    """Return a message's share of all lists."""
    mine = tuple(one for one in listed if one.span.message == reading.message)
    read = sorted((one.start, one.end) for one in spans if one.message == reading.message)
    return Tables(mine, reading.without(read)) if read else Tables(mine, reading)
