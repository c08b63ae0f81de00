"""What webhooks bring becomes tickets, and settles what we sent."""

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from helpdesk import clock, jobs, work
from helpdesk.db import Database
from helpdesk.ingest import hook_filing, storing
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox import answers, direct, parts, service
from helpdesk.outbox.direct import OutgoingDirect
from helpdesk.outbox.dm import DirectReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Outcome, OutcomeKind, Phase
from helpdesk.replies.house import open_house
from helpdesk.settings import Direct, Outbox, Settings
from helpdesk.tickets.kinds import Channel, Direction, RawOutcome, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Mailbox, Message, RawMessage, Ticket

PAGE, RINA = "9001", "9007001"
PHONE = "+6281200009001"


class Hooked:
    """A plant, and the platforms that call it."""

    def __init__(self, plant: work.Plant) -> None:
        self.plant = plant
        self.now = clock.now() - dt.timedelta(hours=1)

    def post(self, channel: Channel, content: object, *, work_off: bool = True) -> list[int]:
        body = json.dumps(content).encode()
        with self.plant.database.transaction() as tx:
            box = storing.mailbox_id(tx.session, hook_filing.MAILBOX, channel.value)
            item = storing.ToStore(self.plant.blobs.prepare(body), len(body), clock.now())
            new = storing.store(tx.session, box, [item], clock.now(), channel)
            jobs.enqueue(tx, Job.RECEIVE, new, now=clock.now())
        if work_off:
            work.drain(self.plant, Job.RECEIVE)
        return new

    def say(self, text: str, mid: str, *, minutes: int = 0, **options: bool) -> list[int]:
        told = self.message(mid, minutes, text=text)
        return self.post(Channel.FACEBOOK, page(told), **options)

    def message(self, mid: str, minutes: int = 0, *, ours: bool = False, **message) -> dict:
        at = self.now + dt.timedelta(minutes=minutes)
        sides = {"sender": {"id": PAGE if ours else RINA},
                 "recipient": {"id": RINA if ours else PAGE}}  # fmt: skip
        said = {"mid": mid, **message} | ({"is_echo": True} if ours else {})
        return {**sides, "timestamp": int(at.timestamp() * 1000), "message": said}

    def echo(self, text: str, mid: str, *, minutes: int = 5) -> None:
        self.post(Channel.FACEBOOK, page(self.message(mid, minutes, ours=True, text=text)))

    def all(self, *columns):
        with self.plant.database.reading() as session:
            return [tuple(row) for row in session.execute(select(*columns).order_by(columns[0]))]

    def one(self, model):
        with self.plant.database.reading() as session:
            return session.scalars(select(model)).one()

    def reply(self, channel: Channel, recipient: str, *texts: str) -> int:
        """Queue a reply to the only ticket and begin to send it."""
        with self.plant.database.transaction() as tx:
            ticket = tx.session.scalars(select(Ticket)).one()
            message = Message(
                ticket_id=ticket.id, direction=Direction.OUTBOUND, body="\n".join(texts),
                received_at=clock.now(), agent_id=None,
            )  # fmt: skip
            tx.session.add(message)
            tx.session.flush()
            outgoing = OutgoingDirect(
                ticket_id=ticket.id, message_row_id=message.id, date=clock.now(), by_hand=False,
                reply=DirectReply(channel, recipient, texts), any_time=False, secret="s",
            )  # fmt: skip
            blobs = self.plant.blobs
            made = direct.queue(tx.session, blobs, outgoing, undo_s=0, now=clock.now()).id
            ticket.status = TicketStatus.WAITING_PARTICIPANT
            assert parts.begin(tx.session, blobs, made, now=clock.now())
            return made

    def accept(self, delivery_id: int, *names: str) -> None:
        with self.plant.database.transaction() as tx:
            for part, name in enumerate(names):
                parts.accepted(tx.session, delivery_id, 1, part, name, now=clock.now())

    def lose(self, delivery_id: int) -> None:
        with self.plant.database.transaction() as tx:
            lost = Outcome(OutcomeKind.UNKNOWN, Phase.FINAL, 1)
            service.record(tx.session, delivery_id, lost, now=clock.now(), conf=Outbox())


def page(*told: dict) -> dict:
    return {"object": "page", "entry": [{"id": PAGE, "time": 1, "messaging": list(told)}]}


def whatsapp(field: str, *told: dict) -> dict:
    value = {
        "messaging_product": "whatsapp",
        "contacts": [{"profile": {"name": "Rina"}, "wa_id": PHONE[1:]}],
        field: list(told),
    }
    entry = [{"id": PAGE, "changes": [{"field": "messages", "value": value}]}]
    return {"object": "whatsapp_business_account", "entry": entry}


@pytest.fixture
def hooked(database: Database, tmp_path: Path) -> Hooked:
    conf = Settings(
        data_dir=str(tmp_path), secret_key="0" * 64,
        facebook=Direct(window_hours=168, account_id=PAGE), whatsapp=Direct(window_hours=24),
        policy_file=str(Path("config/policy.toml").resolve()),
    )  # fmt: skip
    house = open_house(conf)
    return Hooked(work.Plant(conf, database, house.blobs, house))


def test_a_message_opens_a_ticket_that_is_matched_and_knows_its_window(hooked):
    hooked.say("Saya lupa nomor KPJ", "m1")

    ticket, contact, raw = hooked.one(Ticket), hooked.one(Contact), hooked.one(RawMessage)
    assert (ticket.channel, ticket.status) == (Channel.FACEBOOK, TicketStatus.WAITING_AGENT)
    assert ticket.window_ends_at is not None
    assert abs(ticket.window_ends_at - hooked.now - dt.timedelta(days=7)) < dt.timedelta(seconds=1)
    assert (contact.platform_id, contact.address) == (RINA, RINA)
    assert (raw.channel, raw.outcome) == (Channel.FACEBOOK, RawOutcome.FILED)
    assert hooked.all(JobRow.job, JobRow.subject_id) == [(Job.MATCH, ticket.id)]


def test_the_pages_of_mailboxes_tell_when_a_hook_was_last_heard(hooked):
    hooked.say("Halo", "m1")
    [(name, folder, heard)] = hooked.all(Mailbox.name, Mailbox.folder, Mailbox.last_success_at)
    assert (name, folder) == ("hook", "facebook")
    assert clock.now() - heard < dt.timedelta(minutes=1)


def test_what_was_said_to_another_page_of_our_app_opens_no_ticket(hooked):
    told = page(hooked.message("m1", text="Halo"))
    told["entry"][0]["id"] = "9002"
    [raw_id] = hooked.post(Channel.FACEBOOK, told)
    assert hooked.all(Ticket.id) == []
    assert hooked.all(RawMessage.id, RawMessage.outcome) == [(raw_id, RawOutcome.FILED)]


def test_the_same_bytes_again_are_not_even_stored(hooked):
    assert hooked.say("Halo", "m1")
    assert hooked.say("Halo", "m1") == []
    assert hooked.all(func.count(RawMessage.id)) == [(1,)]


def test_the_same_message_in_other_bytes_adds_nothing(hooked):
    first = hooked.message("m1", text="Halo")
    hooked.post(Channel.FACEBOOK, page(first))
    hooked.post(Channel.FACEBOOK, page(first, hooked.message("m2", 1, text="Ada orang?")))
    hooked.post(Channel.FACEBOOK, page(first, first))
    assert hooked.all(Message.body) == [("Ada orang?",), ("Halo",)]
    assert len(hooked.all(Ticket.id)) == 1


def test_several_at_once_are_filed_in_the_order_they_were_said(hooked):
    hooked.say("dua", "m2", minutes=2, work_off=False)
    hooked.say("satu", "m1", minutes=1, work_off=False)
    hooked.say("tiga", "m3", minutes=3)
    assert [body for _, body in hooked.all(Message.received_at, Message.body)] == [
        "satu", "dua", "tiga",
    ]  # fmt: skip
    assert hooked.one(Ticket).preview == "tiga"


def test_whoever_writes_again_waits_for_an_agent_again(hooked):
    hooked.say("Halo", "m1")
    with hooked.plant.database.transaction() as tx:
        tx.session.execute(update(Ticket).values(status=TicketStatus.CLOSED))
    hooked.say("Masih belum", "m2", minutes=10)

    ticket = hooked.one(Ticket)
    assert ticket.status is TicketStatus.WAITING_AGENT
    assert ticket.message_count == 2


def test_what_we_answer_elsewhere_is_part_of_the_conversation(hooked):
    hooked.say("Halo", "m1")
    hooked.echo("Silakan kirim NIK", "m2")

    ticket = hooked.one(Ticket)
    assert ticket.status is TicketStatus.WAITING_PARTICIPANT
    assert hooked.all(Message.direction, Message.body) == [
        (Direction.INBOUND, "Halo"), (Direction.OUTBOUND, "Silakan kirim NIK"),
    ]  # fmt: skip


def test_files_are_named_and_not_fetched(hooked):
    attachments = [{"type": "image", "payload": {"url": "https://example.org/ktp"}}]
    hooked.post(Channel.FACEBOOK, page(hooked.message("m1", attachments=attachments)))
    assert hooked.all(Attachment.file_name, Attachment.problem, Attachment.sha256) == [
        ("image-1", "not_fetched", None)
    ]


def test_an_edit_changes_what_was_said(hooked):
    hooked.say("NIK 1", "m1")
    told = hooked.message("m1", 5) | {"message_edit": {"mid": "m1", "text": "NIK 2"}}
    del told["message"]
    hooked.post(Channel.FACEBOOK, page(told))
    assert hooked.all(Message.body, Message.edited) == [("NIK 2", True)]


def test_whatsapp_goes_on_where_an_export_of_the_same_number_ended(hooked):
    with hooked.plant.database.transaction() as tx:
        tx.session.add(
            Contact(
                channel=Channel.WHATSAPP, address=PHONE, phone=PHONE, thread=PHONE,
                display_name="Rina K", created_at=hooked.now,
            )
        )  # fmt: skip
    told = {"from": PHONE[1:], "id": "wamid.1", "timestamp": str(int(hooked.now.timestamp())),
            "type": "text", "text": {"body": "Halo"}}  # fmt: skip
    hooked.post(Channel.WHATSAPP, whatsapp("messages", told))
    assert hooked.all(Contact.phone, Contact.display_name) == [(PHONE, "Rina K")]
    assert hooked.one(Ticket).channel is Channel.WHATSAPP


def test_what_is_no_webhook_is_shown_to_a_person(hooked):
    hooked.post(Channel.FACEBOOK, ["?"])
    assert hooked.one(Ticket).status is TicketStatus.UNPARSED
    assert hooked.one(RawMessage).outcome is RawOutcome.UNPARSED


def test_running_twice_does_no_more_than_once(hooked):
    [raw_id] = hooked.say("Halo", "m1")
    with hooked.plant.database.transaction() as tx:
        jobs.enqueue(tx, Job.RECEIVE, [raw_id], now=clock.now())
    work.drain(hooked.plant, Job.RECEIVE)
    assert len(hooked.all(Message.id)) == 1


class TestOurOwnReplies:
    @pytest.fixture
    def sent(self, hooked) -> int:
        hooked.say("Halo", "m1")
        return hooked.reply(Channel.FACEBOOK, RINA, "satu", "dua")

    def test_are_recognised_by_their_names(self, hooked, sent):
        hooked.accept(sent, "r1", "r2")
        hooked.echo("satu", "r1")
        hooked.echo("dua", "r2")
        assert len(hooked.all(Message.id)) == 2
        assert hooked.one(Delivery).state is DeliveryState.SENT

    def test_are_recognised_before_their_names_are_known(self, hooked, sent):
        hooked.echo("satu", "r1")
        assert len(hooked.all(Message.id)) == 2
        assert (hooked.one(Delivery).state, hooked.one(Delivery).parts_sent) == (
            DeliveryState.SENDING, 0,
        )  # fmt: skip

    def test_settle_what_nobody_knew_and_the_next_part_goes_on(self, hooked, sent):
        hooked.lose(sent)
        hooked.echo("satu", "r1")
        delivery = hooked.one(Delivery)
        assert (delivery.state, delivery.parts_sent) == (DeliveryState.DEFERRED, 1)
        assert delivery.remote_ids == ["r1"]
        assert len(hooked.all(Message.id)) == 2

    def test_settle_the_last_part_as_sent(self, hooked, sent):
        hooked.accept(sent, "r1")
        hooked.lose(sent)
        assert hooked.one(Ticket).status is TicketStatus.WAITING_AGENT
        hooked.echo("dua", "r2")
        delivery = hooked.one(Delivery)
        assert (delivery.state, delivery.parts_sent) == (DeliveryState.SENT, 2)
        assert hooked.one(Ticket).status is TicketStatus.WAITING_PARTICIPANT

    def test_an_echo_of_a_part_before_does_not_settle_the_one_in_doubt(self, hooked, sent):
        hooked.accept(sent, "r1")
        hooked.lose(sent)
        hooked.echo("satu", "r1")
        assert hooked.one(Delivery).state is DeliveryState.UNKNOWN

    def test_another_text_of_ours_is_none_of_them(self, hooked, sent):
        hooked.lose(sent)
        hooked.echo("Ada yang bisa dibantu?", "r9")
        assert hooked.one(Delivery).state is DeliveryState.UNKNOWN
        assert len(hooked.all(Message.id)) == 3


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ({"code": 131026, "title": "Message undeliverable"}, "(131026) Message undeliverable"),
        ({"code": 131047, "title": "Re-engagement message"}, answers.CLOSED),
    ],
)
def test_a_message_that_whatsapp_could_not_deliver_has_failed(hooked, error, why):
    told = {"from": PHONE[1:], "id": "wamid.1", "timestamp": str(int(hooked.now.timestamp())),
            "type": "text", "text": {"body": "Halo"}}  # fmt: skip
    hooked.post(Channel.WHATSAPP, whatsapp("messages", told))
    sent = hooked.reply(Channel.WHATSAPP, PHONE, "satu")
    hooked.accept(sent, "wamid.7")
    status = {"id": "wamid.7", "recipient_id": PHONE[1:], "timestamp": "1"}
    hooked.post(Channel.WHATSAPP, whatsapp("statuses", status | {"status": "delivered"}))
    assert hooked.one(Delivery).state is DeliveryState.SENT

    failed = status | {"status": "failed", "errors": [error]}
    hooked.post(Channel.WHATSAPP, whatsapp("statuses", failed))

    assert (hooked.one(Delivery).state, hooked.one(Delivery).answer) == (DeliveryState.FAILED, why)
    assert hooked.one(Ticket).status is TicketStatus.WAITING_AGENT


def test_a_status_of_whatsapp_settles_the_part_that_nobody_knew_of(hooked):
    told = {"from": PHONE[1:], "id": "wamid.1", "timestamp": str(int(hooked.now.timestamp())),
            "type": "text", "text": {"body": "Halo"}}  # fmt: skip
    hooked.post(Channel.WHATSAPP, whatsapp("messages", told))
    sent = hooked.reply(Channel.WHATSAPP, PHONE, "satu", "dua")
    hooked.accept(sent, "wamid.7")
    hooked.lose(sent)
    name = hooked.one(Delivery).message_id
    for part, state in ((0, DeliveryState.UNKNOWN), (1, DeliveryState.SENT)):
        mark = answers.mark_of(name, part)
        status = {"id": "wamid.8", "recipient_id": PHONE[1:], "status": "sent"}
        status["biz_opaque_callback_data"] = mark
        hooked.post(Channel.WHATSAPP, whatsapp("statuses", status))
        assert hooked.one(Delivery).state is state
    assert hooked.one(Delivery).remote_ids == ["wamid.7", "wamid.8"]


def test_a_failure_of_a_message_that_is_not_ours_changes_nothing(hooked):
    status = {"id": "wamid.8", "recipient_id": PHONE[1:], "status": "failed"}
    hooked.post(Channel.WHATSAPP, whatsapp("statuses", status))
    assert hooked.one(RawMessage).outcome is RawOutcome.FILED
    assert hooked.all(Ticket.id) == []
