"""The database: declarative base, engine per dialect, and the only commit."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import (
    URL,
    Dialect,
    Engine,
    Enum,
    MetaData,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import DateTime, TypeDecorator

from helpdesk.errors import SettingsError

Hint: TypeAlias = tuple[str, int]
Publish: TypeAlias = Callable[[Sequence[Hint]], None]

_BUSY_TIMEOUT_MS = (
    30_000  # longer than any write transaction here, shorter than a person's patience
)
_TRUSTED_S = 1.0  # for so long a connection that has just answered needs no asking again


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware datetime in UTC on every database; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: dt.datetime | None,
        dialect: Dialect,
    ) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a datetime without a time zone cannot be stored"
            raise ValueError(msg)
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the signature is SQLAlchemy's
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Every table; constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        dt.datetime: UtcDateTime(),
        # As text with a CHECK constraint: a new value is then a migration, not an ALTER TYPE.
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=20,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


@dataclass(slots=True)
class Transaction:
    """One unit of work: the session, and the jobs to announce once it is committed."""

    session: Session
    hints: list[Hint] = field(default_factory=list)


class Database:
    """A pool of connections and the two ways to use them.

    `publish` is called after a commit with the jobs the transaction created; whatever it does, the
    jobs are already safe in the database.

    With `lone_reads` PostgreSQL is not told where a block that reads begins and ends: two round
    trips less for each, of which a page makes several. It reads what is committed either way.
    """

    def __init__(
        self, url: str, *, publish: Publish | None = None, lone_reads: bool = False
    ) -> None:
        self.engine = _engine(url)
        self._publish = publish
        reader: dict[str, Any] = {"sqlite_begin": "DEFERRED"}
        if lone_reads and not self.is_sqlite:
            reader["isolation_level"] = "AUTOCOMMIT"
        self._reader = self.engine.execution_options(**reader)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit what the block did, or nothing of it; then announce its jobs."""
        with Session(self.engine, expire_on_commit=False) as session:
            tx = Transaction(session)
            yield tx
            session.commit()
        self.announce(tx.hints)

    def announce(self, hints: Sequence[Hint]) -> None:
        """Ring the bell for jobs that are committed already, each once."""
        if hints and self._publish is not None:
            self._publish(tuple(dict.fromkeys(hints)))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read what is committed, on SQLite as one snapshot; the block writes nothing."""
        with Session(self._reader, autoflush=False, expire_on_commit=False) as session:
            yield session

    def dispose(self, *, close: bool = True) -> None:
        """Give up the pooled connections; `close=False` in a process that has just been forked."""
        self.engine.dispose(close=close)


def explain(error: SQLAlchemyError) -> str:
    """Say what the database said, but only where that cannot quote a row.

    PostgreSQL quotes values in what it says about statements, not about connections; SQLite never.
    """
    kind = type(error).__name__
    if not isinstance(error, DBAPIError):
        return kind
    of_sqlite = type(error.orig).__module__.startswith("sqlite3")
    if error.statement is not None and not of_sqlite:
        return kind
    said = str(error.orig).strip().splitlines()
    return said[0] if said else kind


def _engine(url: str) -> Engine:
    parsed = _parsed(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed, pool_size=10, hide_parameters=True)
        _ask_idle_connections(engine)
        event.listen(engine, "connect", _on_postgresql_connect)
        return engine
    if parsed.database and parsed.database != ":memory:":
        file = Path(parsed.database)
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)  # SQLite gives its other files the rights of this one
    engine = create_engine(parsed, pool_size=10, hide_parameters=True)  # rows are personal data
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        msg = "database_url: cannot be read; expected postgresql://user:password@host/name"
        raise SettingsError(msg) from error
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
    if parsed.get_backend_name() not in drivers:
        msg = (
            f"database_url: {parsed.drivername} is not supported; use postgresql:// or sqlite:///"
        )
        raise SettingsError(msg)
    return parsed.set(drivername=drivers[parsed.get_backend_name()])


def _ask_idle_connections(engine: Engine) -> None:
    """Before a connection is used that lay idle, ask whether the server is still there.

    `pool_pre_ping` asks each time: a round trip for each use, of which a page makes three.
    """

    @event.listens_for(engine, "checkin")
    def note_use(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at_s"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 - DBAPI object
        used_at_s = record.info.get("used_at_s")
        if used_at_s is None or time.monotonic() - used_at_s < _TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _on_postgresql_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI object
    # Mails are compressed in a third of the time, where the server was built for it.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, 'lz4', false) FROM pg_settings "
            "WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
        )
    connection.commit()


def _on_sqlite_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI object
    connection.isolation_level = None  # BEGIN is ours: the driver would delay it
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    cursor.close()


def _on_sqlite_begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy Connection
    # A writer takes the write lock at once: a deferred transaction that turns writer later fails
    # with SQLITE_BUSY however long the timeout is.
    how = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {how}")
