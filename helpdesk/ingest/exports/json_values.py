"""What stands in JSON from outside, made fit to keep: texts, ids and times. Never raises."""

import datetime as dt
import re

MAX_TEXT_BYTES = 1 << 16  # of one message; the platforms allow 2,000 to 20,000 characters
MAX_NAME_CHARS = 300
MAX_ID_CHARS = 64
TOO_LONG = "text_cut"  # the defect of a message of which only the beginning is kept

# Before the first of the platforms and after anything this will read: a wrong unit shows.
_FIRST = dt.datetime(2004, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ID = re.compile(rf"[0-9A-Za-z_.:-]{{1,{MAX_ID_CHARS}}}")


def text_of(value: object, *, mended: bool = False) -> str:
    """Return a text without what no database keeps; "" for anything but a text.

    Args:
        value: from JSON.
        mended: whether Meta wrote it, whose exports have each byte of UTF-8 as a character.
            Only what is UTF-8 as a whole is put right, so clean text stays as it is.
    """
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub("", mend(value) if mended else value)


def mend(text: str) -> str:
    """Put right what is UTF-8 read as Latin-1; everything else is returned as it is."""
    if text.isascii():
        return text
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return text
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return text


def cut(text: str) -> tuple[str, bool]:
    """Return at most `MAX_TEXT_BYTES` of a text, and whether that is less than all of it."""
    if len(text) * 4 <= MAX_TEXT_BYTES or len(raw := text.encode()) <= MAX_TEXT_BYTES:
        return text, False
    return raw[:MAX_TEXT_BYTES].decode("utf-8", "ignore"), True


def name_of(value: object, *, mended: bool = False) -> str:
    """Return a name on one line, at most `MAX_NAME_CHARS`; "" for anything but a text."""
    text = text_of(value, mended=mended)[: MAX_NAME_CHARS * 4]
    return " ".join(_CONTROLS.sub(" ", text).split())[:MAX_NAME_CHARS]


def id_of(value: object) -> str:
    """Return a platform's id as a text; "" for what cannot be one."""
    if type(value) is int and 0 <= value < 10**MAX_ID_CHARS:
        return str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def moment_of_ms(value: object) -> dt.datetime | None:
    """Return the time so many milliseconds after 1970; None for what no message can have."""
    if type(value) is not int or not 0 < value < 10**13:
        return None
    return _possible(_EPOCH + dt.timedelta(milliseconds=value))


def moment_of_text(value: object) -> dt.datetime | None:
    """Return the time of an ISO 8601 text, UTC unless it says; None for what cannot be one."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        return _possible(
            moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        )
    except (ValueError, OverflowError):
        return None


def _possible(moment: dt.datetime) -> dt.datetime | None:
    return moment if _FIRST <= moment < _LAST else None
