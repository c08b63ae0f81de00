"""A ticket whose reply is about to be approved."""

import datetime as dt
import itertools
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.outbox import service
from helpdesk.outbox.mail import OutgoingReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)


class Desk:
    """One database and the few things these tests do to it, each in its own transaction."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database = database
        self.blobs = blobs

    def reply(self, **changed: object) -> OutgoingReply:
        with self.database.transaction() as tx:
            return a_reply(tx.session, **changed)

    def queue(self, *, undo_s: float = 0, **changed: object) -> int:
        with self.database.transaction() as tx:
            reply = a_reply(tx.session, **changed)
            return service.queue(tx.session, self.blobs, reply, undo_s=undo_s, now=NOW).id

    def call(self, function: Callable[..., object], *args: object, **named: object):
        with self.database.transaction() as tx:
            return function(tx.session, *args, **({"now": NOW} | named))

    def begin(self, delivery_id: int, now: dt.datetime = NOW):
        return self.call(service.begin, self.blobs, delivery_id, now=now)

    def delivery(self, delivery_id: int) -> Delivery:
        with self.database.reading() as session:
            found = session.get(Delivery, delivery_id)
            assert found is not None
            return found

    def state(self, delivery_id: int) -> DeliveryState:
        return self.delivery(delivery_id).state

    def status(self, delivery_id: int) -> TicketStatus:
        with self.database.reading() as session:
            ticket = session.get(Ticket, self.delivery(delivery_id).ticket_id)
            assert ticket is not None
            return ticket.status


@pytest.fixture
def desk(database: Database, blobs: BlobStore) -> Desk:
    return Desk(database, blobs)


def a_reply(session: Session, **changed: object) -> OutgoingReply:
    """Put a ticket with an outbound message into the database; the reply is for it."""
    number = next(_numbers)
    address = f"peserta{number}@example.com"
    contact = Contact(
        channel=Channel.EMAIL, address=address, display_name="Peserta", created_at=NOW
    )
    session.add(contact)
    session.flush()
    ticket = Ticket(
        channel=Channel.EMAIL, contact_id=contact.id, subject="KPJ hilang",
        status=TicketStatus.WAITING_PARTICIPANT, opened_at=NOW, updated_at=NOW, waiting_since=NOW,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    message = Message(
        ticket_id=ticket.id, direction=Direction.OUTBOUND, body="Halo", received_at=NOW
    )
    session.add(message)
    session.flush()
    fields = {
        "ticket_id": ticket.id,
        "message_row_id": message.id,
        "from_name": "Layanan",
        "from_address": "care@example.org",
        "recipient": address,
        "subject": "Re: KPJ hilang",
        "body": "Halo",
        "language": "id",
        "date": NOW,
        "secret": "secret",
    }
    return OutgoingReply(**(fields | changed))
