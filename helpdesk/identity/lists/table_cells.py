"""Cells of a possible list: what stands between signs, or a fact and the texts around it."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from helpdesk.identity.figures import dates, numbers
from helpdesk.identity.findings import can_be_birth
from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import table_headers
from helpdesk.identity.reading import Reading, Taken
from helpdesk.identity.words import names, places, words

MIN_AGE = 10  # as after a label: only nonsense is refused
MAX_CELL = 80  # characters; a longer piece of text is talk
# Digits of what may be a NIK with slips; those of telephones and of BPJS Kesehatan cannot.
_LONG = re.compile(r"(?!0|628\d{10,12}$)\d{13,19}")


_SPLIT = re.compile(
    r"(?<![a-z])(?:a\.n\.?|a/n|an\.|atas nama|yaitu|yakni) "
    r"|[,/;|\n\t()\[\]\u2190-\u2bff\U0001f000-\U0001faff]| ?\.{2,} ?| \. | ?[-=]+>"
    r"| - |(?<=\w)- | -(?=\w)|  +|[:=]+"
)
# Words in a row that announce the next cell: `Euis, lahir Bandung 9 Maret 1991, NIK 3273...`.
_INSIDE = re.compile(
    r"(?<![a-z'])(?:(?:nama(?: (?:lengkap|peserta|karyawan))?|name|lahir|lhr|kelahiran|ttl|tempat"
    r"|tmp|tgl|tanggal|born|dob|nik|e-?ktp|ktp|kk|kpj|npwp|hp|telp|alamat|umur|usia|masuk|join"
    r"|bagian|jabatan|dept|(?:yg|yang)(?! (?:satu|ke|pertama|terakhir|co|ce|perem|laki))"
    r"|alias|als\.?|(?:biasa )?dipanggil|panggilan"
    r"|(?:no|nomor|nmr)(?=[ .]{0,2}(?:nik|e?ktp|kk|kpj|hp|wa|identitas|induk|\d)))"
    r"(?: ?nya)?(?![a-z'])[ .,:=/&-]{0,5}(?:(?:di|in|on|at|pada|dan)\b )?){1,4}"
)
LEADING = re.compile(r"[^:=\n]{1,48}[:=]")  # `Nama Peserta   :`
# Small words before a name, and whose it is: `si Odih`, `bapak saya Mustofa`.
_PARTICLE = re.compile(
    r"(?:(?:si|na|di|an|a/n|a\.n|atas nama|yaitu|yakni|dan|sama|&|namanya|terus|trus|kemudian|saya"
    r"|sy|aku|(?:yg|yang) (?:cowok?|cewek?|perempuan|laki|laki-laki|besar|kecil)"
    r"|(?:(?:yg|yang) )?(?:satu(?:nya)?(?: lagi)?|ke-?\d|pertama|kedua|ketiga|keempat|terakhir)"
    r"|(?:bapak|ibu|ayah|suami|istri|anak|adik|adek|kakak|abang|mama|papa|mertua|paman|bibi|teman)"
    r"(?:ku|(?: (?:saya|sy|sya|aku|kami|kandung)){1,2}))[. ]{1,2}){1,3}(?=[a-z])"
)
_ASIDE = re.compile(r"(?:yg|yang|alias|als|biasa|dipanggil|panggilan)(?![a-z])")
# What a name is followed by in brackets: `Abdul Rohman (Cak Man), Lamongan`.
_BRACKET = re.compile(r"(?<=[a-z.]) ?\((?P<said>[^()\d\n]{1,40})\)")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_EMPTY = frozenset({"", "-", "--", "---", ".", "n/a", "na", "nihil", "kosong", "menyusul"})
_TAIL = re.compile(r"(?: (?:juga|jg|jga|pak|bu|kak|min|ya|on|pada|tgl))+$")


class Shape(StrEnum):
    """What stands in a cell, judged by the cell alone."""

    EMPTY = "empty"
    TEXT = "text"
    DATE = "date"
    BIRTH = "birth"  # a text and then a date: a place with its date, mostly
    LONG = "long"  # digits enough for a NIK
    NUMBER = "number"


HARD = frozenset({Shape.DATE, Shape.BIRTH, Shape.LONG})


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a line at `start`:`end`, trimmed; of a BIRTH cell the text ends at `text_end`."""

    reading: Reading
    start: int
    end: int
    shape: Shape
    date: dates.DateHit | None = None
    number: numbers.Number | None = None
    label: Kind | None = None  # what words before it on its line announce
    text_end: int = 0

    @property
    def low(self) -> str:
        """The folded text of the cell, of a BIRTH cell that before the date."""
        return self.reading.low[self.start : self.text_end or self.end]

    @property
    def is_hard(self) -> bool:
        """Whether the cell is one that only data have: a date, or digits for a NIK."""
        return self.shape in HARD and self.label is not Kind.OTHER

    @property
    def is_nameable(self) -> bool:
        """Whether the whole cell may be somebody's name."""
        text = self.shape is Shape.TEXT and self.label in {None, Kind.NAME}
        return text and names.plausible(self.low)

    @property
    def is_prose(self) -> bool:
        """Whether the cell is running text rather than a value."""
        said = self.low.split() if self.shape is Shape.TEXT else []
        return len(said) > 2 and sum(map(words.is_talk, said)) > 2


def value(reading: Reading, start: int, end: int, today: dt.date) -> Cell:
    """Read `start`:`end` as one cell; digits or a date in it decide over the text around."""
    start, end = _trim(reading.low, start, end)
    low = reading.low[start:end]
    if low in _EMPTY or low.startswith(("menyusul", "belum", "(menyusul")):
        return Cell(reading, start, end, Shape.EMPTY)
    if number := _whole_number(low, start):
        return _digits(reading, number)
    date = _only_date(reading, start, end, today)
    if date is None:
        return Cell(reading, start, end, Shape.TEXT)
    text = _trim(reading.low, start, date.start)
    if text[0] == text[1]:
        return Cell(reading, date.start, date.end, Shape.DATE, date)
    return Cell(reading, text[0], date.end, Shape.BIRTH, date, text_end=text[1])


def piece(reading: Reading, start: int, end: int, today: dt.date) -> Iterator[Cell]:
    """Yield one cell for a piece between signs; several where it holds a whole row itself."""
    label, start = leading(reading.low, start, end)
    cell = value(reading, start, end, today)
    cell = replace(cell, label=label) if label else cell
    if cell.shape is Shape.TEXT and any(map(str.isdigit, cell.low)):
        some = list(running(reading, start, end, today))
        if sum(one.is_hard for one in some):
            yield from some
            return
    if cell.shape is Shape.BIRTH and any(map(str.isdigit, cell.low)):
        yield from running(reading, start, end, today)
        return
    yield cell


def leading(low: str, start: int, end: int) -> tuple[Kind | None, int]:
    """Return what a line announces before a colon, and where it goes on."""
    lead = LEADING.match(low, start, end)
    if lead and (kind := table_headers.announces(lead[0].strip(" *_-.:="))):
        return kind, lead.end()
    return None, start


def running(
    reading: Reading, start: int, end: int, today: dt.date, label: Kind | None = None
) -> Iterator[Cell]:
    """Yield the cells of running text: digits and dates, and the texts between."""
    at = start
    for stop in [*_facts(reading, start, end, today), None]:
        until = stop.start if stop else end
        for cell in _texts(reading, at, until):
            if cell.shape is Shape.EMPTY:
                label = cell.label
                continue
            yield _under(cell, label)
            label = None
        if stop:
            yield replace(stop, label=label) if label else stop
            label, at = None, stop.end


def _under(cell: Cell, label: Kind | None) -> Cell:
    """Put a text under what announces it; excuses in the place of a date or a NIK are nothing."""
    if label is None:
        return cell
    excuse = label in {Kind.NIK, Kind.DATE} and any(map(words.is_talk, cell.low.split()))
    return replace(cell, label=label, shape=Shape.EMPTY if excuse else cell.shape)


def _facts(reading: Reading, start: int, end: int, today: dt.date) -> list[Cell]:
    """Return the digits and dates of running text; digits enough for a NIK come first."""
    low = reading.low[start:end]
    if not any(map(str.isdigit, low)):
        return []
    digits = list(numbers.find(low))
    taken, found = Taken(len(low)), []
    for one in digits:
        if _LONG.fullmatch(one.digits) and not _begins_with_date(low[one.start : one.end], today):
            taken.add(one.start, one.end)
            found.append(_digits(reading, one.moved(start)))
    for hit in dates.find(low, today=today):
        if not taken.touches(hit.start, hit.end):
            taken.add(hit.start, hit.end)
            moved = hit.moved(start)
            born = can_be_birth(hit.day, today, min_age=MIN_AGE) or hit.day is None
            shape = Shape.DATE if born else Shape.NUMBER  # a letter's date, say
            found.append(Cell(reading, moved.start, moved.end, shape, moved))
    found += [
        _digits(reading, one.moved(start))
        for one in digits
        if not taken.touches(one.start, one.end)
    ]
    return sorted(found, key=lambda cell: cell.start)


def _begins_with_date(low: str, today: dt.date) -> bool:
    """Tell whether digits in groups are two dates side by side rather than one number."""
    hit = None if low.isdecimal() else next(dates.find(low, today=today), None)
    return hit is not None and hit.start == 0 and hit.day is not None


def _texts(reading: Reading, start: int, end: int) -> Iterator[Cell]:
    """Yield the texts between facts; a word that only announces is an EMPTY cell with its kind."""
    at = start
    for mark in [*_marks(reading.low, start, end), None]:
        stop = mark.start() if mark else end
        first, last = _trim(reading.low, at, stop)
        if any(map(str.isalpha, reading.low[first:last])):
            yield Cell(reading, first, last, Shape.TEXT)
        if mark and mark.re is _INSIDE:
            said = _announced(mark[0].strip(" .,:=/&-"))
            yield Cell(reading, mark.start(), mark.start(), Shape.EMPTY, label=said)
        at = mark.end() if mark else end


def _announced(low: str) -> Kind | None:
    """Return what words inside a row announce; `yang bagian dapur` tells of something else."""
    aside = _ASIDE.match(low)
    kind = table_headers.announces(low[aside.end() :].strip() if aside else low)
    return kind or (Kind.OTHER if aside else None)


def _marks(low: str, start: int, end: int) -> list[re.Match[str]]:
    """Return where texts end, in order: at signs, and at words that announce the next cell."""
    asides = [
        one for one in _BRACKET.finditer(low, start, end) if not places.known(one["said"])
    ]  # fmt: skip
    taken = Taken(end - start, ((one.start() - start, one.end() - start) for one in asides))
    inside = [
        one for one in _INSIDE.finditer(low, start, end)
        if not taken.touches(one.start() - start, one.end() - start)
    ]  # fmt: skip
    for one in inside:
        taken.add(one.start() - start, one.end() - start)
    signs = [
        mark
        for mark in _SPLIT.finditer(low, start, end)
        if not taken.touches(mark.start() - start, mark.end() - start)
        and not _before_degree(low, mark, end)
    ]
    return sorted([*asides, *inside, *signs], key=lambda mark: mark.start())


def _before_degree(low: str, mark: re.Match[str], end: int) -> bool:
    """Tell whether a comma stands between a name and its degree."""
    if mark[0] != ",":
        return False
    word = low[mark.end() : min(end, mark.end() + 12)].strip().split(",")[0].split(" ")[0]
    return _NO_LETTER.sub("", word) in words.TITLES_AFTER


def _whole_number(low: str, start: int) -> numbers.Number | None:
    """Return the digits a cell consists of, None when it is more than digits."""
    bare = low.strip("'\"` .")
    if not bare or not bare[0].isdigit() or sum(map(str.isdigit, bare)) * 2 < len(bare):
        return None
    found = list(numbers.find(low))
    if len(found) == 1 and len(found[0].digits) >= 9:
        one = found[0]
        outside = low[: one.start] + low[one.end :]
        if not any(map(str.isalnum, outside)):
            return one.moved(start)
    if bare.isdecimal():
        at = start + low.index(bare)
        return numbers.Number(at, at + len(bare), bare)
    return None


def _digits(reading: Reading, number: numbers.Number) -> Cell:
    shape = Shape.LONG if _LONG.fullmatch(number.digits) else Shape.NUMBER
    return Cell(reading, number.start, number.end, shape, number=number)


def _only_date(reading: Reading, start: int, end: int, today: dt.date) -> dates.DateHit | None:
    """Return the one date of a cell with nothing but a text before it, else None."""
    if not any(map(str.isdigit, reading.low[start:end])):
        return None
    hits = list(dates.find(reading.low[start:end], today=today))
    if len(hits) != 1:
        return None
    hit = hits[0]
    after = reading.low[start + hit.end : end]
    if sum(map(str.isalnum, after)) > 12 and "(" not in after and "00:" not in after:
        return None
    return hit.moved(start)


def _trim(low: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of a cell's text without signs, and small words of talk, around it."""
    while start < end and not (
        low[start].isalnum() or (low[start] == "(" and ")" in low[start:end])
    ):
        start += 1
    particle = _PARTICLE.match(low, start, end)
    start = particle.end() if particle else start
    while end > start and not (low[end - 1].isalnum() or low[end - 1] in ".)"):
        end -= 1
    tail = _TAIL.search(low, max(start, end - 12), end)
    return start, tail.start() if tail else end
