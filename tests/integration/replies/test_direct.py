"""Replies that go back by direct message: what is frozen, until when, and who sends them."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.outbox import direct, dm, handover
from helpdesk.outbox import service as outbox
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies import elsewhere, service
from helpdesk.replies.models import Approval, Draft
from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, Message
from tests.held import held
from tests.integration.replies.conftest import KPJ, NOW

FACTS = ("full_name", "birth_date", "nik")
LATER = NOW + dt.timedelta(minutes=5)
OPEN, CLOSED = NOW + dt.timedelta(hours=3), NOW
HERS = "rahmat.pribadi@example.org"


@pytest.fixture
def asked(desk):
    """A WhatsApp ticket that proves everything, drafted; its window is open."""
    return ask(desk)


def ask(desk, channel=Channel.WHATSAPP, address="+6281200009001", ends=OPEN, **contact):
    known = {"phone": address, "display_name": "Rahmat"} | contact
    desk.session.add(Contact(channel=channel, address=address, created_at=NOW, **known))
    desk.session.flush()
    if not held(desk.session).records:
        desk.record()
    ticket = desk.ticket(address, channel=channel, window_ends_at=ends)
    desk.claim(ticket)
    desk.draft(ticket)
    return ticket


def approve(desk, ticket, agent=None, *, house=None, now=LATER):
    version = desk.session.scalar(select(Draft.version).where(Draft.ticket_id == ticket.id))
    return service.approve(
        desk.session, ticket.id, version, agent or desk.agent(), house or desk.house,
        confirm=FACTS, now=now,
    )  # fmt: skip


def delivery_of(desk, approved):
    return desk.session.get_one(Delivery, approved.delivery_id)


def test_it_is_frozen_for_its_own_channel_and_waits_for_a_person(desk, asked):
    approved = approve(desk, asked)

    delivery = delivery_of(desk, approved)
    reply = direct.read(desk.session, desk.house.blobs, delivery)
    assert approved.by_hand and delivery.by_hand
    assert (delivery.channel, delivery.recipient) == (Channel.WHATSAPP, "+6281200009001")
    assert (delivery.state, delivery.parts) == (DeliveryState.QUEUED, 1)
    assert KPJ in reply.parts[0]
    assert asked.status is TicketStatus.WAITING_PARTICIPANT
    assert service.still_valid(desk.session, delivery.id)


def test_a_long_reply_is_split_as_the_channel_wants(desk, asked):
    short = replace(desk.house, direct={Channel.WHATSAPP: Direct(max_chars=300)})
    delivery = delivery_of(desk, approve(desk, asked, house=short))
    message = desk.session.get_one(Message, delivery.message_row_id)

    parts = direct.read(desk.session, desk.house.blobs, delivery).parts
    assert len(parts) == delivery.parts > 3
    assert parts == dm.split(message.body, 300)


def test_the_platforms_own_name_of_the_contact_comes_before_the_thread(desk):
    ticket = ask(desk, Channel.X, "thread-1", platform_id="4711")
    assert delivery_of(desk, approve(desk, ticket)).recipient == "4711"


def test_neither_the_worker_nor_the_sweep_touches_it(desk, asked):
    delivery_id = approve(desk, asked).delivery_id
    much_later = NOW + dt.timedelta(days=9)

    assert outbox.overdue(desk.session, now=much_later) == []
    assert not outbox.may_begin(desk.session, delivery_id, now=much_later)
    assert outbox.begin(desk.session, desk.house.blobs, delivery_id, now=much_later) is None


def test_other_parts_than_those_approved_are_not_valid(desk, asked):
    delivery = delivery_of(desk, approve(desk, asked))
    other = dm.DirectReply(delivery.channel, delivery.recipient, ("Nomor lain",))
    stored = desk.house.blobs.prepare(dm.build(other))
    handover.blob_rows.add(desk.session, [stored])
    delivery.sha256 = stored.sha256
    desk.session.flush()

    assert not service.still_valid(desk.session, delivery.id)


@pytest.mark.parametrize(("macro", "leaves"), [(None, False), ("redirect", True)])
def test_a_number_is_not_shown_to_a_group_that_was_none_at_the_approval(
    desk, asked, macro, leaves
):
    if macro:
        service.use_macro(desk.session, asked.id, macro, "id", desk.agent().id, desk.house, NOW)
    delivery = delivery_of(desk, approve(desk, asked))
    desk.session.get_one(Contact, asked.contact_id).is_group = True
    desk.session.flush()

    assert service.still_valid(desk.session, delivery.id) is leaves


@pytest.mark.parametrize(
    ("channel", "address", "leaves"),
    [
        (Channel.WEB, "rahmat@example.org", Channel.EMAIL),
        (Channel.WEB, "+6281200009001", Channel.WEB),
        (Channel.PHONE, "+6281200009001", Channel.PHONE),
        (Channel.COUNTER, "counter-1", Channel.COUNTER),
    ],
)
def test_what_no_machine_can_answer_is_handed_to_people(desk, channel, address, leaves):
    ticket = ask(desk, channel, address, ends=None)
    approve(desk, ticket, desk.agent())
    delivery = delivery_of(desk, approve(desk, ticket, desk.agent(Role.SUPERVISOR)))
    assert (delivery.channel, delivery.by_hand) == (leaves, leaves is not Channel.EMAIL)


def test_a_contact_nobody_can_reach_is_told_in_words(desk):
    ticket = ask(desk, Channel.X, "")
    with pytest.raises(InvalidError, match="can be reached"):
        approve(desk, ticket)


def test_a_second_person_approves_the_same_parts(desk):
    ticket = ask(desk, Channel.OTHER, "chat-1", service="telegram")
    first = approve(desk, ticket, desk.agent())
    done = approve(desk, ticket, desk.agent(Role.SUPERVISOR))

    hashes = set(desk.session.scalars(select(Approval.frozen_sha256)))
    assert first.waits_for_second and done.by_hand
    assert len(hashes) == 1


def test_after_the_window_closed_nothing_is_approved(desk):
    ticket = ask(desk, ends=CLOSED)
    with pytest.raises(ConflictError, match="write again"):
        approve(desk, ticket)


def test_but_the_request_to_write_again_is(desk):
    ticket = ask(desk, ends=CLOSED)
    agent = desk.agent()
    service.use_macro(desk.session, ticket.id, "reopen_window", "id", agent.id, desk.house, LATER)

    delivery = delivery_of(desk, approve(desk, ticket, agent))

    text = direct.read(desk.session, desk.house.blobs, delivery).parts[0]
    assert delivery.any_time
    assert "LANJUT" in text and "Rahmat" not in text and KPJ not in text


def test_a_group_is_told_nothing(desk):
    ticket = ask(desk, is_group=True)
    draft = desk.session.scalars(select(Draft)).one()
    assert (draft.situation, draft.disclosure, draft.kpjs) == ("group", "redirect", [])
    assert "group" in draft.reasons
    assert approve(desk, ticket).by_hand


class TestByMailInstead:
    @pytest.fixture
    def closed(self, desk):
        ticket = ask(desk, ends=CLOSED)
        desk.message(ticket, body=f"email saya {HERS} ya, bukan care@bpjsketenagakerjaan.go.id")
        desk.draft(ticket)
        return ticket

    def test_only_an_address_the_participant_wrote_can_be_chosen(self, desk, closed):
        version = desk.session.scalars(select(Draft.version)).one()
        assert elsewhere.named(desk.session, closed.id, desk.house) == (HERS,)
        with pytest.raises(InvalidError):
            elsewhere.choose(
                desk.session, closed.id, version, "lain@example.org", desk.house, LATER
            )

    def test_less_is_shown_there_and_it_leaves_as_mail(self, desk, closed):
        version = desk.session.scalars(select(Draft.version)).one()
        elsewhere.choose(desk.session, closed.id, version, HERS, desk.house, LATER)
        draft = desk.session.scalars(select(Draft)).one()
        assert (draft.disclosure, draft.approvals_needed) == ("masked", 2)
        assert KPJ not in draft.body

        approve(desk, closed, desk.agent())
        approved = approve(desk, closed, desk.agent(Role.SUPERVISOR))

        delivery = delivery_of(desk, approved)
        assert (delivery.channel, delivery.recipient) == (Channel.EMAIL, HERS)
        assert not delivery.by_hand
        assert service.still_valid(desk.session, delivery.id)
        assert (
            outbox.begin(desk.session, desk.house.blobs, delivery.id, now=OPEN).recipient == HERS
        )

    def test_whoever_saw_the_old_draft_cannot_approve_it_for_there(self, desk, closed):
        version = desk.session.scalars(select(Draft.version)).one()
        elsewhere.choose(desk.session, closed.id, version, HERS, desk.house, LATER)
        with pytest.raises(ConflictError):
            service.approve(desk.session, closed.id, version, desk.agent(), desk.house, now=LATER)

    def test_and_back(self, desk, closed):
        version = desk.session.scalars(select(Draft.version)).one()
        version = elsewhere.choose(desk.session, closed.id, version, HERS, desk.house, LATER)
        elsewhere.choose(desk.session, closed.id, version, None, desk.house, LATER)
        assert desk.session.scalars(select(Draft.disclosure)).one() == "full"


@pytest.mark.parametrize(
    ("channel", "address", "known", "level", "approvals"),
    [
        (Channel.WHATSAPP, "rahmat", {}, "masked", 2),
        (Channel.WHATSAPP, "rahmat", {"phone": "+6281200009001"}, "full", 1),
        (Channel.WHATSAPP, "rahmat", {"platform_id": "ID.9001"}, "full", 1),
        (Channel.FACEBOOK, "rahmat_7", {}, "masked", 2),
        (Channel.FACEBOOK, "1001", {}, "full", 1),
        (Channel.FACEBOOK, "9007001", {"platform_id": "9007001"}, "full", 1),
        (Channel.INSTAGRAM, "17840001", {}, "full", 1),
    ],
)
def test_a_name_alone_vouches_for_nobody(desk, channel, address, known, level, approvals):
    ticket = ask(desk, channel, address, thread=address, **({"phone": ""} | known))
    draft = desk.session.scalar(select(Draft).where(Draft.ticket_id == ticket.id))
    assert (draft.disclosure, draft.approvals_needed) == (level, approvals)
