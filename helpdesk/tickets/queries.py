"""Reads of the tickets room, as frozen values ready for a page."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpdesk.accounts.models import Agent
from helpdesk.errors import InvalidError
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket

PAGE_ROWS = 50
CLOSING = dt.timedelta(hours=24)  # a reply window that ends within this is closing


class View(StrEnum):
    """The ready-made lists of the queue."""

    WAITING = "waiting"
    CLOSING = "closing"
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
    """What narrows a view. `newest_first` None means the view's own order.

    `import_id` leaves the tickets an import filed something in.
    """

    view: View = View.WAITING
    channel: Channel | None = None
    assignee_id: int | None = None
    import_id: int | None = None
    text: str = ""
    newest_first: bool | None = None

    @property
    def narrowed(self) -> bool:
        return bool(self.channel or self.assignee_id or self.import_id or self.text)

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
    window_ends_at: dt.datetime | None
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
    session: Session,
    wanted: Filter,
    *,
    agent_id: int,
    now: dt.datetime,
    after: Cursor | None = None,
) -> QueuePage:
    """Return one page of a view, as `agent_id` sees it at `now`."""
    number = wanted.text.lstrip("#")
    is_number = number.isdecimal() and len(number) < 10
    given = {
        "channel": wanted.channel,
        "assignee": wanted.assignee_id,
        "import": wanted.import_id,
        "number": int(number) if is_number else None,
        "at": after and after.at,
        "id": after and after.ticket_id,
    }
    narrowed = {name: value for name, value in given.items() if value is not None}
    query = _page(wanted.view, wanted.descending, frozenset(narrowed))
    if wanted.text and not is_number:
        query = query.where(_mentions(wanted.text))
    found = session.connection().execute(query, narrowed | _seen(agent_id, now)).all()
    rows = tuple(QueueRow(*row) for row in found[:PAGE_ROWS])
    if len(found) <= PAGE_ROWS:
        return QueuePage(rows, None)
    last = rows[-1]
    return QueuePage(rows, Cursor(getattr(last, _key(wanted.view).key), last.id))


def view_counts(session: Session, *, agent_id: int, now: dt.datetime) -> dict[View, int]:
    """Count the views of open work; closed and all are too large to be worth counting."""
    found = session.connection().execute(_COUNTS, _seen(agent_id, now)).one()
    return dict.fromkeys(View, 0) | dict(zip(_COUNTED, found, strict=True))


def any_ticket(session: Session) -> bool:
    """Tell whether there is any ticket at all."""
    return session.scalar(select(Ticket.id).limit(1)) is not None


def neighbours(
    session: Session,
    view: View,
    *,
    agent_id: int,
    now: dt.datetime,
    at: dt.datetime,
    ticket_id: int,
) -> tuple[int | None, int | None]:
    """Return the tickets before and after this one in a view; `at` is what it is sorted by."""
    asked = _seen(agent_id, now) | {"at": at, "id": ticket_id}
    before, after = session.connection().execute(_beside(view), asked).one()
    return before, after


def _seen(agent_id: int, now: dt.datetime) -> dict[str, object]:
    """Return what a view depends on besides itself."""
    return {"agent_id": agent_id, "now": now, "soon": now + CLOSING}


def _key(view: View) -> InstrumentedAttribute[Any]:
    """Return what a view is sorted by."""
    own = {View.ALL: Ticket.updated_at, View.CLOSING: Ticket.window_ends_at}
    return own.get(view, Ticket.waiting_since)


# Statements are built once: to build one anew takes longer than to run it.
@cache
def _page(view: View, descending: bool, narrowed: frozenset[str]) -> Select[*tuple[Any, ...]]:  # noqa: FBT001
    """Return the statement of a page; it is given a value for each name in `narrowed`."""
    key = _key(view)
    conditions: dict[str, ColumnElement[bool]] = {
        "channel": Ticket.channel == bindparam("channel"),
        "assignee": Ticket.assignee_id == bindparam("assignee"),
        "import": Ticket.id.in_(_OF_IMPORT),
        "number": Ticket.id == bindparam("number"),
        "at": _beyond(key, descending=descending),
    }
    order = (key.desc(), Ticket.id.desc()) if descending else (key, Ticket.id)
    wanted = [each for name, each in conditions.items() if name in narrowed]
    return _ROWS.where(_IN_VIEW[view], *wanted).order_by(*order).limit(PAGE_ROWS + 1)


@cache
def _beside(view: View) -> Select[int | None, int | None]:
    key = _key(view)
    inside = select(Ticket.id).where(_IN_VIEW[view]).limit(1)
    before = inside.where(_beyond(key, descending=True)).order_by(key.desc(), Ticket.id.desc())
    after = inside.where(_beyond(key, descending=False)).order_by(key, Ticket.id)
    return select(before.scalar_subquery(), after.scalar_subquery())


def _beyond(key: InstrumentedAttribute[Any], *, descending: bool) -> ColumnElement[bool]:
    place = tuple_(key, Ticket.id)
    here = tuple_(bindparam("at", type_=key.type), bindparam("id", type_=Ticket.id.type))
    return place < here if descending else place > here


_OF_IMPORT = select(Message.ticket_id).where(Message.import_id == bindparam("import"))
_ROWS = (
    select(
        Ticket.id,
        Ticket.channel,
        Ticket.subject,
        Ticket.preview,
        Ticket.status,
        Ticket.priority,
        Ticket.waiting_since,
        Ticket.window_ends_at,
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
_WAITING = Ticket.status == TicketStatus.WAITING_AGENT
_IN_VIEW: dict[View, ColumnElement[bool]] = {
    View.WAITING: _WAITING,
    View.CLOSING: and_(
        _WAITING,
        Ticket.window_ends_at > bindparam("now"),
        Ticket.window_ends_at <= bindparam("soon"),
    ),
    View.MINE: and_(_WAITING, Ticket.assignee_id == bindparam("agent_id")),
    View.UNASSIGNED: and_(_WAITING, Ticket.assignee_id.is_(None)),
    View.READY: and_(_WAITING, Ticket.approvals_needed == 1),
    View.SUPERVISOR: and_(_WAITING, Ticket.approvals_needed == 2),
    View.PARTICIPANT: Ticket.status == TicketStatus.WAITING_PARTICIPANT,
    View.CLOSED: Ticket.status == TicketStatus.CLOSED,
    View.ALL: true(),
}
_COUNTED = (
    View.WAITING,
    View.CLOSING,
    View.MINE,
    View.UNASSIGNED,
    View.READY,
    View.SUPERVISOR,
    View.PARTICIPANT,
)


def _count(view: View) -> ScalarSelect[int]:
    return select(func.count()).where(_IN_VIEW[view]).scalar_subquery()


# Each a range of an index; grouping all of them takes three times as long.
_COUNTS = select(*(_count(view) for view in _COUNTED))


def _mentions(text: str) -> ColumnElement[bool]:
    return or_(
        *(
            column.icontains(text, autoescape=True)
            for column in (Ticket.subject, Contact.display_name, Contact.address)
        )
    )
