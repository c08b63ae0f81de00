"""Direct messages of an X (Twitter) archive, of the old layout and the new.

An archive is JavaScript that assigns JSON. It names people by their ids alone; `account.js` says
which of them we are. X Chat, which replaced direct messages in 2025, is encrypted: its messages
come without text, and are kept with the defect `empty_text`, so that a person sees there was one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from helpdesk.i18n import mark
from helpdesk.ingest.exports import json_stream
from helpdesk.ingest.exports.json_stream import EACH, OPENED
from helpdesk.ingest.exports.json_values import id_of
from helpdesk.ingest.exports.types import Export, ExportError, Item, ReadConfig, Skipped
from helpdesk.ingest.exports.x_entries import Place, Talk, items

NOT_X = mark(
    "There are no direct messages of X in this. Request “an archive of your data” on X and import "
    "the zip as it comes."
)
DAMAGED = mark(
    "A file of direct messages in this X archive is cut off or damaged. Download the archive from "
    "X again."
)
ACCOUNT_DAMAGED = mark(
    "The file account.js of this X archive is cut off or damaged. Download the archive from X "
    "again."
)
NO_ACCOUNT = mark(
    "This X archive has no account.js that says which account is ours. Import the whole archive, "
    "or give the account's number with --own-name or in exports.own_names."
)

_MEMBER = re.compile(r"((?:[^/]+/){0,2})direct-messages?(-group)?(?:-part([0-9]{1,6}))?\.js")
_START_BYTES = 4_096  # what is assigned to stands before the JSON: some 40 bytes
_TALK = (EACH, "dmConversation")
_ID = (*_TALK, "conversationId")
_ENTRY = (*_TALK, "messages", EACH)


@dataclass(frozen=True, slots=True, order=True)
class _Part:
    """One file of messages: where it lies, which kind, which part."""

    folder: str
    group: bool
    number: int
    name: str


def read(export: Export, conf: ReadConfig) -> Iterator[Item]:
    """Yield the messages and events of every conversation, part by part, as the archive has them.

    Threads are conversation ids, senders account ids; `platform_id` is the other side's in a
    conversation of two. Linear, and in the memory of one message besides the members' names.

    Raises:
        ExportError: there are no direct messages of X, it is not told which side is ours, or a
            file is cut off or no JSON.
    """
    names = export.names()
    parts = sorted(_parts(names))
    if not parts:
        raise ExportError(NOT_X)
    known = frozenset(names)
    own = {folder: _own(export, folder, known, conf) for folder in {part.folder for part in parts}}
    for part in parts:
        place = Place(part.folder, own[part.folder], part.group, known)
        with export.open(part.name) as file:
            yield from _conversations(file, place)


def _parts(names: Iterable[str]) -> Iterator[_Part]:
    for name in names:
        if match := _MEMBER.fullmatch(name):
            yield _Part(match[1], bool(match[2]), int(match[3] or 0), name)


def _own(export: Export, folder: str, known: frozenset[str], conf: ReadConfig) -> frozenset[str]:
    """Tell the ids of our own account."""
    ids = {name.strip() for name in conf.own_names if name.strip().isdecimal()}
    if (name := folder + "account.js") in known:
        with export.open(name) as file:
            at = (EACH, "account", "accountId")
            for _, value in _assigned(file, {at}, (), ACCOUNT_DAMAGED):
                ids.add(id_of(value))
    ids.discard("")
    if not ids:
        raise ExportError(NO_ACCOUNT)
    return frozenset(ids)


def _conversations(file: BinaryIO, place: Place) -> Iterator[Item]:
    talk = Talk(place, "")
    for at, value in _assigned(file, {_ID, _ENTRY}, (_TALK,), DAMAGED):
        if at == _ENTRY:
            yield from items(value, talk)
        elif at == _TALK and value is OPENED:
            talk = Talk(place, "")
        elif thread := id_of(value):
            talk = Talk(place, thread)
        else:
            yield Skipped("bad_thread", defective=True)


def _assigned(
    file: BinaryIO,
    wanted: set[json_stream.Place],
    opened: tuple[json_stream.Place, ...],
    problem: str,
) -> Iterator[tuple[json_stream.Place, Any]]:
    """Read what JavaScript assigns: from the first bracket on."""
    start = b""
    while len(start) < _START_BYTES and (more := file.read(_START_BYTES - len(start))):
        start += more
    begin = re.search(rb"[\[{]", start)
    if not begin:
        raise ExportError(problem)
    yield from json_stream.values(
        file, wanted, opened=opened, problem=problem, start=start[begin.start() :]
    )
