"""How many things wait for a person because a machine could not finish them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.jobs import JobRow, JobState
from helpdesk.outbox.models import Delivery, DeliveryState
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket


def count(session: Session) -> int:
    """Return the number of dead letters of every kind."""
    parked = select(func.count()).where(JobRow.state == JobState.PARKED).scalar_subquery()
    unparsed = select(func.count()).where(Ticket.status == TicketStatus.UNPARSED).scalar_subquery()
    stuck = (
        select(func.count())
        .where(Delivery.state.in_((DeliveryState.UNKNOWN, DeliveryState.FAILED)))
        .scalar_subquery()
    )
    return session.scalar(select(parked + unparsed + stuck)) or 0
