"""Tables of what a conversation claims, which records it may mean, and what people say to that."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base
from helpdesk.identity.types import About, Field
from helpdesk.registry.models import RegistryImport  # noqa: F401 - a table a foreign key names
from helpdesk.tickets.models import Message, Ticket  # noqa: F401 - tables foreign keys name


class ClaimRow(Base):
    """One participant a ticket is about."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        CheckConstraint("about IN ('self', 'other')", name="about"),
        CheckConstraint("verdict IN ('match', 'review', 'none')", name="verdict"),
        CheckConstraint("ask IN ('full_name', 'birth_place', 'birth_date', 'nik')", name="ask"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    position: Mapped[int]
    about: Mapped[About]
    relation: Mapped[str | None]
    verdict: Mapped[str | None]
    # Of `types.Answer`, beside its candidates: what stands against a match, how the best
    # probability came about ({"prior", "rivals", "calibration"}), which fact to ask for.
    doubts: Mapped[list[str]] = mapped_column(JSON, default=list)
    reckoning: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    ask: Mapped[Field | None]
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
    """One record a claim may mean, best first by `rank`.

    `evidence` is [[feature, level, agreement, rarity]] as in `types.Evidence`, `way` a
    `types.Way`.
    """

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
    way: Mapped[str]
    evidence: Mapped[list[Any]] = mapped_column(JSON)


class ChoiceRow(Base):
    """Which person an agent says a claim means, or that it is none of them; the newest counts.

    `kpj` names the person by one of their records, "" is nobody; `best_kpj` and `probability` are
    what the matcher said. Kept to train the matcher; one taken back is deleted.
    """

    __tablename__ = "choice"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]  # of the claim
    kpj: Mapped[str]
    best_kpj: Mapped[str]
    probability: Mapped[float]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    made_at: Mapped[dt.datetime]


class SecondLook(Base):
    """A match drawn at random, for an agent to judge who sees no score and no verdict.

    `kpj` is what the matcher matched; `chosen_kpj` what the agent chose, "" for nobody, null until
    somebody looked.
    """

    __tablename__ = "second_look"
    __table_args__ = (
        UniqueConstraint("ticket_id", "position"),
        Index(
            "ix_second_look_open",
            "id",
            sqlite_where=text("looked_at IS NULL"),
            postgresql_where=text("looked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    position: Mapped[int]
    kpj: Mapped[str]
    probability: Mapped[float]
    drawn_at: Mapped[dt.datetime]
    chosen_kpj: Mapped[str | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    looked_at: Mapped[dt.datetime | None]


class Rematch(Base):
    """Unanswered tickets matched again after an import; those still to do are jobs (REMATCH)."""

    __tablename__ = "rematch"

    id: Mapped[int] = mapped_column(primary_key=True)
    registry_import_id: Mapped[int] = mapped_column(ForeignKey("registry_import.id"))
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    total: Mapped[int]
    changed: Mapped[int] = mapped_column(default=0)  # tickets whose decision is another now


class WeightsRow(Base):
    """Weights trained here; the one in use is the newest that a person accepted.

    `data` is what `weights.json` holds, `report` the figures before and after on what was held
    back.
    """

    __tablename__ = "weights"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'accepted', 'refused')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    trained_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))  # who decided
