"""Running the command as a person or a script does: in a process of its own."""

import io
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpdesk import cli, migrations
from helpdesk.db import Database
from tests.servers.fixtures import (  # noqa: F401
    dovecot,
    dovecot_server,
    expired_dovecot,
)

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def refusal(self) -> str:
        """The one line a command that failed wrote to standard error."""
        assert (self.code, self.err.count("\n")) == (1, 1), self
        assert self.err.startswith("helpdesk: "), self.err
        return self.err.removeprefix("helpdesk: ").strip()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of the commands a test runs; nothing of the caller's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    return kept | {
        "HELPDESK_DATA_DIR": str(tmp_path / "var"),
        "HELPDESK_INGEST_CONNECT_TIMEOUT_S": "2",
    }


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with its tables: making them takes longer than most commands."""
    file = tmp_path_factory.mktemp("prepared") / "helpdesk.sqlite3"
    database = Database(f"sqlite:///{file}")
    migrations.upgrade(database)
    database.dispose()
    return file


@pytest.fixture
def ready(prepared: Path, tmp_path: Path) -> None:
    """Start the test with the embedded database in place."""
    (tmp_path / "var").mkdir(mode=0o700)
    shutil.copy(prepared, tmp_path / "var")


@pytest.fixture
def run(environ: dict[str, str]) -> Callable[..., Result]:
    """Run `helpdesk …`; keywords are settings, `stdin` what it reads."""

    def run(*words: object, stdin: bytes | str = b"", **settings: object) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "helpdesk.cli", *map(str, words)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=environ | {f"HELPDESK_{name}": str(value) for name, value in settings.items()},
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def refuse(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Callable[..., str]]:
    """Run a command that must fail in this process, which is quicker; returns its one line."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def refuse(*words: object, stdin: str = "", **settings: object) -> str:
        for name in [name for name in os.environ if name.startswith("HELPDESK_")]:
            monkeypatch.delenv(name)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        for name, value in settings.items():
            monkeypatch.setenv(f"HELPDESK_{name}", str(value))
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = cli.main([str(word) for word in words])
        written = capfd.readouterr()
        return Result(code, written.out, written.err).refusal

    yield refuse
    root.handlers[:] = handlers
    root.setLevel(level)
