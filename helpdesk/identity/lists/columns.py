"""Columns of a list: which one holds names, places, birth dates, NIKs; all its rows vote."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from helpdesk.identity.figures import dates, nik
from helpdesk.identity.findings import can_be_birth
from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists.table_align import Grid, Slot
from helpdesk.identity.lists.table_cells import MIN_AGE, Cell, Shape
from helpdesk.identity.words import places

_HALF = 0.5  # of a column's filled cells: what most of them are
_HEADED = 3.0  # what a heading adds to a column's score; content alone gives up to about 3
_AGREES = 4.0  # what it adds when the dates are those inside the NIKs
_TWO_KINDS = frozenset({Kind.PLACE_DATE, Kind.DATE})
_PLACED = frozenset({Kind.PLACE, Kind.PLACE_DATE})
_FEW = 4  # rows, in which a name like a place's weighs much
_SHORT = 2  # letters: L, P, PKWT's like are no names


@dataclass(frozen=True, slots=True)
class Roles:
    """Number of the column that holds each kind of fact; `merged`: names end in their places.

    The column of PLACE is that of DATE when each cell holds both.
    """

    columns: Mapping[Kind, int]
    merged: bool = False
    headed: frozenset[Kind] = frozenset()  # kinds whose column bears a heading that says so


def judge(grid: Grid, today: dt.date) -> Roles | None:
    """Decide what each column of a list holds; None when no column holds names."""
    number, born = _hard(grid, today)
    columns = {kind: at for kind, at in ((Kind.NIK, number), (Kind.DATE, born)) if at is not None}
    name = _best(grid, _name_score, taken=columns.values())
    if name is None:
        return None
    columns[Kind.NAME] = name
    place, merged = _place(grid, name, born)
    if place is not None:
        columns[Kind.PLACE] = place
    headed = frozenset(kind for kind, at in columns.items() if _says(grid.heads[at], kind))
    return Roles(columns, merged, headed)


def date_of(cell: Cell, today: dt.date) -> dates.DateHit | None:
    """Return the date of a cell; digits alone (ddmmyyyy, ddmmyy) are one too."""
    if cell.date or cell.number is None or len(cell.number.digits) not in {6, 8}:
        return cell.date
    hit = dates.compact(cell.low, today=today) or next(dates.find(cell.low, today=today), None)
    if hit is None:
        return None
    return hit.moved(cell.start)


def place_at_end(low: str) -> int:
    """Return where the place begins with which a folded text ends; 0 when it ends in none.

    A place that is all of the text counts for none, as it may be the name.
    """
    starts = [at for at in range(1, len(low)) if low[at - 1] == " " and low[at] != " "][-4:]
    return next((at for at in starts if places.known(low[at:])), 0)


def _hard(grid: Grid, today: dt.date) -> tuple[int | None, int | None]:
    """Choose the columns of NIKs and of birth dates together: those that agree are right."""
    numbers = _scored(grid, lambda column, head: _nik_score(column, head, today))
    births = _scored(grid, lambda column, head: _date_score(column, head, today))
    best: tuple[float, int | None, int | None] = (0.0, None, None)
    for one, two in product([*numbers, None], [*births, None]):
        if one == two and one is not None:
            continue
        score = numbers.get(one, 0.0) + births.get(two, 0.0) if one != two else 0.0
        if one is not None and two is not None:
            agree = _agreement(grid.column(one), grid.column(two), today)
            if agree == 0 and not _says(grid.heads[two], Kind.DATE):
                continue  # the dates of something else: of joining, of a letter
            score += _AGREES * agree
        if score > best[0]:
            best = (score, one, two)
    return best[1], best[2]


def _scored(
    grid: Grid, score: Callable[[Sequence[Slot], Kind | None], float]
) -> dict[int | None, float]:
    given = {at: score(grid.column(at), grid.heads[at]) for at in range(len(grid.heads))}
    return {at: value for at, value in given.items() if value > 0}


def _nik_score(column: Sequence[Slot], head: Kind | None, today: dt.date) -> float:
    filled = _filled(column)
    longs = [cell.number for cell in filled if cell.shape is Shape.LONG and cell.number]
    if len(longs) < _HALF * len(filled) or not longs or head not in {Kind.NIK, None}:
        return 0.0
    valid = sum(bool(nik.inspect(one.digits, today=today).birth_dates) for one in longs)
    if not valid and head is None:
        return 0.0
    return 0.5 + valid / len(longs) + (_HEADED if head is Kind.NIK else 0.0)


def _date_score(column: Sequence[Slot], head: Kind | None, today: dt.date) -> float:
    filled = _filled(column)
    written = [cell for cell in filled if date_of(cell, today)]
    if not written or len(written) < _HALF * len(filled):
        return 0.0
    if head not in {Kind.DATE, Kind.PLACE_DATE, Kind.PLACE, None}:
        return 0.0
    days = [hit.day for cell in written if (hit := date_of(cell, today))]
    adults = [day for day in days if day and can_be_birth(day, today, min_age=MIN_AGE)]
    if len(adults) < _HALF * len(written):
        return 0.0
    age = sum(today.year - day.year for day in adults) / len(adults)
    digits = sum(cell.date is None for cell in written) / len(written)
    birth = sum(cell.shape is Shape.BIRTH for cell in written) / len(written)
    headed = _HEADED if head in _TWO_KINDS else 0.0
    return max(0.05, 0.5 + age / 100 + birth + headed - digits * 0.8)


def _agreement(numbers: Sequence[Slot], births: Sequence[Slot], today: dt.date) -> float:
    """Return the share of rows whose date is the one inside the NIK."""
    pairs = [
        (nik.inspect(one.number.digits, today=today).birth_dates, hit.day)
        for one, two in zip(numbers, births, strict=True)
        if one and one.number and two and (hit := date_of(two, today)) and hit.day
    ]
    readable = [(carried, day) for carried, day in pairs if carried]
    if len(readable) < 2:
        return 0.5  # nothing to compare says nothing
    return sum(day in carried for carried, day in readable) / len(readable)


def _name_score(grid: Grid, at: int) -> float:
    head = grid.heads[at]
    filled = [cell for cell in _filled(grid.column(at)) if cell.shape in _TEXTS]
    if not filled or head not in {Kind.NAME, None}:
        return 0.0
    share = len(filled) / max(1, len(_filled(grid.column(at))))
    if head is Kind.NAME:
        return _HEADED * share
    nameable = sum(cell.is_nameable and len(cell.low) > _SHORT for cell in filled) / len(filled)
    if nameable < _HALF:
        return 0.0
    known = sum(places.major(cell.low) for cell in filled) / len(filled)
    distinct = len({cell.low for cell in filled}) / len(filled)
    words = min(2.0, sum(len(cell.low.split()) for cell in filled) / len(filled))
    first = 0.3 if at == min(_text_columns(grid)) else 0.0
    return share * (nameable + distinct + 0.3 * words + first - 1.2 * known)


_TEXTS = frozenset({Shape.TEXT, Shape.BIRTH})


def _text_columns(grid: Grid) -> Iterator[int]:
    for at in range(len(grid.heads)):
        if any(cell and cell.shape in _TEXTS for cell in grid.column(at)):
            yield at


def _place(grid: Grid, name: int, born: int | None) -> tuple[int | None, bool]:
    """Return the column of birth places, and whether names and places share one."""
    if born is not None and _has_text(grid.column(born)):
        return born, name == born
    best = _best(grid, lambda grid, at: _place_score(grid, at, born), taken={name, born} - {None})
    if best is not None:
        return best, False
    return None, _is_merged(grid, name, born)


def _place_score(grid: Grid, at: int, born: int | None) -> float:
    head = grid.heads[at]
    filled = _filled(grid.column(at))
    texts = [cell for cell in filled if cell.shape is Shape.TEXT]
    if not texts or head not in {Kind.PLACE, *_TWO_KINDS, None}:
        return 0.0
    if head is not None:
        return _HEADED
    known = sum(places.known(cell.low) for cell in texts) / len(texts)
    named = sum(places.major(cell.low) for cell in texts) / len(texts)
    beside = born is not None and at + 1 == born
    said = any(cell.label in _PLACED for cell in texts)
    few = any(any(map(str.isdigit, cell.low)) for cell in texts) or len(texts) < len(filled) / 3
    if few or (known < _HALF and not (beside and (known or said or _differ(texts)))):
        return 0.0
    return known + named + 0.8 * beside


def _differ(texts: Sequence[Cell]) -> bool:
    """Tell whether a column's texts are as different as places of birth are."""
    return len({cell.low for cell in texts}) > _HALF * len(texts) and all(
        len(cell.low) > _SHORT + 1 for cell in texts
    )


def _is_merged(grid: Grid, name: int, born: int | None) -> bool:
    """Tell whether names are followed by their places with no sign between."""
    if grid.unplaced & _PLACED:
        return True
    placed = born is not None and grid.heads[born] is Kind.PLACE_DATE
    filled = [cell for cell in _filled(grid.column(name)) if cell.shape in _TEXTS]
    ends = sum(place_at_end(cell.low) > 0 for cell in filled)
    enough = 0.6 if len(filled) < _FEW else 0.35  # villages and old names no table knows
    return (placed or grid.heads[name] is not Kind.NAME) and ends > enough * len(filled)


def _best(grid: Grid, score: Callable[[Grid, int], float], *, taken: object) -> int | None:
    left = [at for at in range(len(grid.heads)) if at not in taken]  # type: ignore[operator]
    scores = {at: score(grid, at) for at in left}
    best = max(left, key=lambda at: scores[at], default=None)
    return best if best is not None and scores[best] > 0 else None


def _has_text(column: Sequence[Slot]) -> bool:
    return any(cell and cell.shape is Shape.BIRTH for cell in column)


def _says(head: Kind | None, kind: Kind) -> bool:
    return head is kind or (head is Kind.PLACE_DATE and kind in {Kind.PLACE, Kind.DATE})


def _filled(column: Sequence[Slot]) -> list[Cell]:
    return [cell for cell in column if cell and cell.shape is not Shape.EMPTY]


def most_common(kinds: Sequence[Kind | None]) -> Kind | None:
    """Return the kind most cells of a column are announced as, None when most are not."""
    said = Counter(kind for kind in kinds if kind)
    best, count = next(iter(said.most_common(1)), (None, 0))
    return best if count * 2 > len(kinds) else None
