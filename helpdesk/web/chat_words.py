"""What a page says of a direct message: what happened, what is missing, what was guessed."""

from helpdesk.i18n import mark
from helpdesk.tickets.kinds import Channel
from helpdesk.web import origin_words
from helpdesk.web.cover import cover as covered

EVENTS: dict[str, tuple[str, str]] = {  # icon, words; codes of ingest.exports.types.Event
    "reaction": ("smile", mark("Reaction")),
    "sticker": ("sticker", mark("Sticker")),
    "call": ("phone", mark("Call")),
    "system": ("info", mark("Platform")),
    "deleted": ("trash", mark("Message deleted")),
    "location": ("pin", mark("Location")),
}
_OTHER_EVENT = ("info", mark("Event"))
_DEFECTS: dict[str, str] = {
    "text_cut": mark("Text cut off"),
    "date_order_assumed": mark("Day and month assumed"),
    "bad_date_order": mark("Time does not fit the order"),
    "own_name_twice": mark("Perhaps ours: the name is the same"),
    "name_cut": mark("Name cut off"),
    "bad_phone": mark("Phone number unreadable"),
    "too_many_files": mark("Too many attachments"),
    "file_missing": mark("A file is missing"),
}
_FILES: dict[str, str] = {
    "missing": mark("media not in the export"),
    "too_large": mark("too large to be kept"),
    "not_fetched": mark("look at it in the platform's app"),
}
EMPTY = "empty_text"
_X_CHAT = mark("X Chat: the text is not in the export")
_NO_TEXT = mark("The text is not in the export")

__all__ = ["EMPTY", "EVENTS", "absent", "covered", "defect", "event", "file_problem"]


def event(code: str | None) -> tuple[str, str]:
    """Return icon and words of an event, to be translated."""
    return EVENTS.get(code or "", _OTHER_EVENT)


def defect(code: str) -> str:
    """Return what could not be read, to be translated; an unknown code readable."""
    return _DEFECTS.get(code) or origin_words.defect(code)


def absent(channel: Channel) -> str:
    """Return what stands where an export left a text out, to be translated."""
    return _X_CHAT if channel is Channel.X else _NO_TEXT


def file_problem(code: str) -> str:
    """Return why a file was not kept, to be translated; an unknown code readable."""
    return _FILES.get(code, code.replace("_", " "))
