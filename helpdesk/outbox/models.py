"""Tables of deliveries, one reply to one recipient, and of what was handed over together."""

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Message, Ticket  # noqa: F401 - tables foreign keys name

__all__ = ["Delivery", "DeliveryState", "Handover"]


class Delivery(Base):
    """One frozen reply. The bytes never change after approval; `sha256` names them."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'deferred', 'failed', 'unknown', 'cancelled', "
            "'handed')",
            name="state",
        ),
        Index("ix_delivery_state_not_before", "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    message_row_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    channel: Mapped[Channel]
    recipient: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)  # header, without angle brackets
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    not_before: Mapped[dt.datetime]  # end of the undo time, or of the wait after a deferral
    sending_since: Mapped[dt.datetime | None]
    sent_at: Mapped[dt.datetime | None]
    answer: Mapped[str | None]  # the server's last words, addresses covered
    # Of a reply that is no mail: whether a person sends it, and whether it may leave though the
    # channel's window is closed; how many texts it is split into, how many of them certainly left,
    # which ids the platform gave them, and who it was handed to.
    by_hand: Mapped[bool] = mapped_column(default=False)
    any_time: Mapped[bool] = mapped_column(default=False)
    parts: Mapped[int] = mapped_column(default=1)
    parts_sent: Mapped[int] = mapped_column(default=0)
    remote_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    handed_at: Mapped[dt.datetime | None]
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    handover: Mapped[int | None] = mapped_column(ForeignKey("handover.id"), index=True)


class Handover(Base):
    """Replies of one channel that were given out together. `id` is its number.

    `sha256` names the JSON lines that were given out, so that the same can be given out again.
    """

    __tablename__ = "handover"
    __table_args__ = (CheckConstraint("replies > 0", name="replies"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"))
    created_at: Mapped[dt.datetime]
    replies: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
