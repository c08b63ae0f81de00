"""SIGKILL of the ingesting worker at random moments loses nothing and doubles nothing."""

import json
import subprocess
import sys

import pytest

from tests.conftest import missing
from tests.servers import dovecot

CLEAN = {
    "lost": 0,
    "stored_twice": 0,
    "filed_twice": 0,
    "tickets_doubled": 0,
    "jobs_left": 0,
    "unmarked": 0,
}


@pytest.mark.slow
def test_thirty_kills_over_300_mails_lose_and_double_nothing(database_url: str):
    if not dovecot.available():
        missing("Dovecot (dovecot-imapd) is not installed")

    done = subprocess.run(
        [sys.executable, "-m", "tests.kill_ingest", "--database-url", database_url],
        check=False, capture_output=True, text=True, timeout=180,
    )  # fmt: skip

    outcome = json.loads(done.stdout)
    assert outcome | CLEAN == outcome
    assert outcome["kills"] == 30
    assert outcome["killed_midway"] >= 5  # else nothing was shown
