"""Accounts, logins and the brake on guessing."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from helpdesk.accounts import sessions, users
from helpdesk.accounts.models import Agent, AgentSession, LoginAttempt, Role
from helpdesk.accounts.users import PER_ACCOUNT, PER_ADDRESS, PER_LOGIN, WINDOW, Blocked
from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from tests.integration.accounts.conftest import KEY, NOW, PASSWORD

LIMITS = sessions.Limits(idle=dt.timedelta(hours=1), longest=dt.timedelta(hours=10))


def authenticate(database, login="dewi", password=PASSWORD, *, address="192.0.2.1", now=NOW):
    with database.transaction() as tx:
        check = users.begin_login(tx.session, login, address, key=KEY, now=now)
        if isinstance(check, Blocked) or not users.verify(check, password):
            return None
        return users.end_login(tx.session, check, password)


def begin(database, login, *, address="192.0.2.1", device="", now=NOW):
    with database.transaction() as tx:
        return users.begin_login(tx.session, login, address, device=device, key=KEY, now=now)


def count(database, model):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_right_password_names_the_agent_whatever_the_case_of_the_login(database, agent_id):
    assert authenticate(database, " DEWI ") == agent_id


@pytest.mark.parametrize(
    ("login", "password"), [("dewi", "wrong"), ("dewi", ""), ("nobody", PASSWORD), ("", "")]
)
def test_wrong_password_and_unknown_login_are_refused(database, agent_id, login, password):
    assert authenticate(database, login, password) is None


def test_password_is_stored_only_as_argon2id(database, agent_id):
    with database.reading() as session:
        stored = session.scalar(select(Agent.password_hash))

    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_taken_login_is_a_conflict_and_the_transaction_goes_on(database, agent_id):
    with database.transaction() as tx:
        with pytest.raises(ConflictError):
            users.add(
                tx.session, login="dewi", name="B", password=PASSWORD, role=Role.ADMIN, now=NOW
            )
        assert len(users.list_all(tx.session)) == 1


@pytest.mark.parametrize(
    ("login", "name"), [("", "A"), ("a", "A"), ("a b", "A"), ("x" * 65, "A"), ("dewi2", " ")]
)
def test_login_and_name_must_make_sense(database, login, name):
    with database.transaction() as tx, pytest.raises(InvalidError):
        users.add(tx.session, login=login, name=name, password=PASSWORD, role=Role.AGENT, now=NOW)


def test_new_password_replaces_the_old_and_ends_every_session(database, agent_id):
    with database.transaction() as tx:
        sessions.create(tx.session, agent_id, LIMITS, now=NOW)
        users.set_password(tx.session, agent_id, "penyu hijau 19 tahun")

    assert count(database, AgentSession) == 0
    assert authenticate(database) is None
    assert authenticate(database, password="penyu hijau 19 tahun") == agent_id


def test_new_role_ends_every_session(database, agent_id):
    with database.transaction() as tx:
        sessions.create(tx.session, agent_id, LIMITS, now=NOW)
        users.set_role(tx.session, agent_id, Role.SUPERVISOR)

    assert count(database, AgentSession) == 0


def test_disabled_account_cannot_log_in_until_enabled(database, agent_id):
    with database.transaction() as tx:
        users.disable(tx.session, agent_id)
    assert authenticate(database) is None

    with database.transaction() as tx:
        users.enable(tx.session, agent_id)
    assert authenticate(database) == agent_id


def test_changing_nobody_is_not_found(database):
    with database.transaction() as tx:
        for change in (users.disable, users.enable):
            with pytest.raises(NotFoundError):
                change(tx.session, 99)
        with pytest.raises(NotFoundError):
            users.set_password(tx.session, 99, PASSWORD)


def test_hash_of_older_parameters_is_renewed_at_login(database, agent_id):
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.transaction() as tx:
        tx.session.execute(update(Agent).values(password_hash=old))

    assert authenticate(database) == agent_id

    with database.reading() as session:
        assert session.scalar(select(Agent.password_hash)) != old
    assert authenticate(database) == agent_id


@pytest.mark.parametrize("login", ["dewi", "nobody"])
def test_login_is_blocked_after_its_guesses_known_or_not(database, agent_id, login):
    allowed = [begin(database, login) for _ in range(PER_LOGIN + 1)]

    assert not any(isinstance(each, Blocked) for each in allowed[:-1])
    assert allowed[-1] == Blocked(int(WINDOW.total_seconds()))


def test_a_stranger_locks_only_themself_out(database, agent_id):
    for _ in range(PER_LOGIN + 1):
        begin(database, "dewi", address="203.0.113.9")

    assert authenticate(database, address="198.51.100.7") == agent_id


def test_strangers_everywhere_are_slowed_down_together(database, agent_id):
    tries = [
        begin(database, "dewi", address=f"203.0.113.{number}") for number in range(PER_ACCOUNT + 1)
    ]

    assert [isinstance(each, Blocked) for each in tries] == [False] * PER_ACCOUNT + [True]


def test_strangers_lock_no_browser_out_that_signed_in_before(database, agent_id):
    device = users.new_device(" DEWI", key=KEY)
    for number in range(PER_ACCOUNT + 1):
        begin(database, "dewi", address=f"203.0.113.{number}")
    for number in range(PER_ADDRESS):
        begin(database, f"user{number}", address="198.51.100.7")

    assert isinstance(begin(database, "dewi", address="198.51.100.7"), Blocked)
    known = begin(database, "dewi", address="198.51.100.7", device=device)
    assert users.verify(known, PASSWORD)


def test_a_browser_that_signed_in_before_has_no_more_guesses_than_others(database, agent_id):
    device = users.new_device("dewi", key=KEY)

    tries = [
        begin(database, "dewi", address=f"203.0.113.{number}", device=device)
        for number in range(PER_LOGIN + 1)
    ]

    assert [isinstance(each, Blocked) for each in tries] == [False] * PER_LOGIN + [True]


@pytest.mark.parametrize("kind", ["another login", "another key", "cut", "made up", "empty"])
def test_a_device_that_is_not_ours_for_this_login_counts_as_a_stranger(database, agent_id, kind):
    ours = users.new_device("dewi", key=KEY)
    device = {
        "another login": users.new_device("bayu", key=KEY),
        "another key": users.new_device("dewi", key=b"x" * 32),
        "cut": ours[:-1],
        "made up": "a.é",
        "empty": "." + ours.partition(".")[2],
    }[kind]
    for _ in range(PER_LOGIN):
        begin(database, "dewi")

    assert isinstance(begin(database, "dewi", device=device), Blocked)


def test_address_is_blocked_after_its_guesses_on_many_logins(database, agent_id):
    tries = [begin(database, f"user{number}") for number in range(PER_ADDRESS + 1)]

    assert isinstance(tries[-1], Blocked)
    assert not isinstance(begin(database, "dewi", address="198.51.100.7"), Blocked)


def test_block_ends_with_the_window(database, agent_id):
    for _ in range(PER_LOGIN):
        begin(database, "dewi")

    assert authenticate(database, now=NOW + WINDOW) is None
    assert authenticate(database, now=NOW + WINDOW + dt.timedelta(seconds=1)) == agent_id


def test_blocked_tries_do_not_prolong_the_block(database, agent_id):
    for minute in range(14):
        begin(database, "dewi", now=NOW + dt.timedelta(minutes=min(minute, 10)))
    later = begin(database, "dewi", now=NOW + dt.timedelta(minutes=14))

    assert later == Blocked(60)


def test_good_login_forgets_the_guesses_on_it(database, agent_id):
    for _ in range(PER_LOGIN - 1):
        begin(database, "dewi")

    assert authenticate(database) == agent_id
    assert not isinstance(begin(database, "dewi"), Blocked)


def test_many_guesses_at_once_do_not_slip_through(database, agent_id):
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: begin(database, "dewi"), range(3 * PER_LOGIN)))

    assert sum(not isinstance(each, Blocked) for each in tries) == PER_LOGIN


def test_attempts_do_not_tell_who_tried(database, agent_id):
    begin(database, "dewi")

    with database.reading() as session:
        stored = " ".join(session.scalars(select(LoginAttempt.who)))
    assert "dewi" not in stored
    assert "192.0.2.1" not in stored


def test_old_attempts_are_forgotten(database, agent_id):
    begin(database, "dewi")
    with database.transaction() as tx:
        users.forget_attempts(tx.session, now=NOW + 2 * WINDOW)

    assert count(database, LoginAttempt) == 0
