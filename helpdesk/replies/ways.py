"""Which way a reply goes back, and until when. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.errors import ConflictError, InvalidError
from helpdesk.outbox import dm
from helpdesk.replies.disclosure import Situation
from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel

_ONE_PART = 100_000  # read out or printed, a reply is one text
# Whom the platforms' APIs can write to: numbers of their own, a telephone number on WhatsApp.
_NAMED = {
    Channel.X: re.compile(r"[0-9]{1,19}"),
    Channel.FACEBOOK: re.compile(r"[0-9]{1,32}"),
    Channel.INSTAGRAM: re.compile(r"[0-9]{1,32}"),
    Channel.WHATSAPP: re.compile(r"\+[1-9][0-9]{6,14}"),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a ticket's contact can be reached. `mail_to` is an address they named, if chosen."""

    channel: Channel
    address: str = field(repr=False)
    platform_id: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    mail_to: str | None = field(default=None, repr=False)
    window_ends_at: dt.datetime | None = None
    is_group: bool = False

    @property
    def named_only(self) -> bool:
        """Whether nothing but a name tells the contact from another of that name.

        So it is in a chat of WhatsApp's with a saved contact, and in Messenger's encrypted ones,
        whose export numbers them anew each time. Other threads of Facebook's have numbers.
        """
        numbered = self.channel is Channel.FACEBOOK and self.address.isdecimal()
        nameable = self.channel in {Channel.WHATSAPP, Channel.FACEBOOK}
        return nameable and not (self.phone or self.platform_id or numbered)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a reply goes. `max_chars` is of one message, in bytes; nothing but a mail has none.

    `nameless`: people send it though an API is to be used, because that cannot name the contact.
    """

    channel: Channel
    recipient: str = field(repr=False)
    by_hand: bool = False
    max_chars: int | None = None
    nameless: bool = False


def way(reach: Reach, conf: Mapping[Channel, Direct]) -> Way:
    """Return the way a reply takes: by mail to an address, else back where it was asked.

    Raises:
        InvalidError: there is no address.
    """
    channel, recipient = destination(reach)
    if channel is Channel.EMAIL and "@" not in recipient:
        msg = "the message has no sender address that could be answered"
        raise InvalidError(msg)
    if not recipient:
        msg = "nothing is known of how this contact can be reached"
        raise InvalidError(msg)
    if channel is Channel.EMAIL:
        return Way(channel, recipient)
    direct = conf.get(channel)
    if direct is None:
        return Way(channel, recipient, by_hand=True, max_chars=_ONE_PART)
    by_api = direct.send == "api"
    nameless = by_api and not _can_be_named(reach, recipient)
    return Way(channel, recipient, not by_api or nameless, direct.max_chars, nameless)


def destination(reach: Reach) -> tuple[Channel, str]:
    """Return the channel a reply leaves through and whom it names there; "" if nobody."""
    if reach.mail_to:
        return Channel.EMAIL, reach.mail_to
    by_mail = reach.channel is Channel.EMAIL
    if by_mail or (not reach.channel.is_direct and "@" in reach.address):
        return Channel.EMAIL, reach.address
    if reach.channel is Channel.WHATSAPP and reach.phone:
        return reach.channel, reach.phone
    return reach.channel, reach.platform_id or reach.address or reach.phone


def is_closed(chosen: Way, situation: str, reach: Reach, now: dt.datetime) -> bool:
    """Tell whether a reply comes too late for its channel.

    Mail is never too late, and the request to write again is what is sent when it is.
    """
    free = chosen.channel is Channel.EMAIL or situation == Situation.REOPEN_WINDOW
    return not free and not dm.window_open(reach.window_ends_at, now)


def refuse_closed(chosen: Way, situation: str, reach: Reach, now: dt.datetime) -> None:
    """Raise ConflictError if a reply would come too late for its channel."""
    if is_closed(chosen, situation, reach, now):
        msg = (
            "the time to reply on this channel is over; ask the participant to write again, "
            "or answer by e-mail"
        )
        raise ConflictError(msg)


def _can_be_named(reach: Reach, recipient: str) -> bool:
    """Tell whether the channel's API can write to the contact."""
    known_as = reach.phone if reach.channel is Channel.WHATSAPP else reach.platform_id
    pattern = _NAMED.get(reach.channel)
    if pattern is None or known_as != recipient or reach.is_group:
        return False
    return bool(pattern.fullmatch(recipient))
