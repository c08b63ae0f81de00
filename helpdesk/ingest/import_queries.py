"""Reads of imports, as frozen values ready for a page."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Exists, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from helpdesk.accounts.models import Agent
from helpdesk.errors import NotFoundError
from helpdesk.tickets.kinds import Channel, ImportState, TicketStatus
from helpdesk.tickets.models import Contact, ImportBatch, Message, Ticket

PAGE_ROWS = 30
SHOWN_TICKETS = 20

_RUNNING = frozenset({ImportState.WAITING, ImportState.READING, ImportState.FILING})


@dataclass(frozen=True, slots=True)
class BatchView:
    """One import; `ratio` says how far its present step is, None while it waits."""

    id: int
    state: ImportState
    source: str
    channel: Channel | None
    format: str
    why: str
    file_name: str
    sha256: str
    size_bytes: int
    agent_name: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    position: int
    total: int
    new: int
    known: int
    defective: int
    skipped: Mapping[str, int]
    tickets_opened: int
    tickets_continued: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    problem: str | None

    @property
    def is_running(self) -> bool:
        return self.state in _RUNNING

    @property
    def ratio(self) -> float | None:
        if self.state is ImportState.WAITING:
            return None
        return min(self.position / self.total, 1.0) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class BatchTicket:
    """A ticket in which an import filed something; `opened` if it holds nothing else."""

    id: int
    channel: Channel
    status: TicketStatus
    contact_name: str  # or what the platform calls the account
    preview: str
    updated_at: dt.datetime
    opened: bool


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back would remove, and the ticket that forbids it, if one does."""

    messages: int
    tickets: int
    worked_on: int | None = None


def page(session: Session, before: int | None = None) -> tuple[list[BatchView], int | None]:
    """Return imports, newest first, and what to give as `before` for older ones."""
    query = _BATCHES.order_by(ImportBatch.id.desc()).limit(PAGE_ROWS + 1)
    if before is not None:
        query = query.where(ImportBatch.id < before)
    found = [BatchView(*row) for row in session.execute(query)]
    older = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
    return found[:PAGE_ROWS], older


def one(session: Session, batch_id: int) -> BatchView:
    """Return an import; NotFoundError if there is none."""
    row = session.execute(_BATCHES.where(ImportBatch.id == batch_id)).first()
    if row is None:
        msg = "there is no such import"
        raise NotFoundError(msg)
    return BatchView(*row)


def tickets(session: Session, batch_id: int) -> list[BatchTicket]:
    """Return the newest tickets an import filed something in, at most `SHOWN_TICKETS`."""
    mine = select(Message.ticket_id).where(Message.import_id == batch_id)
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.channel,
            Ticket.status,
            func.coalesce(func.nullif(Contact.display_name, ""), Contact.address),
            Ticket.preview,
            Ticket.updated_at,
            ~_has_others(batch_id),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(Ticket.id.in_(mine))
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
        .limit(SHOWN_TICKETS)
    )
    return [BatchTicket(*row) for row in rows]


def undoing(session: Session, batch_id: int, worked_on: int | None) -> Undoing:
    """Count what taking an import back would remove."""
    mine = select(Message.ticket_id).where(Message.import_id == batch_id)
    messages = select(func.count()).where(Message.import_id == batch_id).scalar_subquery()
    whole = (
        select(func.count()).where(Ticket.id.in_(mine), ~_has_others(batch_id)).scalar_subquery()
    )
    found = session.execute(select(messages, whole)).one()
    return Undoing(found[0], found[1], worked_on)


def paths(session: Session) -> frozenset[Path]:
    """Return where exports lie that are still to be read."""
    return frozenset(
        Path(path)
        for path in session.scalars(select(ImportBatch.path).where(ImportBatch.path.is_not(None)))
        if path
    )


def _has_others(batch_id: int) -> Exists:
    other = aliased(Message)
    return exists().where(
        other.ticket_id == Ticket.id, func.coalesce(other.import_id, 0) != batch_id
    )


_BATCHES: Select[*tuple[Any, ...]] = select(
    ImportBatch.id,
    ImportBatch.state,
    ImportBatch.source,
    ImportBatch.channel,
    ImportBatch.format,
    ImportBatch.why,
    ImportBatch.file_name,
    ImportBatch.sha256,
    ImportBatch.size_bytes,
    Agent.name,
    ImportBatch.created_at,
    ImportBatch.started_at,
    ImportBatch.finished_at,
    ImportBatch.position,
    ImportBatch.total,
    ImportBatch.new,
    ImportBatch.known,
    ImportBatch.defective,
    ImportBatch.skipped,
    ImportBatch.tickets_opened,
    ImportBatch.tickets_continued,
    ImportBatch.first_at,
    ImportBatch.last_at,
    ImportBatch.problem,
).outerjoin(Agent, Agent.id == ImportBatch.agent_id)
