"""Workers that send and are killed at random moments: what both experiments share.

A child is forked, so that it has everything imported at once; no connection may be open then.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from helpdesk import clock, jobs
from helpdesk.db import Database
from helpdesk.jobs import Claimed, Job
from helpdesk.outbox import service
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Outcome
from helpdesk.settings import Outbox

KILLS = 30
_BATCH = 5
_LONGEST_LIFE_S = 10.0
_CONF = Outbox(retry_after_s=0)


def kill_again_and_again(
    url: str, log: Path, dice: random.Random, work: Callable[[], None]
) -> tuple[int, set[int]]:
    """Kill workers until there were enough or nothing is left to do, then let others finish.

    `log` gets a line for everything that was taken. Returns the kills, and the deliveries that
    were being sent at one of them.
    """
    kills, window = 0, set()
    while kills < KILLS and _one_life(log, dice, work):
        kills += 1
        window |= with_database(url, _sending)
    for _ in range(2):
        os.waitpid(fork(work), 0)
        with_database(url, _sweep)
    os.waitpid(fork(work), 0)
    return kills, window


def _one_life(log: Path, dice: random.Random, work: Callable[[], None]) -> bool:
    """Run a worker and kill it at a random moment; False when it ran out of work before."""
    goal = _lines(log) + dice.randint(0, 12)
    jitter_s = dice.uniform(0, 0.03)
    worker = fork(work)
    until = time.monotonic() + _LONGEST_LIFE_S
    while _lines(log) <= goal and time.monotonic() < until:
        if os.waitpid(worker, os.WNOHANG)[0]:
            return False
        time.sleep(0.001)
    time.sleep(jitter_s)
    os.kill(worker, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(worker, 0)[1])


def work_off(database: Database, send: Callable[[Claimed], None]) -> None:
    """The loop of a worker: claim and send until nothing is due."""
    with database.transaction() as tx:
        jobs.release_dead(tx.session, now=clock.now())
    while True:
        with database.transaction() as tx:
            claimed = jobs.claim(tx.session, Job.SEND, limit=_BATCH, now=clock.now())
        if not claimed:
            return
        for each in claimed:
            send(each)


def record(database: Database, claimed: Claimed, outcome: Outcome) -> None:
    """Write down what an attempt came to and end its job, as the product does."""
    with database.transaction() as tx:
        now = clock.now()
        again_in_s = service.record(tx.session, claimed.subject_id, outcome, now=now, conf=_CONF)
        jobs.finish(tx.session, [claimed])
        if again_in_s is not None:
            jobs.enqueue(tx, Job.SEND, [claimed.subject_id], now=now, delay_s=again_in_s)


def _sweep(database: Database) -> None:
    """Do what a person and the sweep do: give parked jobs new attempts, and find who died."""
    now = clock.now()
    with database.transaction() as tx:
        jobs.release_dead(tx.session, now=now)
        jobs.park_exhausted(tx.session, now=now)
        for row in jobs.parked(tx.session):
            jobs.requeue(tx, row.id, now=now)
        service.expire_sending(tx.session, now=now, lease_s=0)


def _sending(database: Database) -> set[int]:
    with database.reading() as session:
        found = select(Delivery.id).where(Delivery.state == DeliveryState.SENDING)
        return set(session.scalars(found))


def with_database(url: str, use: Callable[[Database], object]):
    """Open the database for one use only, so that no connection is open across a fork."""
    database = Database(url)
    try:
        return use(database)
    finally:
        database.dispose()


def started(folder: Path, serve: Callable[[Callable[[int], None]], None]) -> tuple[int, int]:
    """Start a server in a process of its own, which tells its port; returns process and port."""
    ready = folder / "port"

    def tell(port: int) -> None:
        (folder / "port.part").write_text(str(port))
        (folder / "port.part").rename(ready)
        signal.pause()

    server = fork(lambda: serve(tell))
    while not ready.exists():
        time.sleep(0.01)
    return server, int(ready.read_text())


def fork(run_child: Callable[[], None]) -> int:
    """Run a function in a process of its own that shares everything imported; returns its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        run_child()
        code = 0
    finally:
        os._exit(code)


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")
