"""Drafts from matched tickets, kept and edited."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, select

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.identity.types import About, Field
from helpdesk.matching.models import FactRow
from helpdesk.replies import budget, policy, queries, service
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import MessageKind, TicketStatus
from tests.integration.replies.conftest import BORN, FACTS, KPJ, NIK, NOW


def drafted(desk, ticket):
    return desk.session.scalar(select(Draft).where(Draft.ticket_id == ticket.id))


def test_a_proven_claim_is_drafted_with_its_number(desk, proven):
    draft = drafted(desk, proven)
    assert (draft.disclosure, draft.approvals_needed, draft.kpjs) == ("full", 1, [KPJ])
    assert KPJ in draft.body
    assert "Selamat pagi, Bapak Rahmat Contoh." in draft.body
    assert (proven.disclosure, proven.approvals_needed) == ("full", 1)


def test_every_number_of_one_participant_is_listed_but_no_stranger_s(desk):
    for number, values in (
        (KPJ, {}),
        ("99000000025", {"nik": ""}),
        ("99000000033", {"nik": "3273011708909777", "full_name": "RAHMAN CONTOH"}),
    ):
        desk.record(number, **values)
    ticket = desk.ticket()
    desk.claim(ticket, kpjs=(KPJ, "99000000025", "99000000033"))
    desk.draft(ticket)
    assert drafted(desk, ticket).kpjs == [KPJ, "99000000025"]
    assert drafted(desk, ticket).situation == "several_kpj"


@pytest.mark.parametrize(
    ("message", "disclosure", "approvals", "reason"),
    [
        ({"authentic": False}, "masked", 2, "unauthenticated"),
        ({"reply_to": "evil@example.com"}, "masked", 2, "reply_to_differs"),
        ({"defects": ["two_from"]}, "masked", 2, "defects"),
    ],
)
def test_one_doubtful_message_makes_the_whole_ticket_doubtful(
    desk, message, disclosure, approvals, reason
):
    desk.record()
    ticket = desk.ticket()
    desk.message(ticket, **message)
    desk.message(ticket)
    desk.claim(ticket)
    desk.draft(ticket)
    draft = drafted(desk, ticket)
    assert (draft.disclosure, draft.approvals_needed) == (disclosure, approvals)
    assert reason in draft.reasons
    assert KPJ not in draft.body


def test_a_claim_about_somebody_else_is_refused_without_using_their_name(desk):
    desk.record()
    ticket = desk.ticket()
    desk.claim(ticket, {**FACTS, Field.FULL_NAME: "Siti Contoh"}, about=About.OTHER)
    desk.draft(ticket)
    draft = drafted(desk, ticket)
    assert (draft.situation, draft.disclosure, draft.kpjs) == ("refused", "redirect", [])
    assert "Siti" not in draft.body


@pytest.mark.parametrize(
    ("registry", "verdict", "kpjs"),
    [
        ({}, "none", ()),
        ({"nik": "3273011708909999"}, "review", (KPJ,)),
        ({"full_name": "BAMBANG SUSILO"}, "match", (KPJ,)),
        ({"birth_day": BORN.toordinal() - 4000}, "match", (KPJ,)),
        ({"kpj": "99000000033"}, "match", (KPJ,)),
    ],
    ids=["nobody", "other nik", "other name", "other date", "record is gone"],
)
def test_what_is_not_proven_is_answered_in_one_and_the_same_way(desk, registry, verdict, kpjs):
    desk.record(**registry)
    ticket = desk.ticket()
    desk.claim(ticket, kpjs=kpjs, verdict=verdict)
    desk.draft(ticket)
    draft = drafted(desk, ticket)
    expected = desk.house.macros.of("not_found", "id")
    values = {**desk.house.words["id"], "ticket": str(ticket.id), "spoken": ""}
    values["greeting"] = "Selamat pagi, Bapak Rahmat Contoh."
    assert draft.subject == expected.subject
    assert draft.body.startswith(expected.render(values))


def test_a_rival_stops_everything(desk):
    desk.record()
    desk.record("99000000025")
    ticket = desk.ticket()
    desk.claim(ticket, kpjs=((KPJ, 1, 0.9), ("99000000025", 2, 0.05)))
    desk.draft(ticket)
    assert drafted(desk, ticket).disclosure == "redirect"
    assert "rival" in drafted(desk, ticket).reasons


def test_what_is_missing_is_asked_for(desk):
    ticket = desk.ticket()
    desk.claim(ticket, {Field.FULL_NAME: "Rahmat Contoh"}, kpjs=())
    desk.draft(ticket)
    draft = drafted(desk, ticket)
    assert (draft.disclosure, draft.situation) == ("ask", "incomplete")
    assert "3. NIK" in draft.body
    assert "Nama lengkap sesuai KTP" not in draft.body


def test_a_message_without_a_claim_is_asked_for_everything(desk):
    ticket = desk.ticket(language="en")
    desk.draft(ticket)
    assert "4. NIK" in drafted(desk, ticket).body
    assert drafted(desk, ticket).language == "en"


def test_nothing_is_drafted_where_no_person_wrote(desk):
    ticket = desk.ticket()
    for message in desk.session.query(type(desk.message(ticket))):
        message.kind = MessageKind.AUTO_REPLY
    desk.draft(ticket)
    assert drafted(desk, ticket) is None


def test_a_fact_an_agent_entered_needs_a_second_person(desk):
    desk.record()
    ticket = desk.ticket()
    claim_id = desk.claim(ticket)
    agent = desk.agent()
    changed = {"agent_id": agent.id}
    desk.session.query(FactRow).filter_by(claim_id=claim_id, field=Field.NIK).update(changed)
    desk.draft(ticket)
    assert (drafted(desk, ticket).disclosure, drafted(desk, ticket).approvals_needed) == (
        "full",
        2,
    )


def test_drafting_again_changes_nothing_by_itself(desk, proven):
    desk.draft(proven, now=NOW + dt.timedelta(minutes=1))
    assert drafted(desk, proven).version == 1
    assert drafted(desk, proven).updated_at == NOW


def test_new_evidence_makes_a_new_version(desk, proven):
    proven.approvals_given = 1
    desk.message(proven, authentic=False)
    desk.draft(proven)
    draft = drafted(desk, proven)
    assert (draft.version, draft.disclosure, proven.approvals_given) == (2, "masked", 0)
    assert KPJ not in draft.body


def test_an_edited_draft_keeps_its_words_and_follows_the_policy(desk, proven):
    agent = desk.agent()
    service.edit(desk.session, proven.id, 1, f"Nomor Anda {KPJ}.", agent.id, NOW)
    desk.message(proven, authentic=False)
    desk.draft(proven)
    draft = drafted(desk, proven)
    assert draft.body == f"Nomor Anda {KPJ}.\n"
    assert (draft.version, draft.disclosure, draft.approvals_needed) == (3, "masked", 2)


@pytest.mark.parametrize(
    "body",
    ["99000000025", NIK, "3273 0117 0890 9001", "", "x" * 20_001, "http://evil.example/"],
)
def test_an_edit_may_not_bring_in_what_must_not_leave(desk, proven, body):
    with pytest.raises(InvalidError) as refused:
        service.edit(desk.session, proven.id, 1, body, desk.agent().id, NOW)
    assert not body or body not in str(refused.value)
    assert drafted(desk, proven).version == 1


def test_whoever_edits_an_old_version_is_told(desk, proven):
    agent = desk.agent()
    service.edit(desk.session, proven.id, 1, "Satu", agent.id, NOW)
    with pytest.raises(ConflictError):
        service.edit(desk.session, proven.id, 1, "Dua", agent.id, NOW)
    assert drafted(desk, proven).body == "Satu\n"


def test_editing_what_is_not_there_is_told(desk):
    with pytest.raises(NotFoundError):
        service.edit(desk.session, 999, 1, "Satu", 1, NOW)


def test_an_agent_may_say_less_than_decided(desk, proven):
    agent = desk.agent()
    service.use_macro(desk.session, proven.id, "incomplete", "en", agent.id, desk.house, NOW)
    draft = drafted(desk, proven)
    assert (draft.version, draft.disclosure, draft.kpjs) == (2, "ask", [])
    assert "Good morning" in draft.body


def test_an_agent_may_not_say_more_than_decided(desk, doubtful):
    agent = desk.agent()
    with pytest.raises(InvalidError):
        service.use_macro(desk.session, doubtful.id, "one_kpj", "id", agent.id, desk.house, NOW)
    assert drafted(desk, doubtful).version == 1


def test_a_macro_needs_something_to_answer(desk):
    with pytest.raises(NotFoundError):
        service.use_macro(desk.session, 999, "unconfirmed", "id", 1, desk.house, NOW)


def test_a_macro_can_be_the_first_draft(desk):
    ticket, agent = desk.ticket(), desk.agent()
    service.use_macro(desk.session, ticket.id, "unconfirmed", "id", agent.id, desk.house, NOW)
    assert (drafted(desk, ticket).version, drafted(desk, ticket).disclosure) == (1, "redirect")


def test_asking_for_many_people_is_seen(desk):
    desk.record()
    first, second = desk.ticket(), desk.ticket()
    desk.claim(first)
    desk.claim(second, {**FACTS, Field.NIK: "3271014505859002"}, kpjs=())
    desk.draft(first)
    assert "asked_for_others" in drafted(desk, first).reasons
    assert (first.disclosure, first.approvals_needed) == ("masked", 2)


def test_a_corrected_slip_of_the_pen_is_not_another_person(desk):
    desk.record()
    first, second = desk.ticket(), desk.ticket()
    desk.claim(first)
    desk.claim(second, {**FACTS, Field.NIK: "3273011708909002"}, kpjs=())
    desk.draft(first)
    assert first.disclosure == "full"


def test_a_nik_that_was_taken_back_was_asked_too(desk):
    desk.record()
    ticket = desk.ticket()
    claim_id = desk.claim(ticket)
    earlier = {"history": ["3271014505859002"]}
    desk.session.query(FactRow).filter_by(claim_id=claim_id, field=Field.NIK).update(earlier)
    desk.draft(ticket)
    assert "asked_for_others" in drafted(desk, ticket).reasons


def test_a_nik_that_was_completed_is_one_person_s(desk):
    desk.record()
    ticket = desk.ticket()
    claim_id = desk.claim(ticket)
    earlier = {"history": [NIK[:15]]}
    desk.session.query(FactRow).filter_by(claim_id=claim_id, field=Field.NIK).update(earlier)
    desk.draft(ticket)
    assert ticket.disclosure == "full"


def test_what_was_asked_long_ago_is_forgotten(desk):
    desk.record()
    old = desk.ticket(updated_at=NOW - dt.timedelta(days=31))
    desk.claim(old, {**FACTS, Field.NIK: "3271014505859002"}, kpjs=())
    new = desk.ticket()
    desk.claim(new)
    desk.draft(new)
    assert new.disclosure == "full"


def test_whoever_asks_too_often_to_be_counted_is_in_doubt(desk, monkeypatch):
    monkeypatch.setattr(budget, "_MAX_REQUESTS", 2)
    desk.record()
    tickets = [desk.ticket(), desk.ticket()]
    for ticket in tickets:
        desk.claim(ticket)
    desk.draft(*tickets)
    assert {ticket.disclosure for ticket in tickets} == {"masked"}


def test_the_same_nik_from_another_contact_needs_two(desk):
    desk.record()
    first, second = desk.ticket(), desk.ticket("somebody@example.com")
    desk.claim(first)
    desk.claim(second)
    desk.draft(first, second)
    assert [first.approvals_needed, second.approvals_needed] == [2, 2]
    assert "nik_asked_elsewhere" in drafted(desk, second).reasons


def test_a_batch_takes_the_same_queries_as_one_ticket(desk):
    desk.record()
    tickets = [desk.ticket(f"p{number}@example.org") for number in range(20)]
    for ticket in tickets:
        desk.claim(ticket)
    queries_seen = []
    engine = desk.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *given: queries_seen.append(given[2]))
    service.prepare(desk.session, [tickets[0].id], desk.house, now=NOW)
    alone, before = len(queries_seen), len(queries_seen)
    service.prepare(desk.session, [ticket.id for ticket in tickets], desk.house, now=NOW)
    assert len(queries_seen) - before == alone <= 8


def test_a_page_sees_the_draft_with_its_reasons(desk, doubtful):
    told = queries.told(desk.session, doubtful.id)
    assert (told.draft.disclosure, told.draft.approvals_needed) == ("masked", 2)
    assert "unauthenticated" in told.draft.reasons
    assert (told.approvals, told.refusal, told.deliveries) == ((), None, ())
    assert queries.told(desk.session, 999).draft is None


def test_the_list_sees_what_would_be_said(desk, proven):
    said = queries.said(desk.session, [proven.id, 999])
    assert said.keys() == {proven.id}
    assert (said[proven.id].disclosure, said[proven.id].approvals) == ("full", 1)
    assert KPJ in said[proven.id].text


def test_a_policy_without_replies_leaves_no_draft(desk, proven):
    text = Path("config/policy.toml").read_text()
    for level in ("full", "masked"):
        text = text.replace(f'disclose = "{level}"', 'disclose = "none"')
    desk.house = replace(desk.house, policy=policy.parse(text))
    desk.draft(proven)
    assert drafted(desk, proven) is None
    assert (proven.disclosure, proven.status) == ("none", TicketStatus.WAITING_AGENT)
