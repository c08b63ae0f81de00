"""Calls and visits: an agent opens the ticket, verifies the caller, reads the answer out."""

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.jobs import Job, JobRow
from helpdesk.matching.models import FactRow
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Contact, Message, Ticket, Verification
from tests.registry import RECORD, fill

NIK = "3273011708909001"
TYPED = {
    "channel": "phone",
    "caller": "Rahmat Contoh",
    "number": "0812 3456 7890",
    "full_name": "Rahmat Contoh",
    "birth_place": "Bandung",
    "birth_date": "17 Agustus 1990",
    "nik": "3273 0117 0890 9001",
    "question": "Lupa nomor KPJ, kartunya hilang.",
}


@pytest.fixture(autouse=True)
def registry(app: Starlette) -> None:
    fill(app.state.house.database, [RECORD])


def one(app: Starlette, *columns):
    with app.state.house.database.reading() as session:
        return session.execute(select(*columns)).one()


def test_a_call_is_a_ticket_with_its_candidate_and_draft_at_once(app, signed_in):
    browser = signed_in()
    saved = browser.send_form("/intake/new", TYPED)
    ticket = one(app, Ticket.channel, Ticket.assignee_id, Ticket.decision, Ticket.claim_facts)

    assert (saved.status_code, saved.headers["location"]) == (303, "/tickets/1")
    assert ticket == (Channel.PHONE, browser.agent_id, "match", "npdi")
    assert one(app, Contact.address, Contact.phone, Contact.display_name) == (
        *("+6281234567890", "+6281234567890", "Rahmat Contoh"),
    )
    assert one(app, Message.body).body.startswith("Nama lengkap: Rahmat Contoh\n")
    with app.state.house.database.reading() as session:
        facts = session.scalars(select(FactRow.agent_id)).all()
        assert facts == [None] * 4  # said in the conversation, so nobody changed them
        assert session.scalars(select(JobRow.job)).all() == []
    page = browser.get("/tickets/1").text
    assert "Nama ibu kandung" in page and "Sisa 3 kali." in page
    assert "AMINAH" not in page.upper()


def test_a_visitor_without_a_number_is_shown_by_name(app, signed_in):
    browser = signed_in()
    browser.send_form("/intake/new", TYPED | {"channel": "counter", "number": ""})

    assert one(app, Contact.address).address.startswith("no-number:")
    assert "no-number" not in browser.get("/tickets/1").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"nik": "12"}, "NIK terdiri dari 16 angka"),
        ({"number": "halo"}, "Isi nomor seperti"),
        ({"channel": "pigeon"}, "Pilih menelepon atau datang"),
        ({"caller": "", "full_name": ""}, "Isi nama yang menelepon"),
        ({"birth_date": "31-02-1990"}, "Isi tanggal lahir dengan tanggal"),
        ({"question": "a" * 4_001}, "Ini terlalu panjang"),
        (
            dict.fromkeys(("full_name", "birth_place", "birth_date", "nik", "question"), ""),
            "Isi salah satu",
        ),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_in_its_field(app, signed_in, typed, said):
    page = signed_in().send_form("/intake/new", TYPED | typed)

    assert page.status_code == 422 and said in page.text
    assert typed.get("caller") == "" or 'value="Rahmat Contoh"' in page.text
    with app.state.house.database.reading() as session:
        assert session.scalars(select(Ticket.id)).all() == []


def test_a_caller_who_knows_only_a_name_gets_a_ticket_that_asks_for_the_rest(app, signed_in):
    only_name = dict.fromkeys(TYPED, "") | {"channel": "phone", "full_name": "Rahmat Contoh"}
    signed_in().send_form("/intake/new", only_name)

    assert one(app, Ticket.claim_facts).claim_facts == "n---"
    assert one(app, Draft.situation).situation == "incomplete"


def test_only_agents_open_tickets_and_find_the_way_there(client, signed_in):
    assert client.get("/intake/new").status_code == 303
    auditor = signed_in(Role.AUDITOR)
    assert auditor.get("/intake/new").status_code == 403
    assert "/intake/new" not in auditor.get("/audit").text
    assert 'href="/intake/new" title="Tiket baru"' in signed_in().get("/tickets").text


def test_a_name_that_fits_is_shown_beside_the_claim_and_in_the_trail(app, signed_in):
    browser = signed_in()
    browser.send_form("/intake/new", TYPED)
    assert one(app, Ticket.disclosure, Ticket.approvals_needed) == ("masked", 2)
    wrong = browser.send_form("/tickets/1/verify", {"said": "Kartini"})
    assert "Sisa 2 kali." in browser.get(wrong.headers["location"]).text
    browser.send_form("/tickets/1/verify", {"said": "Ibu Siti Aminah"})
    page = browser.get("/tickets/1").text

    assert "Nama yang disebutkan sesuai dengan data." in page
    assert "nama ibu kandung sesuai data" in page
    assert "Aminah" not in page and "AMINAH" not in page and "Kartini" not in page
    assert one(app, Ticket.disclosure, Ticket.approvals_needed) == ("full", 1)
    with app.state.house.database.reading() as session:
        events = select(AuditEvent.detail).where(AuditEvent.action == "ticket.verify")
        assert session.scalars(events).all() == [{"passed": False}, {"passed": True}]


def test_the_fourth_name_is_refused_in_words(app, signed_in):
    browser = signed_in()
    browser.send_form("/intake/new", TYPED)
    for said in ("Kartini", "Sumiati", "Rahayu"):
        browser.send_form("/tickets/1/verify", {"said": said})
    fourth = browser.send_form("/tickets/1/verify", {"said": "Siti Aminah"})

    assert fourth.status_code == 409 and "tidak dapat diajukan lagi" in fourth.text
    assert "Sudah tiga kali tidak sesuai" in fourth.text and 'name="said"' not in fourth.text
    assert browser.send_form("/tickets/1/verify", {"said": "  "}).status_code == 422
    with app.state.house.database.reading() as session:
        assert session.scalars(select(Verification.passed)).all() == [False] * 3


def test_the_answer_is_read_out_and_marked_as_told(app, signed_in):
    browser, database = signed_in(), app.state.house.database
    browser.send_form("/intake/new", TYPED)
    browser.send_form("/tickets/1/verify", {"said": "Siti Aminah"})
    version = str(one(app, Draft.version).version)
    browser.send_form("/tickets/1/approve", {"version": version})
    with database.transaction() as tx:  # the undo time passes
        tx.session.execute(update(Delivery).values(not_before=Delivery.created_at))
        assert tx.session.scalars(select(JobRow.job)).all() in ([], [Job.SEND])
    page = browser.get("/tickets/1").text
    assert "Bacakan" in page
    browser.send_form(f"/tickets/1/deliveries/{one(app, Delivery.id).id}/settle", {"what": "sent"})

    assert one(app, Delivery.state, Delivery.channel) == (DeliveryState.SENT, Channel.PHONE)


def test_nothing_typed_is_in_the_log_or_the_trail(app, signed_in, caplog):
    browser = signed_in()
    browser.send_form("/intake/new", TYPED)
    browser.send_form("/tickets/1/verify", {"said": "Siti Aminah"})
    with app.state.house.database.reading() as session:
        told = str(session.scalars(select(AuditEvent.detail)).all())

    assert NIK not in caplog.text + told and "Aminah" not in caplog.text + told
