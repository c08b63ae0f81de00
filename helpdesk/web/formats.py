"""How dates, numbers and the field's identifiers look on a page. Pure but for the current time."""

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from helpdesk import clock

_NOT_DIGITS = re.compile(r"\D")
_COVER = "•"


def group_nik(value: str) -> str:
    """Group a NIK 4-4-4-4 for the eye; anything but sixteen digits comes back unchanged."""
    digits = _NOT_DIGITS.sub("", value)
    if len(digits) != 16:
        return value
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def group_kpj(value: str) -> str:
    """Group a KPJ 2-4-5 for the eye; anything but eleven digits comes back unchanged."""
    digits = _NOT_DIGITS.sub("", value)
    return f"{digits[:2]} {digits[2:6]} {digits[6:]}" if len(digits) == 11 else value


def mask_nik(value: str) -> str:
    """Cover a NIK except its last four digits."""
    last = value[-4:] if len(value) > 4 else _COVER * len(value)
    return f"{_COVER * 4} {_COVER * 4} {_COVER * 4} {last}"


def mask_kpj(value: str) -> str:
    """Cover a KPJ except its last four digits."""
    last = value[-4:] if len(value) > 4 else _COVER * len(value)
    return f"{_COVER * 7} {last}"


def mask_address(value: str) -> str:
    """Cover an e-mail address except its start and its domain."""
    name, at, domain = value.partition("@")
    return f"{name[:3]}…{at}{domain}" if at else value


def size(value: int, language: str) -> str:
    """Write a number of bytes in the unit that suits it."""
    number: float = value
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            digits = "#,##0" if unit == "B" or number >= 10 else "#,##0.0"
            return f"{format_decimal(number, digits, locale=language)} {unit}"
        number /= 1000
    return f"{format_decimal(number, '#,##0.0', locale=language)} GB"


def filters(language: str, timezone: str) -> dict[str, Callable[..., str]]:
    """Return the template filters of one language.

    `day`, `time`, `moment`: an aware datetime (or for `day` a date) as date, time of day, or both,
    in the agency's time zone; `when`: the same as short as it stays clear today. `ago`,
    `elapsed`: how long before now. `number`, `percent` (of a ratio), `size` (bytes).
    `nik`, `kpj`: grouped; `masked_nik`, `masked_kpj`, `masked_address`: covered.
    """
    zone = ZoneInfo(timezone)
    clock_face = "HH:mm" if language == "en" else "HH.mm"
    nearby = ("today", "yesterday") if language == "en" else ("hari ini", "kemarin")

    def day(value: dt.date | dt.datetime) -> str:
        local = value.astimezone(zone) if isinstance(value, dt.datetime) else value
        return format_date(local, "d MMM y", locale=language)

    def time(value: dt.datetime) -> str:
        return format_time(value, clock_face, tzinfo=zone, locale=language)

    def moment(value: dt.datetime) -> str:
        return format_datetime(value, f"d MMM y, {clock_face}", tzinfo=zone, locale=language)

    def when(value: dt.datetime) -> str:
        today, then = clock.now().astimezone(zone).date(), value.astimezone(zone).date()
        days = (today - then).days
        if days in {0, 1}:
            return f"{nearby[days]}, {time(value)}"
        pattern = "d MMM" if then.year == today.year else "d MMM y"
        return f"{format_date(then, pattern, locale=language)}, {time(value)}"

    def ago(value: dt.datetime) -> str:
        return format_timedelta(value - clock.now(), add_direction=True, locale=language)

    def elapsed(value: dt.datetime) -> str:
        return format_timedelta(clock.now() - value, locale=language)

    times = {"day": day, "time": time, "moment": moment, "when": when, "ago": ago}
    times["elapsed"] = elapsed
    return times | _number_filters(language)


def _number_filters(language: str) -> dict[str, Callable[..., str]]:
    @lru_cache(maxsize=1_000)
    def number(value: float) -> str:
        return format_decimal(value, locale=language)

    def percent(value: float, digits: int = 0) -> str:
        pattern = "#,##0." + "0" * digits + "%" if digits else "#,##0%"
        return format_percent(value, pattern, locale=language)

    return {
        "number": number,
        "percent": percent,
        "size": lambda value: size(value, language),
        "nik": group_nik,
        "kpj": group_kpj,
        "masked_nik": mask_nik,
        "masked_kpj": mask_kpj,
        "masked_address": mask_address,
    }
