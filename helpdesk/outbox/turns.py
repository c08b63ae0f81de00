"""Whose turn a ticket is when a delivery does not do what was expected of it."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import exists, update
from sqlalchemy.orm import Session

from helpdesk.outbox.models import Delivery
from helpdesk.tickets.kinds import Direction, TicketStatus
from helpdesk.tickets.models import Message, Ticket


def give_to_agents(session: Session, ticket_ids: Iterable[int], *, now: dt.datetime) -> None:
    """Put tickets back into the queue. One that waits there already keeps its place."""
    session.execute(
        update(Ticket)
        .where(
            Ticket.id.in_(list(ticket_ids)),
            Ticket.status.in_([TicketStatus.WAITING_PARTICIPANT, TicketStatus.CLOSED]),
        )
        .values(
            status=TicketStatus.WAITING_AGENT,
            waiting_since=now,
            updated_at=now,
            version=Ticket.version + 1,
        )
    )


def give_to_participant(session: Session, delivery: Delivery, *, now: dt.datetime) -> None:
    """Take the ticket out of the queue again, unless the participant has written since."""
    newer = exists().where(
        Message.ticket_id == delivery.ticket_id,
        Message.direction == Direction.INBOUND,
        Message.id > delivery.message_row_id,
    )
    session.execute(
        update(Ticket)
        .where(
            Ticket.id == delivery.ticket_id, Ticket.status == TicketStatus.WAITING_AGENT, ~newer
        )
        .values(
            status=TicketStatus.WAITING_PARTICIPANT,
            waiting_since=now,
            updated_at=now,
            version=Ticket.version + 1,
        )
    )
