"""Sending, and what keeps everything moving."""

from helpdesk import work
from helpdesk.jobs import Job
from workers.app import app, plant


@app.task(name="helpdesk.send")
def send(_delivery_id: int) -> None:
    """Send approved replies whose undo time is over."""
    work.drain(plant(), Job.SEND)


@app.task(name="helpdesk.sweep")
def sweep() -> None:
    """Do what a crash or a lost announcement left undone."""
    work.sweep(plant())


@app.task(name="helpdesk.anchor")
def anchor() -> None:
    """Note the head of the audit trail outside the database."""
    work.anchor(plant())


@app.task(name="helpdesk.tidy")
def tidy() -> None:
    """Forget what has expired."""
    work.tidy(plant())
