"""Replies that people send, in the browser's words: one by one, in bulk, and after the window."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox.models import Delivery, Handover
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket
from tests.registry import change
from tests.seed import draft_open, person, seed
from tests.web.conftest import Browser

SignIn = Callable[..., Browser]
HOUR = dt.timedelta(hours=1)


TICKET = 25  # one person may answer it with the whole number


@pytest.fixture
def filled(app: Starlette) -> Starlette:
    """The seed, with `TICKET` asked by WhatsApp; its window closes in three hours."""
    house = app.state.house
    seed(house.database, tickets=60)
    with house.database.transaction() as tx:
        ticket = tx.session.get_one(Ticket, TICKET)
        ticket.channel, ticket.window_ends_at = Channel.WHATSAPP, clock.now() + 3 * HOUR
        contact = tx.session.get_one(Contact, ticket.contact_id)
        contact.channel, contact.address = Channel.WHATSAPP, "+6281200009025"
        contact.phone = contact.address
    draft_open(house.database, house.replies)
    return app


@pytest.fixture
def ticket(filled: Starlette) -> int:
    return TICKET


def rows(app: Starlette, *columns):
    with app.state.house.database.reading() as session:
        return session.execute(select(*columns)).all()


def approve(app: Starlette, browser: Browser, ticket_id: int, *, undone: bool = True) -> int:
    """Approve a ticket's draft and let the undo time pass; returns the delivery."""
    with app.state.house.database.reading() as session:
        version = session.scalar(select(Draft.version).where(Draft.ticket_id == ticket_id))
    response = browser.send_form(f"/tickets/{ticket_id}/approve", {"version": str(version)})
    assert response.status_code == 303, response.text
    with app.state.house.database.transaction() as tx:
        if undone:
            tx.session.execute(update(Delivery).values(not_before=clock.now() - HOUR))
        found = select(Delivery.id).where(Delivery.ticket_id == ticket_id)
        return tx.session.scalars(found.order_by(Delivery.id.desc())).first()


def settle(browser: Browser, ticket_id: int, delivery_id: int, what: str, **fields: str):
    path = f"/tickets/{ticket_id}/deliveries/{delivery_id}/settle"
    return browser.send_form(path, {"what": what, **fields})


def test_an_approved_reply_is_opened_copied_and_marked(filled, ticket, signed_in: SignIn):
    browser = signed_in()
    delivery_id = approve(filled, browser, ticket)
    kpj = person(ticket).kpj(0)

    page = browser.get(f"/tickets/{ticket}").text
    assert kpj not in page and "wa.me/6281200" in page and 'rel="noreferrer"' in page
    opened = browser.send_form(f"/tickets/{ticket}/open", {"what": "send"}).text
    assert kpj in opened and "data-copy-from" in opened
    assert settle(browser, ticket, delivery_id, "sent").status_code == 303

    assert rows(filled, Delivery.state, Delivery.handed_by_id) == [
        (DeliveryState.SENT, browser.agent_id)
    ]
    assert not rows(filled, JobRow.id, JobRow.job) or Job.SEND not in {
        row.job for row in rows(filled, JobRow.job)
    }
    assert "Belum terkirim" in browser.get(f"/tickets/{ticket}").text
    with filled.state.house.database.reading() as session:
        seen = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == ticket))
        assert {"ticket.reveal", "delivery.sent"} <= set(seen)


def test_a_mistaken_mark_is_taken_back(filled, ticket, signed_in: SignIn):
    browser = signed_in()
    delivery_id = approve(filled, browser, ticket)
    settle(browser, ticket, delivery_id, "sent")

    settle(browser, ticket, delivery_id, "unsent")

    assert rows(filled, Delivery.state) == [(DeliveryState.HANDED,)]
    assert "belum dipastikan" in browser.get(f"/tickets/{ticket}").text
    assert f"/tickets/{ticket}" in browser.get("/handover").text


def test_of_two_agents_the_second_is_told_that_it_is_sent(filled, ticket, signed_in: SignIn):
    first, second = signed_in(login="satu"), signed_in(login="dua")
    delivery_id = approve(filled, first, ticket)
    settle(first, ticket, delivery_id, "sent")

    response = settle(second, ticket, delivery_id, "sent")

    assert response.status_code == 409
    assert "sudah terkirim" in response.text


def test_it_can_be_taken_back_long_after_the_undo_time(filled, ticket, signed_in: SignIn):
    browser = signed_in()
    delivery_id = approve(filled, browser, ticket)

    browser.send_form(f"/tickets/{ticket}/deliveries/{delivery_id}/undo")

    assert rows(filled, Delivery.state) == [(DeliveryState.CANCELLED,)]


def test_what_changed_since_the_approval_is_not_shown_to_be_sent(
    filled, ticket, signed_in: SignIn
):
    browser = signed_in()
    approve(filled, browser, ticket)
    change(filled.state.house.database, person(ticket).kpj(0), full_name="ORANG LAIN")

    page = browser.send_form(f"/tickets/{ticket}/open", {"what": "send"}).text

    assert "Jangan kirim balasan ini" in page
    assert "data-copy-from" not in page


def test_a_channel_is_handed_over_once_and_its_file_can_be_had_again(
    filled, ticket, signed_in: SignIn
):
    browser = signed_in()
    delivery_id = approve(filled, browser, ticket)
    assert "Serahkan 1 balasan" in browser.get("/handover").text

    made = browser.send_form("/handover", {"channel": "whatsapp"})
    again = browser.send_form("/handover", {"channel": "whatsapp"})

    assert made.headers["location"] == "/handover/1"
    assert again.headers["location"] == "/handover?empty=1"
    assert "Tidak ada lagi" in browser.get("/handover?empty=1").text
    first = browser.get("/handover/1/file.jsonl")
    (line,) = [json.loads(each) for each in first.content.splitlines()]
    assert (line["reply"], line["part"]) == (delivery_id, 1)
    assert person(ticket).kpj(0) in line["text"]
    assert browser.get("/handover/1/file.jsonl").content == first.content
    head, row = csv.reader(io.StringIO(browser.get("/handover/1/file.csv").text.lstrip("\ufeff")))
    assert row[head.index("text")] == line["text"]
    assert row[head.index("to")] == f"'{line['to']}"
    assert "serah-terima-1-whatsapp.csv" in browser.get("/handover/1/file.csv").headers[
        "content-disposition"
    ]  # fmt: skip
    actions = [row.action for row in rows(filled, AuditEvent.action)]
    assert actions.count("handover.make") == 1
    assert actions.count("handover.download") == 4


def test_a_hand_over_is_marked_at_once_or_reply_by_reply(filled, ticket, signed_in: SignIn):
    browser = signed_in()
    delivery_id = approve(filled, browser, ticket)
    browser.send_form("/handover", {"channel": "whatsapp"})

    back = settle(browser, ticket, delivery_id, "failed", back="1")
    assert back.headers["location"] == "/handover/1"
    assert rows(filled, Delivery.state) == [(DeliveryState.FAILED,)]
    browser.send_form("/handover/1/sent")

    assert rows(filled, Delivery.state) == [(DeliveryState.FAILED,)]
    assert rows(filled, Ticket.status, Ticket.id)[ticket - 1].status is TicketStatus.WAITING_AGENT


def test_only_who_made_it_and_supervisors_get_the_file(filled, ticket, signed_in: SignIn):
    maker = signed_in(login="satu")
    approve(filled, maker, ticket)
    maker.send_form("/handover", {"channel": "whatsapp"})

    assert signed_in(login="dua").get("/handover/1/file.csv").status_code == 403
    assert signed_in(Role.SUPERVISOR, login="ketua").get("/handover/1/file.csv").status_code == 200
    assert signed_in(Role.AUDITOR, login="periksa").get("/handover/1/file.csv").status_code == 403
    assert maker.get("/handover/1/file.exe").status_code == 404
    assert maker.get("/handover/7/file.csv").status_code == 404


def test_an_auditor_looks_and_takes_nothing(filled, ticket, signed_in: SignIn):
    approve(filled, signed_in(), ticket)
    auditor = signed_in(Role.AUDITOR, login="periksa")

    page = auditor.get("/handover")

    assert page.status_code == 200 and "Serahkan" not in page.text
    assert auditor.send_form("/handover", {"channel": "whatsapp"}).status_code == 403
    assert rows(filled, Handover.id) == []


def test_a_damaged_form_hands_nothing_over(filled, ticket, signed_in: SignIn):
    browser = signed_in()
    delivery_id = approve(filled, browser, ticket)

    assert browser.send_form("/handover", {"channel": "pigeon"}).status_code == 422
    assert settle(browser, ticket, delivery_id, "lost").status_code == 422
    assert settle(browser, ticket + 1, delivery_id, "sent").status_code == 409
    assert rows(filled, Delivery.state) == [(DeliveryState.QUEUED,)]


class TestClosedWindow:
    MAIL = "peserta.contoh@example.org"

    @pytest.fixture
    def closed(self, filled, ticket) -> int:
        with filled.state.house.database.transaction() as tx:
            row = tx.session.get_one(Ticket, ticket)
            row.window_ends_at = clock.now() - HOUR
            message = tx.session.scalars(
                select(Message).where(Message.ticket_id == ticket)
            ).first()
            message.body += f"\nemail saya {self.MAIL}"
        return ticket

    def version(self, app, ticket_id) -> dict[str, str]:
        with app.state.house.database.reading() as session:
            found = session.scalar(select(Draft.version).where(Draft.ticket_id == ticket_id))
        return {"version": str(found)}

    def test_the_page_says_so_and_offers_other_ways(self, filled, closed, signed_in):
        browser = signed_in()

        page = browser.get(f"/tickets/{closed}").text
        refused = browser.send_form(f"/tickets/{closed}/approve", self.version(filled, closed))

        assert "Waktu untuk membalas di WhatsApp sudah lewat" in page
        assert "Minta menulis lagi" in page and self.MAIL in page
        assert refused.status_code == 409
        assert "minta peserta menulis lagi" in refused.text
        assert rows(filled, Delivery.id) == []

    def test_the_request_to_write_again_may_leave(self, filled, closed, signed_in):
        browser = signed_in()
        fields = {**self.version(filled, closed), "situation": "reopen_window"}
        browser.send_form(f"/tickets/{closed}/macro", fields)

        approve(filled, browser, closed)
        browser.send_form("/handover", {"channel": "whatsapp"})

        assert rows(filled, Delivery.state, Delivery.any_time) == [(DeliveryState.HANDED, True)]

    def test_so_may_an_answer_by_mail_with_less_in_it(self, filled, closed, signed_in):
        browser = signed_in()
        fields = {**self.version(filled, closed), "address": self.MAIL}
        assert browser.send_form(f"/tickets/{closed}/elsewhere", fields).status_code == 303

        page = browser.get(f"/tickets/{closed}").text
        assert f"Dijawab lewat surel ke {self.MAIL}" in page
        (draft,) = [
            row for row in rows(filled, Draft.ticket_id, Draft.disclosure, Draft.approvals_needed)
            if row.ticket_id == closed
        ]  # fmt: skip
        assert (draft.disclosure, draft.approvals_needed) == ("masked", 2)

    def test_an_address_nobody_wrote_is_refused(self, filled, closed, signed_in):
        fields = {**self.version(filled, closed), "address": "lain@example.org"}
        response = signed_in().send_form(f"/tickets/{closed}/elsewhere", fields)
        assert response.status_code == 422

    def test_what_was_approved_in_time_is_not_handed_over_late(self, filled, ticket, signed_in):
        browser = signed_in()
        delivery_id = approve(filled, browser, ticket)
        with filled.state.house.database.transaction() as tx:
            tx.session.get_one(Ticket, ticket).window_ends_at = clock.now() - HOUR

        assert browser.send_form("/handover", {"channel": "whatsapp"}).headers["location"] == (
            "/handover?empty=1"
        )
        assert "jendela tutup" in browser.get("/handover").text
        assert "hanya jika memang terkirim" in browser.get(f"/tickets/{ticket}").text
        assert settle(browser, ticket, delivery_id, "sent").status_code == 303


def test_the_queue_says_how_soon_a_window_closes(filled, ticket, signed_in: SignIn):
    page = signed_in().get("/tickets?view=closing").text
    assert f'href="/tickets/{ticket}?view=closing"' in page
    assert "tutup 2 j" in page


def test_the_rail_counts_what_waits(filled, ticket, signed_in: SignIn):
    browser = signed_in()
    assert 'title="Perlu dikirim petugas"' in browser.get("/tickets").text
    approve(filled, browser, ticket)
    assert 'title="Perlu dikirim petugas: 1"' in browser.get("/tickets").text


@pytest.mark.parametrize(
    ("channel", "contact", "link"),
    [
        ("x", {"platform_id": "4711"}, "https://x.com/messages/compose?recipient_id=4711"),
        ("x", {"handle": "rahmat_c"}, "https://x.com/rahmat_c"),
        ("instagram", {"handle": "rahmat.c"}, "https://www.instagram.com/rahmat.c/"),
        ("facebook", {"thread": "inbox/rahmat_1"}, "https://business.facebook.com/latest/inbox"),
        ("phone", {"phone": "+6281200009001"}, "tel:+6281200009001"),
        ("instagram", {"handle": 'x" onclick="y'}, None),
    ],
)
def test_the_conversation_is_easily_found(filled, ticket, signed_in, channel, contact, link):
    with filled.state.house.database.transaction() as tx:
        row = tx.session.get_one(Ticket, ticket)
        row.channel = Channel(channel)
        person_row = tx.session.get_one(Contact, row.contact_id)
        person_row.handle, person_row.phone = "", ""
        for name, value in contact.items():
            setattr(person_row, name, value)

    page = signed_in().get(f"/tickets/{ticket}").text

    if link:
        assert f'href="{link}" target="_blank" rel="noreferrer"' in page
    else:
        assert 'class="trace" href' not in page and 'onclick="y' not in page
