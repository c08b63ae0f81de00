"""What pages say of the house itself: what waits for a person, and what is still missing."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from helpdesk.jobs import JobRow, JobState
from helpdesk.outbox import handover_queries
from helpdesk.outbox import queries as outbox_queries
from helpdesk.registry.models import GenerationState, RegistryImport
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import ImportState, TicketStatus
from helpdesk.tickets.models import ImportBatch, Ticket

_FAILED_LATELY = dt.timedelta(hours=24)
_RUNNING = (ImportState.WAITING, ImportState.READING, ImportState.FILING)
_PARKED = select(func.count()).where(JobRow.state == JobState.PARKED).scalar_subquery()
_UNPARSED = select(func.count()).where(Ticket.status == TicketStatus.UNPARSED).scalar_subquery()
_LATEST = select(ImportBatch.state, ImportBatch.finished_at)
_LATEST_IMPORTS = _LATEST.order_by(ImportBatch.id.desc()).limit(100).subquery()
_IMPORTS = select(
    func.max(
        case(
            (
                and_(
                    _LATEST_IMPORTS.c.state == ImportState.FAILED,
                    _LATEST_IMPORTS.c.finished_at > bindparam("failed_since"),
                ),
                2,
            ),
            (_LATEST_IMPORTS.c.state.in_(_RUNNING), 1),
            else_=0,
        )
    )
).scalar_subquery()
_READ = select(
    _PARKED + _UNPARSED + outbox_queries.count_problems(),
    handover_queries.count_waiting(),
    exists(
        select(RegistryImport.id).where(
            RegistryImport.state == GenerationState.SERVING, RegistryImport.rows > 0
        )
    ),
    _IMPORTS,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the house stands.

    `dead_letters` counts what calls for a decision because a machine could not finish it;
    `to_send` the approved replies that people have to send;
    `imports` is "failed" if one did since yesterday, "running" if one is under way, else "";
    `mailbox` tells whether one is configured, `registry` whether it holds any record.
    """

    dead_letters: int
    to_send: int
    imports: str
    mailbox: bool
    registry: bool


def read(session: Session, settings: Settings, *, now: dt.datetime) -> Standing:
    """Look at the settings, and ask for the rest in one statement."""
    asked = {"late_before": outbox_queries.late_before(now), "now": now}
    asked["failed_since"] = now - _FAILED_LATELY
    dead_letters, to_send, registry, imports = session.connection().execute(_READ, asked).one()
    return Standing(
        dead_letters,
        to_send,
        ("", "running", "failed")[imports or 0],
        mailbox=bool(settings.mailbox),
        registry=registry,
    )
