"""Accounts from the command line: each change with its line in the trail."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from helpdesk import clock
from helpdesk.accounts import audit, users
from helpdesk.accounts.audit import Detail
from helpdesk.accounts.models import Role
from helpdesk.db import Database
from helpdesk.errors import NotFoundError
from helpdesk.settings import Settings


def add(
    database: Database, settings: Settings, login: str, *, name: str, role: Role, password: str
) -> None:
    """Create an account; errors as `users.add`."""
    now = clock.now()
    with database.transaction() as tx:
        agent_id = users.add(
            tx.session, login=login, name=name, role=role, password=password, now=now
        )
        _note(tx.session, settings, "account.add", agent_id, {"role": role.value})


def set_role(database: Database, settings: Settings, login: str, role: Role) -> None:
    """Change what an account may do; errors as `_change`."""
    _change(
        database,
        settings,
        login,
        lambda session, agent_id: users.set_role(session, agent_id, role),
        "account.change",
        {"role": role.value},
    )


def set_password(database: Database, settings: Settings, login: str, password: str) -> None:
    """Change a password; errors as `_change` and `users.check_password`."""
    _change(
        database,
        settings,
        login,
        lambda session, agent_id: users.set_password(session, agent_id, password),
        "account.change",
        {"what": "password"},
    )


def disable(database: Database, settings: Settings, login: str) -> None:
    """Shut an account out; errors as `_change`."""
    _change(database, settings, login, users.disable, "account.disable", {})


def enable(database: Database, settings: Settings, login: str) -> None:
    """Let an account in again; errors as `_change`."""
    _change(database, settings, login, users.enable, "account.enable", {})


def _change(
    database: Database,
    settings: Settings,
    login: str,
    change: Callable[[Session, int], None],
    action: str,
    detail: Detail,
) -> None:
    """Change one account by its login.

    Raises:
        NotFoundError: there is no such account.
    """
    with database.transaction() as tx:
        agent = users.find(tx.session, login)
        if agent is None:
            msg = f"there is no account {login}; see: helpdesk user list"
            raise NotFoundError(msg)
        change(tx.session, agent.id)
        _note(tx.session, settings, action, agent.id, detail)


def _note(session: Session, settings: Settings, action: str, agent_id: int, more: Detail) -> None:
    entry = audit.Entry(action, "agent", agent_id, more)
    key = audit.key_from(settings.secret_key)
    audit.record_all(session, [entry], key=key, now=clock.now(), agent_id=None)
