"""`helpdesk registry synthesize`: a made-up registry, and labelled queries about it."""

import argparse
import sys
from pathlib import Path
from typing import Any

from helpdesk.cli import common
from helpdesk.errors import InvalidError
from helpdesk.settings import Settings


def add(registry: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add this command to those of the registry."""
    made = common.add(registry, "synthesize", _synthesize, "write a made-up registry")
    made.add_argument("--people", type=common.positive, required=True, metavar="N")
    made.add_argument("--seed", type=int, default=1, metavar="S")
    made.add_argument(
        "--queries", type=common.positive, metavar="M", help="also make labelled noisy queries"
    )
    made.add_argument("--query-seed", type=int, default=1, metavar="S", help="another one (1)")
    made.add_argument(
        "--questions", type=Path, help="where the queries go (FILE.queries.jsonl)", metavar="FILE"
    )
    made.add_argument(
        "--answers", type=Path, help="where the truth goes (FILE.answers.jsonl)", metavar="FILE"
    )
    made.add_argument("file", type=Path, help="CSV; .gz packs it, .parquet makes it Parquet")


def _synthesize(_conf: Settings, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from helpdesk.registry import synthetic

    people, seed, file = options.people, abs(options.seed), options.file
    if (options.queries or 0) > people:
        msg = f"{options.queries} queries need as many people; there are {people}"
        raise InvalidError(msg)
    with tqdm(total=people, unit=" people", disable=not sys.stderr.isatty()) as bar:
        rows = synthetic.write(
            file, people=people, seed=seed, on_progress=lambda done: bar.update(done - bar.n)
        )
    print(f"{rows} rows of {people} made-up people in {file}")
    if options.queries:
        _queries(options)


def _queries(options: argparse.Namespace) -> None:
    from helpdesk.registry.synthetic import queries

    made = queries.labelled(
        options.people,
        abs(options.seed),
        count=options.queries,
        query_seed=abs(options.query_seed),
    )
    asked = options.questions or Path(f"{options.file}.queries.jsonl")
    answers = options.answers or Path(f"{options.file}.answers.jsonl")
    queries.write(made, asked, answers)
    members = sum(each.kind == "member" for each in made)
    print(f"{len(made)} queries, {members} of members, in {asked}; whose they are in {answers}")
