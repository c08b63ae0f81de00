"""Tables of the people inside and of the trail they leave."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base


class Role(StrEnum):
    """What a person may do; each includes the one before, but an auditor only reads."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Agent(Base):
    """A person who works here."""

    __tablename__ = "agent"
    __table_args__ = (
        CheckConstraint("role IN ('agent', 'supervisor', 'admin', 'auditor')", name="role"),
        CheckConstraint("language IN ('id', 'en')", name="language"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    language: Mapped[str] = mapped_column(default="id")
    theme: Mapped[str] = mapped_column(default="system")
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]


class AgentSession(Base):
    """One signed-in browser; the cookie's value is known only as its SHA-256."""

    __tablename__ = "agent_session"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]


class LoginAttempt(Base):
    """A failed login, kept for a while to slow guessing down. `who` is a keyed hash."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_who_at", "who", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str]
    at: Mapped[dt.datetime]


class AuditEvent(Base):
    """One line of the trail. `hash` chains it to the line before; rows are never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject_type", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    prev_hash: Mapped[str]
    hash: Mapped[str]
