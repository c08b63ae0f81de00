import datetime as dt

import pytest
from sqlalchemy import select

from helpdesk.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from helpdesk.identity.types import About, Fact, Field
from helpdesk.matching import choices, second_look
from helpdesk.matching.models import SecondLook
from helpdesk.matching.store import AssessedClaim, AssessedFact, Assessment
from helpdesk.matching.types import Answer, Candidate, RegistryRecord, Verdict
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket
from tests import registry
from tests.integration.matching.rows import (
    KEY,
    NOW,
    ONE,
    ONE_TOO,
    ROWS,
    THREE,
    TWO,
    agent,
    claim,
    saw,
    ticket,
)


@pytest.fixture
def session(database):
    with database.transaction() as tx:
        yield tx.session


@pytest.fixture
def desk(database):
    """A session with one match, drawn to be looked at, and somebody who has not seen it."""
    registry.fill(database, ROWS)
    with database.transaction() as tx:
        number = ticket(tx.session, status=TicketStatus.WAITING_PARTICIPANT)
        claim(tx.session, number, (ONE, ONE_TOO), (TWO,), (THREE,), verdict="match")
        tx.session.add(
            SecondLook(ticket_id=number, position=0, kpj=ONE, probability=0.9, drawn_at=NOW)
        )
        tx.session.info["agent"] = agent(tx.session)
        yield tx.session


def assessment(ticket_id, verdict, kpj=ONE):
    record = RegistryRecord(kpj, "", "RAHMAT", "", None, "", "", "", "")
    answer = Answer((Candidate(record, 1, 0.995, ()),), verdict)
    fact = AssessedFact(Fact(Field.FULL_NAME, "Rahmat", 1.0, None), None, None)
    return Assessment(ticket_id, (AssessedClaim(About.SELF, None, (fact,), answer),))


def save(session, *assessments, share=0.5, dice=lambda: 0.4):
    second_look.save(session, assessments, share=share, dice=dice, now=NOW)
    return session.execute(select(SecondLook.ticket_id, SecondLook.kpj)).all()


def judge(desk, wanted):
    return second_look.judge(desk, 1, desk.info["agent"], KEY, wanted, NOW)


def test_a_share_of_new_matches_is_drawn(session):
    one, two = ticket(session), ticket(session)
    throws = iter([0.49, 0.5])
    drawn = save(
        session,
        assessment(one, Verdict.MATCH),
        assessment(two, Verdict.MATCH),
        dice=lambda: next(throws),
    )
    assert drawn == [(one, ONE)]


@pytest.mark.parametrize("verdict", [Verdict.REVIEW, Verdict.NONE])
def test_what_is_no_match_is_not_drawn(session, verdict):
    assert save(session, assessment(ticket(session), verdict)) == []


def test_with_no_share_nothing_is_drawn(session):
    assert save(session, assessment(ticket(session), Verdict.MATCH), share=0.0) == []


def test_a_match_that_stays_one_is_drawn_for_once(session):
    number = ticket(session)
    save(session, assessment(number, Verdict.MATCH), dice=lambda: 0.9)
    assert save(session, assessment(number, Verdict.MATCH), dice=lambda: 0.0) == []


def test_a_match_drawn_before_is_not_drawn_again(session):
    number = ticket(session)
    save(session, assessment(number, Verdict.MATCH))
    save(session, assessment(number, Verdict.REVIEW))
    assert save(session, assessment(number, Verdict.MATCH, TWO)) == [(number, ONE)]


def test_the_oldest_open_look_is_for_who_has_not_seen_the_ticket(desk):
    blind, seen = desk.info["agent"], agent(desk, "Bayu")
    saw(desk, seen, 1)
    assert second_look.next_for(desk, blind) == 1
    assert second_look.next_for(desk, seen) is None
    with pytest.raises(ForbiddenError, match="seen"):
        second_look.read(desk, 1, seen, KEY)


def test_whose_ticket_it_is_does_not_judge_it(desk):
    desk.get_one(Ticket, 1).assignee_id = desk.info["agent"]
    desk.flush()
    assert second_look.next_for(desk, desk.info["agent"]) is None


def test_a_look_shows_facts_and_people_in_an_order_of_its_own(desk):
    look = second_look.read(desk, 1, desk.info["agent"], KEY)
    again = second_look.read(desk, 1, desk.info["agent"], KEY)
    orders = {
        tuple(each.records[0].kpj for each in second_look.read(desk, 1, 1, bytes([n])).people)
        for n in range(30)
    }
    assert look == again
    assert look.facts == {Field.FULL_NAME: "Rahmat Contoh"}
    assert {tuple(one.kpj for one in each.records) for each in look.people} == {
        (ONE, ONE_TOO),
        (TWO,),
        (THREE,),
    }
    assert len(orders) == 6


def test_who_agrees_leaves_the_ticket_as_it_is(desk):
    judged = judge(desk, choices.mark(KEY, ONE))
    assert (judged.ticket_id, judged.agrees) == (1, True)
    assert desk.get_one(Ticket, 1).status is TicketStatus.WAITING_PARTICIPANT
    assert choices.newest(desk, [1]) == {}


@pytest.mark.parametrize("chosen", [TWO, ""])
def test_who_disagrees_brings_the_ticket_back_with_their_choice(desk, chosen):
    judged = judge(desk, choices.mark(KEY, chosen) if chosen else "")
    desk.expire_all()
    assert not judged.agrees
    assert desk.get_one(Ticket, 1).status is TicketStatus.WAITING_AGENT
    assert choices.newest(desk, [1])[1, 0].kpj == chosen


@pytest.mark.parametrize("status", [TicketStatus.SPAM, TicketStatus.WAITING_AGENT])
def test_a_ticket_set_aside_or_open_keeps_its_state(desk, status):
    desk.get_one(Ticket, 1).status = status
    desk.flush()
    judge(desk, "")
    desk.expire_all()
    assert desk.get_one(Ticket, 1).status is status


def test_a_look_is_taken_once(desk):
    judge(desk, "")
    other = agent(desk, "Bayu")
    with pytest.raises(ConflictError, match="already"):
        second_look.judge(desk, 1, other, KEY, "", NOW)
    assert second_look.next_for(desk, other) is None


def test_who_was_not_shown_cannot_be_meant(desk):
    with pytest.raises(InvalidError):
        judge(desk, choices.mark(KEY, "99000000999"))
    with pytest.raises(NotFoundError):
        second_look.judge(desk, 2, desk.info["agent"], KEY, "", NOW)


def test_the_summary_counts_what_agreed_and_lists_the_newest(desk):
    before = second_look.summary(desk)
    judge(desk, choices.mark(KEY, ONE))
    desk.add(
        SecondLook(
            ticket_id=1,
            position=1,
            kpj=ONE,
            probability=0.99,
            drawn_at=NOW,
            chosen_kpj="",
            agent_id=desk.info["agent"],
            looked_at=NOW + dt.timedelta(hours=1),
        )
    )
    found = second_look.summary(desk)
    assert (before.open, before.looked, before.share) == (1, 0, None)
    assert (found.open, found.looked, found.agreed, found.share) == (0, 2, 1, 0.5)
    assert [(each.agrees, each.nobody) for each in found.recent] == [(False, True), (True, False)]
    assert found.low < 0.5 < found.high
