"""Who lets a reply go, what is frozen then, and what stops it afterwards."""

import datetime as dt

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from helpdesk.identity.types import Field
from helpdesk.matching.models import ClaimRow, FactRow
from helpdesk.outbox import service as outbox
from helpdesk.outbox.models import Delivery
from helpdesk.replies import queries, service
from helpdesk.replies.models import Approval, Draft
from helpdesk.tickets.kinds import Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message
from tests.held import held
from tests.integration.replies.conftest import KPJ, NOW

FACTS = ("full_name", "birth_date", "nik")
LATER = NOW + dt.timedelta(minutes=5)


def approve(desk, ticket, agent, version=1, confirm=FACTS):
    return service.approve(
        desk.session, ticket.id, version, agent, desk.house, confirm=confirm, now=LATER
    )


def outbound(desk, ticket):
    return desk.session.scalar(
        select(Message).where(
            Message.ticket_id == ticket.id, Message.direction == Direction.OUTBOUND
        )
    )


def test_one_approval_queues_the_reply_to_the_sender(desk, proven):
    approved = approve(desk, proven, desk.agent())
    delivery = desk.session.get_one(Delivery, approved.delivery_id)
    assert not approved.waits_for_second
    assert delivery.recipient == "rahmat@example.org"
    assert delivery.not_before == LATER + dt.timedelta(seconds=15)
    assert proven.status is TicketStatus.WAITING_PARTICIPANT
    assert proven.approvals_given == 1


def test_the_participant_gets_what_was_drafted_signed_and_numbered(desk, proven):
    approve(desk, proven, desk.agent(name="Dewi Lestari"))
    message = outbound(desk, proven)
    assert message.subject == f"Nomor KPJ Anda [#{proven.id}]"
    assert KPJ in message.body
    assert message.body.endswith("Hormat kami,\nDewi Lestari\nBPJS Ketenagakerjaan\n")


def test_the_reply_joins_the_conversation(desk, proven):
    approved = approve(desk, proven, desk.agent())
    delivery = desk.session.get_one(Delivery, approved.delivery_id)
    content = desk.house.blobs.read(desk.session, delivery.sha256)
    answered = desk.session.scalar(select(Message.message_id).where(Message.id == 1))
    assert f"In-Reply-To: <{answered}>".encode() in content


def test_a_reply_to_elsewhere_never_becomes_the_recipient(desk):
    desk.record()
    ticket = desk.ticket()
    desk.message(ticket, reply_to="evil@example.com")
    desk.claim(ticket)
    desk.draft(ticket)
    approve(desk, ticket, desk.agent())
    approved = approve(desk, ticket, desk.agent(Role.SUPERVISOR))
    delivery = desk.session.get_one(Delivery, approved.delivery_id)
    assert delivery.recipient == "rahmat@example.org"


def test_two_people_are_needed_where_the_sender_is_in_doubt(desk, doubtful):
    first = approve(desk, doubtful, desk.agent(name="Dewi"))
    assert (first.delivery_id, first.waits_for_second) == (None, True)
    assert (doubtful.approvals_given, doubtful.status) == (1, TicketStatus.WAITING_AGENT)
    second = approve(desk, doubtful, desk.agent(Role.SUPERVISOR, name="Budi"))
    assert second.delivery_id is not None
    assert "\nDewi\n" in outbound(desk, doubtful).body
    assert KPJ not in outbound(desk, doubtful).body


def test_a_supervisor_alone_is_still_one_person(desk, doubtful):
    supervisor = desk.agent(Role.SUPERVISOR)
    approve(desk, doubtful, supervisor)
    with pytest.raises(ConflictError, match="second person"):
        approve(desk, doubtful, supervisor)


def test_the_second_has_to_be_a_supervisor(desk, doubtful):
    approve(desk, doubtful, desk.agent())
    with pytest.raises(ForbiddenError, match="supervisor"):
        approve(desk, doubtful, desk.agent())


def test_the_second_may_not_be_who_wrote_it(desk, doubtful):
    author = desk.agent(Role.SUPERVISOR)
    body = queries.told(desk.session, doubtful.id).draft.body + "Salam"
    service.edit(desk.session, doubtful.id, 1, body, author.id, NOW)
    approve(desk, doubtful, desk.agent(), version=2)
    with pytest.raises(ForbiddenError, match="wrote"):
        approve(desk, doubtful, author, version=2)


def test_the_second_has_to_confirm_each_fact(desk, doubtful):
    approve(desk, doubtful, desk.agent())
    with pytest.raises(InvalidError, match="tick"):
        approve(desk, doubtful, desk.agent(Role.ADMIN), confirm=("full_name", "nik"))


def test_the_first_has_nothing_to_tick(desk, doubtful):
    assert approve(desk, doubtful, desk.agent(), confirm=()).waits_for_second


@pytest.mark.parametrize("who", [{"role": Role.AUDITOR}, {"active": False}])
def test_who_only_reads_may_not_approve(desk, proven, who):
    agent = desk.agent()
    for name, value in who.items():
        setattr(agent, name, value)
    with pytest.raises(ForbiddenError):
        approve(desk, proven, agent)


def test_nothing_is_approved_twice(desk, proven):
    approve(desk, proven, desk.agent())
    with pytest.raises(ConflictError, match="already"):
        approve(desk, proven, desk.agent())


def test_an_old_version_is_not_approved(desk, proven):
    service.edit(desk.session, proven.id, 1, f"Nomor Anda {KPJ}", desk.agent().id, NOW)
    with pytest.raises(ConflictError, match="changed"):
        approve(desk, proven, desk.agent())


def test_an_edit_voids_the_first_approval(desk, doubtful):
    approve(desk, doubtful, desk.agent())
    service.edit(desk.session, doubtful.id, 1, "Jawaban lain", desk.agent().id, NOW)
    desk.session.expire_all()
    assert doubtful.approvals_given == 0
    assert approve(desk, doubtful, desk.agent(), version=2).waits_for_second


def test_other_facts_make_the_second_approval_a_first_one(desk, doubtful):
    first = desk.agent()
    approve(desk, doubtful, first)
    desk.session.query(FactRow).filter_by(field=Field.BIRTH_PLACE).update({"value": "Medan"})
    assert approve(desk, doubtful, desk.agent(Role.SUPERVISOR)).waits_for_second
    assert doubtful.approvals_given == 1


def test_a_new_message_has_to_be_read_first(desk, proven):
    desk.message(proven)
    with pytest.raises(ConflictError, match="written again"):
        approve(desk, proven, desk.agent())


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.query(Message).update({"authentic": False}),
        lambda session: held(session).change(nik="3273011708909999"),
        lambda session: held(session).change(kpj="99000000033"),
        lambda session: session.query(ClaimRow).update({"about": "other"}),
        lambda session: session.query(ClaimRow).update({"verdict": "review"}),
        lambda session: (
            session.query(FactRow)
            .filter_by(field=Field.FULL_NAME)
            .update({"value": "Siti Aminah"})
        ),
        lambda session: (
            session.query(FactRow)
            .filter_by(field=Field.NIK)
            .update({"agent_id": session.scalar(select(service.Draft.edited_by_id)) or 1})
        ),
    ],
    ids=["sender", "nik", "kpj", "other", "verdict", "name", "entered"],
)
def test_what_became_weaker_since_is_not_approved_and_said(desk, proven, change):
    agent = desk.agent()
    change(desk.session)
    with pytest.raises(ConflictError, match="less may be told"):
        approve(desk, proven, agent)
    assert outbound(desk, proven) is None


def test_a_masked_text_is_not_approved_once_nothing_may_be_shown(desk, doubtful):
    desk.session.query(ClaimRow).update({"about": "other"})
    with pytest.raises(ConflictError):
        approve(desk, doubtful, desk.agent())


def test_a_reply_that_shows_nothing_needs_one_person(desk):
    ticket = desk.ticket()
    desk.message(ticket, authentic=False)
    desk.draft(ticket)
    assert approve(desk, ticket, desk.agent()).delivery_id is not None


@pytest.mark.parametrize("status", [TicketStatus.CLOSED, TicketStatus.SPAM])
def test_a_closed_ticket_is_not_answered(desk, proven, status):
    proven.status = status
    with pytest.raises(ConflictError, match="open it again"):
        approve(desk, proven, desk.agent())


def test_a_message_without_a_sender_cannot_be_answered(desk):
    ticket = desk.ticket("")
    desk.draft(ticket)
    with pytest.raises(InvalidError, match="no sender"):
        approve(desk, ticket, desk.agent())


def test_a_ticket_without_a_draft_cannot_be_approved(desk):
    with pytest.raises(NotFoundError):
        approve(desk, desk.ticket(), desk.agent())


def test_only_a_supervisor_rejects_and_nobody_an_old_version(desk, doubtful):
    approve(desk, doubtful, desk.agent())
    for who, version, error in (
        (Role.AUDITOR, 1, ForbiddenError),
        (Role.AGENT, 1, ForbiddenError),
        (Role.SUPERVISOR, 2, ConflictError),
    ):
        with pytest.raises(error):
            service.reject(desk.session, doubtful.id, version, desk.agent(who), "x", now=LATER)


def test_a_reply_taken_back_can_be_approved_again(desk, proven):
    agent = desk.agent()
    first = approve(desk, proven, agent)
    outbox.cancel(desk.session, first.delivery_id, now=LATER)
    desk.session.expire_all()
    second = approve(desk, proven, agent)
    assert second.delivery_id not in {None, first.delivery_id}


def test_after_sending_the_next_message_is_drafted_anew(desk, proven):
    service.edit(desk.session, proven.id, 1, f"Nomor {KPJ}", desk.agent().id, NOW)
    approve(desk, proven, desk.agent(), version=2)
    desk.message(proven)
    desk.draft(proven)
    assert "Demi keamanan Anda" in queries.told(desk.session, proven.id).draft.body


def test_a_rejection_takes_the_first_approval_back_and_says_why(desk, doubtful):
    first, supervisor = desk.agent(), desk.agent(Role.SUPERVISOR)
    approve(desk, doubtful, first)
    service.reject(desk.session, doubtful.id, 1, supervisor, "Nama tidak sama", now=LATER)
    assert (doubtful.approvals_given, doubtful.assignee_id) == (0, first.id)
    assert queries.told(desk.session, doubtful.id).approvals == ()
    assert queries.told(desk.session, doubtful.id).refusal[1] == "Nama tidak sama"
    note = desk.session.scalar(select(Message).where(Message.direction == Direction.NOTE))
    assert note.body == "Nama tidak sama"
    assert desk.session.scalar(select(Draft.refusal_id)) == note.id


def test_the_reason_of_a_rejection_is_gone_with_the_next_yes(desk, doubtful):
    approve(desk, doubtful, desk.agent())
    supervisor = desk.agent(Role.SUPERVISOR)
    service.reject(desk.session, doubtful.id, 1, supervisor, "Nama tidak sama", now=LATER)
    approve(desk, doubtful, desk.agent())
    assert desk.session.scalar(select(Draft.refusal_id)) is None


def test_the_reason_of_a_rejection_stays_while_the_draft_does(desk, doubtful):
    approve(desk, doubtful, desk.agent())
    supervisor = desk.agent(Role.SUPERVISOR)
    service.reject(desk.session, doubtful.id, 1, supervisor, "Nama tidak sama", now=LATER)
    desk.draft(doubtful)
    assert desk.session.scalar(select(Draft.refusal_id)) is not None
    desk.message(doubtful)
    desk.draft(doubtful)
    assert desk.session.scalar(select(Draft.refusal_id)) is None


def test_a_rejection_needs_a_reason_and_an_approval(desk, doubtful):
    supervisor = desk.agent(Role.SUPERVISOR)
    with pytest.raises(InvalidError):
        service.reject(desk.session, doubtful.id, 1, supervisor, " ", now=LATER)
    with pytest.raises(ConflictError):
        service.reject(desk.session, doubtful.id, 1, supervisor, "Salah", now=LATER)


def test_a_page_sees_who_approved(desk, doubtful):
    approve(desk, doubtful, desk.agent(name="Dewi"))
    told = queries.told(desk.session, doubtful.id)
    assert [name for _, name in told.approvals] == ["Dewi"]


def test_an_approved_reply_is_valid_until_it_leaves(desk, proven):
    approved = approve(desk, proven, desk.agent())
    assert service.still_valid(desk.session, approved.delivery_id)
    assert not service.still_valid(desk.session, 999)


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.query(Delivery).update({"recipient": "evil@example.com"}),
        lambda session: session.query(Contact).update({"address": "evil@example.com"}),
        lambda session: session.query(Message).update({"body": "Nomor 99000000033"}),
        lambda session: session.query(Message).update({"subject": "Lain"}),
        lambda session: held(session).change(full_name="SITI"),
        lambda session: held(session).change(kpj="99000000033"),
        lambda session: session.query(Approval).update({"evidence": {"approvals": 0}}),
        lambda session: session.query(Approval).update({"frozen_sha256": "0" * 64}),
        lambda session: session.query(Approval).delete(),
    ],
    ids=["recipient", "contact", "body", "subject", "record", "kpj", "evidence", "hash", "nobody"],
)
def test_any_change_after_the_approval_stops_the_reply(desk, proven, change):
    approved = approve(desk, proven, desk.agent())
    change(desk.session)
    desk.session.expire_all()
    assert not service.still_valid(desk.session, approved.delivery_id)


def test_one_of_two_approvals_gone_stops_the_reply(desk, doubtful):
    first = desk.agent()
    approve(desk, doubtful, first)
    approved = approve(desk, doubtful, desk.agent(Role.SUPERVISOR))
    assert service.still_valid(desk.session, approved.delivery_id)
    desk.session.query(Approval).filter_by(agent_id=first.id).delete()
    assert not service.still_valid(desk.session, approved.delivery_id)


def test_the_yes_of_an_account_closed_since_counts_neither_now_nor_at_sending(desk, doubtful):
    first, second = desk.agent(), desk.agent(Role.SUPERVISOR)
    approve(desk, doubtful, first)
    approved = approve(desk, doubtful, second)
    assert service.still_valid(desk.session, approved.delivery_id)
    first.active = False
    desk.session.flush()
    assert not service.still_valid(desk.session, approved.delivery_id)


def test_a_closed_account_is_not_the_first_of_two(desk, doubtful):
    first = desk.agent()
    approve(desk, doubtful, first)
    first.active = False
    desk.session.flush()
    assert approve(desk, doubtful, desk.agent(Role.SUPERVISOR)).waits_for_second


def test_a_candidates_number_cannot_be_written_into_a_reply_that_shows_none(desk, proven):
    service.use_macro(desk.session, proven.id, "refused", "id", desk.agent().id, desk.house, LATER)
    body = f"{KPJ[:5]} dan\nkemudian {KPJ[5:]}"
    version = service.edit(desk.session, proven.id, 2, body, desk.agent().id, LATER)
    with pytest.raises(InvalidError, match="number"):
        approve(desk, proven, desk.agent(), version=version)
