"""Reading photos: the shell around one picture and the process that looks at it."""

from collections.abc import Sequence
from typing import Protocol

from helpdesk import clock, jobs
from helpdesk.blobs import BlobStore
from helpdesk.db import Database, Transaction
from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.jobs import Claimed, Job
from helpdesk.photos import engine, service
from helpdesk.photos.service import Look
from helpdesk.settings import Settings


class Tools(Protocol):
    """What reading a photo needs besides its id; `work.Plant` is such."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def blobs(self) -> BlobStore: ...


def possible(settings: Settings) -> bool:
    """Tell whether photos are to be read, and can be."""
    return settings.identity.photos == "auto" and engine.available()


def enqueue(tx: Transaction, settings: Settings) -> None:
    """Queue the photos that wait without a job, where they can be read."""
    if possible(settings):
        jobs.enqueue(tx, Job.PHOTO, service.unqueued(tx.session), now=clock.now())


def run(tools: Tools, claimed: Sequence[Claimed]) -> None:
    """Read photos and have their tickets matched again; those that cannot be read here wait on."""
    for each in claimed:
        seen = _look(tools, each.subject_id) if possible(tools.settings) else None
        now = clock.now()
        with tools.database.transaction() as tx:
            if seen is not None:
                ticket_id = service.save(tx.session, each.subject_id, seen, now)
                jobs.enqueue(tx, Job.MATCH, [ticket_id] if ticket_id else [], now=now)
            if not jobs.finish(tx.session, [each]):
                msg = "another worker took the job over"
                raise ConflictError(msg)


def _look(tools: Tools, attachment_id: int) -> Look | None:
    with tools.database.reading() as session:
        stored = service.waiting(session, attachment_id)
        if stored is None:
            return None
        if stored.size_bytes > tools.settings.identity.photo_max_bytes:
            return service.UNREADABLE
        try:
            picture = tools.blobs.read(session, stored.sha256)
        except NotFoundError:
            return service.UNREADABLE
    return service.look(picture, engine.read, today=clock.now().date())
