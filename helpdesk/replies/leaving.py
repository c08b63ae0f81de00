"""Store an approved reply in the conversation and put it into the outbox."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.outbox import direct as outbox_direct
from helpdesk.outbox import service as outbox
from helpdesk.outbox.direct import OutgoingDirect
from helpdesk.outbox.mail import OutgoingReply
from helpdesk.outbox.models import Delivery
from helpdesk.replies.disclosure import Situation
from helpdesk.replies.freeze import Frozen
from helpdesk.replies.house import House
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Direction
from helpdesk.tickets.models import Message, Ticket

MAX_REFERENCES = 20  # enough for every mail program to keep the thread together


def queue(
    session: Session, kept: Draft, frozen: Frozen, agent: Agent, house: House, now: dt.datetime
) -> Delivery:
    """Queue the frozen reply; raises as the outbox does."""
    message = _message(session, kept, frozen, agent, now)
    if frozen.direct is None:
        mail = _mail(session, kept, frozen, house, message)
        return outbox.queue(session, house.blobs, mail, undo_s=house.undo_s, now=now)
    # The request to write again may come too late for the platform, so no machine sends it.
    any_time = kept.situation == Situation.REOPEN_WINDOW
    outgoing = OutgoingDirect(
        ticket_id=kept.ticket_id,
        message_row_id=message.id,
        reply=frozen.direct,
        date=now,
        by_hand=frozen.way.by_hand or any_time,
        any_time=any_time,
        secret=house.secret,
    )
    return outbox_direct.queue(session, house.blobs, outgoing, undo_s=house.undo_s, now=now)


def _message(
    session: Session, kept: Draft, frozen: Frozen, agent: Agent, now: dt.datetime
) -> Message:
    message = Message(
        ticket_id=kept.ticket_id,
        direction=Direction.OUTBOUND,
        contact_id=session.scalar(select(Ticket.contact_id).where(Ticket.id == kept.ticket_id)),
        agent_id=agent.id,
        subject=frozen.subject,
        body=frozen.body,
        received_at=now,
        defects=[],
    )
    session.add(message)
    session.flush()
    return message


def _mail(
    session: Session, kept: Draft, frozen: Frozen, house: House, message: Message
) -> OutgoingReply:
    answered, references = _thread(session, kept)
    return OutgoingReply(
        ticket_id=kept.ticket_id,
        message_row_id=message.id,
        from_name=house.agency_name,
        from_address=house.care_address,
        recipient=frozen.way.recipient,
        subject=frozen.subject,
        body=frozen.body,
        language=kept.language,
        date=message.received_at,
        secret=house.secret,
        in_reply_to=answered,
        references=references,
    )


def _thread(session: Session, kept: Draft) -> tuple[str | None, tuple[str, ...]]:
    rows = session.execute(
        select(Message.id, Message.message_id)
        .where(Message.ticket_id == kept.ticket_id, Message.message_id.is_not(None))
        .order_by(Message.id.desc())
        .limit(MAX_REFERENCES)
    ).all()
    known = {row.id: row.message_id for row in rows if row.message_id}
    return known.get(kept.answers_message_id or 0), tuple(reversed(known.values()))
