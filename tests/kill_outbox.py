"""Kill the sending worker at random moments and count what the mail server took.

    python -m tests.kill_outbox DATABASE_URL FOLDER [SEED]

The database must have its tables and nothing else. Prints one JSON object.
"""

import asyncio
import contextlib
import datetime as dt
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

from aiosmtpd.controller import Controller
from sqlalchemy import select

import helpdesk.replies.models  # noqa: F401 - registers every table
from helpdesk import clock, jobs
from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.jobs import Claimed, Job
from helpdesk.outbox import service, smtp
from helpdesk.outbox.mail import OutgoingReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.settings import Smtp
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.killing import kill_again_and_again, record, started, with_database, work_off

DELIVERIES = 300


@dataclass(frozen=True, slots=True)
class Result:
    """Counts over all deliveries. A window is the time in which the row says *sending*."""

    kills: int
    kills_in_window: int
    sent: int
    unknown: int
    unknown_outside_window: int  # must be 0: nobody was killed while sending it
    unknown_accepted: int  # the server had taken it: a blind repeat would have been a second copy
    other: int  # must be 0
    lost: int  # sent by our word, not at the server: must be 0
    twice: int  # must be 0
    seconds: float


def run(url: str, folder: Path, seed: int) -> Result:
    """Send 300 replies through a worker that is killed 30 times."""
    began, dice = time.monotonic(), random.Random(seed)
    accepted = folder / "accepted"
    accepted.touch()
    sink, port = started(folder, lambda tell: _serve(accepted, seed, tell))
    try:
        with_database(url, lambda database: _prepare(database, folder))
        kills, window = kill_again_and_again(url, accepted, dice, lambda: _work(url, folder, port))
    finally:
        os.kill(sink, signal.SIGKILL)
        os.waitpid(sink, 0)
    return _count(url, accepted, kills, window, time.monotonic() - began)


def _work(url: str, folder: Path, port: int) -> None:
    database, blobs = Database(url), BlobStore(folder / "blobs")
    conf = Smtp(host="127.0.0.1", port=port, security="none", timeout_s=10, final_timeout_s=10)
    work_off(database, lambda claimed: _send(database, blobs, claimed, conf))


def _send(database: Database, blobs: BlobStore, claimed: Claimed, conf: Smtp) -> None:
    with database.transaction() as tx:
        outgoing = service.begin(tx.session, blobs, claimed.subject_id, now=clock.now())
        if outgoing is None:
            jobs.finish(tx.session, [claimed])
    if outgoing is None:
        return
    record(database, claimed, smtp.send(outgoing, conf))


def _prepare(database: Database, folder: Path) -> None:
    now, blobs = clock.now(), BlobStore(folder / "blobs")
    with database.transaction() as tx:
        contact = Contact(
            channel=Channel.EMAIL, address="budi@example.com", display_name="", created_at=now
        )
        tx.session.add(contact)
        tx.session.flush()
        ids = [
            service.queue(tx.session, blobs, reply, undo_s=0, now=now).id
            for reply in _replies(tx.session, contact.id, now)
        ]
        jobs.enqueue(tx, Job.SEND, ids, now=now)


def _replies(session, contact_id: int, now: dt.datetime) -> list[OutgoingReply]:
    tickets = [
        Ticket(
            channel=Channel.EMAIL, contact_id=contact_id, subject="KPJ", opened_at=now,
            status=TicketStatus.WAITING_PARTICIPANT, updated_at=now, waiting_since=now,
        )
        for _ in range(DELIVERIES)
    ]  # fmt: skip
    session.add_all(tickets)
    session.flush()
    messages = [
        Message(ticket_id=each.id, direction=Direction.OUTBOUND, body="Halo", received_at=now)
        for each in tickets
    ]
    session.add_all(messages)
    session.flush()
    return [
        OutgoingReply(
            ticket_id=each.ticket_id, message_row_id=each.id, from_name="Layanan",
            from_address="care@example.org", recipient="budi@example.com", subject="Re: KPJ",
            body="Halo", language="id", date=now, secret="secret",
        )
        for each in messages
    ]  # fmt: skip


def _count(url: str, accepted: Path, kills: int, window: set[int], seconds: float) -> Result:
    taken = Counter(accepted.read_text().split())

    def states(database: Database) -> list:
        with database.reading() as session:
            return list(session.execute(select(Delivery.id, Delivery.state, Delivery.message_id)))

    rows = with_database(url, states)
    sent = [row for row in rows if row.state is DeliveryState.SENT]
    unknown = [row for row in rows if row.state is DeliveryState.UNKNOWN]
    return Result(
        kills=kills,
        kills_in_window=len(window),
        sent=len(sent),
        unknown=len(unknown),
        unknown_outside_window=len({row.id for row in unknown} - window),
        unknown_accepted=sum(row.message_id in taken for row in unknown),
        other=DELIVERIES - len(sent) - len(unknown),
        lost=sum(row.message_id not in taken for row in sent),
        twice=sum(times > 1 for times in taken.values()),
        seconds=round(seconds, 1),
    )


class _Sink:
    """Takes mail: a line with its Message-ID first, then the answer, some a little late."""

    def __init__(self, accepted: Path, seed: int) -> None:
        self._file = accepted.open("ab", buffering=0)
        self._dice = random.Random(seed)

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        header = envelope.original_content.partition(b"\r\n\r\n")[0]
        message_id = header.partition(b"\r\nMessage-ID: <")[2].partition(b">")[0]
        self._file.write(message_id + b"\n")
        await asyncio.sleep(self._dice.choice([0, 0, 0.005, 0.02]))
        return "250 stored"


def _serve(accepted: Path, seed: int, tell: Callable[[int], None]) -> None:
    controller = Controller(_Sink(accepted, seed), hostname="127.0.0.1", port=0)
    controller._trigger_server = lambda: None  # it would connect to port 0
    controller._factory_invoked.set()
    with contextlib.suppress(TimeoutError):
        controller.start()
    tell(controller.server.sockets[0].getsockname()[1])


if __name__ == "__main__":
    print(json.dumps(asdict(run(sys.argv[1], Path(sys.argv[2]), int((sys.argv[3:] or ["1"])[0])))))
