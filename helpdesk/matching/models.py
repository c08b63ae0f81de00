"""Tables of what a conversation claims and which records it may mean."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base
from helpdesk.identity.types import About, Field
from helpdesk.tickets.models import Message, Ticket  # noqa: F401 - tables foreign keys name


class ClaimRow(Base):
    """One participant a ticket is about."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        CheckConstraint("about IN ('self', 'other')", name="about"),
        CheckConstraint("verdict IN ('match', 'review', 'none')", name="verdict"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    position: Mapped[int]
    about: Mapped[About]
    relation: Mapped[str | None]
    verdict: Mapped[str | None]
    matched_at: Mapped[dt.datetime]


class FactRow(Base):
    """One field of a claim; a fact an agent entered has `agent_id` and outlives re-extraction."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("claim_id", "field"),
        CheckConstraint(
            "field IN ('full_name', 'birth_place', 'birth_date', 'nik')", name="field"
        ),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        # Who else asked with this NIK is asked for every draft.
        Index(
            "ix_fact_nik",
            "value",
            sqlite_where=text("field = 'nik'"),
            postgresql_where=text("field = 'nik'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id", ondelete="CASCADE"))
    field: Mapped[Field]
    value: Mapped[str]
    confidence: Mapped[float]
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL"), index=True
    )
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    # Of a fact that was read from a photo: which, and [left, top, width, height] in it.
    attachment_id: Mapped[int | None] = mapped_column(
        ForeignKey("attachment.id", ondelete="SET NULL"), index=True
    )
    box: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    rule: Mapped[str] = mapped_column(default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    history: Mapped[list[str]] = mapped_column(JSON, default=list)


class CorrectionRow(Base):
    """What an agent made of an extracted fact, kept to judge and to train the reading.

    Written only where the settings consent to it; `before` is "" for a fact that was missed,
    `value` is "" for one that nobody stated. The span is what the agent selected, if anything.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(
            "field IN ('full_name', 'birth_place', 'birth_date', 'nik')", name="field"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]  # of the claim
    field: Mapped[Field]
    before: Mapped[str]
    value: Mapped[str]
    rule: Mapped[str]  # what had seen `before`
    confidence: Mapped[float]  # of `before`
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL"), index=True
    )
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    made_at: Mapped[dt.datetime] = mapped_column(index=True)


class CandidateRow(Base):
    """One record a claim may mean, best first by `rank`; evidence as [[feature, level, bits]]."""

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("claim_id", "rank"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id", ondelete="CASCADE"))
    rank: Mapped[int]
    kpj: Mapped[str]
    person: Mapped[int]
    probability: Mapped[float]
    evidence: Mapped[list[Any]] = mapped_column(JSON)
