"""What the webhooks of the WhatsApp Cloud API tell. Pure.

Source: developers.facebook.com, WhatsApp Business Platform, webhooks, `messages`.
"""

import datetime as dt
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import replace

from helpdesk.ingest.exports.types import Event, ExportedFile, ExportedMessage
from helpdesk.ingest.hook_values import Accepted, Failed, Told, identifier, moment, objects
from helpdesk.outbox import answers
from helpdesk.outbox.answers import at, number, word
from helpdesk.outbox.states import cover
from helpdesk.outbox.whatsapp_api import CLOSED_CODES
from helpdesk.tickets.kinds import Channel

_ARRIVES = frozenset({"sent", "delivered", "read"})
_MEDIA = frozenset({"image", "video", "audio", "voice", "document"})
_EVENTS = {
    "sticker": Event.STICKER,
    "location": Event.LOCATION,
    "reaction": Event.REACTION,
    "system": Event.SYSTEM,
}
# Where each kind of message has its words.
_WORDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "text": (("text", "body"),),
    "button": (("button", "text"),),
    "interactive": (
        ("interactive", "button_reply", "title"),
        ("interactive", "list_reply", "title"),
        ("interactive", "nfm_reply", "body"),
    ),
    "reaction": (("reaction", "emoji"),),
    "system": (("system", "body"),),
    "location": (("location", "name"), ("location", "address")),
    "order": (("order", "text"),),
} | {kind: ((kind, "caption"),) for kind in _MEDIA}


def read(content: Mapping[str, object], received_at: dt.datetime, number_id: str) -> Told:
    """Return what a request tells, only of the number of this id unless it is "". Never raises."""
    messages: list[ExportedMessage] = []
    failed: list[Failed] = []
    accepted: list[Accepted] = []
    for entry in objects(content, "entry"):
        for change in objects(entry, "changes"):
            value = change.get("value")
            if number_id and identifier(at(value, "metadata", "phone_number_id")) != number_id:
                continue
            names = dict(_names(value))
            for told in objects(value, "messages"):
                messages += _message(told, names, received_at, ours=False)
            for told in objects(value, "message_echoes"):  # written in the app on our phone
                messages += _message(told, names, received_at, ours=True)
            failed += _failed(value)
            accepted += _accepted(value)
    return Told(tuple(messages), tuple(failed), tuple(accepted))


def _names(value: object) -> Iterator[tuple[str, str]]:
    for contact in objects(value, "contacts"):
        yield identifier(contact.get("wa_id")), word(at(contact, "profile", "name"))


def _message(
    told: Mapping[str, object], names: Mapping[str, str], received_at: dt.datetime, *, ours: bool
) -> Iterator[ExportedMessage]:
    digits = identifier(told.get("to" if ours else "from")).removeprefix("+")
    # Whoever hides their number has an id of the business's own; no text can be sent to it here.
    hidden = identifier(told.get("from_user_id"))
    name = identifier(told.get("id"))
    if not name or not (digits or hidden):
        return
    phone = f"+{digits}" if digits.isascii() and digits.isdecimal() else ""
    other = phone or digits or hidden
    said = ExportedMessage(
        thread=other,
        sent_at=moment(told.get("timestamp"), received_at, per_second=1),
        ours=ours,
        sender="" if ours else other,
        sender_name="" if ours else names.get(digits, ""),
        title=names.get(digits, ""),
        message_id=name,
        platform_id="" if phone else other,
        phone=phone,
        channel=Channel.WHATSAPP.value,
    )
    yield replace(said, **_content(told))  # type: ignore[arg-type] # named as the fields are


def _content(told: Mapping[str, object]) -> dict[str, object]:
    kind = word(told.get("type"))
    words = (word(at(told, *path)) for path in _WORDS.get(kind, ()))
    text = "\n".join(one for one in words if one)
    if kind == "contacts":
        text = "\n".join(_cards(told))
    files = (_file(kind, at(told, kind)),) if kind in _MEDIA else ()
    event = _EVENTS.get(kind)
    nothing = not (text or files or event)
    return {
        "text": text,
        "files": files,
        "event": event,
        "defects": ("empty_text",) if nothing else (),
    }


def _cards(told: Mapping[str, object]) -> Iterator[str]:
    for contact in objects(told, "contacts"):
        phones = [word(phone.get("phone")) for phone in objects(contact, "phones")]
        yield " ".join(filter(None, (word(at(contact, "name", "formatted_name")), *phones)))


def _file(kind: str, content: object) -> ExportedFile:
    named = word(at(content, "filename"))
    mime = word(at(content, "mime_type")).partition(";")[0].strip()
    return ExportedFile(named or f"{kind}{mimetypes.guess_extension(mime) or ''}")


def _accepted(value: object) -> Iterator[Accepted]:
    for status in objects(value, "statuses"):
        name, mark = identifier(status.get("id")), word(status.get("biz_opaque_callback_data"))
        if name and mark and status.get("status") in _ARRIVES:
            recipient = identifier(status.get("recipient_id")).removeprefix("+")
            yield Accepted(name, f"+{recipient}", mark)


def _failed(value: object) -> Iterator[Failed]:
    for status in objects(value, "statuses"):
        name = identifier(status.get("id"))
        if status.get("status") != "failed" or not name:
            continue
        error = next(objects(status, "errors"), {})
        code = number(error.get("code"))
        details = word(at(error, "error_data", "details")) or word(error.get("title"))
        told = answers.CLOSED if code in CLOSED_CODES else cover(f"({code}) {details}")
        recipient = identifier(status.get("recipient_id")).removeprefix("+")
        yield Failed(name, f"+{recipient}", told)
