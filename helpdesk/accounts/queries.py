"""What pages show of the people inside and of their trail."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, AuditEvent, Role


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines of the trail are wanted; None and empty mean all."""

    agent_id: int | None = None
    action: str = ""
    subject_type: str = ""
    subject_id: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == AuditFilter()


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the trail, with the name of who did it; None for the product itself."""

    id: int
    at: dt.datetime
    agent_name: str | None
    action: str
    subject_type: str
    subject_id: int | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Lines, newest first; `before` continues with the older ones, None at the end."""

    lines: tuple[AuditLine, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """An account by id, for choosing one."""

    id: int
    name: str


def audit_page(
    session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int = 50
) -> AuditPage:
    """Return one page of the trail."""
    query = (
        select(
            AuditEvent.id,
            AuditEvent.at,
            Agent.name,
            AuditEvent.action,
            AuditEvent.subject_type,
            AuditEvent.subject_id,
            AuditEvent.detail,
        )
        .outerjoin(Agent, Agent.id == AuditEvent.agent_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(AuditEvent.id < before)
    if wanted.agent_id is not None:
        query = query.where(AuditEvent.agent_id == wanted.agent_id)
    if wanted.action:
        query = query.where(AuditEvent.action == wanted.action)
    if wanted.subject_type:
        query = query.where(AuditEvent.subject_type == wanted.subject_type)
    if wanted.subject_id is not None:
        query = query.where(AuditEvent.subject_id == wanted.subject_id)
    lines = [AuditLine(*row) for row in session.execute(query)]
    more = len(lines) > limit
    return AuditPage(tuple(lines[:limit]), lines[limit - 1].id if more else None)


_ASSIGNABLE = (
    select(Agent.id, Agent.name)
    .where(Agent.active, Agent.role != Role.AUDITOR)
    .order_by(Agent.name)
)


def assignable(session: Session) -> list[Person]:
    """Return by name who tickets can be assigned to."""
    return [Person(*row) for row in session.connection().execute(_ASSIGNABLE)]


def people(session: Session) -> list[Person]:
    """Return every account by name, for a list to choose from."""
    return [
        Person(*row) for row in session.execute(select(Agent.id, Agent.name).order_by(Agent.name))
    ]
