"""`helpdesk demo --once`: the whole path on real protocols, without a browser."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import select

from helpdesk import clock, jobs, migrations, work
from helpdesk.accounts.models import Agent
from helpdesk.db import Database
from helpdesk.demo import prepare, servers
from helpdesk.jobs import Job
from helpdesk.outbox.models import Delivery, DeliveryState
from helpdesk.replies import service as replies_service
from helpdesk.replies.models import Draft
from helpdesk.settings import Settings
from helpdesk.tickets.models import Ticket

_APPROVER = "dewi"


@dataclass(frozen=True, slots=True)
class _Sent:
    deliveries: tuple[Delivery, ...]
    waiting_for_second: int


def once(conf: Settings) -> int:
    """Fetch, match, draft, approve and send sample mail; returns 0 if all of it arrived."""
    with contextlib.ExitStack() as stack:
        conf = stack.enter_context(_folder(conf))
        imap_port = stack.enter_context(servers.imap())
        postman = servers.Postman(prepare.CARE, imap_port, conf.data_path / "participants")
        smtp_port = stack.enter_context(servers.smtp(postman))
        env = prepare.environ(
            conf, imap_port=imap_port, smtp_port=smtp_port, web_port=conf.web.port
        )
        conf = prepare.demo_settings(env | {"HELPDESK_OUTBOX_UNDO_S": "0"})
        database = Database(conf.database)
        stack.callback(database.dispose)
        mails = _prepare(conf, database, imap_port)
        plant = work.open_plant(conf, database)
        with prepare.step("fetch, match and draft"):
            report = work.poll(plant, 0)
            work.work_off(plant)
        with prepare.step(f"approve as {_APPROVER} and send"):
            sent = _approve_all(plant)
            work.drain(plant, Job.SEND, for_s=60)
        return _judge(plant, postman, sent, expected=len(mails), stored=report.stored)


@contextlib.contextmanager
def _folder(conf: Settings) -> Iterator[Settings]:
    """Use the folder the environment names, or one that is gone afterwards."""
    if conf.data_dir != "var":
        conf.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield conf
        return
    with tempfile.TemporaryDirectory(prefix="helpdesk-demo-") as folder:
        yield msgspec.structs.replace(conf, data_dir=folder)


def _prepare(conf: Settings, database: Database, imap_port: int) -> list[bytes]:
    with prepare.step("database"):
        migrations.upgrade(database)
    with prepare.step(f"registry of {prepare.PEOPLE:,} made-up people"):
        prepare.registry(database, conf.data_path)
    with prepare.step("accounts and sample mail"):
        prepare.accounts(database, conf.data_path)
        mails = prepare.letters()
        servers.deliver(imap_port, mails)
    return mails


def _approve_all(plant: work.Plant) -> _Sent:
    """Say yes to every draft that waits, as one supervisor; some need a second person."""
    with plant.database.reading() as session:
        approver = session.scalars(select(Agent).where(Agent.login == _APPROVER)).one()
        drafts = session.execute(
            select(Draft.ticket_id, Draft.version)
            .join(Ticket, Ticket.id == Draft.ticket_id)
            .where(Ticket.status == "waiting_agent", Ticket.approvals_given == 0)
        ).all()
    deliveries, waiting = [], 0
    for ticket_id, version in drafts:
        delivery_id = _approve(plant, ticket_id, version, approver)
        if delivery_id is None:
            waiting += 1
        else:
            deliveries.append(delivery_id)
    with plant.database.reading() as session:
        found = session.scalars(select(Delivery).where(Delivery.id.in_(deliveries)))
        return _Sent(tuple(found), waiting)


def _approve(plant: work.Plant, ticket_id: int, version: int, approver: Agent) -> int | None:
    now = clock.now()
    with plant.database.transaction() as tx:
        approved = replies_service.approve(
            tx.session, ticket_id, version, approver, plant.house, now=now
        )
        if approved.delivery_id is not None:
            jobs.enqueue(tx, Job.SEND, [approved.delivery_id], now=now)
    return approved.delivery_id


def _judge(
    plant: work.Plant, postman: servers.Postman, sent: _Sent, *, expected: int, stored: int
) -> int:
    with plant.database.reading() as session:
        ids = [delivery.id for delivery in sent.deliveries]
        now_sent = list(
            session.scalars(
                select(Delivery).where(Delivery.id.in_(ids), Delivery.state == DeliveryState.SENT)
            )
        )
        disclosures = Counter(session.scalars(select(Draft.disclosure)))
    arrived = Counter(str(message["Message-ID"]).strip("<> ") for _, message in postman.delivered)
    print(f"\n  {stored} of {expected} mails fetched")
    print("  decided: " + ", ".join(f"{count} {what}" for what, count in disclosures.items()))
    print(f"  {len(sent.deliveries)} approved, {sent.waiting_for_second} wait for a second person")
    print(f"  {len(now_sent)} sent, {arrived.total()} arrived")
    problems = [
        text
        for bad, text in (
            (stored != expected, "not every mail was fetched"),
            (not ids or len(now_sent) != len(ids), "not every approved reply was sent"),
            (
                arrived != Counter(delivery.message_id for delivery in sent.deliveries),
                "what arrived is not what was approved",
            ),
        )
        if bad
    ]
    for problem in problems:
        print(f"  PROBLEM: {problem}")
    return 1 if problems else 0
