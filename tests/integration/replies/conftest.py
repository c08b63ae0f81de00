"""A desk with one ticket after matching: whom it is from, what it claims, what fits."""

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, Role
from helpdesk.db import Database
from helpdesk.identity.types import About, Field
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.replies import service
from helpdesk.replies.house import House, open_house
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.held import held
from tests.registry import fill

NOW = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)  # nine in the morning in Jakarta
KPJ = "99000000017"
NIK = "3273011708909001"
BORN = dt.date(1990, 8, 17)
FACTS = {
    Field.FULL_NAME: "Rahmat Contoh",
    Field.BIRTH_PLACE: "Bandung",
    Field.BIRTH_DATE: BORN.isoformat(),
    Field.NIK: NIK,
}


RECORD = {
    "nik": NIK,
    "full_name": "RAHMAT CONTOH",
    "birth_place": "BANDUNG",
    "mother_name": "",
    "employer": "PT CONTOH",
    "segment": "PU",
    "status": "aktif",
}


def register(database: Database) -> None:
    """Put the one record into the registry that everybody sees."""
    fill(database, [{"kpj": KPJ, "birth_date": BORN.isoformat(), **RECORD}])


@dataclass
class Desk:
    """Writes rows as the rooms below would have."""

    session: Session
    house: House
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def record(self, kpj: str = KPJ, **values: Any) -> None:
        """Add a record that this session alone sees."""
        born = {"birth_day": BORN.toordinal()}
        held(self.session).add(**{"kpj": kpj, **RECORD, **born, **values})

    def ticket(self, address: str = "rahmat@example.org", **values: Any) -> Ticket:
        contact = self.session.query(Contact).filter_by(address=address).one_or_none()
        contact = contact or Contact(
            channel=Channel.EMAIL, address=address, display_name="Rahmat", created_at=NOW
        )
        self.session.add(contact)
        self.session.flush()
        ticket = Ticket(
            channel=Channel.EMAIL,
            contact_id=contact.id,
            subject="Lupa KPJ",
            status=TicketStatus.WAITING_AGENT,
            opened_at=NOW,
            updated_at=NOW,
            waiting_since=NOW,
        )
        self._set(ticket, values)
        self.message(ticket)
        return ticket

    def message(self, ticket: Ticket, **values: Any) -> Message:
        message = Message(
            ticket_id=ticket.id,
            direction=Direction.INBOUND,
            contact_id=ticket.contact_id,
            message_id=f"m{next(self.numbers)}@example.org",
            body="Saya lupa nomor KPJ",
            received_at=NOW,
            authentic=True,
            defects=[],
        )
        self._set(message, values)
        return message

    def claim(
        self, ticket: Ticket, facts: Any = None, *, kpjs: Any = (KPJ,), **values: Any
    ) -> int:
        claim = ClaimRow(
            ticket_id=ticket.id,
            position=next(self.numbers),
            about=About.SELF,
            verdict="match" if kpjs else "none",
            matched_at=NOW,
        )
        self._set(claim, values)
        for name, value in (FACTS if facts is None else facts).items():
            self.session.add(FactRow(claim_id=claim.id, field=name, value=value, confidence=0.9))
        for rank, each in enumerate(kpjs, start=1):
            kpj, person, probability = each if isinstance(each, tuple) else (each, 1, 0.999)
            self.session.add(
                CandidateRow(
                    claim_id=claim.id,
                    rank=rank,
                    kpj=kpj,
                    person=person,
                    probability=probability,
                    way="nik",
                    evidence=[],
                )
            )
        self.session.flush()
        return claim.id

    def agent(self, role: Role = Role.AGENT, name: str = "Dewi Contoh") -> Agent:
        agent = Agent(
            login=f"a{next(self.numbers)}", name=name, role=role, password_hash="x", created_at=NOW
        )
        self._set(agent, {"active": True})
        return agent

    def draft(self, *tickets: Ticket, now: dt.datetime = NOW) -> None:
        ids = [ticket.id for ticket in tickets]
        ready = service.prepare(self.session, ids, self.house, now=now)
        service.save(self.session, ready, now=now)
        self.session.expire_all()

    def _set(self, row: Any, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        self.session.add(row)
        self.session.flush()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    settings = Settings(
        data_dir=str(tmp_path_factory.mktemp("house")),
        secret_key="0" * 64,
        policy_file=str(Path("config/policy.toml").resolve()),
    )
    return open_house(settings)


@pytest.fixture
def desk(database: Database, house: House) -> Iterator[Desk]:
    with database.transaction() as tx:
        yield Desk(tx.session, house)


@pytest.fixture
def proven(desk: Desk) -> Ticket:
    """A ticket that one agent may answer with the whole number, drafted."""
    desk.record()
    ticket = desk.ticket()
    desk.claim(ticket)
    desk.draft(ticket)
    return ticket


@pytest.fixture
def doubtful(desk: Desk) -> Ticket:
    """The same from a sender nobody vouches for: two people, masked."""
    desk.record()
    ticket = desk.ticket()
    desk.message(ticket, authentic=False)
    desk.claim(ticket)
    desk.draft(ticket)
    return ticket
