"""Facts without labels: names and birth places that stand beside dates and NIKs.

The cells of all messages form one sequence. It is cut into rows, one a person, where a NIK or date
comes again; of each row's texts the likeliest pair becomes the name and the birth place.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from helpdesk.identity.figures.months import MONTHS
from helpdesk.identity.findings import Finding
from helpdesk.identity.free import candidates, cells, introductions
from helpdesk.identity.free.candidates import Candidate
from helpdesk.identity.free.cells import Cell, Marked, Page
from helpdesk.identity.types import Field
from helpdesk.identity.whose.referents import SELF
from helpdesk.identity.words import names, places

_HARD = frozenset({Field.NIK, Field.BIRTH_DATE})
_MAX_PIECE = 90
_MIN_NAME = 1.5  # score of a name beside a date or NIK
_MIN_LONE_NAME = 5.0  # and of one with no fact beside it
_MIN_BESIDE_LABEL = 8.0  # of one that stands before facts which a label's name stands behind
_MIN_LISTED = 4.5  # and of one among others side by side
_MIN_PLACE = 2.6
_DISTANCE, _MAX_DISTANCE = 0.25, 2.5  # a name far from every fact is worth less
_SAME_LINE, _TOLD = 2.0, 2.0
_FIRST = 1.0  # a name stands before the facts more often than behind them
_HEAD_BESIDE_NAME = -3.0  # `Pematang Raya` below `Bungaran Saragih` is all place
_BETWEEN = 2.0
_DATE_WORDS = frozenset(("tgl", "tanggal", "tg", "thn", "tahun", "th", "lahir", "lhr", "pada"))
_BEHIND_NAME = 2.0  # name, place, date is the order of every form
_TOLD_RULE = "introduction"


@dataclass(frozen=True)
class _Item:
    """A cell of the sequence, with its page."""

    page: Page
    cell: Cell
    told: tuple[int, int] | None = None  # an introduced name, read already: only to be compared

    @property
    def is_hard(self) -> bool:
        return self.cell.field in _HARD or self.cell.is_no_date

    @cached_property
    def name(self) -> Candidate | None:
        """What of the cell could be a name; worked out only when somebody asks."""
        if not self.cell.is_text:
            return None
        if self.told is None:
            return candidates.name(self.page, self.cell)
        start, end = self.told
        seen = candidates.name(self.page, replace(self.cell, start=start, end=end))
        return Candidate(self.cell, start, end, seen.score if seen else 0.0)

    @property
    def names_somebody(self) -> bool:
        """Whether a name stands here, given by a label or likely."""
        if self.cell.field is Field.FULL_NAME:
            return True
        return self.name is not None and self.name.score >= _MIN_NAME


@dataclass(frozen=True, slots=True)
class _Choice:
    name: Candidate | None
    place: Candidate | None
    score: float


def find(marked: Sequence[Marked], today: dt.date) -> list[Finding]:
    """Read what the labels left over in all messages of a conversation; linear."""
    told: list[Finding] = []
    items: list[_Item] = []
    for one in marked:
        here = list(introductions.find(one))
        told += here
        items += _items(one, here, today)
    listed = _listed(items)
    rows = list(_rows(items))
    found: list[Finding] = []
    opening: set[tuple[int, int]] = set()  # introduced names that begin a next person's entry
    for row in rows:
        choice = _choose(row, is_listed=bool(listed))
        found += _read(row, choice, many=len(rows) > 1)
        if len(rows) > 1 and choice.name and _is_told(row, choice.name):
            opening.add((choice.name.reading.message, choice.name.start))
    return [*(_opened(one, opening) for one in told), *listed, *found]


def _is_listed(one: Candidate, page: Page) -> bool:
    """Tell whether a candidate is a name for sure, and no place before a date."""
    low = page.reading.low[one.start : one.end]
    is_sure = one.score >= _MIN_LISTED and one.fills_cell
    return is_sure and not page.is_followed(one.end) and not places.known(low)


def _opened(one: Finding, opening: Collection[tuple[int, int]]) -> Finding:
    opens = not one.whose and (one.span.message, one.span.start) in opening
    return replace(one, starts_person=True) if opens else one


def _listed(items: Sequence[_Item]) -> list[Finding]:
    """Read names that stand side by side, as many as there are NIKs or dates elsewhere."""
    counts = {sum(item.cell.field is one for item in items) for one in _HARD}
    if max(counts) < 2 or any(item.cell.field is Field.FULL_NAME for item in items):
        return []
    for run in _runs(items):
        if len(run) in counts and len(run) > 1:
            return [replace(candidates.name_found(one), starts_person=True) for one in run]
    return []


def _runs(items: Sequence[_Item]) -> Iterator[list[Candidate]]:
    """Yield the names that follow each other in one message with nothing between."""
    run: list[Candidate] = []
    page: Page | None = None
    for item in items:
        one = item.name if item.told is None else None
        is_name = one is not None and _is_listed(one, item.page)
        if run and (not is_name or item.page is not page):
            yield run
            run = []
        if one is not None and is_name:
            run.append(one)
            page = item.page
    yield run


def _items(one: Marked, told: Sequence[Finding], today: dt.date) -> Iterator[_Item]:
    page = cells.cut(one, today)
    introduced = sorted((one.span.start, one.span.end) for one in told if one.rule == _TOLD_RULE)
    signed = [one.span for one in told if one.rule != _TOLD_RULE]  # one at most
    for cell in page.cells:
        if cell.is_text and _tells_date(cell):
            continue
        if not told or not cell.is_text:
            yield _Item(page, cell)
        elif not any(span.start < cell.end and cell.start < span.end for span in signed):
            last = bisect_left(introduced, (cell.end, 0)) - 1
            is_inside = last >= 0 and introduced[last][0] >= cell.start
            yield _Item(page, cell, introduced[last] if is_inside else None)


def _tells_date(cell: Cell) -> bool:
    """Tell whether a cell says only that a date follows, or is the month of one in pieces."""
    if cell.low in MONTHS:
        low = cell.reading.low
        after, before = low[cell.end : cell.end + 3], low[max(0, cell.start - 2) : cell.start]
        return after.strip(" .'")[:1].isdigit() or before.strip()[-1:].isdigit()
    return cell.low in _DATE_WORDS


def _rows(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    """Cut the sequence before whatever repeats a date or NIK, at the name before it."""
    row: list[_Item] = []
    have: set[Field] = set()
    for item in items:
        field = item.cell.field
        if field in _HARD and field in have:
            at = _turn(row, item)
            yield row[:at]
            row = row[at:]
            have = {one.cell.field for one in row if one.cell.field}
        elif field is Field.FULL_NAME and field in have and have & _HARD:
            yield row
            row, have = [], set()
        row.append(item)
        if field:
            have.add(field)
    yield row


def _turn(row: Sequence[_Item], item: _Item) -> int:
    """Return where in a row that is full the next person's entry begins.

    At the first text on the line of `item`, the fact that comes again; else at the first name.
    """
    last = max((at for at, one in enumerate(row) if one.is_hard), default=-1)
    loose = range(last + 1, len(row))
    beside = [at for at in loose if cells.share_line(row[at].cell, item.cell)]
    if any((one := row[at].name) and one.fills_cell and one.score > 0 for at in beside):
        return beside[0]
    if not any(one.names_somebody for one in row[: last + 1]):
        return len(row)
    return next((at for at in loose if row[at].names_somebody), len(row))


def _read(row: Sequence[_Item], choice: _Choice, *, many: bool) -> Iterator[Finding]:
    found = [item.cell.finding for item in row if item.cell.finding and not item.cell.given]
    if choice.place:
        found.append(candidates.place_found(choice.place))
    is_told = choice.name is not None and _is_told(row, choice.name)
    if choice.name and not is_told:
        found.append(candidates.name_found(choice.name))
    found.sort(key=lambda one: (one.span.message, one.span.start))
    for at, finding in enumerate(found):
        is_name = finding.field is Field.FULL_NAME
        opens = (many and (at == 0 or is_name)) or (is_name and any(item.told for item in row))
        starts = opens and choice.name is not None and not is_told
        yield (
            finding if finding.starts_person is starts else replace(finding, starts_person=starts)
        )
    yield from _said_again(row, choice)


def _said_again(row: Sequence[_Item], choice: _Choice) -> Iterator[Finding]:
    """Yield names that a row gives again, in other letters (`eh maaf: ROCHMANA`) or in full."""
    given = next((one.cell for one in row if one.cell.field is Field.FULL_NAME), None)
    chosen, place = choice.name, choice.place
    text = _text(chosen) if chosen else names.display(given.low) if given else ""
    if not text:
        return
    message = chosen.reading.message if chosen else given.reading.message if given else 0
    heads = {word[:2] for word in text.lower().split()}
    for item in row:
        if item.page.reading.message < message or heads.isdisjoint(_heads(item.cell)):
            continue
        one = item.name
        if one is None or item.told or one.score < _MIN_NAME:
            continue
        if (place and one.overlaps(place)) or (chosen and one.overlaps(chosen)):
            continue
        if one.reading.message > message and names.is_respelling(text, _text(one)):
            yield replace(candidates.name_found(one), starts_person=True, corrects=True)
        elif names.is_fuller(text, _text(one)):
            yield replace(candidates.name_found(one), starts_person=True)


def _heads(cell: Cell) -> Iterator[str]:
    """Yield how the words of a text cell begin: no slip changes the beginning of all of them."""
    return (word[:2] for word in cell.low.split()) if cell.is_text else iter(())


def _text(one: Candidate) -> str:
    return names.display(one.reading.low[one.start : one.end])


def _is_told(row: Sequence[_Item], name: Candidate) -> bool:
    return any(item.told and item.name and item.name.start == name.start for item in row)


def _choose(row: Sequence[_Item], *, is_listed: bool) -> _Choice:
    """Choose the name and the place of a row that together have most to say for them."""
    fields = {item.cell.field for item in row}
    is_hard = any(item.is_hard for item in row)
    wants_name = not is_listed and (Field.FULL_NAME not in fields or _names_late(row))
    wants_place = Field.BIRTH_PLACE not in fields and is_hard
    named = [*_near(row if is_hard else [*filter(_may_be_all_name, row)])] if wants_name else []
    if not is_hard:
        named = [one for one in named if one.fills_cell]
    elif Field.FULL_NAME in fields:
        enough = _MIN_NAME if _names_kin(row) else _MIN_BESIDE_LABEL
        named = [one for one in named if one.score >= enough and _leads(row, one)]
    best = _best(named)
    least = _MIN_NAME if is_hard else _MIN_LONE_NAME
    choice = _Choice(best, None, best.score) if best and best.score >= least else None
    choice = choice or _Choice(None, None, 0.0)
    if not wants_place:
        return choice
    for name, place in _pairs(row, named, wants_name=wants_name):
        kept = name if name and name.score >= least else None
        score = (kept.score if kept else 0.0) + place.score - _MIN_PLACE
        if place.score >= _MIN_PLACE and score > choice.score:
            choice = _Choice(kept, place, score)
    return choice


def _may_be_all_name(item: _Item) -> bool:
    """Tell cheaply whether a cell may hold a name and nothing else."""
    return item.cell.is_text and not names.begins_talk(item.cell.low)


def _names_late(row: Sequence[_Item]) -> bool:
    """Tell whether a label names somebody only behind all facts: `..., nama saya Elias`."""
    hard = [at for at, item in enumerate(row) if item.is_hard]
    given = [at for at, item in enumerate(row) if item.cell.field is Field.FULL_NAME]
    return bool(hard) and min(given) > max(hard)


def _names_kin(row: Sequence[_Item]) -> bool:
    """Tell whether all that labels name is kin: `suami : Paidi` ends the form of his wife."""
    given = [item.cell.finding for item in row if item.cell.field is Field.FULL_NAME]
    return all(one is not None and one.whose not in {"", SELF} for one in given)


def _leads(row: Sequence[_Item], one: Candidate) -> bool:
    """Tell whether a name stands before all dates and NIKs of a row."""
    first = next(item for item in row if item.is_hard)
    here = (one.reading.message, one.start)
    return here < (first.page.reading.message, first.cell.start)


def _near(row: Sequence[_Item]) -> Iterator[Candidate]:
    """Yield the names of a row, each worth less the farther it stands from a fact."""
    hard = [at for at, item in enumerate(row) if item.is_hard]
    first = hard[0] if hard else 0
    for at, item in enumerate(row):
        if item.name is None:
            continue
        nearest = min(hard, key=lambda one: abs(one - at), default=at)
        far = max(0, abs(nearest - at) - 1)
        worth = item.name.score - min(_MAX_DISTANCE, _DISTANCE * far)
        if nearest != at and cells.share_line(item.cell, row[nearest].cell):
            worth += _SAME_LINE
        elif item.told and far <= 1:
            worth += _TOLD
        if (
            at < first
            and item.name.fills_cell
            and not cells.share_line(item.cell, row[first].cell)
        ):
            worth += _FIRST
        yield item.name if worth == item.name.score else replace(item.name, score=worth)


def _best(named: Sequence[Candidate]) -> Candidate | None:
    return max(named, key=lambda one: one.score, default=None)


def _pairs(
    row: Sequence[_Item], named: Sequence[Candidate], *, wants_name: bool
) -> Iterator[tuple[Candidate | None, Candidate]]:
    """Yield each place of a row with the best name that leaves it its characters."""
    ranked = sorted(named, key=lambda one: -one.score)[:3]
    first_name = next((at for at, item in enumerate(row) if item.names_somebody), len(row))
    last_hard = max((at for at, item in enumerate(row) if item.is_hard), default=0)
    for at, item in enumerate(row):
        if not item.cell.is_text or item.cell.end - item.cell.start > _MAX_PIECE:
            continue
        before = row[at - 1].cell if at else None
        after = row[at + 1].cell if at + 1 < len(row) else None
        is_village = _is_village_of(item.cell, after)
        if is_village:
            after = row[at + 2].cell if at + 2 < len(row) else None
        dated = after is not None and (after.is_date or after.field is Field.NIK)
        for start in (
            candidates.place_starts(item.cell) if dated else [candidates.place_start(item.cell)]
        ):
            place = candidates.place(item.page, item.cell, start, before, after)
            if start == candidates.place_start(item.cell) and first_name < at < last_hard:
                place = replace(place, score=place.score + _own_line(item.cell))
            if dated and (is_village or _stands_behind_name(row, at, start)):
                place = replace(place, score=place.score + _BEHIND_NAME)
            if place.score < _MIN_PLACE:
                continue
            head = _head(item, start, ranked) if wants_name and dated else None
            free = [one for one in ranked if not one.overlaps(place)]
            yield _best([*free, *([head] if head else [])]), place


def _is_village_of(cell: Cell, after: Cell | None) -> bool:
    """Tell whether a cell is a place and the next its regency: `Imogiri, Bantul, 3-4-1990`."""
    if after is None or not after.is_text or not cells.share_line(cell, after):
        return False
    if any(map(str.isalnum, cell.reading.low[cell.end : after.start])):
        return False
    return places.known(
        cell.reading.low[candidates.place_start(cell) : cell.end]
    ) and places.major(after.low)


def _stands_behind_name(row: Sequence[_Item], at: int, start: int) -> bool:
    """Tell whether all of a cell could be the place between a name and a date or NIK."""
    item, last = row[at], row[at - 1] if at else None
    if last is None or last.name is None or start != candidates.place_start(item.cell):
        return False
    if last.name.score < _MIN_NAME or places.known(last.cell.low):
        return False
    return last.told is not None or last.name.fills_cell


def _own_line(cell: Cell) -> float:
    """A line by itself after the name and before the date or NIK is the place, mostly."""
    return _BETWEEN if cells.fills_line(cell) and len(cell.low.split()) <= 3 else 0.0


def _head(item: _Item, start: int, ranked: Sequence[Candidate]) -> Candidate | None:
    """Judge what stands before a place in the same cell as the name: `siti contoh garut`."""
    low = item.page.reading.low
    if start <= item.cell.start or places.known(item.cell.low):
        return None
    while start > item.cell.start and not low[start - 1].isalpha():
        start -= 1
    head = candidates.name(item.page, item.cell, until=start)
    beside = any(
        one.fills_cell and one.score >= _MIN_LISTED and one.cell is not item.cell for one in ranked
    )
    worth = _SAME_LINE + (_HEAD_BESIDE_NAME if beside else 0.0)
    return replace(head, score=head.score + worth) if head else None
