"""A worker that is killed while it sends direct replies: no part leaves twice, none is skipped."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.db import Database
from tests import kill_api, killing


@pytest.mark.slow
def test_thirty_kills_send_no_part_twice_and_none_before_the_one_before(
    database: Database, database_url: str, tmp_path: Path
):
    done = subprocess.run(
        [sys.executable, "-m", "tests.kill_api", database_url, str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    result = kill_api.Result(**json.loads(done.stdout))
    assert (result.twice, result.lost, result.other) == (0, 0, 0), result
    assert (result.unknown_outside_window, result.out_of_order) == (0, 0), result
    assert result.sent + result.unknown == kill_api.DELIVERIES, result
    assert result.kills == killing.KILLS, result
    assert result.unknown <= result.kills, result
