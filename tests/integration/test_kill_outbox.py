"""A worker that is killed while it sends: nothing is lost, and nothing leaves twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.db import Database
from tests import kill_outbox, killing


@pytest.mark.slow
def test_thirty_kills_send_no_reply_twice_and_lose_none(
    database: Database, database_url: str, tmp_path: Path
):
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill_outbox", database_url, str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    result = kill_outbox.Result(**json.loads(done.stdout))
    assert (result.twice, result.lost, result.other) == (0, 0, 0), result
    assert result.unknown_outside_window == 0, result
    assert result.sent + result.unknown == kill_outbox.DELIVERIES, result
    assert result.kills == killing.KILLS, result
    assert result.unknown <= result.kills, result
