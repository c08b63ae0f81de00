"""Kill the ingesting worker at random moments and count what was lost or doubled.

`python -m tests.kill_ingest [--database-url URL] [--mails N] [--kills N] [--seed N]` prints one
JSON object and ends with 1 if anything was lost or doubled. Half-way the mailbox gets a new
UIDVALIDITY on top.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

import tests.conftest  # noqa: F401 - registers every table
from helpdesk import clock, jobs
from helpdesk.blobs import BlobStore
from helpdesk.db import Base, Database
from helpdesk.ingest import mailbox, service
from helpdesk.jobs import Job, JobRow
from helpdesk.settings import Ingest, Mailbox
from helpdesk.tickets.models import Message, RawMessage, Ticket
from tests.servers.dovecot import Dovecot, dovecot

# Small batches and a full comparison at every poll: many commits, and everything is retried.
_CONF = Ingest(batch=5, reconcile_interval_s=0)
_CLAIMED = 5
_LONGEST_LIFE_S = 0.3  # a worker left alone needs about half of it for its share of the mails


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `lost` to `unmarked` have to be 0."""

    mails: int
    kills: int
    killed_midway: int  # with work left undone
    lost: int
    stored_twice: int
    filed_twice: int
    tickets_doubled: int
    jobs_left: int
    unmarked: int
    seconds: float

    @property
    def clean(self) -> bool:
        return not any(
            (
                self.lost,
                self.stored_twice,
                self.filed_twice,
                self.tickets_doubled,
                self.jobs_left,
                self.unmarked,
            )
        )


def main() -> int:
    """Run the experiment from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill_ingest")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, dovecot() as server:
        url = options.database_url or f"sqlite:///{folder}/kill.sqlite3"
        outcome = run(
            server,
            url,
            Path(folder),
            mails=options.mails,
            kills=options.kills,
            seed=options.seed,
        )
    print(json.dumps(asdict(outcome)))
    return 0 if outcome.clean else 1


def run(server: Dovecot, url: str, folder: Path, *, mails: int, kills: int, seed: int) -> Outcome:
    """Deliver mail in portions, kill a worker over each, then let one finish."""
    began, dice = time.monotonic(), random.Random(seed)
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.dispose()  # the children are forked: no connection may be open
    raws = [_mail(number) for number in range(mails)]
    delivered = killed_midway = 0
    for kill, portion in enumerate(_portions(raws, kills)):
        server.append(portion)
        delivered += len(portion)
        if kill == kills // 2:
            server.doveadm("mailbox", "update", "-u", "care", "--uid-validity", "4242", "INBOX")
        _kill_one(server.box(), url, folder, dice.uniform(0, _LONGEST_LIFE_S))
        killed_midway += _filed(url) < delivered
    last = _start(server.box(), url, folder, until_done=True)
    last.join(60)
    unmarked = len(server.uids(search="UNKEYWORD $Ingested"))
    return _count(url, raws, kills, killed_midway, unmarked, time.monotonic() - began)


def work(box: Mailbox, url: str, folder: Path, *, until_done: bool) -> None:
    """Be a worker: poll and work off RECEIVE jobs, for ever or until nothing is left."""
    database, blobs = Database(url), BlobStore(folder / "blobs")
    while True:
        report = mailbox.poll(database, box, _CONF, blobs, holder="kill test")
        filed = sum(_receive(database, blobs))
        with database.reading() as session:
            left = session.scalar(select(func.count()).select_from(JobRow))
        if until_done and not (report.seen or report.problem or filed or left):
            return


def _receive(database: Database, blobs: BlobStore) -> Iterator[int]:
    """Work off what is due, as `helpdesk.work` does; yields the size of each batch."""
    while True:
        now = clock.now()
        with database.transaction() as tx:
            jobs.release_dead(tx.session, now=now)
            for parked in jobs.park_exhausted(tx.session, now=now):
                service.give_up(tx.session, parked.subject_id, "the worker died", now)
                jobs.finish(tx.session, [parked])
            claimed = jobs.claim(tx.session, Job.RECEIVE, limit=_CLAIMED, now=now)
        if not claimed:
            return
        with database.reading() as session:
            raw_ids = [each.subject_id for each in claimed]
            ready = service.read(session, blobs, raw_ids, service.ReceiveConfig())
        with database.transaction() as tx:
            service.file(tx.session, ready, clock.now())
            for each in claimed:
                if not jobs.finish(tx.session, [each]):
                    msg = "another worker took the job over"
                    raise RuntimeError(msg)
        yield len(claimed)


def _start(
    box: Mailbox, url: str, folder: Path, *, until_done: bool = False
) -> multiprocessing.Process:
    # Forked, so that a worker's short life is not spent on imports.
    process = multiprocessing.get_context("fork").Process(
        target=work, args=(box, url, folder), kwargs={"until_done": until_done}
    )
    process.start()
    return process


def _kill_one(box: Mailbox, url: str, folder: Path, after_s: float) -> None:
    process = _start(box, url, folder)
    time.sleep(after_s)
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert process.exitcode == -signal.SIGKILL, "the worker ended by itself"


def _filed(url: str) -> int:
    database = Database(url)
    with database.reading() as session:
        count = session.scalar(select(func.count()).select_from(Message))
    database.dispose()
    return count


def _count(
    url: str, raws: list[bytes], kills: int, killed_midway: int, unmarked: int, seconds: float
) -> Outcome:
    database = Database(url)
    wanted = {hashlib.sha256(raw).hexdigest() for raw in raws}
    with database.reading() as session:
        stored = list(session.scalars(select(RawMessage.sha256)))
        filed = list(
            session.scalars(
                select(RawMessage.sha256).join(Message, Message.raw_id == RawMessage.id)
            )
        )
        tickets = session.scalar(select(func.count()).select_from(Ticket))
        left = session.scalar(select(func.count()).select_from(JobRow))
    database.dispose()
    return Outcome(
        mails=len(raws),
        kills=kills,
        killed_midway=killed_midway,
        lost=len(wanted - set(filed)),
        stored_twice=len(stored) - len(set(stored)),
        filed_twice=len(filed) - len(set(filed)),
        tickets_doubled=tickets - len(raws),
        jobs_left=left,
        unmarked=unmarked,
        seconds=round(seconds, 1),
    )


def _mail(number: int) -> bytes:
    return (
        f"From: Peserta {number} <peserta{number}@example.org>\r\nTo: care@example.com\r\n"
        f"Subject: Lupa nomor {number}\r\nMessage-ID: <kill-{number}@example.org>\r\n\r\n"
        f"Saya lupa nomor KPJ saya, ini mail nomor {number}.\r\n"
    ).encode()


def _portions(raws: list[bytes], count: int) -> Iterator[list[bytes]]:
    for index in range(count):
        yield raws[index * len(raws) // count : (index + 1) * len(raws) // count]


if __name__ == "__main__":
    sys.exit(main())
