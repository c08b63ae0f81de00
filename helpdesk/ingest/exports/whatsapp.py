"""Read WhatsApp's "export chat": Android and iOS, Indonesian and English, with files or without.

Each chat is read twice: once to learn how it writes dates and who writes in it, once to yield its
messages. An export has no ids and no time zone, and Android's has no seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.i18n import mark
from helpdesk.ingest.exports import whatsapp_chat as chats
from helpdesk.ingest.exports import whatsapp_lines as heads
from helpdesk.ingest.exports import whatsapp_marks as marks
from helpdesk.ingest.exports.json_values import MAX_TEXT_BYTES, TOO_LONG, cut
from helpdesk.ingest.exports.lines import Line, lines
from helpdesk.ingest.exports.types import (
    Event,
    Export,
    ExportedFile,
    ExportedMessage,
    ExportError,
    Item,
    ReadConfig,
    Skipped,
)
from helpdesk.ingest.exports.whatsapp_survey import Survey, is_quoting_system, survey

_NO_CHAT = mark(
    "There is no WhatsApp chat in this export. Use “Export chat” in WhatsApp, which makes a .zip "
    "or a .txt file."
)
_NO_MESSAGE = mark(
    "This is no WhatsApp chat: no line of it begins with a date and a time. Use “Export chat” in "
    "WhatsApp again."
)
_MAX_FILE_NAME = 200


@dataclass(slots=True)
class _Open:
    """A message whose lines are still being read."""

    head: heads.Head
    lines: list[str] = field(default_factory=list)
    chars: int = 0
    cut: bool = False
    bad: bool = False

    def add(self, text: str, line: Line) -> None:
        room = MAX_TEXT_BYTES - self.chars
        self.bad |= line.bad
        self.cut |= line.cut or len(text) > room
        if room > 0:
            self.lines.append(text[:room])
            self.chars += len(text) + 1


def read(export: Export, conf: ReadConfig) -> Iterator[Item]:
    """Yield the messages and events of every chat in an export, in the chats' own order.

    Skipped are `before_first_message` (text before the first date) and `no_chat` (a text that was
    named as a chat and has no message). Defects are `date_order_assumed` (nothing tells whether
    the day or the month comes first), `bad_date_order` (a date that only exists the other way
    round), `text_cut`, `bad_charset` and `empty_text`.

    Raises:
        ExportError: there is no chat, or nothing tells which side is ours.
    """
    places = chats.members(export)
    if not places:
        raise ExportError(_NO_CHAT)
    for place in places:
        yield from _chat(export, place, conf, alone=len(places) == 1)


def _chat(export: Export, place: str, conf: ReadConfig, *, alone: bool) -> Iterator[Item]:
    with export.open(place) as file:
        found = survey(lines(file))
    if found is None:
        if alone:
            raise ExportError(_NO_MESSAGE)
        yield Skipped("no_chat", defective=True)
        return
    chat = chats.decide(found, chats.title(export, place), conf)
    reader = _Reader(export, place[: place.rfind("/") + 1], conf, found, chat)
    with export.open(place) as file:
        yield from reader.items(lines(file))


class _Reader:
    """The second reading: lines to messages of one chat."""

    def __init__(
        self, export: Export, folder: str, conf: ReadConfig, found: Survey, chat: chats.Chat
    ) -> None:
        self._export = export
        self._folder = folder
        self._zone = conf.timezone
        self._style = found.style
        self._month_first = found.reads_month_first
        self._assumed = found.is_order_assumed
        self._chat = chat
        self._title_key = heads.key(chat.title)

    def items(self, found: Iterator[Line]) -> Iterator[Item]:
        pending: _Open | None = None
        orphaned = False
        for line in found:
            begun = heads.head(line.text)
            if begun is not None and begun.style == self._style:
                if pending:
                    yield self._message(pending)
                pending = _Open(begun)
                pending.add(begun.rest, line)
            elif pending:
                pending.add(line.text, line)
            elif not orphaned and heads.unmarked(line.text):
                orphaned = True
                yield Skipped("before_first_message", defective=True)
        if pending:
            yield self._message(pending)

    def _message(self, pending: _Open) -> ExportedMessage:
        sent_at, orderly = heads.moment(
            pending.head, month_first=self._month_first, zone=self._zone
        )
        raw = "\n".join(pending.lines)
        sender, text = self._sender(raw)
        told = marks.tell(text) if sender else _told_by_system(text)
        text, is_cut = cut(told.text)
        pending.cut |= is_cut
        key = heads.key(sender)
        phone = key if key.startswith("+") else ""
        return ExportedMessage(
            thread=self._chat.thread,
            title=self._chat.title,
            is_group=self._chat.is_group,
            phone=self._chat.phone,
            sender=phone or sender,
            sender_name="" if phone else sender,
            ours=key in self._chat.own,
            sent_at=sent_at,
            text=text,
            event=told.event,
            files=tuple(map(self._file, told.files)),
            edited=told.edited,
            defects=tuple(self._defects(pending, told, orderly=orderly)),
        )

    def _sender(self, raw: str) -> tuple[str, str]:
        """Separate the writer from the text; the system's lines have none."""
        first, newline, others = raw.partition("\n")
        wrote = heads.split_sender(first)
        if wrote is None or is_quoting_system(wrote[0]):
            return "", raw
        sender, text = wrote
        of_group = self._chat.is_group and heads.key(sender) == self._title_key
        if marks.is_notice(text) or (of_group and text.startswith("\u200e")):
            return "", text + newline + others
        return sender, text + newline + others

    def _file(self, name: str) -> ExportedFile:
        name = name.replace("\\", "/").rpartition("/")[2] or "file"
        member = self._folder + name
        try:
            self._export.size(member)
        except KeyError:
            return ExportedFile(name[:_MAX_FILE_NAME])
        return ExportedFile(name[-_MAX_FILE_NAME:], member)

    def _defects(self, pending: _Open, told: marks.Told, *, orderly: bool) -> Iterator[str]:
        if not orderly:
            yield "bad_date_order"
        elif self._assumed and pending.head.is_ambiguous:
            yield "date_order_assumed"
        if pending.cut:
            yield TOO_LONG
        if pending.bad:
            yield "bad_charset"
        if not (told.text or told.files or told.event):
            yield "empty_text"


def _told_by_system(text: str) -> marks.Told:
    """Read a line of the system: a missed call has no writer either."""
    is_call = marks.tell(text).event is Event.CALL
    return marks.Told(heads.unmarked(text), Event.CALL if is_call else Event.SYSTEM)
