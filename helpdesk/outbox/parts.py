"""Direct replies that a machine sends: each part is written down before the next is begun."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.blobs import BlobStore
from helpdesk.errors import PermanentError
from helpdesk.outbox import answers, direct, dm
from helpdesk.outbox.api import OutgoingParts
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Step, next_state
from helpdesk.outbox.steps import locked, take
from helpdesk.tickets.kinds import Channel, Direction, MessageKind
from helpdesk.tickets.models import Message, Ticket

# Where the word of an attempt still counts: while it runs, after it was given up on, and after a
# person asked for another one that has not begun.
_HEARD = frozenset({DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.QUEUED})
_IN_DOUBT = frozenset({DeliveryState.SENDING, DeliveryState.UNKNOWN})
_ECHOED = dt.timedelta(days=8)  # Meta repeats what we did not take for a week at most
_REPORTED = dt.timedelta(days=31)  # WhatsApp keeps a message for whoever is away for 30 days


def begin(
    session: Session, blobs: BlobStore, delivery_id: int, *, now: dt.datetime
) -> OutgoingParts | None:
    """Mark a due delivery as being sent, and return what to send once that is committed.

    None when there is nothing to do (`service.may_begin`), when what is stored is not what was
    approved, or when the channel's window has closed; in both it has failed then, and the ticket
    waits for an agent.

    Raises:
        NotFoundError: there is no such delivery.
    """
    delivery = locked(session, delivery_id)
    due = next_state(delivery.state, Step.BEGIN) is not None and delivery.not_before <= now
    if not due or delivery.by_hand or not delivery.channel.is_direct:
        return None
    ticket = session.get_one(Ticket, delivery.ticket_id)
    try:
        parts = direct.read(session, blobs, delivery).parts
    except PermanentError as error:
        _fail(session, delivery, str(error), now)
        return None
    if not dm.window_open(ticket.window_ends_at, now):
        _fail(session, delivery, answers.CLOSED, now)
        return None
    take(session, delivery, Step.BEGIN, now=now)
    delivery.attempts += 1
    delivery.sending_since = now
    session.flush()
    return OutgoingParts(
        delivery.id,
        delivery.attempts,
        delivery.channel,
        delivery.recipient,
        parts,
        delivery.parts_sent,
        _asked_at(session, ticket.contact_id),
        delivery.message_id,
    )


def accepted(
    session: Session,
    delivery_id: int,
    attempt: int,
    part: int,
    remote_id: str,
    *,
    now: dt.datetime,
) -> bool:
    """Write down that the platform took a part; with the last one the delivery is *sent*.

    Args:
        session: in a transaction that is committed before the next part is begun.
        delivery_id: of the reply.
        attempt: which sent it.
        part: its number, from 0.
        remote_id: the platform's name for it.
        now: aware.

    Returns:
        Whether the same attempt may go on: it is still the one that runs.
    """
    delivery = locked(session, delivery_id)
    stale = delivery.attempts != attempt or delivery.parts_sent != part
    if stale or delivery.state not in _HEARD:
        return False
    delivery.parts_sent = part + 1
    delivery.remote_ids = [*delivery.remote_ids, remote_id]
    if delivery.state is DeliveryState.SENDING:
        delivery.sending_since = now  # from here on it is the next part that may have left
    session.flush()
    if delivery.parts_sent == delivery.parts:
        take(session, delivery, Step.ACCEPT, now=now)
        delivery.sent_at, delivery.answer = now, None
        session.flush()
    return delivery.state in {DeliveryState.SENDING, DeliveryState.SENT}


def seen(
    session: Session,
    blobs: BlobStore,
    channel: Channel,
    recipient: str,
    remote_id: str,
    text: str,
    *,
    now: dt.datetime,
) -> bool:
    """Tell whether a message that the platform says we sent is a part of a machine's delivery.

    It is by its name, or by its text where that is the part whose fate is not known. That part is
    known then to have been accepted: the delivery is *sent*, or goes on with the next part.
    """
    about = session.scalars(
        select(Delivery)
        .where(
            Delivery.channel == channel,
            Delivery.recipient == recipient,
            Delivery.attempts > 0,
            ~Delivery.by_hand,
            Delivery.created_at > now - _ECHOED,
        )
        .order_by(Delivery.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any(remote_id in each.remote_ids for each in about):
        return True
    for delivery in about:
        if delivery.state in _IN_DOUBT and _is_next(session, blobs, delivery, text):
            _found(session, delivery, remote_id, now)
            return True
    return False


def confirmed(
    session: Session,
    channel: Channel,
    recipient: str,
    remote_id: str,
    mark: str,
    *,
    now: dt.datetime,
) -> bool:
    """Settle the part whose fate nobody knew, by the mark that the platform repeats of it.

    The delivery is *sent*, or goes on with the next part. False if no such part is in doubt.
    """
    about = session.scalars(
        select(Delivery)
        .where(
            Delivery.channel == channel,
            Delivery.recipient == recipient,
            Delivery.state == DeliveryState.UNKNOWN,
            ~Delivery.by_hand,
        )
        .order_by(Delivery.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for delivery in about:
        if mark == answers.mark_of(delivery.message_id, delivery.parts_sent):
            _found(session, delivery, remote_id, now)
            return True
    return False


def failed(
    session: Session,
    channel: Channel,
    recipient: str,
    remote_id: str,
    why: str,
    *,
    now: dt.datetime,
) -> bool:
    """Write down that the platform took a part and could not deliver it; `why` is for a person.

    The delivery has failed then, and its ticket waits for an agent. False if it is not ours.
    """
    about = session.scalars(
        select(Delivery)
        .where(
            Delivery.channel == channel,
            Delivery.recipient == recipient,
            Delivery.created_at > now - _REPORTED,
        )
        .order_by(Delivery.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    delivery = next((each for each in about if remote_id in each.remote_ids), None)
    if delivery is None:
        return False
    if next_state(delivery.state, Step.BOUNCE) is not None:
        delivery.answer = why
        take(session, delivery, Step.BOUNCE, now=now)
    return True


def _is_next(session: Session, blobs: BlobStore, delivery: Delivery, text: str) -> bool:
    """Tell whether this is the text of the part that was sent last."""
    try:
        parts = direct.read(session, blobs, delivery).parts
    except PermanentError:
        return False
    left = parts[delivery.parts_sent :]
    return bool(left) and left[0].split() == text.split()


def _found(session: Session, delivery: Delivery, remote_id: str, now: dt.datetime) -> None:
    if delivery.state is DeliveryState.SENDING:
        return  # its worker is about to be told the same
    delivery.parts_sent += 1
    delivery.remote_ids = [*delivery.remote_ids, remote_id]
    if delivery.parts_sent == delivery.parts:
        take(session, delivery, Step.FOUND, now=now)
        delivery.sent_at, delivery.answer = delivery.sending_since or now, None
    else:
        take(session, delivery, Step.DEFER, now=now)  # the sweep has the next part sent
        delivery.not_before = now
    session.flush()


def _fail(session: Session, delivery: Delivery, why: str, now: dt.datetime) -> None:
    delivery.answer = why
    take(session, delivery, Step.SPOIL, now=now)


def _asked_at(session: Session, contact_id: int) -> dt.datetime | None:
    """Return when the contact wrote last, in whichever ticket."""
    return session.scalar(
        select(func.max(Message.received_at))
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Ticket.contact_id == contact_id,
            Message.direction == Direction.INBOUND,
            Message.kind == MessageKind.PERSON,
        )
    )
