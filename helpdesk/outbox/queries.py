"""What pages show of deliveries."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import ScalarSelect, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
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
    by_hand: bool  # people send it
    by_api: bool  # a platform's API does
    any_time: bool  # also when the channel's window has closed
    handed_at: dt.datetime | None
    handed_by: str | None  # who sent it, or took it to send


@dataclass(frozen=True, slots=True)
class Problem:
    """A delivery a person has to look at, with the subject of its ticket."""

    delivery: DeliveryView
    subject: str = field(repr=False)


def of_ticket(session: Session, ticket_id: int) -> list[DeliveryView]:
    """Return a ticket's deliveries, oldest first."""
    return [_view(*row) for row in session.execute(_OF_TICKET, {"ticket_id": ticket_id})]


def problems(session: Session, *, now: dt.datetime, limit: int = 200) -> list[Problem]:
    """Return the deliveries that wait for a person, oldest first.

    These are the unknown ones; the failed ones whose ticket nobody has answered or closed since;
    those that have not left after an hour; and at once those that could not even be offered to
    the server, because something is wrong with it or with the settings.
    """
    found = _PROBLEMS.order_by(Delivery.id).limit(limit)
    rows = session.execute(found, {"late_before": late_before(now)})
    return [Problem(_view(row.Delivery), row.subject) for row in rows]


def count_problems() -> ScalarSelect[int]:
    """Count, as a part of a statement, the deliveries that wait for a person.

    The statement is given `late_before`, from the function of that name.
    """
    counted = _PROBLEMS.with_only_columns(func.count(), maintain_column_froms=True)
    return counted.scalar_subquery()


def late_before(now: dt.datetime) -> dt.datetime:
    """Return before when a delivery that has not left was made if it is late."""
    return now - _LATE


_OF_TICKET = (
    select(Delivery, Agent.name)
    .outerjoin(Agent, Agent.id == Delivery.handed_by_id)
    .where(Delivery.ticket_id == bindparam("ticket_id"))
    .order_by(Delivery.id)
)
_WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
_PROBLEMS = (
    select(Delivery, Ticket.subject)
    .join(Ticket, Ticket.id == Delivery.ticket_id)
    .where(
        # The states again, as an index can be asked: nearly all deliveries are in another.
        Delivery.state.in_((DeliveryState.UNKNOWN, DeliveryState.FAILED, *_WAITING)),
        or_(
            Delivery.state == DeliveryState.UNKNOWN,
            and_(
                Delivery.state == DeliveryState.FAILED,
                Ticket.status == TicketStatus.WAITING_AGENT,
            ),
            and_(
                Delivery.state.in_(_WAITING),
                ~Delivery.by_hand,
                Delivery.created_at < bindparam("late_before"),
            ),
            and_(Delivery.state == DeliveryState.DEFERRED, Delivery.attempts == 0),
        ),
    )
)


def _view(delivery: Delivery, handed_by: str | None = None) -> DeliveryView:
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
        can_cancel=delivery.state is DeliveryState.QUEUED
        and not (delivery.attempts or delivery.parts_sent),
        by_hand=delivery.by_hand,
        by_api=delivery.channel.is_direct and not delivery.by_hand,
        any_time=delivery.any_time,
        handed_at=delivery.handed_at,
        handed_by=handed_by,
    )
