import datetime as dt

import pytest

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.matching import choices
from helpdesk.matching.choices import NOBODY
from helpdesk.matching.models import ChoiceRow
from helpdesk.tickets.models import Ticket
from tests import registry
from tests.integration.matching.rows import (
    NOW,
    ONE,
    ONE_TOO,
    ROWS,
    THREE,
    TWO,
    agent,
    claim,
    ticket,
)

LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
def desk(database):
    """A session with a ticket whose claim may mean ONE (two KPJ) or TWO, and an agent."""
    registry.fill(database, ROWS)
    with database.transaction() as tx:
        tx.session.info["ticket"] = ticket(tx.session)
        tx.session.info["claim"] = claim(tx.session, 1, (ONE, ONE_TOO), (TWO,))
        tx.session.info["agent"] = agent(tx.session)
        yield tx.session


def choose(desk, kpj, now=NOW):
    return choices.choose(
        desk, desk.info["ticket"], desk.info["claim"], kpj, desk.info["agent"], now
    )


def newest(desk):
    return choices.newest(desk, [desk.info["ticket"]])


def test_a_choice_is_kept_with_what_the_matcher_said(desk):
    chosen = choose(desk, TWO)
    row = desk.get_one(ChoiceRow, chosen.id)
    assert (row.position, row.kpj, row.best_kpj, row.probability) == (0, TWO, ONE, 0.9)
    assert chosen.overrules
    assert newest(desk) == {(1, 0): chosen}


def test_another_kpj_of_the_best_is_the_best(desk):
    chosen = choose(desk, ONE_TOO)
    assert (chosen.kpj, chosen.overrules) == (ONE, False)


def test_the_newest_choice_counts_and_remembers_the_matcher(desk):
    choose(desk, TWO)
    second = choose(desk, THREE, LATER)
    assert (second.best_kpj, newest(desk)[1, 0].kpj) == (ONE, THREE)


def test_after_nobody_the_matchers_best_is_who_is_shown(desk):
    choose(desk, NOBODY)
    assert choose(desk, TWO, LATER).best_kpj == ONE


def test_nobody_is_said_of_whom_one_saw(desk):
    nobody = choose(desk, NOBODY)
    assert not nobody.overrules
    assert nobody.rejects({ONE, ONE_TOO})
    assert not nobody.rejects({THREE})
    assert not choose(desk, TWO, LATER).rejects({TWO})


def test_every_choice_and_undo_counts_as_a_change_of_the_ticket(desk):
    choose(desk, TWO)
    choices.take_back(desk, 1, desk.info["claim"], LATER)
    desk.expire_all()
    row = desk.get_one(Ticket, 1)
    assert (row.version, row.updated_at) == (3, LATER)


def test_taken_back_the_choice_before_counts_again(desk):
    first = choose(desk, TWO)
    choose(desk, NOBODY, LATER)
    choices.take_back(desk, 1, desk.info["claim"], LATER)
    assert newest(desk)[1, 0].id == first.id
    choices.take_back(desk, 1, desk.info["claim"], LATER)
    assert newest(desk) == {}
    with pytest.raises(ConflictError, match="already"):
        choices.take_back(desk, 1, desk.info["claim"], LATER)


def test_a_record_that_left_the_registry_cannot_be_chosen(desk):
    with pytest.raises(ConflictError, match="registry"):
        choose(desk, "99000000999")


def test_a_claim_of_another_ticket_cannot_be_answered(desk):
    other = ticket(desk)
    with pytest.raises(NotFoundError):
        choices.choose(desk, other, desk.info["claim"], TWO, desk.info["agent"], NOW)
    with pytest.raises(NotFoundError):
        choices.take_back(desk, other, desk.info["claim"], NOW)


def test_a_form_names_a_candidate_by_person(desk):
    number = desk.info["claim"]
    assert choices.candidate(desk, number, 2, NOW) == TWO
    assert choices.candidate(desk, number, None, NOW) == NOBODY
    with pytest.raises(InvalidError):
        choices.candidate(desk, number, 3, NOW)


def test_a_claim_matched_since_is_a_conflict(desk):
    with pytest.raises(ConflictError, match="compare"):
        choices.candidate(desk, desk.info["claim"], 1, LATER)
    with pytest.raises(ConflictError):
        choices.candidate(desk, 999, 1, NOW)


def test_a_mark_names_a_record_only_to_who_has_the_key():
    key, other = choices.key_from("a" * 32), choices.key_from("b" * 32)
    assert choices.mark(key, ONE) == choices.mark(key, ONE)
    assert len({choices.mark(key, ONE), choices.mark(key, TWO), choices.mark(other, ONE)}) == 3
