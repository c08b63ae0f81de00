"""Birth dates as people write them: day before month, Indonesian months, two-digit years."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.identity.figures import date_words, spoken
from helpdesk.identity.reading import fold, has
from helpdesk.identity.words import places

MIN_AGE, MAX_AGE = 15, 100  # a participant's age; decides what a two-digit year means

# Three numbers with marks between: 1990-08-17, 17/8 1990, 17. 08 .1990, 17 8 '90. The look behind
# comes after the first digit, so that the engine can run to the next one.
_MARK = r"(?: {0,2}[-/.,\\|:_~\u00b0]{1,2} {0,2}| {1,2})"
_FIGURES = re.compile(
    rf"(?P<a>\d(?<!\d\d)\d{{0,3}})(?P<s>{_MARK})(?P<b>\d{{1,2}})(?P<t>{_MARK})"
    r"(?P<c>'?\d{1,4})(?!\d)"
)
# What stands before: the number of an answer (`3.19/6/75`) or a NIK may, another number may not.
_FREE_BEFORE = re.compile(r"(?:^|[^\d\-/. ]|[^\d][-/. ]|[ \n]\d\.|\d{13}[-/. ])$")
_FREE_BEFORE_YEAR = re.compile(r"(?:^|[^\d\-/.]|[^\d][-/.]|[ \n]\d\.|\d{13}[-/.])$")
_GOES_ON = re.compile(r"[-/.]\d{1,12}(?!\d)")
_NOT_FREE_AFTER = re.compile(r"[-/.:]\d{1,12}(?!\d)| \d{1,12}(?![\d.)])")
# 17081990, 17 081990, 1708-1990 | 19900817
_COMPACT = re.compile(
    r"(?:(?P<d1>\d(?<!\d\d)\d)[-/. ]?(?P<m1>\d\d)[-/. ]?(?P<y1>(?:19|20)\d\d)"
    r"|(?P<y2>[12](?<!\d\d)[90]\d\d)(?P<m2>\d\d)(?P<d2>\d\d))(?!\d)"
)
_SIX = re.compile(r"(?P<d>\d(?<!\d\d)\d)(?P<m>\d\d)(?P<y>\d\d)(?!\d)")
_IN_NUMBER = re.compile(r"\d[-. ]$")
_PHONE_GOES_ON = re.compile(r"[-. ]\d{1,12}(?!\d)")
_BEFORE_SIX = re.compile(r"(?:lahir(?:an)?|lhr|ttl|tgl|tanggal|dob)[ :.,=]*$")
_PLACE_BEFORE = re.compile(r"([a-z'.]+(?: [a-z'.]+)?)[ ,/|:.\-]*$")

_LIKE_MARKS = frozenset("-/._")  # may be mixed even where the year has two digits
_SHORT_MARKS = frozenset("-/.,\\ ~")
_DIGIT = re.compile(r"\d")
_CENTURIES = frozenset({"19", "20"})
_SLIP = re.compile(r"(?<![a-z\d])(?:[oil]{1,2}\d[\doil]*|\d[\doil]*[oil][\doil]*)(?![a-z])")
_MAY_SLIP = re.compile(r"\d(?:(?<=[oil]\d)|(?=[oil]))")
_FIGURE_OF = str.maketrans("oil", "011")


@dataclass(frozen=True, slots=True)
class DateHit:
    """A date found in a text; `day` is None when it does not exist in the calendar."""

    start: int
    end: int
    day: dt.date | None
    two_digit_year: bool = False

    def moved(self, by: int) -> "DateHit":
        """Return the date as it stands in a text around the one it was found in."""
        return DateHit(self.start + by, self.end + by, self.day, self.two_digit_year)


def parse(text: str, *, today: dt.date) -> dt.date | None:
    """Return the first date in `text`, or None when there is none that exists.

    Day before month; month before day only when the second number cannot be a month. A two-digit
    year is the one that makes the person 15 to 100 years old at `today`. Runs of eight or six
    digits (ddmmyyyy, ddmmyy) count too, so call it on what is known to be a date.
    """
    hit = first(fold(text), today=today)
    return hit.day if hit else None


def first(low: str, *, today: dt.date) -> DateHit | None:
    """Return the first date of a folded text that is known to hold one, or None.

    Here ddmmyy and a day, month and year all in words count, which in running text they do not.
    """
    low = _mended(low)
    return next(iter(_written(low, today)), None) or compact(low, today=today) or _said(low, today)


def find(low: str, *, today: dt.date) -> Iterator[DateHit]:
    """Yield the dates of a folded text from left to right, linear in its length.

    ddmmyyyy counts, ddmmyy only where the line holds nothing else or a birth place stands before.
    """
    low = _mended(low)
    yield from _written(low, today)


def compact(low: str, *, today: dt.date) -> DateHit | None:
    """Return the first ddmmyyyy or ddmmyy of a folded text, or None."""
    hits = [hit for match in _SIX.finditer(low) if (hit := _six(match, today)).day]
    return next(iter([*_eights(low, today), *hits]), None)


def year_of(two_digits: int, *, today: dt.date) -> int:
    """Return the year that `yy` means: the latest that makes a participant 15 or older."""
    year = today.year - today.year % 100 + two_digits
    while year > today.year - MIN_AGE:
        year -= 100
    return year


def _mended(low: str) -> str:
    """Read O, i and l typed within a number as the figures they stand for."""
    if not _MAY_SLIP.search(low):
        return low
    return _SLIP.sub(lambda slip: slip[0].translate(_FIGURE_OF), low)


@lru_cache(maxsize=256)  # several rules look at one text
def _written(low: str, today: dt.date) -> tuple[DateHit, ...]:
    if not _has_date(low):
        return ()
    hits = [
        *_in_figures(low, today),
        *_eights(low, today),
        *_in_words(date_words.find(low), today),
    ]
    hits += _sixes(low, today)
    kept: list[DateHit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return tuple(kept)


def _has_date(low: str) -> bool:
    return _DIGIT.search(low) is not None or has(low, spoken.HINTS)


def _in_figures(low: str, today: dt.date) -> Iterator[DateHit]:
    match = _FIGURES.search(low)
    while match:
        hit = _of_figures(low, match, today)
        if hit:
            yield hit
        match = _FIGURES.search(low, match.end() if hit else match.end("a"))


def _of_figures(low: str, match: re.Match[str], today: dt.date) -> DateHit | None:
    """Return the date that three numbers are, None when they are no date at all."""
    first, month, last = match["a"], match["b"], match["c"].lstrip("'")
    short = len(first) <= 2 and len(last) == 2 and _is_short(low, match)
    if len(first) == 4 or (short and int(first) > 31):  # 1990-08-17, 90-08-17
        year, day = first, last
        free = (short or first[:2] in _CENTURIES) and not _GOES_ON.match(low, match.end())
    else:
        year, day = last, first
        free = short or (len(first) <= 2 and len(last) == 4)
    before = low[max(0, match.start() - 14) : match.start()]
    if not free or int(day) > 31 or int(month) > 31 or not _FREE_BEFORE_YEAR.search(before):
        return None
    numbers = [int(year), int(month), int(day)]
    return _hit(match.start(), match.end(), numbers, today, short=len(year) == 2)


def _is_short(low: str, match: re.Match[str]) -> bool:
    """Tell whether 17/8/90 is a date: its marks are the same, and it is no part of a number."""
    marks = {match["s"].strip() or " ", match["t"].strip() or " "}
    if not (marks < _LIKE_MARKS or (len(marks) == 1 and marks < _SHORT_MARKS)):
        return False
    before = low[max(0, match.start() - 14) : match.start()]
    return bool(_FREE_BEFORE.search(before)) and not _NOT_FREE_AFTER.match(low, match.end())


def _eights(low: str, today: dt.date) -> Iterator[DateHit]:
    for match in _COMPACT.finditer(low):
        form = "1" if match["y1"] else "2"
        numbers = [int(match[f"{part}{form}"]) for part in "ymd"]
        hit = _hit(match.start(), match.end(), numbers, today)
        if hit.day and not _within_number(low, match.start(), match.end()):
            yield hit


def _within_number(low: str, start: int, end: int) -> bool:
    """Tell whether figures are one group of a longer number, as of a telephone."""
    before = _IN_NUMBER.search(low, max(0, start - 2), start)
    return before is not None or _PHONE_GOES_ON.match(low, end) is not None


def _sixes(low: str, today: dt.date) -> Iterator[DateHit]:
    for match in _SIX.finditer(low):
        hit = _six(match, today)
        if hit.day and _stands_as_date(low, hit.start, hit.end):
            yield hit


def _six(match: re.Match[str], today: dt.date) -> DateHit:
    numbers = [int(match[part]) for part in "ymd"]
    return _hit(match.start(), match.end(), numbers, today, short=True)


def _stands_as_date(low: str, start: int, end: int) -> bool:
    head = low[max(0, start - 40) : start].rpartition("\n")[2]
    if not head.strip(" -*.") and not low[end : end + 40].partition("\n")[0].strip(" .,"):
        return True
    if _BEFORE_SIX.search(head):
        return True
    before = _PLACE_BEFORE.search(head)
    return before is not None and any(
        places.major(words) for words in (before[1], before[1].rpartition(" ")[2])
    )


def _in_words(found: Iterable[date_words.Written], today: dt.date) -> Iterator[DateHit]:
    for one in found:
        numbers = [one.year, one.month, one.day]
        yield _hit(one.start, one.end, numbers, today, short=one.two_digit_year)


def _said(low: str, today: dt.date) -> DateHit | None:
    hits = _in_words(date_words.said(low), today)
    return next((hit for hit in hits if hit.day), None)


def _hit(
    start: int, end: int, numbers: list[int], today: dt.date, *, short: bool = False
) -> DateHit:
    year, month, day = numbers
    if short:
        year = year_of(year, today=today)
    return DateHit(start, end, _exists(year, month, day), short)


def _exists(year: int, month: int, day: int) -> dt.date | None:
    if month > 12 >= day:
        month, day = day, month
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
