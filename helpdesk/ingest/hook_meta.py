"""What the webhooks of Messenger and Instagram tell. Pure.

Source: developers.facebook.com, Messenger Platform and Instagram Messaging, webhook events.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace

from helpdesk.ingest.exports.types import Event, ExportedFile, ExportedMessage
from helpdesk.ingest.hook_values import Told, identifier, moment, objects
from helpdesk.outbox.answers import at, word
from helpdesk.tickets.kinds import Channel

_MILLISECONDS = 1_000


def read(
    content: Mapping[str, object], channel: Channel, received_at: dt.datetime, page_id: str
) -> Told:
    """Return what a request tells, only of this page unless it is "". Never raises."""
    found: list[ExportedMessage] = []
    for entry in objects(content, "entry"):
        if page_id and identifier(entry.get("id")) != page_id:
            continue
        # What another app of ours answers comes as "standby"; the conversation is the same.
        for kind in ("messaging", "standby"):
            for told in objects(entry, kind):
                found += _messages(told, channel, received_at)
    return Told(tuple(found))


def _messages(
    told: Mapping[str, object], channel: Channel, received_at: dt.datetime
) -> Iterator[ExportedMessage]:
    ours = at(told, "message", "is_echo") is True
    sender, recipient = (identifier(at(told, one, "id")) for one in ("sender", "recipient"))
    other = recipient if ours else sender
    if not other:
        return
    said = ExportedMessage(
        thread=other,
        sent_at=moment(told.get("timestamp"), received_at, per_second=_MILLISECONDS),
        ours=ours,
        sender=sender,
        platform_id=other,
        channel=channel.value,
    )
    if (message := told.get("message")) is not None:
        yield from _said(said, message)
    elif (edit := told.get("message_edit")) is not None:
        if (name := identifier(at(edit, "mid"))) and (text := word(at(edit, "text"))):
            yield replace(said, message_id=name, text=text, edited=True)
    elif (pressed := told.get("postback")) is not None:
        if text := word(at(pressed, "title")):
            yield replace(said, message_id=identifier(at(pressed, "mid")) or None, text=text)
    elif (reaction := told.get("reaction")) is not None and word(at(reaction, "emoji")):
        name = f"{identifier(at(reaction, 'mid'))}:reaction:{said.sent_at.timestamp():.3f}"
        text = word(at(reaction, "emoji"))
        yield replace(said, message_id=name, event=Event.REACTION, text=text)


def _said(said: ExportedMessage, message: object) -> Iterator[ExportedMessage]:
    name = identifier(at(message, "mid"))
    if not name:
        return
    if at(message, "is_deleted") is True:
        yield replace(said, message_id=f"{name}:deleted", event=Event.DELETED)
        return
    attachments = list(objects(message, "attachments"))
    event = _event(attachments)
    text = word(at(message, "text")) or "\n".join(_links(attachments))
    files = tuple(_files(attachments)) if event is None else ()
    if text or files:
        event = None
    nothing = not (text or files or event)
    yield replace(
        said,
        message_id=name,
        text=text,
        files=files,
        event=event,
        defects=("empty_text",) if nothing else (),
    )


def _event(attachments: list[dict[str, object]]) -> Event | None:
    for attachment in attachments:
        if at(attachment, "payload", "sticker_id") is not None:
            return Event.STICKER
        if attachment.get("type") == "location":
            return Event.LOCATION
    return None


def _links(attachments: list[dict[str, object]]) -> Iterator[str]:
    """Yield what a shared page is called and where it is."""
    for attachment in attachments:
        if attachment.get("type") == "fallback":
            payload = attachment.get("payload")
            told = (attachment.get("title"), attachment.get("url"), at(payload, "title"))
            yield from dict.fromkeys(text for value in told if (text := word(value)))


def _files(attachments: list[dict[str, object]]) -> Iterator[ExportedFile]:
    for place, attachment in enumerate(attachments, start=1):
        kind = word(attachment.get("type"))[:40]
        if kind and kind not in {"fallback", "template"}:
            yield ExportedFile(f"{kind}-{place}")
