"""Kill imports of the registry at random moments; the old one answers, the next run goes on.

`python -m tests.kill_registry [--database-url URL] [--people N] [--kills N] [--seed N]` prints one
JSON object and ends with 1 if anything was lost, half in place or left behind.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import func, select

import tests.conftest  # noqa: F401 - registers every table
from helpdesk.db import Base, Database
from helpdesk.registry import load, reader, serving, synthetic
from helpdesk.registry.build import pipeline, store
from helpdesk.registry.models import GenerationState, RegistryImport
from tests.killing import fork, with_database
from tests.registry import AUDIT_KEY

_BLOCK_BYTES = 20_000  # many chunks: many moments to die in


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `wrong`, `other` and `left` have to be 0."""

    rows: int
    kills: int
    stages: dict[str, int]  # where it was killed
    chunks_again: int  # made more than once
    wrong: int  # answers after a kill that were not those of the old registry
    other: int  # rows of the end that an undisturbed import does not come to
    left: int  # tables and files of generations nobody needs
    seconds: float

    @property
    def clean(self) -> bool:
        return not (self.wrong or self.other or self.left)


def main() -> int:
    """Run the experiment from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill_registry")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or f"sqlite:///{folder}/kill.sqlite3"
        outcome = run(
            url, Path(folder), people=options.people, kills=options.kills, seed=options.seed
        )
    print(json.dumps(asdict(outcome)))
    return 0 if outcome.clean else 1


def run(url: str, folder: Path, *, people: int, kills: int, seed: int) -> Outcome:
    """Import a registry, kill imports of a second until there were enough, then let one finish."""
    began, dice = time.monotonic(), random.Random(seed)
    first, second = folder / "first.csv", folder / "second.csv"
    synthetic.write(first, people=people // 2, seed=seed)
    synthetic.write(second, people=people, seed=seed + 1)
    with_database(url, lambda db: Base.metadata.create_all(db.engine))
    with _as_large():
        _undisturbed(url, folder, first)
        before = with_database(url, _content)
        wrong, stages, made = 0, {}, []
        for kill in range(kills):
            stage = _one_life(url, folder, second, kill, dice)
            stages[stage] = stages.get(stage, 0) + 1
            wrong += with_database(url, _content) != before
            made.append(_chunks(folder))
        _undisturbed(url, folder, second)
        after = with_database(url, _content)
        left = with_database(url, _left) + (folder / "work").exists()
        expected = _expected(folder, first, second)
    return Outcome(
        rows=len(after),
        kills=kills,
        stages=stages,
        chunks_again=sum(
            later[name] != at
            for earlier, later in pairwise(made)
            for name, at in earlier.items()
            if name in later
        ),
        wrong=wrong,
        other=len(set(after) ^ set(expected)),
        left=left,
        seconds=round(time.monotonic() - began, 1),
    )


def _one_life(url: str, folder: Path, file: Path, kill: int, dice: random.Random) -> str:
    """Run an import and kill it at a random moment of some stage; returns the stage."""
    told = folder / "stage"
    told.unlink(missing_ok=True)
    goal = dice.choice(("read", "resolve", "persons", "records", "postings", "indexes"))
    worker = fork(lambda: _import(url, folder, file, told=told))
    until = time.monotonic() + 60
    while time.monotonic() < until and goal not in (told.read_text() if told.exists() else ""):
        if os.waitpid(worker, os.WNOHANG)[0]:
            msg = "the import ended before it was killed"
            raise RuntimeError(msg)
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.4) if goal == "read" and kill < 8 else 0)
    os.kill(worker, signal.SIGKILL)
    if not os.WIFSIGNALED(os.waitpid(worker, 0)[1]):
        msg = "the import ended before it was killed"
        raise RuntimeError(msg)
    return told.read_text().split()[-1]


def _import(url: str, folder: Path, file: Path, told: Path | None = None) -> None:
    database = Database(url)

    def tell(progress: object) -> None:
        if told is not None:
            with told.open("a") as log:
                log.write(f"{progress.stage}\n")
            time.sleep(0.05)  # something has to be going on when it is killed

    load.import_file(
        *(database, file),
        reject_path=folder / "bad.csv",
        audit_key=AUDIT_KEY,
        on_progress=tell,
        folder=folder / "work",
    )
    database.dispose()


def _undisturbed(url: str, folder: Path, file: Path) -> None:
    code = os.waitpid(fork(lambda: _import(url, folder, file)), 0)[1]
    if code:
        msg = "an import that nobody killed failed"
        raise RuntimeError(msg)


def _expected(folder: Path, *files: Path) -> list[tuple[object, ...]]:
    """Return what imports come to that nobody kills, in a database of their own."""
    url = f"sqlite:///{folder}/calm.sqlite3"
    with_database(url, lambda db: Base.metadata.create_all(db.engine))
    for file in files:
        _undisturbed(url, folder, file)
    return with_database(url, _content)


def _content(database: Database) -> list[tuple[object, ...]]:
    """Return every record with its person, and every bucket that leads to one."""
    with database.reading() as session:
        found = serving.serving(session)
        if found is None:
            return []
        records = [tuple(row) for row in found.page(0, 1_000_000)]
        buckets = sorted(bytes(blob) for blob in found.posting_range(0, 1 << 62))
        persons = sorted(found.persons([row[0] for row in records]))
    return [*records, *((blob,) for blob in buckets), *map(tuple, persons)]


def _left(database: Database) -> int:
    with database.reading() as session:
        states = (GenerationState.SERVING, GenerationState.RETIRED)
        needed = set(
            session.scalars(select(RegistryImport.id).where(RegistryImport.state.in_(states)))
        )
        building = session.scalar(
            select(func.count()).where(RegistryImport.state == GenerationState.BUILDING)
        )
    return len(store.existing(database.engine) ^ needed) + (building or 0)


def _chunks(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "work").glob("chunk*.done")}


@contextmanager
def _as_large() -> Iterator[None]:
    """Import as large files are imported; children are forked, so they do too."""
    with (
        patch.object(load, "_FEW_ROWS", 0),
        patch.object(load, "_FEW_BYTES", 0),
        patch.object(reader, "BLOCK_BYTES", _BLOCK_BYTES),
        patch.object(pipeline, "OLD_ROWS", 200),
    ):
        yield


if __name__ == "__main__":
    sys.exit(main())
