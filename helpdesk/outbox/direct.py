"""Deliveries that are no mail: queued at approval, read again where they are sent."""

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from helpdesk import blobs as blob_rows
from helpdesk.blobs import BlobStore
from helpdesk.errors import NotFoundError, PermanentError
from helpdesk.outbox import dm, service, token
from helpdesk.outbox.dm import DirectReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingDirect:
    """An approved reply before it is stored; `secret` makes its id one that nobody can guess.

    `by_hand`: people send it. `any_time`: also when the channel's window has closed.
    """

    ticket_id: int
    message_row_id: int
    reply: DirectReply
    date: dt.datetime
    by_hand: bool
    any_time: bool
    secret: str = field(repr=False)


def queue(
    session: Session,
    blobs: BlobStore,
    outgoing: OutgoingDirect,
    *,
    undo_s: float,
    now: dt.datetime,
) -> Delivery:
    """Freeze an approved reply: its bytes, its hash and its id are settled here.

    The shell enqueues `Job.SEND` for it after `undo_s`, unless people send it.

    Raises:
        ConflictError: this outbound message was queued before.
    """
    stored = blobs.prepare(dm.build(outgoing.reply))
    blob_rows.add(session, [stored])
    delivery = Delivery(
        ticket_id=outgoing.ticket_id,
        message_row_id=outgoing.message_row_id,
        channel=outgoing.reply.channel,
        recipient=outgoing.reply.recipient,
        message_id=_id(outgoing),
        sha256=stored.sha256,
        state=DeliveryState.QUEUED,
        attempts=0,
        created_at=now,
        not_before=now + dt.timedelta(seconds=undo_s),
        by_hand=outgoing.by_hand,
        any_time=outgoing.any_time,
        parts=len(outgoing.reply.parts),
    )
    service.keep(session, delivery)
    return delivery


def read(session: Session, blobs: BlobStore, delivery: Delivery) -> DirectReply:
    """Return the texts that were approved.

    Raises:
        PermanentError: what is stored is not the reply that was approved.
    """
    msg = "what is stored is not the reply that was approved"
    try:
        reply = dm.read(blobs.read(session, delivery.sha256))
    except NotFoundError as error:
        raise PermanentError(msg) from error
    if (reply.channel, reply.recipient) != (delivery.channel, delivery.recipient):
        raise PermanentError(msg)
    return reply


def _id(outgoing: OutgoingDirect) -> str:
    """Return an id in the form of our Message-IDs; it never leaves the house."""
    nonce = f"{outgoing.message_row_id:x}x{int(outgoing.date.timestamp()):x}"
    domain = f"{outgoing.reply.channel}.invalid"
    return token.make(outgoing.secret, outgoing.ticket_id, nonce, domain)
