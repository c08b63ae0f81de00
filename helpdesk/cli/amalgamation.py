"""`helpdesk registry amalgamation`: who has several KPJ."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from helpdesk.cli import common
from helpdesk.db import Database
from helpdesk.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from helpdesk.registry.serving import Found, Reader

    Grouping: TypeAlias = Callable[[Reader], Iterator[list[Found]]]


def add(registry: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add this command to those of the registry."""
    made = common.add(
        registry, "amalgamation", _amalgamation, "list the participants with several KPJ as CSV"
    )
    made.add_argument("--out", type=Path, required=True, metavar="FILE")
    made.add_argument(
        "--engine",
        choices=["registry", "splink"],
        default="registry",
        help="list the persons of the registry, or group anew with Splink (the extra splink)",
    )
    made.add_argument(
        "--backend",
        choices=["duckdb", "spark"],
        default="duckdb",
        help="what Splink computes with; Spark as its own configuration says",
    )
    made.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where the records go for Splink, shared on a cluster; removed at the end",
    )


def _amalgamation(conf: Settings, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from helpdesk.accounts import audit
    from helpdesk.registry import amalgamation

    with tqdm(unit=" records", disable=not sys.stderr.isatty()) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        database = common.open_database(conf)
        listed = amalgamation.export(
            database,
            options.out,
            key=audit.key_from(conf.secret_key),
            on_progress=show,
            grouping=_splink(database, options) if options.engine == "splink" else None,
        )
    print(f"{listed.persons} participants with {listed.records} KPJ in {options.out}")


def _splink(database: Database, options: argparse.Namespace) -> "Grouping":
    """Return the grouping by the weights in use."""
    from helpdesk.matching import weights_store
    from helpdesk.registry.linkage import Backend, Splink

    with database.reading() as session:
        levels = weights_store.active_data(session)["levels"]
    return Splink(levels, Backend(options.backend), folder=options.folder).several
