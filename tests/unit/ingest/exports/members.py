"""An opened export in memory, and items as lines of JSON."""

import dataclasses
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from helpdesk.ingest.exports.types import ExportedMessage, Item

DATA = Path(__file__).parents[3] / "data"


class Members:
    """What a reader needs of an export, from bytes by path."""

    def __init__(self, members: Mapping[str, bytes], name: str = "export.zip"):
        self.members = dict(members)
        self.name = name

    def names(self):
        return list(self.members)

    def size(self, name):
        return len(self.members[name])

    def open(self, name):
        return io.BytesIO(self.members[name])


def sample(name: str, wrapped: str = "") -> Members:
    """A folder of tests/data/exports, with another folder around it if wished."""
    root = DATA / "exports" / name
    files = (path for path in root.rglob("*") if path.is_file())
    return Members(
        {wrapped + path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    )


def lines(items: Iterable[Item]) -> list[str]:
    """One line of JSON each, without what is as it is by default."""
    return [json.dumps(_plain(item), ensure_ascii=False) for item in items]


def _plain(item: Item) -> dict[str, object]:
    shown: dict[str, object] = {}
    for field in dataclasses.fields(item):
        value = getattr(item, field.name)
        if value == field.default:
            continue
        if field.name == "sent_at":
            value = value.isoformat()
        elif field.name == "files":
            value = [[file.name, file.member] for file in value]
        shown[field.name] = value
    return shown


def messages(items: Iterable[Item]) -> list[ExportedMessage]:
    return [item for item in items if isinstance(item, ExportedMessage)]
