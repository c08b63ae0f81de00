"""One fact seen at one place by one rule, before it is decided whose it is."""

import datetime as dt
from dataclasses import dataclass

from helpdesk.identity.figures import dates, nik, number_kinds
from helpdesk.identity.figures.numbers import Number
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field, Span


@dataclass(frozen=True, slots=True)
class Finding:
    """A value with where it stands and how sure its rule is.

    Attributes:
        rule: name of the rule that saw it, for `--explain` and for ties.
        starts_person: a name that opens a new person's entry (a label or a row of a list).
        whose: relation the rule itself read (`spouse`, ..., `self`), "" when it read none.
        corrects: the writer says that this takes the place of what they said before.
        entry: of a list's entry, the message and character where its first fact stands; what
            shares it belongs together wherever it stands.
    """

    field: Field
    value: str
    confidence: float
    span: Span
    rule: str
    warnings: tuple[str, ...] = ()
    starts_person: bool = False
    whose: str = ""
    corrects: bool = False
    entry: tuple[int, int] | None = None


def nik_finding(
    reading: Reading, number: Number, today: dt.date, *, labelled: bool
) -> Finding | None:
    """Judge digits that may be a NIK; None when they are not taken for one.

    A label, or `itu NIK saya` behind them, makes any 13 to 19 digits a NIK, malformed unless there
    are 16. Without either they must be of a known region and carry an adult's birth date;
    one digit too few or too many is taken for a slip.
    """
    kind = "nik" if labelled else number_kinds.kind(reading.low, number.start, number.end)
    seen = nik.inspect(number.digits, today=today)
    if kind == "other" or not (
        _is_labelled_nik(seen) if kind == "nik" else _has_shape_of_nik(seen, today)
    ):
        return None
    confidence = 0.98 if kind == "nik" else 0.9
    confidence = confidence - 0.15 * len(seen.warnings) if seen.well_formed else 0.5
    rule = "nik_label" if kind == "nik" else "nik_shape"
    span = Span(reading.message, number.start, number.end)
    return Finding(Field.NIK, seen.digits, confidence, span, rule, seen.warnings)


def _is_labelled_nik(seen: nik.NikReading) -> bool:
    return seen.well_formed or 13 <= len(seen.digits) <= 19


def _has_shape_of_nik(seen: nik.NikReading, today: dt.date) -> bool:
    if not seen.well_formed:
        return nik.is_slip(seen.digits, today=today)
    if seen.region is None or seen.birth_date is None:
        return False
    return can_be_birth(seen.birth_date, today, min_age=dates.MIN_AGE)


def date_finding(
    reading: Reading, hit: dates.DateHit, confidence: float, rule: str
) -> Finding | None:
    """Make a birth date of a hit; None when that day does not exist."""
    if hit.day is None:
        return None
    confidence -= 0.03 if hit.two_digit_year else 0.0
    span = Span(reading.message, hit.start, hit.end)
    return Finding(Field.BIRTH_DATE, hit.day.isoformat(), confidence, span, rule)


def can_be_birth(day: dt.date | None, today: dt.date, *, min_age: int) -> bool:
    """Tell whether somebody born on `day` can be a participant, by age alone."""
    return day is not None and min_age <= today.year - day.year <= dates.MAX_AGE
