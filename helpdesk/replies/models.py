"""Tables of what is about to be said, and of who allowed it."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.models import Agent  # noqa: F401 - the table a foreign key names
from helpdesk.db import Base
from helpdesk.matching.models import ClaimRow  # noqa: F401 - the table a foreign key names
from helpdesk.outbox.models import Delivery  # noqa: F401 - the table a foreign key names


class Draft(Base):
    """The reply a ticket would get if it were approved now; one a ticket.

    `kpjs` are the numbers the policy lets this reply carry (empty unless full or masked);
    `reasons` are the codes of why the policy decided so. `refusal_id` is the note in which a
    second person said why this version may not leave.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint(
            "disclosure IN ('full', 'masked', 'redirect', 'ask', 'none')", name="disclosure"
        ),
        CheckConstraint("approvals_needed IN (1, 2)", name="approvals"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), unique=True
    )
    version: Mapped[int] = mapped_column(default=1)
    situation: Mapped[str]  # the macro's name
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    disclosure: Mapped[str]
    approvals_needed: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    kpjs: Mapped[list[str]] = mapped_column(JSON)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id", ondelete="SET NULL"))
    answers_message_id: Mapped[int | None] = mapped_column(
        ForeignKey("message.id", ondelete="SET NULL"), index=True
    )
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    refusal_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)
    updated_at: Mapped[dt.datetime]


class Approval(Base):
    """One person's yes to one frozen draft.

    `frozen_sha256` is over recipient, channel, subject, body and `evidence`, which is what the
    decision rested on, for an auditor and for the check before sending. The delivery is set with
    the last yes that was needed.
    """

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("ticket_id", "frozen_sha256", "agent_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    draft_version: Mapped[int]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    frozen_sha256: Mapped[str]
    disclosure: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    approved_at: Mapped[dt.datetime]
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
