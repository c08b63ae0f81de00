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
    behind: dict[int, Cell] = field(default_factory=dict)  # places behind dates, by number
    spans: list[Span] = field(default_factory=list)
    numbered: bool = False
    closed: bool = False

    def add(self, cell: Cell, number: int | None = None, behind: Cell | None = None) -> None:
        self.numbered = self.numbered or number is not None
        at = number or len(self.items) + 1
        if at not in self.items and behind is not None:
            self.behind[at] = behind
        self.items.setdefault(at, cell)

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
    sections = [*_sections(read, today)]
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
            if line.number is not None and (cell := _item(reading, line)[0]):
                numbered.add(cell, line.number)
                numbered.spans.append(_span(reading, line))
        for one in (numbered, *_sections([(reading, lines)], today)):
            told = one.kind is Kind.NAME or (one.kind is None and one.numbered)
            if told and one.names and _counts_up(one):
                return _sheet([one], len(one.items))
    return None


def columns_only(reading: Reading, lines: Sequence[Line], today: dt.date) -> Iterator[Sheet]:
    """Yield the lists of numbers or dates that stand in a message without names."""
    strung = (one for line in lines for one in _strung(reading, line))
    for one in (*_sections([(reading, lines)], today), *strung):
        if one.is_hard and one.kind in {Kind.NIK, Kind.DATE, None}:
            yield _sheet([one], len(one.items))


def _strung(reading: Reading, line: Line) -> Iterator[_Section]:
    """Yield the dates, or the numbers, that stand side by side in a line."""
    for shape, run in groupby(line.cells, key=lambda cell: cell.shape):
        some = [cell for cell in run if cell.is_hard]
        if shape is not Shape.BIRTH and len(some) >= 2:
            section = _Section(None, spans=[_span(reading, line)])
            for cell in some:
                section.add(cell)
            yield section


def _counts_up(section: _Section) -> bool:
    cells = section.items.values()
    return len(cells) > 1 and set(section.items) == set(range(1, len(cells) + 1))


def _sheet(sections: list[_Section], size: int) -> Sheet:
    reading = next(iter(sections[0].items.values())).reading
    gap = Cell(reading, 0, 0, Shape.EMPTY)
    columns = [(one.kind, one.items) for one in sections]
    columns += [(Kind.PLACE, one.behind) for one in sections if one.behind]
    return Sheet(
        tuple(tuple(cells.get(at, gap) for _, cells in columns) for at in range(1, size + 1)),
        tuple(kind for kind, _ in columns),
        tuple(span for one in sections for span in one.spans),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of some message; lines of one `part` stand together with nothing between."""

    reading: Reading
    line: Line
    part: int


def _sections(
    read: Sequence[tuple[Reading, Sequence[Line]]], today: dt.date
) -> Iterator[_Section]:
    """Yield the lists of messages, from top to bottom."""
    for reading, lines in read:
        yield from _lying(reading, lines, today)
    under = _Section(None, closed=True)
    bare: list[tuple[_Row, Cell]] = []
    part = 0
    for row in _rows(read):
        reading, line = row.reading, row.line
        if row.part != part:
            part = row.part
            under.closed = under.closed or bool(under.items and not under.numbered)
        kind = _heading(reading, line)
        cell, behind = _item(reading, line)
        if kind is not None:
            yield under
            under = _Section(kind, spans=[_span(reading, line)])
        elif cell and under.takes(cell, line.number):
            under.add(cell, line.number, behind)
            under.spans.append(_span(reading, line))
        else:
            under.closed = True
            bare += [(row, cell)] if cell and not behind and not cell.is_prose else []
    yield under
    yield from _bare(bare)


def _rows(read: Sequence[tuple[Reading, Sequence[Line]]]) -> Iterator[_Row]:
    """Yield the lines that say something; messages of a line each stand together."""
    part = 0
    short = False
    for reading, lines in read:
        said = [line for line in lines if not (line.blank or line.rule)]
        part += not (short and len(said) == 1)
        short = len(said) == 1
        for line in lines:
            if line.blank or line.rule:
                part += not short
            else:
                yield _Row(reading, line, part)


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
    if line.label is not None and line.cells:
        return None
    return table_headers.kind(low) or (None if line.is_hard else table_headers.over_list(low))


def _item(reading: Reading, line: Line) -> tuple[Cell | None, Cell | None]:
    """Return a line as one item of a list, and the place behind it where it is a date.

    None when it is a row of several.
    """
    cells = line.cells
    if len(cells) == 2 and cells[0].shape is Shape.DATE and cells[1].is_nameable:
        return cells[0], cells[1]
    return (None if line.explicit or len(cells) > 3 else _one_item(reading, line)), None


def _one_item(reading: Reading, line: Line) -> Cell | None:
    cells = line.cells
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


def _bare(rows: list[tuple[_Row, Cell]]) -> Iterator[_Section]:
    """Yield runs of at least three lines that hold one cell each, all of one shape.

    What looks like no name at either end of a run of texts is talk.
    """
    for (_, shape), run in groupby(rows, key=lambda one: (one[0].part, one[1].shape)):
        some = list(run)
        while shape is Shape.TEXT and some and not some[0][1].is_nameable:
            some.pop(0)
        while shape is Shape.TEXT and some and not some[-1][1].is_nameable:
            some.pop()
        if len(some) >= _BARE and shape is not Shape.EMPTY:
            section = _Section(None)
            for row, cell in some:
                section.add(cell)
                section.spans.append(_span(row.reading, row.line))
            yield section


def _span(reading: Reading, line: Line) -> Span:
    return Span(reading.message, line.start, line.end)
