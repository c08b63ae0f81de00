"""Fetching and filing."""

import logging

from helpdesk import importing, work
from helpdesk.jobs import Job
from workers.app import app, plant

_log = logging.getLogger(__name__)


@app.task(name="helpdesk.poll")
def poll(index: int) -> None:
    """Read the mailbox at this place in the settings."""
    report = work.poll(plant(), index)
    if report.problem:
        _log.warning("%s", report.problem)
    elif report.stored:
        _log.info("mailbox %s: %d new", report.name, report.stored)


@app.task(name="helpdesk.watch")
def watch() -> None:
    """Take in the exports that lie in the watched folders."""
    for problem in importing.watch(plant()):
        _log.warning("%s", problem)


@app.task(name="helpdesk.import")
def import_(_batch_id: int) -> None:
    """Bring in exports that wait; one at a time, however long it takes."""
    work.drain(plant(), Job.IMPORT)


@app.task(name="helpdesk.receive")
def receive(_raw_id: int) -> None:
    """Parse and file stored messages; whichever raised the bell, all that wait are done."""
    work.drain(plant(), Job.RECEIVE)
