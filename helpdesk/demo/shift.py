"""Move the times that are written in a sample export by whole days. Pure."""

import codecs
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePath

from helpdesk.ingest.exports.lines import lines
from helpdesk.ingest.exports.whatsapp_lines import Head, head, moment
from helpdesk.ingest.exports.whatsapp_survey import survey

_DAY_S = 86_400
_ISO_DATE = re.compile(rb"(?<![0-9])([0-9]{4}-[0-9]{2}-[0-9]{2})(?=[T ][0-9]{2}:[0-9]{2})")
# Seconds have ten digits from 2001 on, milliseconds thirteen: others are samples of nonsense.
_EPOCH = re.compile(
    rb'("(?:creation_timestamp|timestamp_ms|timestamp)"\s*:\s*)([0-9]{13}|[0-9]{10})(?![0-9.])'
)
_CHAT_DATE = re.compile(r"([0-9]{1,4})([./-])([0-9]{1,2})([./-])([0-9]{1,4})")


def shifted(name: str, raw: bytes, days: int) -> bytes:
    """Return a file of an export as if everything in it had happened `days` later.

    Args:
        name: the file's; its ending tells how times are written in it.
        raw: its bytes. A zip's members are moved one by one.
        days: may be negative. The time of day stays, and so does everything that is no time: ids,
            texts, names of files, and times that cannot be.
    """
    suffix = PurePath(name).suffix.lower()
    return _WAYS[suffix](raw, days) if suffix in _WAYS else raw


def _zip(raw: bytes, days: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            new.writestr(member, shifted(member.filename, old.read(member), days))
    return out.getvalue()


def _dates(raw: bytes, days: int) -> bytes:
    def move(found: re.Match[bytes]) -> bytes:
        try:
            moved = dt.date.fromisoformat(found[1].decode()) + dt.timedelta(days=days)
        except (ValueError, OverflowError):
            return found[0]
        return moved.isoformat().encode()

    return _ISO_DATE.sub(move, raw)


def _epochs(raw: bytes, days: int) -> bytes:
    def move(found: re.Match[bytes]) -> bytes:
        a_day = _DAY_S * (1_000 if len(found[2]) == 13 else 1)
        return found[1] + b"%d" % (int(found[2]) + days * a_day)

    return _EPOCH.sub(move, raw)


def _chat(raw: bytes, days: int) -> bytes:
    """Move the dates that messages of a WhatsApp chat begin with; another text stays as it is."""
    chat = survey(lines(io.BytesIO(raw)))
    if chat is None:
        return raw
    encoding = _encoding(raw)
    texts = raw.decode(encoding, "surrogateescape").split("\n")
    begun = {
        at: found
        for at, text in enumerate(texts)
        if (found := head(text)) is not None and found.style == chat.style
    }
    month_first = chat.reads_month_first
    moved = {at: _later(found, days, month_first=month_first) for at, found in begun.items()}
    # Were all days below 13, the month would be taken for the day.
    turned = month_first and any(day.day > 12 for day in moved.values())
    for at, day in moved.items():
        texts[at] = _CHAT_DATE.sub(_writer(day, month_first=turned), texts[at], count=1)
    return "\n".join(texts).encode(encoding, "surrogateescape")


def _encoding(raw: bytes) -> str:
    """Tell UTF-16 from UTF-8: every other byte of a date is zero in it."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if 0 not in raw[:2]:
        return "utf-8"
    return "utf-16-be" if raw[0] == 0 else "utf-16-le"


def _later(found: Head, days: int, *, month_first: bool) -> dt.date:
    sent_at, _ = moment(found, month_first=month_first, zone=dt.UTC)
    return sent_at.date() + dt.timedelta(days=days)


def _writer(day: dt.date, *, month_first: bool) -> Callable[[re.Match[str]], str]:
    """Return what writes a day where another stood: the same order, separators and widths."""

    def write(found: re.Match[str]) -> str:
        one, dot, two, dot2, three = found.groups()
        if len(one) == 4:
            return f"{day.year}{dot}{day.month:0{len(two)}}{dot2}{day.day:0{len(three)}}"
        first, second = (day.month, day.day) if month_first else (day.day, day.month)
        year = day.year if len(three) == 4 else day.year % 100
        return f"{first:0{len(one)}}{dot}{second:0{len(two)}}{dot2}{year}"

    return write


_WAYS: dict[str, Callable[[bytes, int], bytes]] = {
    ".zip": _zip,
    ".js": _dates,
    ".csv": _dates,
    ".jsonl": _dates,
    ".json": _epochs,
    ".txt": _chat,
}
