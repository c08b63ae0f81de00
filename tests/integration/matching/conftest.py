import datetime as dt

import pytest
from sqlalchemy import select

from helpdesk.registry import load, synthetic
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.registry import AUDIT_KEY, fill

_STATED = ("kpj", "nik", "full_name", "birth_place", "birth_date")
NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def people():
    return list(synthetic.people(60, seed=1))


@pytest.fixture
def registry(database, tmp_path):
    """A made-up registry of 60 people in `database`."""
    path = tmp_path / "made.csv"
    synthetic.write(path, people=60, seed=1)
    load.import_file(
        *(database, path),
        reject_path=tmp_path / "rejects.csv",
        audit_key=AUDIT_KEY,
        folder=tmp_path / "work",
    )
    return database


@pytest.fixture
def bring_in(database):
    """Import rows given as (kpj, nik, name, place, date)."""

    def run(*rows):
        fill(database, [dict(zip(_STATED, row, strict=True)) for row in rows])
        return database

    return run


@pytest.fixture
def write_in(database):
    """Make a ticket of these messages, or add them to one; return its id."""

    def run(*texts, ticket_id=None, kind=MessageKind.PERSON, subject="Lupa nomor KPJ"):
        with database.transaction() as tx:
            if ticket_id is None:
                contact = Contact(
                    channel=Channel.EMAIL, address="", display_name="", created_at=NOW
                )
                contact = tx.session.scalar(select(Contact)) or contact
                tx.session.add(contact)
                tx.session.flush()
                ticket = Ticket(
                    channel=Channel.EMAIL,
                    contact_id=contact.id,
                    subject=subject,
                    status=TicketStatus.WAITING_AGENT,
                    opened_at=NOW,
                    updated_at=NOW,
                    waiting_since=NOW,
                )
                tx.session.add(ticket)
                tx.session.flush()
                ticket_id = ticket.id
            for text in texts:
                tx.session.add(
                    Message(
                        ticket_id=ticket_id,
                        direction=Direction.INBOUND,
                        kind=kind,
                        body=text,
                        received_at=NOW,
                    )
                )
        return ticket_id

    return run
