"""Reads of the tickets room, as frozen values ready for a page."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.errors import InvalidError
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, Ticket

PAGE_ROWS = 50


class View(StrEnum):
    """The ready-made lists of the queue."""

    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    READY = "ready"
    SUPERVISOR = "supervisor"
    PARTICIPANT = "participant"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after the row with this time and id."""

    at: dt.datetime
    ticket_id: int

    def __str__(self) -> str:
        return f"{round(self.at.timestamp() * 1_000_000):x}-{self.ticket_id:x}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str()` wrote.

        Raises:
            InvalidError: it is something else.
        """
        at, _, ticket_id = text.partition("-")
        try:
            epoch = dt.datetime.fromtimestamp(0, tz=dt.UTC)
            return cls(epoch + dt.timedelta(microseconds=int(at, 16)), int(ticket_id, 16))
        except (ValueError, OverflowError) as error:
            msg = "this page address is not valid; start again from the first page"
            raise InvalidError(msg) from error


@dataclass(frozen=True, slots=True)
class Filter:
    """What narrows a view. `newest_first` None means the view's own order."""

    view: View = View.WAITING
    channel: Channel | None = None
    assignee_id: int | None = None
    text: str = ""
    newest_first: bool | None = None

    @property
    def narrowed(self) -> bool:
        return bool(self.channel or self.assignee_id or self.text)

    @property
    def descending(self) -> bool:
        if self.newest_first is None:
            return self.view in {View.CLOSED, View.ALL}
        return self.newest_first


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    id: int
    channel: Channel
    subject: str
    preview: str
    status: TicketStatus
    priority: int
    waiting_since: dt.datetime
    updated_at: dt.datetime
    message_count: int
    claim_count: int
    claim_facts: str
    best_probability: float | None
    decision: str | None
    disclosure: str | None
    approvals_needed: int
    approvals_given: int
    contact_name: str
    contact_address: str
    assignee_id: int | None
    assignee_name: str | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Up to `PAGE_ROWS` rows and where the next page begins."""

    rows: tuple[QueueRow, ...]
    next: Cursor | None


def queue_page(
    session: Session, wanted: Filter, *, agent_id: int, after: Cursor | None = None
) -> QueuePage:
    """Return one page of a view, as `agent_id` sees it."""
    key = Ticket.updated_at if wanted.view is View.ALL else Ticket.waiting_since
    query = _rows().where(_in_view(wanted.view, agent_id), _narrow(wanted))
    if after is not None:
        place, start = tuple_(key, Ticket.id), tuple_(after.at, after.ticket_id)
        query = query.where(place < start if wanted.descending else place > start)
    order = (key.desc(), Ticket.id.desc()) if wanted.descending else (key, Ticket.id)
    found = session.execute(query.order_by(*order).limit(PAGE_ROWS + 1)).all()
    rows = tuple(QueueRow(**row._asdict()) for row in found[:PAGE_ROWS])
    if len(found) <= PAGE_ROWS:
        return QueuePage(rows, None)
    last = rows[-1]
    at = last.updated_at if wanted.view is View.ALL else last.waiting_since
    return QueuePage(rows, Cursor(at, last.id))


def view_counts(session: Session, *, agent_id: int) -> dict[View, int]:
    """Count the views of open work; closed and all are too large to be worth counting."""
    rows = session.execute(
        select(Ticket.status, Ticket.approvals_needed, Ticket.assignee_id, func.count())
        .where(Ticket.status.in_((TicketStatus.WAITING_AGENT, TicketStatus.WAITING_PARTICIPANT)))
        .group_by(Ticket.status, Ticket.approvals_needed, Ticket.assignee_id)
    )
    counts = dict.fromkeys(View, 0)
    for status, approvals_needed, assignee_id, number in rows:
        if status is TicketStatus.WAITING_PARTICIPANT:
            counts[View.PARTICIPANT] += number
            continue
        counts[View.WAITING] += number
        counts[View.MINE] += number * (assignee_id == agent_id)
        counts[View.UNASSIGNED] += number * (assignee_id is None)
        counts[View.READY] += number * (approvals_needed == 1)
        counts[View.SUPERVISOR] += number * (approvals_needed == 2)
    return counts


def any_ticket(session: Session) -> bool:
    """Tell whether there is any ticket at all."""
    return session.scalar(select(Ticket.id).limit(1)) is not None


def neighbour(
    session: Session,
    view: View,
    *,
    agent_id: int,
    waiting_since: dt.datetime,
    ticket_id: int,
    backwards: bool = False,
) -> int | None:
    """Return the ticket after (or before) this one in a view, by waiting time."""
    place, here = tuple_(Ticket.waiting_since, Ticket.id), tuple_(waiting_since, ticket_id)
    order = (Ticket.waiting_since.desc(), Ticket.id.desc())
    return session.scalar(
        select(Ticket.id)
        .where(_in_view(view, agent_id), place < here if backwards else place > here)
        .order_by(*(order if backwards else (Ticket.waiting_since, Ticket.id)))
        .limit(1)
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Ticket.id,
            Ticket.channel,
            Ticket.subject,
            Ticket.preview,
            Ticket.status,
            Ticket.priority,
            Ticket.waiting_since,
            Ticket.updated_at,
            Ticket.message_count,
            Ticket.claim_count,
            Ticket.claim_facts,
            Ticket.best_probability,
            Ticket.decision,
            Ticket.disclosure,
            Ticket.approvals_needed,
            Ticket.approvals_given,
            Contact.display_name.label("contact_name"),
            Contact.address.label("contact_address"),
            Ticket.assignee_id,
            Agent.name.label("assignee_name"),
        )
        .join(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Agent, Agent.id == Ticket.assignee_id)
    )


def _in_view(view: View, agent_id: int) -> ColumnElement[bool]:
    waiting = Ticket.status == TicketStatus.WAITING_AGENT
    conditions: dict[View, ColumnElement[bool]] = {
        View.WAITING: waiting,
        View.MINE: and_(waiting, Ticket.assignee_id == agent_id),
        View.UNASSIGNED: and_(waiting, Ticket.assignee_id.is_(None)),
        View.READY: and_(waiting, Ticket.approvals_needed == 1),
        View.SUPERVISOR: and_(waiting, Ticket.approvals_needed == 2),
        View.PARTICIPANT: Ticket.status == TicketStatus.WAITING_PARTICIPANT,
        View.CLOSED: Ticket.status == TicketStatus.CLOSED,
        View.ALL: true(),
    }
    return conditions[view]


def _narrow(wanted: Filter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.channel is not None:
        conditions.append(Ticket.channel == wanted.channel)
    if wanted.assignee_id is not None:
        conditions.append(Ticket.assignee_id == wanted.assignee_id)
    if wanted.text.lstrip("#").isdigit() and len(wanted.text.lstrip("#")) < 10:
        conditions.append(Ticket.id == int(wanted.text.lstrip("#")))
    elif wanted.text:
        conditions.append(_mentions(wanted.text))
    return and_(true(), *conditions)


def _mentions(text: str) -> ColumnElement[bool]:
    return or_(
        *(
            column.icontains(text, autoescape=True)
            for column in (Ticket.subject, Contact.display_name, Contact.address)
        )
    )
