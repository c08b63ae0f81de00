"""Two people, or a person and a worker, at one draft at the same moment."""

import datetime as dt
import threading
import time

import pytest
from sqlalchemy import update

from helpdesk.accounts.models import Agent
from helpdesk.db import Database
from helpdesk.errors import ConflictError
from helpdesk.identity.types import About
from helpdesk.matching.models import ClaimRow
from helpdesk.replies import service
from helpdesk.replies.models import Draft
from helpdesk.tickets.models import Ticket
from helpdesk.web.reply import _seen
from tests.integration.replies.conftest import KPJ, NOW, Desk, register
from tests.registry import change

HELD_S = 0.4  # the first keeps its transaction open so long that the second must wait


@pytest.fixture
def ready(database: Database, house) -> tuple[Database, Desk, int, int]:
    """A drafted ticket, committed, and an agent."""
    register(database)
    with database.transaction() as tx:
        desk = Desk(tx.session, house)
        ticket = desk.ticket()
        desk.claim(ticket)
        desk.draft(ticket)
        return database, desk, ticket.id, desk.agent().id


def test_of_two_agents_who_saw_one_version_the_second_is_told(ready):
    database, _, ticket_id, agent_id = ready
    results: list[str] = []
    inside = threading.Event()

    def edit(body: str, held_s: float) -> None:
        try:
            with database.transaction() as tx:
                seen = _seen(tx.session, ticket_id, 1)  # held, as the endpoint does
                service.edit(tx.session, ticket_id, 1, body, agent_id, NOW)
                inside.set()
                time.sleep(held_s)
            results.append(seen.body.strip())
        except ConflictError:
            results.append("told")

    first = threading.Thread(target=edit, args=("Satu", HELD_S))
    first.start()
    assert inside.wait(5)
    edit("Dua", 0)
    first.join()

    assert sorted(results) == ["Satu", "told"]


def test_a_redraft_does_not_overwrite_what_an_agent_is_saving(ready):
    database, desk, ticket_id, agent_id = ready
    inside = threading.Event()

    def edit() -> None:
        with database.transaction() as tx:
            service.edit(tx.session, ticket_id, 1, "Teks petugas", agent_id, NOW)
            inside.set()
            time.sleep(HELD_S)

    change(database, KPJ, full_name="SITI LAIN")  # a new decision
    with database.reading() as session:
        known = service.prepare(session, [ticket_id], desk.house, now=NOW)
    agent = threading.Thread(target=edit)
    agent.start()
    assert inside.wait(5)
    with database.transaction() as tx:
        service.save(tx.session, known, now=NOW)
    agent.join()

    with database.reading() as session:
        kept = session.query(Draft).one()
        assert (kept.body, kept.edited_by_id) == ("Teks petugas\n", agent_id)
        assert (kept.disclosure, kept.version) == ("redirect", 3)


@pytest.mark.parametrize(("news", "disclosure"), [("message", "masked"), ("claim", "redirect")])
def test_of_two_workers_the_one_that_read_first_and_ends_last_does_no_harm(
    ready, news, disclosure
):
    database, desk, ticket_id, agent_id = ready
    with database.reading() as session:
        stale = service.prepare(session, [ticket_id], desk.house, now=NOW)
    with database.transaction() as tx:
        later = Desk(tx.session, desk.house, desk.numbers)
        ticket = tx.session.get_one(Ticket, ticket_id)
        if news == "message":
            later.message(ticket, authentic=False)
        else:
            matched = {"matched_at": NOW + dt.timedelta(seconds=1), "about": About.OTHER}
            tx.session.execute(update(ClaimRow).values(**matched))
        later.draft(ticket)

    with database.transaction() as tx:
        anew = service.renewed(tx.session, stale, desk.house, now=NOW)
        service.save(tx.session, anew, now=NOW)

    with database.transaction() as tx:
        kept = tx.session.query(Draft).one()
        agent = tx.session.get_one(Agent, agent_id)
        service.approve(
            tx.session, ticket_id, kept.version, agent, desk.house, confirm=(), now=NOW
        )  # would refuse a draft of less than is known
        assert (kept.disclosure, kept.version) == (disclosure, 2)
