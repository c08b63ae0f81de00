"""What an exported message is: which one, of which matter, and whose turn it leaves. Pure.

A matter is a run of things said with never more than N days between one and the next, whoever
said them. That does not depend on the order in which exports bring them, so an older export that
comes later ends with the same tickets.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from helpdesk.ingest.exports.types import ExportedMessage
from helpdesk.tickets.kinds import TicketStatus

LATER = "later_message"  # why a ticket is linked to the one before it
REPLY_SEEN_DAYS = 7  # how long after its approval a reply may be found in an export

_CLOCK_SLIP = dt.timedelta(hours=1)  # a platform's minute began before our second
_NUMBERED = re.compile(r"\d{8}-")  # WhatsApp on iOS counts files anew in every export
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(slots=True)
class Matter:
    """A ticket as far as placing messages needs it: when things were said in it."""

    ticket_id: int
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Said:
    """The outline of one conversation's ticket, from the things said in it, in order.

    `unanswered_since` is the first thing the participant said after our last word; None if we had
    the last word. `answered_later`: we wrote to them again, if only in a later ticket.
    """

    last_at: dt.datetime
    unanswered_since: dt.datetime | None
    answered_later: bool = False


def import_key(channel: str, message: ExportedMessage, ordinal: int) -> str:
    """Return what a message is recognised by in every export that holds it.

    The platform's id tells, where there is one; else side, time and content do, and among equals
    the place. In a conversation of two the side stands for the sender, whose name may change.
    """
    told: list[str] = [channel, message.thread]
    if message.message_id:
        told += ["id", message.message_id]
    else:
        side = "ours" if message.ours else message.sender if message.is_group else "theirs"
        names = (_NUMBERED.sub("", each.name, count=1) for each in message.files)
        event = message.event.value if message.event else ""
        at = str(microseconds(message.sent_at))
        told += ["content", side, at, message.text, event, str(ordinal), *names]
    length_first = "".join(f"{len(each)}:{each}" for each in told)  # so that no two lists are one
    return hashlib.sha256(length_first.encode("utf-8", "surrogatepass")).hexdigest()


def microseconds(moment: dt.datetime) -> int:
    """Return an aware time as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds_: int) -> dt.datetime:
    """Return the time that `microseconds` gave."""
    return _EPOCH + microseconds_ * _MICROSECOND


def covering(matters: Iterable[Matter], at: dt.datetime, days: int) -> list[Matter]:
    """Return the matters that something said at `at` belongs to, earliest first.

    More than one are one matter by it, unless a person worked on several of them.
    """
    reach = dt.timedelta(days=days)
    found = [each for each in matters if each.first - reach <= at <= each.last + reach]
    return sorted(found, key=lambda each: (each.first, each.ticket_id))


def begun_before(matters: Iterable[Matter], at: dt.datetime) -> Matter | None:
    """Return the matter in whose course an event happened: the last that had begun.

    What happened in the minute it began with may have been before it, and is left out.
    """
    begun = [each for each in matters if each.first < at]
    return max(begun, key=lambda each: (each.first, each.ticket_id), default=None)


def standing(said: Said, days: int, now: dt.datetime) -> tuple[TicketStatus, dt.datetime]:
    """Return whose turn it is, and since when.

    What the participant said last waits for an agent however old it is; what we said last waits
    for them, and is over after `days`.
    """
    if said.unanswered_since is not None and not said.answered_later:
        return TicketStatus.WAITING_AGENT, said.unanswered_since
    over = said.answered_later or now - said.last_at > dt.timedelta(days=days)
    return TicketStatus.CLOSED if over else TicketStatus.WAITING_PARTICIPANT, said.last_at


def window_end(last_inbound: dt.datetime | None, hours: int) -> dt.datetime | None:
    """Return until when the platform lets us answer freely; None when it sets no limit."""
    if last_inbound is None or not hours:
        return None
    return last_inbound + dt.timedelta(hours=hours)


def is_reply(
    text: str, sent_at: dt.datetime, approved_at: dt.datetime, texts: Collection[str]
) -> bool:
    """Tell whether an own message of an export is a reply that left through this product.

    Args:
        text: of the exported message.
        sent_at: when the platform says it was sent.
        approved_at: when the reply was approved.
        texts: the whole reply and its parts, each `normalised`.
    """
    since = sent_at - approved_at
    near = -_CLOCK_SLIP <= since <= dt.timedelta(days=REPLY_SEEN_DAYS)
    return near and normalised(text) in texts


def normalised(text: str) -> str:
    """Return a text without what platforms change in it: white space and letter case."""
    return " ".join(text.split()).casefold()


def texts_of(body: str, parts: Sequence[str]) -> frozenset[str]:
    """Return the texts under which a reply may be found; empty ones cannot be."""
    return frozenset(normalised(each) for each in (body, *parts)) - {""}
