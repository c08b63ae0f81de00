"""Connections to PostgreSQL that are kept open: asked after a pause, replaced when gone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from helpdesk import db
from helpdesk.db import Database


@pytest.fixture
def kept(postgres_url: str) -> Iterator[Database]:
    """A database with one open connection."""
    database = Database(postgres_url)
    _backend(database)
    yield database
    database.dispose()


def test_a_connection_that_died_while_idle_is_replaced(
    kept: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    died = _backend(kept)
    _terminate(postgres_url, died)
    monkeypatch.setattr(db, "_TRUSTED_S", 0.0)

    assert _backend(kept) != died


def test_only_a_connection_that_lay_idle_is_asked(kept: Database, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(kept.engine.dialect, "do_ping", lambda found: asked.append(found) or True)
    monkeypatch.setattr(db, "_TRUSTED_S", 600.0)
    _backend(kept)
    assert not asked

    monkeypatch.setattr(db, "_TRUSTED_S", 0.0)
    _backend(kept)
    assert len(asked) == 1


def _backend(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")) or 0)


def _terminate(url: str, backend: int) -> None:
    other = Database(url)
    with other.engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend}
        )
    other.dispose()


def test_reads_of_the_web_process_see_what_is_committed_and_open_no_transaction(database_url: str):
    database = Database(database_url, lone_reads=True)
    with database.transaction() as tx:
        tx.session.execute(text("CREATE TABLE seen (id INTEGER)"))
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM seen")).scalar_one() == 0
        with database.transaction() as tx:
            tx.session.execute(text("INSERT INTO seen VALUES (1)"))
        held = session.connection().connection.dbapi_connection
        if not database.is_sqlite:
            assert held.info.transaction_status.name == "IDLE"
            assert session.execute(text("SELECT count(*) FROM seen")).scalar_one() == 1
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM seen")).scalar_one() == 1
    database.dispose()
