"""Facts that a label announces: forms, half-labelled lines, `lahir di ...`."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.identity import cues, dates, labels, names, numbers, places, words
from helpdesk.identity.findings import Finding, can_be_birth, date_finding, nik_finding
from helpdesk.identity.labels import Kind, Label
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field, Span

_WINDOW = 160  # characters after a label in which its value must stand
_LEAD = re.compile(r"(?:[^\w\n]|_){0,40}")
_FILLER = re.compile(
    r"(?:(?:saya|sy|adalah|ialah|yaitu|itu|is|nya|di|in|d|pada|kota)\b[ :,]*){1,3}"
)
_PLACE_ENDS = re.compile(r"[\d\n,;|/()=:]|(?<!kab)(?<!kec)(?<!kel)\.(?= |\n|$)| - |  ")
_PLACE_AFTER = re.compile(r" {0,2},? {0,2}(?:(?:di|in|d) )?(?=[a-z])")
_DIGITS = re.compile(r"[\d .\-+/x*]{0,40}")
_COLON = re.compile(r" {0,3}[:=]")
MIN_AGE = 10  # a label says it is a birth date; only nonsense is refused


@dataclass(frozen=True, slots=True)
class Labelled:
    """Findings of the labels of one message, and the characters that are spoken for."""

    findings: tuple[Finding, ...]
    taken: tuple[tuple[int, int], ...]


def find(reading: Reading, found: list[numbers.Number], today: dt.date) -> Labelled:
    """Read every labelled value of a message; linear in its length."""
    low = reading.low
    marks = _without_header(low, list(labels.find(low)))
    findings: list[Finding] = []
    taken: list[tuple[int, int]] = []
    last: Label | None = None
    for label, following in zip(marks, [*marks[1:], None], strict=False):
        limit = min(following.start if following else len(low), label.value + _WINDOW)
        of_mother = last is not None and _is_mothers(low, last, label)
        seen = [] if of_mother else list(_read(reading, label, limit, found, today))
        last = label
        findings += seen
        taken.append(_reach(low, label, limit, seen))
        if of_mother:
            taken.append((label.start, _digits_end(low, label.value)))
    return Labelled(tuple(findings), tuple(taken))


def place_at(reading: Reading, start: int, end: int, *, firm: bool, rule: str) -> Finding | None:
    """Read a birth place that begins at `start`; None when no place stands there.

    An unknown place counts where a form asks for one; in running text only known places do.
    """
    low = reading.low
    stop = _PLACE_ENDS.search(low, start, end)
    stop_at = stop.start() if stop else end
    text = low[start:stop_at].rstrip(" .-*_'\"")
    known_words = places.find(places_words(text))
    if known_words and (not firm or len(text.split()) > known_words):
        text = _first_words(text, known_words) if not firm or _talks(text) else text
    elif not known_words and (not firm or not text or _talks(text) or len(text.split()) > 5):
        return None
    if not any(map(str.isalpha, text)):
        return None
    value = places.display(reading.text[start : start + len(text)])
    confidence = 0.96 if places.known(text) else 0.85
    span = Span(reading.message, start, start + len(text))
    return Finding(Field.BIRTH_PLACE, value, confidence, span, rule) if value else None


def places_words(text: str) -> list[str]:
    """Split a folded text for `places.find`."""
    return text.split()


def _without_header(low: str, marks: list[Label]) -> list[Label]:
    """Drop the labels of a table's header: three or more in one line with nothing between."""
    kept: list[Label] = []
    at = 0
    while at < len(marks):
        last = at
        while last + 1 < len(marks) and _adjacent(low, marks[last], marks[last + 1]):
            last += 1
        if last - at < 2:
            kept += marks[at : last + 1]
        at = last + 1
    return kept


def _is_mothers(low: str, last: Label, label: Label) -> bool:
    """Tell whether a NIK stands on the line of a mother's name: it is hers."""
    same_line = label.kind is Kind.NIK and "\n" not in low[last.end : label.start]
    mother = low[last.start : last.end]
    return same_line and last.kind is Kind.OTHER and ("ibu" in mother or "mother" in mother)


def _adjacent(low: str, one: Label, two: Label) -> bool:
    between = low[one.end : two.start]
    return "\n" not in between and not any(map(str.isalnum, between))


def _read(
    reading: Reading, label: Label, limit: int, found: list[numbers.Number], today: dt.date
) -> Iterator[Finding]:
    if label.kind is Kind.NAME:
        yield from _name(reading, label, limit)
    elif label.kind is Kind.NIK:
        yield from _nik(reading, label, found, today)
    elif label.kind is Kind.DATE:
        yield from _date(reading, label, limit, today)
    elif label.kind is Kind.PLACE:
        start = _value(reading.low, label, limit)
        place = place_at(reading, start, limit, firm=label.firm, rule="place_label")
        yield from [place] if place else []
    elif label.kind is Kind.PLACE_DATE:
        yield from _place_date(reading, label, limit, today)


def _value(low: str, label: Label, limit: int) -> int:
    """Return where the value begins: past separators, filler words, and one line's end."""
    at = _skip(low, label.value, limit)
    if label.firm and low[at : at + 1] == "\n":
        at = _skip(low, at + 1, limit)
        if low[at : at + 1] == "\n":
            at = _skip(low, at + 1, limit)
    if filler := _FILLER.match(low, at, limit):
        at = _skip(low, filler.end(), limit)
    return min(at, limit)


def _skip(low: str, at: int, limit: int) -> int:
    lead = _LEAD.match(low, at, max(at, limit))
    return lead.end() if lead else at


def _name(reading: Reading, label: Label, limit: int) -> Iterator[Finding]:
    low = reading.low
    start = _value(low, label, limit)
    end = names.measure(low, start, min(limit, _line_end(low, start)))
    if end == start or not names.plausible(low[start:end].split(",")[0]):
        return
    value = names.display(reading.text[start:end])
    confidence = 0.96 if label.firm else 0.85
    own = " saya" in low[label.start : label.end] or low[label.start : label.end] == "namaku"
    whose = cues.relation_of(label.whose) if label.whose else "self" if own else ""
    span = Span(reading.message, start, end)
    yield Finding(
        Field.FULL_NAME, value, confidence, span, "name_label", starts_person=True, whose=whose
    )


def _nik(
    reading: Reading, label: Label, found: list[numbers.Number], today: dt.date
) -> Iterator[Finding]:
    start = label.value + (1 if reading.low[label.value : label.value + 1] == "\n" else 0)
    for at, number in enumerate(found):
        if start - 4 <= number.start <= start + 12 and number.start >= label.end:
            number = _joined(reading.low, number, found[at + 1 : at + 2])  # noqa: PLW2901
            finding = nik_finding(reading, number, today, labelled=True)
            yield from [finding] if finding else []
            return


def _joined(low: str, number: numbers.Number, following: list[numbers.Number]) -> numbers.Number:
    """Join a NIK that a line's end cut in two."""
    for rest in following:
        whole = number.digits + rest.digits
        if len(whole) == numbers.NIK_DIGITS and not low[number.end : rest.start].strip():
            return numbers.Number(number.start, rest.end, whole)
    return number


def _date(reading: Reading, label: Label, limit: int, today: dt.date) -> Iterator[Finding]:
    start = _value(reading.low, label, limit)
    hit = _first_date(reading.low[start : min(limit, start + 60)], start, today)
    if hit is None:
        return
    finding = date_finding(reading, hit, 0.97, "date_label")
    yield from [finding] if finding else []
    yield from _place_after(reading, hit.end, limit)


def _place_date(reading: Reading, label: Label, limit: int, today: dt.date) -> Iterator[Finding]:
    low = reading.low
    start = _value(low, label, limit)
    hit = _first_date(low[start : min(limit, start + 90)], start, today)
    stop = hit.start if hit else min(limit, _line_end(low, start))
    firm = label.firm and (hit is not None or _COLON.match(low, label.end) is not None)
    if stop > start and (hit is None or hit.start > start):
        place = place_at(reading, start, stop, firm=firm or hit is not None, rule="place_label")
        yield from [place] if place else []
    if hit is not None:
        finding = date_finding(reading, hit, 0.96, "date_label")
        yield from [finding] if finding else []
        if hit.start == start:
            yield from _place_after(reading, hit.end, limit)


def _first_date(text: str, offset: int, today: dt.date) -> dates.DateHit | None:
    written = (one for one in dates.find(text, today=today) if not cues.is_denied(text, one.start))
    hit = next(written, None) or dates.first(text, today=today)
    if hit is None or (hit.day and not can_be_birth(hit.day, today, min_age=MIN_AGE)):
        return None
    return dates.DateHit(hit.start + offset, hit.end + offset, hit.day, hit.two_digit_year)


def _place_after(reading: Reading, at: int, limit: int) -> Iterator[Finding]:
    match = _PLACE_AFTER.match(reading.low, at, limit)
    if match:
        place = place_at(reading, match.end(), limit, firm=False, rule="place_after_date")
        yield from [place] if place else []


def _reach(low: str, label: Label, limit: int, seen: list[Finding]) -> tuple[int, int]:
    """Return the characters a label speaks for, with its value."""
    end = max([label.end, *(finding.span.end for finding in seen)])
    if label.kind is Kind.OTHER:
        if _COLON.match(low, label.end):
            return label.start, max(end, min(limit, _line_end(low, label.value)))
        end = _digits_end(low, label.value)
    return label.start, end


def _digits_end(low: str, at: int) -> int:
    digits = _DIGITS.match(low, at)
    return digits.end() if digits else at


def _line_end(low: str, at: int) -> int:
    end = low.find("\n", at, at + 2 * _WINDOW)
    return min(len(low), at + 2 * _WINDOW) if end < 0 else end


def _talks(text: str) -> bool:
    return any(words.is_talk(word) for word in places.strip(text).split())


def _first_words(text: str, count: int) -> str:
    pieces = re.compile(r"\S+ *").findall(text)[:count]
    return "".join(pieces).rstrip(" .,-")
