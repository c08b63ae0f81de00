"""Facts that a label announces: forms, half-labelled lines, `lahir di ...`."""

import bisect
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpdesk.identity.figures import dates, number_kinds, numbers
from helpdesk.identity.findings import Finding, can_be_birth, date_finding, nik_finding
from helpdesk.identity.labels import label_names, labels
from helpdesk.identity.labels.label_places import place_at
from helpdesk.identity.labels.labels import Kind, Label
from helpdesk.identity.reading import Reading
from helpdesk.identity.words import names

_WINDOW = 160  # characters after a label in which its value must stand
_DATE_WINDOW = 90
_LEAD = re.compile(r"(?:[^\w\n]|_){0,40}")
_FILLER = re.compile(r"(?:(?:adalah|ialah|yaitu|yakni|itu|is|nya)\b[ :,]*){1,3}")
_BEFORE_PLACE = re.compile(
    r" {0,2},? {0,2}(?P<at>(?:lahir )?(?:di|in|d|ring|ing|wonten|nang|na)(?![a-z]))?"
    r" {0,2}(?=[a-z])"
)
# `Cek no KPJ : Budi / Garut / 1-2-1990 / 3205…`: the field is asked for, what follows is not its.
_LIST_OF_FACTS = re.compile(
    r"[a-z][^\d\n]{2,80}[\d \-/.a-z,]{0,60}?(?<!\d)\d(?:[ .\-]?\d){15}(?!\d)"
)
# A date without its day before the place: `lahir tahun 1958 di Tegal`.
_ONLY_YEAR = re.compile(
    r"(?:(?:bulan|bln|bl)\.? )?(?:[a-z]{3,9} )?"
    r"(?:tahun|thn|th|taun)?\.? {0,2}'?(?:19|20)?\d\d(?!\d)"
)
_SAYS_WHERE = re.compile(
    r"(?<![a-z])(?:di|in|at|ring|ing|wonten|nang|neng|kelahiran)(?: kota)? *$"
)
_BEFORE_NIK = re.compile(r"[^\d\n]{0,25}(?:\n[^\w\n]{0,12})?(?:\n[^\w\n]{0,12})?")
_AND = frozenset({"dan", "dn", "sama", "serta", "and", "atau", "beserta", "plus"})
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[\d .\-+/x*]{0,40}")
_COLON = re.compile(r" {0,3}[:=]")
# Behind `NO KPJ:` a person instead: what is said of whose number is asked for.
_MEMBERSHIP = re.compile(
    r"(?<![a-z])(?:kpj|kjp|jamsostek|bpjs|bpjstk|peserta|kepesertaan|kartu|astek)"
)
_A_PERSON = re.compile(r"[a-z][^\d\n]{2,80}\d")
_NUMBERS = re.compile(r"(?<![a-z])(?:no|nomor|nomer|kpj|jamsostek|bpjs|peserta|kartu)(?![a-z])")
_MOTHERS = re.compile(r"(?<![a-z])(?:ibu|mother|ayah|father|suami|istri)")
MIN_AGE = 10  # a label says it is a birth date; only nonsense is refused


@dataclass(frozen=True, slots=True)
class Labelled:
    """Findings of the labels of one message, and the characters that are spoken for."""

    findings: tuple[Finding, ...]
    taken: tuple[tuple[int, int], ...]


def find(reading: Reading, found: list[numbers.Number], today: dt.date) -> Labelled:
    """Read every labelled value of a message; linear in its length."""
    low = reading.low
    marks = list(label_names.settle(low, _without_header(low, list(labels.find(low)))))
    findings: list[Finding] = []
    taken: list[tuple[int, int]] = []
    last: Label | None = None
    for label, following in zip(marks, [*marks[1:], None], strict=False):
        limit = min(following.start if following else len(low), label.value + _WINDOW)
        of_another = (last is not None and _is_anothers(low, last, label)) or (
            label.kind is Kind.NIK and number_kinds.is_superiors(low, label.start)
        )
        seen = [] if of_another else list(_read(reading, label, limit, found, today))
        last = label
        findings += seen
        taken.append(_reach(low, label, limit, seen))
        if of_another:
            taken.append((label.start, _digits_end(low, label.value)))
    return Labelled(tuple(findings), tuple(taken))


def _without_header(low: str, marks: list[Label]) -> list[Label]:
    """Drop labels that are only named: a table's header, `pakai nama sama TTL`, `NIK?`.

    Three or more in one line with nothing between, or two with only an `and` between.
    """
    kept: list[Label] = []
    at = 0
    while at < len(marks):
        last = at
        listed = False
        while (
            last + 1 < len(marks) and (gap := _gap(low, marks[last], marks[last + 1])) is not None
        ):
            listed = listed or gap in _AND
            last += 1
        if last - at < 2 and not listed:
            kept += (one for one in marks[at : last + 1] if not low.startswith("?", one.end))
        at = last + 1
    return kept


def _gap(low: str, one: Label, two: Label) -> str | None:
    """Return the word between two labels of one line, None when more stands there."""
    between = low[one.end : two.start]
    if "\n" in between or len(between) > _WINDOW:
        return None
    said = _WORD.findall(between)
    word = said[0] if said else ""
    return word if len(said) < 2 and (not word or word in _AND) else None


def _is_anothers(low: str, last: Label, label: Label) -> bool:
    """Tell whether a NIK stands on the line of a mother's name: it is hers."""
    same_line = label.kind is Kind.NIK and "\n" not in low[last.end : label.start]
    return (
        same_line
        and last.kind is Kind.OTHER
        and _MOTHERS.search(low, last.start, last.end) is not None
        and _NUMBERS.search(low, last.start, last.end) is None  # `nomor jamsostek ibu`
    )


def _read(
    reading: Reading,
    label: Label,
    limit: int,
    found: Sequence[numbers.Number],
    today: dt.date,
) -> Iterator[Finding]:
    if label.kind is Kind.NAME:
        start = _value(reading.low, label, limit)
        name = label_names.name_at(
            reading, label, start, min(limit, _line_end(reading.low, start))
        )
        yield from [name] if name else []
    elif label.kind is Kind.NIK:
        yield from _nik(reading, label, found, today)
    elif label.kind is Kind.DATE:
        yield from _date(reading, label, limit, found, today)
    elif label.kind is Kind.PLACE:
        start = _value(reading.low, label, limit)
        stop = min(limit, _line_end(reading.low, start))
        place = place_at(reading, start, stop, firm=True, rule="place_label")
        yield from [place] if place else []
    elif label.kind is Kind.PLACE_DATE:
        yield from _place_date(reading, label, limit, found, today)


def _value(low: str, label: Label, limit: int) -> int:
    """Return where the value begins: past separators, filler words, and one line's end."""
    at = _skip(low, label.value, limit)
    for _ in range(2):
        if label.firm and low[at : at + 1] == "\n":
            at = _skip(low, at + 1, limit)
    if filler := _FILLER.match(low, at, limit):
        at = _skip(low, filler.end(), limit)
    return min(at, limit)


def _skip(low: str, at: int, limit: int) -> int:
    lead = _LEAD.match(low, at, max(at, limit))
    return lead.end() if lead else at


def _nik(
    reading: Reading, label: Label, found: Sequence[numbers.Number], today: dt.date
) -> Iterator[Finding]:
    gap = _BEFORE_NIK.match(reading.low, label.end)
    reach = gap.end() if gap else label.value
    at = bisect.bisect_left(found, label.end, key=lambda number: number.start)
    if at < len(found) and found[at].start <= reach:
        whole = _joined(reading.low, found[at], found[at + 1 : at + 2])
        finding = nik_finding(reading, whole, today, labelled=True)
        yield from [finding] if finding else []


def _joined(
    low: str, number: numbers.Number, following: Sequence[numbers.Number]
) -> numbers.Number:
    """Join a NIK that a line's end cut in two."""
    for rest in following:
        whole = number.digits + rest.digits
        if len(whole) == numbers.NIK_DIGITS and not low[number.end : rest.start].strip():
            return numbers.Number(number.start, rest.end, whole)
    return number


def _date(
    reading: Reading,
    label: Label,
    limit: int,
    found: Sequence[numbers.Number],
    today: dt.date,
) -> Iterator[Finding]:
    start = _value(reading.low, label, limit)
    hit = _first_date(reading.low[start : min(limit, start + _DATE_WINDOW)], start, found, today)
    if hit is None:
        return
    finding = date_finding(reading, hit, 0.97, "date_label")
    yield from [finding] if finding else []
    # `Tgl lahir : Garut, 5 Mei 1988` gives the place too.
    apart = reading.low[start : hit.start].rstrip(" ").endswith((",", "/", "-"))
    before = place_at(reading, start, hit.start, firm=False, rule="place_label") if apart else None
    yield from [before] if before else _place_after(reading, hit.end, limit)


def _place_date(
    reading: Reading,
    label: Label,
    limit: int,
    found: Sequence[numbers.Number],
    today: dt.date,
) -> Iterator[Finding]:
    low = reading.low
    start = _value(low, label, limit)
    hit = _first_date(low[start : min(limit, start + _DATE_WINDOW)], start, found, today)
    stop = hit.start if hit else min(limit, _line_end(low, start))
    firm = hit is not None or _asks_place(reading, label, start)
    place = place_at(reading, start, stop, firm=firm, rule="place_label") if stop > start else None
    yield from [place] if place else []
    if hit is not None:
        finding = date_finding(reading, hit, 0.96, "date_label")
        yield from [finding] if finding else []
        if place is None:
            yield from _place_after(reading, hit.end, limit)
    elif place is None and (year := _ONLY_YEAR.match(low, start, limit)):
        yield from _place_after(reading, year.end(), limit, said=True)


def _asks_place(reading: Reading, label: Label, start: int) -> bool:
    """Tell whether a label surely has a place behind it: a form's, or `lahir di` and a capital."""
    if label.firm and _COLON.match(reading.low, label.end):
        return True
    says = _SAYS_WHERE.search(reading.low, label.start, label.end)
    return says is not None and (reading.shouted or reading.text[start : start + 1].isupper())


def _first_date(
    text: str, offset: int, found: Sequence[numbers.Number], today: dt.date
) -> dates.DateHit | None:
    """Return the date a text begins with; one inside the digits of a NIK is none."""
    hit = dates.first(text, today=today)
    if (
        hit is None
        or _is_of_nik(found, hit.start + offset)
        or (hit.day and not can_be_birth(hit.day, today, min_age=MIN_AGE))
    ):
        return None
    return hit.moved(offset)


def _is_of_nik(found: Sequence[numbers.Number], at: int) -> bool:
    number = bisect.bisect_right(found, at, key=lambda one: one.start) - 1
    if number < 0 or found[number].end <= at:
        return False
    return numbers.looks_like_nik(found[number].digits)


def _place_after(
    reading: Reading, at: int, limit: int, *, said: bool = False
) -> Iterator[Finding]:
    """Read the place behind a birth date; one no table has only after `di`, any when `said`."""
    match = _BEFORE_PLACE.match(reading.low, at, limit)
    if match and (match["at"] or not said):
        firm = match["at"] is not None
        place = place_at(reading, match.end(), limit, firm=firm, rule="place_after_date")
        yield from [place] if place else []


def _reach(low: str, label: Label, limit: int, seen: list[Finding]) -> tuple[int, int]:
    """Return the characters a label speaks for, with its value."""
    end = max([label.end, *(finding.span.end for finding in seen)])
    if label.kind is Kind.OTHER:
        stop = min(limit, _line_end(low, label.value))
        if _COLON.match(low, label.end) and not _gives_person(low, label, stop):
            return label.start, max(end, stop)
        end = max(_digits_end(low, label.value), _name_end(low, label, limit))
    return label.start, end


def _name_end(low: str, label: Label, limit: int) -> int:
    """Return where the name behind `nama gadis` ends, which is nobody's that is asked for."""
    if not low.startswith("nama ", label.start):
        return label.value
    return names.measure(low, label.value, min(limit, _line_end(low, label.value)))


def _gives_person(low: str, label: Label, stop: int) -> bool:
    """Tell whether what stands behind another field's label is a person's facts after all."""
    if _MEMBERSHIP.search(low, label.start, label.end):
        stop = _line_end(low, label.value)
        return _A_PERSON.match(low, label.value, stop) is not None
    return _LIST_OF_FACTS.match(low, label.value, stop) is not None


def _digits_end(low: str, at: int) -> int:
    digits = _DIGITS.match(low, at)
    return digits.end() if digits else at


def _line_end(low: str, at: int) -> int:
    end = low.find("\n", at, at + 2 * _WINDOW)
    return min(len(low), at + 2 * _WINDOW) if end < 0 else end
