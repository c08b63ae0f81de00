"""One row of a Meta conversation, as a message or event and the reactions to it. Never raises."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.ingest.exports.json_stream import TOO_LARGE
from helpdesk.ingest.exports.json_values import (
    TOO_LONG,
    cut,
    mend,
    moment_of_ms,
    name_of,
    text_of,
)
from helpdesk.ingest.exports.meta_own import fold
from helpdesk.ingest.exports.meta_threads import Thread
from helpdesk.ingest.exports.types import Event, ExportedFile, ExportedMessage, Item, Skipped

# What stands for the name of somebody whose account is gone.
GONE = frozenset(
    ("", "facebook user", "pengguna facebook", "instagram user", "pengguna instagram")
)
OURS = "own"  # the sender of our side: its name may change between two exports

_MEDIA = ("photos", "videos", "audio_files", "files", "gifs")
_REACTED = re.compile(
    r"liked a message|reacted .{1,40} to your message|menyukai (?:sebuah )?pesan(?: anda)?"
    r"|(?:memberi(?:kan)? (?:reaksi|tanggapan)|bereaksi|menanggapi) .{1,40} ?pesan anda"
)
_SYSTEM = re.compile(r".{0,200}(?:now connected on messenger|terhubung di messenger)\.?")
_MAX_WORDS = 300  # no line of the platform is longer


@dataclass(frozen=True, slots=True)
class Chat:
    """What is the same for all rows of a conversation."""

    thread: Thread
    members: frozenset[str]
    own: frozenset[str]  # folded
    title: str
    people: frozenset[
        str
    ]  # who takes part, folded, and who may be called anything; none: not told
    is_group: bool
    ambiguous: bool  # somebody else bears a name of ours: who wrote what cannot be told
    handle: str


def items(row: object, chat: Chat) -> Iterator[Item]:
    """Yield what a row of the foldered form says, or what it lacks."""
    if row is TOO_LARGE:
        yield Skipped("too_large", defective=True)
        return
    if not isinstance(row, dict):
        yield Skipped("bad_entry", defective=True)
        return
    sent_at = moment_of_ms(row.get("timestamp_ms"))
    if sent_at is None:
        yield Skipped("bad_time", defective=True)
        return
    yield _message(row, chat, sent_at)
    for reaction in _list(row.get("reactions")):
        if isinstance(reaction, dict):
            text = name_of(reaction.get("reaction"), mended=True)
            by = _writer(reaction.get("actor"), chat)
            yield ExportedMessage(**by, sent_at=sent_at, text=text, event=Event.REACTION)
        else:
            yield Skipped("bad_entry", defective=True)


def unfolded(row: object) -> object:
    """Write a row of `messages.zip` as the foldered form has it."""
    if not isinstance(row, dict):
        return row
    return {
        "sender_name": row.get("senderName"),
        "timestamp_ms": row.get("timestamp"),
        "content": row.get("text"),
        "photos": row.get("media"),
        "reactions": row.get("reactions"),
        "is_unsent": row.get("isUnsent"),
    }


def _message(row: Mapping[str, Any], chat: Chat, sent_at: dt.datetime) -> ExportedMessage:
    by = _writer(row.get("sender_name"), chat)
    said = text_of(row.get("content"), mended=True).strip()
    shared = _shared(row.get("share"))
    text, was_cut = cut("\n".join([said, *(part for part in shared if part not in said)]).strip())
    pieces = [piece for kind in _MEDIA for piece in _list(row.get(kind))]
    event = _event(row, said, plain=not pieces and not shared)
    files = tuple(_files([*pieces, row.get("sticker")], chat))
    defects = ["own_name_twice"] if chat.ambiguous else []
    if was_cut:
        defects.append(TOO_LONG)
    if not text and not files and event is None:
        defects.append("empty_text")
    return ExportedMessage(
        **by, sent_at=sent_at, text=text, event=event, files=files, defects=tuple(defects)
    )


def _writer(name: object, chat: Chat) -> dict[str, Any]:
    """Tell who wrote it and where.

    In a conversation of two the sender is told by the side alone: names change, and an account
    that is gone loses its own. Somebody else who wrote there has left it: it was no conversation
    of two, though only two are left.
    """
    shown = name_of(name, mended=True)
    ours = fold(shown) in chat.own and not chat.ambiguous
    thread = chat.thread.key
    has_left = bool(chat.people) and fold(shown) not in chat.people
    is_group = chat.is_group or has_left
    other = shown or "?" if is_group else thread
    return {
        "thread": thread,
        "title": chat.title,
        "is_group": is_group,
        "ours": ours,
        "sender": OURS if ours else other,
        "sender_name": "" if fold(shown) in GONE else shown,
        "handle": chat.handle,
    }


def _event(row: Mapping[str, Any], said: str, *, plain: bool) -> Event | None:
    """Tell what a row is if it is nothing said; `plain` has neither files nor a link."""
    kind = row.get("type")
    words = said.casefold() if plain and len(said) <= _MAX_WORDS else ""
    signs = (
        (row.get("is_unsent") is True, Event.DELETED),
        ("call_duration" in row or row.get("missed") is True or kind == "Call", Event.CALL),
        (isinstance(row.get("sticker"), dict), Event.STICKER),
        (kind in ("Subscribe", "Unsubscribe") or _SYSTEM.fullmatch(words), Event.SYSTEM),
        (_REACTED.fullmatch(words), Event.REACTION),
    )
    return next((event for holds, event in signs if holds), None)


def _shared(share: object) -> list[str]:
    """List the text and link of something passed on."""
    if not isinstance(share, dict):
        return []
    parts = (text_of(share.get(key), mended=True).strip() for key in ("share_text", "link"))
    return [part for part in parts if part]


def _files(pieces: list[Any], chat: Chat) -> Iterator[ExportedFile]:
    for piece in pieces:
        uri = piece.get("uri") if isinstance(piece, dict) else None
        if not isinstance(uri, str) or not uri:
            continue
        found = (path for path in _places(uri, chat.thread) if path in chat.members)
        name = name_of(uri.partition("?")[0].rpartition("/")[2], mended=True)
        yield ExportedFile(name or "file", next(found, None))


def _places(uri: str, thread: Thread) -> Iterator[str]:
    """Name where a file may be: paths in archives are written as texts are, or mended."""
    for path in (uri, mend(uri)):
        inner = path.removeprefix("./")
        yield thread.base + inner
        yield thread.folder + inner
        yield thread.folder + "/".join(inner.split("/")[-2:])  # a thread that moved section


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
