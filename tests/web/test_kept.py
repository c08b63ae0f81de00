"""Mail that is in no ticket, and mail that could not be read: what a person can do about it."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.ingest import service as ingest
from helpdesk.ingest import storing
from helpdesk.jobs import Job, JobRow
from helpdesk.tickets.kinds import MessageKind, RawOutcome, TicketStatus
from helpdesk.tickets.models import Message, RawMessage, Ticket
from tests.web.conftest import Browser

LIST_MAIL = b"""From: Panitia <panitia@lists.example.com>
To: semua@lists.example.com
Subject: Nomor KPJ hilang
List-Id: <semua.lists.example.com>
Message-ID: <satu@lists.example.com>

Nama: Rahmat Contoh
"""
SignIn = Callable[..., Browser]


@pytest.fixture
def keep(app: Starlette) -> Callable[..., int]:
    """Store a mail, let ingestion file it unless an outcome is given, and return its raw id."""
    house = app.state.house

    def run(content: bytes = LIST_MAIL, outcome: RawOutcome | None = None) -> int:
        now = clock.now()
        item = storing.ToStore(house.blobs.prepare(content), len(content), now - dt.timedelta(1))
        with house.database.transaction() as tx:
            box = ingest.mailbox_id(tx.session, "care", "INBOX")
            (raw_id,) = ingest.store(tx.session, box, [item], now)
            if outcome is not None:
                tx.session.get_one(RawMessage, raw_id).outcome = outcome
        if outcome is None:
            conf = ingest.receive_config(house.settings)
            with house.database.transaction() as tx:
                ready = ingest.read(tx.session, house.blobs, [raw_id], conf)
                ingest.file(tx.session, ready, now)
        return raw_id

    return run


def test_mail_without_ticket_is_listed_with_sender_and_subject(signed_in: SignIn, keep):
    keep()

    page = signed_in().get("/kept").text

    assert "Panitia" in page
    assert "Nomor KPJ hilang" in page
    assert "Otomatis atau milis" in page


def test_list_can_be_narrowed_to_one_kind(signed_in: SignIn, keep):
    keep()

    assert "Panitia" not in signed_in().get("/kept?outcome=bounce").text


@pytest.mark.parametrize("query", ["before=x", "before=²", "before=" + "9" * 30, "outcome=filed"])
def test_odd_addresses_show_the_list(signed_in: SignIn, keep, query: str):
    keep()

    assert "Panitia" in signed_in().get(f"/kept?{query}").text


def test_older_mail_is_on_the_next_page(signed_in: SignIn, keep):
    for number in range(51):
        keep(LIST_MAIL + str(number).encode(), RawOutcome.IGNORED)
    browser = signed_in()

    assert 'href="/kept?before=2"' in browser.get("/kept").text
    assert browser.get("/kept?before=2").text.count("<tr>") == 2


def test_long_numbers_are_covered_in_the_list(signed_in: SignIn, keep):
    keep(LIST_MAIL.replace(b"hilang", b"3273011708909001"))

    assert "3273011708909001" not in signed_in().get("/kept").text


def test_large_mail_is_listed_without_being_read(signed_in: SignIn, keep):
    keep(LIST_MAIL + b"x" * (2 << 20), RawOutcome.IGNORED)

    page = signed_in().get("/kept").text

    assert "Panitia" not in page
    assert "2,1 MB" in page


def test_kept_mail_is_saved_as_it_came_and_recorded(signed_in: SignIn, keep):
    browser = signed_in(Role.SUPERVISOR)

    response = browser.get(f"/kept/{keep()}/raw")

    assert response.content == LIST_MAIL
    assert browser.get("/audit?action=mail.raw").text.count("<tr>") == 2


def test_filed_mail_is_not_handed_over_here(signed_in: SignIn, keep):
    raw_id = keep(outcome=RawOutcome.FILED)

    assert signed_in().get(f"/kept/{raw_id}/raw").status_code == 404


def test_agent_makes_a_ticket_of_ignored_mail(app: Starlette, signed_in: SignIn, keep):
    raw_id, browser = keep(), signed_in()

    response = browser.send_form(f"/kept/{raw_id}/ticket")

    assert response.status_code == 303
    assert "Rahmat Contoh" in browser.get(response.headers["location"]).text
    with app.state.house.database.reading() as session:
        assert session.scalars(select(JobRow.job)).all() == [Job.MATCH]
        assert session.scalar(select(Message.kind)) is MessageKind.LIST


def test_mail_becomes_a_ticket_only_once(signed_in: SignIn, keep):
    raw_id, browser = keep(), signed_in()
    browser.send_form(f"/kept/{raw_id}/ticket")

    assert browser.send_form(f"/kept/{raw_id}/ticket").status_code == 409


def test_our_own_mail_can_become_a_ticket(app: Starlette, signed_in: SignIn, keep):
    ours = app.state.house.settings.agency.care_address.encode()
    raw_id = keep(LIST_MAIL.replace(b"panitia@lists.example.com", ours))

    assert signed_in().send_form(f"/kept/{raw_id}/ticket").status_code == 303


@pytest.mark.parametrize("outcome", [RawOutcome.BOUNCE, RawOutcome.DUPLICATE])
def test_bounces_and_copies_become_none(signed_in: SignIn, keep, outcome: RawOutcome):
    raw_id = keep(outcome=outcome)

    assert signed_in().send_form(f"/kept/{raw_id}/ticket").status_code == 409


def test_unread_mail_is_read_again_into_a_ticket_of_its_own(app, signed_in: SignIn, keep):
    ticket_id = _unread(app, keep(LIST_MAIL.replace(b"List-Id", b"X-Id"), RawOutcome.UNPARSED))
    browser = signed_in()

    response = browser.send_form(f"/tickets/{ticket_id}/again", {"version": "1"})

    assert "Rahmat Contoh" in browser.get(response.headers["location"]).text
    with app.state.house.database.reading() as session:
        old = session.get_one(Ticket, ticket_id)
        assert (old.status, old.message_count) == (TicketStatus.CLOSED, 0)
        assert response.headers["location"] == f"/tickets/{old.linked_ticket_id}"


def test_unread_mail_that_needs_no_ticket_leads_to_the_kept_mail(app, signed_in: SignIn, keep):
    ticket_id = _unread(app, keep(LIST_MAIL, RawOutcome.UNPARSED))

    response = signed_in().send_form(f"/tickets/{ticket_id}/again", {"version": "1"})

    assert response.headers["location"] == "/kept"


def test_mail_that_still_cannot_be_read_stays_where_it_is(app, signed_in: SignIn, keep):
    ticket_id = _unread(app, keep(b"\n\n", RawOutcome.UNPARSED))

    response = signed_in().send_form(f"/tickets/{ticket_id}/again", {"version": "1"})

    assert response.status_code == 422
    assert "tetap tidak terbaca" in response.text


def test_two_agents_read_it_again_only_once(app, signed_in: SignIn, keep):
    ticket_id = _unread(app, keep(outcome=RawOutcome.UNPARSED))

    response = signed_in().send_form(f"/tickets/{ticket_id}/again", {"version": "7"})

    assert response.status_code == 409


def _unread(app: Starlette, raw_id: int) -> int:
    """File a raw message as one that could not be read; returns its ticket."""
    with app.state.house.database.transaction() as tx:
        tx.session.get_one(RawMessage, raw_id).outcome = None
        tx.session.flush()
        return ingest.give_up(tx.session, raw_id, "RecursionError", clock.now())
