"""What all commands share: opening the database, words for errors, lines of JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from helpdesk.db import Database, explain
from helpdesk.errors import HelpdeskError, SettingsError, describe
from helpdesk.settings import Settings


def add(
    commands: Any,  # noqa: ANN401 - argparse keeps its class private
    name: str,
    run: Callable[[Settings, argparse.Namespace], int | None],
    about: str,
) -> argparse.ArgumentParser:
    """Add a command to a group of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def group(commands: Any, name: str, about: str) -> Any:  # noqa: ANN401 - as above
    """Add a word that has commands of its own; returns where to add them."""
    return commands.add_parser(name, help=about).add_subparsers(required=True, metavar="COMMAND")


def positive(text: str) -> int:
    """Read a number of an argument."""
    if not text.isdecimal() or not int(text):
        msg = f"{text} is not a whole number above 0"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def open_database(conf: Settings, *, announce: bool = False) -> Database:
    """Open the database; an embedded one is prepared on the way.

    With `announce` workers are told of new jobs; a command that does its jobs itself need not.
    """
    from helpdesk import broker, migrations

    database = Database(conf.database, publish=broker.publisher(conf) if announce else None)
    if database.is_sqlite:
        migrations.upgrade(database)
    elif not migrations.is_current(database):
        msg = "the tables of the database are missing or old; run: helpdesk db upgrade"
        raise SettingsError(msg)
    return database


def words(error: Exception) -> str:
    """Say what went wrong; only errors that cannot quote a mail or a record speak themselves."""
    if isinstance(error, HelpdeskError):
        return str(error)
    if isinstance(error, OSError):
        return ": ".join(str(part) for part in (error.filename, error.strerror) if part)
    if isinstance(error, SQLAlchemyError):
        return f"the database cannot be used ({explain(error)}); see: helpdesk doctor"
    return f"a fault in this program ({describe(error)}); HELPDESK_LOG_LEVEL=DEBUG shows more"


def print_json(value: dict[str, Any]) -> None:
    """Write one line of UTF-8 at once, whatever the locale."""
    try:
        line = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair has no UTF-8, only an escape
        line = json.dumps(value).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
