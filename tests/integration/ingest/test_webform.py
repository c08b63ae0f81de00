"""A request from the public form becomes one ticket, with a link to follow it."""

import datetime as dt
import threading

import pytest
from sqlalchemy import func, select

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.errors import InvalidError
from helpdesk.ingest import following, formcheck, formstamp, rates, webform
from helpdesk.ingest.following import Stage
from helpdesk.ingest.formstamp import Stamp
from helpdesk.ingest.webform import Kept, Limited, Sender
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Contact, FormUse, Message, RawMessage, Ticket, TicketLink

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
KEY = b"k" * 32
TYPED = {
    "full_name": "Rahmat Contoh",
    "birth_place": "Bandung",
    "birth_date": "17 Agustus 1990",
    "nik": "3273 0117 0890 9001",
    "reach": "email",
    "email": "rahmat@example.org",
    "question": "Saya lupa nomor KPJ.",
    "consent": "1",
}


def sender(nonce: int = 1, *, who: str = "a" * 64, most: int = 5) -> Sender:
    return Sender({who: most, "e" * 64: 300}, Stamp(NOW, f"{nonce:032x}"), KEY)


def send(
    database: Database,
    blobs: BlobStore,
    by: Sender | None = None,
    at: dt.datetime = NOW,
    **typed: str,
) -> Kept | Limited:
    said = TYPED | typed
    request = formcheck.check(said, today=NOW.date()).request
    with database.transaction() as tx:
        return webform.submit(
            tx.session, blobs, said, request, by or sender(), language="id", now=at
        )


def add(database, blobs, token, text, by=None, at=NOW):
    with database.transaction() as tx:
        return webform.add(
            tx.session, blobs, token, text, by or sender(9), follow_up_days=30, now=at
        )


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_request_is_a_ticket_of_the_web_with_what_was_typed_kept_as_it_was(database, blobs):
    kept = send(database, blobs)

    with database.reading() as session:
        ticket = session.get_one(Ticket, kept.ticket_id)
        contact = session.get_one(Contact, ticket.contact_id)
        message = session.scalars(select(Message)).one()
        raw = session.get_one(RawMessage, message.raw_id)
        assert (ticket.channel, ticket.status) == (Channel.WEB, TicketStatus.WAITING_AGENT)
        assert ticket.preview == "Saya lupa nomor KPJ."
        assert (contact.channel, contact.address) == (Channel.WEB, "rahmat@example.org")
        assert (contact.display_name, message.sender_name) == ("Rahmat Contoh",) * 2
        assert (message.direction, message.kind) == (Direction.INBOUND, MessageKind.PERSON)
        assert not message.authentic
        assert message.body.startswith("Nama lengkap: Rahmat Contoh\nTempat lahir: Bandung\n")
        assert b"3273 0117 0890 9001" in blobs.read(session, raw.sha256)


def test_only_the_hash_of_a_link_is_kept(database, blobs):
    kept = send(database, blobs)

    with database.reading() as session:
        link = session.scalars(select(TicketLink)).one()
        content = blobs.read(session, session.scalars(select(RawMessage.sha256)).one())
        assert kept.token not in link.token_sha256
        assert sender().stamp.nonce.encode() not in content  # the link is made from it
        assert webform.ticket_of(session, kept.token) == kept.ticket_id
        assert webform.ticket_of(session, "x" * 32) is None
        assert webform.ticket_of(session, "") is None


def test_a_second_press_is_the_same_request_with_the_same_link(database, blobs):
    first, again = send(database, blobs), send(database, blobs, at=NOW + dt.timedelta(minutes=3))

    assert (again.ticket_id, again.token) == (first.ticket_id, first.token)
    assert first.is_new and not again.is_new
    assert (count(database, Ticket), count(database, FormUse)) == (1, 2)


def test_presses_at_the_same_moment_are_one_request(database, blobs):
    found: list[Kept] = []
    hands = [
        threading.Thread(target=lambda: found.append(send(database, blobs))) for _ in range(6)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert len(found) == 6 and len({each.token for each in found}) == 1
    assert sum(each.is_new for each in found) == 1
    assert count(database, Ticket) == 1


def test_another_request_from_the_same_address_is_a_ticket_of_its_own(database, blobs):
    first = send(database, blobs)
    other = send(database, blobs, sender(2), full_name="Orang Lain")

    with database.reading() as session:
        ticket = session.get_one(Ticket, other.ticket_id)
        assert (ticket.linked_ticket_id, ticket.link_reason) == (first.ticket_id, "same_address")
    assert other.token != first.token
    assert (count(database, Ticket), count(database, Contact)) == (2, 1)


def test_who_sends_too_much_waits_and_nothing_of_it_is_kept(database, blobs):
    for nonce in range(5):
        assert isinstance(send(database, blobs, sender(nonce)), Kept)
    sixth = send(database, blobs, sender(6), at=NOW + dt.timedelta(minutes=10))

    assert sixth == Limited(50 * 60 + 1)
    assert count(database, RawMessage) == 5
    assert isinstance(send(database, blobs, sender(4)), Kept)  # a second press always may
    assert isinstance(send(database, blobs, sender(7, who="b" * 64)), Kept)
    assert isinstance(send(database, blobs, sender(6), at=NOW + dt.timedelta(minutes=61)), Kept)


def test_many_at_once_do_not_slip_through_together(database, blobs):
    found: list[Kept | Limited] = []
    hands = [
        threading.Thread(target=lambda n=n: found.append(send(database, blobs, sender(n, most=2))))
        for n in range(6)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert sum(isinstance(each, Kept) for each in found) == 2
    assert count(database, Ticket) == 2


def test_uses_are_forgotten_when_they_no_longer_count(database, blobs):
    send(database, blobs)
    with database.transaction() as tx:
        rates.forget(tx.session, NOW + dt.timedelta(minutes=59))
    assert count(database, FormUse) == 2
    with database.transaction() as tx:
        rates.forget(tx.session, NOW + dt.timedelta(minutes=60))
    assert count(database, FormUse) == 0


def test_an_addition_makes_it_our_turn_again(database, blobs):
    kept = send(database, blobs)
    with database.transaction() as tx:
        tx.session.get_one(Ticket, kept.ticket_id).status = TicketStatus.WAITING_PARTICIPANT
    later = NOW + dt.timedelta(hours=2)
    added = [add(database, blobs, kept.token, "NIK saya salah ketik.", at=later) for _ in "12"]

    assert [each.is_new for each in added] == [True, False]
    with database.reading() as session:
        ticket = session.get_one(Ticket, kept.ticket_id)
        assert (ticket.status, ticket.waiting_since) == (TicketStatus.WAITING_AGENT, later)
        assert (ticket.message_count, ticket.version) == (2, 2)
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert (last.body, last.sender_name) == ("NIK saya salah ketik.", "Rahmat Contoh")


def test_an_addition_needs_the_link_words_and_a_request_not_closed_for_long(database, blobs):
    kept = send(database, blobs)

    assert add(database, blobs, "x" * 32, "Halo") is None
    for words in ("", " \n ", "a" * 4_001):
        with pytest.raises(InvalidError):
            add(database, blobs, kept.token, words)
    with database.transaction() as tx:
        tx.session.get_one(Ticket, kept.ticket_id).status = TicketStatus.CLOSED
    with pytest.raises(InvalidError, match="new one"):
        add(database, blobs, kept.token, "Halo", at=NOW + dt.timedelta(days=31))
    assert add(database, blobs, kept.token, "Halo", at=NOW + dt.timedelta(days=29)).is_new


def followed(database, ticket_id, at=NOW):
    with database.reading() as session:
        return following.follow(session, ticket_id, follow_up_days=30, now=at)


def test_the_link_shows_how_far_it_is_and_only_what_came_through_the_form(database, blobs):
    kept = send(database, blobs)
    with database.transaction() as tx:
        contact_id = tx.session.scalars(select(Contact.id)).one()
        by_mail = Message(
            ticket_id=kept.ticket_id,
            direction=Direction.INBOUND,
            contact_id=contact_id,
            body="surat dari pemilik alamat",
            received_at=NOW,
        )
        tx.session.add(by_mail)
    seen = followed(database, kept.ticket_id)

    assert (seen.stage, seen.may_add, seen.sent) == (Stage.RECEIVED, True, ())
    assert "\n---\n".join(each.text for each in seen.said) == (
        "Nama lengkap: Rahmat Contoh\nTempat lahir: Bandung\nTanggal lahir: 17-08-1990\n"
        "NIK: 3273011708909001\n\nSaya lupa nomor KPJ."
    )


def test_an_answer_is_told_by_its_way_and_never_by_its_words(database, blobs):
    kept = send(database, blobs)
    sent_at = NOW + dt.timedelta(hours=1)
    with database.transaction() as tx:
        reply = Message(
            ticket_id=kept.ticket_id,
            direction=Direction.OUTBOUND,
            body="Nomor KPJ Anda 99000000001",
            received_at=sent_at,
        )
        tx.session.add(reply)
        tx.session.flush()
        tx.session.add(
            Delivery(
                ticket_id=kept.ticket_id,
                message_row_id=reply.id,
                channel=Channel.EMAIL,
                recipient="rahmat@example.org",
                message_id="made-up@example.org",
                sha256=tx.session.scalars(select(RawMessage.sha256)).one(),
                state=DeliveryState.SENT,
                created_at=sent_at,
                not_before=sent_at,
                sent_at=sent_at,
            )
        )
    seen = followed(database, kept.ticket_id, sent_at)

    assert seen.stage is Stage.ANSWERED
    assert [(each.channel, each.to, each.at) for each in seen.sent] == [
        (Channel.EMAIL, "r•••@example.org", sent_at)
    ]
    assert "99000000001" not in repr(seen) + "".join(each.text for each in seen.said)
    add(database, blobs, kept.token, "Terima kasih", at=sent_at + dt.timedelta(minutes=1))
    assert followed(database, kept.ticket_id, sent_at).stage is Stage.RECEIVED


@pytest.mark.parametrize(
    ("address", "covered"),
    [
        ("rahmat@example.org", "r•••@example.org"),
        ("@example.org", "•••@example.org"),
        ("+6281234567890", "+62•••7890"),
        ("12345678", "•••"),
    ],
)
def test_an_address_is_covered_but_for_what_its_owner_knows_it_by(address, covered):
    assert following.cover(address) == covered


def test_a_stamp_from_the_page_gives_a_link_of_its_shape():
    stamp = formstamp.read(formstamp.make(bytes(16), key=KEY, now=NOW), key=KEY, now=NOW)
    assert formstamp.is_token(formstamp.token(stamp, b"{}", key=KEY))
