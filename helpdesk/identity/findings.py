"""One fact seen at one place by one rule, before it is decided whose it is."""

import datetime as dt
from dataclasses import dataclass

from helpdesk.identity import dates, nik
from helpdesk.identity.numbers import NIK_DIGITS, Number
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


def nik_finding(
    reading: Reading, number: Number, today: dt.date, *, labelled: bool
) -> Finding | None:
    """Judge digits that may be a NIK; None when they are not taken for one.

    A label makes any 13 to 19 digits a NIK, malformed unless there are 16. Without a label the
    digits must carry a birth date and a known region.
    """
    seen = nik.inspect(number.digits, today=today)
    rule = "nik_label" if labelled else "nik_shape"
    if not seen.well_formed:
        if not labelled or not 13 <= len(number.digits) <= 19:
            return None
        confidence = 0.5  # meant as a NIK, but at least one digit is wrong
    elif not labelled and (not seen.birth_dates or len(number.digits) != NIK_DIGITS):
        return None
    else:
        confidence = (0.98 if labelled else 0.9) - 0.15 * len(seen.warnings)
    span = Span(reading.message, number.start, number.end)
    return Finding(Field.NIK, seen.digits, confidence, span, rule, seen.warnings)


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
