"""Lists of people: tables, pasted sheets, stacks of cells, parallel lists.

A message is cut into lines of cells (`table_cells`), the lines into entries of one person each
(`table_layouts`, `table_lists`), the entries are laid under one another (`table_align`), whole
columns decide what stands in them (`columns`), and each entry becomes facts (`table_facts`).
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

from helpdesk.identity import table_cells, table_facts, table_layouts, table_lists
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading
from helpdesk.identity.table_cells import Line
from helpdesk.identity.table_facts import Entry
from helpdesk.identity.table_layouts import Sheet
from helpdesk.identity.types import Span

_Read: TypeAlias = tuple[list[Entry], Sequence[Span]]

EMPLOYEE = "employee"
# The second item of a list: what even a list of mere names has.
_NUMBERED = re.compile(r"\n[^\w\n]{0,8}(?:2 ?[.)]|2 {1,4}(?=[a-z]))|nama[a-z ]{0,20}:? *\n")
# What a list of people has at least two of: digits that are no telephone's, or dates.
_HINT = re.compile(
    r"(?<!\d)(?:(?P<number>(?!0|62[ -]?8)\d[\d .\-oil]{11,24}\d)"
    r"|(?P<date>\d{1,4}[ \-/.]{1,3}(?:\d{1,2}|[a-z]{3,9})[ \-/.']{1,3}\d{2,4}))"
)
_STAFF = re.compile(
    r"(?<![a-z])(?:karyawan|karyawati|pegawai|pekerja|tenaga kerja|staf|staff|buruh|tukang|kuli"
    r"|anak ?buah|kru|crew|personil|personel|borongan|outsourcing|hrd|hr|hrga|hrbp|personalia"
    r"|sdm|payroll|mandor|employees?|workers?|kontraktor|subkon)(?:2|nya)?(?![a-z])"
)
# Family in the same message: then whose a row is, is said row by row.
_KIN = re.compile(
    r"(?<![a-z])(?:suami|istri|isteri|bapak|ibu|ayah|mama|papa|anak|adik|adek|kakak|abang|mertua"
    r"|paman|bibi|husband|wife)(?:(?:ku| saya| sy| kami| kandung)(?![a-z])| ?:)"
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
    hints = [_hints(one) for one in readings]
    named = not any(hints) and any(_NUMBERED.search(one.low) for one in readings)
    if not named and max(hints, default=0) < 2:
        return [Tables((), one) for one in readings]
    staff = any(_STAFF.search(one.low) for one in readings)
    cut = [(one, table_cells.lines(one, today)) for one in readings]
    if named:
        found = list(_only_names(cut, today)) if staff else []
    else:
        found = list(_found(cut, hints, today))
    kin = any(_KIN.search(one.low) for one in readings)
    whose = EMPLOYEE if staff and not kin else ""
    listed = [one for entries, _ in found for entry in entries for one in _listed(entry, whose)]
    spans = [span for _, some in found for span in some]
    return [_tables(one, listed, spans) for one in readings]


def _hints(reading: Reading) -> int:
    """Count at little cost how many people's data a message can hold, at most."""
    kinds = [hint.lastgroup for hint in _HINT.finditer(reading.low)]
    return max(kinds.count("number"), kinds.count("date")) if kinds else 0


def _found(
    cut: Sequence[tuple[Reading, list[Line]]], hints: Sequence[int], today: dt.date
) -> Iterator[_Read]:
    """Yield the entries of each list, and the lines that it takes up."""
    if len(cut) > 1 and (all_over := _read(table_lists.find(cut, today), today)):
        yield all_over
        return
    for (reading, lines), count in zip(cut, hints, strict=True):
        if count > 1:
            beside = _read(table_lists.find([(reading, lines)], today), today)
            below = beside or _read(table_layouts.find(lines, reading), today)
            yield from [below] if below else []


def _only_names(cut: Sequence[tuple[Reading, list[Line]]], today: dt.date) -> Iterator[_Read]:
    """Yield a list that says nothing of people but their names."""
    if sheet := table_lists.names_only(cut, today):
        yield table_facts.read_names(sheet), sheet.spans


def _read(sheet: Sheet | None, today: dt.date) -> _Read | None:
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
