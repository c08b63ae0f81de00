"""Tickets, claims and candidates as the matcher leaves them, and a registry they came from."""

import datetime as dt

from sqlalchemy import func, select

from helpdesk.accounts import audit
from helpdesk.accounts.models import Agent, Role
from helpdesk.identity.types import About, Field
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, Ticket

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
KEY = b"k" * 32
ONE, ONE_TOO, TWO, THREE = "99000000017", "99000000025", "99000000033", "99000000041"
PEOPLE = (
    (ONE, "3273011708909001", "RAHMAT CONTOH", "1990-08-17"),
    (ONE_TOO, "3273011708909001", "RAHMAT CONTOH", "1990-08-17"),
    (TWO, "3578121708909055", "RAHMAT CONTOH", "1990-08-17"),
    (THREE, "3273015203889003", "SITI CONTOH", "1988-03-12"),
)
ROWS = [
    {"kpj": kpj, "nik": nik, "full_name": name, "birth_place": "BANDUNG", "birth_date": born}
    | {"employer": "PT CONTOH", "segment": "PU", "status": "aktif"}
    for kpj, nik, name, born in PEOPLE
]


def agent(session, name="Dewi", role=Role.AGENT):
    row = Agent(
        login=f"{name.lower()}{session.scalar(select(func.count()).select_from(Agent))}",
        name=name,
        role=role,
        password_hash="x",
        active=True,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row.id


def ticket(session, **values):
    contact = session.scalar(select(Contact)) or Contact(
        channel=Channel.EMAIL, address="", display_name="", created_at=NOW
    )
    session.add(contact)
    session.flush()
    row = Ticket(
        channel=Channel.EMAIL,
        contact_id=contact.id,
        subject="Lupa KPJ",
        status=TicketStatus.WAITING_AGENT,
        opened_at=NOW,
        updated_at=NOW,
        waiting_since=NOW,
        decision="review",
    )
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row.id


def claim(session, ticket_id, *people, verdict="review", position=0, stated=None):
    """Add a claim; `people` are tuples of the KPJ of one person, best first."""
    row = ClaimRow(
        ticket_id=ticket_id,
        position=position,
        about=About.SELF,
        verdict=verdict,
        matched_at=NOW,
    )
    session.add(row)
    session.flush()
    for field, value in (stated or {Field.FULL_NAME: "Rahmat Contoh"}).items():
        session.add(FactRow(claim_id=row.id, field=field, value=value, confidence=1.0))
    rank = 0
    for number, kpjs in enumerate(people, start=1):
        for kpj in kpjs:
            rank += 1
            session.add(
                CandidateRow(
                    claim_id=row.id,
                    rank=rank,
                    kpj=kpj,
                    person=number,
                    probability=0.9 / number,
                    way="nik",
                    evidence=[],
                )
            )
    session.flush()
    return row.id


def saw(session, agent_id, ticket_id):
    """Leave the line of somebody who has opened a ticket."""
    audit.record(
        session,
        key=KEY,
        now=NOW,
        agent_id=agent_id,
        action="ticket.view",
        subject_type="ticket",
        subject_id=ticket_id,
    )
