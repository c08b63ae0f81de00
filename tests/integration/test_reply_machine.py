"""Random lives of three tickets: what leaves is what enough people allowed, once, to its contact.

Two are answered by mail, the third by people on WhatsApp.
"""

import datetime as dt
import hashlib
import json
import re
import tempfile
from email import message_from_bytes
from email.policy import compat32
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, update

from helpdesk.accounts import audit
from helpdesk.accounts.models import Agent, Role
from helpdesk.blobs import BlobStore
from helpdesk.db import Base, Database
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from helpdesk.identity.types import About, Field
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.outbox import handover
from helpdesk.outbox import service as outbox
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Outcome, OutcomeKind, Phase, Step
from helpdesk.registry.serving import serving
from helpdesk.replies import service as replies
from helpdesk.replies.freeze import still_valid
from helpdesk.replies.house import open_house
from helpdesk.replies.models import Approval, Draft
from helpdesk.settings import Outbox, Settings
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.registry import change, fill

START = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
KEY = audit.key_from("0" * 64)
BORN = dt.date(1990, 8, 17)
PEOPLE = {  # NIK -> name, KPJ
    "3273011708909001": ("Rahmat Contoh", "99000000017"),
    "3273011708909077": ("Budi Contoh", "99000000033"),
    "3273011708909155": ("Citra Contoh", "99000000041"),
}
RECORDS = [
    {
        "kpj": kpj,
        "nik": nik,
        "full_name": name.upper(),
        "birth_place": "BANDUNG",
        "birth_date": BORN.isoformat(),
        "employer": "PT CONTOH",
        "segment": "PU",
        "status": "aktif",
    }
    for nik, (name, kpj) in PEOPLE.items()
]
ADDRESSES = {1: "rahmat@example.org", 2: "budi@example.net", 3: "+6281200009003"}
CHANNELS = {1: Channel.EMAIL, 2: Channel.EMAIL, 3: Channel.WHATSAPP}
REFUSED = (ConflictError, ForbiddenError, InvalidError, NotFoundError)
TICKETS = st.sampled_from((1, 2, 3))
AGENTS = st.sampled_from((1, 2, 3, 4))  # agent, agent, supervisor, supervisor
NIKS = st.sampled_from(tuple(PEOPLE))
FACTS = ("full_name", "birth_date", "nik")
_NUMBER = re.compile(r"\d{11}")


class Replies(RuleBasedStateMachine):
    """The model remembers what each person saw when they said yes, and what the server took."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{self.folder.name}/desk.sqlite3")
        Base.metadata.create_all(self.database.engine)
        self.now = START
        self.said_yes: dict[tuple[int, int], set[int]] = {}  # ticket, version -> agents
        self.allowed: dict[int, tuple[str, int, set[int]]] = {}  # delivery -> body, needed, who
        self.accepted: list[tuple[int, bytes]] = []
        self.given: list[int] = []  # handed over, unless a person found that it was not sent
        conf = Settings(
            data_dir=self.folder.name,
            secret_key="0" * 64,
            policy_file=str(Path("config/policy.toml").resolve()),
        )
        self.house = open_house(conf)
        self.blobs = BlobStore(conf.blob_path)
        fill(self.database, RECORDS)
        with self.database.transaction() as tx:
            self._fill(tx.session)
        for ticket_id, nik in zip(ADDRESSES, PEOPLE, strict=True):
            self._write(ticket_id, nik, authentic=True)

    def teardown(self) -> None:
        self.database.dispose()
        self.folder.cleanup()

    @rule(ticket_id=TICKETS, nik=NIKS, authentic=st.booleans())
    def somebody_writes(self, ticket_id: int, nik: str, authentic: bool) -> None:
        self._write(ticket_id, nik, authentic=authentic)

    @rule(ticket_id=TICKETS, agent_id=AGENTS, nik=NIKS, shown=st.booleans())
    def agent_edits(self, ticket_id: int, agent_id: int, nik: str, shown: bool) -> None:
        with refusals(), self.database.transaction() as tx:
            draft = self._draft(tx.session, ticket_id)
            body = f"Nomor KPJ {PEOPLE[nik][1]}" if shown else f"Halo {self.now.isoformat()}"
            replies.edit(tx.session, ticket_id, draft.version, body, agent_id, self.now)

    @rule(ticket_id=TICKETS, agent_id=AGENTS, situation=st.sampled_from(("one_kpj", "refused")))
    def agent_chooses_a_macro(self, ticket_id: int, agent_id: int, situation: str) -> None:
        with refusals(), self.database.transaction() as tx:
            replies.use_macro(
                tx.session, ticket_id, situation, "id", agent_id, self.house, self.now
            )

    @rule(ticket_id=TICKETS)
    def two_approve_one_after_the_other(self, ticket_id: int) -> None:
        for agent_id in (1, 3):
            self._approve(ticket_id, agent_id, late=0)

    @rule(ticket_id=TICKETS, nik=NIKS, authentic=st.booleans(), kind=st.sampled_from(OutcomeKind))
    def a_whole_round(self, ticket_id: int, nik: str, authentic: bool, kind: OutcomeKind) -> None:
        self._write(ticket_id, nik, authentic=authentic)
        for agent_id in (2, 1, 4):  # the second of them may not be the second yes
            self._approve(ticket_id, agent_id, late=0)
        for _ in range(2):  # the second time is one too many, unless it was refused for now
            self.now += dt.timedelta(hours=8)
            for delivery_id in self.allowed:
                self._send(delivery_id, kind, later=True)

    @rule(ticket_id=TICKETS, agent_id=AGENTS, late=st.sampled_from((0, 0, 0, 1)))
    def agent_approves(self, ticket_id: int, agent_id: int, late: int) -> None:
        self._approve(ticket_id, agent_id, late=late)

    def _approve(self, ticket_id: int, agent_id: int, *, late: int) -> None:
        with refusals(), self.database.transaction() as tx:
            draft = self._draft(tx.session, ticket_id)
            version, body = draft.version - late, draft.body
            done = replies.approve(
                tx.session,
                ticket_id,
                version,
                tx.session.get_one(Agent, agent_id),
                self.house,
                confirm=FACTS,
                now=self.now,
            )
            assert not late
            who = self.said_yes.setdefault((ticket_id, version), set())
            who.add(agent_id)
            if done.delivery_id is not None:
                self.allowed[done.delivery_id] = (body, draft.approvals_needed, set(who))
            self._note(tx.session, "draft.approve", agent_id, ticket_id)

    @rule(ticket_id=TICKETS, agent_id=AGENTS)
    def agent_rejects(self, ticket_id: int, agent_id: int) -> None:
        with refusals(), self.database.transaction() as tx:
            draft = self._draft(tx.session, ticket_id)
            agent = tx.session.get_one(Agent, agent_id)
            replies.reject(
                tx.session, ticket_id, draft.version, agent, "Periksa lagi", now=self.now
            )
            self.said_yes.pop((ticket_id, draft.version), None)

    @rule(agent_id=AGENTS, active=st.sampled_from((True, True, False)))
    def account_is_closed_or_opened(self, agent_id: int, active: bool) -> None:
        with self.database.transaction() as tx:
            tx.session.execute(update(Agent).where(Agent.id == agent_id).values(active=active))

    @rule(nik=NIKS, right=st.sampled_from((True, True, False)))
    def registry_changes(self, nik: str, right: bool) -> None:
        name, kpj = PEOPLE[nik]
        change(self.database, kpj, full_name=name.upper() if right else "SITI CONTOH")

    @rule(ticket_id=TICKETS, is_open=st.sampled_from((True, True, False)))
    def ticket_is_moved(self, ticket_id: int, is_open: bool) -> None:
        status = TicketStatus.WAITING_AGENT if is_open else TicketStatus.CLOSED
        with self.database.transaction() as tx:
            tx.session.execute(update(Ticket).where(Ticket.id == ticket_id).values(status=status))

    @precondition(lambda self: self.allowed)
    @rule(data=st.data())
    def reply_is_taken_back(self, data: st.DataObject) -> None:
        with refusals(), self.database.transaction() as tx:
            outbox.cancel(
                tx.session, data.draw(st.sampled_from(sorted(self.allowed))), now=self.now
            )

    @precondition(lambda self: self.allowed)
    @rule(
        kind=st.sampled_from((OutcomeKind.ACCEPTED, *OutcomeKind)),
        later=st.booleans(),
        meanwhile=st.sampled_from(("", "", "registry", "account")),
    )
    def worker_sends_what_is_due(self, kind: OutcomeKind, later: bool, meanwhile: str) -> None:
        self.now += dt.timedelta(hours=8)
        if meanwhile == "registry":
            self._rename_everybody()
        if meanwhile == "account":
            with self.database.transaction() as tx:
                tx.session.execute(update(Agent).where(Agent.id == 1).values(active=False))
        for delivery_id in self.allowed:
            self._send(delivery_id, kind, later=later)

    def _send(self, delivery_id: int, kind: OutcomeKind, *, later: bool) -> None:
        with self.database.transaction() as tx:
            if not outbox.may_begin(tx.session, delivery_id, now=self.now):
                return
            if not still_valid(tx.session, delivery_id):
                outbox.spoil(tx.session, delivery_id, "changed", now=self.now)
                return
            outgoing = outbox.begin(tx.session, self.blobs, delivery_id, now=self.now)
        assert outgoing is not None
        text = message_from_bytes(outgoing.content, policy=compat32).get_payload(decode=True)
        self._check(delivery_id, outgoing.recipient, text.decode())
        if kind is OutcomeKind.ACCEPTED or (kind is OutcomeKind.UNKNOWN and later):
            self.accepted.append((delivery_id, outgoing.content))
        phase = Phase.FINAL if kind in {OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN} else Phase.RCPT
        outcome = Outcome(kind, phase, outgoing.attempt)
        with self.database.transaction() as tx:
            outbox.record(tx.session, delivery_id, outcome, now=self.now, conf=Outbox())
            self._note(tx.session, "delivery.send", None, delivery_id)

    @precondition(lambda self: self.allowed)
    @rule(data=st.data())
    def person_settles_an_unknown_one_rightly(self, data: st.DataObject) -> None:
        delivery_id = data.draw(st.sampled_from(sorted(self.allowed)))
        arrived = any(each == delivery_id for each, _ in self.accepted)
        with refusals(), self.database.transaction() as tx:
            outbox.resolve_unknown(tx.session, delivery_id, sent=arrived, now=self.now)
            if not arrived and delivery_id in self.given:
                self.given.remove(delivery_id)

    @rule(nik=NIKS)
    def a_whole_round_by_hand(self, nik: str) -> None:
        self._write(3, nik, authentic=False)
        for agent_id in (2, 1, 4):
            self._approve(3, agent_id, late=0)
        self._hand_over("")
        self._hand_over("")

    @rule(meanwhile=st.sampled_from(("", "", "registry")))
    def what_waits_is_handed_over(self, meanwhile: str) -> None:
        self._hand_over(meanwhile)

    def _rename_everybody(self) -> None:
        everybody = [row | {"full_name": "SITI CONTOH"} for row in RECORDS]
        fill(self.database, everybody)

    def _hand_over(self, meanwhile: str) -> None:
        self.now += dt.timedelta(minutes=5)
        if meanwhile:
            self._rename_everybody()
        with self.database.transaction() as tx:
            handed = handover.hand(
                tx.session,
                self.blobs,
                Channel.WHATSAPP,
                1,
                may_leave=lambda each: still_valid(tx.session, each),
                now=self.now,
            )
        if handed.number is None:
            return
        with self.database.reading() as session:
            lines = handover.file(session, self.blobs, handed.number).splitlines()
        for line in map(json.loads, lines):
            assert line["parts"] == 1
            self._check(line["reply"], line["to"], line["text"])
            self.given.append(line["reply"])

    @precondition(lambda self: self.allowed)
    @rule(data=st.data(), what=st.sampled_from(("mark", "mark", "unmark", Step.FAIL, Step.LOSE)))
    def whoever_sends_by_hand_says_what_became_of_it(self, data: st.DataObject, what) -> None:
        delivery_id = data.draw(st.sampled_from(sorted(self.allowed)))
        with refusals(), self.database.transaction() as tx:
            if what == "mark":
                handover.mark_sent(tx.session, delivery_id, 1, now=self.now)
            elif what == "unmark":
                handover.unmark(tx.session, delivery_id, now=self.now)
            else:
                handover.settle(tx.session, delivery_id, what, now=self.now)

    @invariant()
    def nothing_is_handed_over_twice_nor_by_a_machine(self) -> None:
        assert len(self.given) == len(set(self.given))
        with self.database.reading() as session:
            by_hand = set(session.scalars(select(Delivery.id).where(Delivery.by_hand)))
        assert set(self.given) <= by_hand
        assert not by_hand & {delivery_id for delivery_id, _ in self.accepted}

    @precondition(lambda self: self.accepted)
    @rule(data=st.data(), genuine=st.booleans())
    def bounce_comes(self, data: st.DataObject, genuine: bool) -> None:
        delivery_id, _ = data.draw(st.sampled_from(self.accepted))
        with self.database.transaction() as tx:
            message_id = tx.session.get_one(Delivery, delivery_id).message_id
            quoted = message_id if genuine else "reply.1.1x1.aaaaaaaaaaaaaaaaaaaa@example.org"
            outbox.bounced(tx.session, [quoted], [], permanent=True, reason="x", now=self.now)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        sent = [delivery_id for delivery_id, _ in self.accepted]
        assert len(sent) == len(set(sent))
        bodies = [hashlib.sha256(content).digest() for _, content in self.accepted]
        assert len(bodies) == len(set(bodies))

    @invariant()
    def the_trail_is_whole(self) -> None:
        with self.database.reading() as session:
            assert audit.verify(session, KEY) is None

    @invariant()
    def every_delivery_was_allowed(self) -> None:
        with self.database.reading() as session:
            live = session.scalars(
                select(Delivery.id).where(Delivery.state != DeliveryState.CANCELLED)
            )
            assert set(live) <= set(self.allowed)

    def _check(self, delivery_id: int, recipient: str, text: str) -> None:
        """Compare what is about to leave with what people said yes to, and with the registry."""
        body, needed, who = self.allowed[delivery_id]
        with self.database.reading() as session:
            delivery = session.get_one(Delivery, delivery_id)
            yes = set(
                session.scalars(
                    select(Approval.agent_id).where(Approval.delivery_id == delivery_id)
                )
            )
            evidence = session.scalar(
                select(Approval.evidence).where(Approval.delivery_id == delivery_id).limit(1)
            )
            open_accounts = set(session.scalars(select(Agent.id).where(Agent.active)))
            kpjs = [kpj for _, kpj in PEOPLE.values()]
            found = serving(session).by_kpj(kpjs)
            niks = {kpj: (row.nik, row.full_name) for kpj, row in found.items()}
        assert text.replace("\r\n", "\n").startswith(body.rstrip())
        assert yes <= who
        assert len(yes & open_accounts) >= needed
        assert needed == 1 or who & {3, 4}  # one of the two is a supervisor
        assert recipient == delivery.recipient == ADDRESSES[delivery.ticket_id]
        for kpj in _NUMBER.findall(text):
            nik, name = niks[kpj]
            stated = evidence["facts"]
            assert stated["nik"] == nik
            assert stated["full_name"].upper() == name
            assert evidence["disclosure"] == "full"
        json.dumps(evidence)  # for the auditor

    def _write(self, ticket_id: int, nik: str, *, authentic: bool) -> None:
        """Store a message, what it claims and what fits, and draft, as the workers would."""
        self.now += dt.timedelta(minutes=1)
        with self.database.transaction() as tx:
            ticket = tx.session.get_one(Ticket, ticket_id)
            tx.session.add(
                Message(
                    ticket_id=ticket_id,
                    direction=Direction.INBOUND,
                    contact_id=ticket.contact_id,
                    body="Lupa KPJ",
                    received_at=self.now,
                    authentic=authentic,
                    defects=[],
                )
            )
            ticket.status = TicketStatus.WAITING_AGENT
            tx.session.flush()
            self._claim(tx.session, ticket_id, nik)
            ready = replies.prepare(tx.session, [ticket_id], self.house, now=self.now)
            replies.save(tx.session, ready, now=self.now)

    def _claim(self, session, ticket_id: int, nik: str) -> None:
        name, kpj = PEOPLE[nik]
        claim = session.scalar(select(ClaimRow).where(ClaimRow.ticket_id == ticket_id))
        if claim is None:
            claim = ClaimRow(
                ticket_id=ticket_id,
                position=0,
                about=About.SELF,
                verdict="match",
                matched_at=START,
            )
            session.add(claim)
            session.flush()
        for table in (FactRow, CandidateRow):
            session.query(table).filter_by(claim_id=claim.id).delete()
        facts = {
            Field.FULL_NAME: name,
            Field.BIRTH_PLACE: "Bandung",
            Field.BIRTH_DATE: BORN.isoformat(),
            Field.NIK: nik,
        }
        session.add_all(
            FactRow(claim_id=claim.id, field=field, value=value, confidence=0.9)
            for field, value in facts.items()
        )
        session.add(
            CandidateRow(
                claim_id=claim.id,
                rank=1,
                kpj=kpj,
                person=1,
                probability=0.999,
                way="nik",
                evidence=[],
            )
        )
        session.flush()

    def _fill(self, session) -> None:
        roles = (Role.AGENT, Role.AGENT, Role.SUPERVISOR, Role.SUPERVISOR)
        session.add_all(
            Agent(
                id=number, login=f"a{number}", name=f"Orang {number}", role=role,
                password_hash="!", active=True, created_at=START,
            )
            for number, role in enumerate(roles, start=1)
        )  # fmt: skip
        session.add_all(
            Contact(
                id=number, channel=CHANNELS[number], address=address, display_name="",
                created_at=START,
            )
            for number, address in ADDRESSES.items()
        )  # fmt: skip
        session.flush()
        session.add_all(
            Ticket(
                id=number, channel=CHANNELS[number], contact_id=number, subject="Lupa KPJ",
                status=TicketStatus.WAITING_AGENT, opened_at=START, updated_at=START,
                waiting_since=START,
            )
            for number in ADDRESSES
        )  # fmt: skip

    def _draft(self, session, ticket_id: int) -> Draft:
        draft = session.scalar(select(Draft).where(Draft.ticket_id == ticket_id))
        if draft is None:
            raise NotFoundError("no draft")
        return draft

    def _note(self, session, action: str, agent_id: int | None, subject: int) -> None:
        audit.record(
            session, key=KEY, now=self.now, agent_id=agent_id, action=action,
            subject_type="ticket", subject_id=subject,
        )  # fmt: skip


class refusals:  # noqa: N801 - reads as a word where it is used
    """Let a refusal end the step, and take back what it had written."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind, error, trace) -> bool:
        return kind is not None and issubclass(kind, REFUSED)


TestReplies = Replies.TestCase
TestReplies.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
