"""Replies that people send: each is given out once, and what became of it is what they say."""

import datetime as dt
import json
import threading
import time

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Agent, Role
from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.outbox import direct, handover, service
from helpdesk.outbox.direct import OutgoingDirect
from helpdesk.outbox.dm import DirectReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Step
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.integration.outbox.conftest import NOW

WHATSAPP = Channel.WHATSAPP
OPEN, CLOSED = NOW + dt.timedelta(hours=2), NOW - dt.timedelta(hours=1)
HELD_S = 0.4


class Desk:
    """One database and what these tests do to it, each in its own transaction."""

    def __init__(self, database, blobs) -> None:
        self.database, self.blobs = database, blobs
        with database.transaction() as tx:
            agent = Agent(
                login="sari", name="Sari", role=Role.AGENT, password_hash="x", created_at=NOW
            )
            tx.session.add(agent)
            tx.session.flush()
            self.agent_id = agent.id

    def queue(self, *texts, channel=WHATSAPP, ends=None, any_time=False, undo_s=0.0, by_hand=True):
        with self.database.transaction() as tx:
            number = len(list(tx.session.scalars(select(Contact.id)))) + 1
            phone = f"+62812000{number:05}"
            contact = Contact(
                channel=channel, address=phone, phone=phone, display_name="Peserta", created_at=NOW
            )
            tx.session.add(contact)
            tx.session.flush()
            ticket = Ticket(
                channel=channel, contact_id=contact.id, subject="", opened_at=NOW, updated_at=NOW,
                waiting_since=NOW, status=TicketStatus.WAITING_PARTICIPANT, window_ends_at=ends,
            )  # fmt: skip
            tx.session.add(ticket)
            tx.session.flush()
            message = Message(
                ticket_id=ticket.id, direction=Direction.OUTBOUND, body="Halo", received_at=NOW
            )
            tx.session.add(message)
            tx.session.flush()
            outgoing = OutgoingDirect(
                ticket_id=ticket.id, message_row_id=message.id, date=NOW, secret="secret",
                reply=DirectReply(channel, phone, texts or ("Halo",)), by_hand=by_hand,
                any_time=any_time,
            )  # fmt: skip
            return direct.queue(tx.session, self.blobs, outgoing, undo_s=undo_s, now=NOW).id

    def hand(self, channel=WHATSAPP, *, may_leave=lambda _: True, now=NOW):
        with self.database.transaction() as tx:
            return handover.hand(
                tx.session, self.blobs, channel, self.agent_id, may_leave=may_leave, now=now
            )

    def call(self, function, *args, **named):
        with self.database.transaction() as tx:
            return function(tx.session, *args, **({"now": NOW} | named))

    def lines(self, number):
        with self.database.reading() as session:
            content = handover.file(session, self.blobs, number)
        return [json.loads(line) for line in content.splitlines()]

    def delivery(self, delivery_id):
        with self.database.reading() as session:
            return session.get_one(Delivery, delivery_id)

    def state(self, delivery_id):
        return self.delivery(delivery_id).state

    def status(self, delivery_id):
        with self.database.reading() as session:
            return session.get_one(Ticket, self.delivery(delivery_id).ticket_id).status


@pytest.fixture
def desk(database, blobs):
    return Desk(database, blobs)


def test_a_hand_over_gives_out_every_part_of_what_waits_and_says_who_took_it(desk):
    one, two = desk.queue("Satu", "Dua"), desk.queue("=1+1")

    handed = desk.hand()

    assert handed.delivery_ids == (one, two)
    assert [(each["reply"], each["part"], each["text"]) for each in desk.lines(handed.number)] == [
        (one, 1, "Satu"), (one, 2, "Dua"), (two, 1, "=1+1"),
    ]  # fmt: skip
    assert desk.lines(handed.number)[0]["phone"] == "6281200000001"
    row = desk.delivery(one)
    assert (row.state, row.handed_by_id, row.handover) == (
        DeliveryState.HANDED, desk.agent_id, handed.number,
    )  # fmt: skip


def test_nothing_is_given_out_twice_and_the_same_file_can_be_had_again(desk):
    desk.queue()
    first = desk.hand()
    before = desk.lines(first.number)
    later = desk.queue()

    second = desk.hand()

    assert second.delivery_ids == (later,)
    assert desk.hand().number is None
    assert desk.lines(first.number) == before
    with pytest.raises(NotFoundError):
        desk.lines(99)


def test_what_closes_first_comes_first_and_what_has_closed_stays(desk):
    late = desk.queue(ends=OPEN + dt.timedelta(hours=5))
    never, soon, closed = desk.queue(), desk.queue(ends=OPEN), desk.queue(ends=CLOSED)
    reminder = desk.queue(ends=CLOSED, any_time=True)

    assert desk.hand().delivery_ids == (reminder, soon, late, never)
    assert desk.state(closed) is DeliveryState.QUEUED


def test_neither_other_channels_nor_what_can_still_be_undone_nor_a_machines_is_given_out(desk):
    desk.queue(channel=Channel.X)
    desk.queue(undo_s=15)
    desk.queue(by_hand=False)
    assert desk.hand().number is None


def test_what_changed_since_the_approval_is_stopped_and_its_ticket_comes_back(desk):
    good, bad = desk.queue(), desk.queue()

    handed = desk.hand(may_leave=lambda delivery_id: delivery_id == good)

    assert (handed.delivery_ids, handed.stopped) == ((good,), (bad,))
    assert desk.state(bad) is DeliveryState.FAILED
    assert desk.status(bad) is TicketStatus.WAITING_AGENT


def test_of_two_people_at_once_one_gets_it_and_the_other_nothing(desk):
    desk.queue()
    numbers: list[int | None] = []
    inside = threading.Event()

    def first() -> None:
        with desk.database.transaction() as tx:
            handed = handover.hand(
                tx.session, desk.blobs, WHATSAPP, desk.agent_id, may_leave=lambda _: True, now=NOW
            )
            inside.set()
            time.sleep(HELD_S)
        numbers.append(handed.number)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(5)
    numbers.append(desk.hand().number)
    thread.join()

    assert sorted(numbers, key=str) == [1, None]


def test_whoever_sent_it_says_so_also_without_a_hand_over(desk):
    delivery_id = desk.queue("Satu", "Dua")

    desk.call(handover.mark_sent, delivery_id, desk.agent_id)

    row = desk.delivery(delivery_id)
    assert (row.state, row.sent_at, row.parts_sent) == (DeliveryState.SENT, NOW, 2)
    assert row.handed_by_id == desk.agent_id
    with pytest.raises(ConflictError):
        desk.call(handover.mark_sent, delivery_id, desk.agent_id)


def test_also_when_the_window_has_closed_meanwhile(desk):
    delivery_id = desk.queue(ends=CLOSED)
    desk.call(handover.mark_sent, delivery_id, desk.agent_id)
    assert desk.state(delivery_id) is DeliveryState.SENT


def test_a_mark_made_by_mistake_is_taken_back_and_nobody_else_gets_the_reply(desk):
    delivery_id = desk.queue()
    desk.call(handover.mark_sent, delivery_id, desk.agent_id)

    desk.call(handover.unmark, delivery_id)

    row = desk.delivery(delivery_id)
    assert (row.state, row.sent_at, row.parts_sent) == (DeliveryState.HANDED, None, 0)
    assert desk.hand().number is None
    with pytest.raises(ConflictError):
        desk.call(service.cancel, delivery_id)


def test_a_whole_hand_over_is_marked_but_for_what_was_settled_before(desk):
    one, two, three = desk.queue(), desk.queue(), desk.queue()
    number = desk.hand().number
    desk.call(handover.settle, one, Step.FAIL, why="nomor 081200009001 tidak terdaftar")
    desk.call(handover.settle, two, Step.LOSE)

    marked = desk.call(handover.mark_all_sent, number)

    assert marked == [three]
    assert [desk.state(each) for each in (one, two, three)] == [
        DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SENT,
    ]  # fmt: skip
    assert desk.status(one) is desk.status(two) is TicketStatus.WAITING_AGENT
    assert desk.delivery(one).answer == "nomor […] tidak terdaftar"


def test_an_unknown_one_that_was_not_sent_waits_to_be_handed_over_again(desk):
    delivery_id = desk.queue()
    first = desk.hand().number
    desk.call(handover.settle, delivery_id, Step.LOSE)
    before = desk.lines(first)

    desk.call(service.resolve_unknown, delivery_id, sent=False)

    assert desk.hand().delivery_ids == (delivery_id,)
    assert desk.lines(first) == before


def test_what_a_machine_sends_is_not_marked_by_people(desk):
    delivery_id = desk.queue(by_hand=False)
    with pytest.raises(ConflictError):
        desk.call(handover.mark_sent, delivery_id, desk.agent_id)


def test_a_reply_that_waits_is_taken_back_as_long_as_nobody_has_it(desk):
    delivery_id = desk.queue()
    desk.call(service.cancel, delivery_id, now=NOW + dt.timedelta(days=1))
    assert desk.state(delivery_id) is DeliveryState.CANCELLED
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_bytes_that_are_not_the_replys_are_never_given_out(desk):
    good, bad = desk.queue("Halo"), desk.queue("Lain")
    with desk.database.transaction() as tx:
        tx.session.get_one(Delivery, bad).sha256 = tx.session.get_one(Delivery, good).sha256

    handed = desk.hand()

    assert (handed.delivery_ids, handed.stopped) == ((good,), (bad,))
