"""Which export this is, told from the names in it and the beginning of a few members."""

import io
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from helpdesk.i18n import mark
from helpdesk.ingest.exports import meta, table, whatsapp, x
from helpdesk.ingest.exports import unreadable as words
from helpdesk.ingest.exports.lines import lines
from helpdesk.ingest.exports.types import Export, ExportError, Format, Item, ReadConfig
from helpdesk.ingest.exports.whatsapp_lines import head as begins_message
from helpdesk.tickets.kinds import Channel

Reader: TypeAlias = Callable[[Export, ReadConfig], Iterator[Item]]

AUTO = "auto"

_PEEK_BYTES = 4_096
_PEEKED = 5  # members of one kind that are looked into
_PEEKED_LINES = 20  # a chat may begin with a system line of several lines

_WHY = {
    Format.X: mark("It holds direct-messages.js, as archives of X do."),
    Format.FACEBOOK: mark("It holds conversations in the folders that Facebook's download has."),
    Format.FACEBOOK_E2EE: mark(
        "It holds one JSON file for each conversation, as Messenger's download of encrypted chats "
        "does."
    ),
    Format.INSTAGRAM: mark("It holds conversations in the folders that Instagram's download has."),
    Format.WHATSAPP: mark("It holds a chat as WhatsApp's “Export chat” writes it."),
    Format.TABLE: mark("It holds a table whose first row has the columns of our own form."),
}
_READERS: dict[Format, Reader] = {
    Format.X: x.read,
    Format.FACEBOOK: meta.read_facebook,
    Format.FACEBOOK_E2EE: meta.read_e2ee,
    Format.INSTAGRAM: meta.read_instagram,
    Format.WHATSAPP: whatsapp.read,
    Format.TABLE: table.read,
}
_CHANNELS = {
    Format.X: Channel.X,
    Format.FACEBOOK: Channel.FACEBOOK,
    Format.FACEBOOK_E2EE: Channel.FACEBOOK,
    Format.INSTAGRAM: Channel.INSTAGRAM,
    Format.WHATSAPP: Channel.WHATSAPP,
}

_THREAD = (
    r"messages/(?:inbox|archived_threads|filtered_threads|message_requests|e2ee_cutover)"
    r"/[^/]+/message_[0-9]+"
)
_FACEBOOK_ROOT = r"(?:your_facebook_activity|your_activity_across_facebook)/"
# One pattern for all kinds, so that each name is looked at once. Folders around the export are
# few, so that nothing that a participant sent as a file passes for the export itself.
_KINDS = re.compile(
    rf"""
      (?!media/)(?:[^/]+/){{0,2}}?(?P<chat>_chat\.txt|(?:WhatsApp\ Chat|Chat\ WhatsApp)[^/]*\.txt)
    | (?:[^/]+/){{0,2}}data/(?P<x>direct-messages?(?:-group)?(?:-part[0-9]+)?\.js)
    | (?!media/)(?:[^/]+/)?(?P<x_old>direct-messages?(?:-group)?(?:-part[0-9]+)?\.js)
    | (?:[^/]+/){{0,2}}(?P<x_other>data/(?:account|manifest)\.js|account\.js|Your\ archive\.html)
    | (?:[^/]+/){{0,3}}?(?:
        (?P<facebook>{_FACEBOOK_ROOT}{_THREAD}\.json)
      | (?P<instagram>your_instagram_activity/{_THREAD}\.json)
      | (?P<meta>{_THREAD}\.json)
      | (?P<facebook_html>{_FACEBOOK_ROOT}{_THREAD}\.html)
      | (?P<instagram_html>your_instagram_activity/{_THREAD}\.html)
      | (?P<meta_html>{_THREAD}\.html)
      )
    | (?:[^/]+/){{0,2}}?(?:
        (?P<instagram_sign>
          (?:personal_information/){{1,2}}personal_information\.(?:json|html)
        | account_information/personal_information\.(?:json|html)
        | (?:connections/)?followers_and_following/.*
        | login_and_account_creation/.*
        | your_instagram_activity/.*
        )
      | (?P<facebook_sign>
          (?:personal_information/)?profile_information/.*
        | messages/(?:autofill_information|secret_conversations|support_messages)\.json
        | messages/stickers_used/.*
        | (?:connections/)?friends(?:_and_followers)?/.*
        | {_FACEBOOK_ROOT}.*
        )
      )
    | (?P<json>(?!media/)(?:[^/]+/)?[^/]+\.json)
    | (?P<text>(?!media/)(?:[^/]+/)?[^/]+\.txt)
    | (?P<table>(?:[^/]+/)?[^/]+\.(?:csv|tsv|jsonl|ndjson))
    | (?P<zip>(?:[^/]+/){{0,2}}[^/]+\.zip)
    | (?P<xlsx>xl/workbook\.xml)
    | (?P<html>(?:[^/]+/)?[^/]+\.html?)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# What stands before the number: Facebook leaves letters and digits only, Instagram's user names
# have dots and underscores too.
_INSTAGRAM_THREAD = re.compile(r"(?:.*/)?messages/[a-z0-9_]+/[^/]*[._][^/]*_[0-9]+/[^/]+")
_E2EE_KEY = re.compile(rb'"(?:senderName|threadName)"\s*:')
_X_KEY = re.compile(rb"YTD\.|dmConversation")
_PIECE_KEY = re.compile(rb'"(?:sender_name|thread_path|participants)"\s*:')


@dataclass(frozen=True, slots=True)
class Detected:
    """Which export it is.

    Attributes:
        format: what wrote it.
        channel: where its conversations took place; that of a table's rows without one of theirs.
        why: one English sentence for people, in the catalogues.
        read: its reader.
    """

    format: Format
    channel: Channel
    why: str
    read: Reader


def detect(export: Export, channel: str = AUTO) -> Detected:
    """Tell which export this is, in one pass over its names.

    Args:
        export: opened.
        channel: `auto`, or the direct channel that a person says it is of.

    Raises:
        ExportError: it cannot be told, is another channel's, or is nothing that can be read; the
            sentence names what to download instead.
    """
    named = _channel(channel)
    seen = _Seen(export)
    found = _format(seen, named)
    if found is None:
        raise ExportError(_unreadable(seen))
    of = _CHANNELS.get(found, named or Channel.OTHER)
    if named not in {None, of}:
        raise ExportError(words.OTHER_CHANNEL)
    return Detected(found, of, _WHY[found], _READERS[found])


def _channel(channel: str) -> Channel | None:
    if channel == AUTO:
        return None
    try:
        found = Channel(channel)
    except ValueError as error:
        raise ExportError(words.NO_CHANNEL) from error
    if not found.is_direct:
        raise ExportError(words.NO_CHANNEL)
    return found


class _Seen:
    """The first names of each kind, and a look into them."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self._names: dict[str, list[str]] = defaultdict(list)
        for name in export.names():
            match = _KINDS.fullmatch(name)
            if match and match.lastgroup and len(self._names[match.lastgroup]) < _PEEKED:
                self._names[match.lastgroup].append(name)

    def has(self, *kinds: str) -> bool:
        return any(kind in self._names for kind in kinds)

    def names(self, kind: str) -> Collection[str]:
        return self._names.get(kind, ())

    def heads(self, kind: str) -> Iterator[bytes]:
        return (self.head(name) for name in self.names(kind))

    def head(self, name: str) -> bytes:
        with self.export.open(name) as member:
            return member.read(_PEEK_BYTES)

    def only(self) -> str | None:
        """Return the only member, if there is one."""
        names = self.export.names()
        return next(iter(names)) if len(names) == 1 else None


def _format(seen: _Seen, named: Channel | None) -> Format | None:
    # A chat first: beside it lies what participants sent, under names that they gave.
    if seen.has("chat"):
        return Format.WHATSAPP
    if seen.has("x"):
        return Format.X
    if seen.has("facebook", "instagram", "meta"):
        return _meta(seen, named)
    for kind, is_one, found in _BY_CONTENT:
        if any(map(is_one, seen.heads(kind))):
            return found
    return None


def _meta(seen: _Seen, named: Channel | None) -> Format:
    """Tell Facebook from Instagram, whose older downloads have the same files in one folder.

    What lies above and beside tells it, what the export is called, else who gave it; at last the
    names of the conversations.
    """
    name = seen.export.name.casefold()
    facebook = seen.has("facebook")
    instagram = seen.has("instagram")
    if not facebook and not instagram:
        facebook = seen.has("facebook_sign", "facebook_html") or name.startswith("facebook")
        instagram = seen.has("instagram_sign", "instagram_html") or name.startswith("instagram")
    if facebook != instagram:
        return Format.FACEBOOK if facebook else Format.INSTAGRAM
    if named in {Channel.FACEBOOK, Channel.INSTAGRAM}:
        return Format(named.value)
    if not facebook and any(map(_INSTAGRAM_THREAD.fullmatch, seen.names("meta"))):
        return Format.INSTAGRAM
    if named is not None:
        raise ExportError(words.OTHER_CHANNEL)
    raise ExportError(words.WHICH_OF_META)


def _is_table(head: bytes) -> bool:
    line = next(lines(io.BytesIO(head)), None)
    text = line.text.casefold() if line else ""
    if text.lstrip().startswith("{"):
        return all(f'"{name}"' in text for name in ("thread", "sent_at"))
    return {"thread", "sent_at"} <= set(re.split(r'[\s",;]+', text))


def _is_chat(head: bytes) -> bool:
    return any(
        begins_message(line.text) for line in islice(lines(io.BytesIO(head)), _PEEKED_LINES)
    )


_BY_CONTENT: tuple[tuple[str, Callable[[bytes], object], Format], ...] = (
    ("json", _E2EE_KEY.search, Format.FACEBOOK_E2EE),
    ("x_old", _X_KEY.search, Format.X),
    ("table", _is_table, Format.TABLE),
    ("text", _is_chat, Format.WHATSAPP),
)


def _unreadable(seen: _Seen) -> str:
    """Return the sentence that fits best what cannot be read."""
    for kinds, sentence in (
        (("facebook_html",), words.FACEBOOK_HTML),
        (("instagram_html",), words.INSTAGRAM_HTML),
        (("meta_html",), words.META_HTML),
        (("x_other",), words.X_WITHOUT_MESSAGES),
        (("facebook_sign", "instagram_sign"), words.META_WITHOUT_MESSAGES),
        (("xlsx",), words.SPREADSHEET),
        (("table",), words.OTHER_TABLE),
    ):
        if seen.has(*kinds):
            return _x_page(seen) if kinds == ("x_other",) else sentence
    if any(map(_PIECE_KEY.search, seen.heads("json"))):
        return words.PIECE
    if seen.has("zip"):
        return words.NESTED
    only = seen.only()
    if only is not None:
        return words.by_content(seen.head(only), only.casefold())
    if seen.has("html"):
        return words.WEB_PAGE
    return words.UNKNOWN if seen.export.names() else words.EMPTY


def _x_page(seen: _Seen) -> str:
    pages_only = all(name.casefold().endswith(".html") for name in seen.names("x_other"))
    return words.X_PAGE_ONLY if pages_only else words.X_WITHOUT_MESSAGES
