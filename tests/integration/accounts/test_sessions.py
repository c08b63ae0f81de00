"""Sessions begin, age and end."""

import datetime as dt

import pytest
from sqlalchemy import select

from helpdesk.accounts import sessions, users
from helpdesk.accounts.models import AgentSession
from tests.integration.accounts.conftest import NOW

LIMITS = sessions.Limits(idle=dt.timedelta(hours=1), longest=dt.timedelta(hours=10))
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def token(database, agent_id):
    with database.transaction() as tx:
        return sessions.create(tx.session, agent_id, LIMITS, now=NOW)


def find(database, token, now=NOW):
    with database.reading() as session:
        return sessions.find(session, token, LIMITS, now=now)


def touch(database, token, now):
    with database.transaction() as tx:
        sessions.touch(tx.session, token, now=now)


def test_token_names_its_agent(database, agent_id, token):
    found = find(database, token)

    assert (found.id, found.login, found.name) == (agent_id, "dewi", "Dewi Contoh")
    assert len(found.csrf_token) == 43


def test_token_itself_is_stored_nowhere(database, token):
    with database.reading() as session:
        row = session.scalars(select(AgentSession)).one()
    assert token not in {row.token_sha256, row.csrf_token}


@pytest.mark.parametrize("wrong", ["", "x", "é", "\udcff", "x" * 10_000])
def test_unknown_token_names_nobody(database, token, wrong):
    assert find(database, wrong) is None


def test_unused_session_ends_after_the_idle_time(database, token):
    assert find(database, token, NOW + 59 * MINUTE) is not None
    assert find(database, token, NOW + 60 * MINUTE) is None


def test_use_keeps_a_session_alive_but_not_for_ever(database, token):
    for hours in range(1, 20):
        touch(database, token, NOW + hours * 30 * MINUTE)

    assert find(database, token, NOW + 599 * MINUTE) is not None
    touch(database, token, NOW + 599 * MINUTE)
    assert find(database, token, NOW + 600 * MINUTE) is None


def test_session_wants_to_be_touched_at_most_once_a_minute(database, token):
    assert not find(database, token, NOW + MINUTE / 2).stale
    assert find(database, token, NOW + MINUTE).stale
    touch(database, token, NOW + MINUTE)
    assert not find(database, token, NOW + MINUTE).stale


def test_touch_never_goes_back_in_time(database, token):
    touch(database, token, NOW + 5 * MINUTE)
    touch(database, token, NOW)

    with database.reading() as session:
        assert session.scalar(select(AgentSession.seen_at)) == NOW + 5 * MINUTE


def test_session_of_a_disabled_agent_is_over(database, agent_id, token):
    with database.transaction() as tx:
        users.disable(tx.session, agent_id)

    assert find(database, token) is None


def test_ended_session_is_over_and_others_go_on(database, agent_id, token):
    with database.transaction() as tx:
        other = sessions.create(tx.session, agent_id, LIMITS, now=NOW)
        sessions.end(tx.session, token)

    assert find(database, token) is None
    assert find(database, other) is not None


def test_all_sessions_of_an_agent_end_together(database, agent_id, token):
    with database.transaction() as tx:
        other = sessions.create(tx.session, agent_id, LIMITS, now=NOW)
        sessions.end_all(tx.session, agent_id)

    assert find(database, token) is None
    assert find(database, other) is None


def test_expired_sessions_are_forgotten_and_live_ones_kept(database, agent_id, token):
    with database.transaction() as tx:
        later = sessions.create(tx.session, agent_id, LIMITS, now=NOW + 30 * MINUTE)
        sessions.forget_expired(tx.session, LIMITS, now=NOW + 60 * MINUTE)

    with database.reading() as session:
        assert len(session.scalars(select(AgentSession)).all()) == 1
    assert find(database, later, NOW + 60 * MINUTE) is not None
