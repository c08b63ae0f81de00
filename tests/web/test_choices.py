"""Saying on the page whom a claim means, searching by hand, and second looks."""

import re

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.matching import choices
from helpdesk.matching.models import CandidateRow, ChoiceRow, ClaimRow, SecondLook
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Direction, TicketStatus
from helpdesk.tickets.models import Message, Ticket
from helpdesk.web.claim import judge_again
from tests.integration.matching.rows import ONE, ROWS, THREE, TWO, ticket
from tests.registry import change, fill
from tests.web.test_attacks import SignIn

LETTER = "Nama: Rahmat Contoh\nLahir: Bandung, 17-08-1990\nMohon nomor KPJ saya."
REASON = "Menelepon dan menyebut data lain"
PAGE = "/tickets/1"


@pytest.fixture
def desk(app: Starlette) -> Starlette:
    """A ticket whose claim, without a NIK, means ONE or TWO."""
    house, now = app.state.house, clock.now()
    fill(house.database, ROWS)
    with house.database.transaction() as tx:
        number = ticket(tx.session, decision=None)
        tx.session.add(
            Message(ticket_id=number, direction=Direction.INBOUND, body=LETTER, received_at=now)
        )
        tx.session.flush()
        judge_again(tx, number, house, now)
    return app


def asked(app: Starlette, statement):
    with app.state.house.database.reading() as session:
        return session.execute(statement).all()


def candidates(app: Starlette) -> dict[str, int]:
    rows = asked(app, select(CandidateRow.kpj, CandidateRow.person).order_by(CandidateRow.rank))
    return dict(tuple(row) for row in rows)


def form(app: Starlette, kpj: str) -> dict[str, str]:
    [[seen]] = asked(app, select(ClaimRow.matched_at))
    person = str(candidates(app)[kpj]) if kpj else "none"
    return {"person": person, "matched_at": seen.isoformat()}


def choose(app: Starlette, browser, kpj: str, **more: str):
    return browser.send_form(f"{PAGE}/claims/1/choice", form(app, kpj) | more)


def trail(app: Starlette, action: str) -> list[dict]:
    rows = asked(app, select(AuditEvent.detail).where(AuditEvent.action == action))
    return [row.detail for row in rows]


def search(browser, **typed: str):
    sent = {"ticket": "1", "claim": "1", "reason": REASON, **typed}
    return browser.send_form("/registry/search", sent, **{"hx-request": "true"})


def test_a_chosen_person_comes_first_and_no_number_may_be_told(desk: Starlette, signed_in: SignIn):
    first = next(iter(candidates(desk)))
    other = TWO if first != TWO else ONE

    response = choose(desk, signed_in(), other)

    assert response.status_code == 303
    assert next(iter(candidates(desk))) == other
    [[verdict]] = asked(desk, select(ClaimRow.verdict))
    [[reasons, level]] = asked(desk, select(Draft.reasons, Draft.disclosure))
    assert (verdict, "agent_chose" in reasons) == ("review", True)
    assert level not in {"full", "masked"}
    [detail] = trail(desk, "claim.choose")
    assert detail == {"claim": 1, "what": "candidate", "overrules": True}


def test_none_of_these_leaves_no_candidate_until_it_is_taken_back(
    desk: Starlette, signed_in: SignIn
):
    browser, before = signed_in(), candidates(desk)
    choose(desk, browser, "")
    assert (candidates(desk), asked(desk, select(ClaimRow.verdict))) == ({}, [("none",)])

    response = browser.send_form(f"{PAGE}/claims/1/choice/undo")

    assert (response.status_code, candidates(desk)) == (303, before)
    assert asked(desk, select(ChoiceRow.id)) == []
    assert trail(desk, "claim.unchoose") == [{"claim": 1}]


def test_what_was_matched_since_is_not_chosen_blindly(desk: Starlette, signed_in: SignIn):
    browser, seen = signed_in(), form(desk, TWO)
    choose(desk, browser, "")

    response = browser.send_form(f"{PAGE}/claims/1/choice", seen)

    assert response.status_code == 409
    assert [row.kpj for row in asked(desk, select(ChoiceRow.kpj))] == [""]


@pytest.mark.parametrize(
    "sent",
    [
        {"person": "99"},
        {"person": "x"},
        {"matched_at": "yesterday"},
        {"matched_at": "2026-11-21T03:00:00"},
        {"found": "1-1-" + "0" * 32},
        {"found": "é-1-1"},
    ],
    ids=str,
)
def test_a_damaged_form_chooses_nobody(desk: Starlette, signed_in: SignIn, sent: dict[str, str]):
    response = choose(desk, signed_in(), TWO, **sent)

    assert response.status_code == 422
    assert asked(desk, select(ChoiceRow.id)) == []


def test_auditors_choose_and_search_nothing(desk: Starlette, signed_in: SignIn):
    auditor = signed_in(Role.AUDITOR)

    codes = [choose(desk, auditor, TWO).status_code, search(auditor, kpj=THREE).status_code]

    assert codes == [403, 403]


def test_who_is_found_by_hand_is_covered_and_can_be_chosen(desk: Starlette, signed_in: SignIn):
    browser = signed_in()

    found = search(browser, kpj=THREE)

    assert (found.status_code, "SITI CONTOH" in found.text) == (200, True)
    assert THREE not in re.sub(r"\D", "", found.text) and "3273015203889003" not in found.text
    token = re.search(r'name="found" value="([^"]+)"', found.text).group(1)
    [detail] = trail(desk, "registry.search")
    key = choices.key_from(desk.state.house.settings.secret_key)
    assert detail == {"reason": REASON, "fields": "kpj", "shown": choices.mark(key, THREE)}

    response = browser.send_form(f"{PAGE}/claims/1/choice", {"found": token})

    assert (response.status_code, next(iter(candidates(desk)))) == (303, THREE)
    assert trail(desk, "claim.choose")[0]["what"] == "found"


def test_what_one_found_is_no_use_to_another_nor_after_an_import(
    desk: Starlette, signed_in: SignIn
):
    mine, theirs = signed_in(), signed_in(login="other")
    token = re.search(r'name="found" value="([^"]+)"', search(mine, kpj=THREE).text).group(1)

    stolen = theirs.send_form(f"{PAGE}/claims/1/choice", {"found": token})
    change(desk.state.house.database, ONE, employer="PT LAIN")
    late = mine.send_form(f"{PAGE}/claims/1/choice", {"found": token})

    assert (stolen.status_code, late.status_code) == (422, 409)
    assert asked(desk, select(ChoiceRow.id)) == []


def test_facts_find_the_likeliest_first(desk: Starlette, signed_in: SignIn):
    found = search(signed_in(), full_name="Siti Contoh", birth_date="12-03-1988")

    assert found.text.index("SITI CONTOH") < found.text.find("RAHMAT CONTOH") % len(found.text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": "cari"}, "sedikit 10 karakter"),
        ({"reason": "NIK 3273 0117 0890 9001 disebut"}, "jangan tulis nama atau nomor"),
        ({"full_name": "Siti Contoh", "reason": "Ibu Siti menelepon"}, "nama atau nomor"),
        ({}, "isi KPJ"),
        ({"kpj": "12"}, "11 angka"),
        ({"nik": "12"}, "16"),
        ({"birth_date": "tiga puluh"}, ""),
    ],
    ids=["no reason", "a number", "a name", "nothing", "no KPJ", "no NIK", "no date"],
)
def test_a_search_that_cannot_be_is_told_why(
    desk: Starlette, signed_in: SignIn, typed: dict[str, str], said: str
):
    found = search(signed_in(), **typed)

    assert (found.status_code, said.lower() in found.text.lower()) == (422, True)
    assert trail(desk, "registry.search") == []


def test_nobody_searches_all_day(desk: Starlette, signed_in: SignIn):
    browser, most = signed_in(), desk.state.house.settings.registry.searches_a_day
    search(browser, kpj=THREE)
    with desk.state.house.database.transaction() as tx:
        line = tx.session.scalar(select(AuditEvent).where(AuditEvent.action == "registry.search"))
        tx.session.add_all(
            AuditEvent(
                at=line.at,
                agent_id=line.agent_id,
                action=line.action,
                subject_type="ticket",
                detail={},
                prev_hash="",
                hash="",
            )
            for _ in range(most - 1)
        )

    refused, other = search(browser, kpj=THREE), search(signed_in(login="other"), kpj=THREE)

    assert (refused.status_code, "batas pencarian" in refused.text) == (429, True)
    assert other.status_code == 200


def test_a_search_without_scripts_has_a_page_of_its_own(desk: Starlette, signed_in: SignIn):
    sent = {"ticket": "1", "claim": "1", "reason": REASON, "kpj": THREE}

    page = signed_in().send_form("/registry/search", sent)

    assert page.text.startswith("<!doctype html>") and "SITI CONTOH" in page.text


@pytest.fixture
def look(desk: Starlette) -> Starlette:
    first = next(iter(candidates(desk)))
    with desk.state.house.database.transaction() as tx:
        tx.session.execute(update(Ticket).values(status=TicketStatus.WAITING_PARTICIPANT))
        tx.session.add(
            SecondLook(ticket_id=1, position=0, kpj=first, probability=0.99, drawn_at=clock.now())
        )
    return desk


def test_a_second_look_that_agrees_leaves_a_line_and_no_more(look: Starlette, signed_in: SignIn):
    key = choices.key_from(look.state.house.settings.secret_key)
    first = next(iter(candidates(look)))

    response = signed_in().send_form("/matching/looks/1", {"person": choices.mark(key, first)})

    assert response.status_code == 303
    assert trail(look, "look.agree") == [{}]
    assert asked(look, select(Ticket.status)) == [(TicketStatus.WAITING_PARTICIPANT,)]


def test_a_second_look_that_disagrees_brings_the_ticket_back(look: Starlette, signed_in: SignIn):
    response = signed_in().send_form("/matching/looks/1", {"person": "none"})

    assert response.status_code == 303
    assert trail(look, "look.disagree") == [{"look": 1}]
    assert asked(look, select(Ticket.status, Ticket.decision)) == [
        (TicketStatus.WAITING_AGENT, "none")
    ]


def test_who_opened_the_ticket_takes_no_second_look(look: Starlette, signed_in: SignIn):
    browser = signed_in()
    browser.get(PAGE)

    assert browser.send_form("/matching/looks/1", {"person": "none"}).status_code == 403
    assert signed_in(login="b").send_form("/matching/looks/1", {}).status_code == 422
    assert asked(look, select(SecondLook.looked_at)) == [(None,)]
