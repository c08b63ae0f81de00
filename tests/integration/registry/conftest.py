"""Imports of small files, done here or as large ones are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from helpdesk.registry import load, reader, serving
from helpdesk.registry.build import pipeline
from helpdesk.registry.reader import COLUMNS
from tests.registry import AUDIT_KEY

HEADER = ",".join(COLUMNS)
ROW = "99000000017,3273015708909001,SITI CONTOH,BANDUNG,1990-08-17,IBU,PT CONTOH,PU,aktif"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def load_file(database: Any, tmp_path: Path, work: Path) -> Callable[..., Any]:
    """Import a file; keywords as of `load.import_file`."""

    def run(path: Path, **how: Any) -> Any:
        rejects = tmp_path / "rejects.csv"
        return load.import_file(
            *(database, path), reject_path=rejects, audit_key=AUDIT_KEY, folder=work, **how
        )

    return run


@pytest.fixture
def bring_in(load_file: Any, tmp_path: Path) -> Callable[..., Any]:
    """Import lines of CSV."""

    def run(*lines: str, header: str = HEADER, **how: Any) -> Any:
        path = tmp_path / "registry.csv"
        path.write_text("\n".join((header, *lines)), encoding="utf-8")
        return load_file(path, **how)

    return run


@pytest.fixture
def as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have small files imported as large ones are: in processes, from many small blocks."""
    monkeypatch.setattr(load, "_FEW_ROWS", 0)
    monkeypatch.setattr(load, "_FEW_BYTES", 0)
    monkeypatch.setattr(reader, "BLOCK_BYTES", 4_000)
    monkeypatch.setattr(pipeline, "OLD_ROWS", 50)


def content(database: Any) -> dict[str, Any]:
    """Return everything a generation holds, comparable between databases and runs."""
    with database.reading() as session:
        found = serving.serving(session)
        if found is None:
            return {}
        number = found.generation.id
        connection = session.connection()
        if database.is_sqlite:
            path = serving.file_of(database.engine, number)
            connection.exec_driver_sql(f"ATTACH '{path}' AS generation")
            schema = "generation"
        else:
            schema = serving.schema_of(number)
        tables = {
            table: connection.execute(text(f"SELECT * FROM {schema}.{table} ORDER BY 1, 2")).all()
            for table in ("record", "other_record", "term", "posting")
        }
        if database.is_sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("DETACH generation")
    return {name: [tuple(row) for row in rows] for name, rows in tables.items()}
