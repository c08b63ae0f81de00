"""The sample chats and tables, opened as the product opens them, as written beside them."""

from pathlib import Path

import pytest

from helpdesk.ingest.exports import table, whatsapp
from helpdesk.ingest.exports.archive import Caps, open_export
from tests.unit.ingest.exports.members import DATA, lines, messages
from tests.unit.ingest.exports.memory import JAKARTA

CAPS = Caps(max_members=1_000, max_bytes=64 << 20, max_ratio=200)
CHATS = sorted((DATA / "exports").glob("*WhatsApp*"))
TABLES = [DATA / "exports" / name for name in ("sms.csv", "telegram.jsonl", "chat-widget")]
SAMPLES = [(path, whatsapp.read) for path in CHATS] + [(path, table.read) for path in TABLES]


def expected(path: Path) -> list[str]:
    """Return what is to be read of a sample, by its name without its ending."""
    name = path.name if path.is_dir() else path.stem
    return (DATA / "exports.expected" / f"{name}.jsonl").read_text("utf-8").splitlines()


def test_there_are_chats_of_every_kind() -> None:
    assert [path.suffix for path in CHATS].count(".txt") == 3
    assert [path.suffix for path in CHATS].count(".zip") == 1
    assert sum(path.is_dir() for path in CHATS) == 1


@pytest.mark.parametrize(("path", "read"), SAMPLES, ids=lambda one: getattr(one, "name", ""))
def test_a_sample_is_read_as_written_beside_it(path: Path, read) -> None:
    with open_export(path, CAPS) as export:
        assert lines(read(export, JAKARTA)) == expected(path)


@pytest.mark.parametrize(("path", "read"), SAMPLES, ids=lambda one: getattr(one, "name", ""))
def test_every_file_that_a_sample_has_is_of_one_of_its_messages(path: Path, read) -> None:
    with open_export(path, CAPS) as export:
        found = messages(read(export, JAKARTA))
        named = {file.member for message in found for file in message.files} - {None}

        assert named == {name for name in export.names() if name.endswith((".png", ".webp"))}
