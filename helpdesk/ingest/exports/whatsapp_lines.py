"""The head of a WhatsApp message's first line: when it was sent, and by whom."""

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from helpdesk.ingest.exports.phones import e164

MARKS = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"

_SPACE = "[ \u00a0\u202f]"
_HEAD = re.compile(
    rf"[{MARKS}]{{0,4}}"
    r"(\[)?([0-9]{1,4})([./-])([0-9]{1,2})([./-])([0-9]{1,4})"
    rf"(,?){_SPACE}{{1,2}}(?:(?:pukul|jam|at){_SPACE})?"
    r"([0-9]{1,2})([.:])([0-9]{2})(?:[.:]([0-9]{2}))?"
    rf"(?:{_SPACE}{{0,2}}"
    r"([AaPp]\.?[ \u00a0]?[Mm]\.?|(?:dini hari|pagi|siang|sore|petang|malam)))?"
    rf"(?(1)\]{_SPACE}?|{_SPACE}[-–—](?:{_SPACE}|$))"
)
# WhatsApp began in 2009. Two-digit years beyond are of births: 58 to 08 are of nobody's chat.
_YEARS = range(2009, 2058)
_MAX_NAME_CHARS = 150
_UNPRINTED = str.maketrans("", "", MARKS)
_ODD_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2011": "-", "\t": " "})


class Head(NamedTuple):
    """The date and time of a line as written, and how they are written.

    An export is written by one phone in one way: a line in another `style` is somebody's text.
    `date` is in the order written, the year already last; `clock` is hour, minute, second.
    """

    style: tuple[object, ...]
    date: tuple[int, int, int]
    clock: tuple[int, int, int]
    rest: str

    @property
    def year_first(self) -> bool:
        """Whether the date is written year, month, day, so that its order is known."""
        return bool(self.style[0])

    @property
    def is_ambiguous(self) -> bool:
        """Whether day and month could be read the other way round."""
        first, second, _ = self.date
        return not self.year_first and first <= 12 and second <= 12 and first != second


def head(line: str) -> Head | None:
    """Read the date and time that begin a message; None if the line begins none. Never raises."""
    match = _HEAD.match(line)
    if not match:
        return None
    bracket, one, dot, two, dot2, three, comma, hour, colon, minute, second, part = match.groups()
    year_first = len(one) == 4
    year = one if year_first else three
    if len(year) not in {2, 4} or len(three if year_first else one) > 2:
        return None
    date = (int(three), int(two), _year(year)) if year_first else (int(one), int(two), _year(year))
    clock = (_hour(int(hour), part), int(minute), int(second or 0))
    if not _possible(date, clock):
        return None
    style = (
        *(year_first, len(year), bracket, dot, dot2, comma),
        *(colon, second is not None, part is not None),
    )
    return Head(style, date, clock, line[match.end() :])


def moment(found: Head, *, month_first: bool, zone: dt.tzinfo) -> tuple[dt.datetime, bool]:
    """Return when that was (UTC), and whether day and month are in the file's order.

    A date that does not exist in this order is read in the other.
    """
    first, second, year = found.date
    turned = month_first and not found.year_first
    day, month = (second, first) if turned else (first, second)
    orderly = _exists(year, month, day)
    if not orderly:
        day, month = month, day
    local = dt.datetime(year, month, day, *found.clock, tzinfo=zone)
    return local.astimezone(dt.UTC), orderly


def ordinal(found: Head, *, month_first: bool) -> int | None:
    """Return the day's number in this order; None if there is no such day."""
    first, second, year = found.date
    day, month = (second, first) if month_first else (first, second)
    return dt.date(year, month, day).toordinal() if _exists(year, month, day) else None


def split_sender(rest: str) -> tuple[str, str] | None:
    """Separate who wrote from what; None for a line of the system, which has no writer."""
    at = rest.find(": ", 0, _MAX_NAME_CHARS)
    if at < 0:
        bare = rest.rstrip()
        if not bare.endswith(":") or len(bare) > _MAX_NAME_CHARS:
            return None
        at = len(bare) - 1
    sender = shown(rest[:at])
    return (sender, rest[at + 2 :]) if sender else None


@lru_cache(maxsize=512)  # few people write many messages
def shown(name: str) -> str:
    """Return a name as people see it: no marks, plain spaces, no `~` of an unknown contact."""
    plain = name.translate(_UNPRINTED).translate(_ODD_SPACES)
    return " ".join(plain.removeprefix("~").split())


@lru_cache(maxsize=512)
def key(name: str) -> str:
    """Return what makes two spellings of a name or phone number the same."""
    return e164(name) or unicodedata.normalize("NFKC", shown(name)).casefold()


def unmarked(text: str) -> str:
    """Return a text without marks of writing direction and outer space."""
    return (text if text.isascii() else text.translate(_UNPRINTED)).strip()


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _hour(hour: int, part: str | None) -> int:
    """Return the hour of 24, or 99 if there is no such hour in that part of the day."""
    if part is None:
        return hour
    if not 0 <= hour <= 12:
        return 99
    of_twelve = hour % 12
    if part in {"sore", "petang"} or (part[0] in "Pp" and part[1] in "Mm. \u00a0"):
        return of_twelve + 12
    if part == "siang":  # 10 siang is before noon, 2 siang after
        return of_twelve if of_twelve >= 10 else of_twelve + 12
    if part == "malam":  # 7 malam is in the evening, 12 and 1 malam after midnight
        return of_twelve + 12 if of_twelve >= 5 else of_twelve
    return of_twelve


def _possible(date: tuple[int, int, int], clock: tuple[int, int, int]) -> bool:
    first, second, year = date
    hour, minute, of_minute = clock
    if year not in _YEARS or hour > 23 or minute > 59 or of_minute > 59:
        return False
    return _exists(year, second, first) or _exists(year, first, second)


def _exists(year: int, month: int, day: int) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    return day <= 28 or day <= (dt.date(year, month % 12 + 1, 1) - dt.timedelta(days=1)).day
