"""Read our own form, CSV or JSON lines, for channels whose export nobody foresaw.

`docs/exports.md` describes it for who writes it.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.i18n import mark
from helpdesk.ingest.exports.json_values import TOO_LONG, cut
from helpdesk.ingest.exports.phones import e164
from helpdesk.ingest.exports.table_rows import Row, rows
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
from helpdesk.tickets.kinds import Channel

_NO_TABLE = mark("There is no table in this export. Name it messages.csv or messages.jsonl.")
_ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson")
_NAMED = ("messages.csv", "messages.tsv", "messages.jsonl", "messages.ndjson")
_MAX_ID_CHARS = 255  # a longer one is not shortened: two would become one
_MAX_NAME_CHARS = 200
_MAX_FILES = 50
_DIRECTIONS = {"": False, "in": False, "out": True}
_EDITED = {"": False, "0": False, "false": False, "no": False, "tidak": False} | dict.fromkeys(
    ("1", "true", "yes", "ya"), True
)
_IDS = ("thread", "sender", "message_id", "handle", "phone", "platform_id")


def read(export: Export, conf: ReadConfig) -> Iterator[Item]:
    """Yield the messages of a table, in its order.

    The table is the only member, or `messages.csv` (.tsv, .jsonl, .ndjson), or the only one with
    such an ending; the others are files that its rows name.

    Skipped rows are `bad_row`, `row_too_long`, `no_thread`, `no_sent_at`, `bad_sent_at`,
    `bad_direction`, `bad_event`, `bad_edited` and `id_too_long`, all defective. Defects of a
    message are `text_cut`, `empty_text`, `bad_phone`, `name_cut`, `too_many_files` and
    `file_missing`.

    Raises:
        ExportError: there is no table, a column is not known, or the file is cut off.
    """
    place = member(export)
    if place is None:
        raise ExportError(_NO_TABLE)
    folder = place[: place.rfind("/") + 1]
    with export.open(place) as file:
        for row in rows(file):
            yield row if isinstance(row, Skipped) else _item(row, export, folder, conf.timezone)


def member(export: Export) -> str | None:
    """Return the member that is the table; None if there is none, or more than one."""
    names = list(export.names())
    if len(names) == 1:
        return names[0]
    for found in (
        [name for name in names if name.rpartition("/")[2].lower() in _NAMED],
        [name for name in names if name.lower().endswith(_ENDINGS)],
    ):
        if found:
            return found[0] if len(found) == 1 else None
    return None


class _BadRowError(Exception):
    """A row's value cannot be used; its code is the only argument."""


@dataclass(slots=True)
class _Cells:
    """The values of one row, and what was found wrong with them."""

    row: Row
    defects: list[str] = field(default_factory=list)

    def one(self, name: str) -> str:
        value = self.row.get(name, "")
        if not isinstance(value, str):
            raise _BadRowError("bad_row")
        return value.strip()

    def word(self, name: str) -> str:
        return self.one(name).casefold()

    def short(self, name: str) -> str:
        text = " ".join(self.one(name).split())
        if len(text) <= _MAX_NAME_CHARS:
            return text
        self.defects.append("name_cut")
        return text[:_MAX_NAME_CHARS]


def _item(row: Row, export: Export, folder: str, zone: dt.tzinfo) -> Item:
    try:
        return _message(_Cells(row), export, folder, zone)
    except _BadRowError as error:
        return Skipped(str(error), defective=True)


def _message(cells: _Cells, export: Export, folder: str, zone: dt.tzinfo) -> ExportedMessage:
    ids = {name: cells.one(name) for name in _IDS}
    if not ids["thread"]:
        raise _BadRowError("no_thread")
    if max(map(len, ids.values())) > _MAX_ID_CHARS:
        raise _BadRowError("id_too_long")
    ours = _known(_DIRECTIONS, cells.word("direction"), "bad_direction")
    channel, service = _channel(cells)
    event = _event(cells.word("event"))
    files = _files(cells, export, folder)
    text = _text(cells)
    if not (text or files or event):
        cells.defects.append("empty_text")
    handle, phone = ids["handle"].removeprefix("@"), _phone(cells, ids["phone"])
    name = cells.short("sender_name")
    other = "" if ours else ids["platform_id"] or phone or handle or name or ids["thread"]
    return ExportedMessage(
        thread=ids["thread"],
        sent_at=_moment(cells.one("sent_at"), zone),
        ours=ours,
        sender=ids["sender"] or other or name,
        sender_name=name,
        title=cells.short("title"),
        text=text,
        message_id=ids["message_id"] or None,
        event=event,
        files=files,
        edited=_known(_EDITED, cells.word("edited"), "bad_edited"),
        platform_id=ids["platform_id"],
        handle=handle,
        phone=phone,
        channel=channel,
        service=service,
        defects=tuple(dict.fromkeys(cells.defects)),
    )


def _known(values: dict[str, bool], word: str, code: str) -> bool:
    if word not in values:
        raise _BadRowError(code)
    return values[word]


def _event(word: str) -> Event | None:
    if not word:
        return None
    try:
        return Event(word)
    except ValueError:
        raise _BadRowError("bad_event") from None


def _moment(text: str, zone: dt.tzinfo) -> dt.datetime:
    """Read an ISO-8601 date with a time; without a zone it is that of the settings."""
    if not text:
        raise _BadRowError("no_sent_at")
    try:
        if len(text) < len("2026-01-02T03:04"):
            raise _BadRowError("bad_sent_at")
        found = dt.datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise _BadRowError("bad_sent_at") from None


def _channel(cells: _Cells) -> tuple[str | None, str]:
    """Return the channel, and the service's name when it is none of ours."""
    name = cells.short("channel")
    if not name:
        return None, ""
    if name.lower() in set(Channel):
        return name.lower(), ""
    return Channel.OTHER.value, name


def _text(cells: _Cells) -> str:
    text, is_cut = cut(cells.one("text"))
    if is_cut:
        cells.defects.append(TOO_LONG)
    return text


def _phone(cells: _Cells, written: str) -> str:
    phone = e164(written)
    if written and not phone:
        cells.defects.append("bad_phone")
    return phone


def _files(cells: _Cells, export: Export, folder: str) -> tuple[ExportedFile, ...]:
    value = cells.row.get("files", "")
    names = value.split(";") if isinstance(value, str) else value
    wanted = [name for name in map(str.strip, names) if name]
    if len(wanted) > _MAX_FILES:
        cells.defects.append("too_many_files")
    return tuple(_file(cells, export, folder, name) for name in wanted[:_MAX_FILES])


def _file(cells: _Cells, export: Export, folder: str, name: str) -> ExportedFile:
    shown = name.replace("\\", "/").rpartition("/")[2][-_MAX_NAME_CHARS:] or "file"
    for place in (folder + name, name):
        try:
            export.size(place)
        except KeyError:
            continue
        return ExportedFile(shown, place)
    cells.defects.append("file_missing")
    return ExportedFile(shown)
