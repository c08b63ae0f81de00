"""Identity cards: from the words a camera saw to the four facts of a KTP.

The card's layout is one for the whole country: a head with province and regency, the NIK, then
labelled rows in one order. A row is known by its label or by its place between two that are; the
NIK, the printed birth date and the sex vouch for each other, for a NIK repeats both.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from helpdesk.identity.figures import nik
from helpdesk.identity.photo import ktp_letters, ktp_lines
from helpdesk.identity.photo.ktp_lines import Piece, Word
from helpdesk.identity.types import Card, Fact, Field
from helpdesk.identity.words import names, places

__all__ = ["Sighting", "Word", "read", "see"]

_NIK, _NAME, _BIRTH, _SEX = "nik", "nama", "tempattgllahir", "jeniskelamin"
_OTHERS = (
    "alamat rtrw keldesa kecamatan agama statusperkawinan pekerjaan kewarganegaraan berlakuhingga"
    " goldarah provinsi"
)
_LABELS = (_NIK, _NAME, _BIRTH, _SEX, *_OTHERS.split())
_MIN_LABELS = 4  # of fifteen; a photocopy under a lamp still shows more
_LIKE = 0.7  # of a label, by edits; `Nama` and `Agama` are 0.6 alike
_NOT_LETTER = re.compile(r"[^a-z]+")
_LEADING = re.compile(r"[\W_]+")

_D = r"[0-9OoDQUIl|!\]ZzESsbGBgqTY?/]"
_SEPARATED = re.compile(rf"({_D}{{1,2}})[^\w|!?\]]{{1,3}}({_D}{{2}})[^\w|!?\]]{{1,3}}({_D}{{4}})")
_TOGETHER = re.compile(r"(?<!\d)(\d{2})\W{0,2}(\d{2})\W{0,2}(\d{4})(?!\d)")
_MAX_AGE = 110
_NAME_CHARS = 60  # Permendagri 73/2022

_MENDED = 0.93  # of the confidence is left for each character that was read as another kind
_REPAIRED = 0.8  # ... where another field said what a digit must be
_UNLABELLED = 0.85  # ... where a row was known by its place only


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fact, and the corners of all that it was read from; they are closer than its box."""

    fact: Fact
    corners: tuple[ktp_lines.Corners, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row as text, with what each of its characters was read from."""

    text: str
    pieces: tuple[tuple[int, Piece], ...]  # where each begins in `text`
    label: str = ""
    value: int = 0  # where what follows the label begins

    def confidence(self, start: int, end: int) -> float:
        """Return the chance that these characters are read right.

        Measured on made-up photos: a reader's doubt about its least sure one overstates it.
        """
        parts = self._parts(start, end)
        least = min((min(piece.word.sure[a:b]) for a, b, piece in parts), default=0.0)
        return float(1 - (1 - least) ** 3)

    def corners(self, start: int, end: int) -> list[ktp_lines.Corners]:
        # Letters are not equally wide: one more to the left, and none is cut.
        parts = self._parts(start, end)
        return [ktp_lines.part(piece.word, max(a - 1, 0), b) for a, b, piece in parts]

    def _parts(self, start: int, end: int) -> Iterable[tuple[int, int, Piece]]:
        for at, piece in self.pieces:
            size = len(piece.word.text)
            a, b = max(start - at, 0), min(end - at, size)
            if a < b:
                yield a, b, piece


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value, how sure its reading is, and where it stands."""

    value: str
    confidence: float
    corners: tuple[ktp_lines.Corners, ...]
    mended: bool = False
    differs: bool = False  # from the date printed below


def read(words: Sequence[Word], *, today: dt.date) -> Card | None:
    """Return what a KTP in a picture states, or None when there is none; see `see`."""
    seen = see(words, today=today)
    return None if seen is None else Card(tuple(each.fact for each in seen))


def see(words: Sequence[Word], *, today: dt.date) -> tuple[Sighting, ...] | None:
    """Return what a KTP in a picture states and where, or None when there is none.

    A card with no fact is one of which nothing could be read for sure, or more than one card in
    one picture: whose name belongs to whose number is not for a guess. Never raises, takes
    n log n time; at most 400 words are looked at.
    """
    lines = [_labelled(_line(row)) for row in ktp_lines.rows(words)]
    if len({line.label for line in lines if line.label}) < _MIN_LABELS:
        return None
    if len(_numbers(lines)) > 1 or any(_times(lines, label) > 1 for label in (_NAME, _BIRTH)):
        return ()
    found = {
        Field.FULL_NAME: _name(lines),
        Field.BIRTH_PLACE: _place(lines),
        Field.BIRTH_DATE: _date(lines, today),
        Field.NIK: _number(lines),
    }
    return tuple(_sightings(found, _is_female(lines), today))


def _line(row: Sequence[Piece]) -> _Line:
    text, pieces = "", []
    for piece in row:
        text += " " if text else ""
        pieces.append((len(text), piece))
        text += piece.word.text
    return _Line(text, tuple(pieces))


def _labelled(line: _Line) -> _Line:
    """Find the label that a row begins with, alone in its box or grown together with its value."""
    end = len(line.pieces[0][1].word.text)
    for cut in (line.text.find(":", 0, end), end, *_steps(line.text, end)):
        label = _label(line.text[:cut]) if cut > 0 else ""
        if label:
            return replace(line, label=label, value=cut)
    return line


def _times(lines: Sequence[_Line], label: str) -> int:
    """Count a label, also where cards lie side by side and share their rows."""
    beside = (piece.word.text for line in lines for _, piece in line.pieces[1:])
    own = sum(line.label == label for line in lines)
    return own + sum(_label(text.partition(":")[0]) == label for text in beside)


def _steps(text: str, end: int) -> Iterable[int]:
    """Yield where a label may end inside a box: before the capitals that its value is in."""
    for at in range(3, min(end, 20)):
        if text[at - 1].islower() and not text[at].islower():
            yield at
    yield from (at for at in (3, 4) if text[:at].upper() == "NIK" and end > at)


def _label(text: str) -> str:
    low = _NOT_LETTER.sub("", ktp_letters.letters(text)[0].lower().replace("rn", "m"))
    if not 2 < len(low) < 20:
        return ""
    best = max(_LABELS, key=lambda each: Levenshtein.normalized_similarity(low, each))
    like = Levenshtein.normalized_similarity(low, best)
    return best if like >= _LIKE or (low.startswith("prov") and like > 0) else ""


def _numbers(lines: Sequence[_Line]) -> list[_Seen]:
    """Return the NIKs of a card: rows of sixteen digits, as many as may be misread."""
    found = []
    for line in lines:
        start = line.value + _skip(line.text[line.value :])
        text = line.text[start:]
        real = sum(character.isdigit() for character in text)
        digits, mended = ktp_letters.digits(text)
        if line.label not in {"", _NIK} or real < 10 or not 15 <= len(digits) <= 17:
            continue
        if len(digits) == 17 and digits[0] == "1":  # the colon before it, read as a stroke
            digits, mended = digits[1:], mended + 1
        sure = line.confidence(start, len(line.text)) * _MENDED**mended
        if line.label != _NIK and not any(each.label == _NIK for each in lines):
            sure *= _UNLABELLED
        corners = tuple(line.corners(start, len(line.text)))
        found.append(_Seen(digits, sure, corners, mended=mended > 0))
    return found


def _number(lines: Sequence[_Line]) -> _Seen | None:
    return next(iter(_numbers(lines)), None)


def _name(lines: Sequence[_Line]) -> _Seen | None:
    rows = _name_rows(lines)
    parts, corners, sure, mended = [], [], 1.0, 0
    for line in rows:
        start = line.value + _skip(line.text[line.value :])
        text, count = ktp_letters.letters(line.text[start:])
        if not text:
            continue
        parts.append(text)
        corners += line.corners(start, len(line.text))
        sure, mended = min(sure, line.confidence(start, len(line.text))), mended + count
    name = names.display(" ".join(parts))[:_NAME_CHARS]
    if sum(map(str.isalpha, name)) < 2:
        return None
    if not any(line.label == _NAME for line in lines):
        sure *= _UNLABELLED
    return _Seen(name, sure * _MENDED**mended, tuple(corners), mended=mended > 0)


def _name_rows(lines: Sequence[_Line]) -> Sequence[_Line]:
    """Return the rows of the name: from its label, or from below the NIK, to the birth row."""
    labels = [line.label for line in lines]
    birth = labels.index(_BIRTH) if _BIRTH in labels else None
    first = labels.index(_NAME) if _NAME in labels else None
    above = labels.index(_NIK) + 1 if _NIK in labels else None
    if first is None and (above is None or birth is None):
        return ()
    if above is not None and birth is not None and above < birth <= above + 4:
        # A value that slipped out of its label's row still stands between the two.
        rows = [line for line in lines[above:birth] if line.label in {"", _NAME}]
        return [line for line in rows if not _is_number(line)][:3]
    return lines[first : first + 1] if first is not None else ()


def _is_number(line: _Line) -> bool:
    return sum(character.isdigit() for character in line.text) >= 10


def _birth_lines(lines: Sequence[_Line]) -> list[_Line]:
    """Return the row of the birth, and its neighbours in case its value slipped out of it."""
    labels = [line.label for line in lines]
    if _BIRTH not in labels:
        return []
    at = labels.index(_BIRTH)
    near = (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2])
    return [lines[at], *(line for line in near if not line.label and not _is_number(line))]


def _birth(lines: Sequence[_Line]) -> tuple[_Line, re.Match[str]] | None:
    for line in _birth_lines(lines):
        for pattern in (_SEPARATED, _TOGETHER):
            match = pattern.search(line.text, line.value)
            if match and sum(character.isdigit() for character in match[0]) >= 5:
                return line, match
    return None


def _place(lines: Sequence[_Line]) -> _Seen | None:
    born = _birth(lines)
    line = born[0] if born else next(iter(_birth_lines(lines)), None)
    if line is None:
        return None
    start = line.value + _skip(line.text[line.value :])
    end = born[1].start() if born else len(line.text)
    text, mended = ktp_letters.letters(line.text[start:end])
    text = text.strip(" ,.-'")
    if sum(map(str.isalpha, text)) < 3:
        return None
    sure = line.confidence(start, end) * _MENDED**mended
    corners = tuple(line.corners(start, end))
    return _Seen(places.display(text), sure, corners, mended=mended > 0)


def _date(lines: Sequence[_Line], today: dt.date) -> _Seen | None:
    born = _birth(lines)
    if born is None:
        return None
    line, match = born
    parts = [ktp_letters.digits(part) for part in match.groups()]
    mended = sum(count for _, count in parts)
    day, month, year = (int(text or 0) for text, _ in parts)
    born_on = _exists(day, month, year, today)
    if born_on is None:
        return None
    sure = line.confidence(*match.span()) * _MENDED**mended
    return _Seen(born_on.isoformat(), sure, tuple(line.corners(*match.span())), mended=mended > 0)


def _exists(day: int, month: int, year: int, today: dt.date) -> dt.date | None:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if found <= today and today.year - year <= _MAX_AGE else None


def _is_female(lines: Sequence[_Line]) -> bool | None:
    """Return what the row of the sex says; None when it cannot be read."""
    for line in lines:
        if line.label == _SEX:
            low = _NOT_LETTER.sub("", line.text[line.value :].lower())[:9]
            likes = [
                Levenshtein.normalized_similarity(low, each) for each in ("perempuan", "lakilaki")
            ]
            if max(likes) > 0.5:
                return likes[0] > likes[1]
    return None


def _sightings(
    found: dict[Field, _Seen | None],
    female: bool | None,  # noqa: FBT001
    today: dt.date,
) -> Iterable[Sighting]:
    number, born = found[Field.NIK], found[Field.BIRTH_DATE]
    if number is not None:
        found[Field.NIK] = _vouched(number, born, female)
    for field, seen in found.items():
        if seen is None:
            continue
        warnings: tuple[str, ...] = ("photo_mended",) if seen.mended else ()
        if field is Field.NIK:
            warnings += nik.inspect(seen.value, today=today).warnings
            warnings += ("nik_date_differs",) if seen.differs else ()
        fact = Fact(
            field=field,
            value=seen.value,
            confidence=round(min(max(seen.confidence, 0.01), 0.99), 3),
            warnings=warnings,
            rule=f"ktp_{field}",
            box=ktp_lines.around(seen.corners),
        )
        yield Sighting(fact, seen.corners)


def _vouched(
    number: _Seen,
    born: _Seen | None,
    female: bool | None,  # noqa: FBT001
) -> _Seen:
    """Hold a NIK against the date and the sex printed below it; mend digits that look alike."""
    if born is None or len(number.value) != nik.LENGTH:
        return number
    printed = _inside(dt.date.fromisoformat(born.value), number.value[6], female=female)
    own = number.value[6:12]
    wrong = [at for at in range(6) if own[at] != printed[at]]
    if not wrong:
        return replace(number, confidence=1 - (1 - number.confidence) / 2)
    if len(wrong) > 2 or not all(ktp_letters.alike(own[at], printed[at]) for at in wrong):
        return replace(number, confidence=number.confidence * _REPAIRED, differs=True)
    mended = number.value[:6] + printed + number.value[12:]
    return replace(number, value=mended, confidence=number.confidence * _REPAIRED, mended=True)


def _inside(day: dt.date, first: str, *, female: bool | None) -> str:
    """Return how a NIK writes a birth date; where the sex is not known, its own digit tells."""
    female = female if female is not None else first >= "4"
    return f"{day.day + 40 * female:02}{day:%m%y}"


def _skip(text: str) -> int:
    """Return how many characters stand before a value: a colon, or what was read for one."""
    match = _LEADING.match(text)
    return match.end() if match else 0
