"""The mother's name a caller says, compared unseen; a name that fits vouches for the caller."""

import datetime as dt

import pytest
from sqlalchemy import select

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.replies import evidence, verification
from helpdesk.replies.disclosure import Level, decide
from helpdesk.replies.verification import Asked, State
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Ticket, Verification
from tests.integration.replies.conftest import KPJ, NOW, Desk

OTHER = "99000000025"


def call(desk: Desk, *, mother: str = "SITI AMINAH", **values: object) -> Ticket:
    desk.record(mother_name=mother)
    ticket = desk.ticket("+6281234567890", **({"channel": Channel.PHONE} | values))
    for message in desk.session.query(evidence.Message).filter_by(ticket_id=ticket.id):
        message.authentic = False
    desk.claim(ticket)
    desk.session.flush()
    return ticket


def agent(desk: Desk) -> int:
    return desk.agent().id


def decision(desk: Desk, ticket: Ticket):
    policy = desk.house.policy
    known = evidence.read(desk.session, [ticket.id], policy.limits, now=NOW)[ticket.id]
    return decide(known.case, policy)


def ask(desk: Desk, ticket: Ticket, said: str, by: int) -> Asked:
    return verification.ask(desk.session, ticket.id, by, said, NOW)


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.COUNTER])
def test_a_name_that_fits_lets_the_number_be_told(desk, channel):
    ticket, by = call(desk, channel=channel), agent(desk)
    before = decision(desk, ticket)
    asked = ask(desk, ticket, "Ibu Siti Aminah", by)
    after = decision(desk, ticket)

    assert (before.level, before.approvals) == (Level.MASKED, 2)
    assert "unauthenticated" in before.reasons and "verified" not in before.reasons
    assert asked == Asked(State.PASSED, 2)
    assert (after.level, after.approvals) == (Level.FULL, 1)
    assert "verified" in after.reasons and "unauthenticated" not in after.reasons


def test_neither_the_answer_nor_the_name_is_kept(desk):
    ticket = call(desk)
    ask(desk, ticket, "Siti Amirah", agent(desk))
    kept = desk.session.scalars(select(Verification)).one()

    assert (kept.question, kept.passed, kept.kpj) == ("mother_name", False, KPJ)
    assert "iti" not in " ".join(str(each) for each in vars(kept).values())


def test_after_three_wrong_names_it_is_not_asked_again(desk):
    ticket, by = call(desk), agent(desk)
    left = [ask(desk, ticket, said, by) for said in ("Kartini", "Sumiati", "Rahayu")]

    assert [(each.state, each.tries_left) for each in left] == [
        (State.OPEN, 2),
        (State.OPEN, 1),
        (State.CLOSED, 0),
    ]
    with pytest.raises(ConflictError):
        ask(desk, ticket, "Siti Aminah", by)
    assert decision(desk, ticket).level is Level.MASKED


def test_a_name_of_one_participant_does_not_vouch_for_another(desk):
    ticket, by = call(desk), agent(desk)
    ask(desk, ticket, "Siti Aminah", by)
    desk.record(OTHER, mother_name="KARTINI")
    for row in desk.session.query(evidence.CandidateRow):
        row.kpj = OTHER  # the claim was corrected: now somebody else is meant
    desk.session.flush()

    assert verification.standing(desk.session, ticket.id, NOW) == Asked(State.OPEN, 2)
    assert "unauthenticated" in decision(desk, ticket).reasons


def test_nothing_is_asked_where_nothing_can_be_compared(desk):
    without_name = call(desk, mother="")
    assert verification.standing(desk.session, without_name.id, NOW).state is State.NO_NAME
    nobody = desk.ticket("+6281234567891", channel=Channel.PHONE)
    assert verification.standing(desk.session, nobody.id, NOW) == Asked(State.NOBODY, 3)
    for ticket in (without_name, nobody):
        with pytest.raises(ConflictError):
            ask(desk, ticket, "Siti Aminah", 1)  # refused before anybody is named


def test_only_callers_and_visitors_are_asked_and_only_with_words(desk):
    ticket = call(desk)
    with pytest.raises(InvalidError):
        ask(desk, ticket, " 123 ", 1)
    with pytest.raises(InvalidError):
        ask(desk, ticket, "a" * 201, 1)
    ticket.channel = Channel.EMAIL
    desk.session.flush()
    with pytest.raises(NotFoundError):
        ask(desk, ticket, "Siti Aminah", 1)


def test_a_passed_question_says_nothing_on_another_channel(desk):
    ticket = call(desk)
    ask(desk, ticket, "Siti Aminah", agent(desk))
    ticket.channel = Channel.WEB
    desk.session.flush()

    assert "unauthenticated" in decision(desk, ticket).reasons


def test_who_calls_again_gets_no_new_tries_the_same_day(desk):
    first, by = call(desk), agent(desk)
    again = desk.ticket("+6281234567890", channel=Channel.PHONE)
    desk.claim(again)
    for said in ("Kartini", "Sumiati"):
        ask(desk, first, said, by)

    assert ask(desk, again, "Rahayu", by) == Asked(State.CLOSED, 0)
    with pytest.raises(ConflictError):
        ask(desk, again, "Siti Aminah", by)
    tomorrow = NOW + dt.timedelta(days=1)
    assert verification.standing(desk.session, again.id, tomorrow) == Asked(State.OPEN, 2)


def test_a_right_answer_takes_no_tries_from_the_next_call(desk):
    first, by = call(desk), agent(desk)
    again = desk.ticket("+6281234567890", channel=Channel.PHONE)
    desk.claim(again)
    ask(desk, first, "Siti Aminah", by)

    assert verification.standing(desk.session, again.id, NOW) == Asked(State.OPEN, 3)
