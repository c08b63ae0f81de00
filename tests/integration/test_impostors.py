"""Two hundred dialogues by people who want somebody else's number, through the whole path."""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from helpdesk import clock, work
from helpdesk.accounts.models import Agent, Role
from helpdesk.db import Database
from helpdesk.outbox.models import Delivery
from helpdesk.registry import load
from helpdesk.registry.reader import COLUMNS
from helpdesk.registry.synthetic import Person
from helpdesk.replies import service as replies
from helpdesk.replies.draft import mask
from helpdesk.replies.models import Draft
from helpdesk.settings import Agency, Settings
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.impostors import (
    CARE,
    US,
    Dialogue,
    Mail,
    asked,
    dialogues,
    genuine,
    mailbox,
    participants,
)
from tests.registry import AUDIT_KEY

EACH = 4  # victims of every pattern: fifty patterns make two hundred dialogues
MEMBERS = 50


@dataclass
class Office:
    """A helpdesk that has read everything, and what it knows of each mail's ticket."""

    plant: work.Plant
    folder: Path

    def receive(self, mails: dict[str, tuple[Mail, dict[str, str]]]) -> None:
        """Take mails by Message-ID through the whole inbound path."""
        paths = []
        for message_id, (mail, later) in mails.items():
            path = self.folder / f"{message_id.partition('@')[0]}.eml"
            path.write_bytes(mail.content(message_id, **later))
            paths.append(path)
        report = work.store_files(self.plant, paths)
        assert (report.stored, report.problems) == (len(paths), ())
        work.work_off(self.plant)

    def tickets(self) -> dict[str, int]:
        """Return the ticket of every mail, by Message-ID."""
        with self.plant.database.reading() as session:
            rows = session.execute(select(Message.message_id, Message.ticket_id))
            return {row.message_id: row.ticket_id for row in rows}

    def answers(self) -> dict[int, tuple[str, str, int, str]]:
        """Return disclosure, text, approvals needed and recipient by ticket."""
        with self.plant.database.reading() as session:
            rows = session.execute(
                select(Draft, Contact.address)
                .join(Ticket, Ticket.id == Draft.ticket_id)
                .join(Contact, Contact.id == Ticket.contact_id)
            )
            return {
                draft.ticket_id: (draft.disclosure, draft.body, draft.approvals_needed, address)
                for draft, address in rows
            }

    def approve(self, ticket_ids: list[int]) -> dict[int, str]:
        """Let one agent approve what one may; returns the Message-ID of each reply."""
        sent = {}
        with self.plant.database.transaction() as tx:
            agent = Agent(
                login="dewi", name="Dewi", role=Role.AGENT, password_hash="!",
                created_at=clock.now(),
            )  # fmt: skip
            tx.session.add(agent)
            tx.session.flush()
            for ticket_id in ticket_ids:
                version = tx.session.scalar(
                    select(Draft.version).where(Draft.ticket_id == ticket_id)
                )
                done = replies.approve(
                    tx.session, ticket_id, version, agent, self.plant.house, now=clock.now()
                )
                sent[ticket_id] = tx.session.get_one(Delivery, done.delivery_id).message_id
        return sent


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    conf = Settings(
        data_dir=str(tmp_path / "var"), secret_key="0" * 64, authserv_id=US,
        agency=Agency(care_address=CARE),
    )  # fmt: skip
    return Office(work.open_plant(conf, sqlite_database), tmp_path)


def register(office: Office, persons: list[Person]) -> None:
    path = office.folder / "registry.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for person in persons:
            writer.writerows(
                [getattr(record, name) for name in COLUMNS] for record in person.records
            )
    report = load.import_file(
        *(office.plant.database, path),
        reject_path=office.folder / "rejects",
        audit_key=AUDIT_KEY,
        folder=office.plant.settings.registry_work_path,
    )
    assert not report.rejected


def converse(office: Office, all_of_them: list[Dialogue]) -> dict[int, list[int]]:
    """Let the victims write and be answered, then the impostors; returns tickets by dialogue."""
    own = {f"own{at}@example.org": each for at, each in enumerate(all_of_them) if each.own}
    office.receive({name: (each.own, {}) for name, each in own.items() if each.own})
    theirs = office.tickets()
    tokens = office.approve(list(theirs.values()))
    later: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for at in range(len(all_of_them)):
        if name := f"own{at}@example.org" if f"own{at}@example.org" in own else "":
            number = theirs[name]
            later[at] = {"number": str(number), "token": tokens[number], "theirs": name}
    mine: defaultdict[int, list[int]] = defaultdict(list)
    for step in range(max(len(each.mails) for each in all_of_them)):
        mails = {
            f"d{at}s{step}@example.net": (each.mails[step], later[at])
            for at, each in enumerate(all_of_them)
            if step < len(each.mails)
        }
        office.receive(mails)
        filed = office.tickets()
        for name in mails:
            at = int(name[1:].partition("s")[0])
            mine[at].append(filed[name])
            later[at].setdefault("mine", str(filed[name]))
    return mine


def told(dialogue: Dialogue, answer: tuple[str, str, int, str]) -> str:
    """Return how much of anybody's number an answer tells: whole, masked or nothing."""
    kpjs = [
        record.kpj for person in (dialogue.victim, *dialogue.others) for record in person.records
    ]
    body = answer[1]
    if any(kpj in body.replace(" ", "") for kpj in kpjs):
        return "whole"
    return "masked" if any(mask(kpj) in body for kpj in kpjs) else "nothing"


def test_no_impostor_is_told_a_number_with_one_approval(office):
    cast = dialogues(EACH)
    register(office, [one for each in cast for one in (each.victim, *each.others)])

    tickets = converse(office, cast)

    answers = office.answers()
    table: dict[str, Counter[str]] = {}
    leaks = []
    for at, each in enumerate(cast):
        last = answers.get(tickets[at][-1])
        outcome = "no draft"
        if last is not None:
            outcome = f"{told(each, last)}, {last[0]} by {last[2]}"
            shown = told(each, last) != "nothing"
            if shown and (each.limit == "never" or last[2] < 2):
                leaks.append((each.pattern, outcome))
        table.setdefault(f"{each.limit:5} {each.pattern}", Counter())[outcome] += 1
    for pattern, outcomes in table.items():
        print(f"{pattern:60}", "; ".join(f"{n} x {what}" for what, n in outcomes.items()))
    assert len(cast) == 200
    assert leaks == []


def test_a_reply_to_a_spoofed_mail_goes_to_the_address_that_was_spoofed(office):
    cast = [each for each in dialogues(1) if each.mails[0].sender == mailbox(each.victim)]
    register(office, [one for each in cast for one in (each.victim, *each.others)])

    tickets = converse(office, cast)

    answers = office.answers()
    own = {at for at, each in enumerate(cast) if each.pattern != "two From fields"}
    assert {answers[tickets[at][-1]][3] for at in own} == {mailbox(cast[at].victim) for at in own}


def test_members_who_ask_for_themselves_get_the_whole_number_with_one_approval(office):
    members = list(participants(MEMBERS, seed=11))
    register(office, members)

    office.receive({f"m{at}@example.org": (genuine(one), {}) for at, one in enumerate(members)})

    answers, filed = office.answers(), office.tickets()
    refused = [
        at
        for at, one in enumerate(members)
        if answers[filed[f"m{at}@example.org"]][::2] != ("full", 1)
        or one.records[0].kpj not in answers[filed[f"m{at}@example.org"]][1]
    ]
    assert refused == []


def test_a_member_may_correct_a_slip_and_still_needs_no_second_person(office):
    (member,) = participants(1, seed=12)
    register(office, [member])
    wrong = member.nik[:-1] + str((int(member.nik[-1]) + 1) % 10)
    sender = mailbox(member)

    office.receive({"a@example.org": (Mail(sender, asked(member, nik=wrong)), {})})
    number = office.tickets()["a@example.org"]
    fixed = Mail(sender, f"Maaf salah ketik, NIK saya {member.nik}", f"Re: KPJ [#{number}]")
    office.receive({"b@example.org": (fixed, {})})

    assert office.answers()[number][::2] == ("full", 1)
