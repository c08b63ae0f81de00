"""`helpdesk db`, `helpdesk registry`: what everything rests on."""

import argparse
import sys
from pathlib import Path
from typing import Any

from helpdesk.cli import common
from helpdesk.db import Database
from helpdesk.settings import Settings


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    common.add(common.group(commands, "db", "the database"), "upgrade", _db_upgrade, "migrate")
    registry = common.group(commands, "registry", "the KPJ registry")
    load = common.add(registry, "import", _registry_import, "read a CSV file; safe to run again")
    load.add_argument("file", type=Path)
    load.add_argument("--rejects", type=Path, help="where bad rows go (FILE.rejects.csv)")
    made = common.add(registry, "synthesize", _registry_synthesize, "write a made-up registry")
    made.add_argument("--people", type=common.positive, required=True)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("file", type=Path)


def _db_upgrade(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import migrations

    migrations.upgrade(Database(conf.database))


def _registry_import(conf: Settings, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from helpdesk.registry import load

    rejects = options.rejects or Path(f"{options.file}.rejects.csv")
    with tqdm(unit="B", unit_scale=True, disable=not sys.stderr.isatty(), desc="registry") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = load.import_csv(
            common.open_database(conf), options.file, reject_path=rejects, on_progress=show
        )
    print(report.text)


def _registry_synthesize(_conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.registry import synthetic

    rows = synthetic.write(options.file, people=options.people, seed=options.seed)
    print(f"{rows} rows of {options.people} made-up people in {options.file}")
