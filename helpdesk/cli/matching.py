"""`helpdesk matching`: train the matcher's weights, and decide which of them it uses."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpdesk import clock
from helpdesk.cli import common
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from helpdesk.db import Database
    from helpdesk.matching.lessons import Lesson
    from helpdesk.matching.observed import Observed
    from helpdesk.matching.score import Weights
    from helpdesk.matching.types import Query
    from helpdesk.matching.weights_store import Kept
    from helpdesk.matching.weights_training import Trained

_TICKETS = "tickets"


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    matching = common.group(commands, "matching", "the weights of the matcher")
    train = common.add(
        matching, "train", _train, "propose weights learned from queries; a person accepts them"
    )
    train.add_argument(
        "--from",
        dest="source",
        default=_TICKETS,
        metavar="tickets|FILE",
        help="what tickets claimed (default), or queries as JSON lines",
    )
    train.add_argument("--answers", type=Path, metavar="FILE", help="whom those queries mean")
    show = common.add(matching, "show", _show, "list the weights trained here, or show some")
    show.add_argument("id", nargs="?", type=common.positive)
    show.add_argument("--json", action="store_true", help="as weights.json holds them")
    accept = common.add(matching, "accept", _accept, "match with these weights from now on")
    refuse = common.add(matching, "refuse", _refuse, "do not use these weights, or no longer")
    for each in (accept, refuse):
        each.add_argument("id", type=common.positive)


def _train(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.matching import weights_store

    if (options.source == _TICKETS) == (options.answers is not None):
        msg = "--answers FILE belongs to --from FILE, and that to it"
        raise InvalidError(msg)
    database = common.open_database(conf)
    trained = _trained(database, options)
    with database.transaction() as tx:
        weights_id = weights_store.propose(
            tx.session, trained.data, trained.report(), now=clock.now()
        )
    print(*trained.lines(), sep="\n")
    print(f"\nnothing changes until a person accepts: helpdesk matching accept {weights_id}")


def _trained(database: "Database", options: argparse.Namespace) -> "Trained":
    """Train with a progress bar."""
    from tqdm import tqdm

    from helpdesk.matching import search, weights_store, weights_training
    from helpdesk.registry.serving import serving

    now = clock.now()
    bar = tqdm(unit=" queries", unit_scale=True, disable=not sys.stderr.isatty(), desc="train")
    with database.reading() as session, bar:
        if serving(session) is None:
            msg = "the registry is empty; run: helpdesk registry import"
            raise InvalidError(msg)

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        def see(query: "Query", weights: "Weights") -> "Observed":
            seen = search.observe(session, query, today=now.date(), weights=weights)
            if seen is None:
                msg = "the registry that served is gone; train again"
                raise ConflictError(msg)
            return seen

        data = weights_store.active_data(session)
        return weights_training.train(
            _lessons(session, options), data, see, now=now, on_progress=show
        )


def _lessons(session: "Session", options: argparse.Namespace) -> list["Lesson"]:
    from helpdesk.matching import lessons
    from helpdesk.replies.told import told

    if options.source == _TICKETS:
        return lessons.of_tickets(session, told(session))
    return lessons.of_lines(_lines(Path(options.source)), _lines(options.answers))


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                msg = f"{file}: line {number} is not a JSON object"
                raise InvalidError(msg)
            yield value


def _show(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.matching import weights_store

    with common.open_database(conf).reading() as session:
        if options.id:
            _show_one(weights_store.get(session, options.id), as_json=options.json)
            return
        active = weights_store.active_id(session)
        if options.json:
            common.print_json(dict(weights_store.active_data(session)))
            return
        print(f"in use: {'the shipped weights' if active is None else active}")
        for each in weights_store.kept(session):
            report = each.report
            print(
                f"{each.id}\t{each.state}\t{each.trained_at:%Y-%m-%d %H:%M}\t"
                f"{report['queries']} queries, {report['answered']} answered"
            )


def _show_one(kept: "Kept", *, as_json: bool) -> None:
    if as_json:
        common.print_json(dict(kept.data))
        return
    print(f"{kept.state}, trained at {kept.trained_at:%Y-%m-%d %H:%M}")
    print(json.dumps(kept.data, indent=2))


def _accept(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.accounts import audit
    from helpdesk.matching import weights_store

    key = audit.key_from(conf.secret_key)
    with common.open_database(conf).transaction() as tx:
        weights_store.accept(tx.session, options.id, None, clock.now(), key=key)
    print(f"weights {options.id} are in use; tickets matched before keep their answers")


def _refuse(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.accounts import audit
    from helpdesk.matching import weights_store

    key = audit.key_from(conf.secret_key)
    with common.open_database(conf).transaction() as tx:
        weights_store.refuse(tx.session, options.id, None, clock.now(), key=key)
        active = weights_store.active_id(tx.session)
    in_use = "the shipped weights" if active is None else f"weights {active}"
    print(f"weights {options.id} are refused; in use: {in_use}")
