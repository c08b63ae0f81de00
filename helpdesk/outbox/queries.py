"""What pages show of deliveries."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket

_LATE = dt.timedelta(hours=1)  # a server that greylists is done by then


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery as a page shows it. `message_row_id` is the outbound message it carries."""

    id: int
    ticket_id: int
    message_row_id: int
    recipient: str = field(repr=False)
    state: DeliveryState
    attempts: int
    created_at: dt.datetime
    not_before: dt.datetime  # when it leaves, or is tried again
    sending_since: dt.datetime | None  # of the last attempt
    sent_at: dt.datetime | None
    answer: str | None
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A delivery a person has to look at, with the subject of its ticket."""

    delivery: DeliveryView
    subject: str = field(repr=False)


def of_ticket(session: Session, ticket_id: int) -> list[DeliveryView]:
    """Return a ticket's deliveries, oldest first."""
    found = select(Delivery).where(Delivery.ticket_id == ticket_id).order_by(Delivery.id)
    return [_view(each) for each in session.scalars(found)]


def problems(session: Session, *, now: dt.datetime, limit: int = 200) -> list[Problem]:
    """Return the deliveries that wait for a person, oldest first.

    These are the unknown ones; the failed ones whose ticket nobody has answered or closed since;
    those that have not left after an hour; and at once those that could not even be offered to
    the server, because something is wrong with it or with the settings.
    """
    rows = session.execute(_problems(now).order_by(Delivery.id).limit(limit))
    return [Problem(_view(row.Delivery), row.subject) for row in rows]


def count_problems(session: Session, *, now: dt.datetime) -> int:
    """Return how many deliveries wait for a person."""
    counted = _problems(now).with_only_columns(func.count(), maintain_column_froms=True)
    return session.scalar(counted) or 0


def _problems(now: dt.datetime) -> Select[Delivery, str]:
    waiting = Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.DEFERRED])
    return (
        select(Delivery, Ticket.subject)
        .join(Ticket, Ticket.id == Delivery.ticket_id)
        .where(
            or_(
                Delivery.state == DeliveryState.UNKNOWN,
                and_(
                    Delivery.state == DeliveryState.FAILED,
                    Ticket.status == TicketStatus.WAITING_AGENT,
                ),
                and_(waiting, Delivery.created_at < now - _LATE),
                and_(Delivery.state == DeliveryState.DEFERRED, Delivery.attempts == 0),
            )
        )
    )


def _view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        ticket_id=delivery.ticket_id,
        message_row_id=delivery.message_row_id,
        recipient=delivery.recipient,
        state=delivery.state,
        attempts=delivery.attempts,
        created_at=delivery.created_at,
        not_before=delivery.not_before,
        sending_since=delivery.sending_since,
        sent_at=delivery.sent_at,
        answer=delivery.answer,
        can_cancel=delivery.state is DeliveryState.QUEUED and delivery.attempts == 0,
    )
