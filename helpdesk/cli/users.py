"""`helpdesk user`: the accounts of agents."""

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from helpdesk.cli import common
from helpdesk.errors import InvalidError
from helpdesk.settings import Settings


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    user = common.group(commands, "user", "accounts")
    common.add(user, "list", _user_list, "list the accounts: login, role, name")
    add = common.add(user, "add", _user_add, "add an account; the password is asked for")
    role = common.add(user, "role", _user_role, "change what an account may do; signs it out")
    password = common.add(
        user, "password", _user_password, "change a password; signs the account out"
    )
    disable = common.add(user, "disable", _user_disable, "shut an account out at once")
    enable = common.add(user, "enable", _user_enable, "let a disabled account in again")
    for each in (add, role, password, disable, enable):
        each.add_argument("login")
    add.add_argument("--name", required=True)
    roles = ["agent", "supervisor", "admin", "auditor"]
    add.add_argument("--role", default="agent", choices=roles)
    role.add_argument("role", choices=roles)
    for each in (add, password):
        each.add_argument("--password-file", type=Path, help="read the password from this file")


def _user_list(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk.accounts import users

    with common.open_database(conf).reading() as session:
        for agent in users.list_all(session):
            shut = "" if agent.active else "\tdisabled"
            print(f"{agent.login}\t{agent.role}\t{agent.name}{shut}")


def _user_add(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people
    from helpdesk.accounts.models import Role

    password, role = _password(options.password_file), Role(options.role)
    people.add(
        common.open_database(conf),
        conf,
        options.login,
        name=options.name,
        role=role,
        password=password,
    )
    print(f"{options.login} can sign in as {options.role}")


def _user_role(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people
    from helpdesk.accounts.models import Role

    people.set_role(common.open_database(conf), conf, options.login, Role(options.role))
    print(f"{options.login} signs in as {options.role} from now on")


def _user_password(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people

    people.set_password(
        common.open_database(conf), conf, options.login, _password(options.password_file)
    )
    print(f"{options.login} has a new password")


def _user_disable(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people

    people.disable(common.open_database(conf), conf, options.login)
    print(f"{options.login} cannot sign in any more")


def _user_enable(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people

    people.enable(common.open_database(conf), conf, options.login)
    print(f"{options.login} can sign in again")


def _password(file: Path | None) -> str:
    try:
        if file is not None:
            return file.read_text(encoding="utf-8").strip()
        if sys.stdin.isatty():
            return getpass.getpass()
        return sys.stdin.readline().strip()
    except (UnicodeDecodeError, EOFError) as error:
        msg = "password: cannot be read as one line of text in UTF-8"
        raise InvalidError(msg) from error
