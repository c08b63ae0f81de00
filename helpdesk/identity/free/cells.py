"""Text without labels, cut into cells: facts, and the pieces of text that stand beside them."""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.identity.figures import date_kinds, dates, number_kinds
from helpdesk.identity.figures.numbers import Number
from helpdesk.identity.findings import Finding, can_be_birth, date_finding, nik_finding
from helpdesk.identity.reading import Reading, Taken
from helpdesk.identity.types import Field, Span
from helpdesk.identity.words import names
from helpdesk.identity.words.name_words import abbreviates

# Signs that stand inside no name, a dash or gap between words, a sentence's end. Full stops are
# looked at one by one: those of initials and of abbreviations end nothing.
_BREAK = re.compile(r"[^\w '.\-]+|[\d_]+|(?<= )-+(?= )|  +|\.")
_ABBREVIATED = re.compile(r"[a-z]+$")
_LETTER = re.compile(r"[^\W\d_]")
_EDGE = " .'-"
# Words of three letters that a full stop ends a sentence behind.
_NEVER_SHORT = frozenset(
    ("kpj", "nik", "ktp", "ya", "nih", "sih", "lah", "kak", "jht", "aja", "gak")
)
# What a single letter is of: `di PT B. Budi ...`.
_COMPANY = (" pt ", " cv ", " ud ", " bank ", " toko ", " hotel ", " rs ", " kelas ", " blok ")
_MARGIN = 16  # characters beside a cell that are looked at


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with what its labels already said and which characters they speak for."""

    reading: Reading
    findings: tuple[Finding, ...]
    taken: tuple[tuple[int, int], ...]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a message: a fact already read (`finding`), or `start`:`end` of free text."""

    reading: Reading
    start: int
    end: int
    finding: Finding | None = None
    given: bool = False  # the finding came from a label, so it is not to be yielded again
    is_no_date: bool = False  # looks like a birth date, but the calendar has none such

    @property
    def low(self) -> str:
        """The folded text of the cell."""
        return self.reading.low[self.start : self.end]

    @property
    def field(self) -> Field | None:
        """The field of the fact, None for free text."""
        return self.finding.field if self.finding else None

    @property
    def is_date(self) -> bool:
        """Whether it is a birth date, be it an impossible one."""
        return self.is_no_date or self.field is Field.BIRTH_DATE

    @property
    def is_text(self) -> bool:
        """Whether it is free text."""
        return self.finding is None and not self.is_no_date


@dataclass(frozen=True, slots=True)
class Page:
    """A message cut up: its cells in order, and where facts and labels begin."""

    reading: Reading
    cells: tuple[Cell, ...]
    stops: tuple[int, ...]

    def is_followed(self, at: int) -> bool:
        """Tell whether a fact or a label stands at once behind a character."""
        number = bisect_left(self.stops, at)
        if number == len(self.stops):
            return False
        gap = self.reading.low[at : self.stops[number]]
        return len(gap) < 8 and gap.count("\n") < 2 and not any(map(str.isalnum, gap))


def cut(marked: Marked, today: dt.date) -> Page:
    """Cut a message into cells; text that labels speak for is left out. Linear."""
    hard = sorted(_hard(marked, today), key=lambda cell: cell.start)
    facts = [cell for cell in hard if not cell.is_text]
    spoken = [Cell(marked.reading, start, end) for start, end in marked.taken]
    cells: list[Cell] = []
    source = _with_tabs(marked.reading)
    at = 0
    for stop in sorted([*hard, *spoken], key=lambda cell: (cell.start, cell.end)):
        if stop.start > at:
            cells += _pieces(marked.reading, source, at, stop.start)
        if not stop.is_text:
            cells.append(stop)
        at = max(at, stop.end)
    cells += _pieces(marked.reading, source, at, len(marked.reading.low))
    stops = sorted({cell.start for cell in [*facts, *spoken]})
    return Page(marked.reading, tuple(cells), tuple(stops))


def fills_line(cell: Cell) -> bool:
    """Tell whether nothing but numbering and signs stands beside a cell on its line."""
    low = cell.reading.low
    begin = low.rfind("\n", max(0, cell.start - _MARGIN), cell.start) + 1
    end = low.find("\n", cell.end, cell.end + _MARGIN)
    begin = begin or max(0, cell.start - _MARGIN)
    end = end if end >= 0 else cell.end + _MARGIN
    return not (_LETTER.search(low, begin, cell.start) or _LETTER.search(low, cell.end, end))


def place_finding(reading: Reading, start: int, end: int, value: str, sure: float) -> Finding:
    """Make a birth place of `start`:`end`."""
    span = Span(reading.message, start, end)
    return Finding(Field.BIRTH_PLACE, value, sure, span, "place_cell")


def name_finding(reading: Reading, start: int, end: int, sure: float, rule: str) -> Finding:
    """Make a full name of `start`:`end`."""
    value = names.display(reading.text[start:end])
    return Finding(Field.FULL_NAME, value, sure, Span(reading.message, start, end), rule)


def _hard(marked: Marked, today: dt.date) -> Iterator[Cell]:
    reading = marked.reading
    for finding in marked.findings:
        yield Cell(reading, finding.span.start, finding.span.end, finding, given=True)
    spoken = Taken(len(reading.low), marked.taken)
    for number in marked.numbers:
        if spoken.touches(number.start, number.end):
            continue
        if number_kinds.is_superiors(reading.low, number.start):
            spoken.add(number.start, number.end)
            yield Cell(reading, number.start, number.end)
        elif found := nik_finding(reading, number, today, labelled=False):
            spoken.add(number.start, number.end)
            yield Cell(reading, number.start, number.end, found)
    for hit in dates.find(reading.low, today=today):
        if not spoken.touches(hit.start, hit.end):
            yield _date(reading, hit, today)


def _date(reading: Reading, hit: dates.DateHit, today: dt.date) -> Cell:
    """Return a birth date as a fact; another date is kept only so that it is no free text."""
    if date_kinds.is_other_date(reading.low, hit.start, hit.end):
        return Cell(reading, hit.start, hit.end)
    if hit.day is not None and not can_be_birth(hit.day, today, min_age=dates.MIN_AGE):
        return Cell(reading, hit.start, hit.end)
    found = date_finding(reading, hit, 0.85, "date_shape")
    return Cell(reading, hit.start, hit.end, found, is_no_date=found is None)


def _pieces(reading: Reading, source: str, start: int, end: int) -> Iterator[Cell]:
    at = start
    for mark in _BREAK.finditer(source, start, end):
        if mark[0] == "." and not _ends_sentence(reading.low, mark.start()):
            continue
        yield from _trimmed(reading, at, mark.start())
        at = mark.end()
    yield from _trimmed(reading, at, end)


def _with_tabs(reading: Reading) -> str:
    """Return the folded text with the tabs of a pasted sheet, which folding makes spaces."""
    if "\t" not in reading.text:
        return reading.low
    pairs = zip(reading.text, reading.low, strict=True)
    return "".join("\t" if written == "\t" else low for written, low in pairs)


def _ends_sentence(low: str, at: int) -> bool:
    word = _ABBREVIATED.search(low, max(0, at - 12), at)
    if word is not None and len(word[0]) == 1 and low.endswith(_COMPANY, 0, word.start()):
        return True
    return word is None or word[0] in _NEVER_SHORT or not abbreviates(word[0])


def _trimmed(reading: Reading, start: int, end: int) -> Iterator[Cell]:
    low = reading.low
    while start < end and low[start] in _EDGE:
        start += 1
    while end > start and low[end - 1] in _EDGE:
        end -= 1
    if _LETTER.search(low, start, end):
        yield Cell(reading, start, end)


def share_line(one: Cell, two: Cell) -> bool:
    """Tell whether two cells stand in one line of one text."""
    if one.reading is not two.reading:
        return False
    first, last = min(one.end, two.end), max(one.start, two.start)
    return "\n" not in one.reading.low[first:last]
