"""Answer by e-mail, at an address the participant wrote, what came in on another channel."""

import datetime as dt
import re
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.replies import service
from helpdesk.replies.house import House
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Direction, MessageKind
from helpdesk.tickets.models import Message, Ticket

MAX_ADDRESSES = 5
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(
    rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}@{_LABEL}(?:\.{_LABEL}){{1,4}}(?![A-Za-z0-9-])"
)


def addresses(texts: Collection[str], *, own: str = "") -> tuple[str, ...]:
    """Return the e-mail addresses that stand in texts, each once; never `own`. Pure."""
    found = (match.group().lower() for text in texts for match in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(each for each in found if each != own.lower()))[:MAX_ADDRESSES]


def named(session: Session, ticket_id: int, house: House) -> tuple[str, ...]:
    """Return the e-mail addresses that the participant wrote in this conversation."""
    bodies = session.scalars(
        select(Message.body)
        .where(
            Message.ticket_id == ticket_id,
            Message.direction == Direction.INBOUND,
            Message.kind == MessageKind.PERSON,
        )
        .order_by(Message.received_at.desc(), Message.id.desc())
    ).all()
    return addresses(bodies, own=house.care_address)


def choose(
    session: Session,
    ticket_id: int,
    version: int,
    address: str | None,
    house: House,
    now: dt.datetime,
) -> int:
    """Answer at `address` from now on, or (None) on the ticket's own channel; draft anew for that.

    Nobody vouches for an address in a text, so less may be shown there. Approvals given so far do
    not count any more. Returns the draft's new version.

    Raises:
        ConflictError: the draft is no longer at `version`.
        InvalidError: the participant named no such address, or none can be answered instead.
        NotFoundError: the ticket has no draft.
    """
    ticket, kept = _locked(session, ticket_id)
    if kept.version != version:
        msg = "the draft changed since you opened it; look at it again before you decide"
        raise ConflictError(msg)
    if address is not None and (
        not ticket.channel.is_direct or address not in named(session, ticket_id, house)
    ):
        msg = "the participant named no such address in this conversation"
        raise InvalidError(msg)
    ticket.mail_to = address
    kept.edited_by_id = None  # its text may say more than may be said there
    session.flush()
    service.save(session, service.prepare(session, [ticket_id], house, now=now), now=now)
    session.refresh(kept)
    session.refresh(ticket)
    kept.version += 1  # whoever looks at the old one must not approve it for another recipient
    ticket.approvals_given, ticket.updated_at = 0, now
    ticket.version += 1
    session.flush()
    return kept.version


def _locked(session: Session, ticket_id: int) -> tuple[Ticket, Draft]:
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id).with_for_update())
    kept = session.scalar(select(Draft).where(Draft.ticket_id == ticket_id).with_for_update())
    if ticket is None or kept is None:
        msg = f"ticket {ticket_id} has no draft"
        raise NotFoundError(msg)
    return ticket, kept
