"""Direct replies that a machine sends: what is written down, and from where an attempt goes on."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest

from helpdesk.errors import ConflictError
from helpdesk.outbox import answers, direct, parts, service
from helpdesk.outbox.direct import OutgoingDirect
from helpdesk.outbox.dm import DirectReply
from helpdesk.outbox.states import DeliveryState, Outcome, OutcomeKind, Phase
from helpdesk.settings import Outbox
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.integration.outbox.conftest import NOW

_numbers = itertools.count(1)
CONF = Outbox()
TEXTS = ("satu", "dua", "tiga")
LATER = NOW + dt.timedelta(hours=1)


def queue(desk, *, by_hand=False, ends=LATER, texts=TEXTS, any_time=False):
    with desk.database.transaction() as tx:
        contact = Contact(
            channel=Channel.FACEBOOK, address=f"90{next(_numbers)}", display_name="Rina",
            platform_id="9007001", created_at=NOW,
        )  # fmt: skip
        tx.session.add(contact)
        tx.session.flush()
        ticket = Ticket(
            channel=Channel.FACEBOOK, contact_id=contact.id, subject="", opened_at=NOW,
            status=TicketStatus.WAITING_PARTICIPANT, updated_at=NOW, waiting_since=NOW,
            window_ends_at=ends,
        )  # fmt: skip
        tx.session.add(ticket)
        tx.session.flush()
        asked = Message(
            ticket_id=ticket.id, direction=Direction.INBOUND, contact_id=contact.id, body="KPJ?",
            received_at=NOW - dt.timedelta(hours=5),
        )  # fmt: skip
        reply = Message(
            ticket_id=ticket.id, direction=Direction.OUTBOUND, body="\n".join(texts),
            received_at=NOW,
        )  # fmt: skip
        tx.session.add_all([asked, reply])
        tx.session.flush()
        outgoing = OutgoingDirect(
            ticket_id=ticket.id, message_row_id=reply.id, date=NOW, by_hand=by_hand,
            reply=DirectReply(Channel.FACEBOOK, "9007001", texts), any_time=any_time, secret="s",
        )  # fmt: skip
        return direct.queue(tx.session, desk.blobs, outgoing, undo_s=0, now=NOW).id


def begin(desk, delivery_id, now=NOW):
    return desk.call(parts.begin, desk.blobs, delivery_id, now=now)


def accepted(desk, delivery_id, attempt, part, name="m"):
    return desk.call(parts.accepted, delivery_id, attempt, part, f"{name}{part}")


def record(desk, delivery_id, outcome):
    return desk.call(service.record, delivery_id, outcome, conf=CONF)


def lost(attempt=1):
    return Outcome(OutcomeKind.UNKNOWN, Phase.FINAL, attempt)


def test_it_begins_with_the_first_part_and_knows_when_they_wrote(desk):
    delivery_id = queue(desk)
    outgoing = begin(desk, delivery_id)
    assert (outgoing.parts, outgoing.first, outgoing.attempt) == (TEXTS, 0, 1)
    assert outgoing.asked_at == NOW - dt.timedelta(hours=5)
    assert desk.state(delivery_id) is DeliveryState.SENDING
    assert begin(desk, delivery_id) is None
    assert desk.call(service.begin, desk.blobs, delivery_id) is None


def test_with_the_last_part_it_is_sent(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    told = [accepted(desk, delivery_id, 1, part) for part in range(3)]
    delivery = desk.delivery(delivery_id)
    assert told == [True, True, True]
    assert (delivery.state, delivery.parts_sent) == (DeliveryState.SENT, 3)
    assert (delivery.remote_ids, delivery.sent_at) == (["m0", "m1", "m2"], NOW)
    done = Outcome(OutcomeKind.ACCEPTED, Phase.FINAL, 1)
    assert record(desk, delivery_id, done) is None
    assert desk.state(delivery_id) is DeliveryState.SENT


def test_a_retry_goes_on_with_the_part_that_was_refused(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    accepted(desk, delivery_id, 1, 0)
    busy = Outcome(OutcomeKind.REFUSED_FOR_NOW, Phase.SERVICE, 1, 429, retry_after_s=90)
    assert record(desk, delivery_id, busy) == 90
    outgoing = begin(desk, delivery_id, NOW + dt.timedelta(seconds=91))
    assert (outgoing.first, outgoing.attempt) == (1, 2)


def test_how_long_a_platform_wants_to_be_left_alone_is_bounded(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    busy = Outcome(OutcomeKind.REFUSED_FOR_NOW, Phase.SERVICE, 1, 429, retry_after_s=1e9)
    assert record(desk, delivery_id, busy) == 4 * 3600


def test_a_reply_of_which_a_part_left_cannot_be_taken_back(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    accepted(desk, delivery_id, 1, 0)
    record(desk, delivery_id, Outcome(OutcomeKind.NOT_SENT, Phase.CONNECT, 1))
    assert desk.delivery(delivery_id).attempts == 0
    with pytest.raises(ConflictError):
        desk.call(service.cancel, delivery_id)


def test_an_unknown_part_waits_for_a_person_and_is_the_first_that_is_repeated(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    accepted(desk, delivery_id, 1, 0)
    record(desk, delivery_id, lost())
    assert desk.state(delivery_id) is DeliveryState.UNKNOWN
    assert begin(desk, delivery_id, LATER - dt.timedelta(minutes=1)) is None
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT

    desk.call(service.resolve_unknown, delivery_id, sent=False)
    assert begin(desk, delivery_id).first == 1


def test_a_slow_worker_that_was_given_up_on_begins_no_other_part(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    desk.call(service.expire_sending, now=NOW, lease_s=0)

    assert accepted(desk, delivery_id, 1, 0) is False
    assert desk.delivery(delivery_id).parts_sent == 1
    record(desk, delivery_id, Outcome(OutcomeKind.NOT_SENT, Phase.CONNECT, 1))
    assert desk.state(delivery_id) is DeliveryState.DEFERRED
    assert begin(desk, delivery_id, NOW + dt.timedelta(seconds=CONF.retry_after_s)).first == 1


def test_what_it_took_counts_even_if_a_person_wants_it_repeated_meanwhile(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    desk.call(service.expire_sending, now=NOW, lease_s=0)
    desk.call(service.resolve_unknown, delivery_id, sent=False)

    assert accepted(desk, delivery_id, 1, 0) is False
    assert begin(desk, delivery_id).first == 1


def test_the_word_of_an_older_attempt_changes_nothing(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    record(desk, delivery_id, lost())
    desk.call(service.resolve_unknown, delivery_id, sent=False)
    begin(desk, delivery_id)

    assert accepted(desk, delivery_id, 1, 0) is False
    assert desk.delivery(delivery_id).parts_sent == 0
    assert accepted(desk, delivery_id, 2, 0)
    assert not accepted(desk, delivery_id, 2, 0)


def test_each_part_has_its_own_time_before_it_is_given_up(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    desk.call(parts.accepted, delivery_id, 1, 0, "m0", now=LATER)
    lease_s = service.SENDING_LEASE_S
    just_before = LATER + dt.timedelta(seconds=lease_s - 1)
    assert desk.call(service.expire_sending, now=just_before) == []


@pytest.mark.parametrize("any_time", [False, True])
def test_nothing_is_begun_when_the_window_has_closed(desk, any_time):
    delivery_id = queue(desk, ends=NOW, any_time=any_time)
    assert begin(desk, delivery_id) is None
    delivery = desk.delivery(delivery_id)
    assert (delivery.state, delivery.answer) == (DeliveryState.FAILED, answers.CLOSED)
    assert desk.status(delivery_id) is TicketStatus.WAITING_AGENT


def test_other_bytes_than_the_approved_ones_do_not_leave(desk):
    delivery_id = queue(desk)
    other = replace(DirectReply(Channel.FACEBOOK, "9007002", TEXTS))
    with desk.database.transaction() as tx:
        delivery = tx.session.get(parts.Delivery, delivery_id)
        stored = desk.blobs.prepare(direct.dm.build(other))
        direct.blob_rows.add(tx.session, [stored])
        delivery.sha256 = stored.sha256
    assert begin(desk, delivery_id) is None
    assert desk.state(delivery_id) is DeliveryState.FAILED


def test_what_people_send_is_theirs(desk):
    delivery_id = queue(desk, by_hand=True)
    assert begin(desk, delivery_id) is None
    assert not desk.call(service.may_begin, delivery_id)
    assert desk.state(delivery_id) is DeliveryState.QUEUED


def test_a_part_that_a_person_found_is_not_repeated_and_the_others_still_leave(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    record(desk, delivery_id, lost())
    desk.call(service.resolve_unknown, delivery_id, sent=True)
    assert desk.state(delivery_id) is DeliveryState.QUEUED
    assert begin(desk, delivery_id).first == 1


def test_the_last_part_that_a_person_found_makes_it_sent(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    accepted(desk, delivery_id, 1, 0)
    accepted(desk, delivery_id, 1, 1)
    record(desk, delivery_id, lost())
    desk.call(service.resolve_unknown, delivery_id, sent=True)
    assert desk.state(delivery_id) is DeliveryState.SENT


def test_one_part_seen_in_an_export_is_no_proof_of_the_others(desk):
    delivery_id = queue(desk)
    begin(desk, delivery_id)
    record(desk, delivery_id, lost())
    with desk.database.transaction() as tx:
        assert service.seen_outside(tx.session, [delivery_id], NOW) == []
    assert desk.state(delivery_id) is DeliveryState.UNKNOWN
