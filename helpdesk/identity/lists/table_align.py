"""Records of a list laid under one another, so that what belongs together stands in a column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists.table_cells import HARD, Cell, Shape

Slot: TypeAlias = Cell | None
MAX_COLUMNS = 30  # a sheet of people is not wider

_REGULAR = 0.75  # the share of rows with equally many cells from which on columns are meant
_DIGITS = frozenset({Shape.LONG, Shape.NUMBER})
_DATES = frozenset({Shape.DATE, Shape.BIRTH, Shape.NUMBER})
_FITS = {
    Kind.NAME: frozenset({Shape.TEXT}),
    Kind.PLACE: frozenset({Shape.TEXT, Shape.BIRTH}),
    Kind.DATE: frozenset({Shape.DATE, Shape.BIRTH, Shape.NUMBER}),
    Kind.PLACE_DATE: frozenset({Shape.BIRTH, Shape.DATE}),
    Kind.NIK: frozenset({Shape.LONG}),
}


@dataclass(frozen=True)
class Grid:
    """Rows of equally many slots; `heads` has what each column's heading announces.

    Attributes:
        unplaced: what the heading announces though no column of its own is there.
        is_loose: the rows are made so differently that columns say little.
    """

    rows: tuple[tuple[Slot, ...], ...]
    heads: tuple[Kind | None, ...]
    unplaced: frozenset[Kind] = frozenset()
    is_loose: bool = False

    @cached_property
    def _columns(self) -> list[tuple[Slot, ...]]:
        return list(zip(*self.rows, strict=True))

    def column(self, at: int) -> tuple[Slot, ...]:
        """Return the slots of one column from top to bottom."""
        return self._columns[at]


def grid(records: Sequence[Sequence[Cell]], header: Sequence[Kind | None]) -> Grid:
    """Lay records under the commonest one of them, and a header over that."""
    lengths = Counter(map(len, records))
    width = len(header) if lengths[len(header)] * 2 > len(records) else 0
    width = width or max(lengths, key=lambda size: (lengths[size], size))
    model = _model([one for one in records if len(one) == width])
    rows = tuple(tuple(_fit(one, model)) for one in records)
    heads, unplaced = _heads(header, model)
    said = tuple(head or _announced([row[at] for row in rows]) for at, head in enumerate(heads))
    sizes = Counter(sum(cell.label is not Kind.OTHER for cell in one) for one in records)
    is_loose = not header and max(sizes.values()) < _REGULAR * len(records)
    return _joined(Grid(rows, said, unplaced, is_loose))


def _joined(grid: Grid) -> Grid:
    """Join first and last names that stand in columns of their own."""
    for at in range(len(grid.heads) - 1):
        if grid.heads[at] is grid.heads[at + 1] is Kind.NAME:
            rows = tuple((*row[:at], _one(*row[at : at + 2]), *row[at + 2 :]) for row in grid.rows)
            return replace(grid, rows=rows, heads=grid.heads[:at] + grid.heads[at + 1 :])
    return grid


def _one(first: Slot, last: Slot) -> Slot:
    if first is None or last is None or last.shape is not Shape.TEXT:
        return first or last
    return replace(first, end=last.end)


def pair(
    one: Sequence[object], two: Sequence[object], scores: Sequence[Sequence[float]]
) -> list[int]:
    """Pair two rows in order so that the scores add up highest.

    Returns for each of `one` the number of its partner in `two`, -1 where it has none.
    """
    best = [[0.0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(two) - 1, -1, -1):
            both = scores[i][j] + best[i + 1][j + 1] if scores[i][j] > 0 else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    found, i, j = [-1] * len(one), 0, 0
    while i < len(one) and j < len(two):
        if scores[i][j] > 0 and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            found[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _model(records: Sequence[Sequence[Cell]]) -> list[Shape]:
    """Return the commonest shape of each column, empty cells aside."""
    shapes = []
    for column in zip(*records, strict=True):
        filled = Counter(cell.shape for cell in column if cell.shape is not Shape.EMPTY)
        shapes.append(max(filled, key=lambda one: filled[one]) if filled else Shape.EMPTY)
    return shapes


def _fit(record: Sequence[Cell], model: list[Shape]) -> list[Slot]:
    if len(record) == len(model):
        return _swapped(record, model) or list(record)
    scores = [[_alike(cell, shape) for shape in model] for cell in record[:MAX_COLUMNS]]
    slots: list[Slot] = [None] * len(model)
    for cell, at in zip(record, pair(scores, model, scores), strict=False):
        if at >= 0:
            slots[at] = cell
    return slots


def _swapped(record: Sequence[Cell], model: list[Shape]) -> list[Slot]:
    """Put the cells of a record in the order of the columns, when only their order differs.

    Empty when nothing is in the wrong place, or more than the order is.
    """
    shapes = [cell.shape for cell in record]
    if shapes == model or sorted(shapes) != sorted(model):
        return []
    left = list(record)
    return [left.pop(next(at for at, one in enumerate(left) if one.shape is shape))
            for shape in model]  # fmt: skip


def _alike(cell: Cell, shape: Shape) -> float:
    """Return how well a cell fits a column; one announced as something else hardly does."""
    if cell.label is Kind.OTHER:
        return 0.2
    if cell.label is Kind.NAME and shape is Shape.TEXT:
        return 2.5
    both = {cell.shape, shape}
    if len(both) == 1:
        return 3.0 if shape in HARD else 2.2 if cell.is_nameable else 2.0
    if both <= _DATES:
        return 1.5
    if both <= _DIGITS:
        return 1.0
    return 0.5 if Shape.EMPTY in both else 0.0


def _heads(
    header: Sequence[Kind | None], model: list[Shape]
) -> tuple[list[Kind | None], frozenset[Kind]]:
    """Lay a header over the columns; a place with its date may have one or two."""
    if not header:
        return [None] * len(model), frozenset()
    spread = _spread(header)
    # The column of row numbers is gone where they were cut off with the line's start.
    ways = [list(header), list(header[1:]), spread, spread[1:]]
    fits = [_laid(way, model) for way in ways if len(way) == len(model)]
    return max([*fits, _paired(spread, model)], key=lambda fit: fit[0])[1:]


_Laid: TypeAlias = tuple[float, list[Kind | None], frozenset[Kind]]


def _laid(heads: list[Kind | None], model: list[Shape]) -> _Laid:
    """Lay headings over equally many columns, with how well they suit these."""
    score = sum(_suits(kind, shape) for kind, shape in zip(heads, model, strict=True))
    return score + 0.5 - 4 * _clash(heads, model), heads, frozenset()


def _paired(spread: list[Kind | None], model: list[Shape]) -> _Laid:
    """Pair headings with other than equally many columns."""
    scores = [[_suits(kind, shape) for shape in model] for kind in spread]
    heads: list[Kind | None] = [None] * len(model)
    lost, score = set(), 0.0
    for number, at in enumerate(pair(spread, model, scores)):
        kind = spread[number]
        if at >= 0:
            heads[at] = kind
            score += scores[number][at]
        elif kind:
            lost.add(kind)
    return score, heads, frozenset(lost)


def _spread(header: Sequence[Kind | None]) -> list[Kind | None]:
    spread: list[Kind | None] = []
    for kind in header:
        spread += [Kind.PLACE, Kind.DATE] if kind is Kind.PLACE_DATE else [kind]
    return spread


def _clash(heads: Sequence[Kind | None], model: list[Shape]) -> bool:
    """Tell whether a heading of data stands over a column of other data."""
    return any(
        kind in _FITS and shape in HARD and shape not in _FITS[kind]
        for kind, shape in zip(heads, model, strict=True)
    )


def _suits(kind: Kind | None, shape: Shape) -> float:
    if kind is None or kind not in _FITS:
        return 0.4
    if shape in _FITS[kind]:
        return 2.0 if shape in HARD else 1.6 if kind is Kind.NAME else 1.5
    return 0.2 if shape in {Shape.EMPTY, Shape.NUMBER} else 0.0


def _announced(column: Sequence[Slot]) -> Kind | None:
    said = Counter(cell.label for cell in column if cell and cell.label)
    for kind, count in said.most_common(1):
        return kind if count * 2 > len(column) else None
    return None
