"""Extracting, matching and drafting."""

from helpdesk import work
from helpdesk.jobs import Job
from workers.app import app, plant


@app.task(name="helpdesk.match")
def match(_ticket_id: int) -> None:
    """Read the claims of waiting tickets and find the records they mean."""
    work.drain(plant(), Job.MATCH)


@app.task(name="helpdesk.draft")
def draft(_ticket_id: int) -> None:
    """Decide what waiting tickets may be told and draft it."""
    work.drain(plant(), Job.DRAFT)
