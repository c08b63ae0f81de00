"""The schema's history, and the way to its newest version."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, func, select

from helpdesk.db import Database
from helpdesk.errors import SettingsError

# Any number serves as long as no other advisory lock of this product uses it: "migr" in ASCII.
_POSTGRES_LOCK = 0x6D696772


def upgrade(database: Database) -> None:
    """Bring an empty or older database to the newest version; does nothing on a current one.

    Raises:
        SettingsError: the database is of a version this program does not know.
    """
    config = _config()
    with database.engine.connect() as connection, _turn(connection):
        if _version(connection) == ScriptDirectory.from_config(config).get_current_head():
            return
        connection.rollback()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            msg = "the database was made by a newer helpdesk; install that, or restore a backup"
            raise SettingsError(msg) from error


def is_current(database: Database) -> bool:
    """Tell whether the database has the newest version."""
    with database.engine.connect() as connection:
        return _version(connection) == ScriptDirectory.from_config(_config()).get_current_head()


@contextmanager
def _turn(connection: Connection) -> Iterator[None]:
    """Let others who start at the same time wait; SQLite's writers do that by themselves."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.execute(select(func.pg_advisory_lock(_POSTGRES_LOCK)))
    connection.rollback()  # the lock is the session's, and outlives the transaction
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(select(func.pg_advisory_unlock(_POSTGRES_LOCK)))
        connection.rollback()


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "helpdesk:migrations")
    return config
