"""Text without labels, cut into cells: names, places, dates and numbers standing side by side."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.identity import date_kinds, dates, names, places
from helpdesk.identity.findings import Finding, can_be_birth, date_finding, nik_finding
from helpdesk.identity.numbers import Number
from helpdesk.identity.reading import Reading, Taken
from helpdesk.identity.types import Field, Span

_BREAK = re.compile(r"[,/|;\n\t]| - |  +")
_EDGE = re.compile(r"(?:\(?\d{1,2} ?[.)\]] ?|[^\w\n]|_)*")
_MAX_CELL = 80  # a longer piece of text is talk


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with what its labels already said and which characters they speak for."""

    reading: Reading
    findings: tuple[Finding, ...]
    taken: tuple[tuple[int, int], ...]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a line: a fact already read (`finding`), or `start`:`end` of free text."""

    reading: Reading
    start: int
    end: int
    finding: Finding | None = None
    given: bool = False  # the finding came from a label, so it is not to be yielded again

    @property
    def low(self) -> str:
        """The folded text of the cell."""
        return self.reading.low[self.start : self.end]


def cut(marked: Marked, today: dt.date) -> Iterator[Cell]:
    """Yield the cells of a message in order; text that labels speak for is left out. Linear."""
    hard = sorted(_hard(marked, today), key=lambda cell: cell.start)
    spoken = [Cell(marked.reading, start, end) for start, end in marked.taken]
    at = 0
    for stop in sorted([*hard, *spoken], key=lambda cell: (cell.start, cell.end)):
        if stop.start > at:
            yield from _pieces(marked.reading, at, stop.start)
        if stop.finding:
            yield stop
        at = max(at, stop.end)
    yield from _pieces(marked.reading, at, len(marked.reading.low))


def starts_line(cell: Cell) -> bool:
    """Tell whether only numbering or bullets stand before a cell on its line."""
    head = cell.reading.low[max(0, cell.start - 16) : cell.start]
    return not any(c.isalpha() for c in head.rpartition("\n")[2])


def name_in(cell: Cell, confidence: float, rule: str) -> Finding | None:
    """Read a cell as a whole name; None when it is something else."""
    if not names.plausible(cell.low):
        return None
    written = cell.reading.text[cell.start : cell.end]
    value = names.display(written)
    if not cell.reading.shouted and not _capital(written) and _has_capitals(cell.reading):
        return None
    span = Span(cell.reading.message, cell.start, cell.end)
    return Finding(Field.FULL_NAME, value, confidence, span, rule)


def place_in(cell: Cell, confidence: float) -> Finding:
    """Read a cell as a whole place."""
    span = Span(cell.reading.message, cell.start, cell.end)
    value = places.display(cell.reading.text[cell.start : cell.end])
    return Finding(Field.BIRTH_PLACE, value, confidence, span, "place_cell")


def split_place(cell: Cell) -> tuple[Cell | None, Cell | None]:
    """Split `siti contoh garut` into what stands before and the longest known place at its end."""
    words = list(re.finditer(r"\S+", cell.low))
    for count in range(min(4, len(words)), 0, -1):
        start = words[-count].start()
        if places.known(cell.low[start:]) and (places.major(cell.low[start:]) or count < 2):
            place = Cell(cell.reading, cell.start + start, cell.end)
            head = cell.low[:start].rstrip(" .,-:(")
            return (
                Cell(cell.reading, cell.start, cell.start + len(head)) if head else None
            ), place
    return cell, None


def _hard(marked: Marked, today: dt.date) -> Iterator[Cell]:
    reading = marked.reading
    for finding in marked.findings:
        yield Cell(reading, finding.span.start, finding.span.end, finding, given=True)
    spoken = Taken(len(reading.low), marked.taken)
    for number in marked.numbers:
        if spoken.touches(number.start, number.end):
            continue
        if found := nik_finding(reading, number, today, labelled=False):
            spoken.add(number.start, number.end)
            yield Cell(reading, number.start, number.end, found)
    for hit in dates.find(reading.low, today=today):
        if not spoken.touches(hit.start, hit.end) and can_be_birth(
            hit.day, today, min_age=dates.MIN_AGE
        ):
            found = date_finding(reading, hit, 0.85, "date_shape")
            if found and not date_kinds.is_other_date(reading.low, hit.start, hit.end):
                yield Cell(reading, hit.start, hit.end, found)


def _pieces(reading: Reading, start: int, end: int) -> Iterator[Cell]:
    at = start
    for mark in [*_BREAK.finditer(reading.low, start, end), None]:
        stop = mark.start() if mark else end
        cell = _trim(reading, at, stop)
        if cell:
            yield cell
        at = mark.end() if mark else end


def _trim(reading: Reading, start: int, end: int) -> Cell | None:
    low = reading.low
    colon = low.rfind(":", start, end)
    start = max(start, colon + 1)
    edge = _EDGE.match(low, start, end)
    start = edge.end() if edge else start
    while end > start and not (low[end - 1].isalnum() or low[end - 1] == ")"):
        end -= 1
    has_letter = any(map(str.isalpha, low[start:end]))
    return Cell(reading, start, end) if has_letter else None


def _capital(text: str) -> bool:
    return text[:1].isupper()


def _has_capitals(reading: Reading) -> bool:
    return sum(map(str.isupper, reading.text)) >= 3
