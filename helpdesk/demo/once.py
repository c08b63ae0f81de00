"""`helpdesk demo --once`: the whole path on real protocols, without a browser."""

import contextlib
import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial

import msgspec
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from helpdesk import clock, jobs, migrations, work
from helpdesk.accounts.models import Agent
from helpdesk.db import Database
from helpdesk.demo import judge, prepare, servers
from helpdesk.demo.judge import Approved
from helpdesk.jobs import Job
from helpdesk.outbox import handover
from helpdesk.outbox.models import Delivery
from helpdesk.replies import service as replies_service
from helpdesk.replies.models import Draft
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Ticket

_APPROVER = "dewi"
_SOON = dt.timedelta(minutes=5)  # a window that closes while we work counts as closed


def once(conf: Settings) -> int:
    """Walk sample mail and exports to their replies; returns 0 if all of these left."""
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
        imported = prepare.conversations(plant)
        with prepare.step("fetch, match and draft"):
            report = work.poll(plant, 0)
            work.work_off(plant)
        with prepare.step(f"approve as {_APPROVER}, send and hand over"):
            approved = _approve_all(plant)
            work.drain(plant, Job.SEND, for_s=60)
            handed = _hand_all_over(plant)
        problems = judge.mail(plant, postman, approved, len(mails), report.stored)
        problems += judge.exports(plant, imported, approved, handed)
        for problem in problems:
            print(f"  PROBLEM: {problem}")
        return 1 if problems else 0


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
        prepare.registry(database, conf)
    with prepare.step("accounts and sample mail"):
        prepare.accounts(database, conf.data_path)
        mails = prepare.letters()
        servers.deliver(imap_port, mails)
    return mails


def _approve_all(plant: work.Plant) -> Approved:
    """Say yes to every draft that waits, as one supervisor; some need a second person."""
    late = and_(Ticket.window_ends_at.is_not(None), Ticket.window_ends_at <= clock.now() + _SOON)
    with plant.database.reading() as session:
        approver = _approver(session)
        drafts = session.execute(
            select(Draft.ticket_id, Draft.version, late.label("is_late"))
            .join(Ticket, Ticket.id == Draft.ticket_id)
            .where(Ticket.status == TicketStatus.WAITING_AGENT, Ticket.approvals_given == 0)
        ).all()
    in_time = [draft for draft in drafts if not draft.is_late]
    approved = [_approve(plant, draft.ticket_id, draft.version, approver) for draft in in_time]
    made = [each for each in approved if each is not None]
    with plant.database.reading() as session:
        found = list(session.scalars(select(Delivery).where(Delivery.id.in_(made))))
    return Approved(
        tuple(each for each in found if not each.by_hand),
        tuple(each for each in found if each.by_hand),
        waiting_for_second=len(approved) - len(made),
        too_late=len(drafts) - len(in_time),
    )


def _approve(plant: work.Plant, ticket_id: int, version: int, approver: Agent) -> int | None:
    now = clock.now()
    with plant.database.transaction() as tx:
        approved = replies_service.approve(
            tx.session, ticket_id, version, approver, plant.house, now=now
        )
        if approved.delivery_id is not None and not approved.by_hand:
            jobs.enqueue(tx, Job.SEND, [approved.delivery_id], now=now)
    return approved.delivery_id


def _hand_all_over(plant: work.Plant) -> Counter[Channel]:
    """Give out what waits on each channel and mark it as sent; returns how many on each."""
    given: Counter[Channel] = Counter()
    for channel in Channel:
        now = clock.now()
        with plant.database.transaction() as tx:
            handed = handover.hand(
                tx.session,
                plant.blobs,
                channel,
                _approver(tx.session).id,
                may_leave=partial(replies_service.still_valid, tx.session),
                now=now,
            )
        if handed.number is not None:
            with plant.database.transaction() as tx:
                marked = handover.mark_all_sent(tx.session, handed.number, now=clock.now())
            given[channel] = len(marked)
    return given


def _approver(session: Session) -> Agent:
    return session.scalars(select(Agent).where(Agent.login == _APPROVER)).one()
