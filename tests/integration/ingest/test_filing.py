"""Filing: which ticket a message goes to, on both databases."""

import datetime as dt
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.ingest import service
from helpdesk.outbox import token
from helpdesk.tickets.kinds import MessageKind, RawOutcome, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Message, RawMessage, Ticket
from tests.integration.ingest.conftest import mail

NOW = dt.datetime(2026, 11, 2, 3, 0, tzinfo=dt.UTC)
SECRET = "made-up secret of these tests"
CONF = service.ReceiveConfig(own_addresses=frozenset({"care@example.com"}), secret=SECRET)
BUDI = "Budi <budi@example.org>"


class Desk:
    """A helpdesk's inbound side: stores and files what it is given, and shows the tickets."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database, self.blobs = database, blobs

    def receive(
        self, *raws: bytes, now: dt.datetime = NOW, mailbox: str = "care"
    ) -> list[service.Filed]:
        ids = self.store(raws, now, mailbox)
        return self.file(ids, now)

    def store(self, raws: Sequence[bytes], now: dt.datetime = NOW, mailbox: str = "care"):
        items = [service.ToStore(self.blobs.prepare(raw), len(raw), now) for raw in raws]
        with self.database.transaction() as tx:
            mailbox_id = service.mailbox_id(tx.session, mailbox)
            return service.store(tx.session, mailbox_id, items, now)

    def file(self, raw_ids: Sequence[int], now: dt.datetime = NOW) -> list[service.Filed]:
        with self.database.reading() as session:
            ready = service.read(session, self.blobs, raw_ids, CONF)
        with self.database.transaction() as tx:
            return service.file(tx.session, ready, now)

    def tickets(self) -> list[Ticket]:
        with self.database.reading() as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))

    def messages(self) -> list[Message]:
        with self.database.reading() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def set(self, ticket_id: int, **values: object) -> None:
        with self.database.transaction() as tx:
            ticket = tx.session.get_one(Ticket, ticket_id)
            for name, value in values.items():
                setattr(ticket, name, value)


@pytest.fixture
def desk(database: Database, blobs: BlobStore) -> Desk:
    return Desk(database, blobs)


def test_new_mail_opens_a_ticket_with_what_the_queue_shows(desk: Desk):
    [filed] = desk.receive(mail(1, From=BUDI, Subject="Re: Fwd: Lupa nomor"))

    [ticket] = desk.tickets()
    assert filed == service.Filed(1, RawOutcome.FILED, ticket.id)
    assert (ticket.subject, ticket.preview) == ("Lupa nomor", "Saya lupa nomor KPJ saya.")
    assert (ticket.status, ticket.language) == (TicketStatus.WAITING_AGENT, "id")
    assert (ticket.message_count, ticket.version, ticket.waiting_since) == (1, 1, NOW)


def test_mail_without_subject_is_known_by_its_first_words(desk: Desk):
    desk.receive(mail(1, Subject=""))

    assert desk.tickets()[0].subject == "Saya lupa nomor KPJ saya."


def test_reply_joins_the_ticket_it_answers(desk: Desk):
    [first] = desk.receive(mail(1, From=BUDI))

    [second] = desk.receive(mail(2, From=BUDI, In_Reply_To="<mail-1@example.org>"))

    assert second.ticket_id == first.ticket_id
    [ticket] = desk.tickets()
    assert (ticket.message_count, ticket.version) == (2, 2)
    assert desk.messages()[1].thread_reason == "references"


def test_reply_joins_a_ticket_opened_in_the_same_batch(desk: Desk):
    filed = desk.receive(
        mail(1, From=BUDI),
        mail(2, From=BUDI, References="<mail-1@example.org>"),
        mail(3),
        mail(4, From=BUDI, References="<mail-2@example.org>"),
    )

    assert [each.ticket_id for each in filed] == [1, 1, 2, 1]
    assert [ticket.message_count for ticket in desk.tickets()] == [3, 1]


def test_other_sender_opens_a_linked_ticket(desk: Desk):
    filed = desk.receive(mail(1, From=BUDI), mail(2, In_Reply_To="<mail-1@example.org>"))

    [first, second] = desk.tickets()
    assert [each.ticket_id for each in filed] == [first.id, second.id]
    assert (second.linked_ticket_id, second.link_reason) == (first.id, "other_sender")
    assert second.contact_id != first.contact_id


def test_other_sender_is_linked_to_an_older_ticket(desk: Desk):
    desk.receive(mail(1, From=BUDI))

    desk.receive(mail(2, In_Reply_To="<mail-1@example.org>"))

    assert desk.tickets()[1].linked_ticket_id == 1


def test_our_token_finds_the_ticket(desk: Desk):
    [first] = desk.receive(mail(1, From=BUDI))
    ours = token.make(SECRET, first.ticket_id, "n0nce", "example.com")

    [second] = desk.receive(mail(2, From=BUDI, In_Reply_To=f"<{ours}>"))

    assert second.ticket_id == first.ticket_id
    assert desk.messages()[1].thread_reason == "token"


def test_ticket_number_in_the_subject_finds_only_ones_own(desk: Desk):
    desk.receive(mail(1, From=BUDI))

    own, foreign = desk.receive(
        mail(2, From=BUDI, Subject="Re: Lupa [#1]"), mail(3, Subject="Re: Lupa [#1]")
    )

    assert own.ticket_id == 1
    assert foreign.ticket_id != 1


def test_number_of_a_ticket_that_is_not_there_is_no_trouble(desk: Desk):
    [filed] = desk.receive(mail(1, Subject="Re: [#999999999999999]"))

    assert filed.outcome is RawOutcome.FILED


def test_answer_makes_it_the_agents_turn(desk: Desk):
    desk.receive(mail(1, From=BUDI))
    desk.set(1, status=TicketStatus.WAITING_PARTICIPANT)
    later = NOW + dt.timedelta(hours=5)

    desk.receive(mail(2, From=BUDI, In_Reply_To="<mail-1@example.org>"), now=later)

    [ticket] = desk.tickets()
    assert (ticket.status, ticket.waiting_since) == (TicketStatus.WAITING_AGENT, later)


def test_second_mail_does_not_shorten_the_wait(desk: Desk):
    desk.receive(mail(1, From=BUDI))
    later = NOW + dt.timedelta(hours=5)

    desk.receive(mail(2, From=BUDI, In_Reply_To="<mail-1@example.org>"), now=later)

    [ticket] = desk.tickets()
    assert (ticket.waiting_since, ticket.updated_at) == (NOW, later)


@pytest.mark.parametrize(("days", "tickets"), [(29, 1), (31, 2)])
def test_closed_ticket_reopens_for_a_while(desk: Desk, days: int, tickets: int):
    desk.receive(mail(1, From=BUDI))
    desk.set(1, status=TicketStatus.CLOSED)
    later = NOW + dt.timedelta(days=days)

    desk.receive(mail(2, From=BUDI, In_Reply_To="<mail-1@example.org>"), now=later)

    found = desk.tickets()
    assert len(found) == tickets
    assert found[-1].status is TicketStatus.WAITING_AGENT


def test_late_answer_to_a_closed_ticket_opens_a_linked_one(desk: Desk):
    desk.receive(mail(1, From=BUDI))
    desk.set(1, status=TicketStatus.CLOSED)
    later = NOW + dt.timedelta(days=40)

    desk.receive(mail(2, From=BUDI, In_Reply_To="<mail-1@example.org>"), now=later)

    [first, second] = desk.tickets()
    assert first.status is TicketStatus.CLOSED
    assert (second.linked_ticket_id, second.link_reason) == (1, "follow_up_after_close")


def test_auto_reply_to_our_ticket_is_filed_without_reopening(desk: Desk):
    desk.receive(mail(1, From=BUDI))
    desk.set(1, status=TicketStatus.CLOSED)

    [filed] = desk.receive(
        mail(2, From=BUDI, In_Reply_To="<mail-1@example.org>", Auto_Submitted="auto-replied")
    )

    assert (filed.outcome, filed.ticket_id) == (RawOutcome.FILED, 1)
    assert desk.messages()[1].kind is MessageKind.AUTO_REPLY
    [ticket] = desk.tickets()
    assert (ticket.status, ticket.waiting_since) == (TicketStatus.CLOSED, NOW)


IGNORED = {
    "an auto-reply to nothing of ours": {"Auto_Submitted": "auto-generated"},
    "a list": {"To": "list@example.net", "List_Id": "<list.example.net>"},
    "our own mail": {"From": "care@example.com"},
}


@pytest.mark.parametrize("headers", IGNORED.values(), ids=IGNORED)
def test_what_nobody_wrote_to_us_opens_no_ticket(desk: Desk, headers: dict[str, str]):
    [filed] = desk.receive(mail(1, **headers))

    assert filed == service.Filed(1, RawOutcome.IGNORED, None)
    assert desk.tickets() == []


def test_list_mail_to_our_address_opens_a_ticket(desk: Desk):
    [filed] = desk.receive(mail(1, List_Unsubscribe="<mailto:x@example.net>"))

    assert filed.outcome is RawOutcome.FILED
    assert desk.messages()[0].kind is MessageKind.LIST


def test_bounce_opens_no_ticket(desk: Desk):
    [filed] = desk.receive(
        mail(1, From="MAILER-DAEMON@example.net", Return_Path="<>", Subject="Undelivered Mail")
    )

    assert filed == service.Filed(1, RawOutcome.BOUNCE, None)


def test_copy_of_a_filed_message_is_a_duplicate(desk: Desk):
    raw = mail(1, From=BUDI)

    filed = desk.receive(raw, b"Received: by another road\r\n" + raw)

    assert [each.outcome for each in filed] == [RawOutcome.FILED, RawOutcome.DUPLICATE]
    assert len(desk.messages()) == 1


def test_copy_in_another_mailbox_is_a_duplicate(desk: Desk):
    desk.receive(mail(1, Message_ID=""), mailbox="care")

    [filed] = desk.receive(mail(1, Message_ID=""), mailbox="info")

    assert filed.outcome is RawOutcome.DUPLICATE


DIFFERENT = {
    "another sender": {"From": "evil@example.net"},
    "another subject": {"Subject": "Lain"},
}


@pytest.mark.parametrize("headers", DIFFERENT.values(), ids=DIFFERENT)
def test_same_message_id_alone_makes_no_duplicate(desk: Desk, headers: dict[str, str]):
    desk.receive(mail(1, From=BUDI))

    [filed] = desk.receive(mail(1, **({"From": BUDI} | headers)))

    assert filed.outcome is RawOutcome.FILED


def test_mails_without_sender_are_tickets_of_their_own(desk: Desk):
    desk.receive(mail(1, From=""))

    desk.receive(mail(2, From="", In_Reply_To="<mail-1@example.org>"))

    [first, second] = desk.tickets()
    assert first.contact_id == second.contact_id
    with desk.database.reading() as session:
        assert session.scalars(select(Contact.address)).all() == [""]


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\r\n"], ids=["empty", "blank", "line"])
def test_nothing_readable_is_shown_to_a_person(desk: Desk, raw: bytes):
    [filed] = desk.receive(raw)

    [ticket] = desk.tickets()
    assert (filed.outcome, ticket.status) == (RawOutcome.UNPARSED, TicketStatus.UNPARSED)
    assert desk.messages()[0].raw_id == filed.raw_id


def test_given_up_message_is_a_ticket_with_its_raw_bytes(desk: Desk):
    [raw_id] = desk.store([mail(1)])

    with desk.database.transaction() as tx:
        ticket_id = service.give_up(tx.session, raw_id, "the worker died three times", NOW)

    [ticket] = desk.tickets()
    assert (ticket.id, ticket.status) == (ticket_id, TicketStatus.UNPARSED)
    with desk.database.reading() as session:
        raw = session.get_one(RawMessage, raw_id)
        assert (raw.outcome, raw.problem) == (RawOutcome.UNPARSED, "the worker died three times")


def test_giving_up_twice_opens_one_ticket(desk: Desk):
    [raw_id] = desk.store([mail(1)])

    with desk.database.transaction() as tx:
        ids = {service.give_up(tx.session, raw_id, "it died", NOW) for _ in range(2)}

    assert len(ids) == len(desk.tickets()) == 1


def test_filing_twice_changes_nothing(desk: Desk):
    ids = desk.store([mail(1), mail(2)])
    first = desk.file(ids)

    assert desk.file(ids) == first
    assert len(desk.messages()) == 2


def test_attachments_are_kept_by_content(desk: Desk):
    desk.receive(_with_files(1, b"KTP"), _with_files(2, b"KTP"))

    with desk.database.reading() as session:
        found = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        assert [(each.file_name, each.size_bytes) for each in found] == [("ktp.jpg", 3)] * 2
        assert desk.blobs.read(session, found[0].sha256) == b"KTP"
        assert found[0].sha256 == found[1].sha256


def test_same_words_with_another_file_are_no_duplicate(desk: Desk):
    [one, two] = desk.receive(
        _with_files(1, b"KTP", subject="S"), _with_files(1, b"KTP 2", subject="S")
    )

    assert [one.outcome, two.outcome] == [RawOutcome.FILED] * 2


def test_english_mail_is_told_apart(desk: Desk):
    raw = mail(1, Subject="Lost number").replace(
        b"Saya lupa nomor KPJ saya.", b"I have lost my number, could you please help me with it?"
    )

    desk.receive(raw)

    assert desk.tickets()[0].language == "en"


def test_endless_message_id_and_address_are_no_trouble(desk: Desk):
    filed = desk.receive(
        mail(1, Message_ID=f"<{'x' * 9_000}@example.org>"),
        mail(2, From=f"{'x' * 9_000}@example.org"),
    )

    assert [each.outcome for each in filed] == [RawOutcome.FILED] * 2


def test_cut_mail_says_so(desk: Desk):
    raw = mail(1)
    with desk.database.transaction() as tx:
        item = service.ToStore(desk.blobs.prepare(raw), 200 << 20, NOW)
        ids = service.store(tx.session, service.mailbox_id(tx.session, "care"), [item], NOW)

    desk.file(ids)

    assert "oversize" in desk.messages()[0].defects


def test_display_name_of_a_contact_is_its_first(desk: Desk):
    desk.receive(mail(1, From="budi@example.org"), mail(2, From=BUDI), mail(3, From=BUDI))
    desk.receive(mail(4, From="Orang Lain <budi@example.org>"))

    with desk.database.reading() as session:
        assert session.scalars(select(Contact.display_name)).all() == ["Budi"]


def test_two_workers_filing_mail_of_the_same_people_do_not_block_each_other(desk: Desk):
    batches = [
        desk.store([mail(n, Message_ID=f"<{batch}-{n}@example.org>") for n in order])
        for batch, order in enumerate([range(20), range(19, -1, -1)])
    ]

    threads = [threading.Thread(target=desk.file, args=(ids,)) for ids in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(desk.messages()) == 40
    with desk.database.reading() as session:
        assert len(session.scalars(select(Contact.id)).all()) == 20


HEAD = b"From: Budi <budi@example.org>\r\nTo: care@example.com\r\n"
NASTY = {
    "NUL in body and subject": HEAD + b"Subject: a\0b\r\n\r\nnomor\0KPJ",
    "unknown charset": HEAD + b"Content-Type: text/plain; charset=x-nope\r\n\r\nnomor \xe9",
    "latin-1 labelled UTF-8": HEAD
    + b"Content-Type: text/plain; charset=utf-8\r\n\r\nnomor \xe9\xff",
    "lone surrogate": HEAD
    + b"Content-Type: text/plain; charset=utf-16-le\r\n\r\n\x00\xd8a\x00\x00\xdc",
    "nested 5,000 deep": HEAD
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(5_000)
    ),
    "10,000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 10_000,
    "endless boundary": HEAD
    + b"Content-Type: multipart/mixed; boundary="
    + b"b" * 100_000
    + b"\r\n\r\nnomor",
    "endless subject": HEAD + b"Subject: " + b"x" * 100_000 + b"\r\n\r\nnomor",
    "bad encoded words": HEAD + b"Subject: =?utf-8?q?=FF=ZZ?= =?x?y?z?=\r\n\r\nnomor",
    "header injection": b"From: =?utf-8?q?Budi=0ABcc=3A_evil=40example.net?= <budi@example.org>"
    b"\r\nSubject: =?utf-8?q?Halo=0ABcc=3A_evil=40example.net?=\r\n\r\nnomor",
    "two senders": b"From: budi@example.org, evil@example.net\r\n\r\nnomor",
    "date outside the calendar": HEAD + b"Date: Mon, 01 Jan 0001 00:00:00 +2359\r\n\r\nnomor",
    "broken base64": HEAD
    + b"Content-Type: image/png; name=../../etc/passwd\r\n"
    + b"Content-Transfer-Encoding: base64\r\n\r\n!!!!A",
    "deep HTML": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 400_000,
    "no headers": b"\r\nSaya lupa nomor KPJ saya",
    "only noise": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("raw", NASTY.values(), ids=NASTY)
def test_nasty_mail_is_kept_and_shown(desk: Desk, raw: bytes):
    [filed] = desk.receive(raw)

    assert filed.outcome in {RawOutcome.FILED, RawOutcome.UNPARSED}
    assert [message.raw_id for message in desk.messages()] == [filed.raw_id]


def _with_files(number: int, content: bytes, subject: str = "") -> bytes:
    head = mail(
        number,
        From=BUDI,
        Subject=subject or f"Lampiran {number}",
        MIME_Version="1.0",
        Content_Type='multipart/mixed; boundary="b"',
    ).partition(b"\r\n\r\n")[0]
    return (
        head + b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nTerlampir.\r\n--b\r\n"
        b'Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename="ktp.jpg"\r\n\r\n'
        + content
        + b"\r\n--b--\r\n"
    )
