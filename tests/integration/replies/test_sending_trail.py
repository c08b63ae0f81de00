"""What left the house, and what was kept from leaving, is in the trail."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk import clock, jobs, work
from helpdesk.accounts.models import AuditEvent
from helpdesk.db import Database
from helpdesk.jobs import Job
from helpdesk.replies import service
from helpdesk.settings import Settings
from tests.integration.replies.conftest import KPJ, NOW, Desk, register
from tests.registry import change


@pytest.fixture
def plant(database: Database, house, tmp_path: Path) -> work.Plant:
    """An approved reply that is due, and nothing it could leave through."""
    conf = Settings(data_dir=str(tmp_path), secret_key="0" * 64)
    register(database)
    with database.transaction() as tx:
        desk = Desk(tx.session, house)
        ticket = desk.ticket()
        desk.claim(ticket)
        desk.draft(ticket)
        approved = service.approve(
            tx.session, ticket.id, 1, desk.agent(), house, now=NOW - dt.timedelta(days=365)
        )
        jobs.enqueue(tx, Job.SEND, [approved.delivery_id], now=clock.now())
    return work.Plant(conf, database, house.blobs, house)


def trail(plant: work.Plant) -> list[tuple[str, dict[str, object]]]:
    with plant.database.reading() as session:
        lines = select(AuditEvent.action, AuditEvent.detail)
        lines = lines.where(AuditEvent.subject_type == "delivery").order_by(AuditEvent.id)
        return [tuple(row) for row in session.execute(lines)]


def test_an_attempt_leaves_a_line_and_what_came_of_it(plant):
    work.drain(plant, Job.SEND)

    assert trail(plant) == [("delivery.send", {"what": "not_sent"})]


def test_what_was_stopped_leaves_one_too(plant):
    change(plant.database, KPJ, full_name="SITI")

    work.drain(plant, Job.SEND)

    assert trail(plant) == [("delivery.stop", {})]
    assert work.verify_audit(plant.database, plant.settings) is None
