"""What may be done with a delivery. One row is one reply to one recipient.

A send is two transactions with the network between them: `begin` is committed before connecting,
`record` after the answer. Whatever happens between, the row says *sending*, and a row that says
so is never sent again by a machine.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk import blobs as blob_rows
from helpdesk.blobs import BlobStore
from helpdesk.errors import ConflictError, NotFoundError, PermanentError
from helpdesk.jobs import Job, JobRow
from helpdesk.outbox import mail, turns
from helpdesk.outbox.mail import OutgoingReply
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.smtp import Outgoing
from helpdesk.outbox.states import DeliveryState, Outcome, Step, cover, next_state, step_of
from helpdesk.outbox.steps import decide, locked, take
from helpdesk.rows import among
from helpdesk.settings import Outbox
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Message

# Longer than all the time-outs of one send together; then its worker is dead or as good as dead.
SENDING_LEASE_S = 1_800.0
_MAX_DELAY_S = 4 * 3_600.0
_MAX_BOUNCE_IDS = 50  # a bounce quotes one or two; a forged one any number


def queue(
    session: Session, blobs: BlobStore, reply: OutgoingReply, *, undo_s: float, now: dt.datetime
) -> Delivery:
    """Freeze an approved reply: its bytes, its hash and its Message-ID are settled here.

    The shell enqueues `Job.SEND` for the delivery with a delay of `undo_s`.

    Raises:
        ConflictError: this outbound message was queued before.
        PermanentError: no safe message can be made of it.
    """
    stored = blobs.prepare(mail.build(reply))
    blob_rows.add(session, [stored])
    message_id = mail.message_id(reply)
    delivery = Delivery(
        ticket_id=reply.ticket_id,
        message_row_id=reply.message_row_id,
        channel=Channel.EMAIL,
        recipient=reply.recipient,
        message_id=message_id,
        sha256=stored.sha256,
        state=DeliveryState.QUEUED,
        attempts=0,
        created_at=now,
        not_before=now + dt.timedelta(seconds=undo_s),
    )
    keep(session, delivery)
    session.execute(
        update(Message).where(Message.id == reply.message_row_id).values(message_id=message_id)
    )
    return delivery


def keep(session: Session, delivery: Delivery) -> None:
    """Store a new delivery; raises ConflictError if its message has one already."""
    session.add(delivery)
    try:
        session.flush()
    except IntegrityError as error:
        msg = "this reply has been approved already"
        raise ConflictError(msg) from error


def begin(
    session: Session, blobs: BlobStore, delivery_id: int, *, now: dt.datetime
) -> Outgoing | None:
    """Mark a due delivery as being sent, and return what to send once that is committed.

    None when there is nothing to do: it is no mail, it is not due, another worker has it, it is
    done, or its bytes are not the approved ones any more (it has failed then, and the ticket waits
    for an agent).

    Raises:
        NotFoundError: there is no such delivery.
    """
    delivery = locked(session, delivery_id)
    if delivery.channel is not Channel.EMAIL or not _may_begin(delivery, now):
        return None
    content = _approved_bytes(session, blobs, delivery)
    if content is None:
        delivery.answer = "what is stored is not the reply that was approved"
        take(session, delivery, Step.SPOIL, now=now)
        return None
    take(session, delivery, Step.BEGIN, now=now)
    delivery.attempts += 1
    delivery.sending_since = now
    session.flush()
    sender, recipient = mail.envelope(content)
    return Outgoing(delivery.id, delivery.attempts, sender, recipient, content)


def may_begin(session: Session, delivery_id: int, *, now: dt.datetime) -> bool:
    """Tell whether `begin` would have something to do."""
    return _may_begin(locked(session, delivery_id), now)


def record(
    session: Session, delivery_id: int, outcome: Outcome, *, now: dt.datetime, conf: Outbox
) -> float | None:
    """Write down what an attempt came to.

    Returns:
        In how many seconds to try again (the shell enqueues that), or None. The word of an
        attempt that is not the last one, or that comes after a person decided, changes nothing.

    A failed or unknown delivery gives its ticket back to the agents.
    """
    delivery = locked(session, delivery_id)
    step = step_of(outcome, max_attempts=conf.max_attempts)
    if outcome.attempt != delivery.attempts or next_state(delivery.state, step) is None:
        return None
    take(session, delivery, step, now=now)
    delivery.answer = outcome.words
    if delivery.state is DeliveryState.SENT:
        delivery.sent_at = now
    delay_s = None
    if delivery.state is DeliveryState.DEFERRED:
        delay_s = _delay_s(outcome, conf)
        delivery.not_before = now + dt.timedelta(seconds=delay_s)
        if not outcome.counts:
            delivery.attempts -= 1  # nobody judged the reply: the attempt is given back
    session.flush()
    return delay_s


def cancel(session: Session, delivery_id: int, *, now: dt.datetime) -> int:
    """Take back a reply that was never tried; returns its ticket, which waits for an agent again.

    The outbound message stays in the conversation; its delivery says that it was cancelled.

    Raises:
        ConflictError: it is on its way already, or was taken back before.
        NotFoundError: there is no such delivery.
    """
    delivery = locked(session, delivery_id)
    if delivery.attempts or delivery.parts_sent:
        msg = "the reply is on its way already"
        raise ConflictError(msg)
    decide(session, delivery, Step.CANCEL, now=now)
    turns.give_to_agents(session, [delivery.ticket_id], now=now)
    return delivery.ticket_id


def resolve_unknown(session: Session, delivery_id: int, *, sent: bool, now: dt.datetime) -> int:
    """Write down what a person found out about an unknown delivery; returns its ticket.

    If it was not sent it is queued again at once, with the same bytes and Message-ID, and the
    shell enqueues `Job.SEND` for it; one that people send waits to be handed over again. Of a
    reply in parts it is the part sent last that was found or not; those after it still leave.

    Raises:
        ConflictError: it is not unknown any more.
        NotFoundError: there is no such delivery.
    """
    delivery = locked(session, delivery_id)
    if sent and _parts_left(delivery) > 1:
        decide(session, delivery, Step.REPEAT, now=now)
        delivery.parts_sent, sent = delivery.parts_sent + 1, False
    else:
        decide(session, delivery, Step.FOUND if sent else Step.REPEAT, now=now)
    if sent:
        delivery.sent_at = delivery.sending_since or delivery.handed_at or now
    else:
        delivery.not_before = now
    session.flush()
    return delivery.ticket_id


def abandon(session: Session, delivery_id: int, *, now: dt.datetime) -> int:
    """Stop trying a deferred delivery; it has failed then, and its ticket waits for an agent.

    Raises:
        ConflictError: it is not deferred any more.
        NotFoundError: there is no such delivery.
    """
    delivery = locked(session, delivery_id)
    decide(session, delivery, Step.ABANDON, now=now)
    return delivery.ticket_id


def spoil(session: Session, delivery_id: int, why: str, *, now: dt.datetime) -> int:
    """Give up a delivery that must not leave as it is; returns its ticket, which waits again.

    Raises:
        ConflictError: it has left, or is leaving.
        NotFoundError: there is no such delivery.
    """
    delivery = locked(session, delivery_id)
    delivery.answer = why
    take(session, delivery, Step.SPOIL, now=now)
    return delivery.ticket_id


def expire_sending(
    session: Session, *, now: dt.datetime, lease_s: float = SENDING_LEASE_S
) -> list[int]:
    """Declare unknown what has been *sending* for too long; returns those deliveries."""
    overdue = now - dt.timedelta(seconds=lease_s)
    rows = session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, Delivery.sending_since <= overdue)
        .values(
            state=next_state(DeliveryState.SENDING, Step.LOSE),
            answer="the worker that was sending it did not come back",
        )
        .returning(Delivery.id, Delivery.ticket_id)
    ).all()
    turns.give_to_agents(session, [row.ticket_id for row in rows], now=now)
    return [row.id for row in rows]


def bounced(
    session: Session,
    message_ids: Sequence[str],
    recipients: Sequence[str],
    *,
    permanent: bool,
    reason: str,
    now: dt.datetime,
) -> list[int]:
    """Apply a bounce to the deliveries it is about; returns their tickets, none if it is not ours.

    Anybody can write a bounce, so it is believed only if it quotes a Message-ID of ours, which
    only its recipient has seen, and does not name other recipients instead.

    `message_ids` are those found in the returned part, without angle brackets; `recipients` the
    addresses it says it could not reach, empty when it names none; `permanent` is False when a
    server says that it is still trying; `reason` is its words, which are kept covered.
    """
    named = {each.lower() for each in recipients}
    about = session.scalars(
        select(Delivery)
        .where(
            Delivery.message_id.in_(_plain(message_ids)[:_MAX_BOUNCE_IDS]), Delivery.attempts > 0
        )
        .order_by(Delivery.id)
        .with_for_update()
    )
    believed = [each for each in about if not named or each.recipient.lower() in named]
    for delivery in believed:
        step = Step.BOUNCE if permanent else Step.DELAY
        if next_state(delivery.state, step) is not None:
            take(session, delivery, step, now=now)
            if delivery.state is DeliveryState.SENT and delivery.sent_at is None:
                delivery.sent_at = delivery.sending_since
        delivery.answer = cover(reason)
    session.flush()
    return list(dict.fromkeys(each.ticket_id for each in believed))


def quoted(session: Session, message_ids: Sequence[str], *, now: dt.datetime) -> list[int]:
    """Settle unknown deliveries that somebody answered; returns those that are *sent* now.

    Only who received a reply can quote its Message-ID. The tickets are left to the caller, who
    has an answer to put into them. `message_ids` are without angle brackets, of a whole batch.
    """
    rows = session.execute(
        update(Delivery)
        .where(
            among(Delivery.message_id, _plain(message_ids)),
            Delivery.state == DeliveryState.UNKNOWN,
        )
        .values(
            state=next_state(DeliveryState.UNKNOWN, Step.FOUND),
            sent_at=func.coalesce(Delivery.sending_since, now),
        )
        .returning(Delivery.id)
    )
    return sorted(rows.scalars())


def seen_outside(session: Session, delivery_ids: Sequence[int], now: dt.datetime) -> list[int]:
    """Settle replies that were found among what the platform says we sent; returns those settled.

    Whatever became of the others is known already, and stays.
    """
    settled = []
    for delivery_id in delivery_ids:
        delivery = locked(session, delivery_id)
        if _parts_left(delivery) > 1:
            continue  # one of them is no proof of the others
        unknown = delivery.state is DeliveryState.UNKNOWN
        step = Step.FOUND if unknown else Step.MARK
        if next_state(delivery.state, step) is None:
            continue
        take(session, delivery, step, now=now)
        delivery.sent_at = delivery.handed_at or delivery.sending_since or now
        settled.append(delivery_id)
    session.flush()
    return settled


def overdue(session: Session, *, now: dt.datetime, grace_s: float = 60.0) -> list[int]:
    """Name deliveries that are due and that no job is about: what a sweep enqueues again."""
    job = exists().where(JobRow.job == Job.SEND, JobRow.subject_id == Delivery.id)
    return list(
        session.scalars(
            select(Delivery.id)
            .where(
                Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.DEFERRED]),
                Delivery.not_before < now - dt.timedelta(seconds=grace_s),
                ~Delivery.by_hand,
                ~job,
            )
            .order_by(Delivery.id)
            .limit(100)
        )
    )


def _may_begin(delivery: Delivery, now: dt.datetime) -> bool:
    """Tell whether a machine is to send it now: it waits, it is due, and people do not send it."""
    due = next_state(delivery.state, Step.BEGIN) is not None and delivery.not_before <= now
    return due and not delivery.by_hand


def _parts_left(delivery: Delivery) -> int:
    """Return how many parts a machine has left to send, the one in doubt among them."""
    return 1 if delivery.by_hand else delivery.parts - delivery.parts_sent


def _plain(message_ids: Sequence[str]) -> list[str]:
    """Leave out what cannot be an identifier of ours, nor be given to every database."""
    return [each for each in message_ids if each.isascii() and each.isprintable()]


def _approved_bytes(session: Session, blobs: BlobStore, delivery: Delivery) -> bytes | None:
    try:
        content = blobs.read(session, delivery.sha256)
        addressed = mail.envelope(content)[1]
    except (NotFoundError, PermanentError):
        return None
    same = hashlib.sha256(content).hexdigest() == delivery.sha256
    return content if same and addressed == delivery.recipient else None


def _delay_s(outcome: Outcome, conf: Outbox) -> float:
    """As long as the server wants, within bounds.

    Else twice as long each time, but steady while it is the server or the settings that fail.
    """
    if outcome.retry_after_s is not None:
        return min(max(outcome.retry_after_s, 1.0), _MAX_DELAY_S)
    doublings = min(outcome.attempt - 1, 20) if outcome.counts else 0
    return min(conf.retry_after_s * 2.0**doublings, max(_MAX_DELAY_S, conf.retry_after_s))
