"""Accounts from the command line."""

import pytest
from sqlalchemy import select

from helpdesk import people, settings
from helpdesk.accounts import sessions, users
from helpdesk.accounts.models import Agent, AuditEvent
from helpdesk.clock import now
from helpdesk.db import Database

PASSWORD = "kakaktua jambul 77"
NEW = "penyu hijau 19 tahun"


@pytest.fixture
def database(ready, tmp_path):
    return Database(f"sqlite:///{tmp_path / 'var' / 'helpdesk.sqlite3'}")


@pytest.fixture
def dewi(run, database):
    """An account made by the command, signed in somewhere."""
    assert run("user", "add", "dewi", "--name", "Dewi", stdin=f"{PASSWORD}\n").code == 0
    limits = sessions.limits(settings.Web())
    with database.transaction() as tx:
        agent_id = users.find(tx.session, "dewi").id
        return sessions.create(tx.session, agent_id, limits, now=now())


def signed_in(database, token):
    with database.reading() as session:
        return sessions.find(session, token, sessions.limits(settings.Web()), now=now())


def trail(database):
    with database.reading() as session:
        return session.execute(
            select(AuditEvent.action, AuditEvent.detail).order_by(AuditEvent.id)
        ).all()[1:]


def test_list_names_every_account_and_the_disabled_ones_as_such(run, dewi):
    run("user", "add", "adi", "--name", "Adi", "--role", "auditor", stdin=f"{PASSWORD}\n")
    run("user", "disable", "adi")

    done = run("user", "list")

    assert done.lines == ["adi\tauditor\tAdi\tdisabled", "dewi\tagent\tDewi"]


def test_a_new_role_signs_out_and_is_in_the_trail(run, dewi, database):
    done = run("user", "role", "DEWI", "supervisor")

    assert done.out == "DEWI signs in as supervisor from now on\n"
    assert "dewi\tsupervisor\tDewi" in run("user", "list").lines
    assert signed_in(database, dewi) is None
    assert trail(database) == [("account.change", {"role": "supervisor"})]


def test_a_new_password_is_read_from_a_file_and_signs_out(run, dewi, database, tmp_path):
    file = tmp_path / "password"
    file.write_text(NEW)

    done = run("user", "password", "dewi", "--password-file", file)

    assert (done.code, done.out) == (0, "dewi has a new password\n")
    with database.reading() as session:
        hashed = session.scalar(select(Agent.password_hash))
    assert users.verify(users.Check(1, hashed, ("", "")), NEW)
    assert signed_in(database, dewi) is None
    assert trail(database) == [("account.change", {"what": "password"})]


def test_disable_shuts_out_at_once_and_enable_lets_in(run, dewi, database):
    run("user", "disable", "dewi")
    assert signed_in(database, dewi) is None
    run("user", "enable", "dewi")

    assert "dewi\tagent\tDewi" in run("user", "list").lines
    assert [row.action for row in trail(database)] == ["account.disable", "account.enable"]


@pytest.mark.parametrize("words", [("role", "x", "admin"), ("password", "x"), ("disable", "x")])
def test_an_unknown_account_is_told_where_to_look(refuse, ready, words):
    said = refuse("user", *words, stdin=f"{NEW}\n")
    assert said == "there is no account x; see: helpdesk user list"


def test_a_weak_password_changes_nothing(refuse, dewi, database):
    assert refuse("user", "password", "dewi", stdin="short\n") == (
        "password: at least 12 characters"
    )
    assert signed_in(database, dewi)
    assert trail(database) == []


def test_a_change_that_cannot_be_noted_is_not_made(dewi, database, monkeypatch):
    def fail(*_words, **_more):
        raise RuntimeError

    monkeypatch.setattr("helpdesk.people.audit.record_all", fail)
    with pytest.raises(RuntimeError):
        people.disable(database, settings.Settings(secret_key="0" * 64), "dewi")
    assert signed_in(database, dewi)
