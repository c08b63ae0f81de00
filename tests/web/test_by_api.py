"""Direct replies that an API sends, in the browser's words."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from helpdesk import clock
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox import answers
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.settings import Direct, Settings
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Contact, Ticket
from tests.web.test_handover import TICKET, approve, filled  # noqa: F401 - a fixture

PAGE = f"/tickets/{TICKET}"
BY_A_PERSON = "harus dikirim oleh petugas"


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    by_api = Direct(
        send="api", api_url="http://127.0.0.1:1", api_token="made-up", account_id="9001",
        window_hours=24, max_chars=4_096,
    )  # fmt: skip
    return Settings(data_dir=str(tmp_path), secret_key="0" * 64, whatsapp=by_api)


def change(app, model, **values) -> None:
    with app.state.house.database.transaction() as tx:
        tx.session.execute(update(model).values(**values))


def test_an_approved_reply_has_a_job_and_is_not_offered_to_people(filled, signed_in):  # noqa: F811
    browser = signed_in()
    delivery_id = approve(filled, browser, TICKET)
    with filled.state.house.database.reading() as session:
        job = session.scalars(select(JobRow).where(JobRow.job == Job.SEND)).one()
        assert (job.subject_id, session.get_one(Delivery, delivery_id).by_hand) == (
            delivery_id, False,
        )  # fmt: skip
    assert "data-copy-from" not in browser.get(PAGE).text


def test_the_page_says_why_a_person_has_to_send_it(filled, signed_in):  # noqa: F811
    browser = signed_in()
    assert BY_A_PERSON not in browser.get(PAGE).text
    change(filled, Contact, phone="")
    assert BY_A_PERSON in browser.get(PAGE).text


def test_a_window_that_closed_at_the_platform_is_told_in_words(filled, signed_in):  # noqa: F811
    browser = signed_in()
    approve(filled, browser, TICKET)
    change(filled, Delivery, state=DeliveryState.FAILED, answer=answers.CLOSED, attempts=1)
    change(filled, Ticket, status=TicketStatus.WAITING_AGENT)

    for path in (PAGE, "/dead-letters"):
        assert "minta peserta menulis lagi" in browser.get(path).text
    assert "Cari jalan lain, lalu setujui balasan baru." in browser.get(PAGE).text


def test_a_part_in_doubt_is_looked_for_on_the_platform_and_the_rest_leaves(
    filled,  # noqa: F811
    signed_in,
):
    browser = signed_in()
    delivery_id = approve(filled, browser, TICKET)
    doubt = {"state": DeliveryState.UNKNOWN, "attempts": 1, "sending_since": clock.now()}
    change(filled, Delivery, parts=2, **doubt)
    change(filled, Ticket, status=TicketStatus.WAITING_AGENT)
    assert "bagian yang terakhir dikirim" in browser.get(PAGE).text

    browser.send_form(f"/dead-letters/deliveries/{delivery_id}", {"what": "sent"})

    with filled.state.house.database.reading() as session:
        delivery = session.get_one(Delivery, delivery_id)
        assert (delivery.state, delivery.parts_sent) == (DeliveryState.QUEUED, 1)
        assert session.scalars(select(JobRow).where(JobRow.job == Job.SEND)).one()
