"""One entry of an X conversation, as messages and events. Never raises."""

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.ingest.exports.json_stream import TOO_LARGE
from helpdesk.ingest.exports.json_values import (
    TOO_LONG,
    cut,
    id_of,
    moment_of_text,
    name_of,
    text_of,
)
from helpdesk.ingest.exports.types import Event, ExportedFile, ExportedMessage, Item, Skipped

_MESSAGES = ("messageCreate", "welcomeMessageCreate")
_HAPPENED = ("joinConversation", "participantsJoin", "participantsLeave", "conversationNameUpdate")
_MEDIA = tuple(
    f"direct_message{plural}{group}_media/" for group in ("", "_group") for plural in ("s", "")
)
_SHORT = re.compile(r"https?://t\.co/[0-9A-Za-z]+")
_OWN_MEDIA = re.compile(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/messages/media/[0-9]+")
_MAX_LINK_CHARS = 2_048  # a longer one stays short: a thousand of it may stand in one text


@dataclass(frozen=True, slots=True)
class Place:
    """What is the same for all conversations of a file."""

    folder: str  # with `/` at its end, or ""
    own: frozenset[str]  # our account ids
    group: bool
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation; `thread` is "" if its id did not come before its messages."""

    place: Place
    thread: str


def items(entry: object, talk: Talk) -> Iterator[Item]:
    """Yield what one entry says: a message and the reactions to it, or an event."""
    if entry is TOO_LARGE:
        yield Skipped("too_large", defective=True)
        return
    if not isinstance(entry, dict) or not entry:
        yield Skipped("bad_entry", defective=True)
        return
    for kind, body in entry.items():
        if not isinstance(body, dict):
            yield Skipped("bad_entry", defective=True)
        elif kind in _MESSAGES:
            yield from _said(body, talk)
        elif kind == "reactionCreate":
            yield _reaction(body, talk, _other(body, talk), None)
        elif kind in _HAPPENED:
            yield _happened(kind, body, talk)
        else:
            yield Skipped("unknown_event")


def _said(body: Mapping[str, Any], talk: Talk) -> Iterator[Item]:
    sender, sent_at = id_of(body.get("senderId")), moment_of_text(body.get("createdAt"))
    other = _other(body, talk)
    base = _base(talk, sender, sent_at, other)
    if isinstance(base, Skipped):
        yield base
        return
    message_id = id_of(body.get("id"))
    files = tuple(_files(body.get("mediaUrls"), message_id, talk.place))
    text, was_cut = cut(_text(body, has_files=bool(files)))
    defects = [TOO_LONG] if was_cut else [] if text or files else ["empty_text"]
    yield ExportedMessage(
        **base, text=text, message_id=message_id or None, files=files, defects=tuple(defects)
    )
    for reaction in _list(body.get("reactions")):
        if isinstance(reaction, dict):
            yield _reaction(reaction, talk, other, sent_at)
        else:
            yield Skipped("bad_entry", defective=True)


def _reaction(
    body: Mapping[str, Any], talk: Talk, other: str, message_at: dt.datetime | None
) -> Item:
    sent_at = moment_of_text(body.get("createdAt")) or message_at
    base = _base(talk, id_of(body.get("senderId")), sent_at, other)
    if isinstance(base, Skipped):
        return base
    message_id = id_of(body.get("eventId")) or id_of(body.get("id"))
    key = name_of(body.get("reactionKey"))
    return ExportedMessage(**base, text=key, message_id=message_id or None, event=Event.REACTION)


def _happened(kind: str, body: Mapping[str, Any], talk: Talk) -> Item:
    """Tell of people who came and went: the platform has no words for it, only its own name."""
    people = [who for value in _list(body.get("userIds")) if (who := id_of(value))]
    sender = id_of(body.get("initiatingUserId")) or id_of(body.get("senderId"))
    base = _base(
        talk, sender or next(iter(people), "x"), moment_of_text(body.get("createdAt")), ""
    )
    if isinstance(base, Skipped):
        return base
    words = [kind, name_of(body.get("name")), *people[:50]]
    text = " ".join(word for word in words if word)
    message_id = id_of(body.get("id"))
    return ExportedMessage(**base, text=text, message_id=message_id or None, event=Event.SYSTEM)


def _base(
    talk: Talk, sender: str, sent_at: dt.datetime | None, other: str
) -> dict[str, Any] | Skipped:
    """Put together what messages and events have in common, or say what is missing."""
    own = talk.place.own
    thread = talk.thread
    if not thread and other and not talk.place.group:
        # As X builds it; the file should have told it, but the order of keys means nothing.
        ours = sender if sender in own else min(own)
        thread = "-".join(sorted((ours, other), key=lambda one: (len(one), one)))
    if not thread:
        return Skipped("no_thread", defective=True)
    if not sender:
        return Skipped("no_sender", defective=True)
    if sent_at is None:
        return Skipped("bad_time", defective=True)
    return {
        "thread": thread,
        "sent_at": sent_at,
        "ours": sender in own,
        "sender": sender,
        "is_group": talk.place.group,
        "platform_id": "" if talk.place.group else other or _partner(thread, own),
    }


def _other(body: Mapping[str, Any], talk: Talk) -> str:
    """Tell who of sender and recipient is not us; "" if both or neither are known to be."""
    if talk.place.group:
        return ""
    ends = (id_of(body.get("senderId")), id_of(body.get("recipientId")))
    return next((one for one in ends if one not in talk.place.own and one not in ("", "0")), "")


def _partner(thread: str, own: frozenset[str]) -> str:
    ends = thread.split("-")
    others = [one for one in ends if one not in own]
    return others[0] if len(ends) == 2 and len(others) == 1 else ""


def _text(body: Mapping[str, Any], *, has_files: bool) -> str:
    """Read the text as people saw it: entities resolved, links whole, those to its media gone."""
    links = {
        link["url"]: _link(link.get("expanded"), link["url"], has_files=has_files)
        for link in _list(body.get("urls"))
        if isinstance(link, dict) and isinstance(link.get("url"), str)
    }
    text = html.unescape(text_of(body.get("text")))
    text = _SHORT.sub(lambda match: links.get(match[0], match[0]), text)
    return text_of(text).strip()  # an entity may have been what no database keeps


def _link(expanded: object, short: str, *, has_files: bool) -> str:
    if not isinstance(expanded, str) or not 0 < len(expanded) <= _MAX_LINK_CHARS:
        return short
    return "" if has_files and _OWN_MEDIA.fullmatch(expanded) else expanded


def _files(urls: object, message_id: str, place: Place) -> Iterator[ExportedFile]:
    for url in _list(urls):
        if not isinstance(url, str) or not (last := url.partition("?")[0].rpartition("/")[2]):
            continue
        paths = (f"{place.folder}{folder}{message_id}-{last}" for folder in _MEDIA)
        member = next((path for path in paths if path in place.members), None)
        yield ExportedFile(name_of(last) or "file", member)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
