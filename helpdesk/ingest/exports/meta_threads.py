"""Where the conversations of an export of Meta lie, and who takes part in each."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.ingest.exports import json_stream
from helpdesk.ingest.exports.json_stream import EACH
from helpdesk.ingest.exports.json_values import mend, name_of
from helpdesk.ingest.exports.types import Export

FACEBOOK_ROOTS = ("your_facebook_activity/", "your_activity_across_facebook/", "")  # newest first
INSTAGRAM_ROOTS = ("your_instagram_activity/", "")

_ROWS = re.compile(
    r"((?:[^/]+/){0,3}?)((?:your_[a-z_]+/)?)messages/"
    r"(?:inbox|archived_threads|filtered_threads|message_requests|e2ee_cutover)/"
    r"([^/]+)/message_([0-9]{1,6})\.json"
)
_FLAT = re.compile(r"((?:[^/]+/)?)([^/]+)\.json")
_NUMBERED = re.compile(r"(.*)_([0-9]+)")
_MAX_PEOPLE = 1_000  # read of one conversation; a group has at most 250


@dataclass(frozen=True, slots=True)
class Thread:
    """One folder of a conversation, or one file of it in the flat form."""

    base: str  # what the export's own paths start from, with `/` at its end, or ""
    folder: str  # where the rows are, likewise
    name: str  # the folder's or file's own
    files: tuple[str, ...]  # in order

    @property
    def key(self) -> str:
        """What stays when the other side changes their name: the number at the end."""
        match = _NUMBERED.fullmatch(self.name)
        return match[2] if match and self.folder != self.base else mend(self.name)

    @property
    def slug(self) -> str:
        """What stands before the number: on Instagram the other side's handle."""
        match = _NUMBERED.fullmatch(self.name)
        return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class Head:
    """Who takes part; `title` is read of groups only, where it stands behind all rows."""

    people: tuple[str, ...]
    title: str


def foldered(names: Iterable[str], roots: tuple[str, ...]) -> list[Thread]:
    """List the conversations of "Download your information" under any of the roots."""
    found: dict[tuple[str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for path in names:
        match = _ROWS.fullmatch(path)
        if match and match[2] in roots:
            folder = path.rpartition("/")[0] + "/"
            found[folder, match[1], match[3]].append((int(match[4]), path))
    return [
        Thread(base, folder, name, tuple(path for _, path in sorted(files)))
        for (folder, base, name), files in sorted(found.items())
    ]


def flat(names: Iterable[str]) -> list[Thread]:
    """List the conversations of `messages.zip`: one file each, the media in a folder beside."""
    matches = filter(None, map(_FLAT.fullmatch, sorted(names)))
    return [
        Thread(match[1], match[1], match[2], (match[0],))
        for match in matches
        if match[1] != "media/"
    ]


def head_of(export: Export, thread: Thread, problem: str) -> Head:
    """Read who takes part, and no further than that needs.

    Raises:
        ExportError: with `problem`, as `json_stream.values` does.
    """
    people: list[str] = []
    title = ""
    wanted = {("participants", EACH), ("title",), ("threadName",)}
    with export.open(thread.files[0]) as file:
        for place, value in json_stream.values(
            file, wanted, opened={("messages",)}, problem=problem
        ):
            if place == ("messages",):
                if people and (len(people) <= 2 or title):
                    break
            elif len(place) == 1:
                title = name_of(value, mended=True)
            elif len(people) < _MAX_PEOPLE:
                name = value.get("name") if isinstance(value, dict) else value
                people.append(name_of(name, mended=True))
    return Head(tuple(people), title)
