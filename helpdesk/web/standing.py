"""What pages say of the house itself: what waits for a person, and what is still missing."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from helpdesk.jobs import JobRow, JobState
from helpdesk.outbox import handover_queries
from helpdesk.outbox import queries as outbox_queries
from helpdesk.registry.models import RecordRow
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket

_PARKED = select(func.count()).where(JobRow.state == JobState.PARKED).scalar_subquery()
_UNPARSED = select(func.count()).where(Ticket.status == TicketStatus.UNPARSED).scalar_subquery()
_READ = select(
    _PARKED + _UNPARSED + outbox_queries.count_problems(),
    handover_queries.count_waiting(),
    exists(select(RecordRow.id)),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the house stands.

    `dead_letters` counts what calls for a decision because a machine could not finish it;
    `to_send` the approved replies that people have to send;
    `mailbox` tells whether one is configured, `registry` whether it holds any record.
    """

    dead_letters: int
    to_send: int
    mailbox: bool
    registry: bool


def read(session: Session, settings: Settings, *, now: dt.datetime) -> Standing:
    """Look at the settings, and ask for the rest in one statement."""
    asked = {"late_before": outbox_queries.late_before(now), "now": now}
    dead_letters, to_send, registry = session.connection().execute(_READ, asked).one()
    return Standing(dead_letters, to_send, mailbox=bool(settings.mailbox), registry=registry)
