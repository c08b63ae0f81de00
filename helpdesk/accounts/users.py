"""People inside: their accounts and passwords, and the brake on guessing them."""

import base64
import datetime as dt
import hmac
import re
import secrets
import threading
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.accounts import sessions
from helpdesk.accounts.models import Agent, LoginAttempt, Role
from helpdesk.accounts.passwords import COMMON
from helpdesk.errors import ConflictError, InvalidError, NotFoundError

MIN_PASSWORD = 12
MAX_PASSWORD = 1_000  # the hash takes any length; a form does not need to

# Stronger than the OWASP minimum (19 MiB, t=2). More than 32 MiB, so that malloc maps it and gives
# it back; not the 64 MiB of the library, because the whole web process may take 97.
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=33 * 1024, parallelism=1)
_ONE_AT_A_TIME: Final = threading.Lock()  # forty threads hashing at once would take 1.3 GiB
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")

WINDOW: Final = dt.timedelta(minutes=15)
PER_LOGIN: Final = 10  # guesses in a window from one address; a person who mistypes needs three
PER_ADDRESS: Final = 50  # on any logins; a whole office may share one address
PER_ACCOUNT: Final = (
    100  # from any addresses: 9,600 a day, against 12 characters and no common word
)


@dataclass(frozen=True, slots=True)
class Check:
    """A login that may be tried: what its password is verified against."""

    agent_id: int | None
    password_hash: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """A login that may not be tried now."""

    retry_after_s: int


def key_from(secret: str) -> bytes:
    """Derive the key that hides who tried to log in from the installation's secret."""
    return hmac.digest(secret.encode(), b"login attempts", "sha256")


def new_device(login: str, *, key: bytes) -> str:
    """Return what a browser keeps that signed in, so that strangers cannot lock it out.

    It proves nothing but that, and stands in no table: a random name, signed for this login.
    Source: "Device cookies", owasp.org, Slow Down Online Guessing Attacks.
    """
    name = secrets.token_urlsafe(16)
    return f"{name}.{_sign_device(name, login, key)}"


def add(
    session: Session,
    *,
    login: str,
    name: str,
    password: str,
    role: Role,
    now: dt.datetime,
    language: str = "id",
) -> int:
    """Create an account and return its id.

    Raises:
        InvalidError: the login, name or password cannot be accepted; the text says why.
        ConflictError: the login is taken.
    """
    login = login.strip().lower()
    if not _LOGIN.fullmatch(login):
        msg = "login: 2 to 64 of a-z, 0-9, dot, dash, underscore and @"
        raise InvalidError(msg)
    if not name.strip():
        msg = "name: must not be empty"
        raise InvalidError(msg)
    check_password(password, login=login)
    agent = Agent(
        login=login,
        name=name.strip(),
        role=role,
        language=language,
        theme="system",
        password_hash=hash_password(password),
        active=True,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(agent)
    except IntegrityError as error:
        msg = "login: it is taken"
        raise ConflictError(msg) from error
    return agent.id


def check_password(password: str, *, login: str) -> None:
    """Refuse a password that is short, common or the login itself.

    Raises:
        InvalidError: the text says what is wrong with it.
    """
    folded = password.casefold()
    if len(password) < MIN_PASSWORD:
        msg = f"password: at least {MIN_PASSWORD} characters"
        raise InvalidError(msg)
    if len(password) > MAX_PASSWORD:
        msg = f"password: at most {MAX_PASSWORD} characters"
        raise InvalidError(msg)
    if folded in COMMON or len(set(folded)) < 5 or (len(login) > 3 and login in folded):
        msg = "password: it is too easy to guess"
        raise InvalidError(msg)


def hash_password(password: str) -> str:
    """Hash a password; takes a tenth of a second and 33 MiB."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(password)


def set_password(session: Session, agent_id: int, password: str) -> None:
    """Change a password and close every session of the account.

    Raises:
        NotFoundError: there is no such account.
        InvalidError: the password cannot be accepted.
    """
    login = session.scalar(select(Agent.login).where(Agent.id == agent_id))
    if login is None:
        msg = "there is no such account"
        raise NotFoundError(msg)
    check_password(password, login=login)
    _update(session, agent_id, password_hash=hash_password(password))
    sessions.end_all(session, agent_id)


def set_role(session: Session, agent_id: int, role: Role) -> None:
    """Change what an account may do and close its sessions.

    Raises:
        NotFoundError: there is no such account.
    """
    _update(session, agent_id, role=role)
    sessions.end_all(session, agent_id)


def set_preferences(session: Session, agent_id: int, *, language: str, theme: str) -> None:
    """Change the language ("id", "en") and the theme ("system", "light", "dark") of a person."""
    _update(session, agent_id, language=language, theme=theme)


def disable(session: Session, agent_id: int) -> None:
    """Shut an account out at once; its past deeds stay its own.

    Raises:
        NotFoundError: there is no such account.
    """
    _update(session, agent_id, active=False)
    sessions.end_all(session, agent_id)


def enable(session: Session, agent_id: int) -> None:
    """Let a disabled account in again.

    Raises:
        NotFoundError: there is no such account.
    """
    _update(session, agent_id, active=True)


def list_all(session: Session) -> list[Agent]:
    """Return every account by login, the disabled ones too."""
    return list(session.scalars(select(Agent).order_by(Agent.login)))


def find(session: Session, login: str) -> Agent | None:
    """Return the account of a login."""
    return session.scalar(select(Agent).where(Agent.login == login.strip().lower()))


def begin_login(
    session: Session,
    login: str,
    address: str,
    *,
    device: str = "",
    key: bytes,
    now: dt.datetime,
) -> Check | Blocked:
    """Count a login attempt and return what to verify it against.

    A browser that signed in to this account before is counted by itself, whatever others try.

    The attempt is counted before the password is looked at, and must be committed before
    `verify`, so that many at once cannot slip through together. An unknown or disabled login gets
    a hash that fits nothing, so that it takes as long as any other.

    Args:
        session: of a writing transaction.
        login: as typed.
        address: network address of the browser.
        device: from `new_device`, as the browser sent it; "" from one that never signed in.
        key: from `key_from`.
        now: when.
    """
    login = login.strip().lower()
    most_of = _counters(login, address, device, key)
    who = tuple(most_of)
    since = now - WINDOW
    _wait_for_turn(session, who)
    session.execute(delete(LoginAttempt).where(LoginAttempt.who.in_(who), LoginAttempt.at < since))
    for each, most in most_of.items():
        tries, first = _count_tries(session, each)
        if tries >= most:
            return Blocked(max(1, int((first - since).total_seconds())))
    session.execute(insert(LoginAttempt), [{"who": each, "at": now} for each in who])
    row = session.execute(
        select(Agent.id, Agent.password_hash).where(Agent.login == login, Agent.active)
    ).first()
    return Check(row.id, row.password_hash, who) if row else Check(None, _decoy(), who)


def verify(check: Check, password: str) -> bool:
    """Compare a password with what `begin_login` returned; keep no transaction open meanwhile."""
    with _ONE_AT_A_TIME:
        try:
            _HASHER.verify(check.password_hash, password[:MAX_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
    return check.agent_id is not None


def end_login(session: Session, check: Check, password: str) -> int:
    """Note that a verified login was good, and return the agent's id.

    Forgets this browser's attempts on this login, and renews a hash made with older parameters.
    """
    if check.agent_id is None:
        msg = "an unknown login cannot have been verified"
        raise ValueError(msg)
    session.execute(delete(LoginAttempt).where(LoginAttempt.who == check.who[0]))
    if _HASHER.check_needs_rehash(check.password_hash):
        _update(session, check.agent_id, password_hash=hash_password(password))
    return check.agent_id


def forget_attempts(session: Session, *, now: dt.datetime) -> None:
    """Delete the attempts that no longer count."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - WINDOW))


def _counters(login: str, address: str, device: str, key: bytes) -> dict[str, int]:
    """Return what an attempt counts for, and how many may be in a window; the nearest first."""
    name, _, signature = device.partition(".")
    expected = _sign_device(name, login, key)
    if name and hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
        return {_hide(key, f"device {name} {login}"): PER_LOGIN}
    return {
        _hide(key, f"both {address} {login}"): PER_LOGIN,
        _hide(key, f"address {address}"): PER_ADDRESS,
        _hide(key, f"login {login}"): PER_ACCOUNT,
    }


def _sign_device(name: str, login: str, key: bytes) -> str:
    return _hide(key, f"signed device {name} {login.strip().lower()}")


def _count_tries(session: Session, who: str) -> tuple[int, dt.datetime]:
    found = session.execute(
        select(func.count(), func.min(LoginAttempt.at)).where(LoginAttempt.who == who)
    ).one()
    return found[0], found[1]


def _wait_for_turn(session: Session, who: tuple[str, ...]) -> None:
    # SQLite writers have taken turns since BEGIN IMMEDIATE. PostgreSQL's would count side by side
    # and all get through; in one order, so that no two wait for each other.
    if session.get_bind().dialect.name == "postgresql":
        for each in sorted(who):
            number = int.from_bytes(bytes.fromhex(each[:16]), signed=True)
            session.execute(select(func.pg_advisory_xact_lock(number)))


def _update(session: Session, agent_id: int, **values: object) -> None:
    changed = update(Agent).where(Agent.id == agent_id).values(**values).returning(Agent.id)
    if session.scalar(changed) is None:
        msg = "there is no such account"
        raise NotFoundError(msg)


def _hide(key: bytes, who: str) -> str:
    return hmac.digest(key, who.encode("utf-8", "replace"), "sha256").hex()


def _decoy() -> str:
    """A hash in the current parameters that no password is known to fit."""
    salt, digest = (base64.b64encode(bytes(n)).decode().rstrip("=") for n in (16, 32))
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
