"""Lines of a possible list: what they are numbered with, what they announce, their cells."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from helpdesk.identity.figures import dates
from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import table_cells, table_headers
from helpdesk.identity.lists.table_cells import MAX_CELL, Cell, Shape
from helpdesk.identity.reading import Reading

_BARS = re.compile(r"[|\u2502\u2503\u2551¦]")
_SIGN = re.compile(r"[\t;|\u2502\u2503\u2551¦]")
_RULE = re.compile(r"[\s|+=_\-:.*~\u2500-\u257f]*")
_NUMBERING = re.compile(
    r"[^\w\n(]{0,8}\(?(?P<no>\d{1,3})(?:(?: ?[.)\]:]| -)+ {0,8}| {1,8})(?=[^\s\d])"
)
_DIGIT_NUMBERING = re.compile(r"[^\w\n(]{0,8}\(?(?P<no>\d{1,2}) ?[.)] {0,8}(?=\d)")
_LETTERING = re.compile(r"[^\w\n(]{0,8}\(?(?P<no>[a-z]) ?[.)] {0,8}(?=\w)")
_LETTERED = (re.compile(r"(?:^|\n)\W{0,8}a ?[.)]"), re.compile(r"\n\W{0,8}b ?[.)]"))
# `Odih-Garut-10021985-3205...`: a name, anything, a NIK, with nothing but dashes between.
_DASHED = re.compile(r"[a-z][^\d\n-]*-(?:[^\n-]+-){1,6}\d{13,19}|\d{13,19}(?:-[^\n-]+){2,6}")
_INNER = re.compile(r"(?<![\w.,/(-])(?P<no>\d{1,2}) ?[.)] ?(?=[a-z])")


@dataclass(frozen=True)
class Line:
    """A line with its cells; `explicit` when signs of their own stand between these."""

    start: int
    end: int
    cells: tuple[Cell, ...] = ()
    number: int | None = None  # what it is numbered with
    label: Kind | None = None  # what it announces itself: `NIK: ...`
    explicit: bool = False
    blank: bool = False
    rule: bool = False  # drawn: `|---|---|`

    @cached_property
    def is_hard(self) -> bool:
        """Whether any cell is data."""
        return any(cell.is_hard for cell in self.cells)


def lines(reading: Reading, today: dt.date) -> list[Line]:
    """Cut a message into lines of cells; linear, the lines follow one another."""
    found: list[Line] = []
    lettered = all(mark.search(reading.low) for mark in _LETTERED)
    at = 0
    for raw in reading.low.split("\n"):
        stops = [at, *(at + stop for stop in _inner(raw)), at + len(raw)]
        found += [
            line(reading, one, two, today, lettered=lettered) for one, two in pairwise(stops)
        ]
        at += len(raw) + 1
    return found


def _inner(low: str) -> list[int]:
    """Return where the entries begin that a line has numbered one after another."""
    stops: list[int] = []
    for mark in _INNER.finditer(low) if len(low) > MAX_CELL else ():
        if int(mark["no"]) == len(stops) + 1:
            stops.append(mark.start())
    return stops if len(stops) > 1 and stops[0] > 0 else stops[1:]


def line(
    reading: Reading, start: int, end: int, today: dt.date, *, lettered: bool = False
) -> Line:
    """Cut the characters `start`:`end` of a message into cells."""
    low = reading.low[start:end]
    if not low.strip():
        return Line(start, end, blank=True)
    if _RULE.fullmatch(low):
        return Line(start, end, rule=True)
    number, at = _numbering(reading, start, end, today, lettered=lettered)
    label, value = table_cells.leading(reading.low, at, end)
    first = start if number is None or _SIGN.search(reading.text, start, at) else at
    if pieces := _explicit(reading, first, end, after=value):
        row = _joined(
            [cell for a, b in pieces for cell in table_cells.piece(reading, a, b, today)]
        )
        return Line(start, end, row, number or _first_number(row), explicit=True)
    cells = tuple(table_cells.running(reading, value, end, today, label))
    if label is None and _is_form_line(reading.low[at:end]) and not any(map(_hard, cells)):
        cells = tuple(replace(cell, label=Kind.OTHER) for cell in cells)
    return Line(start, end, cells, number, label=label)


def _joined(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Join a day, a month and a year in three cells of a row into one."""
    found: list[Cell] = []
    at = 0
    while at < len(cells):
        date = _date_of(cells[at : at + 3])
        found.append(date or cells[at])
        at += 3 if date else 1
    return tuple(found)


def _date_of(cells: Sequence[Cell]) -> Cell | None:
    parts = [cell.low for cell in cells]
    if len(parts) < 3 or not all(map(str.isdecimal, parts)) or len(parts[2]) != 4:
        return None
    if max(len(parts[0]), len(parts[1])) > 2 or not 1900 < int(parts[2]) < 2100:
        return None
    try:
        day = dt.date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None
    start, end = cells[0].start, cells[2].end
    hit = dates.DateHit(start, end, day)
    return replace(cells[0], end=end, shape=Shape.DATE, date=hit, number=None)


def _explicit(reading: Reading, start: int, end: int, *, after: int) -> list[tuple[int, int]]:
    """Return the pieces between a line's tabs, bars or semicolons; none when it has no such.

    Tabs between a label and its value, which begins at `after`, are no such.
    """
    raw, low = reading.text[start:end], reading.low[start:end]
    if "\t" in reading.text[max(start, after) : end].strip() or (
        "\t" in raw.strip() and after <= start
    ):
        return _between([at for at, sign in enumerate(raw) if sign == "\t"], start, end)
    bars = [match.start() for match in _BARS.finditer(low)]
    if bars:
        pieces = _between(bars, start, end)
        drop_first, drop_last = not low[: bars[0]].strip(), not low[bars[-1] + 1 :].strip()
        return pieces[drop_first : len(pieces) - drop_last]
    if _DASHED.fullmatch(low.strip()):
        return _between([at for at, sign in enumerate(low) if sign == "-"], start, end)
    if low.count(";") < 2:
        return []
    return _between([at for at, sign in enumerate(low) if sign == ";"], start, end)


def _between(stops: list[int], start: int, end: int) -> list[tuple[int, int]]:
    edges = [start - 1, *(start + stop for stop in stops), end]
    return [(edges[at] + 1, edges[at + 1]) for at in range(len(edges) - 1)]


def _is_form_line(low: str) -> bool:
    """Tell whether a line is `words: value`, the words being no person's."""
    lead = table_cells.LEADING.match(low)
    return lead is not None and not table_headers.is_person(lead[0])


def _hard(cell: Cell) -> bool:
    return cell.is_hard


def _numbering(
    reading: Reading, start: int, end: int, today: dt.date, *, lettered: bool
) -> tuple[int | None, int]:
    """Return what a line is numbered with, and where it goes on."""
    low = reading.low
    if lettered and (letter := _LETTERING.match(low, start, end)):
        return ord(letter["no"]) - ord("a") + 1, letter.end()
    match = _NUMBERING.match(low, start, end) or _DIGIT_NUMBERING.match(low, start, end)
    if not match:
        return None, start
    at = match.start("no")
    hit = next(dates.find(low[at : min(end, at + 40)], today=today), None)
    if hit and hit.start == 0:
        return None, start
    return int(match["no"]), match.end()


def _first_number(cells: Sequence[Cell]) -> int | None:
    digits = cells[0].low.strip(" .)") if cells else ""
    return int(digits) if digits.isdecimal() and len(digits) < 4 else None
