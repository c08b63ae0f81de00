"""Filing exported conversations: which ticket, whose turn, and the same whatever the order."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from helpdesk.ingest.exports.types import Event
from helpdesk.tickets.kinds import Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.chats import NOW, START, answered, bring, empty, picture, said


@pytest.fixture
def file(database, blobs, tmp_path):
    return lambda items, **how: bring(database, blobs, tmp_path, items, **how)[1]


@pytest.fixture
def tickets(database):
    def tickets():
        with database.reading() as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.opened_at)))

    return tickets


def day(number):
    return START + dt.timedelta(days=number)


def test_a_question_opens_a_ticket_that_waits_since_it_was_asked(file, tickets):
    filed = file([said(0, "Min mau tanya KPJ"), said(1, "halo?")])
    [ticket] = tickets()
    assert (ticket.status, ticket.waiting_since) == (TicketStatus.WAITING_AGENT, day(0))
    assert (ticket.subject, ticket.preview) == ("Min mau tanya KPJ", "halo?")
    assert ticket.window_ends_at == day(2)  # 24 hours after the last thing they said
    assert (filed.new, filed.known, filed.to_match) == (2, 0, {ticket.id})


def test_nobody_keeps_the_window_open_by_a_date_to_come(file, tickets):
    file([said(0), said(3_000, "26/03/34 kata saya")])
    assert {each.window_ends_at for each in tickets()} == {day(1), NOW + dt.timedelta(days=1)}


def test_the_last_word_tells_whose_turn_it_is(file, tickets):
    file([said(310), answered(311), said(312, "ini NIK"), answered(313)])
    [ticket] = tickets()
    assert (ticket.status, ticket.waiting_since) == (TicketStatus.WAITING_PARTICIPANT, day(313))


def test_what_was_answered_long_ago_is_closed(file, tickets):
    file([said(0), answered(1)])
    [ticket] = tickets()
    assert (ticket.status, ticket.updated_at) == (TicketStatus.CLOSED, day(1))


def test_a_later_matter_is_another_ticket_linked_to_the_first(file, tickets):
    file([said(0), answered(1), said(32, "JHT saya")])
    first, second = tickets()
    assert (second.linked_ticket_id, second.link_reason) == (first.id, "later_message")
    assert first.link_reason is None
    assert second.status is TicketStatus.WAITING_AGENT


def test_a_follow_up_within_the_days_reopens_a_closed_ticket(file, tickets):
    file([said(0), answered(1)])
    file([said(20, "masih lupa")])
    [ticket] = tickets()
    assert (ticket.status, ticket.waiting_since) == (TicketStatus.WAITING_AGENT, day(20))


def test_an_answer_that_came_late_answers_the_ticket_before(file, tickets):
    file([said(0), answered(50)])
    first, second = tickets()
    assert (first.status, second.status) == (TicketStatus.CLOSED, TicketStatus.CLOSED)


def test_what_only_we_wrote_waits_for_nobody(file, tickets):
    file([answered(315)])
    assert [each.status for each in tickets()] == [TicketStatus.CLOSED]
    file([said(316)])
    [ticket] = tickets()
    assert (ticket.status, ticket.message_count) == (TicketStatus.WAITING_AGENT, 2)


def test_events_open_no_ticket_and_say_nothing(file, tickets, database):
    filed = file([said(0, "", event=Event.CALL)])
    assert (tickets(), filed.new, dict(filed.skipped)) == ([], 0, {"only_events": 1})
    file([said(1), said(2, "👍", event=Event.REACTION)])
    [ticket] = tickets()
    assert (ticket.message_count, ticket.preview) == (1, "Saya lupa nomor KPJ")
    with database.reading() as session:
        kinds = session.execute(select(Message.kind, Message.event).order_by(Message.id)).all()
    assert kinds == [(MessageKind.PERSON, None), (MessageKind.EVENT, "reaction")]


def test_an_event_of_the_minute_it_began_with_is_left_out_every_time(file):
    items = [said(0, "terenkripsi", event=Event.SYSTEM), said(0)]
    assert [file(items).new, file(items).new] == [1, 0]


def test_our_side_is_history_and_never_a_request(file, database):
    file([said(0), answered(1)])
    with database.reading() as session:
        told = session.execute(
            select(Message.direction, Message.contact_id.is_not(None)).order_by(Message.id)
        ).all()
    assert told == [(Direction.INBOUND, True), (Direction.OUTBOUND, False)]


def test_the_same_again_adds_nothing(file, database):
    items = [said(0, "ok"), said(0, "ok"), answered(1), said(40, "ok"), said(41, message_id="7")]
    file(items)
    before = picture(database)
    filed = file(items)
    assert (filed.new, filed.known, filed.to_match) == (0, 5, set())
    assert picture(database) == before


def test_equal_messages_of_one_minute_are_two(file, tickets):
    file([said(0, "ok"), said(0, "ok"), said(1, "ok")])
    assert tickets()[0].message_count == 3


def test_a_name_that_changed_makes_no_other_message(file):
    file([said(0)])
    assert file([said(0, sender="Facebook user", sender_name="Facebook user")]).new == 0


def test_a_message_with_an_id_that_was_changed_is_changed_here(file, database):
    file([said(0, "NIK 32", message_id="7")])
    changed = file([said(0, "NIK 33", message_id="7", edited=True)])
    file([said(0, "NIK 32", message_id="7")])  # an older export changes nothing back
    with database.reading() as session:
        [message] = session.scalars(select(Message))
    assert (message.body, message.edited, len(changed.to_match)) == ("NIK 33", True, 1)


def test_the_platforms_identity_is_learned_later(file, database):
    file([answered(0, channel="facebook")])
    file([said(1, channel="facebook", platform_id="1001", handle="siti")])
    with database.reading() as session:
        [contact] = session.scalars(select(Contact))
    assert (contact.address, contact.platform_id, contact.handle, contact.thread) == (
        *("1001", "1001", "siti", "siti contoh"),
    )


def test_two_threads_of_one_phone_are_one_contact(file, tickets, database):
    phone = "+6281299973154"
    file([said(0, phone=phone), said(1, thread=phone, phone=phone, text="halo")])
    with database.reading() as session:
        assert len(list(session.scalars(select(Contact)))) == 1
    assert [each.message_count for each in tickets()] == [2]


def test_an_older_message_makes_one_matter_of_two_tickets(file, tickets):
    file([said(0), said(50, "lagi")])
    assert len(tickets()) == 2
    file([said(25, "di tengah")])
    [ticket] = tickets()
    assert (ticket.message_count, ticket.opened_at) == (3, day(0))


def test_a_ticket_closed_by_hand_stays_closed_when_older_messages_come(file, tickets, database):
    file([said(10)])
    with database.transaction() as tx:
        tx.session.get_one(Ticket, tickets()[0].id).status = TicketStatus.CLOSED
    file([said(9, "lebih dulu")])
    assert [each.status for each in tickets()] == [TicketStatus.CLOSED]


def test_what_comes_into_spam_is_spam(file, tickets, database):
    file([said(10)])
    with database.transaction() as tx:
        tx.session.get_one(Ticket, tickets()[0].id).status = TicketStatus.SPAM
    file([said(11)])
    assert [each.status for each in tickets()] == [TicketStatus.SPAM]


def test_a_thread_longer_than_a_transaction_is_one_ticket(file, tickets):
    items = [said(number / 100, f"baris {number}") for number in range(95)]
    filed = file(items, at_once=10)
    [ticket] = tickets()
    assert (ticket.message_count, filed.new, filed.to_match) == (95, 95, {ticket.id})


MESSAGE = st.builds(
    lambda thread, ours, text, event, named: {
        "thread": thread,
        "title": thread,
        "ours": ours,
        "text": text,
        **({"event": Event.REACTION} if event == 0 else {}),
        **({"platform_id": f"id-{thread}"} if named else {}),
    },
    st.sampled_from(["a", "b", "c"]),
    st.booleans(),
    st.sampled_from(["ok", "NIK 3205004505889001", "terima kasih"]),
    st.integers(0, 6),
    st.booleans(),
)


@st.composite
def exports(draw):
    """Return an export in order of time, and the two places where a second one may begin and
    the first may end, with at least one message in both."""
    values = draw(st.lists(MESSAGE, min_size=2, max_size=25))
    gaps = draw(
        st.lists(
            st.sampled_from([0.01, 1, 29, 30, 31, 45, 80]),
            min_size=len(values),
            max_size=len(values),
        )
    )
    at, items = 0.0, []
    for number, (value, gap) in enumerate(zip(values, gaps, strict=True)):
        at += gap
        if value.get("platform_id"):
            value["message_id"] = str(number)
        items.append(said(at, **value))
    second_from = draw(st.integers(0, len(items) - 1))
    first_to = draw(st.integers(second_from + 1, len(items)))
    return items, items[:first_to], items[second_from:]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(exports(), st.sampled_from([1, 3, 1_000]))
def test_two_overlapping_halves_give_the_same_tickets_as_the_whole(
    database, blobs, tmp_path, parts, at_once
):
    whole, first, second = parts
    empty(database)
    bring(database, blobs, tmp_path, whole)
    expected, spoken = picture(database), picture(database, events=False)
    empty(database)
    bring(database, blobs, tmp_path, first, at_once=at_once)
    bring(database, blobs, tmp_path, second, at_once=at_once)
    assert picture(database) == expected
    empty(database)
    bring(database, blobs, tmp_path, second, at_once=at_once)
    bring(database, blobs, tmp_path, first, at_once=at_once)
    assert picture(database, events=False) == spoken


def test_one_message_of_a_group_makes_the_whole_conversation_one(file, database):
    file([said(0), said(1, sender="Budi", is_group=True), said(2)])
    with database.reading() as session:
        assert session.scalars(select(Contact.is_group)).all() == [True]
