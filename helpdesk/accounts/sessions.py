"""Signed-in browsers: random tokens known only by their hash, ended by time or by hand."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, AgentSession, Role
from helpdesk.settings import Web

_TOUCH_AFTER = dt.timedelta(minutes=1)  # a request shall not cost a write


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives: without use, and at most."""

    idle: dt.timedelta
    longest: dt.timedelta


def limits(web: Web) -> Limits:
    """Return the limits the settings name."""
    return Limits(
        idle=dt.timedelta(minutes=web.session_idle_minutes),
        longest=dt.timedelta(hours=web.session_max_hours),
    )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request, as known to the pages. `stale`: `touch` it."""

    id: int
    login: str
    name: str
    role: Role
    language: str
    theme: str
    csrf_token: str
    stale: bool


def create(session: Session, agent_id: int, limits: Limits, *, now: dt.datetime) -> str:
    """Open a session and return its token, 43 characters for a cookie; it is stored nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(
        AgentSession(
            token_sha256=_digest(token),
            agent_id=agent_id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
            expires_at=now + limits.longest,
        )
    )
    session.flush()
    return token


_FIND = (
    select(
        Agent.id,
        Agent.login,
        Agent.name,
        Agent.role,
        Agent.language,
        Agent.theme,
        AgentSession.csrf_token,
        AgentSession.seen_at,
    )
    .join(Agent, Agent.id == AgentSession.agent_id)
    .where(
        AgentSession.token_sha256 == bindparam("digest"),
        AgentSession.expires_at > bindparam("now"),
        AgentSession.seen_at > bindparam("used_after"),
        Agent.active,
    )
)


def find(session: Session, token: str, limits: Limits, *, now: dt.datetime) -> SignedIn | None:
    """Return who a token belongs to; None when it is unknown, run out, or its agent disabled."""
    asked = {"digest": _digest(token), "now": now, "used_after": now - limits.idle}
    row = session.connection().execute(_FIND, asked).first()
    if row is None:
        return None
    return SignedIn(*row[:-1], stale=now - row.seen_at >= _TOUCH_AFTER)


def touch(session: Session, token: str, *, now: dt.datetime) -> None:
    """Note that the session is in use."""
    session.execute(
        update(AgentSession)
        .where(AgentSession.token_sha256 == _digest(token), AgentSession.seen_at < now)
        .values(seen_at=now)
    )


def end(session: Session, token: str) -> None:
    """Close one session; an unknown token is no error."""
    session.execute(delete(AgentSession).where(AgentSession.token_sha256 == _digest(token)))


def end_all(session: Session, agent_id: int) -> None:
    """Close every session of an agent."""
    session.execute(delete(AgentSession).where(AgentSession.agent_id == agent_id))


def forget_expired(session: Session, limits: Limits, *, now: dt.datetime) -> None:
    """Delete the sessions that have run out."""
    session.execute(
        delete(AgentSession).where(
            (AgentSession.expires_at <= now) | (AgentSession.seen_at <= now - limits.idle)
        )
    )


def _digest(token: str) -> str:
    # A plain hash is enough: the token has 256 random bits, there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
