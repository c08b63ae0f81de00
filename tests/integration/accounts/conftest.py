"""An account, a key and a moment to test with."""

import datetime as dt

import pytest

from helpdesk.accounts import users
from helpdesk.accounts.models import Role
from helpdesk.db import Database

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
KEY = b"k" * 32
PASSWORD = "kuda laut biru 7"


@pytest.fixture
def agent_id(database: Database) -> int:
    with database.transaction() as tx:
        return users.add(
            tx.session,
            login="Dewi",
            name="Dewi Contoh",
            password=PASSWORD,
            role=Role.AGENT,
            now=NOW,
        )
