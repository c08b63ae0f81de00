"""Kill the worker that sends direct replies at random moments and count what the platform took.

    python -m tests.kill_api DATABASE_URL FOLDER [SEED]

The database must have its tables and nothing else. Prints one JSON object.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select

import helpdesk.replies.models  # noqa: F401 - registers every table
from helpdesk import clock, jobs
from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.jobs import Claimed, Job
from helpdesk.outbox import api, direct, parts
from helpdesk.outbox.direct import OutgoingDirect
from helpdesk.outbox.dm import DirectReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.killing import kill_again_and_again, record, started, with_database, work_off
from tests.servers import platforms

DELIVERIES, PARTS = 180, 3


@dataclass(frozen=True, slots=True)
class Result:
    """Counts over all deliveries. A window is the time in which the row says *sending*."""

    kills: int
    sent: int
    unknown: int
    unknown_outside_window: int  # must be 0: nobody was killed while sending it
    other: int  # must be 0
    lost: int  # parts sent by our word, not at the platform: must be 0
    twice: int  # parts the platform took more than once: must be 0
    out_of_order: int  # a part that was taken before the one before it: must be 0
    seconds: float


def run(url: str, folder: Path, seed: int) -> Result:
    """Send 120 replies of 3 parts through a worker that is killed 30 times."""
    began, dice = time.monotonic(), random.Random(seed)
    taken = folder / "taken"
    taken.touch()
    server, port = started(folder, lambda tell: _serve(taken, tell))
    conf = platforms.Platform(Channel.X, port=port).settings(timeout_s=10)
    try:
        with_database(url, lambda database: _prepare(database, folder))
        kills, window = kill_again_and_again(url, taken, dice, lambda: _work(url, folder, conf))
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)
    return _count(url, taken, kills, window, time.monotonic() - began)


def _work(url: str, folder: Path, conf: Direct) -> None:
    database, blobs = Database(url), BlobStore(folder / "blobs")
    work_off(database, lambda claimed: _send(database, blobs, claimed, conf))


def _send(database: Database, blobs: BlobStore, claimed: Claimed, conf: Direct) -> None:
    with database.transaction() as tx:
        outgoing = parts.begin(tx.session, blobs, claimed.subject_id, now=clock.now())
        if outgoing is None:
            jobs.finish(tx.session, [claimed])
    if outgoing is None:
        return

    def on_accepted(part: int, remote_id: str) -> bool:
        with database.transaction() as tx:
            return parts.accepted(
                *(tx.session, outgoing.delivery_id, outgoing.attempt, part, remote_id),
                now=clock.now(),
            )

    record(database, claimed, api.send(outgoing, conf, on_accepted, clock.now))


def _prepare(database: Database, folder: Path) -> None:
    now, blobs = clock.now(), BlobStore(folder / "blobs")
    with database.transaction() as tx:
        contact = Contact(
            channel=Channel.X, address="9007001", platform_id="9007001", display_name="",
            created_at=now,
        )  # fmt: skip
        tx.session.add(contact)
        tx.session.flush()
        tickets = [
            Ticket(
                channel=Channel.X, contact_id=contact.id, subject="", opened_at=now,
                status=TicketStatus.WAITING_PARTICIPANT, updated_at=now, waiting_since=now,
            )
            for _ in range(DELIVERIES)
        ]  # fmt: skip
        tx.session.add_all(tickets)
        tx.session.flush()
        messages = [
            Message(ticket_id=each.id, direction=Direction.OUTBOUND, body="", received_at=now)
            for each in tickets
        ]
        tx.session.add_all(messages)
        tx.session.flush()
        ids = []
        for number, each in enumerate(messages):
            texts = tuple(f"{number}/{part}" for part in range(PARTS))
            outgoing = OutgoingDirect(
                ticket_id=each.ticket_id, message_row_id=each.id, date=now, by_hand=False,
                reply=DirectReply(Channel.X, "9007001", texts), any_time=False, secret="secret",
            )  # fmt: skip
            ids.append(direct.queue(tx.session, blobs, outgoing, undo_s=0, now=now).id)
        jobs.enqueue(tx, Job.SEND, ids, now=now)


def _serve(taken: Path, tell: Callable[[int], None]) -> None:
    with platforms.running(Channel.X, log=taken) as platform:
        tell(platform.port)


def _count(url: str, taken: Path, kills: int, window: set[int], seconds: float) -> Result:
    texts = [json.loads(line) for line in taken.read_text().splitlines()]
    times = Counter(texts)
    place = {text: at for at, text in enumerate(texts)}

    def states(database: Database) -> list:
        with database.reading() as session:
            columns = (Delivery.id, Delivery.state, Delivery.parts_sent)
            return list(session.execute(select(*columns).order_by(Delivery.id)))

    rows = with_database(url, states)
    sent = [row for row in rows if row.state is DeliveryState.SENT]
    unknown = [row for row in rows if row.state is DeliveryState.UNKNOWN]
    told = [f"{at}/{part}" for at, row in enumerate(rows) for part in range(row.parts_sent)]
    pairs = [
        (f"{at}/{part - 1}", f"{at}/{part}") for at in range(len(rows)) for part in range(1, PARTS)
    ]
    return Result(
        kills=kills,
        sent=len(sent),
        unknown=len(unknown),
        unknown_outside_window=len({row.id for row in unknown} - window),
        other=DELIVERIES - len(sent) - len(unknown),
        lost=sum(text not in times for text in told),
        twice=sum(count > 1 for count in times.values()),
        out_of_order=sum(
            after in place and place.get(before, len(texts)) > place[after]
            for before, after in pairs
        ),
        seconds=round(seconds, 1),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(run(sys.argv[1], Path(sys.argv[2]), int((sys.argv[3:] or ["1"])[0])))))
