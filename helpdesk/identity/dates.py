"""Birth dates as people write them: day before month, Indonesian months, two-digit years."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.identity.reading import fold

MIN_AGE, MAX_AGE = 15, 100  # a participant's age; decides what a two-digit year means

_MONTH_NAMES = (
    "jan januari djanuari january januri jnuari",
    "feb peb februari pebruari febuari february pebuari febrari",
    "mar maret mrt march mart mar3t",
    "apr april aprl avril",
    "mei may mey",
    "jun juni djuni june juny",
    "jul juli djuli july",
    "agu agt agst ags agus agustus agustos agoestoes aug august augustus agst agusts agustu",
    "sep sept september septembr spt",
    "okt oct oktober october oktobr",
    "nov nop november nopember nopenber",
    "des dec desember december desembr dessember",
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
MONTHS = {name: i for i, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_ANY_MONTH = {**MONTHS, **{name: i for i, name in enumerate(_ROMAN, 1)}}

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<y{0}>\d{{4}}|'?\d{{2}})(?!\d)"
_PATTERN = re.compile(
    r"(?<![\d])(?:"
    # 1990-08-17
    r"(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})(?!\d)"
    # 17-08-1990, 17/8/90, 17 08 1990, 07 - 08 - 1993
    r"|(?P<d2>\d{1,2}) {0,2}(?P<s>[-/., ]) {0,2}(?P<m2>\d{1,2}) {0,2}(?P=s) {0,2}"
    + _YEAR.format(2) +
    # 17 Agustus 1990, 17-Agt-90, 12 agustus'84, 17 VIII 1990, 17th of August 1990
    r"|(?P<d3>\d{1,2})(?:st|nd|rd|th)?(?: of)?[-/., ]{0,3}"
    r"(?P<m3>" + _MONTH +
        r"|(?:x?v?i{1,3}|i?[vx]|xi?v?)(?=[-/., ]))[-/., ]{0,3}" + _YEAR.format(3) +
    # tgl 17 bln 8 th 1990
    r"|(?P<d4>\d{1,2}) {0,2}(?:bln|bulan|bl)\.? {0,2}(?P<m4>\d{1,2}|" + _MONTH + r"),? {0,2}"
    r"(?:th|thn|tahun|taun)?\.? {0,2}" + _YEAR.format(4) +
    r")"
    # August 17, 1990
    r"|(?<![a-z])(?P<m5>" + _MONTH +
        r")\.? (?P<d5>\d{1,2})(?:st|nd|rd|th)?,? {1,2}(?P<y5>\d{4})(?!\d)"
)  # fmt: skip
_COMPACT = re.compile(r"(?<!\d)(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4}|\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class DateHit:
    """A date found in a text; `day` is None when it does not exist in the calendar."""

    start: int
    end: int
    day: dt.date | None
    two_digit_year: bool = False


def parse(text: str, *, today: dt.date) -> dt.date | None:
    """Return the first date in `text`, or None when there is none that exists.

    Day before month; month before day only when the second number cannot be a month. A two-digit
    year is the one that makes the person 15 to 100 years old at `today`. Runs of eight or six
    digits (ddmmyyyy, ddmmyy) count too, so call it on what is known to be a date.
    """
    low = fold(text)
    hit = next(find(low, today=today), None) or compact(low, today=today)
    return hit.day if hit else None


def find(low: str, *, today: dt.date) -> Iterator[DateHit]:
    """Yield the written-out dates of a folded text from left to right, linear in its length."""
    for match in _PATTERN.finditer(low):
        form = match.lastgroup[-1] if match.lastgroup else "2"
        year, month, day = (match[f"{part}{form}"] for part in "ymd")
        yield _hit(match.start(), match.end(), (year, month, day), today)


def compact(low: str, *, today: dt.date) -> DateHit | None:
    """Return the first ddmmyyyy or ddmmyy of a folded text, or None."""
    match = _COMPACT.search(low)
    if not match:
        return None
    hit = _hit(match.start(), match.end(), (match["y"], match["m"], match["d"]), today)
    return hit if hit.day else None


def year_of(two_digits: int, *, today: dt.date) -> int:
    """Return the year that `yy` means: the latest that makes a participant 15 or older."""
    year = today.year - today.year % 100 + two_digits
    while year > today.year - MIN_AGE:
        year -= 100
    return year


def _hit(start: int, end: int, parts: tuple[str, str, str], today: dt.date) -> DateHit:
    year_text = parts[0].lstrip("'")
    short = len(year_text) == 2
    year = year_of(int(year_text), today=today) if short else int(year_text)
    month = _ANY_MONTH.get(parts[1]) or (int(parts[1]) if parts[1].isdecimal() else 0)
    return DateHit(start, end, _exists(year, month, int(parts[2])), short)


def _exists(year: int, month: int, day: int) -> dt.date | None:
    if month > 12 >= day:
        month, day = day, month
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
