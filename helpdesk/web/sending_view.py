"""What the page shows of a reply that people send: its texts, and how far it got."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from helpdesk.blobs import BlobStore
from helpdesk.errors import PermanentError
from helpdesk.outbox import direct
from helpdesk.outbox.dm import window_open
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.queries import DeliveryView
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies import service as replies
from helpdesk.tickets.history import TicketHead
from helpdesk.web.cover import cover, has_covered

_OPEN = frozenset({DeliveryState.QUEUED, DeliveryState.HANDED})


@dataclass(frozen=True, slots=True)
class Sending:
    """A reply that a person is to send.

    `parts` are its messages, numbers covered unless revealed (`covered` tells); `changed` says
    that it is not what was approved any more and must not be sent, so it has no parts.
    """

    delivery_id: int
    handed: bool
    parts: tuple[str, ...]
    covered: bool
    changed: bool
    closed: bool
    handed_by: str | None
    handed_at: dt.datetime | None


def read(
    session: Session,
    blobs: BlobStore,
    ticket: TicketHead,
    deliveries: Iterable[DeliveryView],
    *,
    revealed: bool,
    now: dt.datetime,
) -> Sending | None:
    """Return the newest reply of a ticket that waits for a person to send it, if there is one."""
    waiting = [
        each
        for each in deliveries
        if each.by_hand and each.state in _OPEN and each.not_before <= now
    ]
    if not waiting:
        return None
    last = waiting[-1]
    handed = last.state is DeliveryState.HANDED
    texts = _texts(session, blobs, last, handed=handed)
    hidden = not revealed and any(has_covered(each) for each in texts or ())
    return Sending(
        delivery_id=last.id,
        handed=handed,
        parts=tuple(cover(each) if hidden else each for each in texts or ()),
        covered=hidden,
        changed=texts is None,
        closed=not (last.any_time or window_open(ticket.window_ends_at, now)),
        handed_by=last.handed_by,
        handed_at=last.handed_at,
    )


def _texts(
    session: Session, blobs: BlobStore, view: DeliveryView, *, handed: bool
) -> tuple[str, ...] | None:
    """Return the texts; None if they are not to be sent. Once handed over that is too late."""
    try:
        reply = direct.read(session, blobs, session.get_one(Delivery, view.id))
    except PermanentError:
        return None
    return reply.parts if handed or replies.still_valid(session, view.id) else None
