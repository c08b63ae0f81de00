"""What the page shows of the way a reply takes: to whom, where to find them, until when."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from helpdesk.errors import InvalidError
from helpdesk.i18n import mark
from helpdesk.ingest.opening import NO_NUMBER
from helpdesk.replies import elsewhere, ways
from helpdesk.replies.disclosure import Situation
from helpdesk.replies.ways import Reach
from helpdesk.settings import Direct
from helpdesk.tickets.history import MessageView, TicketHead
from helpdesk.tickets.kinds import Channel, Direction, MessageKind
from helpdesk.tickets.queries import CLOSING

_SOON = dt.timedelta(hours=3)
_HANDLE = re.compile(r"[A-Za-z0-9._]{1,64}")
_PROFILES = {
    Channel.X: "https://x.com/{}",
    Channel.INSTAGRAM: "https://www.instagram.com/{}/",
    Channel.FACEBOOK: "https://www.facebook.com/{}",
}
_INBOX = mark("Open the inbox")
_GROUP = mark("Several people read this conversation")
_CLOSED = mark("The time to reply on this channel is over.")


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing by which the conversation is found; `href` is "" where there is no link."""

    icon: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class WayPane:
    """The way of a ticket's reply.

    `problem` says why none can leave now, in words; `closed` that it is the window's doing.
    `nameless`: people send it because the API that is to be used cannot name the contact.
    `over`: the window of the channel has closed, whether or not that is in the way; `window` is ""
    (open for long, or none), "care" or "bad". `mails` are addresses the participant wrote
    that can be answered instead.
    """

    channel: Channel
    to: str
    by_hand: bool
    nameless: bool
    traces: tuple[Trace, ...]
    problem: str
    closed: bool
    ends_at: dt.datetime | None
    over: bool
    window: str
    mails: tuple[str, ...]
    mail_to: str | None


def pane(
    ticket: TicketHead,
    messages: Sequence[MessageView],
    situation: str,
    conf: Mapping[Channel, Direct],
    *,
    own_address: str,
    gettext: Callable[[str], str],
    now: dt.datetime,
) -> WayPane:
    """Return what the page shows; `situation` is the draft's, "" without one."""
    reach = reach_of(ticket)
    problem, by_hand, nameless, closed = "", False, False, False
    channel, recipient = ways.destination(reach)
    try:
        chosen = ways.way(reach, conf)
        by_hand = chosen.by_hand or situation == Situation.REOPEN_WINDOW
        nameless = chosen.nameless
        closed = ways.is_closed(chosen, situation, reach, now)
        problem = gettext(_CLOSED) if closed else ""
    except InvalidError as error:
        problem = gettext(str(error))
    left = ticket.window_ends_at - now if ticket.window_ends_at else dt.timedelta(0)
    over = ticket.window_ends_at is not None and left <= dt.timedelta(0)
    mailed = channel is Channel.EMAIL
    return WayPane(
        channel=channel,
        to=recipient if mailed else _called(ticket) or recipient,
        by_hand=by_hand,
        nameless=nameless,
        traces=() if mailed else tuple(_traces(ticket, gettext)),
        problem=problem,
        closed=closed,
        ends_at=None if mailed else ticket.window_ends_at,
        over=over,
        window="bad" if left < _SOON else "care" if left < CLOSING else "",
        mails=_mails(messages, own_address) if over and ticket.channel.is_direct else (),
        mail_to=ticket.mail_to,
    )


def reach_of(ticket: TicketHead) -> Reach:
    """Return how the contact of a ticket can be reached."""
    return Reach(
        channel=ticket.channel,
        address=ticket.contact_address,
        platform_id=ticket.platform_id,
        phone=ticket.phone,
        mail_to=ticket.mail_to,
        window_ends_at=ticket.window_ends_at,
        is_group=ticket.is_group,
    )


def _called(ticket: TicketHead) -> str:
    if ticket.contact_address.startswith(NO_NUMBER):
        return ticket.contact_name
    return f"@{ticket.handle}" if ticket.handle else ticket.phone


def _traces(ticket: TicketHead, gettext: Callable[[str], str]) -> list[Trace]:
    traces = []
    digits = ticket.phone.removeprefix("+")
    if ticket.is_group:
        traces.append(Trace("users", gettext(_GROUP)))
    if digits.isdecimal() and ticket.channel is Channel.WHATSAPP:
        traces.append(Trace("whatsapp", f"wa.me/{digits}", f"https://wa.me/{digits}"))
    elif digits.isdecimal() and ticket.channel in {Channel.PHONE, Channel.WEB, Channel.COUNTER}:
        traces.append(Trace("phone", ticket.phone, f"tel:+{digits}"))
    if ticket.handle and _HANDLE.fullmatch(ticket.handle) and ticket.channel in _PROFILES:
        href = _PROFILES[ticket.channel].format(ticket.handle)
        traces.append(Trace("user", href.removeprefix("https://"), href))
    if ticket.channel is Channel.X and ticket.platform_id.isdecimal():
        href = f"https://x.com/messages/compose?recipient_id={ticket.platform_id}"
        traces.append(Trace("x-dm", gettext(_INBOX), href))
    if ticket.channel is Channel.FACEBOOK:
        href = "https://business.facebook.com/latest/inbox"
        traces.append(Trace("facebook", gettext(_INBOX), href))
    if ticket.thread:
        traces.append(Trace("link", f"{ticket.service} {ticket.thread}".strip()))
    return traces


def _mails(messages: Sequence[MessageView], own_address: str) -> tuple[str, ...]:
    said = [
        each.body
        for each in reversed(messages)
        if each.direction is Direction.INBOUND and each.kind is MessageKind.PERSON
    ]
    return elsewhere.addresses(said, own=own_address)
