"""The NIK and the birth date of one person vouch for each other, or settle each other."""

import datetime as dt
from dataclasses import replace

from helpdesk.identity.figures import nik
from helpdesk.identity.types import Fact

_VOUCHED = 0.99  # confidence of a NIK and a birth date that agree
# The rules' confidences are what they deserve where people write their worst. Most do not: over
# ordinary and hard conversations together what is thought likely is likelier than that.
_LIKELY = 0.8
_LIFT = 0.4  # share of the doubt that goes


def calibrated(fact: Fact) -> Fact:
    """Return a fact with the chance that it is right, as measured (`make bench`, ECE)."""
    if not _LIKELY <= fact.confidence < _VOUCHED:
        return fact
    lifted = fact.confidence + _LIFT * (1 - fact.confidence)
    return replace(fact, confidence=min(_VOUCHED, lifted))


def agree(number: Fact, birth: Fact, today: dt.date) -> tuple[Fact, Fact]:
    """Let the date inside the NIK and the stated one vouch for each other."""
    if "contradicted" in birth.warnings:
        birth = _settled_date(birth, nik.inspect(number.value, today=today))
    day = dt.date.fromisoformat(birth.value)
    if "contradicted" in number.warnings:
        number = _settled(number, day, today)
    seen = nik.inspect(number.value, today=today)
    if not seen.birth_dates:
        return number, birth
    if nik.differs(seen, day):
        warned = replace(number, warnings=(*number.warnings, "nik_date_differs"))
        return replace(warned, confidence=warned.confidence * 0.9), birth
    return _vouched(number), _vouched(birth)


def _vouched(fact: Fact) -> Fact:
    return fact if fact.confidence >= _VOUCHED else replace(fact, confidence=_VOUCHED)


def _settled_date(birth: Fact, seen: nik.NikReading) -> Fact:
    """Choose among unresolved birth dates the one inside the NIK."""
    inside = {day.isoformat() for day in seen.birth_dates}
    if birth.value in inside:
        return birth
    for at, value in enumerate(birth.history):
        if value in inside:
            others = (*birth.history[:at], *birth.history[at + 1 :], birth.value)
            return replace(birth, value=value, span=None, history=others)
    return birth


def _settled(number: Fact, day: dt.date, today: dt.date) -> Fact:
    """Choose among unresolved NIKs the one that carries the stated date."""
    for at, value in enumerate(number.history):
        seen = nik.inspect(value, today=today)
        if day in seen.birth_dates and nik.differs(nik.inspect(number.value, today=today), day):
            others = (*number.history[:at], *number.history[at + 1 :], number.value)
            return replace(number, value=value, span=None, history=others)
    return number
