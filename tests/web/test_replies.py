"""Approving, editing and taking back a reply in the browser's words."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket
from tests.seed import draft_open, person, seed
from tests.web.conftest import Browser

CLEAR = 21
SignIn = Callable[..., Browser]


@pytest.fixture
def filled(app: Starlette) -> Starlette:
    house = app.state.house
    seed(house.database, tickets=60)
    draft_open(house.database, house.replies)
    return app


def test_approval_queues_one_delivery_and_its_job(filled: Starlette, signed_in: SignIn):
    browser = signed_in()

    response = browser.send_form(f"/tickets/{CLEAR}/approve", _version(filled))

    assert response.status_code == 303
    with filled.state.house.database.reading() as session:
        delivery = session.scalars(select(Delivery)).one()
        job = session.scalars(select(JobRow).where(JobRow.job == Job.SEND)).one()
        assert job.subject_id == delivery.id
        assert session.get_one(Ticket, CLEAR).status is TicketStatus.WAITING_PARTICIPANT


def test_undo_takes_it_back(filled: Starlette, signed_in: SignIn):
    browser = signed_in()
    browser.send_form(f"/tickets/{CLEAR}/approve", _version(filled))
    page = browser.get(f"/tickets/{CLEAR}").text
    undo = re.search(r'action="(/tickets/21/deliveries/\d+/undo)', page)

    browser.send_form(undo.group(1))

    with filled.state.house.database.reading() as session:
        assert session.scalars(select(Delivery.state)).one() is DeliveryState.CANCELLED
        assert session.get_one(Ticket, CLEAR).status is TicketStatus.WAITING_AGENT


def test_approving_twice_sends_once(filled: Starlette, signed_in: SignIn):
    browser, version = signed_in(), _version(filled)

    browser.send_form(f"/tickets/{CLEAR}/approve", version)
    second = browser.send_form(f"/tickets/{CLEAR}/approve", version)

    assert second.status_code == 409
    with filled.state.house.database.reading() as session:
        assert len(session.scalars(select(Delivery)).all()) == 1


def test_what_was_typed_is_what_is_approved(filled: Starlette, signed_in: SignIn):
    text = f"Nomor KPJ Anda {person(CLEAR).kpj(0)}."

    signed_in().send_form(f"/tickets/{CLEAR}/approve", {**_version(filled), "body": text})

    assert _draft(filled).body.strip() == text


def test_other_peoples_numbers_are_refused_and_the_text_is_kept(
    filled: Starlette, signed_in: SignIn
):
    text = "Nomor KPJ Anda 99000000999."

    response = signed_in().send_form(
        f"/tickets/{CLEAR}/approve", {**_version(filled), "body": text}
    )

    assert response.status_code == 422
    assert text in response.text
    assert _draft(filled).body.strip() != text


def test_collision_keeps_the_agents_words(filled: Starlette, signed_in: SignIn):
    browser, version = signed_in(), _version(filled)
    browser.send_form(f"/tickets/{CLEAR}/draft", {**version, "body": "Versi pertama."})

    response = browser.send_form(f"/tickets/{CLEAR}/draft", {**version, "body": "Versi kedua."})

    assert response.status_code == 409
    assert "Versi kedua." in response.text
    assert _draft(filled).body.strip() == "Versi pertama."


def test_asking_for_data_changes_the_draft(filled: Starlette, signed_in: SignIn):
    signed_in().send_form(
        f"/tickets/{CLEAR}/macro", {**_version(filled), "situation": "incomplete"}
    )

    assert _draft(filled).situation == "incomplete"
    assert person(CLEAR).kpj(0) not in _draft(filled).body


def test_correcting_the_claim_matches_again(filled: Starlette, signed_in: SignIn):
    browser = signed_in()
    response = browser.send_form(
        f"/tickets/{CLEAR}/claims/{CLEAR}",
        {
            **_facts(filled, browser),
            "full_name": "Orang Lain Sekali",
            "birth_place": "",
            "birth_date": "17-08-1990",
            "nik": "",
        },
    )

    assert response.status_code == 303
    with filled.state.house.database.reading() as session:
        assert "Orang Lain Sekali" not in _draft(filled).reasons
        assert session.get_one(Ticket, CLEAR).disclosure != "full"


@pytest.mark.parametrize(
    ("field", "value"), [("nik", "123"), ("birth_date", "31-02-1990"), ("full_name", "1234")]
)
def test_impossible_facts_are_refused_in_words(
    filled: Starlette, signed_in: SignIn, field: str, value: str
):
    browser = signed_in()

    response = browser.send_form(
        f"/tickets/{CLEAR}/claims/{CLEAR}", {**_facts(filled, browser), field: value}
    )

    assert response.status_code == 422


def test_of_two_who_correct_one_claim_the_second_is_told_and_keeps_what_was_typed(
    filled: Starlette, signed_in: SignIn
):
    first, second = signed_in(login="satu"), signed_in(login="dua")
    seen = _facts(filled, second)
    first.send_form(
        f"/tickets/{CLEAR}/claims/{CLEAR}", {**_facts(filled, first), "full_name": "Budi Pertama"}
    )

    told = second.send_form(
        f"/tickets/{CLEAR}/claims/{CLEAR}", {**seen, "full_name": "Budi Kedua"}
    )

    assert told.status_code == 409
    assert "Data peserta berubah sejak Anda membukanya" in told.text
    assert 'value="Budi Kedua"' in told.text
    assert "kini: Budi Pertama" in told.text
    version = re.search(r'name="version" value="([0-9a-f]{16})"', told.text).group(1)
    again = {**seen, "full_name": "Budi Kedua", "version": version}
    assert second.send_form(f"/tickets/{CLEAR}/claims/{CLEAR}", again).status_code == 303
    assert _facts(filled, first)["full_name"] == "Budi Kedua"


def test_a_fact_that_is_refused_stays_in_its_field(filled: Starlette, signed_in: SignIn):
    browser = signed_in()

    page = browser.send_form(
        f"/tickets/{CLEAR}/claims/{CLEAR}",
        {**_facts(filled, browser), "full_name": "Budi Kedua", "nik": "12345"},
    ).text

    assert 'value="12345"' in page
    assert 'value="Budi Kedua"' in page


def test_second_approval_needs_a_supervisor(filled: Starlette, signed_in: SignIn):
    first, second = signed_in(login="satu"), signed_in(login="dua")
    boss = signed_in(Role.SUPERVISOR)
    ticket_id, version = _needs_two(filled)
    address = f"/tickets/{ticket_id}/approve"
    confirmed = {"version": version, "confirm": ["full_name", "birth_date", "nik"]}

    assert first.send_form(address, {"version": version}).status_code == 303
    assert second.send_form(address, confirmed).status_code == 403
    assert boss.send_form(address, {"version": version}).status_code == 422
    assert boss.send_form(address, confirmed).status_code == 303


def _first_yes(filled: Starlette, signed_in: SignIn) -> tuple[Browser, int, str]:
    """Somebody has approved a reply that two have to."""
    first, (ticket_id, version) = signed_in(login="satu"), _needs_two(filled)
    first.send_form(f"/tickets/{ticket_id}/approve", {"version": version})
    return first, ticket_id, version


def test_the_second_person_may_refuse_and_the_first_reads_why(
    filled: Starlette, signed_in: SignIn
):
    first, ticket_id, version = _first_yes(filled, signed_in)
    boss = signed_in(Role.SUPERVISOR)
    page = boss.get(f"/tickets/{ticket_id}").text
    assert f'action="/tickets/{ticket_id}/refuse"' in page
    assert "Tolak" in page

    answer = boss.send_form(
        f"/tickets/{ticket_id}/refuse", {"version": version, "reason": "Nama ibu tidak cocok."}
    )

    assert answer.status_code == 303
    shown = first.get(f"/tickets/{ticket_id}").text
    assert "Supervisor Contoh menolak balasan ini." in shown
    assert "Nama ibu tidak cocok." in shown
    with filled.state.house.database.reading() as session:
        ticket = session.get_one(Ticket, ticket_id)
        assert (ticket.assignee_id, ticket.approvals_given) == (first.agent_id, 0)
        assert session.scalars(select(Delivery)).all() == []
        assert "draft.refuse" in session.scalars(select(AuditEvent.action)).all()


def test_a_reason_goes_with_the_draft_it_was_given_for(filled: Starlette, signed_in: SignIn):
    first, ticket_id, version = _first_yes(filled, signed_in)
    boss = signed_in(Role.SUPERVISOR)
    boss.send_form(
        f"/tickets/{ticket_id}/refuse", {"version": version, "reason": "Terlalu panjang."}
    )

    first.send_form(f"/tickets/{ticket_id}/draft", {"version": version, "body": "Mohon data."})

    assert "menolak balasan ini" not in first.get(f"/tickets/{ticket_id}").text


def test_only_a_second_person_may_refuse(filled: Starlette, signed_in: SignIn):
    first, ticket_id, version = _first_yes(filled, signed_in)
    form = {"version": version, "reason": "Tidak."}

    for browser in (first, signed_in(login="dua")):
        assert "/refuse" not in browser.get(f"/tickets/{ticket_id}").text
        assert browser.send_form(f"/tickets/{ticket_id}/refuse", form).status_code == 403
    with filled.state.house.database.reading() as session:
        assert session.get_one(Ticket, ticket_id).approvals_given == 1


def test_a_reason_that_comes_too_late_is_kept_as_a_note_to_be(
    filled: Starlette, signed_in: SignIn
):
    first, ticket_id, version = _first_yes(filled, signed_in)
    boss = signed_in(Role.SUPERVISOR)
    first.send_form(f"/tickets/{ticket_id}/draft", {"version": version, "body": "Mohon data."})

    late = boss.send_form(
        f"/tickets/{ticket_id}/refuse", {"version": version, "reason": "Salah orang."}
    )
    empty = boss.send_form(f"/tickets/{ticket_id}/refuse", {"version": version, "reason": " "})

    assert (late.status_code, empty.status_code) == (409, 422)
    assert "Salah orang.</textarea>" in late.text


def _needs_two(app: Starlette) -> tuple[int, str]:
    with app.state.house.database.reading() as session:
        row = session.execute(
            select(Draft.ticket_id, Draft.version)
            .join(Ticket, Ticket.id == Draft.ticket_id)
            .where(Draft.approvals_needed == 2, Ticket.channel == "email")
            .where(Ticket.status == TicketStatus.WAITING_AGENT)
        ).first()
        return row.ticket_id, str(row.version)


def _facts(app: Starlette, browser: Browser) -> dict[str, str]:
    """What the form of the claim holds when it is opened."""
    page = browser.send_form(f"/tickets/{CLEAR}/open", {"what": "claim"}).text
    names = ("version", "full_name", "birth_place", "birth_date", "nik")
    form = page[page.index(f"/claims/{CLEAR}") :]
    return {name: re.search(rf'name="{name}" value="([^"]*)"', form).group(1) for name in names}


def _draft(app: Starlette) -> Draft:
    with app.state.house.database.reading() as session:
        return session.scalars(select(Draft).where(Draft.ticket_id == CLEAR)).one()


def _version(app: Starlette) -> dict[str, str]:
    return {"version": str(_draft(app).version)}
