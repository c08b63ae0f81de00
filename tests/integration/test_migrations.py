import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from helpdesk import clock, migrations
from helpdesk.accounts import audit
from helpdesk.db import Base, Database


@pytest.fixture
def migrated(database_url):
    database = Database(database_url)
    migrations.upgrade(database)
    yield database
    database.dispose()


def test_the_migrations_make_the_tables_the_models_describe(migrated):
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(migrated):
    migrations.upgrade(migrated)
    assert migrations.is_current(migrated)


def test_an_empty_database_is_not_current(database_url):
    database = Database(database_url)
    assert not migrations.is_current(database)
    database.dispose()


@pytest.mark.parametrize(
    "change", ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"]
)
def test_the_audit_trail_cannot_be_changed(migrated, change):
    with migrated.transaction() as tx:
        audit.record(
            tx.session,
            key=b"k",
            now=clock.now(),
            agent_id=None,
            action="a.b",
            subject_type="test",
        )
    with pytest.raises(DatabaseError), migrated.transaction() as tx:
        tx.session.execute(text(change))
