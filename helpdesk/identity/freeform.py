"""Facts without labels: lines and lists of cells, `saya <Nama>`, a sign-off."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from helpdesk.identity import cells, cues, names, places, words
from helpdesk.identity.cells import Cell, Marked
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading, Taken
from helpdesk.identity.types import Field, Span

_ME = re.compile(
    r"(?<![a-z])(?:(?:perkenalkan|kenalkan) (?:saya|sy)|perkenalkan|saya|sy|sya|aku|gue|abdi|kulo"
    r"|i am|i'm|this is)[ ,:]{1,2}(?=[a-z])"
)
_KIN_NAME = re.compile(
    r"(?:[ ,:(]{1,3}(?:\(?(?:alm|almarhum|almarhumah)\)?\.?|yang bernama|bernama|yaitu"
    r"|an\.?|atas nama)?){1,2}[ ,:]{0,3}"
)
_KIN_WORDS = re.compile(
    r"[a-z]+(?: ?\(?alm\)?\.?)?(?: (?:saya|sy|sya|aku|gue|kami|abdi|kulo)|ku)?"
)
_SIGN_OFF = re.compile(
    r"(?<![a-z])(?:hormat (?:saya|kami|ku)|hormatku|salam(?: hormat| hangat)?|terima ?kasih\w*"
    r"|makasih|ttd|tertanda|regards|sincerely|wassalam\w*|pemohon|thank you|thanks)"
    r"[^\n\w]{0,10}\n[^\w]{0,20}(?=[^\W\d_])"
)
_HARD = frozenset({Field.NIK, Field.BIRTH_DATE})
_NAMING = frozenset({Field.FULL_NAME, None})


@dataclass(slots=True)
class _Block:
    """Cells that stand together, with no talk between."""

    cells: list[Cell] = field(default_factory=list)

    def has_hard(self) -> bool:
        return any(cell.finding and cell.finding.field in _HARD for cell in self.cells)


def find(marked: Sequence[Marked], today: dt.date) -> list[Finding]:
    """Read what the labels left over in all messages of a conversation; linear."""
    found: list[Finding] = []
    for block in _blocks(marked, today):
        found += _read_block(block)
    for one in marked:
        found += _introductions(one)
        found += _sign_off(one)
    return found


def _blocks(marked: Sequence[Marked], today: dt.date) -> Iterator[_Block]:
    block = _Block()
    for one in marked:
        some = list(cells.cut(one, today))
        for cell, following in zip(some, [*some[1:], None], strict=False):
            pieces = [cell] if cell.finding else list(_open_up(cell, following))
            if not pieces:  # talk ends a block; a place at its end begins the next
                yield block
                block = _Block()
            block.cells += pieces
    yield block


def _open_up(cell: Cell, following: Cell | None) -> Iterator[Cell]:
    """Yield a text cell, without the talk before a fact that follows it; nothing for mere talk."""
    if len(cell.low) <= 60 and (places.known(cell.low) or names.plausible(cell.low)):
        yield cell
        return
    head, place = cells.split_place(replace(cell, start=max(cell.start, cell.end - 60)))
    at = _after_talk(cell) if following and _touches(cell, following) else cell.end
    if at < cell.end and len(cell.low[at - cell.start :].split()) > 1:
        yield replace(cell, start=at)
    elif place and head and not names.plausible(head.low) and places.major(place.low):
        yield place


def _touches(cell: Cell, following: Cell) -> bool:
    """Tell whether a fact, or the label of one, follows a cell at once in running text."""
    gap = cell.reading.low[cell.end : following.start]
    return following.finding is not None and len(gap) < 40 and "\n" not in gap


def _after_talk(cell: Cell) -> int:
    """Return where the words after the last word of talk begin."""
    at = cell.start
    for word in re.finditer(r"\S+", cell.low):
        if words.is_talk(word[0]) or not word[0][0].isalpha():
            at = cell.start + word.end() + 1
    return min(at, cell.end)


def _read_block(block: _Block) -> Iterator[Finding]:
    if not block.has_hard():
        return
    rows = _rows(block.cells)
    for row in rows:
        yield from _read_row(row, many=len(rows) > 1)


def _rows(block: list[Cell]) -> list[list[Cell]]:
    """Cut a block where a new line repeats what the row so far already has."""
    rows: list[list[Cell]] = [[]]
    have: set[Field | None] = set()  # None stands for free text
    for at, cell in enumerate(block):
        fresh = at == 0 or cell.reading is not block[at - 1].reading or cells.starts_line(cell)
        if fresh and have & _HARD and have & _NAMING and _repeats(have, cell, block[at : at + 5]):
            rows.append([])
            have = set()
        have.add(cell.finding.field if cell.finding else None)
        rows[-1].append(cell)
    return rows


def _repeats(have: set[Field | None], cell: Cell, following: list[Cell]) -> bool:
    if cell.finding:
        return cell.finding.field in have
    near = {one.finding.field for one in following if one.finding}
    return names.plausible(cell.low) and bool(have & near & _HARD)


def _read_row(row: list[Cell], *, many: bool) -> Iterator[Finding]:
    fields = {cell.finding.field for cell in row if cell.finding}
    place = None if Field.BIRTH_PLACE in fields else _place(row, named=Field.FULL_NAME in fields)
    name = None if Field.FULL_NAME in fields else _name(row, place)
    found = [cell.finding for cell in row if cell.finding and not cell.given]
    if place:
        found.append(place)
    if name:
        found.append(name)
    found.sort(key=lambda one: (one.span.message, one.span.start))
    for at, finding in enumerate(found):
        opens = many and (at == 0 or finding.field is Field.FULL_NAME) and name is not None
        yield replace(finding, starts_person=opens)


def _place(row: list[Cell], *, named: bool) -> Finding | None:
    """Find the birth place: a known one next to the date, else any known, else what is there."""
    texts = [cell for cell in row if cell.finding is None]
    dated = [
        before
        for before, cell in pairwise(row)
        if not before.finding and cell.finding and cell.finding.field is Field.BIRTH_DATE
    ]
    for cell in dated:
        _, place = cells.split_place(cell)
        if place and (place.start > cell.start or named or not _only_text(texts, cell)):
            return cells.place_in(place, 0.92)
    for cell in [*texts[1:], *texts[:1]] if len(texts) > 1 or named else []:
        if places.major(cell.low):
            return cells.place_in(cell, 0.88)
    for cell in dated:
        if cell is not texts[0] and len(cell.low.split()) <= 3:
            return cells.place_in(cell, 0.7)
    return None


def _only_text(texts: list[Cell], cell: Cell) -> bool:
    """Tell whether a cell is all the text of a row, so that it may be the name."""
    return len(texts) == 1 and not places.major(cell.low)


def _name(row: list[Cell], place: Finding | None) -> Finding | None:
    for cell in row:
        if cell.finding:
            continue
        if (
            place
            and cell.start <= place.span.start < cell.end
            and cell.reading.message == place.span.message
        ):
            head = cell.reading.low[cell.start : place.span.start].rstrip(" .,-:(")
            cell = replace(cell, end=cell.start + len(head))  # noqa: PLW2901 - the same cell, cut
            if not head:
                continue
        found = cells.name_in(cell, 0.88, "name_cell")
        if found:
            return found
    return None


def _introductions(marked: Marked) -> Iterator[Finding]:
    low = marked.reading.low
    taken = Taken(len(low), marked.taken)
    for start, whose in _introducing(low).items():
        yield from _introduced(marked.reading, taken, start, whose, 0.8)


def _introducing(low: str) -> dict[int, str]:
    """Return where a name may follow, and whose; `suami saya <Nama>` is no `saya <Nama>`."""
    starts = {match.end(): cues.SELF for match in _ME.finditer(low)}
    for at, relation in cues.relations(low):
        said = _KIN_WORDS.match(low, at)
        gap = _KIN_NAME.match(low, said.end()) if said else None
        if gap and relation not in {"employee", cues.SELF}:
            starts[gap.end()] = relation
    return starts


def _introduced(
    reading: Reading, taken: Taken, start: int, whose: str, confidence: float
) -> Iterator[Finding]:
    end = names.measure(reading.low, start, min(len(reading.low), start + 70))
    if end == start or taken.touches(start, end):
        return
    written = reading.text[start:end]
    first = next((word for word in written.split() if not names.is_title(word.lower())), "")
    if not names.plausible(reading.low[start:end]) or places.major(reading.low[start:end]):
        return
    if not reading.shouted and not first[:1].isupper():
        confidence -= 0.25
        if (
            any(map(str.isupper, reading.text[max(0, start - 30) : start]))
            or not reading.text.islower()
        ):
            return
    span = Span(reading.message, start, end)
    yield Finding(
        Field.FULL_NAME, names.display(written), confidence, span, "introduction", whose=whose,
        starts_person=whose != cues.SELF,
    )  # fmt: skip


def _sign_off(marked: Marked) -> Iterator[Finding]:
    reading = marked.reading
    taken = Taken(len(reading.low), marked.taken)
    for match in _SIGN_OFF.finditer(reading.low):
        start = match.end()
        end = names.measure(reading.low, start, min(len(reading.low), start + 70))
        line_ends = reading.low[end : end + 2].strip(" ,.")[:1] in {"", "\n"}
        if end == start or not line_ends or taken.touches(start, end):
            continue
        if names.plausible(reading.low[start:end]) and not words.is_talk(reading.low[start:end]):
            span = Span(reading.message, start, end)
            value = names.display(reading.text[start:end])
            yield Finding(Field.FULL_NAME, value, 0.7, span, "sign_off", whose=cues.SELF)
