"""Opening a ticket for what was typed in here: the public form, a call, a visit."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Insert, case, select
from sqlalchemy.orm import Session

from helpdesk.ingest import summary
from helpdesk.rows import insert_rows, on_both
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket

NO_NUMBER = "no-number:"  # begins the address of a contact who has none
SAME_ADDRESS = "same_address"  # why a ticket is linked to the one before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a ticket begins with.

    `address` is the contact's on this channel; `body` is the text facts are looked for in, and
    `preview` the first words that lists show of it.
    """

    channel: Channel
    address: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(default="", repr=False)
    subject: str
    body: str = field(repr=False)
    preview: str = field(repr=False)
    language: str = "id"
    authenticity: str = ""  # a code of web.origin_words
    raw_id: int | None = None
    assignee_id: int | None = None


def open_ticket(session: Session, opening: Opening, now: dt.datetime) -> int:
    """Open a ticket with its first message and return its id; the caller queues the match.

    It is a new ticket whoever wrote before from the same address, for anybody can name any; the
    newest of those is linked.
    """
    contact_id = _contact(session, opening, now)
    before = session.scalar(
        select(Ticket.id)
        .where(Ticket.contact_id == contact_id)
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    ticket = Ticket(
        channel=opening.channel,
        contact_id=contact_id,
        subject=opening.subject,
        preview=summary.preview(opening.preview),
        language=opening.language,
        status=TicketStatus.WAITING_AGENT,
        assignee_id=opening.assignee_id,
        linked_ticket_id=before,
        link_reason=SAME_ADDRESS if before else None,
        opened_at=now,
        updated_at=now,
        waiting_since=now,
        message_count=1,
    )
    session.add(ticket)
    session.flush()
    session.add(
        Message(
            ticket_id=ticket.id,
            direction=Direction.INBOUND,
            contact_id=contact_id,
            raw_id=opening.raw_id,
            subject=opening.subject,
            body=opening.body,
            received_at=now,
            sender_name=opening.name,
            authenticity=opening.authenticity,
            thread_reason="new",
        )
    )
    session.flush()
    return ticket.id


def _contact(session: Session, opening: Opening, now: dt.datetime) -> int:
    row = {
        "channel": opening.channel,
        "address": opening.address,
        "display_name": opening.name,
        "phone": opening.phone,
        **dict.fromkeys(("platform_id", "handle", "thread", "service"), ""),
        "is_group": False,
        "created_at": now,
    }
    return int(insert_rows(session, _UPSERT_CONTACT, [row]).scalar_one())


def _upsert_contact(dialect: Any) -> Insert:  # noqa: ANN401 - a module
    statement = dialect.insert(Contact.__table__)
    kept = {
        name: case(
            (getattr(Contact, name) == "", getattr(statement.excluded, name)),
            else_=getattr(Contact, name),
        )
        for name in ("display_name", "phone")
    }
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["channel", "address"], set_=kept
    ).returning(Contact.id)


_UPSERT_CONTACT = on_both(_upsert_contact)
