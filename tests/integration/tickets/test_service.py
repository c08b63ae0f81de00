import datetime as dt

import pytest

from helpdesk.db import Database
from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.tickets import history, service
from helpdesk.tickets.kinds import Direction, TicketStatus
from tests.seed import seed

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
OPEN = 21  # waits for an agent in the seed


@pytest.fixture
def seeded(database: Database) -> Database:
    seed(database, tickets=30)
    return database


def test_closing_takes_the_ticket_out_of_the_queue(seeded: Database):
    with seeded.transaction() as tx:
        service.close(tx.session, OPEN, 1, NOW)

    with seeded.reading() as session:
        assert history.head(session, OPEN).status is TicketStatus.CLOSED


def test_second_of_two_agents_changes_nothing(seeded: Database):
    with seeded.transaction() as tx:
        service.assign(tx.session, OPEN, 1, 2, NOW)

    with seeded.transaction() as tx, pytest.raises(ConflictError):
        service.assign(tx.session, OPEN, 1, 1, NOW)
    with seeded.reading() as session:
        assert history.head(session, OPEN).assignee_id == 2


def test_closed_ticket_cannot_be_marked_as_spam(seeded: Database):
    with seeded.transaction() as tx:
        service.close(tx.session, OPEN, 1, NOW)

        with pytest.raises(ConflictError):
            service.mark_spam(tx.session, OPEN, 2, NOW)


def test_note_is_part_of_the_conversation(seeded: Database):
    with seeded.transaction() as tx:
        service.note(tx.session, OPEN, 1, " Sudah ditelepon.\r\n", NOW)

    with seeded.reading() as session:
        notes = [
            each.body
            for each in history.messages(session, OPEN)
            if each.direction is Direction.NOTE
        ]
    assert notes == ["Sudah ditelepon."]


@pytest.mark.parametrize("body", ["", "  \n", "x" * 20_001], ids=["empty", "blank", "huge"])
def test_useless_notes_are_refused(seeded: Database, body: str):
    with seeded.transaction() as tx, pytest.raises(InvalidError):
        service.note(tx.session, OPEN, 1, body, NOW)


def test_unknown_ticket_is_said_to_be_unknown(seeded: Database):
    with seeded.transaction() as tx, pytest.raises(NotFoundError):
        service.close(tx.session, 999, 1, NOW)
