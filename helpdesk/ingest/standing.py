"""Bringing the tickets of imported conversations up to date with what is said in them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.ingest import chat_rows, conversations, summary
from helpdesk.ingest.conversations import LATER, Said
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.rows import among, update_rows
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Message, Ticket

_PREVIEWED_CHARS = 2_800  # as many as `summary.preview` looks at
_KEPT = frozenset({TicketStatus.SPAM, TicketStatus.UNPARSED})  # whatever is said in them
# What did not leave, or perhaps not, was not said.
_UNSAID = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.UNKNOWN)
_COLUMNS = (
    *(Ticket.id, Ticket.contact_id, Ticket.channel, Ticket.status, Ticket.version),
    *(Ticket.subject, Ticket.preview, Ticket.language, Ticket.message_count),
    *(Ticket.opened_at, Ticket.updated_at, Ticket.waiting_since, Ticket.window_ends_at),
    *(Ticket.linked_ticket_id, Ticket.link_reason),
)

_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the settings decides about conversations; hours of windows by channel."""

    follow_up_days: int
    window_hours: Mapping[Channel, int]


@dataclass(frozen=True, slots=True)
class News:
    """What happened to the tickets: `heard` got something said, `anew` are judged afresh.

    Any other ticket keeps its status unless the last thing said in it, or the last thing the
    participant said, came with import `batch_id`: an agent who closed it knew what came before.
    Without a batch they are heard as they are said.
    """

    heard: Collection[int]
    anew: Collection[int] = ()
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Outline:
    """The messages a ticket is told by, each a row of `_messages`."""

    first: _Row
    last: _Row
    first_theirs: _Row | None
    last_theirs: _Row | None
    count: int
    unanswered_since: dt.datetime | None


def refresh(
    session: Session, contact_ids: Collection[int], news: News, rules: Rules, now: dt.datetime
) -> None:
    """Write status, window, words and links of these contacts' tickets."""
    tickets = session.execute(
        select(*_COLUMNS)
        .where(among(Ticket.contact_id, contact_ids))
        .order_by(Ticket.id)
        .with_for_update()
    ).all()
    outlines = _outlines(session, [row.id for row in tickets])
    by_contact: dict[int, list[_Row]] = defaultdict(list)
    for row in tickets:
        if row.id in outlines:
            by_contact[row.contact_id].append(row)
    changed = []
    for rows in by_contact.values():
        rows.sort(key=lambda row: (outlines[row.id].first.received_at, row.id))
        for before, row, after in _with_neighbours(rows):
            later = outlines[after.id].first.direction if after else None
            values = _values(
                *(row, outlines[row.id], news, rules, now),
                answered_later=later is Direction.OUTBOUND,
            )
            values |= _link(row, before)
            if any(getattr(row, name) != value for name, value in values.items()):
                changed.append({"id": row.id, "version": row.version + 1, **values})
    update_rows(session, Ticket, changed)


def _with_neighbours(rows: Sequence[_Row]) -> Iterable[tuple[_Row | None, _Row, _Row | None]]:
    padded = [None, *rows, None]
    for (before, row), (_, after) in pairwise(pairwise(padded)):
        assert row is not None  # noqa: S101 - only the ends are padding
        yield before, row, after


def _values(
    row: _Row,
    told: _Outline,
    news: News,
    rules: Rules,
    now: dt.datetime,
    *,
    answered_later: bool,
) -> dict[str, Any]:
    values = {
        name: getattr(row, name)
        for name in (
            *("status", "waiting_since", "subject", "preview", "language", "message_count"),
            *("opened_at", "updated_at", "window_ends_at"),
        )
    }
    said = Said(told.last.received_at, told.unanswered_since, answered_later)
    status, since = conversations.standing(said, rules.follow_up_days, now)
    if told.last_theirs is None and status is TicketStatus.WAITING_PARTICIPANT:
        status = TicketStatus.CLOSED  # nobody asked, so nobody is waited for
    newest = {told.last.import_id, told.last_theirs.import_id if told.last_theirs else None}
    fresh = news.batch_id is None or news.batch_id in newest
    if row.status in _KEPT:
        pass
    elif row.id in news.anew or (fresh and row.id in news.heard):
        values |= {"status": status, "waiting_since": min(since, now)}
    elif row.status is TicketStatus.WAITING_AGENT and answered_later:
        values |= {"status": TicketStatus.CLOSED, "waiting_since": min(since, now)}
    elif row.status is TicketStatus.WAITING_AGENT and row.id in news.heard:
        values["waiting_since"] = min(row.waiting_since, since, now)
    if row.id not in news.heard and row.id not in news.anew:
        return values
    opening, latest = told.first_theirs or told.first, told.last_theirs or told.last
    hours = rules.window_hours.get(row.channel, 0)
    # Whatever time an export gives it, it was said by now: anybody can type a head of a later day.
    asked_at = min(told.last_theirs.received_at, now) if told.last_theirs else None
    return values | {
        "subject": summary.preview(opening.words),
        "preview": summary.preview(latest.words) or row.preview,
        "language": summary.language(latest.words) or row.language,
        "message_count": told.count,
        "opened_at": told.first.received_at,
        "updated_at": max(row.updated_at, told.last.received_at),
        "window_ends_at": conversations.window_end(asked_at, hours),
    }


def _link(row: _Row, before: _Row | None) -> dict[str, Any]:
    """Link a ticket with the one before it, unless it is linked for another reason."""
    if row.link_reason not in {None, LATER}:
        return {"linked_ticket_id": row.linked_ticket_id, "link_reason": row.link_reason}
    return {
        "linked_ticket_id": before.id if before else None,
        "link_reason": LATER if before else None,
    }


def _outlines(session: Session, ticket_ids: Collection[int]) -> dict[int, _Outline]:
    theirs, ours = Direction.INBOUND, Direction.OUTBOUND
    ends = session.execute(
        select(
            Ticket.id,
            _end(newest=False).label("first"),
            _end(newest=True).label("last"),
            _end(theirs, newest=False).label("first_theirs"),
            _end(theirs, newest=True).label("last_theirs"),
            _end(ours, newest=True).label("last_ours"),
        ).where(among(Ticket.id, ticket_ids))
    ).all()
    messages = _messages(session, {each for row in ends for each in row[1:] if each})
    counts = _counts(session, ticket_ids)
    return {
        row.id: _Outline(
            messages[row.first],
            messages[row.last],
            messages.get(row.first_theirs),
            messages.get(row.last_theirs),
            *counts[row.id],
        )
        for row in ends
        if row.first is not None
    }


def _end(direction: Direction | None = None, *, newest: bool) -> ScalarSelect[int]:
    """Return the id of the first or last thing said in a ticket, by one side or either."""
    order = (Message.received_at, Message.id)
    wanted = [Message.ticket_id == Ticket.id, _was_said()]
    if direction is not None:
        wanted.append(Message.direction == direction)
    return (
        select(Message.id)
        .where(*wanted)
        .order_by(*(each.desc() if newest else each for each in order))
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )


def _was_said() -> ColumnElement[bool]:
    unsaid = exists().where(Delivery.message_row_id == Message.id, Delivery.state.in_(_UNSAID))
    ours = and_(Message.direction == Direction.OUTBOUND, ~unsaid)
    return chat_rows.said() & or_(Message.direction == Direction.INBOUND, ours)


def _messages(session: Session, message_ids: Collection[int]) -> dict[int, _Row]:
    rows = session.execute(
        select(
            Message.id,
            Message.direction,
            Message.received_at,
            Message.import_id,
            func.substr(Message.body, 1, _PREVIEWED_CHARS).label("words"),
        ).where(among(Message.id, message_ids))
    )
    return {row.id: row for row in rows}


def _counts(
    session: Session, ticket_ids: Collection[int]
) -> dict[int, tuple[int, dt.datetime | None]]:
    """Count what was said in each ticket, and find what was said last without our answer."""
    answer = aliased(Message)
    since = or_(
        answer.id.is_(None),
        Message.received_at > answer.received_at,
        and_(Message.received_at == answer.received_at, Message.id > answer.id),
    )
    waits = and_(Message.direction == Direction.INBOUND, since)
    rows = session.execute(
        select(
            Ticket.id,
            func.count(Message.id).label("count"),
            func.min(case((waits, Message.received_at))).label("since"),
        )
        .select_from(Ticket)  # our last word first: it is looked up once a ticket, not a message
        .outerjoin(answer, answer.id == _end(Direction.OUTBOUND, newest=True))
        .join(Message, Message.ticket_id == Ticket.id)
        .where(among(Ticket.id, ticket_ids), chat_rows.said())
        .group_by(Ticket.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
