"""`helpdesk ingest`: read messages now."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpdesk import clock
from helpdesk.cli import common
from helpdesk.errors import InvalidError
from helpdesk.settings import Settings

if TYPE_CHECKING:
    from helpdesk.ingest.imports import ImportReport, NewImport
    from helpdesk.work import Plant


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    ingest = common.group(commands, "ingest", "read messages")
    poll = common.add(ingest, "mailbox", _ingest_mailbox, "poll the configured mailboxes")
    poll.add_argument("--once", action="store_true", required=True, help="one poll, then end")
    files = common.add(ingest, "eml", _ingest_eml, ".eml, mbox or Maildir")
    files.add_argument("paths", nargs="+", type=Path)
    export = common.add(ingest, "export", _ingest_export, "exports of social inboxes")
    export.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="zip, folder or file")
    channels = ["auto", "x", "facebook", "instagram", "whatsapp", "other"]
    export.add_argument("--channel", default="auto", choices=channels)
    export.add_argument(
        "--own-name", action="append", default=[], help="a display name or number of our side"
    )
    for each in (poll, files, export):
        each.add_argument("--queue", action="store_true", help="leave the rest to the workers")


def _ingest_mailbox(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import work

    if not conf.mailbox:
        msg = "no mailbox is configured; add [[mailbox]] to the settings"
        raise InvalidError(msg)
    plant = work.open_plant(conf, common.open_database(conf, announce=options.queue))
    failed = 0
    for index in range(len(conf.mailbox)):
        report = work.poll(plant, index, now=True)
        busy = "a worker is reading it right now"
        print(f"{report.name}: {busy if report.busy else f'{report.stored} new'}")
        problem = report.problem
        if report.failed and not problem:
            problem = f"{report.name}: {report.failed} mails could not be fetched yet"
        if problem:
            failed += 1
            print(f"helpdesk: {problem}", file=sys.stderr)
    if not options.queue:
        work.work_off(plant)
    return 1 if failed else 0


def _ingest_eml(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import work

    plant = work.open_plant(conf, common.open_database(conf, announce=options.queue))
    report = work.store_files(plant, options.paths)
    if not options.queue:
        work.work_off(plant)
    print(report.text)
    for problem in report.problems:
        print(f"helpdesk: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


def _ingest_export(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import importing, work
    from helpdesk.ingest.imports import NewImport, Source
    from helpdesk.tickets.kinds import Channel, ImportState

    plant = work.open_plant(conf, common.open_database(conf, announce=options.queue))
    channel = None if options.channel == "auto" else Channel(options.channel)
    failed = 0
    for path in options.paths:
        new = NewImport(
            Source.COMMAND, path.absolute(), path.name, channel, tuple(options.own_name)
        )
        if options.queue:
            with plant.database.transaction() as tx:
                importing.submit(tx, new, clock.now())
            print(f"{path}: waits for a worker")
            continue
        report = _bring_in(plant, new)
        if report.state is ImportState.FAILED:
            failed += 1
            print(f"helpdesk: {path}: {report.problem}", file=sys.stderr)
        else:
            print(f"{path}: {report.format}: {report.why} {report.text}")
    if not options.queue:
        work.work_off(plant)
    return 1 if failed else 0


def _bring_in(plant: "Plant", new: "NewImport") -> "ImportReport":
    """Import one export with a progress bar: first of its bytes, then of its messages."""
    from tqdm import tqdm

    from helpdesk import importing
    from helpdesk.tickets.kinds import ImportState

    with tqdm(unit_scale=True, disable=not sys.stderr.isatty(), desc="export") as bar:

        def show(state: ImportState, done: int, total: int) -> None:
            bar.unit = "B" if state is ImportState.READING else " messages"
            bar.total, bar.n = total, done
            bar.refresh()

        return importing.bring_in(plant, new, show)
