"""Fixtures every test may use: databases, blobs, and one way to say that something is missing."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

import helpdesk.leases
import helpdesk.registry.models
import helpdesk.replies.models  # noqa: F401 - registers every table with those above
from helpdesk import jobs as _jobs  # noqa: F401
from helpdesk.blobs import BlobStore
from helpdesk.db import Base, Database

POSTGRES_ADMIN = os.environ.get(
    "TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)


def missing(what: str) -> None:
    """Skip with the reason, or fail where skipping is forbidden (CI)."""
    if os.environ.get("TEST_FORBID_SKIP"):
        pytest.fail(f"{what}, and skipping is forbidden here")
    pytest.skip(what)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test process's own."""
    admin = create_engine(POSTGRES_ADMIN, isolation_level="AUTOCOMMIT")
    name = f"helpdesk_test_{os.getpid()}"
    try:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
    except Exception as error:  # noqa: BLE001 - whatever the reason, there is no PostgreSQL
        missing(f"PostgreSQL does not answer on loopback ({type(error).__name__})")
    yield make_url(POSTGRES_ADMIN).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database without tables; every test using it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        schemas = text(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'registry\_%'")
        for schema in ("public", *connection.scalars(schemas)):  # generations of the registry
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with every table, on SQLite and on PostgreSQL."""
    yield from _with_tables(database_url)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table, on SQLite only: for tests of what is above it."""
    yield from _with_tables(f"sqlite:///{tmp_path / 'only.sqlite3'}")


def _with_tables(url: str) -> Iterator[Database]:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture
def port() -> Callable[[], int]:
    return free_port
