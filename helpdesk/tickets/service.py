"""What an agent does to a ticket as such: take it, close it, set it aside, write a note.

Every change names the version the agent saw; if somebody was faster nothing is changed.
"""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.tickets import states
from helpdesk.tickets.kinds import Direction, TicketStatus
from helpdesk.tickets.models import Message, Ticket

MAX_NOTE_CHARS = 20_000  # a note longer than this is a paste by mistake


def assign(
    session: Session, ticket_id: int, version: int, agent_id: int | None, now: dt.datetime
) -> None:
    """Give the ticket to `agent_id`, or to nobody.

    Raises:
        ConflictError: the ticket is no longer at `version`.
        NotFoundError: there is no such ticket.
    """
    _change(session, ticket_id, version, now, assignee_id=agent_id)


def close(session: Session, ticket_id: int, version: int, now: dt.datetime) -> None:
    """Close the ticket; raises as `assign`, also when its state does not allow it."""
    _move(session, ticket_id, version, TicketStatus.CLOSED, now)


def reopen(session: Session, ticket_id: int, version: int, now: dt.datetime) -> None:
    """Make it our turn again; raises as `close`."""
    _move(session, ticket_id, version, TicketStatus.WAITING_AGENT, now)


def mark_spam(session: Session, ticket_id: int, version: int, now: dt.datetime) -> None:
    """Set the ticket aside as spam; raises as `close`."""
    _move(session, ticket_id, version, TicketStatus.SPAM, now)


def note(session: Session, ticket_id: int, agent_id: int, body: str, now: dt.datetime) -> int:
    """Add an internal note and return its message id.

    Raises:
        InvalidError: the note is empty or too long.
        NotFoundError: there is no such ticket.
    """
    text = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text or len(text) > MAX_NOTE_CHARS:
        msg = f"a note has between 1 and {MAX_NOTE_CHARS} characters"
        raise InvalidError(msg)
    _status(session, ticket_id)
    written = Message(
        ticket_id=ticket_id,
        direction=Direction.NOTE,
        agent_id=agent_id,
        body=text,
        received_at=now,
        defects=[],
    )
    session.add(written)
    session.flush()
    return written.id


def _move(
    session: Session, ticket_id: int, version: int, then: TicketStatus, now: dt.datetime
) -> None:
    before = _status(session, ticket_id)
    if not states.may_become(before, then):
        msg = "the state of the ticket does not allow this"
        raise ConflictError(msg)
    _change(session, ticket_id, version, now, status=then, waiting_since=now)


def _status(session: Session, ticket_id: int) -> TicketStatus:
    status = session.scalar(select(Ticket.status).where(Ticket.id == ticket_id))
    if status is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    return status


def _change(
    session: Session, ticket_id: int, version: int, now: dt.datetime, **values: object
) -> None:
    changed = session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.version == version)
        .values(version=version + 1, updated_at=now, **values)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        return
    _status(session, ticket_id)
    msg = "the ticket was changed by somebody else"
    raise ConflictError(msg)
