"""What pages show of replies that people send."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Row, ScalarSelect, bindparam, func, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.outbox.dm import window_open
from helpdesk.outbox.models import Delivery, Handover
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Contact, Ticket

SHOWN = 200
SHOWN_HANDOVERS = 30


@dataclass(frozen=True, slots=True)
class ToSend:
    """A reply that people send. `closed`: the channel's window has, so it cannot be given out."""

    delivery_id: int
    ticket_id: int
    channel: Channel
    service: str
    contact: str = field(repr=False)
    state: DeliveryState
    parts: int
    approved_at: dt.datetime
    window_ends_at: dt.datetime | None
    closed: bool
    answer: str | None


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A numbered hand-over, and how many of its replies nobody has settled yet."""

    number: int
    channel: Channel
    agent_id: int
    agent_name: str
    created_at: dt.datetime
    replies: int
    still_open: int


def count_waiting() -> ScalarSelect[int]:
    """Count the replies that people have to send: a part of a statement that is given `now`."""
    counted = select(func.count()).select_from(Delivery)
    return counted.where(*_WAITS).scalar_subquery()


def waiting(session: Session, *, now: dt.datetime) -> list[ToSend]:
    """Return what waits to be sent by people, what closes first first, at most `SHOWN`."""
    rows = session.execute(
        _ROWS.where(*_WAITS)
        .order_by(Ticket.window_ends_at.asc().nulls_last(), Delivery.id)
        .limit(SHOWN),
        {"now": now},
    )
    return [_to_send(row, now) for row in rows]


def taken(session: Session, *, now: dt.datetime) -> list[ToSend]:
    """Return what single people took and have not settled, oldest first, at most `SHOWN`."""
    rows = session.execute(
        _ROWS.where(Delivery.state == DeliveryState.HANDED, Delivery.handover.is_(None))
        .order_by(Delivery.id)
        .limit(SHOWN)
    )
    return [_to_send(row, now) for row in rows]


def replies_of(session: Session, number: int, *, now: dt.datetime) -> list[ToSend]:
    """Return the replies of a numbered hand-over, as they were given out."""
    rows = session.execute(_ROWS.where(Delivery.handover == number).order_by(Delivery.id))
    return [_to_send(row, now) for row in rows]


def handovers(session: Session, number: int | None = None) -> list[HandoverView]:
    """Return the newest hand-overs, or only that of a number."""
    still_open = (
        select(func.count())
        .where(Delivery.handover == Handover.id, Delivery.state == DeliveryState.HANDED)
        .scalar_subquery()
    )
    query = (
        select(
            Handover.id,
            Handover.channel,
            Handover.agent_id,
            Agent.name,
            Handover.created_at,
            Handover.replies,
            still_open,
        )
        .join(Agent, Agent.id == Handover.agent_id)
        .order_by(Handover.id.desc())
        .limit(SHOWN_HANDOVERS)
    )
    if number is not None:
        query = query.where(Handover.id == number)
    return [HandoverView(*row) for row in session.execute(query)]


_WAITS = (
    Delivery.state == DeliveryState.QUEUED,
    Delivery.by_hand,
    Delivery.not_before <= bindparam("now"),
)
_ROWS = (
    select(
        Delivery,
        Ticket.window_ends_at,
        # X exports tell nobody's name; the account then is what the thread is found by.
        func.coalesce(
            func.nullif(Contact.display_name, ""), func.nullif(Contact.handle, ""), Contact.address
        ).label("contact"),
        Contact.service,
    )
    .join(Ticket, Ticket.id == Delivery.ticket_id)
    .join(Contact, Contact.id == Ticket.contact_id)
)


def _to_send(row: Row[Delivery, dt.datetime | None, str, str], now: dt.datetime) -> ToSend:
    delivery = row.Delivery
    return ToSend(
        delivery_id=delivery.id,
        ticket_id=delivery.ticket_id,
        channel=delivery.channel,
        service=row.service,
        contact=row.contact,
        state=delivery.state,
        parts=delivery.parts,
        approved_at=delivery.created_at,
        window_ends_at=row.window_ends_at,
        closed=not (delivery.any_time or window_open(row.window_ends_at, now)),
        answer=delivery.answer,
    )
