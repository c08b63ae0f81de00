"""The agents' screens: what they show, what they cover, and who may see them."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from helpdesk import clock, work
from helpdesk.accounts.models import Role
from helpdesk.jobs import JobRow
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Mailbox, Message, Ticket
from tests.seed import draft_open, person, seed
from tests.web.conftest import Browser

CLEAR = 21  # an e-mail whose KPJ may be shown in full, with an attachment and HTML
SignIn = Callable[..., Browser]


@pytest.fixture
def filled(app: Starlette) -> Starlette:
    house = app.state.house
    seed(house.database, tickets=60)
    draft_open(house.database, house.replies)
    return app


def test_queue_shows_what_waits_longest_first(filled: Starlette, signed_in: SignIn):
    page = signed_in().get("/tickets").text

    assert "Menunggu petugas" in page
    assert 40 < page.count("class=row ") <= 50


def test_queue_says_which_filter_hides_everything(filled: Starlette, signed_in: SignIn):
    page = signed_in().get("/tickets?q=tidak-ada-yang-begini").text

    assert "Tidak ada yang cocok dengan saringan ini" in page


def test_queue_without_any_ticket_points_to_the_mailboxes(signed_in: SignIn):
    assert "Belum ada pesan masuk" in signed_in().get("/tickets").text


def test_empty_view_says_that_it_is_done(filled: Starlette, signed_in: SignIn):
    assert "Semua sudah selesai" in signed_in().get("/tickets?view=mine").text


@pytest.mark.parametrize("query", ["view=x", "channel=fax", "assignee=²", "assignee=99999999999"])
def test_odd_filters_are_ignored(filled: Starlette, signed_in: SignIn, query: str):
    assert signed_in().get(f"/tickets?{query}").status_code == 200


def test_damaged_page_address_is_refused_in_words(filled: Starlette, signed_in: SignIn):
    assert signed_in().get("/tickets?after=zzz").status_code == 422


def test_ticket_covers_nik_and_kpj(filled: Starlette, signed_in: SignIn):
    page = signed_in().get(f"/tickets/{CLEAR}").text

    assert person(CLEAR).nik not in page
    assert person(CLEAR).kpj(0) not in page
    assert "••••" in page


def test_revealing_shows_them_and_is_recorded(filled: Starlette, signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)

    page = browser.send_form(f"/tickets/{CLEAR}/open", {"what": "numbers"}).text

    assert person(CLEAR).nik in page
    assert browser.get("/audit?action=ticket.reveal").text.count("<tr>") == 2


def test_facts_are_marked_where_they_were_said(filled: Starlette, signed_in: SignIn):
    page = signed_in().get(f"/tickets/{CLEAR}").text

    marked = re.findall(r'<mark data-fact="(\w+)"[^>]*>([^<]+)</mark>', page)
    assert ("full_name", person(CLEAR).name) in marked


def test_hostile_message_is_text(filled: Starlette, signed_in: SignIn):
    with filled.state.house.database.transaction() as tx:
        message = tx.session.get(Message, CLEAR * 10)
        message.body = "<script>alert(1)</script>" + message.body

    page = signed_in().get(f"/tickets/{CLEAR}").text

    assert "<script>alert(1)" not in page


def test_unknown_ticket_is_a_page_of_its_own(filled: Starlette, signed_in: SignIn):
    assert signed_in().get("/tickets/9999").status_code == 404


def test_original_html_is_framed_without_rights(filled: Starlette, signed_in: SignIn):
    response = signed_in().get(f"/tickets/{CLEAR}/messages/{CLEAR * 10}/html")

    assert "sandbox" in response.headers["content-security-policy"]
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "track.gif" not in response.text


def test_attachments_are_only_ever_saved(filled: Starlette, signed_in: SignIn):
    browser = signed_in()
    link = re.search(r'href="(/tickets/21/files/\d+)"', browser.get(f"/tickets/{CLEAR}").text)

    response = browser.get(link.group(1))

    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_raw_mail_is_handed_over_as_it_came(filled: Starlette, signed_in: SignIn):
    response = signed_in().get(f"/tickets/{CLEAR}/messages/{CLEAR * 10}/raw")

    assert response.content == b"made up\r\n"
    assert "contoh" not in response.headers["content-disposition"].lower()


def test_files_of_other_tickets_are_not_found(filled: Starlette, signed_in: SignIn):
    assert signed_in().get(f"/tickets/1/messages/{CLEAR * 10}/raw").status_code == 404


def test_dead_letters_list_what_is_stuck(filled: Starlette, signed_in: SignIn):
    page = signed_in().get("/dead-letters").text

    assert "RecursionError" in page
    assert "Proses pekerja berhenti tiga kali." in page


def test_parked_job_is_tried_again_once(filled: Starlette, signed_in: SignIn):
    browser = signed_in()

    assert browser.send_form("/dead-letters/jobs/1").status_code == 303
    assert browser.send_form("/dead-letters/jobs/1").status_code == 409


def test_parked_job_that_is_tried_again_gets_done(filled: Starlette, signed_in: SignIn):
    house = filled.state.house
    browser = signed_in()
    browser.send_form("/dead-letters/jobs/1")

    work.work_off(work.open_plant(house.settings, house.database))

    assert "Proses pekerja berhenti" not in browser.get("/dead-letters").text
    with house.database.reading() as session:
        assert session.scalars(select(JobRow.id)).all() == []


def test_language_and_theme_are_kept(signed_in: SignIn):
    browser = signed_in()

    browser.send_form("/account", {"language": "en", "theme": "dark", "next": "/tickets"})

    page = browser.get("/tickets").text
    assert 'data-theme="dark"' in page
    assert "Queue" in page


def test_auditor_sees_no_buttons_and_may_not_act(filled: Starlette, signed_in: SignIn):
    browser = signed_in(Role.AUDITOR, login="ratna")

    assert "data-approve" not in browser.get(f"/tickets/{CLEAR}").text
    assert browser.send_form(f"/tickets/{CLEAR}/close", {"version": "1"}).status_code == 403


def test_collision_changes_nothing_and_says_so(filled: Starlette, signed_in: SignIn):
    browser = signed_in()
    browser.send_form(f"/tickets/{CLEAR}/assign", {"version": "1", "to": "1"})

    response = browser.send_form(f"/tickets/{CLEAR}/close", {"version": "1"})

    assert response.status_code == 409
    assert "orang lain lebih dahulu" in response.text


def test_note_that_cannot_be_kept_stays_in_its_field(filled: Starlette, signed_in: SignIn):
    response = signed_in().send_form(f"/tickets/{CLEAR}/note", {"body": "y" * 20_001})

    assert response.status_code == 422
    assert "y" * 20_001 in response.text


def test_closed_ticket_leaves_the_queue(filled: Starlette, signed_in: SignIn):
    browser = signed_in()
    version = re.search(r'name="version" value="(\d+)"', browser.get(f"/tickets/{CLEAR}").text)

    browser.send_form(f"/tickets/{CLEAR}/close", {"version": _ticket(filled).version})

    assert version
    assert _ticket(filled).status is TicketStatus.CLOSED


def _ticket(app: Starlette) -> Ticket:
    with app.state.house.database.reading() as session:
        return session.get_one(Ticket, CLEAR)


def test_a_mailbox_in_trouble_says_why_and_when_it_is_tried_again(
    filled: Starlette, signed_in: SignIn
):
    now = clock.now()
    with filled.state.house.database.transaction() as tx:
        tx.session.execute(
            update(Mailbox).values(
                last_error="mailbox care: imap.example.org refused the user name or password",
                last_error_at=now,
                last_success_at=None,
                next_poll_at=now + dt.timedelta(minutes=15),
            )
        )

    page = signed_in().get("/dead-letters").text

    assert "imap.example.org menolak nama pengguna atau kata sandi" in page
    assert "Dicoba lagi pukul" in page
