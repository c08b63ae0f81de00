"""How many things wait for a person because a machine could not finish them."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.jobs import JobRow, JobState
from helpdesk.outbox import queries as outbox_queries
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket


def count(session: Session, *, now: dt.datetime) -> int:
    """Return the number of dead letters of every kind that call for a decision."""
    parked = select(func.count()).where(JobRow.state == JobState.PARKED).scalar_subquery()
    unparsed = select(func.count()).where(Ticket.status == TicketStatus.UNPARSED).scalar_subquery()
    found: int = session.scalar(select(parked + unparsed)) or 0
    return found + outbox_queries.count_problems(session, now=now)
