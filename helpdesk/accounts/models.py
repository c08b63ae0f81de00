"""Tables of the people inside and of the trail they leave."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, Index, Table, event, text
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


SEARCH = "registry.search"  # the action of a line of the trail


class AuditEvent(Base):
    """One line of the trail. `hash` chains it to the line before; rows are never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_type", "subject_id", "id"),
        # How often somebody searched the registry by hand is asked before each search.
        Index(
            "ix_audit_event_search",
            "agent_id",
            "at",
            sqlite_where=text(f"action = '{SEARCH}'"),
            postgresql_where=text(f"action = '{SEARCH}'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    prev_hash: Mapped[str]
    hash: Mapped[str]


# The trail can only grow: the database itself refuses to change it, whoever asks. By dialect, in
# the order they must run; the migration runs the same statements.
AUDIT_DDL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
        """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit_event is append-only'; END $$""",
        """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
        """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()""",
    ),
}


def _protect_audit_events() -> None:
    table = AuditEvent.__table__
    assert isinstance(table, Table)  # noqa: S101 - narrows what SQLAlchemy types as FromClause
    for dialect, statements in AUDIT_DDL.items():
        for statement in statements:
            ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


_protect_audit_events()
