"""Which conversation a WhatsApp chat is, and which of its writers are our side."""

import re
from dataclasses import dataclass

from helpdesk.i18n import mark
from helpdesk.ingest.exports.phones import e164
from helpdesk.ingest.exports.types import Export, ExportError, ReadConfig
from helpdesk.ingest.exports.whatsapp_lines import head, key, shown
from helpdesk.ingest.exports.whatsapp_survey import Survey

_TITLED = re.compile(
    r"(?:WhatsApp[ -]Chat|Chat WhatsApp|Obrolan WhatsApp|Percakapan WhatsApp)"
    r" (?:with|dengan|[-–]) ?(.+)",
    re.IGNORECASE | re.DOTALL,
)
_COPY = re.compile(
    r"\.zip$|\.txt$| ?\([0-9]{1,3}\)$| - (?:copy|salin|salinan)$| (?:copy|salinan)$", re.IGNORECASE
)
_BARE = re.compile(r"_chat(?: ?[0-9]{1,2})?", re.IGNORECASE)
_UNDECIDED = mark(
    "Nothing tells which writer of this WhatsApp chat is our side. Set exports.own_names, or pass "
    "--own-name with the name or number that our messages have in it."
)
_UNNAMED = mark(
    "This WhatsApp group has no name. Give the file back the name it was exported under, such as "
    "“WhatsApp Chat - Group.zip”."
)
_PROBE_BYTES = 64 << 10
_OF_GROUP = "@g.us"  # as WhatsApp itself ends the id of a group


@dataclass(frozen=True, slots=True)
class Title:
    """What a chat is called by its file; `is_sure` if WhatsApp named the file."""

    text: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation as every message of it tells it; `own` are keys of names."""

    thread: str
    title: str
    is_group: bool
    phone: str
    own: frozenset[str]


def members(export: Export) -> list[str]:
    """List the members that are chats, in order of name: by their names, else by what they say.

    A folder with `_chat.txt` has no other chat: other texts in it were sent as files. So was that
    one, under a name somebody chose, if the export has a chat called as itself in the same folder.
    """
    texts = sorted(name for name in export.names() if _is_text(name))
    named = _without_copy(export.name) if _TITLED.fullmatch(_without_copy(export.name)) else ""
    sure = {_folder(name) for name in texts if named and _without_copy(_stem(name)) == named}
    bare = [name for name in texts if _BARE.fullmatch(_stem(name)) and _folder(name) not in sure]
    folders = {_folder(name) for name in bare}
    titled = [
        name
        for name in texts
        if _folder(name) not in folders and _TITLED.fullmatch(_without_copy(_stem(name)))
    ]
    if bare or titled:
        return sorted(bare + _own_only(export, titled))
    return [name for name in texts if _begins_as_chat(export, name)]


def title(export: Export, member: str) -> Title:
    """Return what a chat is called: by its member's name, its folder's or the export's."""
    folder = _folder(member).rstrip("/").rpartition("/")[2]
    names = [_without_copy(one) for one in (_stem(member), folder, export.name)]
    for name in names:
        if match := _TITLED.fullmatch(name):
            return Title(shown(_without_copy(match[1])), is_sure=True)
    plain = (name for name in names if name and not _BARE.fullmatch(name))
    return Title(shown(next(plain, "")), is_sure=False)


def decide(found: Survey, called: Title, conf: ReadConfig) -> Chat:
    """Tell the sides of a chat apart.

    Ours are `conf.own_names`; else, between two, whoever the chat is not called after; else who
    took a message back on the phone that exported. Anybody can type what WhatsApp writes then, so
    it counts last, and not if it says that of several.

    A group is a thread of its own kind: whoever names one after a person or a number does not
    thereby come into that person's conversation.

    Raises:
        ExportError: nothing tells which side is ours, or a group has no name.
    """
    own = _own(found, called, conf)
    others = [name for each, name in found.senders.items() if each not in own]
    if found.is_group or len(others) > 1:
        name = called.text or found.told_by
        if not name:
            raise ExportError(_UNNAMED)
        return Chat(key(name) + _OF_GROUP, name, is_group=True, phone="", own=own)
    guessed = others[0] if others else found.told_by or called.text
    name = called.text if called.is_sure else guessed
    phone = e164(others[0]) if others else ""
    phone = phone or e164(name)
    return Chat(phone or key(name), name, is_group=False, phone=phone, own=own)


def _own(found: Survey, called: Title, conf: ReadConfig) -> frozenset[str]:
    senders = found.senders.keys()
    if own := {key(name) for name in conf.own_names} & senders:
        return frozenset(own)
    if not found.is_group and len(senders) <= 2:
        for other in (key(called.text), key(found.told_by)):
            if other in senders:
                return frozenset(senders - {other})
        if (called.is_sure or found.told_by) and len(senders) == 1:
            return frozenset(senders)  # nobody answered us yet
    if len(found.own) == 1:
        return frozenset(found.own)
    if senders and (not conf.own_names or (len(senders) == 2 and not found.is_group)):
        raise ExportError(_UNDECIDED)
    return frozenset()


def _own_only(export: Export, titled: list[str]) -> list[str]:
    """Keep the chat that the export is called after: another was sent in it as a file."""
    name = _without_copy(export.name)
    same = [one for one in titled if _without_copy(_stem(one)) == name]
    return same or titled


def _begins_as_chat(export: Export, name: str) -> bool:
    with export.open(name) as file:
        start = file.read(_PROBE_BYTES)
    encoding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    first = start.decode(encoding, "replace").lstrip().split("\n", 1)[0]
    return head(first.rstrip("\r")) is not None


def _is_text(name: str) -> bool:
    stem = name.rpartition("/")[2]
    return (
        name.lower().endswith(".txt")
        and not stem.startswith("._")
        and not name.startswith("__MACOSX/")
    )


def _folder(name: str) -> str:
    return name[: name.rfind("/") + 1]


def _stem(name: str) -> str:
    return name.rpartition("/")[2][:-4]


def _without_copy(name: str) -> str:
    """Leave out what copying and unpacking add to a name: ` (2)`, `.zip`, ` - Copy`."""
    name = shown(name)
    while (shorter := _COPY.sub("", name)) != name:
        name = shorter
    return name
