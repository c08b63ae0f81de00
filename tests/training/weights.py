"""Train the matcher's shipped weights on a made-up registry.

    .venv/bin/python -m tests.training.weights [--people N] [--queries M] [--keep FOLDER]

Takes some minutes a million people; writes helpdesk/matching/weights.json and prints the figures
on queries of another seed. The benchmark's seeds are never used here.
"""

import argparse
import json
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from tqdm import tqdm

from helpdesk import clock, migrations
from helpdesk.db import Database
from helpdesk.matching import lessons, score, search, weights_training
from helpdesk.matching.evaluation import Quality, measure
from helpdesk.matching.lessons import Lesson
from helpdesk.matching.observed import Observed
from helpdesk.matching.score import Weights
from helpdesk.matching.types import Query
from helpdesk.registry import load, synthetic
from helpdesk.registry.synthetic import queries

SEED, TRAINING, CHECKING = 101, 201, 202  # of people and of queries; the benchmark has others


def main() -> None:
    """Make a registry, train, check, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="build the registry here, or use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        database = _registry(options.keep or Path(name), options.people)
        with database.reading() as session:
            data = _train(session, options)
            quality = _check(session, options, data)
            print(*quality.lines(), sep="\n")
    target = resources.files("helpdesk.matching").joinpath("weights.json")
    said = {**data, "figures": quality.as_json()}
    Path(str(target)).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _registry(folder: Path, people: int) -> Database:
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'training.sqlite3'}")
    migrations.upgrade(database)
    made = folder / "people.csv"
    if not made.exists():
        synthetic.write(made, people=people, seed=SEED)
        rejects = folder / "rejects.csv"
        load.import_file(
            database, made, reject_path=rejects, audit_key=b"none", folder=folder / "work"
        )
    return database


def _train(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    made = _lessons(options, TRAINING)
    with tqdm(desc="train", unit=" queries") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        trained = weights_training.train(
            made, score.shipped_data(), _eyes(session), now=clock.now(), on_progress=show
        )
    print(*trained.lines(), sep="\n")
    return {**trained.data, "provenance": _provenance(options)}


def _check(session: Session, options: argparse.Namespace, data: dict[str, Any]) -> Quality:
    see, weights = _eyes(session), Weights.from_data(data)
    made = _lessons(options, CHECKING)
    return measure([weights_training.judged(one, see(one.query, weights), data) for one in made])


def _lessons(options: argparse.Namespace, query_seed: int) -> list[Lesson]:
    made = queries.labelled(options.people, SEED, count=options.queries, query_seed=query_seed)
    lines = [queries.lines(number, each) for number, each in enumerate(made)]
    return lessons.of_lines([asked for asked, _ in lines], [truth for _, truth in lines])


def _eyes(session: Session) -> weights_training.See:
    today = clock.now().date()

    def see(query: Query, weights: Weights) -> Observed:
        seen = search.observe(session, query, today=today, weights=weights)
        assert seen is not None, "the registry is empty"
        return seen

    return see


def _provenance(options: argparse.Namespace) -> str:
    return (
        f"Trained on {clock.now():%Y-%m-%d} by tests/training/weights.py on {options.queries:,} "
        f"labelled queries (seed {TRAINING}) about {options.people:,} made-up people (seed {SEED})"
        ": m and the shares of strangers by EM and by counting, the calibration by ridge "
        "regression in five folds. Where u is counted in the registry, the one here is that of a "
        "usual value. Never trained on real tickets: `helpdesk matching train` does that."
    )


if __name__ == "__main__":
    main()
