"""An approved direct reply that the worker sends through the platform's API."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from helpdesk import clock, jobs, work
from helpdesk.accounts.models import AuditEvent
from helpdesk.db import Database
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox import answers
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies import service
from helpdesk.settings import Outbox, Settings
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, Ticket
from tests.integration.replies.conftest import KPJ, Desk, register
from tests.registry import change
from tests.servers import platforms
from tests.servers.platforms import Script

FACTS = ("full_name", "birth_date", "nik")
PHONE = "+6281200009001"


@pytest.fixture
def whatsapp():
    with platforms.running(Channel.WHATSAPP) as platform:
        yield platform


@pytest.fixture
def plant(database: Database, house, tmp_path: Path, whatsapp) -> work.Plant:
    direct = whatsapp.settings(window_hours=24)
    conf = Settings(
        data_dir=str(tmp_path), secret_key="0" * 64, whatsapp=direct, outbox=Outbox(undo_s=0)
    )
    sending = replace(house, undo_s=0, direct={Channel.WHATSAPP: direct})
    return work.Plant(conf, database, house.blobs, sending)


def approved(plant, *, left=dt.timedelta(hours=3), macro=None, **contact) -> int:
    now = clock.now()
    register(plant.database)
    with plant.database.transaction() as tx:
        desk = Desk(tx.session, plant.house)
        fields = {"address": PHONE, "phone": PHONE, "display_name": "Rahmat"} | contact
        tx.session.add(Contact(channel=Channel.WHATSAPP, created_at=now, **fields))
        tx.session.flush()
        ticket = desk.ticket(
            fields["address"], channel=Channel.WHATSAPP, window_ends_at=now + left
        )
        desk.claim(ticket)
        desk.draft(ticket, now=now)
        agent, version = desk.agent(), 1
        if macro:
            version = service.use_macro(
                tx.session, ticket.id, macro, "id", agent.id, plant.house, now
            )
        done = service.approve(
            tx.session, ticket.id, version, agent, plant.house, confirm=FACTS, now=now
        )
        if not done.by_hand:
            jobs.enqueue(tx, Job.SEND, [done.delivery_id], now=now)
        return done.delivery_id


def delivery_of(plant, delivery_id) -> Delivery:
    with plant.database.reading() as session:
        return session.get_one(Delivery, delivery_id)


def trail(plant) -> list[tuple]:
    with plant.database.reading() as session:
        lines = select(AuditEvent.action, AuditEvent.detail)
        lines = lines.where(AuditEvent.subject_type == "delivery").order_by(AuditEvent.id)
        return [tuple(row) for row in session.execute(lines)]


def test_it_leaves_part_by_part_and_is_sent(plant, whatsapp):
    delivery_id = approved(plant)
    work.drain(plant, Job.SEND)

    delivery = delivery_of(plant, delivery_id)
    assert (delivery.state, delivery.parts_sent) == (DeliveryState.SENT, delivery.parts)
    assert delivery.parts > 1
    assert delivery.remote_ids == [f"wamid.{number}" for number in range(delivery.parts)]
    assert KPJ in "".join(whatsapp.texts)
    assert {each.recipient for each in whatsapp.taken} == {PHONE[1:]}
    assert whatsapp.wrong == []
    assert trail(plant) == [("delivery.send", {"what": "accepted"})]


def test_what_was_taken_is_not_sent_again_after_a_refusal(plant, whatsapp):
    whatsapp.scripts += [Script.ACCEPT, Script.BUSY]
    delivery_id = approved(plant)
    work.drain(plant, Job.SEND)
    delivery = delivery_of(plant, delivery_id)
    assert (delivery.state, delivery.parts_sent) == (DeliveryState.DEFERRED, 1)
    with plant.database.transaction() as tx:
        job = tx.session.scalars(select(JobRow)).one()
        assert 110 < (job.not_before - clock.now()).total_seconds() <= 120
        tx.session.execute(update(JobRow).values(not_before=clock.now()))
        tx.session.execute(update(Delivery).values(not_before=clock.now()))
    work.drain(plant, Job.SEND)

    assert delivery_of(plant, delivery_id).state is DeliveryState.SENT
    assert len(whatsapp.texts) == len(set(whatsapp.texts)) == delivery.parts


def test_what_nobody_knows_waits_for_a_person(plant, whatsapp):
    whatsapp.scripts += [Script.ACCEPT, Script.CUT]
    delivery_id = approved(plant)
    work.drain(plant, Job.SEND)
    work.sweep(plant)
    work.drain(plant, Job.SEND)

    delivery = delivery_of(plant, delivery_id)
    assert (delivery.state, delivery.parts_sent) == (DeliveryState.UNKNOWN, 1)
    assert len(whatsapp.texts) == 2
    with plant.database.reading() as session:
        assert session.scalars(select(Ticket.status)).one() is TicketStatus.WAITING_AGENT


def test_a_window_that_closed_since_the_approval_is_noticed_before_anything_leaves(
    plant, whatsapp
):
    delivery_id = approved(plant)
    with plant.database.transaction() as tx:
        tx.session.execute(update(Ticket).values(window_ends_at=clock.now()))
    work.drain(plant, Job.SEND)

    delivery = delivery_of(plant, delivery_id)
    assert (delivery.state, delivery.answer) == (DeliveryState.FAILED, answers.CLOSED)
    assert whatsapp.asked == []
    assert trail(plant) == [("delivery.stop", {})]


def test_a_window_the_platform_finds_closed_is_told_in_the_same_words(plant, whatsapp):
    whatsapp.scripts += [Script.CLOSED]
    delivery_id = approved(plant)
    work.drain(plant, Job.SEND)
    delivery = delivery_of(plant, delivery_id)
    assert (delivery.state, delivery.answer) == (DeliveryState.FAILED, answers.CLOSED)


def test_a_record_that_changed_keeps_it_from_leaving(plant, whatsapp):
    delivery_id = approved(plant)
    change(plant.database, KPJ, full_name="SITI")
    work.drain(plant, Job.SEND)
    assert delivery_of(plant, delivery_id).state is DeliveryState.FAILED
    assert whatsapp.asked == []


def test_a_token_that_ran_out_keeps_the_reply_and_its_attempts(plant, whatsapp):
    direct = msgspec.structs.replace(plant.settings.whatsapp, api_token="old")
    old = replace(plant, settings=msgspec.structs.replace(plant.settings, whatsapp=direct))
    delivery_id = approved(plant)
    work.drain(old, Job.SEND)
    delivery = delivery_of(plant, delivery_id)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEFERRED, 0)
    assert delivery.answer.startswith("login: 401")


@pytest.mark.parametrize(
    "contact",
    [
        {"address": "id.9001", "platform_id": "ID.9001", "phone": ""},
        {"is_group": True},
    ],
    ids=["no number", "a group"],
)
def test_a_contact_the_api_cannot_name_is_left_to_people(plant, whatsapp, contact):
    delivery_id = approved(plant, **contact)
    work.drain(plant, Job.SEND)
    assert delivery_of(plant, delivery_id).by_hand
    assert whatsapp.asked == []


def test_the_request_to_write_again_is_left_to_people(plant, whatsapp):
    delivery_id = approved(plant, left=-dt.timedelta(hours=1), macro="reopen_window")
    delivery = delivery_of(plant, delivery_id)
    assert (delivery.by_hand, delivery.any_time) == (True, True)
