"""Second thoughts about a stored message: a ticket for what was set aside, another reading."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, InvalidError
from helpdesk.ingest import filing
from helpdesk.ingest.ledger import Ledger
from helpdesk.ingest.reading import ReadyMessage
from helpdesk.tickets.kinds import MessageKind, RawOutcome, TicketStatus
from helpdesk.tickets.models import Attachment, Message, RawMessage, Ticket

_ASKED_FOR = "opened_by_agent"


def open_anyway(session: Session, each: ReadyMessage, now: dt.datetime) -> int:
    """Open a ticket for a message that was ignored, because an agent wants one; returns its id.

    Nothing automatic follows from the message's kind: it is shown, and a draft waits for approval
    as always.

    Raises:
        ConflictError: it is in a ticket already, or was never ignored.
    """
    if _locked(session, each.raw_id) is not RawOutcome.IGNORED:
        msg = "this message was not set aside, or has its ticket by now"
        raise ConflictError(msg)
    if each.kind in {MessageKind.OWN, MessageKind.BOUNCE}:  # the ledger knows no contact of these
        each = replace(each, kind=MessageKind.PERSON)
    ledger = Ledger(session, [each], now)
    ticket = ledger.open(each, None, None)
    ledger.add(ticket, each, _ASKED_FOR)
    ledger.write({each.raw_id: RawOutcome.FILED})
    return ticket.id


def read_again(
    session: Session, ticket_id: int, version: int, each: ReadyMessage, now: dt.datetime
) -> int | None:
    """File the message of an unparsed ticket as if it had just come in; closes that ticket.

    Args:
        session: the transaction to write in.
        ticket_id: the unparsed ticket.
        version: as the agent saw it.
        each: its message, read again.
        now: when.

    Returns:
        The ticket the message is in now; None when it needs none, as a bounce.

    Raises:
        ConflictError: the ticket has changed, or is not an unparsed one.
        InvalidError: it still cannot be read; nothing is changed.
    """
    if not each.readable:
        msg = "the message still cannot be read"
        raise InvalidError(msg)
    if _locked(session, each.raw_id) is not RawOutcome.UNPARSED:
        _refuse()
    closed = session.execute(
        update(Ticket)
        .where(
            Ticket.id == ticket_id,
            Ticket.version == version,
            Ticket.status == TicketStatus.UNPARSED,
        )
        .values(status=TicketStatus.CLOSED, version=version + 1, updated_at=now, message_count=0)
    )
    if not closed.rowcount:  # type: ignore[attr-defined] # a CursorResult, untyped for UPDATE
        _refuse()
    _forget(session, each.raw_id)
    (filed,) = filing.file(session, [each], now)
    session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id)
        .values(linked_ticket_id=filed.ticket_id, link_reason="read_again")
    )
    return filed.ticket_id


def _refuse() -> None:
    msg = "the ticket was changed by somebody else"
    raise ConflictError(msg)


def _locked(session: Session, raw_id: int) -> RawOutcome | None:
    return session.scalar(
        select(RawMessage.outcome).where(RawMessage.id == raw_id).with_for_update()
    )


def _forget(session: Session, raw_id: int) -> None:
    """Take away the empty message that stood for the unread bytes; these stay as they are."""
    stand_in = select(Message.id).where(Message.raw_id == raw_id)
    session.execute(delete(Attachment).where(Attachment.message_id.in_(stand_in)))
    session.execute(delete(Message).where(Message.raw_id == raw_id))
    session.execute(
        update(RawMessage).where(RawMessage.id == raw_id).values(outcome=None, problem=None)
    )
