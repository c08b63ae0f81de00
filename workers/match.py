"""Extracting, matching and drafting."""

from helpdesk import work
from helpdesk.jobs import Job
from workers.app import app, plant

_MOMENT_S = 3.0  # then the task goes to the end of the queue


@app.task(name="helpdesk.match")
def match(_ticket_id: int) -> None:
    """Read the claims of waiting tickets and find the records they mean."""
    work.drain(plant(), Job.MATCH)


@app.task(name="helpdesk.draft")
def draft(_ticket_id: int) -> None:
    """Decide what waiting tickets may be told and draft it."""
    work.drain(plant(), Job.DRAFT)


@app.task(name="helpdesk.rematch")
def rematch(_ticket_id: int) -> None:
    """Match the backlog again, a moment at a time: what has just come in goes first."""
    work.drain(plant(), Job.REMATCH, for_s=_MOMENT_S)


@app.task(name="helpdesk.rekey")
def rekey(_import_id: int) -> None:
    """Make the keys of the registry anew, however long it takes."""
    work.drain(plant(), Job.REKEY)
