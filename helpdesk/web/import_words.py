"""What pages say of an import: its format, what was left out and why, what went wrong."""

import re

from helpdesk import i18n
from helpdesk.i18n import mark
from helpdesk.ingest.exports.types import Format
from helpdesk.ingest.imports import Source
from helpdesk.web import trouble_words

FORMATS: dict[str, str] = {
    Format.X: mark("X archive"),
    Format.FACEBOOK: mark("Facebook download"),
    Format.FACEBOOK_E2EE: mark("Messenger, encrypted chats"),
    Format.INSTAGRAM: mark("Instagram download"),
    Format.WHATSAPP: mark("WhatsApp chat"),
    Format.TABLE: mark("Table"),
}
SOURCES: dict[str, str] = {
    Source.COMMAND: mark("Command line"),
    Source.FOLDER: mark("Watched folder"),
    Source.UPLOAD: mark("Uploaded"),
}
_SKIPPED: dict[str, str] = {
    "only_events": mark("Reactions, calls and system lines without a message before them"),
    "unknown_event": mark("Events of an unknown kind"),
    "bad_entry": mark("Damaged entries"),
    "bad_row": mark("Damaged rows"),
    "bad_thread": mark("Damaged conversations"),
    "bad_time": mark("Messages whose time cannot be read"),
    "before_first_message": mark("Lines before the first message"),
    "no_chat": mark("Files without a chat"),
    "no_messages": mark("Conversations without messages"),
    "no_sender": mark("Messages without a sender"),
    "no_thread": mark("Messages that name no conversation"),
    "row_too_long": mark("Rows that are too long"),
    "too_large": mark("Entries that are too large"),
}
# Sentences of ExportError with something to fill in: stored as they were filled in English.
_FILLED = (
    mark("This table has columns that are not known: %(words)s. Known are: %(columns)s."),
    mark("This table has no column “%(word)s”, which every row needs."),
    mark("This table has the column “%(word)s” twice."),
    mark("The first line of this table does not name its columns. The columns are: %(columns)s."),
    mark("it cannot be read: %(reason)s"),
    mark("ticket #%(ticket)s was worked on since, so this import cannot be taken back"),
)
_PLAIN = (
    mark("it was stopped"),
    mark("this import is not finished, or was taken back before"),
    mark("there is no such import"),
)
_HOLE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(r"(?P<\1\2>.{1,400}?)", re.escape(sentence)), re.DOTALL)


_PATTERNS = tuple((_pattern(sentence), sentence) for sentence in _FILLED)


def skipped(code: str) -> str:
    """Return what was left out, to be translated; an unknown code readable."""
    return _SKIPPED.get(code, code.replace("_", " "))


def problem(said: str, language: str) -> str:
    """Return why an import failed in this language; what nobody foresaw stays as it is."""
    gettext = i18n.translations(language).gettext
    for pattern, sentence in _PATTERNS:
        if found := pattern.fullmatch(said):
            return gettext(sentence) % found.groupdict()
    return trouble_words.text(said, language)
