"""The NIK: sixteen digits that carry a region, a birth date and a sex."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from helpdesk.identity.reading import fold
from helpdesk.identity.words import places

LENGTH = 16
_SLIPS = str.maketrans("oilq|", "01101")  # letters read or typed for digits
_SEPARATORS = re.compile(r"[ .\-_/]+")


@dataclass(frozen=True, slots=True)
class NikReading:
    """What a NIK says.

    Attributes:
        digits: the digits after separators are dropped and O, I, l are read as 0 and 1.
        well_formed: exactly 16 digits.
        sex: `m` or `f`, None when the day is impossible.
        birth_dates: the dates it may carry, likeliest first; empty when impossible.
        region: name of the regency or city of first registration, or its province, or None.
        warnings: `nik_malformed`, `nik_date_impossible`, `nik_region_unknown`, `nik_serial_zero`.
    """

    digits: str
    well_formed: bool
    sex: str | None = None
    birth_dates: tuple[dt.date, ...] = ()
    region: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def birth_date(self) -> dt.date | None:
        """The likeliest birth date: the writer is 15 to 100 years old."""
        return self.birth_dates[0] if self.birth_dates else None


@lru_cache(maxsize=256)  # each rule that meets a number of a message asks
def inspect(value: str, *, today: dt.date) -> NikReading:
    """Read a NIK as written; the century is chosen so that the person is 15 to 100 at `today`.

    Never raises. There is no check digit: a failed check is a warning, nearly always a typing
    slip. Regions are those of any year since 2018, because a NIK keeps the code of its first day.
    """
    digits = clean(value)
    if len(digits) != LENGTH or not digits.isdecimal():
        return NikReading(digits, well_formed=False, warnings=("nik_malformed",))
    day = int(digits[6:8])
    sex = "f" if day > 40 else "m"
    births = _births(day - 40 if day > 40 else day, int(digits[8:10]), int(digits[10:12]), today)
    region = places.region_of(digits)
    failed = {
        "nik_date_impossible": not births,
        "nik_region_unknown": region is None,
        "nik_serial_zero": digits.endswith("0000"),
    }
    return NikReading(
        digits,
        well_formed=True,
        sex=sex if births else None,
        birth_dates=births,
        region=region,
        warnings=tuple(code for code, is_so in failed.items() if is_so),
    )


def clean(value: str) -> str:
    """Return a NIK's digits: separators out, O and I read as 0 and 1; other characters stay."""
    return _SEPARATORS.sub("", fold(value)).translate(_SLIPS)


def is_slip(digits: str, *, today: dt.date) -> bool:
    """Tell whether 15 or 17 digits are a NIK with one digit too few or too many.

    A known region, and an adult's birth date where it stands when the slip is before or behind it.
    """
    if abs(len(digits) - LENGTH) != 1 or not digits.isdecimal() or not places.region_of(digits):
        return False
    for at in {6, 6 + len(digits) - LENGTH}:
        day, month, year = (int(digits[one : one + 2]) for one in (at, at + 2, at + 4))
        if any(today.year - one.year >= 15 for one in _births(day % 40, month, year, today)):
            return day <= 71
    return False


def differs(reading: NikReading, birth: dt.date) -> bool:
    """Tell whether the date inside a well-formed NIK is another than the stated one."""
    return bool(reading.birth_dates) and birth not in reading.birth_dates


def _births(day: int, month: int, yy: int, today: dt.date) -> tuple[dt.date, ...]:
    century = today.year - today.year % 100
    found = []
    for year in (century + yy, century - 100 + yy):
        try:
            found.append(dt.date(year, month, day))
        except ValueError:
            continue
    ages = [(today.year - birth.year, birth) for birth in found]
    adults = [birth for age, birth in ages if 15 <= age <= 100]
    return tuple(adults or [birth for age, birth in ages if 0 <= age < 15])
