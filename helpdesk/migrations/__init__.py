"""The schema's history, and the way to its newest version."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from helpdesk.db import Database
from helpdesk.errors import SettingsError


def upgrade(database: Database) -> None:
    """Bring an empty or older database to the newest version; does nothing on a current one.

    Raises:
        SettingsError: the database is of a version this program does not know.
    """
    config = _config()
    with database.engine.connect() as connection:
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


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "helpdesk:migrations")
    return config
