"""Lists of people: tables, pasted sheets, stacks of cells, parallel lists.

A message is cut into lines of cells (`table_lines`, `table_cells`), the lines into entries of one
person each (`table_layouts`, `table_lists`), these are laid under each other (`table_align`),
whole columns decide what stands in them (`columns`), and entries become facts (`table_facts`).
"""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from helpdesk.identity.findings import Finding
from helpdesk.identity.lists import (
    table_facts,
    table_layouts,
    table_lines,
    table_lists,
    table_merge,
    wrapped,
)
from helpdesk.identity.lists.table_cells import MIN_AGE
from helpdesk.identity.lists.table_facts import Entry
from helpdesk.identity.lists.table_layouts import INLINE, Sheet
from helpdesk.identity.lists.table_lines import Line
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Span
from helpdesk.identity.whose import company

_Lines: TypeAlias = tuple[Reading, list[Line]]
_Read: TypeAlias = tuple[list[Entry], Sequence[Span]]

# The second item of a list: what even a list of mere names has.
_NUMBERED = re.compile(r"\n[^\w\n]{0,8}(?:2 ?[.)]|2 {1,4}(?=[a-z]))|nama[a-z ]{0,20}:? *\n")
# What a list of people has at least two of: digits that are no telephone's, or dates.
_HINT = re.compile(
    # The look behind comes after the first digit, so that the engine can run to the next one.
    r"\d(?<!\d\d)"
    r"(?:(?P<number>(?<!0)(?!(?<=6)28\d{10,12}(?!\d))(?:[\doil]{12,18}|\d{3}(?:[ .\-]\d{4}){3}"
    r"|\d{5}[ .\-]\d{6}[ .\-]\d{4}|\d\.\d{4}\.\d{6}\.\d{4})(?!\d))"
    r"|(?P<date>\d{0,3}[ \-/.]{1,3}(?:\d{1,2}|[a-z]{3,9})[ \-/.']{1,3}(?P<year>\d{2,4})))"
)
_ROW = 200  # characters; the lines of a list are not longer


@dataclass(frozen=True, slots=True)
class Tables:
    """What the lists of one message say, and the message without them."""

    findings: tuple[Finding, ...]
    rest: Reading


def find(readings: Sequence[Reading], today: dt.date) -> list[Tables]:
    """Read the lists of people of a conversation, one result a message; linear, never raises.

    Names in one message and their NIKs in the next are one list.
    """
    found = list(_lists(readings, today))
    if not found:
        return [Tables((), one) for one in readings]
    listed = [one for entries, _ in found for entry in entries for one in _listed(entry)]
    spans = [span for _, some in found for span in some]
    return [_tables(one, listed, spans) for one in readings]


def _lists(readings: Sequence[Reading], today: dt.date) -> Iterator[_Read]:
    """Yield the entries of each list, and the lines that it takes up."""
    latest = today.year - MIN_AGE
    rows = {one.message: (0, 0) for one in readings}
    if _are_several(_said(one.low, latest) for one in readings):
        rows = {one.message: _rows(one.low, latest) for one in readings}
    if _are_several(rows.values()):
        most = {message: max(both) for message, both in rows.items()}
        yield from _full(_cut(readings, today), most, today)
    elif _may_be_names(readings) and company.speaks_of_staff(one.low for one in readings):
        yield from _only_names(_cut(readings, today), today)


def _are_several(said: Iterable[tuple[int, int]]) -> bool:
    """Tell whether messages together have more than one number, or more than one birth."""
    return any(sum(one) > 1 for one in zip(*said, strict=True))


def _may_be_names(readings: Sequence[Reading]) -> bool:
    texts = [one.low for one in readings]
    return any(map(_NUMBERED.search, texts)) and not any(map(_HINT.search, texts))


def _rows(low: str, latest: int) -> tuple[int, int]:
    """Count at little cost the lines with a NIK, and with a birth, that a message can hold.

    A long line is prose, unless it says as much as a list in one line does.
    """
    said = [(_said(line, latest), len(line) <= _ROW) for line in low.split("\n")]
    numbers = sum(one[0] if short or one[0] >= INLINE else 0 for one, short in said)
    births = sum(one[1] if one[1] >= INLINE else short and one[1] > 0 for one, short in said)
    return numbers, births


def _said(low: str, latest: int) -> tuple[int, int]:
    """Return how many numbers of a NIK's size there may be, and dates of birth by their years."""
    numbers = births = 0
    for hint in _HINT.finditer(low):
        if hint["number"]:
            numbers += 1
        elif not hint["year"].isdecimal() or int(hint["year"]) <= latest:
            births += 1
    return numbers, births


def _cut(readings: Sequence[Reading], today: dt.date) -> list[_Lines]:
    return [(one, table_lines.lines(one, today)) for one in readings if one.low.strip()]


def _full(cut: Sequence[_Lines], rows: Mapping[int, int], today: dt.date) -> Iterator[_Read]:
    """Yield lists of people with their data."""
    if len(cut) > 1 and (all_over := _read(table_lists.find(cut, today), today)):
        yield all_over
        return
    found: list[_Read] = []
    for reading, lines in cut:
        if rows[reading.message] < 2:
            continue
        beside = _read(table_lists.find([(reading, lines)], today), today)
        here = beside or _read(table_layouts.find(lines, reading), today)
        if here := _broken(reading, here, today) or here:
            found.append(_completed(here, reading, _unread(lines, here[1]), today))
        elif found:
            found[-1] = _completed(found[-1], reading, lines, today)
    merged = table_merge.by_name([entries for entries, _ in found])
    yield from zip(merged, (spans for _, spans in found), strict=True)


def _broken(reading: Reading, whole: _Read | None, today: dt.date) -> _Read | None:
    """Read a list whose rows were broken over lines, when more is read so; else None."""
    joined = wrapped.join(reading)
    if joined is None:
        return None
    lines = table_lines.lines(joined.reading, today)
    read = _read(table_layouts.find(lines, joined.reading), today)
    if read is None or sum(map(len, read[0])) <= sum(map(len, whole[0] if whole else [])):
        return None
    return joined.entries(read[0]), [joined.span(one) for one in read[1]]


def _unread(lines: Sequence[Line], spans: Sequence[Span]) -> list[Line]:
    """Return the lines of a message in which nothing that was read begins."""
    starts = sorted(one.start for one in spans)
    return [
        one for one in lines
        if bisect_left(starts, one.start) == bisect_left(starts, max(one.end, one.start + 1))
    ]  # fmt: skip


def _completed(before: _Read, reading: Reading, lines: list[Line], today: dt.date) -> _Read:
    """Add the columns among some lines to the list before them, as far as they are its own."""
    entries, spans = before
    for sheet in table_lists.columns_only(reading, lines, today):
        column = table_facts.read_column([cell for cell, *_ in sheet.records], today)
        if (whole := table_merge.in_order(entries, column)) is not None:
            entries, spans = whole, (*spans, *sheet.spans)
    return entries, spans


def _only_names(cut: Sequence[_Lines], today: dt.date) -> Iterator[_Read]:
    """Yield a list that says nothing of people but their names."""
    if sheet := table_lists.names_only(cut, today):
        yield table_facts.read_names(sheet), sheet.spans


def _read(sheet: Sheet | None, today: dt.date) -> _Read | None:
    entries = table_facts.read(sheet, today) if sheet else []
    return (entries, sheet.spans) if sheet and entries else None


def _listed(entry: Entry) -> Iterator[Finding]:
    at = min((one.span.message, one.span.start) for one in entry)
    return (replace(one, entry=at) for one in entry)


def _tables(reading: Reading, listed: Sequence[Finding], spans: Sequence[Span]) -> Tables:
    """Return a message's share of all lists."""
    mine = tuple(one for one in listed if one.span.message == reading.message)
    read: list[tuple[int, int]] = []
    for one in sorted(spans, key=lambda span: span.start):
        if one.message != reading.message:
            continue
        if read and one.start <= read[-1][1] + 1:  # the next line
            read[-1] = (read[-1][0], max(read[-1][1], one.end))
        else:
            read.append((one.start, one.end))
    return Tables(mine, reading.without(read) if read else reading)
