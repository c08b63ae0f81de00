import datetime as dt
import os
import subprocess
import sys

import pytest
from sqlalchemy import select, update

from helpdesk import jobs, leases, process
from helpdesk.db import Database
from helpdesk.jobs import Job, JobRow, JobState

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)


def put(database: Database, *subjects: int, delay_s: float = 0.0) -> None:
    with database.transaction() as tx:
        jobs.enqueue(tx, Job.MATCH, subjects, now=NOW, delay_s=delay_s)


def claim(database: Database, *, limit: int = 10, now: dt.datetime = NOW) -> list[jobs.Claimed]:
    with database.transaction() as tx:
        return jobs.claim(tx.session, Job.MATCH, limit=limit, now=now)


def states(database: Database) -> list[JobState]:
    with database.reading() as session:
        return list(session.scalars(select(JobRow.state).order_by(JobRow.id)))


def test_a_subject_is_queued_once(database):
    put(database, 1, 2, 1)
    put(database, 2)
    assert [claimed.subject_id for claimed in claim(database)] == [1, 2]


def test_a_running_job_does_not_stop_a_new_one_for_the_same_subject(database):
    put(database, 1)
    claim(database)
    put(database, 1)
    assert sorted(states(database)) == [JobState.QUEUED, JobState.RUNNING]


def test_a_rolled_back_transaction_leaves_no_job_and_rings_no_bell(database_url):
    rung = []
    database = Database(database_url, publish=rung.extend)
    JobRow.metadata.create_all(database.engine)
    with pytest.raises(RuntimeError), database.transaction() as tx:
        jobs.enqueue(tx, Job.MATCH, [1], now=NOW)
        raise RuntimeError
    assert states(database) == [] and rung == []
    database.dispose()


def test_the_bell_rings_once_after_the_commit(database_url):
    rung = []
    database = Database(database_url, publish=rung.append)
    JobRow.metadata.create_all(database.engine)
    put(database, 5, 6)
    assert rung == [((Job.MATCH, 5),)]
    database.dispose()


def test_a_claimed_job_is_not_claimed_again_before_its_lease_ends(database):
    put(database, 1)
    claim(database)
    assert claim(database) == []
    assert [claimed.attempt for claimed in claim(database, now=LATER)] == [2]


def test_a_delayed_job_waits(database):
    put(database, 1, delay_s=15)
    assert claim(database) == []
    assert len(claim(database, now=NOW + dt.timedelta(seconds=16))) == 1


def test_finishing_with_an_old_fence_changes_nothing(database):
    put(database, 1)
    [old] = claim(database)
    [new] = claim(database, now=LATER)
    with database.transaction() as tx:
        assert not jobs.finish(tx.session, [old])
        assert jobs.finish(tx.session, [new])
    assert states(database) == []


def test_a_job_that_keeps_failing_is_parked_after_three_attempts(database):
    put(database, 1)
    at = NOW
    for _ in range(jobs.MAX_ATTEMPTS):
        [claimed] = claim(database, now=at)
        with database.transaction() as tx:
            state = jobs.fail(tx.session, claimed, error="ValueError", retry=True, now=at)
        at += dt.timedelta(minutes=20)
    assert state is JobState.PARKED


def test_a_job_tried_before_is_claimed_alone(database):
    put(database, 1, 2)
    claim(database)
    assert len(claim(database, now=LATER)) == 1


def test_a_permanent_failure_is_parked_at_once_and_can_be_requeued(database):
    put(database, 1)
    [claimed] = claim(database)
    with database.transaction() as tx:
        assert jobs.fail(tx.session, claimed, error="x", retry=False, now=NOW) is JobState.PARKED
    with database.transaction() as tx:
        assert jobs.requeue(tx, claimed.id, now=NOW)
        assert not jobs.requeue(tx, claimed.id, now=NOW)
    assert [again.attempt for again in claim(database)] == [1]


def test_a_retry_gives_way_to_a_newer_job_for_the_subject(database):
    put(database, 1)
    [claimed] = claim(database)
    put(database, 1)
    with database.transaction() as tx:
        jobs.fail(tx.session, claimed, error="x", retry=True, now=NOW)
    assert states(database) == [JobState.QUEUED]


def test_a_worker_that_died_three_times_has_its_job_parked(database):
    put(database, 1)
    for hours in range(jobs.MAX_ATTEMPTS):
        claim(database, now=NOW + dt.timedelta(hours=hours))
    with database.transaction() as tx:
        parked = jobs.park_exhausted(tx.session, now=NOW + dt.timedelta(hours=9))
    assert [job.subject_id for job in parked] == [1]
    assert states(database) == [JobState.PARKED]


def test_the_sweep_names_what_waits(database):
    put(database, 3)
    put(database, 4, delay_s=60)
    with database.reading() as session:
        assert [job for job, _ in jobs.waiting(session, now=NOW)] == [Job.MATCH]
    claim(database, limit=1)
    with database.reading() as session:
        assert jobs.waiting(session, now=NOW) == []


def test_a_dead_workers_jobs_are_due_at_once(database):
    put(database, 1)
    child = subprocess.run(
        check=True,
        args=[sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
    )
    dead = process.name().rpartition(":")[0] + ":" + child.stdout.decode().strip()
    claim(database)
    with database.transaction() as tx:
        tx.session.execute(update(JobRow).values(holder=dead))
        assert jobs.release_dead(tx.session, now=NOW) == 1
    assert len(claim(database)) == 1


def test_a_living_workers_jobs_are_left_alone(database):
    put(database, 1)
    claim(database)
    other = process.name().rpartition(":")[0] + f":{os.getppid()}"
    with database.transaction() as tx:
        tx.session.execute(update(JobRow).values(holder=other))
        assert jobs.release_dead(tx.session, now=NOW) == 0


def test_a_lease_has_one_holder_until_it_ends(database):
    def acquire(holder: str, now: dt.datetime) -> bool:
        with database.transaction() as tx:
            return leases.acquire(tx.session, "beat", holder=holder, ttl_s=10, now=now)

    assert acquire("a", NOW)
    assert not acquire("b", NOW)
    assert acquire("a", NOW)
    assert acquire("b", LATER)
    with database.transaction() as tx:
        leases.release(tx.session, "beat", holder="b")
    assert acquire("a", LATER)


def test_the_lease_of_a_dead_process_is_free_at_once(database):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    dead = process.name().rpartition(":")[0] + f":{child.pid}"
    with database.transaction() as tx:
        assert leases.acquire(tx.session, "beat", holder=dead, ttl_s=600, now=NOW)
        assert leases.acquire(tx.session, "beat", holder="living", ttl_s=600, now=NOW)
