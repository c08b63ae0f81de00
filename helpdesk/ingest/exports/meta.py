"""Conversations of Facebook and Instagram, as "Download your information" gives them in JSON.

Neither has ids of messages or people: a person is a display name, a conversation the number in its
folder's name. Every text is UTF-8 of which each byte was written as a character. Whoever takes our
display name makes a conversation `own_name_twice`, and nothing in it counts as ours.
"""

from collections.abc import Iterator, Sequence

from helpdesk.i18n import mark
from helpdesk.ingest.exports import json_stream
from helpdesk.ingest.exports.json_stream import EACH
from helpdesk.ingest.exports.meta_own import fold, own_names
from helpdesk.ingest.exports.meta_rows import GONE, Chat, items, unfolded
from helpdesk.ingest.exports.meta_threads import (
    FACEBOOK_ROOTS,
    INSTAGRAM_ROOTS,
    Head,
    Thread,
    flat,
    foldered,
    head_of,
)
from helpdesk.ingest.exports.types import Export, ExportError, Item, ReadConfig, Skipped

NOT_FACEBOOK = mark(
    "There are no conversations of Facebook in this. In “Download your information” choose "
    "messages and the format JSON, and import the zip as it comes."
)
NOT_E2EE = mark(
    "There are no conversations in this. Download the end-to-end encrypted chats of Messenger as "
    "messages.zip and import it as it comes."
)
NOT_INSTAGRAM = mark(
    "There are no conversations of Instagram in this. In “Download your information” choose "
    "messages and the format JSON, and import the zip as it comes."
)
FACEBOOK_DAMAGED = mark(
    "A file of this Facebook export is cut off or damaged. Download it from Facebook again."
)
E2EE_DAMAGED = mark(
    "A file of this export of encrypted Messenger chats is cut off or damaged. Download "
    "messages.zip again."
)
INSTAGRAM_DAMAGED = mark(
    "A file of this Instagram export is cut off or damaged. Download it from Instagram again."
)

_ROW = ("messages", EACH)


def read_facebook(export: Export, conf: ReadConfig) -> Iterator[Item]:
    """Yield the rows of every conversation of a Facebook export, newest first as they stand.

    Ours is told by the profile in the export, `conf.own_names`, or the one name that is in every
    conversation. Linear, and in the memory of one row besides the members' names.

    Raises:
        ExportError: there are no conversations, it is not told which side is ours, or a file is
            cut off or no JSON.
    """
    threads = foldered(export.names(), FACEBOOK_ROOTS)
    if not threads:
        raise ExportError(NOT_FACEBOOK)
    yield from _read(export, conf, threads, FACEBOOK_DAMAGED)


def read_instagram(export: Export, conf: ReadConfig) -> Iterator[Item]:
    """Yield the rows of an Instagram export, as `read_facebook` does; raises likewise.

    `handle` is what the folder of a conversation of two is called.
    """
    threads = foldered(export.names(), INSTAGRAM_ROOTS)
    if not threads:
        raise ExportError(NOT_INSTAGRAM)
    yield from _read(export, conf, threads, INSTAGRAM_DAMAGED, handles=True)


def read_e2ee(export: Export, conf: ReadConfig) -> Iterator[Item]:
    """Yield the rows of Messenger's `messages.zip`, as `read_facebook` does; raises likewise.

    It holds no profile, so ours is told by `conf.own_names` or by who is in every conversation.
    """
    threads = flat(export.names())
    if not threads:
        raise ExportError(NOT_E2EE)
    yield from _read(export, conf, threads, E2EE_DAMAGED)


def _read(
    export: Export,
    conf: ReadConfig,
    threads: Sequence[Thread],
    problem: str,
    *,
    handles: bool = False,
) -> Iterator[Item]:
    own = own_names(export, threads, conf, problem)
    members = frozenset(export.names())
    for thread in threads:
        chat = _chat(thread, head_of(export, thread, problem), own, members, handles=handles)
        for name in thread.files:
            yield from _rows(export, name, chat, problem)


def _rows(export: Export, name: str, chat: Chat, problem: str) -> Iterator[Item]:
    found = False
    is_flat = chat.thread.folder == chat.thread.base
    with export.open(name) as file:
        for place, value in json_stream.values(
            file, {_ROW}, opened={("messages",)}, problem=problem
        ):
            found = True
            if place == _ROW:
                yield from items(unfolded(value) if is_flat else value, chat)
    if not found:
        yield Skipped("no_messages", defective=True)


def _chat(
    thread: Thread, head: Head, own: frozenset[str], members: frozenset[str], *, handles: bool
) -> Chat:
    is_group = len(head.people) > 2
    others = [name for name in head.people if fold(name) not in own]
    title = head.title if is_group else next(iter(others), "")
    told = handles and not is_group and fold(title) not in GONE
    return Chat(
        thread=thread,
        members=members,
        own=own,
        title="" if fold(title) in GONE else title,
        people=own.union(GONE, {""}, map(fold, head.people)) if head.people else frozenset(),
        is_group=is_group,
        ambiguous=len(head.people) - len(others) > 1,
        handle=thread.slug if told else "",
    )
