"""What the writer of a request sees of it behind the secret link: never a reply, never a fact."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.errors import NotFoundError
from helpdesk.ingest.webform import may_add
from helpdesk.outbox import queries as outbox
from helpdesk.outbox.states import DeliveryState
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Message, RawMessage, Ticket

SHOWN = 50  # messages; nobody adds to a request so often


class Stage(StrEnum):
    """How far a request got. The same for everybody, whatever the records say."""

    RECEIVED = "received"
    CHECKING = "checking"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that left: when, by which channel, to which address with its middle covered."""

    at: dt.datetime
    channel: Channel
    to: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message that came through the form."""

    at: dt.datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Followed:
    """A request as its writer sees it; `language` is that of the form it came by."""

    ticket_id: int
    stage: Stage
    opened_at: dt.datetime
    sent: tuple[Sent, ...]
    said: tuple[Said, ...]
    may_add: bool
    language: str


def follow(session: Session, ticket_id: int, *, follow_up_days: int, now: dt.datetime) -> Followed:
    """Return what may be seen of a request.

    Messages that reached the ticket by mail are left out: they may be by somebody else than who
    holds the link.

    Raises:
        NotFoundError: there is no such ticket.
    """
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    sent = tuple(
        Sent(
            each.sent_at,
            Channel.EMAIL if "@" in each.recipient else ticket.channel,
            cover(each.recipient),
        )
        for each in outbox.of_ticket(session, ticket_id)
        if each.state is DeliveryState.SENT and each.sent_at is not None
    )
    said = session.execute(
        select(Message.received_at, Message.body)
        .join(RawMessage, RawMessage.id == Message.raw_id)
        .where(
            Message.ticket_id == ticket_id,
            Message.direction == Direction.INBOUND,
            RawMessage.channel == Channel.WEB,
        )
        .order_by(Message.received_at, Message.id)
        .limit(SHOWN)
    )
    return Followed(
        ticket_id=ticket_id,
        stage=_stage(ticket, _newest(session, ticket_id), sent),
        opened_at=ticket.opened_at,
        sent=sent,
        said=tuple(Said(*row) for row in said),
        may_add=may_add(ticket.status, ticket.updated_at, follow_up_days, now),
        language=ticket.language,
    )


def cover(address: str) -> str:
    """Cover an address but for what its owner knows it by: r•••@gmail.com, +62•••7890. Pure."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}•••@{domain}"
    return f"{address[:3]}•••{address[-4:]}" if len(address) > 8 else "•••"


def _newest(session: Session, ticket_id: int) -> dt.datetime | None:
    return session.scalar(
        select(func.max(Message.received_at)).where(
            Message.ticket_id == ticket_id, Message.direction == Direction.INBOUND
        )
    )


def _stage(ticket: Ticket, newest: dt.datetime | None, sent: tuple[Sent, ...]) -> Stage:
    answered = bool(sent) and (newest is None or sent[-1].at >= newest)
    if answered:
        return Stage.ANSWERED
    if ticket.status in {TicketStatus.CLOSED, TicketStatus.SPAM}:
        return Stage.CLOSED
    return Stage.RECEIVED if ticket.assignee_id is None else Stage.CHECKING
