"""Empty databases to measure with."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from helpdesk.db import Database
from tests.conftest import POSTGRES_ADMIN


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database, `kind` "sqlite" or "postgresql", gone afterwards."""
    if kind == "sqlite":
        file = folder / "bench.sqlite3"
        yield f"sqlite:///{file}"
        for each in folder.glob("bench*.sqlite3*"):
            each.unlink()
        return
    name = f"helpdesk_bench_{secrets.token_hex(4)}"  # two may measure at once
    admin = create_engine(POSTGRES_ADMIN, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(POSTGRES_ADMIN).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def seed_tickets(database: Database, count: int) -> None:
    """Put tickets into the tables, and do what PostgreSQL's autovacuum does within minutes."""
    from tests import seed  # noqa: PLC0415 - knows every room; few need it

    seed.seed(database, tickets=count, seed=1)
    tidy = "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(tidy))
