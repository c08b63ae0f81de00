"""Where one person's entry ends and the next begins: rows, stacks of cells, paragraphs, numbers.

Every way to cut a message into entries is tried, and the one wins that leaves the fewest lines
over; of two as good, the one with more entries.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import table_headers
from helpdesk.identity.lists.table_cells import MAX_CELL, Cell, Shape
from helpdesk.identity.lists.table_lines import Line
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Span
from helpdesk.identity.whose import corrections, referents
from helpdesk.identity.words import places, words

MAX_LINES = 12  # of one entry
MAX_CELLS = 30  # of one entry
_WIDE, _COMMA = re.compile(r"  +"), re.compile(r"[,;/]")
INLINE = 3  # so many entries within a line are no more prose
_PER_BIRTH = 60  # characters of an inline list for each date, at most
_TOTAL = re.compile(r"(?:sub ?|grand ?)?(?:total|jumlah|jml)(?![a-z])")
_DOUBLED = 0.3  # what it costs when entries are made of lines that could be one each
_COVERED = 0.6  # the share of lines an entry must be found for, from the first entry to the last

Header = tuple[Kind | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list of people: the cells of each entry, what is known of the columns, what was read."""

    records: tuple[tuple[Cell, ...], ...]
    header: Header
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """One way to cut the lines into entries, with the share of them that it explains."""

    groups: tuple[tuple[Line, ...], ...]
    covered: float
    alike: float  # how much the entries resemble each other, in [0, 1]

    @property
    def merit(self) -> tuple[float, int]:
        return round(self.covered * self.alike, 1), len(self.groups)


def find(lines: Sequence[Line], reading: Reading) -> Sheet | None:
    """Find the list of people among the lines of a message; None when there is none. Linear."""
    low = reading.low
    header, headed, depth = _header(lines, low)
    read = {line.start for line in headed}
    body = [
        line for line in lines if line.start not in read and not (line.blank or line.rule)
        and not _talks(line, low) and not _says_whose(line, low)
    ]  # fmt: skip
    if sum(line.is_hard for line in body) < 2 and max(_inside(body)) < INLINE:
        return None
    alone = frozenset(line.start for line in body if _is_entry((line,)))
    cuts = [_cut(groups, body, alone) for groups in _ways(lines, body, depth)]
    best = max((cut for cut in cuts if cut), key=lambda cut: cut.merit, default=None)
    if best is None or best.covered < _COVERED:
        best = _inline(body)
    if best is None:
        return None
    return Sheet(
        tuple(tuple(_told(group)) for group in best.groups),
        header,
        tuple(
            Span(reading.message, line.start, line.end)
            for group in [headed, *best.groups]
            for line in group
        ),
    )


def _told(group: Sequence[Line]) -> Iterator[Cell]:
    """Yield the cells of an entry without those that its own words say are something else."""
    for line in group:
        yield from (one for one in line.cells if line.explicit or one.label is not Kind.OTHER)


def header_of(line: Line, low: str) -> Header:
    """Return what a line of headings announces, column by column; () for any other line."""
    if line.is_hard or not (line.cells or low[line.start : line.end].strip()):
        return ()
    if line.explicit:
        kinds = tuple(table_headers.kind(cell.low) for cell in line.cells)
        filled = sum(cell.shape is not Shape.EMPTY for cell in line.cells)
        known = sum(kind is not None for kind in kinds)
        fits = known * 5 >= filled * 3
    else:
        names = _headings(low[line.start : line.end])
        kinds = tuple(map(table_headers.kind, names))
        fits = bool(kinds)
    main = {kind for kind in kinds if table_headers.is_main(kind)}
    return kinds if fits and len(main) >= 2 else ()


def _headings(low: str) -> list[str]:
    """Cut a line of headings at wide gaps and commas where every piece is one, else by words."""
    for gap in (_WIDE, _COMMA):
        pieces = [piece.strip(' "') for piece in gap.split(low.strip())]
        if len(pieces) > 2 and all(map(table_headers.kind, pieces)):
            return pieces
    return table_headers.split(low)


def _header(lines: Sequence[Line], low: str) -> tuple[Header, list[Line], int]:
    """Return the header, its lines, and of headings under one another how many there are."""
    rows = [(line, kinds) for line in lines if (kinds := header_of(line, low))]
    if rows:
        return rows[0][1], [line for line, _ in rows], 0
    stack: list[tuple[Line, Kind]] = []
    for line in lines:
        if line.blank:
            continue
        kind = table_headers.kind(low[line.start : line.end].strip(" :.-*"))
        if kind is not None:
            stack.append((line, kind))
        elif len({one for _, one in stack if table_headers.is_main(one)}) >= 2:
            return tuple(one for _, one in stack), [one for one, _ in stack], len(stack)
        else:
            stack = []
    return (), [], 0


def _talks(line: Line, low: str) -> bool:
    """Tell whether a line is talk between the data rather than a cell or a row."""
    if line.is_hard or line.explicit or line.label:
        return False
    text = low[line.start : line.end].strip()
    said = text.split()
    talk = sum(words.is_talk(word) for word in said)
    return len(text) > MAX_CELL or (len(said) > 2 and talk * 3 >= len(said)) or text.endswith(":")


def _says_whose(line: Line, low: str) -> bool:
    """Tell whether a line is only a heading over somebody's entry: `2. Istri saya`."""
    if line.is_hard or line.explicit or line.label or line.end - line.start > MAX_CELL:
        return False
    return referents.is_heading(low[line.start : line.end])


def _ways(lines: Sequence[Line], body: list[Line], depth: int) -> Iterator[list[tuple[Line, ...]]]:
    """Yield ways to cut the lines into entries."""
    yield [(line,) for line in body]
    yield _paragraphs(lines, body)
    yield _numbered(body)
    yield _led_by_names(body)
    for size in {*_periods(body), depth} - {0, 1}:
        for offset in range(min(size, len(body))):
            yield [tuple(body[at : at + size]) for at in range(offset, len(body), size)]


def _paragraphs(lines: Sequence[Line], body: list[Line]) -> list[tuple[Line, ...]]:
    groups: list[list[Line]] = [[]]
    kept = {line.start for line in body}
    for line in lines:
        if line.start in kept:
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [tuple(group) for group in groups if group]


def _numbered(body: list[Line]) -> list[tuple[Line, ...]]:
    groups: list[list[Line]] = []
    for line in body:
        if line.number is not None:
            groups.append([])
        if groups:
            groups[-1].append(line)
    longest = max(map(len, groups[:-1]), default=MAX_LINES)
    return [tuple(group[:longest]) for group in groups]  # what follows the last is no more of it


def _led_by_names(body: list[Line]) -> list[tuple[Line, ...]]:
    """Cut before each name behind data: one entry may lack what the others have."""
    groups: list[list[Line]] = []
    hard = True
    for line in body:
        if not groups or (hard and not line.is_hard and _may_name(line)):
            groups.append([])
        groups[-1].append(line)
        hard = line.is_hard
    return [tuple(group) for group in groups]


def _may_name(line: Line) -> bool:
    cells = line.cells
    return len(cells) == 1 and cells[0].is_nameable and not places.major(cells[0].low)


def _periods(body: list[Line]) -> list[int]:
    """Return how many lines one entry may have: the commonest distances between its numbers."""
    at = [number for number, line in enumerate(body) if _longs(line)]
    if len(at) < 2:
        at = [number for number, line in enumerate(body) if line.is_hard]
    steps = Counter(two - one for one, two in pairwise(at) if two - one <= MAX_LINES)
    return [step for step, _ in steps.most_common(2)]


def _cut(
    groups: list[tuple[Line, ...]],
    body: list[Line],
    alone: frozenset[int] = frozenset(),
    *,
    sized: bool = True,
) -> _Cut | None:
    """Keep the groups that are entries; None when they are not a list of people.

    `alone` are the lines (by where they start) that could be an entry each.
    """
    entries = [group for group in groups if _is_entry(group)]
    entries += _likenesses(groups, entries)
    if len({group[0].number for group in entries}) > 1:  # not answers 1, 2, 3 of each person
        entries = [group for group in entries if all(line.number is None for line in group[1:])]
    entries.sort(key=lambda group: group[0].start)
    if not _alike(entries) or (len(entries) == 2 and _corrects(entries[0] + entries[1])):
        return None
    first, last = entries[0][0].start, entries[-1][-1].start
    between = sum(first <= line.start <= last for line in body)
    doubled = sum(sum(line.start in alone for line in group) > 1 for group in entries)
    alike = _likeness(entries, sized=sized) * (1 - _DOUBLED * doubled / len(entries))
    return _Cut(tuple(entries), sum(map(len, entries)) / between, alike)


def _is_entry(group: Sequence[Line]) -> bool:
    """Tell whether lines hold one person: somebody's name, and data of one."""
    cells = [cell for line in group for cell in line.cells]
    if len(group) > MAX_LINES or len(cells) > MAX_CELLS:
        return False
    longs = sum(cell.shape is Shape.LONG and cell.is_hard for cell in cells)
    hard = sum(cell.is_hard for cell in cells)
    if not 0 < hard <= 4 or longs > 2:
        return False
    if _has_prose(group) or _repeats(group) or _corrects(group):
        return False
    return any(cell.is_nameable and not places.major(cell.low) for cell in cells)


def _has_prose(group: Sequence[Line]) -> bool:
    return any(not line.explicit and cell.is_prose for line in group for cell in line.cells)


def _repeats(group: Sequence[Line]) -> bool:
    """Tell whether two lines are made alike and hold a text and data each: two entries."""
    rich = [
        len(line.cells) if line.explicit else _shapes([line])
        for line in group
        if line.is_hard and len(set(_shapes([line]))) > 1
    ]
    return len(set(rich)) < len(rich)


def _corrects(group: Sequence[Line]) -> bool:
    """Tell whether lines say what was wrong and what is right: of one person, then."""
    first = group[0].cells[0] if group[0].cells else None
    said = first.reading.low[group[0].start : group[-1].end] if first else ""
    return corrections.starts(said, message=0) is not None


def _likenesses(
    groups: list[tuple[Line, ...]], entries: list[tuple[Line, ...]]
) -> list[tuple[Line, ...]]:
    """Return groups shaped as an entry is, whatever the words: a name may look like talk."""
    if len(entries) < 2:
        return []
    shapes = {_shapes(group) for group in entries}
    sizes = {len(one) for one in shapes}
    have = {group[0].start for group in entries}
    return [
        group for group in groups
        if group[0].start not in have
        and not any(_TOTAL.match(cell.low) for cell in group[0].cells)
        and (_shapes(group) in shapes or (group[0].explicit and len(_shapes(group)) in sizes))
        and any(cell.shape is Shape.TEXT and len(cell.low) < MAX_CELL for cell in group[0].cells)
    ]  # fmt: skip


def _shapes(group: Sequence[Line]) -> tuple[Shape, ...]:
    return tuple(cell.shape for line in group for cell in line.cells)


def _data(group: Sequence[Line]) -> tuple[bool, bool]:
    """Tell whether an entry holds the digits of a NIK, and a date."""
    cells = [cell for line in group for cell in line.cells if cell.is_hard]
    return any(cell.number for cell in cells), any(cell.date for cell in cells)


def _alike(entries: list[tuple[Line, ...]]) -> bool:
    """Tell whether entries are those of one list: at least two with the same kind of data."""
    return any(sum(kind) >= 2 for kind in zip(*map(_data, entries), strict=True))


def _likeness(entries: Sequence[Sequence[Line]], *, sized: bool) -> float:
    """Return the share of entries with the commonest kind of data, times that of as many lines."""
    data = max(map(sum, zip(*map(_data, entries), strict=True)))
    size = max(Counter(map(len, entries)).values()) if sized else len(entries)
    return data * size / len(entries) ** 2


def _inline(body: list[Line]) -> _Cut | None:
    """Cut lines that hold several people each: `Odih 3201... , Mamat 3201... , ...`."""
    longs, births = _inside(body)
    if max(longs, births) < INLINE:
        return None
    units = [
        Line(cell.start, cell.end, (cell,))
        for line in body
        for cell in _unannounced(line)
        if not cell.is_prose
    ]
    count = _longs if longs >= INLINE else _births
    first = next((at for at, unit in enumerate(units) if count(unit)), 0)
    led = first > 0 and units[first - 1].cells[0].is_nameable
    ways = [_at_facts(units, count, after=after) for after in ((True,) if led else (True, False))]
    cuts = [_cut(groups, units, sized=False) for groups in ways]
    good = [cut for cut in cuts if cut and len(cut.groups) >= INLINE and cut.covered >= _COVERED]
    return max(good, key=lambda cut: cut.merit, default=None)


def _unannounced(line: Line) -> tuple[Cell, ...]:
    """Return the cells of a line; `lahirnya: Odih Garut 3-4-1990, ...` announces no place."""
    if not line.cells or line.cells[0].shape is not Shape.TEXT or max(_inside([line])) < INLINE:
        return line.cells
    return replace(line.cells[0], label=None), *line.cells[1:]


def _inside(lines: Sequence[Line]) -> tuple[int, int]:
    """Return how many numbers of a NIK's size some lines hold, and dates in lines of several."""
    births = [0 if _is_story(line) else _births(line) for line in lines]
    return sum(map(_longs, lines)), sum(one for one in births if one >= INLINE)


def _at_facts(
    units: list[Line], count: Callable[[Line], int], *, after: bool
) -> list[tuple[Line, ...]]:
    """Cut cells behind, or before, each that `count` finds a fact in."""
    groups: list[list[Line]] = [[]]
    for unit in units:
        if count(unit) and not after:
            groups.append([])
        groups[-1].append(unit)
        if count(unit) and after:
            groups.append([])
    return [tuple(group) for group in groups if group]


def _is_story(line: Line) -> bool:
    """Tell whether a line is of sentences, be there as many dates in them as in a list."""
    return any(cell.is_prose for cell in line.cells) or (
        line.end - line.start > _PER_BIRTH * _births(line)
    )


def _births(line: Line) -> int:
    return sum(cell.date is not None and cell.is_hard for cell in line.cells)


def _longs(line: Line) -> int:
    return sum(cell.shape is Shape.LONG and cell.is_hard for cell in line.cells)
