"""Replies that no machine sends: given out to people, who say what became of them."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from helpdesk import blobs as blob_rows
from helpdesk.blobs import BlobStore
from helpdesk.errors import ConflictError, NotFoundError, PermanentError
from helpdesk.outbox import direct, handover_file
from helpdesk.outbox.handover_file import Line
from helpdesk.outbox.models import Delivery, Handover
from helpdesk.outbox.states import DeliveryState, Step, cover
from helpdesk.outbox.steps import decide, locked, take
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Contact, Ticket

MAX_REPLIES = 500  # of one file: what a person can check in an hour
_CHANGED = "the reply or the records behind it changed after the approval"


@dataclass(frozen=True, slots=True)
class Handed:
    """What a hand-over gave out. `stopped` are deliveries that may not leave any more."""

    number: int | None
    delivery_ids: tuple[int, ...]
    stopped: tuple[int, ...]


def due(now: dt.datetime) -> ColumnElement[bool]:
    """Return what makes a delivery one that people can send at `now`; joined with its ticket."""
    in_time = or_(Delivery.any_time, Ticket.window_ends_at.is_(None), Ticket.window_ends_at > now)
    return and_(_waits(now), in_time)


def _waits(now: dt.datetime) -> ColumnElement[bool]:
    return and_(
        Delivery.state == DeliveryState.QUEUED, Delivery.by_hand, Delivery.not_before <= now
    )


def hand(
    session: Session,
    blobs: BlobStore,
    channel: Channel,
    agent_id: int,
    *,
    may_leave: Callable[[int], bool],
    now: dt.datetime,
) -> Handed:
    """Give out all that waits on a channel, what closes first first, at most `MAX_REPLIES`.

    After the commit nobody else is given the same replies: of two people at once one gets them,
    and the other nothing (`number` is None). Read the bytes with `file` after the commit.

    Args:
        session: in a transaction of the shell's.
        blobs: where the replies lie, and where the file goes.
        channel: whose replies.
        agent_id: who asks.
        may_leave: tells whether a delivery is still what was approved; one that is not fails.
        now: aware.
    """
    waiting = list(
        session.scalars(
            select(Delivery)
            .join(Ticket, Ticket.id == Delivery.ticket_id)
            .where(Delivery.channel == channel, due(now))
            .order_by(Ticket.window_ends_at.asc().nulls_last(), Delivery.id)
            .limit(MAX_REPLIES)
            .with_for_update(of=Delivery)
            .execution_options(populate_existing=True)
        )
    )
    stopped = [each.id for each in waiting if not _check(session, blobs, each, may_leave, now)]
    given = [each for each in waiting if each.id not in stopped]
    if not given:
        return Handed(None, (), tuple(stopped))
    number = _store(session, blobs, channel, agent_id, given, now)
    for each in given:
        take(session, each, Step.HAND, now=now)
        each.handed_at, each.handed_by_id, each.handover = now, agent_id, number
    session.flush()
    return Handed(number, tuple(each.id for each in given), tuple(stopped))


def file(session: Session, blobs: BlobStore, number: int) -> bytes:
    """Return the JSON lines of a hand-over, the same bytes every time.

    Raises:
        NotFoundError: there is no such hand-over, or its file is gone.
    """
    return blobs.read(session, one(session, number).sha256)


def one(session: Session, number: int) -> Handover:
    """Return a hand-over; raises NotFoundError if there is none of that number."""
    found = session.get(Handover, number)
    if found is None:
        msg = "there is no such hand-over"
        raise NotFoundError(msg)
    return found


def mark_sent(session: Session, delivery_id: int, agent_id: int, *, now: dt.datetime) -> int:
    """Write down that a person has sent a reply; returns its ticket.

    Also when the channel's window has closed: what was sent was sent.

    Raises:
        ConflictError: it is not waiting for that, or somebody has said so before.
        NotFoundError: there is no such delivery.
    """
    delivery = _by_hand(session, delivery_id)
    decide(session, delivery, Step.MARK, now=now)
    _sent(delivery, now)
    if delivery.handed_at is None:
        delivery.handed_at, delivery.handed_by_id = now, agent_id
    session.flush()
    return delivery.ticket_id


def mark_all_sent(session: Session, number: int, *, now: dt.datetime) -> list[int]:
    """Write down that what is still open of a hand-over was sent; returns those deliveries."""
    one(session, number)
    still_open = session.scalars(
        select(Delivery)
        .where(Delivery.handover == number, Delivery.state == DeliveryState.HANDED)
        .order_by(Delivery.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for delivery in still_open:
        take(session, delivery, Step.MARK, now=now)
        _sent(delivery, now)
    session.flush()
    return [each.id for each in still_open]


def unmark(session: Session, delivery_id: int, *, now: dt.datetime) -> int:
    """Take back that a reply was sent; returns its ticket.

    It then counts as handed over: whoever marked it has seen the text, so nobody else gets it.

    Raises:
        ConflictError: it was not marked as sent.
        NotFoundError: there is no such delivery.
    """
    delivery = _by_hand(session, delivery_id)
    decide(session, delivery, Step.UNMARK, now=now)
    delivery.sent_at, delivery.parts_sent = None, 0
    session.flush()
    return delivery.ticket_id


def settle(
    session: Session, delivery_id: int, step: Step, *, why: str = "", now: dt.datetime
) -> int:
    """Write down that a reply that was handed over failed or is lost; returns its ticket.

    `step` is FAIL or LOSE, `why` what the sender said. The ticket waits for an agent again.

    Raises:
        ConflictError: it is not handed over.
        NotFoundError: there is no such delivery.
    """
    delivery = _by_hand(session, delivery_id)
    decide(session, delivery, step, now=now)
    delivery.answer = cover(why) or None
    return delivery.ticket_id


def _by_hand(session: Session, delivery_id: int) -> Delivery:
    delivery = locked(session, delivery_id)
    if not delivery.by_hand:
        msg = "a machine sends this reply; it says itself what became of it"
        raise ConflictError(msg)
    return delivery


def _sent(delivery: Delivery, now: dt.datetime) -> None:
    delivery.sent_at, delivery.parts_sent = now, delivery.parts


def _check(
    session: Session,
    blobs: BlobStore,
    delivery: Delivery,
    may_leave: Callable[[int], bool],
    now: dt.datetime,
) -> bool:
    try:
        direct.read(session, blobs, delivery)
        if may_leave(delivery.id):
            return True
        delivery.answer = _CHANGED
    except PermanentError as error:
        delivery.answer = str(error)
    take(session, delivery, Step.SPOIL, now=now)
    return False


def _store(
    session: Session,
    blobs: BlobStore,
    channel: Channel,
    agent_id: int,
    given: Sequence[Delivery],
    now: dt.datetime,
) -> int:
    """Write the file of what is given out; returns its number."""
    stored = blobs.prepare(handover_file.to_jsonl(_lines(session, blobs, given)))
    blob_rows.add(session, [stored])
    made = Handover(
        channel=channel,
        agent_id=agent_id,
        created_at=now,
        replies=len(given),
        sha256=stored.sha256,
    )
    session.add(made)
    session.flush()
    return made.id


def _lines(session: Session, blobs: BlobStore, given: Sequence[Delivery]) -> Iterator[Line]:
    contacts = {
        row.id: row
        for row in session.execute(
            select(
                Ticket.id,
                Contact.display_name,
                Contact.handle,
                Contact.phone,
                Contact.thread,
                Contact.service,
            )
            .join(Contact, Contact.id == Ticket.contact_id)
            .where(Ticket.id.in_([each.ticket_id for each in given]))
        )
    }
    for delivery in given:
        parts = direct.read(session, blobs, delivery).parts
        for part, text in enumerate(parts, start=1):
            yield _line(delivery, contacts[delivery.ticket_id], part, text)


def _line(
    delivery: Delivery, contact: Row[int, str, str, str, str, str], part: int, text: str
) -> Line:
    return Line(
        reply=delivery.id,
        ticket=delivery.ticket_id,
        channel=delivery.channel.value,
        service=contact.service,
        to=delivery.recipient,
        name=contact.display_name,
        handle=contact.handle,
        phone=contact.phone.removeprefix("+"),
        thread=contact.thread,
        part=part,
        parts=delivery.parts,
        text=text,
    )
