"""What a platform's webhook tells, and reading JSON that may be anything. Pure."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.ingest.exports.types import ExportedMessage
from helpdesk.outbox.answers import at, number, word

_ID_CHARS = 200
_EARLIEST = dt.datetime(2004, 1, 1, tzinfo=dt.UTC)  # none of the platforms is older


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that a platform took from us and could not deliver. `why` is for a person."""

    remote_id: str
    recipient: str = field(repr=False)  # as a delivery names them
    why: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that a platform took from us, with the mark we gave it."""

    remote_id: str
    recipient: str = field(repr=False)
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything one request tells that matters here; whatever else it tells is left out."""

    messages: tuple[ExportedMessage, ...] = ()
    failed: tuple[Failed, ...] = ()
    accepted: tuple[Accepted, ...] = ()


def objects(content: object, *keys: str | int) -> Iterator[dict[str, object]]:
    """Yield the objects of the list that lies under these keys; nothing if there is none."""
    found = at(content, *keys)
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, dict))


def identifier(value: object) -> str:
    """Return an id, which platforms write as a text or as a number; "" if it cannot be one."""
    plain = number(value)
    text = word(value) if plain is None or plain < 0 else str(plain)
    return text if 0 < len(text) <= _ID_CHARS and text.isprintable() else ""


def moment(value: object, received_at: dt.datetime, *, per_second: int) -> dt.datetime:
    """Return a time given in parts of a second since 1970; `received_at` if it cannot be one.

    What is said was said before we received it, whatever the platform's clock says.
    """
    text = identifier(value)
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        return received_at
    try:
        found = dt.datetime.fromtimestamp(int(text) / per_second, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return received_at
    return min(found, received_at) if found >= _EARLIEST else received_at
