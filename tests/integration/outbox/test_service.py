"""What becomes of a delivery, on both databases."""

import datetime as dt
import threading

import pytest
from sqlalchemy import func, select, update

from helpdesk.blobs import Blob
from helpdesk.db import Transaction
from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.jobs import Job, enqueue
from helpdesk.outbox import mail, service
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Outcome, OutcomeKind, Phase
from helpdesk.settings import Outbox
from helpdesk.tickets.kinds import Direction, TicketStatus
from helpdesk.tickets.models import Message, Ticket
from tests.integration.outbox.conftest import NOW, Desk

CONF = Outbox(undo_s=15, retry_after_s=300, max_attempts=3)
ACCEPTED = (OutcomeKind.ACCEPTED, Phase.FINAL, 250)
REFUSED = (OutcomeKind.REFUSED, Phase.RCPT, 550)
BUSY = (OutcomeKind.REFUSED_FOR_NOW, Phase.RCPT, 450)
NO_LOGIN = (OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN, 535)
LOST = (OutcomeKind.UNKNOWN, Phase.FINAL, None)


def test_queued_bytes_are_the_built_ones_and_the_message_knows_its_id(desk: Desk):
    reply = desk.reply()
    queued = desk.call(service.queue, desk.blobs, reply, undo_s=0)
    with desk.database.reading() as session:
        assert desk.blobs.read(session, queued.sha256) == mail.build(reply)
        message = session.get(Message, reply.message_row_id)
    assert message.message_id == queued.message_id == mail.message_id(reply)


def test_a_reply_is_queued_only_once(desk: Desk):
    reply = desk.reply()
    desk.call(service.queue, desk.blobs, reply, undo_s=0)
    with pytest.raises(ConflictError):
        desk.call(service.queue, desk.blobs, reply, undo_s=0)


def test_nothing_leaves_during_the_undo_time(desk: Desk):
    delivery_id = desk.queue(undo_s=15)
    assert desk.begin(delivery_id, NOW + dt.timedelta(seconds=14)) is None
    assert desk.begin(delivery_id, NOW + dt.timedelta(seconds=15)) is not None


def test_begin_hands_out_the_frozen_bytes_and_counts_the_attempt(desk: Desk):
    delivery_id = desk.queue()
    outgoing = desk.begin(delivery_id)
    delivery = desk.delivery(delivery_id)
    assert (outgoing.sender, outgoing.recipient) == ("care@example.org", delivery.recipient)
    assert (delivery.state, delivery.attempts, outgoing.attempt) == (DeliveryState.SENDING, 1, 1)
    assert delivery.sending_since == NOW


def test_what_is_being_sent_is_not_begun_again(desk: Desk):
    delivery_id = desk.queue()
    desk.begin(delivery_id)
    assert desk.begin(delivery_id, NOW + dt.timedelta(days=9)) is None


def test_of_two_workers_at_once_one_gets_it(desk: Desk):
    delivery_id, got = desk.queue(), []
    threads = [
        threading.Thread(target=lambda: got.append(desk.begin(delivery_id))) for _ in range(4)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len([each for each in got if each is not None]) == 1


def test_a_delivery_that_does_not_exist_is_said(desk: Desk):
    with pytest.raises(NotFoundError):
        desk.begin(404)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda row: update(Blob).where(Blob.sha256 == row.sha256).values(content=b"x"),
        lambda row: update(Delivery).values(recipient="other@example.net"),
        lambda row: (
            update(Blob)
            .where(Blob.sha256 == row.sha256)
            .values(content=b"From: a@b.c\r\nTo: " + row.recipient.encode() + b"\r\n\r\nx")
        ),
    ],
    ids=["no mail", "recipient", "body"],
)
def test_what_was_changed_after_approval_never_leaves(desk: Desk, tamper):
    delivery_id = desk.queue()
    with desk.database.transaction() as tx:
        tx.session.execute(tamper(desk.delivery(delivery_id)))
    assert desk.begin(delivery_id) is None
    assert desk.state(delivery_id) is DeliveryState.FAILED
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_an_accepted_reply_is_sent_and_the_ticket_waits_for_the_participant(desk: Desk):
    delivery_id = desk.queue()
    assert attempt(desk, delivery_id, ACCEPTED) is None
    delivery = desk.delivery(delivery_id)
    assert (delivery.state, delivery.sent_at) == (DeliveryState.SENT, NOW)
    assert desk.status(delivery_id) is TicketStatus.WAITING_PARTICIPANT


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(REFUSED, DeliveryState.FAILED), (LOST, DeliveryState.UNKNOWN)],
    ids=["failed", "unknown"],
)
def test_a_person_is_told_what_did_not_surely_arrive(desk: Desk, outcome, state):
    delivery_id = desk.queue()
    assert attempt(desk, delivery_id, outcome) is None
    assert desk.state(delivery_id) is state
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_a_closed_ticket_comes_back_when_its_reply_failed(desk: Desk):
    delivery_id = desk.queue()
    with desk.database.transaction() as tx:
        tx.session.execute(update(Ticket).values(status=TicketStatus.CLOSED))
    attempt(desk, delivery_id, REFUSED)
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_a_deferred_reply_is_tried_again_ever_later_and_then_fails(desk: Desk):
    delivery_id, now = desk.queue(), NOW
    waits = []
    for _ in range(2):
        waits.append(attempt(desk, delivery_id, BUSY, now=now))
        assert desk.begin(delivery_id, now) is None
        now += dt.timedelta(seconds=waits[-1])
    assert waits == [300, 600]
    assert attempt(desk, delivery_id, BUSY, now=now) is None
    assert desk.state(delivery_id) is DeliveryState.FAILED


def test_a_wrong_password_is_tried_for_ever_at_a_steady_pace(desk: Desk):
    delivery_id, now = desk.queue(), NOW
    for _ in range(20):
        assert attempt(desk, delivery_id, NO_LOGIN, now=now) == 300
        now += dt.timedelta(seconds=300)
    assert desk.delivery(delivery_id).attempts == 0
    attempt(desk, delivery_id, ACCEPTED, now=now)
    assert desk.state(delivery_id) is DeliveryState.SENT


def test_undo_gives_the_ticket_back_and_keeps_the_message(desk: Desk):
    delivery_id = desk.queue(undo_s=15)
    ticket_id = desk.call(service.cancel, delivery_id)
    assert desk.begin(delivery_id, NOW + dt.timedelta(hours=1)) is None
    assert desk.state(delivery_id) is DeliveryState.CANCELLED
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT
    assert ticket_id == desk.delivery(delivery_id).ticket_id
    with desk.database.reading() as session:
        assert session.scalar(select(func.count(Message.id))) == 1


@pytest.mark.parametrize("outcome", [None, ACCEPTED, BUSY, LOST, REFUSED])
def test_what_was_begun_cannot_be_taken_back(desk: Desk, outcome):
    delivery_id = desk.queue()
    desk.begin(delivery_id) if outcome is None else attempt(desk, delivery_id, outcome)
    with pytest.raises(ConflictError):
        desk.call(service.cancel, delivery_id)


def test_undoing_twice_is_said(desk: Desk):
    delivery_id = desk.queue(undo_s=15)
    desk.call(service.cancel, delivery_id)
    with pytest.raises(ConflictError, match="cancelled"):
        desk.call(service.cancel, delivery_id)


def test_a_worker_that_does_not_come_back_leaves_an_unknown_reply(desk: Desk):
    delivery_id, waiting_id = desk.queue(), desk.queue()
    desk.begin(delivery_id)
    lease = dt.timedelta(seconds=service.SENDING_LEASE_S)
    assert desk.call(service.expire_sending, now=NOW + lease / 2) == []
    assert desk.call(service.expire_sending, now=NOW + lease) == [delivery_id]
    assert desk.state(delivery_id) is DeliveryState.UNKNOWN
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT
    assert desk.state(waiting_id) is DeliveryState.QUEUED
    assert desk.begin(delivery_id, NOW + lease * 9) is None


def test_the_answer_of_a_slow_worker_settles_what_was_unknown(desk: Desk):
    delivery_id = desk.queue()
    outgoing = desk.begin(delivery_id)
    desk.call(service.expire_sending, lease_s=0)
    record(desk, delivery_id, ACCEPTED, outgoing.attempt)
    assert desk.state(delivery_id) is DeliveryState.SENT
    assert desk.status(delivery_id) is TicketStatus.WAITING_PARTICIPANT


def test_the_answer_of_a_slow_worker_makes_a_second_copy_needless(desk: Desk):
    delivery_id = desk.queue()
    outgoing = desk.begin(delivery_id)
    desk.call(service.expire_sending, lease_s=0)
    desk.call(service.resolve_unknown, delivery_id, sent=False)
    record(desk, delivery_id, ACCEPTED, outgoing.attempt)
    assert desk.begin(delivery_id) is None
    assert desk.state(delivery_id) is DeliveryState.SENT


def test_the_answer_to_an_older_attempt_changes_nothing(desk: Desk):
    delivery_id = desk.queue()
    old = desk.begin(delivery_id)
    desk.call(service.expire_sending, lease_s=0)
    desk.call(service.resolve_unknown, delivery_id, sent=False)
    desk.begin(delivery_id)
    record(desk, delivery_id, REFUSED, old.attempt)
    assert desk.state(delivery_id) is DeliveryState.SENDING


def test_a_person_found_that_it_was_sent(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, LOST)
    desk.call(service.resolve_unknown, delivery_id, sent=True, now=NOW + dt.timedelta(days=1))
    delivery = desk.delivery(delivery_id)
    assert (delivery.state, delivery.sent_at) == (DeliveryState.SENT, NOW)
    assert desk.status(delivery_id) is TicketStatus.WAITING_PARTICIPANT


def test_a_person_sends_the_same_bytes_again(desk: Desk):
    delivery_id = desk.queue()
    first = desk.begin(delivery_id)
    record(desk, delivery_id, LOST, first.attempt)
    desk.call(service.resolve_unknown, delivery_id, sent=False)
    again = desk.begin(delivery_id)
    assert (again.content, again.attempt) == (first.content, 2)


def test_a_ticket_the_participant_wrote_to_again_keeps_waiting_for_an_agent(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, LOST)
    with desk.database.transaction() as tx:
        ticket_id = desk.delivery(delivery_id).ticket_id
        tx.session.add(
            Message(ticket_id=ticket_id, direction=Direction.INBOUND, body="?", received_at=NOW)
        )
    desk.call(service.resolve_unknown, delivery_id, sent=True)
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_only_an_unknown_delivery_can_be_resolved(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, ACCEPTED)
    with pytest.raises(ConflictError):
        desk.call(service.resolve_unknown, delivery_id, sent=False)


def test_a_person_gives_up_on_a_deferred_reply(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, BUSY)
    desk.call(service.abandon, delivery_id)
    assert desk.state(delivery_id) is DeliveryState.FAILED
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_a_bounce_fails_the_delivery_it_quotes_and_no_other(desk: Desk):
    hit, other = desk.queue(), desk.queue()
    for each in (hit, other):
        attempt(desk, each, ACCEPTED)
    tickets = bounce(desk, hit, reason="550 no such user peserta@example.com")
    assert tickets == [desk.delivery(hit).ticket_id]
    assert (desk.state(hit), desk.state(other)) == (DeliveryState.FAILED, DeliveryState.SENT)
    assert desk.status(hit) is TicketStatus.WAITING_AGENT
    assert desk.delivery(hit).answer == "550 no such user […]"


@pytest.mark.parametrize(
    ("ids", "recipients"),
    [
        (["nobody@example.org"], None),
        (None, ["victim@example.com"]),
        ([], None),
        (["\x00", "é", "\ud800"], None),
    ],
)
def test_a_forged_bounce_is_not_believed(desk: Desk, ids, recipients):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, ACCEPTED)
    assert bounce(desk, delivery_id, ids=ids, recipients=recipients) == []
    assert desk.state(delivery_id) is DeliveryState.SENT


def test_a_bounce_of_what_was_never_tried_is_not_believed(desk: Desk):
    delivery_id = desk.queue()
    assert bounce(desk, delivery_id) == []
    assert desk.state(delivery_id) is DeliveryState.QUEUED


def test_a_bounce_that_names_nobody_is_believed_by_its_message_id(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, ACCEPTED)
    assert bounce(desk, delivery_id, recipients=[])
    assert desk.state(delivery_id) is DeliveryState.FAILED


def test_a_bounce_may_be_faster_than_the_worker(desk: Desk):
    delivery_id = desk.queue()
    outgoing = desk.begin(delivery_id)
    bounce(desk, delivery_id)
    record(desk, delivery_id, ACCEPTED, outgoing.attempt)
    assert desk.state(delivery_id) is DeliveryState.FAILED


def test_a_server_that_is_still_trying_has_accepted_it(desk: Desk):
    delivery_id = desk.queue()
    attempt(desk, delivery_id, LOST)
    assert bounce(desk, delivery_id, permanent=False, reason="still trying")
    delivery = desk.delivery(delivery_id)
    assert (delivery.state, delivery.answer) == (DeliveryState.SENT, "still trying")
    assert desk.status(delivery_id) is TicketStatus.WAITING_PARTICIPANT


def test_an_answer_proves_that_an_unknown_reply_arrived(desk: Desk):
    answered, other, queued = desk.queue(), desk.queue(), desk.queue()
    for each in (answered, other):
        attempt(desk, each, LOST)
    ids = [desk.delivery(each).message_id for each in (answered, queued)]
    found = desk.call(service.quoted, [*ids, "\x00"], now=NOW + dt.timedelta(days=1))
    assert found == [answered]
    assert desk.delivery(answered).sent_at == NOW
    assert [desk.state(each) for each in (answered, other, queued)] == [
        DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.QUEUED,
    ]  # fmt: skip


def test_a_due_reply_without_a_job_is_found(desk: Desk):
    lost, sent, has_job = desk.queue(), desk.queue(), desk.queue()
    desk.queue(undo_s=3600)
    attempt(desk, sent, ACCEPTED)
    with desk.database.transaction() as tx:
        assert isinstance(tx, Transaction)
        enqueue(tx, Job.SEND, [has_job], now=NOW)
    assert desk.call(service.overdue, now=NOW + dt.timedelta(minutes=2)) == [lost]


def attempt(desk: Desk, delivery_id: int, outcome, *, now: dt.datetime = NOW):
    outgoing = desk.begin(delivery_id, now)
    return record(desk, delivery_id, outcome, outgoing.attempt, now=now)


def record(desk: Desk, delivery_id: int, outcome, number: int, *, now: dt.datetime = NOW):
    kind, phase, code = outcome
    result = Outcome(kind, phase, number, code, "words")
    return desk.call(service.record, delivery_id, result, conf=CONF, now=now)


def bounce(desk: Desk, delivery_id: int, *, ids=None, recipients=None, permanent=True, reason=""):
    delivery = desk.delivery(delivery_id)
    return desk.call(
        service.bounced,
        [delivery.message_id] if ids is None else ids,
        [delivery.recipient.upper()] if recipients is None else recipients,
        permanent=permanent,
        reason=reason,
    )
