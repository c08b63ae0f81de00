"""Imports killed at random moments: nothing half in place, nothing lost, nothing left behind."""

import pytest

from helpdesk.db import Database
from tests import kill_registry


@pytest.mark.slow
def test_killed_imports_leave_the_old_registry_serving_and_are_taken_up(database_url, tmp_path):
    Database(database_url).dispose()
    outcome = kill_registry.run(database_url, tmp_path, people=600, kills=20, seed=1)
    assert outcome.clean, outcome
    assert outcome.kills == 20
    assert len(outcome.stages) > 2
    assert outcome.chunks_again == 0
