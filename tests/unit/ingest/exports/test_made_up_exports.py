"""The exports that are measured with: as many messages as were asked for, and nothing odd."""

from pathlib import Path

import pytest

from helpdesk.ingest.exports.archive import Caps, open_export
from helpdesk.ingest.exports.detect import detect
from helpdesk.ingest.exports.types import ExportedMessage, ReadConfig
from tests.benchmarks import conversations
from tests.unit.ingest.exports.memory import JAKARTA

CAPS = Caps(max_members=1_000, max_bytes=64 << 20, max_ratio=200)
OURS = ReadConfig(frozenset({conversations.OWN_NAME}), JAKARTA.timezone)


@pytest.mark.parametrize("format_", conversations.WRITERS)
def test_a_made_up_export_is_read_as_written(format_: str, tmp_path: Path):
    path = tmp_path / "export.zip"
    conversations.write(format_, path, 60)

    with open_export(path, CAPS) as export:
        found = detect(export)
        read = list(found.read(export, OURS))

    assert found.format == format_
    written = [said for talk in conversations.talks(60) for said in talk.said]
    assert sorted((one.sent_at, one.ours, one.text) for one in read) == sorted(
        (said.at, said.ours, said.text) for said in written
    )
    assert len({one.thread for one in read if isinstance(one, ExportedMessage)}) == 3
