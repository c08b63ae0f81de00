"""The items of one export in a private file, so that they can be filed thread by thread.

Readers yield in the export's own order, which may be the newest first; nothing is filed before
the whole export was read. The file has no name any more once it is open, so nothing of it is left
behind whatever happens to the process.
"""

import datetime as dt
import hashlib
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from helpdesk.ingest import headers
from helpdesk.ingest.conversations import import_key, microseconds, moment
from helpdesk.ingest.exports.types import ExportedFile, ExportedMessage, Item, Skipped
from helpdesk.ingest.types import Limits
from helpdesk.tickets.kinds import Channel

_LIMITS = Limits()
_AT_ONCE = 1_000
_CACHE_KIB = 8_000  # of SQLite, however large the file
_NAME_CHARS = 200
_SCHEMA = """
CREATE TABLE item (
    channel TEXT, thread TEXT, at INTEGER, seq INTEGER PRIMARY KEY, message BLOB NOT NULL);
CREATE TABLE thread (
    channel TEXT, thread TEXT, title TEXT, platform_id TEXT, handle TEXT, phone TEXT,
    service TEXT, is_group INTEGER, PRIMARY KEY (channel, thread)) WITHOUT ROWID;
"""
_NAMED = ("thread", "sender", "sender_name", "title", "platform_id", "handle", "phone", "service")
_NAMES: Callable[[ExportedMessage], tuple[str, ...]] = attrgetter(*_NAMED)
_TOLD = ("title", "platform_id", "handle", "phone", "service")


@dataclass(frozen=True, slots=True)
class Thread:
    """What one export tells of one conversation; "" where it does not tell."""

    channel: Channel
    thread: str
    title: str = ""
    platform_id: str = ""
    handle: str = ""
    phone: str = ""
    service: str = ""
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Spooled:
    """One message in its place; `closes` if it is the last of its thread in this export."""

    thread: Thread
    message: ExportedMessage
    key: str
    closes: bool


@dataclass(slots=True)
class Tally:
    """What reading an export met besides messages."""

    messages: int = 0
    defective: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


class Spool:
    """Items of one export on disk. To be used as a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, path = tempfile.mkstemp(dir=folder, prefix="spool-")  # mode 0600
        os.close(descriptor)
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
                f"PRAGMA cache_size=-{_CACHE_KIB}; PRAGMA temp_store=FILE; {_SCHEMA}"
            )
        finally:
            Path(path).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def fill(
        self,
        items: Iterable[Item],
        channel: Channel,
        on_message: Callable[[int], None] | None = None,
    ) -> Tally:
        """Take in everything a reader yields.

        Args:
            items: as the reader yields them.
            channel: of messages that do not name their own.
            on_message: told the number of messages now and then.
        """
        tally = Tally()
        rows: list[tuple[str, str, int, int, bytes]] = []
        told: dict[tuple[Channel, str], Thread] = {}
        encode = msgspec.msgpack.Encoder().encode
        for item in items:
            if isinstance(item, Skipped):
                tally.defective += item.defective
                tally.skipped[item.reason] += 1
                continue
            message = _clean(item)
            where = Channel(message.channel) if message.channel else channel
            _note(told, where, message)
            tally.messages += 1
            at = microseconds(message.sent_at)
            rows.append((where.value, message.thread, at, tally.messages, encode(message)))
            if len(rows) == _AT_ONCE:
                self._write(rows, told)
                if on_message is not None:
                    on_message(tally.messages)
        self._write(rows, told)
        self._db.execute("CREATE INDEX item_order ON item (channel, thread, at, seq)")
        return tally

    def bounds(self) -> tuple[dt.datetime, dt.datetime] | None:
        """Return the times of the first and the last message."""
        first, last = self._db.execute("SELECT min(at), max(at) FROM item").fetchone()
        return None if first is None else (moment(first), moment(last))

    def read(self) -> Iterator[Spooled]:
        """Yield the messages thread by thread, each thread in order of time."""
        decode = msgspec.msgpack.Decoder(ExportedMessage).decode
        threads = self._threads()
        thread, equals = Thread(Channel.OTHER, ""), Counter[str]()
        here: tuple[str, str, int] | None = None
        held: Spooled | None = None
        for channel, name, at, blob in self._db.execute(
            "SELECT channel, thread, at, message FROM item INDEXED BY item_order"
            " ORDER BY channel, thread, at, seq"
        ):
            if here is None or (channel, name) != here[:2]:
                thread = next(threads)
                if held is not None:
                    yield replace(held, closes=True)
                    held = None
            if (channel, name, at) != here:  # equals are of one moment
                here, equals = (channel, name, at), Counter()
            if held is not None:
                yield held
            message = decode(blob)
            first = import_key(channel, message, 0)
            equals[first] += 1
            key = import_key(channel, message, equals[first] - 1) if equals[first] > 1 else first
            held = Spooled(thread, message, key, closes=False)
        if held is not None:
            yield replace(held, closes=True)

    def _threads(self) -> Iterator[Thread]:
        rows = self._db.execute("SELECT * FROM thread ORDER BY channel, thread")
        for channel, thread, title, platform_id, handle, phone, service, is_group in rows:
            yield Thread(
                *(Channel(channel), thread, title, platform_id, handle, phone, service),
                is_group=bool(is_group),
            )

    def _write(
        self,
        rows: list[tuple[str, str, int, int, bytes]],
        told: dict[tuple[Channel, str], Thread],
    ) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?)", rows)
        kept = ", ".join(
            f"{name} = coalesce(nullif(excluded.{name}, ''), {name})" for name in _TOLD
        )
        self._db.executemany(
            "INSERT INTO thread VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"  # noqa: S608
            f" {kept}, is_group = max(is_group, excluded.is_group)",
            [tuple(getattr(each, one.name) for one in fields(each)) for each in told.values()],
        )
        self._db.execute("COMMIT")
        rows.clear()
        told.clear()


def _note(
    told: dict[tuple[Channel, str], Thread], channel: Channel, message: ExportedMessage
) -> None:
    """Remember what a message tells of the other side; what comes later counts."""
    where = (channel, message.thread)
    known = told.get(where)
    if known is None:
        known = told[where] = Thread(channel, message.thread)
    news = {
        name: value
        for name in _TOLD
        if (value := getattr(message, name)) and value != getattr(known, name)
    }
    if not (known.title or message.title or message.ours or message.is_group):
        news["title"] = message.sender_name
    if news or message.is_group > known.is_group:
        is_group = message.is_group or known.is_group
        told[where] = replace(known, is_group=is_group, **news)


def _bounded(thread: str) -> str:
    """Return the name of a thread so short that it can be indexed, and still one of its own."""
    if len(thread) <= _NAME_CHARS:
        return thread
    return f"{thread[:100]} {hashlib.sha256(thread.encode()).hexdigest()}"


def _clean(message: ExportedMessage) -> ExportedMessage:
    """Return a message that every database can store, of bounded size."""
    changed: dict[str, Any] = {}
    text = headers.clean_text(message.text)
    if text != message.text or len(text) > _LIMITS.max_body_chars:
        changed["text"] = text[: _LIMITS.max_body_chars]
        if len(text) > _LIMITS.max_body_chars:
            changed["defects"] = (*message.defects, "body_too_long")
    if message.files:
        kept = message.files[: _LIMITS.max_attachments]
        changed["files"] = tuple(
            ExportedFile(headers.clean_line(each.name), each.member) for each in kept
        )
        if len(kept) < len(message.files):
            changed["defects"] = (*message.defects, "too_many_attachments")
    names = _NAMES(message)
    clean = _clean_names(names)
    if clean != names:
        changed |= zip(_NAMED, clean, strict=True)
    return replace(message, **changed) if changed else message


@lru_cache(maxsize=10_000)  # the same in every message of a thread
def _clean_names(names: tuple[str, ...]) -> tuple[str, ...]:
    thread, sender, *others = (headers.clean_line(each) for each in names)
    return (_bounded(thread), _bounded(sender), *(each[:_NAME_CHARS] for each in others))
