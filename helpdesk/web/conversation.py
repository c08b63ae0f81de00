"""The conversation as a page shows it: messages and events in one stream, facts marked."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from helpdesk import i18n
from helpdesk.i18n import mark
from helpdesk.matching.queries import ClaimView, FactView
from helpdesk.outbox.queries import DeliveryView
from helpdesk.tickets.history import EventView, FileView, MessageView
from helpdesk.tickets.kinds import Channel, Direction, MessageKind
from helpdesk.web import chat_words, delivery_words, fact_words, origin_words, pictures
from helpdesk.web.claim_view import UNSURE_BELOW
from helpdesk.web.cover import Mark, Piece, cover, cover_marked, cut

_EVENTS: dict[str, str] = {
    "ticket.assign": mark("Assigned"),
    "ticket.close": mark("Closed"),
    "ticket.reopen": mark("Reopened"),
    "ticket.spam": mark("Marked as spam"),
    "ticket.note": mark("Wrote a note"),
    "ticket.intake": mark("Opened the ticket"),
    "ticket.verify": mark("Asked for the mother's name"),
    "claim.correct": mark("Corrected the claim"),
    "claim.undo": mark("Took a correction back"),
    "claim.choose": mark("Said who is meant"),
    "claim.unchoose": mark("Took back who is meant"),
    "registry.search": mark("Searched the registry by hand"),
    "look.disagree": mark("Disagreed with the match in a second look"),
    "draft.edit": mark("Edited the draft"),
    "draft.macro": mark("Chose another macro"),
    "draft.approve": mark("Approved the reply"),
    "draft.refuse": mark("Refused the reply"),
    "delivery.cancel": mark("Took the reply back"),
    "delivery.resolve": mark("Settled a delivery"),
    "delivery.sent": mark("Sent the reply by hand"),
    "delivery.unsent": mark("The reply was not sent yet"),
    "delivery.failed": mark("The reply could not be sent by hand"),
    "delivery.unknown": mark("Not known whether the reply was sent"),
    "draft.elsewhere": mark("Changed where the answer goes"),
}
# What is said of a sender: kind, short text.
_AUTHENTIC = mark("DMARC passed")
_NOT_AUTHENTIC = mark("Sender not verified")
_REPLY_TO = mark("Replies wanted elsewhere: %(address)s")
_KINDS: dict[MessageKind, str] = {
    MessageKind.AUTO_REPLY: mark("Automatic reply"),
    MessageKind.BOUNCE: mark("Bounce"),
    MessageKind.LIST: mark("List mail"),
}
_EVENT_CHARS = 200
# Browsers join or drop these when they read a page; a place in the text would be another there.
_ALTERED = str.maketrans("\r\x00", "  ")


@dataclass(frozen=True, slots=True)
class Flag:
    """A word about a message's origin; `kind` is good, care or info."""

    kind: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the stream: a message or an event."""

    at: dt.datetime
    message: MessageView | None = None
    event: EventView | None = None
    said: str = ""
    pieces: tuple[Piece, ...] = ()
    quoted: str = ""
    problem: str | None = None
    flags: tuple[Flag, ...] = ()
    delivery: DeliveryView | None = None
    delivery_class: str = ""
    delivery_words: str = ""
    happened: tuple[str, str, str] | None = None  # icon, words and the platform's own words
    absent: str = ""
    pictures: tuple[FileView, ...] = ()
    files: tuple[FileView, ...] = ()


def stream(
    messages: Iterable[MessageView],
    events: Iterable[EventView],
    claims: Iterable[ClaimView],
    deliveries: Iterable[DeliveryView],
    *,
    channel: Channel,
    language: str,
    revealed: bool,
) -> list[Item]:
    """Return messages and events in order; long numbers are covered unless `revealed`."""
    gettext = i18n.translations(language).gettext
    marks = _marks(claims, gettext)
    sent = {each.message_row_id: each for each in deliveries}
    show = _as_it_is if revealed else cover
    items = [
        _happened(each, show, gettext)
        if each.kind is MessageKind.EVENT
        else _message(each, marks.get(each.id, []), sent.get(each.id), show, gettext)
        for each in messages
    ]
    items = [replace(each, absent=_absent(each, channel, gettext)) for each in items]
    items += [
        Item(each.at, event=each, said=say(each, gettext))
        for each in events
        if each.action != "ticket.note"
    ]
    return sorted(items, key=lambda item: item.at)


def subject(
    text: str, claims: Iterable[ClaimView], *, language: str, revealed: bool
) -> tuple[Piece, ...]:
    """Return a ticket's subject with the facts that stand in it marked."""
    marks = _marks(claims, i18n.translations(language).gettext).get(None, [])
    return cut(text if revealed else cover_marked(cover(text), marks), marks)


def say(event: EventView, gettext: Callable[[str], str]) -> str:
    """Return an event in words."""
    return gettext(_EVENTS.get(event.action, event.action))


def flags(message: MessageView, gettext: Callable[[str], str]) -> tuple[Flag, ...]:
    """Return what the page says about where a message comes from."""
    found: list[Flag] = []
    why = gettext(origin_words.sender(message.authenticity)) if message.authenticity else ""
    if message.kind in _KINDS:
        found.append(Flag("info", gettext(_KINDS[message.kind])))
    if message.authentic:
        found.append(Flag("good", gettext(_AUTHENTIC), why))
    elif message.raw_id is not None:
        found.append(Flag("care", gettext(_NOT_AUTHENTIC), why))
    if message.reply_to:
        found.append(Flag("care", gettext(_REPLY_TO) % {"address": message.reply_to}))
    defects = [each for each in message.defects if each != chat_words.EMPTY]
    found += [Flag("info", gettext(chat_words.defect(each))) for each in defects[:4]]
    return tuple(found)


def _happened(
    message: MessageView, show: Callable[[str], str], gettext: Callable[[str], str]
) -> Item:
    icon, words = chat_words.event(message.event)
    said = show(" ".join(message.body.split())[:_EVENT_CHARS])
    return Item(
        at=message.received_at,
        message=_shown(message, show),
        happened=(icon, gettext(words), said),
        files=_shown(message, show).files,
    )


def _absent(item: Item, channel: Channel, gettext: Callable[[str], str]) -> str:
    message = item.message
    if message is None or item.happened or chat_words.EMPTY not in message.defects:
        return ""
    return gettext(chat_words.absent(channel))


def _message(
    message: MessageView,
    marks: list[Mark],
    delivery: DeliveryView | None,
    show: Callable[[str], str],
    gettext: Callable[[str], str],
) -> Item:
    words = None
    if delivery:
        words = delivery_words.of(delivery.state, by_hand=delivery.by_hand)
    inbound = message.direction is Direction.INBOUND
    body = show(message.body).translate(_ALTERED)
    if show is cover:
        body = cover_marked(body, marks)
    shown = _shown(message, show)
    return Item(
        # A contact's clock may be wrong; what we received is ordered by when we did.
        at=message.received_at,
        message=shown,
        pieces=cut(body, marks),
        quoted=show("\n".join(part for part in (message.quoted, message.signature) if part)),
        problem=message.problem,
        flags=flags(message, gettext) if inbound else (),
        delivery=delivery,
        delivery_class=words.kind if words else "",
        delivery_words=gettext(words.text) if words else "",
        pictures=tuple(each for each in shown.files if pictures.is_shown(each)),
        files=tuple(each for each in shown.files if not pictures.is_shown(each)),
    )


def _shown(message: MessageView, show: Callable[[str], str]) -> MessageView:
    """Cover the numbers people put into their display names and into the names of files."""
    files = tuple(replace(each, file_name=show(each.file_name)) for each in message.files)
    return replace(message, sender_name=show(message.sender_name), files=files)


def _marks(
    claims: Iterable[ClaimView], gettext: Callable[[str], str]
) -> Mapping[int | None, list[Mark]]:
    """Return where facts stand, by message; None is the subject."""
    marks: defaultdict[int | None, list[Mark]] = defaultdict(list)
    for claim in claims:
        for fact in claim.facts:
            if fact.span_start is not None and fact.span_end is not None:
                mark = _mark(claim.id, fact, fact.span_start, fact.span_end, gettext)
                marks[fact.message_id].append(mark)
    return marks


def _mark(
    claim_id: int, fact: FactView, start: int, end: int, gettext: Callable[[str], str]
) -> Mark:
    return Mark(
        *(start, end, fact.field.value),
        sure=fact.confidence >= UNSURE_BELOW,
        claim=claim_id,
        hint=fact_words.hint(fact, gettext),
        by_agent=fact.agent_id is not None,
    )


def _as_it_is(text: str) -> str:
    return text
