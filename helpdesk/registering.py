"""What a new registry makes to do: the shells around the backlog and around keys that are old."""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from helpdesk import clock, jobs
from helpdesk.accounts import audit
from helpdesk.db import Database, Transaction
from helpdesk.errors import ConflictError
from helpdesk.jobs import Claimed, Job
from helpdesk.matching import rematch, second_look
from helpdesk.matching import service as matching
from helpdesk.registry import keys, load, serving
from helpdesk.registry.models import GenerationState, RegistryImport
from helpdesk.replies.house import House
from helpdesk.settings import Settings

roll: Callable[[], float] = secrets.SystemRandom().random
_RENEW_EVERY_S = 15.0  # well within the lease of a job


class Tools(Protocol):
    """What the registry's jobs need besides their ids; `work.Plant` is such."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def house(self) -> House: ...


def notice(tx: Transaction, settings: Settings) -> None:
    """Queue what the generation that serves calls for; part of every sweep.

    Noticed instead of told: an import is a command on any machine, and may be killed between its
    swap and whatever it would do next.
    """
    now = clock.now()
    rematch.start(tx, batch=settings.worker.batch, now=now)
    rematch.close(tx.session, now)
    generation = serving.current(tx.session)
    if generation is None or generation.key_version >= keys.VERSION:
        return
    left = jobs.left(tx.session, Job.REKEY)
    if not (left.open or left.parked or _is_building(tx)):
        jobs.enqueue(tx, Job.REKEY, [generation.id], now=now)


def match_again(tools: Tools, claimed: Sequence[Claimed]) -> None:
    """Match tickets of the backlog with the registry that serves; draft those that changed."""
    now, conf = clock.now(), tools.house.policy.matching
    with tools.database.reading() as session:
        due = rematch.due(session, [each.subject_id for each in claimed])
        limits = conf.thresholds
        assessed = matching.assess(session, list(due), today=now.date(), limits=limits)
    with tools.database.transaction() as tx:
        assessed = matching.renewed(tx.session, assessed, today=now.date(), limits=limits)
        still = rematch.due(tx.session, list(due)).items() & due.items()  # they are locked by now
        assessed = [each for each in assessed if each.ticket_id in dict(still)]
        changed = rematch.changed(tx.session, assessed)
        second_look.save(tx.session, assessed, share=conf.second_look, dice=roll, now=now)
        jobs.enqueue(tx, Job.DRAFT, changed, now=now)
        _finish(tx, claimed)
        rematch.count(tx.session, len(changed))
        rematch.close(tx.session, now)


def make_keys(tools: Tools, claimed: Sequence[Claimed]) -> None:
    """Build the generation that serves anew with the keys of this version.

    If an import is under way there is nothing to do: what it builds has them, and should it fail
    the sweep notices.
    """
    for each in claimed:
        with tools.database.reading() as session:
            generation = serving.current(session)
        if generation is not None and generation.key_version < keys.VERSION:
            with suppress(ConflictError):
                load.rebuild(
                    tools.database,
                    audit_key=audit.key_from(tools.settings.secret_key),
                    on_progress=_renewing(tools.database, each),
                    folder=tools.settings.registry_work_path,
                )
        with tools.database.transaction() as tx:
            _finish(tx, [each])


def _renewing(database: Database, claimed: Claimed) -> Callable[..., None]:
    """Return what a long build calls now and then, so that its job stays with this worker."""
    due_at = time.monotonic() + _RENEW_EVERY_S

    def on_progress(*_done: object) -> None:
        nonlocal due_at
        if time.monotonic() < due_at:
            return
        with database.transaction() as tx:
            ours = jobs.renew(tx.session, claimed, now=clock.now())
        if not ours:
            msg = "another worker took the job over"
            raise ConflictError(msg)
        due_at = time.monotonic() + _RENEW_EVERY_S

    return on_progress


def _is_building(tx: Transaction) -> bool:
    building = RegistryImport.state == GenerationState.BUILDING
    return tx.session.query(RegistryImport.id).filter(building).first() is not None


def _finish(tx: Transaction, claimed: Sequence[Claimed]) -> None:
    if not jobs.finish(tx.session, claimed):
        msg = "another worker took the job over"
        raise ConflictError(msg)
