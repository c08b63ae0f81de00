"""What a platform's API is asked, and what its answer means for a reply. Pure."""

import datetime as dt
import email.utils
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from helpdesk.outbox.states import OutcomeKind, Phase, cover
from helpdesk.tickets.kinds import Channel

CLOSED = (
    "the time to reply on this channel is over; ask the participant to write again, "
    "or answer by e-mail"
)
_NAMELESS = "it answered that all is well, but gave the message no name"
_GATEWAY = frozenset({502, 504})  # who answers does not know what became of the request
_MAX_ID_CHARS = 512


@dataclass(frozen=True, slots=True)
class Text:
    """One message on its way. `asked_at` is when the contact wrote last; None if never.

    `mark` is what a platform that can is asked to repeat when it tells of this message later.
    """

    channel: Channel
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    asked_at: dt.datetime | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A POST of a JSON object; `path` comes after the API's address."""

    path: str = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers are lower case, `body` is cut off where it is long."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def content(self) -> dict[str, Any]:
        """The JSON object in the body; empty if it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Meaning(Enum):
    """What a refusal is about: what becomes of the reply, and the phase it is told by."""

    BUSY = (OutcomeKind.REFUSED_FOR_NOW, Phase.SERVICE)
    OURS = (OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN)  # token, rights, account: for an operator
    CLOSED = (OutcomeKind.REFUSED, Phase.WINDOW)
    REFUSED = (OutcomeKind.REFUSED, Phase.FINAL)  # this reply, or this recipient
    LOST = (OutcomeKind.UNKNOWN, Phase.FINAL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one answer means. `remote_id` is the platform's name of the accepted message."""

    kind: OutcomeKind
    phase: Phase = Phase.FINAL
    code: int | None = None
    text: str = ""
    remote_id: str = ""
    retry_after_s: float | None = None


def judge(
    answer: Answer,
    remote_id: object,
    refusal: Callable[[Answer], tuple[Meaning, str]],
    now: dt.datetime,
) -> Verdict:
    """Return what an answer means.

    None of the platforms documents an idempotency key, so whatever leaves it open whether the
    message was accepted means *unknown*, and a person decides.

    Args:
        answer: as it came.
        remote_id: what stands in the answer where an accepted message's name belongs.
        refusal: of this platform; tells a refusal's meaning, with the platform's words.
        now: aware.

    Never raises.
    """
    status = answer.status
    if 200 <= status <= 299:
        if isinstance(remote_id, str) and 0 < len(remote_id) <= _MAX_ID_CHARS:
            return Verdict(OutcomeKind.ACCEPTED, code=status, remote_id=remote_id)
        return Verdict(*Meaning.LOST.value, code=status, text=_NAMELESS)
    if 300 <= status <= 399:
        return Verdict(*Meaning.OURS.value, code=status, text="it points elsewhere; check api_url")
    meaning, words = refusal(answer)
    if status in _GATEWAY:
        meaning = Meaning.LOST
    kind, phase = meaning.value
    return Verdict(
        kind,
        phase,
        code=status,
        text=CLOSED if meaning is Meaning.CLOSED else cover(words),
        retry_after_s=wait_s(answer, now) if kind is OutcomeKind.REFUSED_FOR_NOW else None,
    )


def mark_of(name: str, part: int) -> str:
    """Return what tells a part of a delivery from all others; `name` is one nobody can guess."""
    return hashlib.sha256(f"{name} {part}".encode()).hexdigest()[:32]


def by_status(status: int) -> Meaning:
    """Return what a status means of which the body says no more."""
    if status == 401:
        return Meaning.OURS
    if status in {408, 425, 429} or status >= 500:
        return Meaning.BUSY
    return Meaning.REFUSED


def wait_s(answer: Answer, now: dt.datetime) -> float | None:
    """Return how many seconds an answer asks to be left alone for; None if it does not say.

    `Retry-After` (RFC 9110 §10.2.3), `x-rate-limit-reset` of X (seconds since 1970) and
    `X-Business-Use-Case-Usage` of Meta (minutes). Never raises.
    """
    headers = answer.headers
    asked = (
        _retry_after(headers.get("retry-after", ""), now),
        _reset(headers.get("x-rate-limit-reset", ""), now),
        _usage(headers.get("x-business-use-case-usage", "")),
    )
    waits = [each for each in asked if each is not None and each > 0]
    return max(waits, default=None)


def word(value: object) -> str:
    """Return a text out of JSON; whatever is none is left out."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """Return a whole number out of JSON."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def at(content: object, *keys: str | int) -> object:
    """Return what lies in nested JSON under these keys and places; None where there is nothing."""
    for key in keys:
        if isinstance(key, str) and isinstance(content, dict):
            content = content.get(key)
        elif isinstance(key, int) and isinstance(content, list) and key < len(content):
            content = content[key]
        else:
            return None
    return content


def _retry_after(value: str, now: dt.datetime) -> float | None:
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        moment = email.utils.parsedate_to_datetime(value)
        return (moment.replace(tzinfo=moment.tzinfo or dt.UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _reset(value: str, now: dt.datetime) -> float | None:
    if not (value.isascii() and value.isdecimal() and len(value) <= 12):
        return None
    return float(value) - now.timestamp()


def _usage(value: str) -> float | None:
    try:
        content = json.loads(value) if value else None
    except (ValueError, RecursionError):
        return None
    accounts: Collection[object] = content.values() if isinstance(content, dict) else ()
    minutes = [
        number(at(use, "estimated_time_to_regain_access")) or 0
        for uses in accounts
        if isinstance(uses, list)
        for use in uses
    ]
    return min(max(minutes, default=0), 1 << 20) * 60.0
