"""What pages are told of deliveries."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.outbox import queries, service
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket
from tests.integration.outbox.conftest import NOW, Desk
from tests.integration.outbox.test_service import ACCEPTED, BUSY, LOST, NO_LOGIN, REFUSED, attempt

SOON = NOW + dt.timedelta(minutes=5)
LATER = NOW + dt.timedelta(hours=2)


def test_a_ticket_shows_its_own_deliveries(desk: Desk):
    mine, _other = desk.queue(undo_s=15), desk.queue()
    ticket_id = desk.delivery(mine).ticket_id
    [view] = desk.call(lambda session, now: queries.of_ticket(session, ticket_id))
    assert (view.id, view.state, view.can_cancel) == (mine, DeliveryState.QUEUED, True)
    assert view.not_before == NOW + dt.timedelta(seconds=15)


def test_what_was_begun_offers_no_undo(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, LOST)
    desk.call(service.resolve_unknown, delivery_id, sent=False)
    ticket_id = desk.delivery(delivery_id).ticket_id
    [view] = desk.call(lambda session, now: queries.of_ticket(session, ticket_id))
    assert not view.can_cancel


def test_problems_are_the_unknown_and_the_failed(desk: Desk):
    ids = [desk.queue() for _ in range(4)]
    for each, outcome in zip(ids, (LOST, REFUSED, BUSY, ACCEPTED), strict=True):
        attempt(desk, each, outcome)
    found = desk.call(queries.problems, now=SOON)
    assert [each.delivery.id for each in found] == ids[:2]
    assert found[0].subject == "KPJ hilang"
    assert desk.call(_counted, now=SOON) == 2


def test_what_waits_for_an_hour_is_a_problem_too(desk: Desk):
    deferred, never_tried = desk.queue(), desk.queue()
    attempt(desk, deferred, BUSY)
    found = desk.call(queries.problems, now=LATER)
    assert [each.delivery.id for each in found] == [deferred, never_tried]


def test_a_server_that_refuses_our_login_is_a_problem_at_once(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, NO_LOGIN)
    [found] = desk.call(queries.problems, now=SOON)
    assert (found.delivery.id, found.delivery.answer) == (delivery_id, "login: 535 words")


def test_a_failure_an_agent_has_dealt_with_is_no_problem(desk: Desk):
    attempt(desk, desk.queue(), REFUSED)
    with desk.database.transaction() as tx:
        tx.session.execute(update(Ticket).values(status=TicketStatus.CLOSED))
    assert desk.call(queries.problems, now=SOON) == []


def _counted(session: Session, *, now: dt.datetime) -> int | None:
    asked = {"late_before": queries.late_before(now)}
    return session.scalar(select(queries.count_problems()), asked)
