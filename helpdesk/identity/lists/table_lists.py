"""Lists of one fact beside lists of another: names here, NIKs there, in the same order.

Below one another under headings (`NAMA: 1. ... 2. ... NIK: 1. ... 2. ...`), a line each, a message
each, or as a table lying on its side, a person a column.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import table_cells, table_headers
from helpdesk.identity.lists.table_cells import Cell, Shape
from helpdesk.identity.lists.table_layouts import Sheet, header_of
from helpdesk.identity.lists.table_lines import Line
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Span

_BARE = 3  # so many lines alike need no heading
_WIDEST = 12  # lists side by side
_MOST = 0.75  # of a list's items: what nearly all of them are
_ITEM = re.compile(r"(?<![\w.])(?P<no>\d{1,2}) ?[.)] {0,3}")


_FITS = {  # what may stand in a list under a heading; under any other heading anything may
    Kind.NAME: frozenset({Shape.TEXT}),
    Kind.PLACE: frozenset({Shape.TEXT, Shape.EMPTY}),
    Kind.DATE: frozenset({Shape.DATE, Shape.BIRTH, Shape.NUMBER, Shape.EMPTY}),
    Kind.PLACE_DATE: frozenset({Shape.BIRTH, Shape.DATE, Shape.TEXT, Shape.EMPTY}),
    Kind.NIK: frozenset({Shape.LONG, Shape.NUMBER, Shape.EMPTY}),
}


@dataclass(slots=True)
class _Section:
    """One list: its heading, if any, and its items by number."""

    kind: Kind | None
    items: dict[int, Cell] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    numbered: bool = False
    closed: bool = False

    def add(self, cell: Cell, number: int | None = None) -> None:
        self.numbered = self.numbered or number is not None
        self.items.setdefault(number or len(self.items) + 1, cell)

    def takes(self, cell: Cell, number: int | None) -> bool:
        """Tell whether a line may be this list's next item."""
        if self.closed or cell.is_prose or (self.items and self.numbered is (number is None)):
            return False
        return self.kind not in _FITS or cell.shape in _FITS[self.kind]

    @property
    def is_hard(self) -> bool:
        hard = sum(cell.is_hard for cell in self.items.values())
        return hard >= 2 and hard >= _MOST * len(self.items)

    @property
    def names(self) -> bool:
        """Whether these may be the people."""
        if self.kind not in {Kind.NAME, None}:
            return False
        cells = self.items.values()
        named = sum(cell.is_nameable for cell in cells)
        texts = all(cell.shape is Shape.TEXT for cell in cells)
        return named >= _MOST * len(cells) or (self.kind is Kind.NAME and texts)


def find(read: Sequence[tuple[Reading, Sequence[Line]]], today: dt.date) -> Sheet | None:
    """Find lists that stand side by side in one or more messages; None when there are none."""
    sections = [one for reading, lines in read for one in _sections(reading, lines, today)]
    sizes = Counter(max(one.items) for one in sections if len(one.items) >= 2)
    for size, count in sizes.most_common(3):
        same = [one for one in sections if one.items and max(one.items) == size]
        named = next((one for one in same if one.names), None)
        if count >= 2 and named and any(one.is_hard for one in same):
            return _sheet([named, *(one for one in same if one is not named)][:_WIDEST], size)
    return None


def names_only(read: Sequence[tuple[Reading, Sequence[Line]]], today: dt.date) -> Sheet | None:
    """Find a numbered list, or one under a heading, of nothing but names; None when none is."""
    for reading, lines in read:
        numbered = _Section(None)
        for line in lines:
            if line.number is not None and (cell := _item(reading, line)):
                numbered.add(cell, line.number)
                numbered.spans.append(_span(reading, line))
        for one in (numbered, *_sections(reading, lines, today)):
            told = one.kind is Kind.NAME or (one.kind is None and one.numbered)
            if told and one.names and _counts_up(one):
                return _sheet([one], len(one.items))
    return None


def columns_only(reading: Reading, lines: Sequence[Line], today: dt.date) -> Iterator[Sheet]:
    """Yield the lists of numbers or dates that stand in a message without names."""
    for one in _sections(reading, lines, today):
        if one.is_hard and one.kind in {Kind.NIK, Kind.DATE, None}:
            yield _sheet([one], len(one.items))


def _counts_up(section: _Section) -> bool:
    cells = section.items.values()
    return len(cells) > 1 and set(section.items) == set(range(1, len(cells) + 1))


def _sheet(sections: list[_Section], size: int) -> Sheet:
    reading = next(iter(sections[0].items.values())).reading
    gap = Cell(reading, 0, 0, Shape.EMPTY)
    return Sheet(
        tuple(tuple(one.items.get(at, gap) for one in sections) for at in range(1, size + 1)),
        tuple(one.kind for one in sections),
        tuple(span for one in sections for span in one.spans),
    )


def _sections(reading: Reading, lines: Sequence[Line], today: dt.date) -> Iterator[_Section]:
    """Yield the lists of one message, from top to bottom."""
    yield from _lying(reading, lines, today)
    under = _Section(None, closed=True)
    bare: list[tuple[int, Line, Cell]] = []
    part = 0
    for line in lines:
        if line.blank or line.rule:
            part += 1
            under.closed = under.closed or bool(under.items and not under.numbered)
            continue
        kind = _heading(reading, line)
        cell = _item(reading, line)
        if kind is not None:
            yield under
            under = _Section(kind, spans=[_span(reading, line)])
        elif cell and under.takes(cell, line.number):
            under.add(cell, line.number)
            under.spans.append(_span(reading, line))
        else:
            under.closed = True
            bare += [(part, line, cell)] if cell and not cell.is_prose else []
    yield under
    yield from _bare(reading, bare)


def _lying(reading: Reading, lines: Sequence[Line], today: dt.date) -> Iterator[_Section]:
    """Yield the lines that hold a heading and a list: a table on its side, `NIK: 1. 2.`."""
    if any(header_of(line, reading.low) for line in lines):
        return
    for line in lines:
        kind, cells = _headed(reading, line, today)
        if len(cells) >= 2 and (table_headers.is_main(kind) or _all_alike(cells)):
            section = _Section(kind, spans=[_span(reading, line)])
            for cell in cells:
                section.add(cell)
            yield section


def _headed(reading: Reading, line: Line, today: dt.date) -> tuple[Kind | None, Sequence[Cell]]:
    """Return what a line announces, and its items."""
    if line.explicit and line.cells[0].label:
        return line.cells[0].label, line.cells
    if line.explicit:
        return table_headers.kind(line.cells[0].low), line.cells[1:]
    kind = line.label or (line.cells[0].label if line.cells else None)
    return kind, _paired(_listed(reading, line, today))


def _paired(cells: Sequence[Cell]) -> Sequence[Cell]:
    """Join each text with the date after it where a line has nothing but such pairs."""
    texts, births = cells[::2], cells[1::2]
    if not texts or len(texts) != len(births):
        return cells
    if any(
        one.shape is not Shape.TEXT or two.date is None
        for one, two in zip(texts, births, strict=True)
    ):
        return cells
    return [_birth(one, two) for one, two in zip(texts, births, strict=True)]


def _birth(text: Cell, date: Cell) -> Cell:
    return replace(date, start=text.start, shape=Shape.BIRTH, text_end=text.end, label=None)


def _all_alike(cells: Sequence[Cell]) -> bool:
    """Tell whether cells are so many names, dates or numbers that they need no heading."""
    hard = len({cell.shape for cell in cells}) == 1 and all(cell.is_hard for cell in cells)
    return len(cells) >= _BARE and (hard or all(cell.is_nameable for cell in cells))


def _listed(reading: Reading, line: Line, today: dt.date) -> tuple[Cell, ...]:
    """Return the items of a line: numbered ones, else what stands between commas or spaces."""
    low = reading.low
    start = low.find(":", line.start, line.end) + 1 if line.label else line.start
    marks = [
        mark for at, mark in enumerate(_ITEM.finditer(low, start, line.end), 1)
        if int(mark["no"]) == at
    ]  # fmt: skip
    if len(marks) < 2:
        return line.cells
    ends = [*(mark.start() for mark in marks[1:]), line.end]
    return tuple(
        table_cells.value(reading, mark.end(), end, today)
        for mark, end in zip(marks, ends, strict=True)
    )


def _heading(reading: Reading, line: Line) -> Kind | None:
    """Return what a line announces for the lines below it, None when it is no such line."""
    low = reading.low[line.start : line.end].strip(" :.-*_=")
    kind = table_headers.kind(low)
    return kind if line.label is None or not line.cells else None


def _item(reading: Reading, line: Line) -> Cell | None:
    """Return a line as one item of a list; None when it is a row of several."""
    cells = line.cells
    if line.explicit or len(cells) > 3:
        return None
    if not cells:
        return Cell(reading, line.start, line.start, Shape.EMPTY)
    hard = [cell for cell in cells if cell.is_hard]
    if len(cells) == 1 or not hard:
        if len(cells) == 1:
            return replace(cells[0], label=None) if cells[0].label else cells[0]
        return replace(cells[0], end=cells[-1].end, shape=Shape.TEXT, label=None)
    if cells[0].shape is not Shape.TEXT or hard != [cells[-1]] or hard[0].date is None:
        return None
    text_end = cells[-2].end
    return replace(hard[0], start=cells[0].start, shape=Shape.BIRTH, text_end=text_end, label=None)


def _bare(reading: Reading, lines: list[tuple[int, Line, Cell]]) -> Iterator[_Section]:
    """Yield runs of at least three lines that hold one cell each, all of one shape.

    Blank lines, which `lines` are numbered by, end a run.
    """
    for (_, shape), run in groupby(lines, key=lambda one: (one[0], one[2].shape)):
        some = list(run)
        if len(some) >= _BARE and shape is not Shape.EMPTY:
            section = _Section(None)
            for _, line, cell in some:
                section.add(cell)
                section.spans.append(_span(reading, line))
            yield section


def _span(reading: Reading, line: Line) -> Span:
    return Span(reading.message, line.start, line.end)
