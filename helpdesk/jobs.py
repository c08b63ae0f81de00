"""The job table: the queue of record. The broker only rings a bell that a job exists.

A job row exists while there is work to do and is deleted in the transaction of its effect, so
work and effect cannot come apart. One queued row per (job, subject) is enough: whoever runs it
sees everything committed before.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Select,
    and_,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql import true

from helpdesk import process
from helpdesk.db import Base, Hint, Transaction
from helpdesk.rows import among, insert_rows, on_both

MAX_ATTEMPTS = 3  # a job that crashed three workers is a job for a person
LEASE_S = 60.0  # longer than a batch takes; jobs of a machine that died wait at most this long
SEND_LEASE_S = 900.0  # the server may take 10 minutes to answer the final dot (RFC 5321 4.5.3.2.6)
MOST_ANNOUNCED = 32  # tasks at once for many jobs of a kind: more than workers there will be
_RETRY_DELAYS_S = (5, 60, 600)


class Job(StrEnum):
    """What can be queued; the subject is the id of the row it is about."""

    RECEIVE = "receive"  # raw message
    MATCH = "match"  # ticket
    DRAFT = "draft"  # ticket
    SEND = "send"  # delivery
    IMPORT = "import"  # import batch
    PHOTO = "photo"  # attachment
    REMATCH = "rematch"  # ticket
    REKEY = "rekey"  # the import whose keys are older than the code


class JobState(StrEnum):
    """What a job waits for: its turn, its worker, or a person."""

    QUEUED = "queued"
    RUNNING = "running"
    PARKED = "parked"


class JobRow(Base):
    """One piece of work for one subject."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(
            "job IN ('receive', 'match', 'draft', 'send', 'import', 'photo', 'rematch', 'rekey')",
            name="job",
        ),
        CheckConstraint("state IN ('queued', 'running', 'parked')", name="state"),
        Index(
            "uq_job_queued",
            "job",
            "subject_id",
            unique=True,
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_job_next", "job", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[Job]
    subject_id: Mapped[int]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    not_before: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    holder: Mapped[str | None]  # host:pid of the worker, so that its death is noticed at once
    error: Mapped[str | None]


_JOBS = JobRow.__table__.c
_FINISHED = delete(JobRow.__table__)  # type: ignore[arg-type]
_INSERT = on_both(lambda dialect: dialect.insert(JobRow.__table__).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job this worker may run until its lease ends; `fence` proves whose it is."""

    id: int
    job: Job
    subject_id: int
    attempt: int
    fence: int


@dataclass(frozen=True, slots=True)
class Left:
    """How many jobs of a kind are not done: those that workers will do, and those of a person."""

    open: int
    parked: int


def enqueue(
    tx: Transaction,
    job: Job,
    subject_ids: Sequence[int],
    *,
    now: dt.datetime,
    delay_s: float = 0.0,
) -> None:
    """Write jobs in this transaction and announce them after its commit."""
    if not subject_ids:
        return
    not_before = now + dt.timedelta(seconds=delay_s)
    insert_rows(
        tx.session,
        _INSERT,
        [
            {
                "job": job,
                "subject_id": subject_id,
                "state": JobState.QUEUED,
                "attempts": 0,
                "fence": 0,
                "created_at": now,
                "not_before": not_before,
            }
            for subject_id in subject_ids
        ],
    )
    if not delay_s:  # what is not due yet is announced by the sweep
        tx.hints.append((job, subject_ids[0]))


def enqueue_selected(
    tx: Transaction, job: Job, subjects: Select[int], *, announce_every: int, now: dt.datetime
) -> int:
    """Write a job for each subject a query finds, with one statement; returns how many are new.

    Announces one of each `announce_every`, so that as many workers as there are batches begin at
    once, but MOST_ANNOUNCED at most.
    """
    found = subjects.subquery()
    values = {
        "job": literal(job, _JOBS.job.type),
        "subject_id": found.c[0],
        "state": literal(JobState.QUEUED, _JOBS.state.type),
        "attempts": literal(0),
        "fence": literal(0),
        "created_at": literal(now, _JOBS.created_at.type),
        "not_before": literal(now, _JOBS.not_before.type),
    }
    connection = tx.session.connection()
    chosen = select(*values.values()).where(true())  # SQLite takes ON for a join's without it
    statement = _INSERT[connection.dialect.name].from_select(list(values), chosen)
    made = connection.execute(statement).rowcount
    waiting = select(_JOBS.subject_id).where(_JOBS.job == job, _JOBS.state == JobState.QUEUED)
    ids = tx.session.scalars(waiting.order_by(_JOBS.id).limit(announce_every * MOST_ANNOUNCED))
    tx.hints += [(job, subject_id) for subject_id in list(ids)[::announce_every]]
    return made


def left(session: Session, job: Job) -> Left:
    """Count the jobs of a kind that are not done."""
    waiting, stuck = session.execute(
        select(
            func.count().filter(_JOBS.state != JobState.PARKED),
            func.count().filter(_JOBS.state == JobState.PARKED),
        ).where(_JOBS.job == job)
    ).one()
    return Left(waiting, stuck)


def claim(
    session: Session, job: Job, *, limit: int, now: dt.datetime, subject_id: int | None = None
) -> list[Claimed]:
    """Take up to `limit` due jobs, oldest first, and count the attempt before any work is done.

    A job that has been tried before is taken alone, so that one that kills its worker takes no
    other job down with it. With `subject_id` only the job about that is taken.
    """
    about = true() if subject_id is None else JobRow.subject_id == subject_id
    found = session.execute(
        select(JobRow.id, JobRow.attempts)
        .where(JobRow.job == job, _due(now), about)
        .order_by(JobRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    ids = [row.id for row in found if row.attempts == 0] or [row.id for row in found[:1]]
    if not ids:
        return []
    rows = session.execute(
        update(JobRow)
        .where(among(JobRow.id, ids))
        .values(
            state=JobState.RUNNING,
            attempts=JobRow.attempts + 1,
            fence=JobRow.fence + 1,
            lease_until=now + dt.timedelta(seconds=SEND_LEASE_S if job is Job.SEND else LEASE_S),
            holder=process.name(),
        )
        .returning(JobRow.id, JobRow.subject_id, JobRow.attempts, JobRow.fence)
    )
    return sorted(
        (Claimed(row.id, job, row.subject_id, row.attempts, row.fence) for row in rows),
        key=lambda claimed: claimed.id,
    )


def renew(session: Session, claimed: Claimed, *, now: dt.datetime) -> bool:
    """Make the lease of a job that takes long begin again; False if it went to another."""
    renewed = session.execute(
        update(JobRow)
        .where(
            JobRow.id == claimed.id,
            JobRow.fence == claimed.fence,
            JobRow.state == JobState.RUNNING,
        )
        .values(lease_until=now + dt.timedelta(seconds=LEASE_S))
    )
    return bool(renewed.rowcount)  # type: ignore[attr-defined] # a CursorResult, untyped for UPDATE


def finish(session: Session, claimed: Sequence[Claimed]) -> bool:
    """Remove jobs whose effects are in this transaction; False if a lease went to another."""
    gone = 0
    for fence in {each.fence for each in claimed}:  # one: a job that was tried before came alone
        mine = among(JobRow.id, [each.id for each in claimed if each.fence == fence])
        gone += session.connection().execute(_FINISHED.where(_JOBS.fence == fence, mine)).rowcount
    return gone == len(claimed)


def fail(
    session: Session, claimed: Claimed, *, error: str, retry: bool, now: dt.datetime
) -> JobState:
    """Put a failed job back for later, or park it for a person to see."""
    final = not retry or claimed.attempt >= MAX_ATTEMPTS
    state = JobState.PARKED if final else JobState.QUEUED
    mine = and_(JobRow.id == claimed.id, JobRow.fence == claimed.fence)
    twin = select(JobRow.id).where(
        JobRow.job == claimed.job,
        JobRow.subject_id == claimed.subject_id,
        JobRow.state == JobState.QUEUED,
    )
    if state is JobState.QUEUED and session.scalar(twin) is not None:
        session.execute(delete(JobRow).where(mine))  # a newer one will do this one's work
        return state
    delay = dt.timedelta(seconds=_RETRY_DELAYS_S[min(claimed.attempt, len(_RETRY_DELAYS_S)) - 1])
    session.execute(
        update(JobRow)
        .where(mine)
        .values(state=state, error=error[:500], lease_until=None, not_before=now + delay)
    )
    return state


def release_dead(session: Session, *, now: dt.datetime) -> int:
    """End the leases of workers of this machine that are gone; returns how many."""
    holders = session.scalars(
        select(JobRow.holder).where(JobRow.state == JobState.RUNNING).distinct()
    )
    dead = [each for each in holders if each and process.is_dead(each)]
    if not dead:
        return 0
    ended = session.execute(
        update(JobRow)
        .where(JobRow.state == JobState.RUNNING, JobRow.holder.in_(dead))
        .values(lease_until=now - dt.timedelta(seconds=1), holder=None)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined] # a CursorResult, untyped for UPDATE


def park_exhausted(session: Session, *, now: dt.datetime) -> list[Claimed]:
    """Park jobs whose worker died on the last attempt; returns them."""
    rows = session.execute(
        update(JobRow)
        .where(
            JobRow.state == JobState.RUNNING,
            JobRow.lease_until < now,
            JobRow.attempts >= MAX_ATTEMPTS,
        )
        .values(state=JobState.PARKED, lease_until=None, error="the worker died three times")
        .returning(JobRow.id, JobRow.job, JobRow.subject_id, JobRow.attempts, JobRow.fence)
    )
    return [Claimed(row.id, row.job, row.subject_id, row.attempts, row.fence) for row in rows]


def waiting(session: Session, *, now: dt.datetime) -> list[Hint]:
    """Name one due job of each kind: what a lost announcement would have left lying."""
    due = select(JobRow.job, func.min(JobRow.subject_id)).where(_due(now)).group_by(JobRow.job)
    return [(job, subject_id) for job, subject_id in session.execute(due)]


def parked(session: Session) -> list[JobRow]:
    """Return the parked jobs, newest first."""
    return list(
        session.scalars(
            select(JobRow).where(JobRow.state == JobState.PARKED).order_by(JobRow.id.desc())
        )
    )


def requeue(tx: Transaction, job_id: int, *, now: dt.datetime) -> bool:
    """Give a parked job three new attempts; False if it is not parked any more."""
    row = tx.session.get(JobRow, job_id)
    if row is None or row.state is not JobState.PARKED:
        return False
    job, subject_id = row.job, row.subject_id
    tx.session.execute(delete(JobRow).where(JobRow.id == job_id))
    enqueue(tx, job, [subject_id], now=now)
    return True


def _due(now: dt.datetime) -> ColumnElement[bool]:
    return and_(
        JobRow.not_before <= now,
        JobRow.attempts < MAX_ATTEMPTS,
        or_(
            JobRow.state == JobState.QUEUED,
            and_(JobRow.state == JobState.RUNNING, JobRow.lease_until < now),
        ),
    )
