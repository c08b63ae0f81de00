"""Filing: which ticket each message goes to, and writing a whole batch of them at once.

Everything a batch can touch is read first with few queries, then decided message by message in
order against that picture (a reply may follow its original in the same batch), then written.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.errors import NotFoundError
from helpdesk.ingest import thread
from helpdesk.ingest.entries import TicketState
from helpdesk.ingest.ledger import Ledger
from helpdesk.ingest.reading import ReadyMessage
from helpdesk.ingest.types import (
    Address,
    Authenticity,
    Body,
    Headers,
    ParsedMessage,
    ThreadDecision,
)
from helpdesk.outbox import service as outbox
from helpdesk.rows import among
from helpdesk.tickets.kinds import MessageKind, RawOutcome, TicketStatus
from helpdesk.tickets.models import Message, RawMessage

# Mail programs and relays set these on what people write too; such a message is shown to an agent,
# and nothing automatic follows from it.
_WEAK_SIGNS = frozenset({"suppress", "precedence", "null_sender"})
_QUOTED_CHARS = 300  # of a bounce's own words
_NOTHING_READABLE = "nothing in it could be read"


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of one raw message; `ticket_id` is the ticket it is in, if it is in one."""

    raw_id: int
    outcome: RawOutcome
    ticket_id: int | None


def file(session: Session, ready: Sequence[ReadyMessage], now: dt.datetime) -> list[Filed]:
    """Put each message where it belongs, in order.

    A message filed before is left as it is and reported again, so running twice is safe.
    """
    done = _filed_before(session, [each.raw_id for each in ready])
    todo = [each for each in ready if each.raw_id not in done]
    placed: dict[int, tuple[RawOutcome, TicketState | None]] = {}
    if todo:
        ledger = Ledger(session, todo, now)
        _settle_answered(session, todo, now)
        for each in todo:
            placed[each.raw_id] = _place(session, ledger, each, now)
        ledger.write({raw_id: outcome for raw_id, (outcome, _) in placed.items()})
    for raw_id, (outcome, ticket) in placed.items():
        done[raw_id] = Filed(raw_id, outcome, ticket.id if ticket else None)
    return [done[each.raw_id] for each in ready]


def give_up(session: Session, raw_id: int, problem: str, now: dt.datetime) -> int:
    """Show a message that could not be read as a ticket of its own; returns the ticket's id.

    Args:
        session: the transaction to write in.
        raw_id: the raw message.
        problem: why, without personal data.
        now: when.

    Raises:
        NotFoundError: there is no such raw message.
    """
    found = session.scalar(select(Message.ticket_id).where(Message.raw_id == raw_id))
    if found is not None:
        return found
    raw = session.get(RawMessage, raw_id, with_for_update=True)
    if raw is None:
        msg = "the raw message is gone"
        raise NotFoundError(msg)
    each = ReadyMessage(
        raw_id=raw_id,
        mailbox_id=raw.mailbox_id,
        sha256=raw.sha256,
        received_at=raw.received_at,
        parsed=ParsedMessage(Headers(), Body("")),
        sender=Address("", ""),
        kind=MessageKind.PERSON,
        reason="",
        authenticity=Authenticity(passed=False, reason="unparsed"),
        readable=False,
    )
    ledger = Ledger(session, [each], now)
    ticket = _open_unparsed(ledger, each)
    ledger.write({raw_id: RawOutcome.UNPARSED}, problem=problem[:500])
    session.expire(raw)
    return ticket.id


def _filed_before(session: Session, raw_ids: Sequence[int]) -> dict[int, Filed]:
    """Lock the raw messages; return those whose outcome is known."""
    rows = session.execute(
        select(RawMessage.id, RawMessage.outcome)
        .where(among(RawMessage.id, raw_ids))
        .order_by(RawMessage.id)
        .with_for_update()
    ).all()
    outcomes = {row.id: row.outcome for row in rows if row.outcome is not None}
    if not outcomes:
        return {}
    tickets = session.execute(
        select(Message.raw_id, Message.ticket_id).where(among(Message.raw_id, outcomes))
    ).all()
    ticket_ids = {row.raw_id: row.ticket_id for row in tickets}
    return {
        raw_id: Filed(raw_id, outcome, ticket_ids.get(raw_id))
        for raw_id, outcome in outcomes.items()
    }


def _place(
    session: Session, ledger: Ledger, each: ReadyMessage, now: dt.datetime
) -> tuple[RawOutcome, TicketState | None]:
    if not each.readable:
        return RawOutcome.UNPARSED, _open_unparsed(ledger, each)
    if each.kind is MessageKind.BOUNCE:
        _note_bounce(session, each, now)
        return RawOutcome.BOUNCE, None
    if each.kind is MessageKind.OWN:
        return RawOutcome.IGNORED, None
    if ledger.has(each):
        return RawOutcome.DUPLICATE, None
    decision = _decide(ledger, each)
    if decision.ticket_id is None and not _may_open(each):
        return RawOutcome.IGNORED, None
    ticket, reason = _ticket_for(ledger, each, decision, now)
    ledger.add(ticket, each, reason)
    return RawOutcome.FILED, ticket


def _note_bounce(session: Session, each: ReadyMessage, now: dt.datetime) -> None:
    parsed = each.parsed
    outbox.bounced(
        session,
        parsed.original_message_ids,
        parsed.failed_recipients,
        permanent=parsed.bounce_permanent,
        reason=" ".join(parsed.body.visible.split())[:_QUOTED_CHARS] or each.reason,
        now=now,
    )


def _settle_answered(session: Session, ready: Sequence[ReadyMessage], now: dt.datetime) -> None:
    """Only who received a reply can quote its Message-ID: what is answered has arrived."""
    answered = [
        message_id
        for each in ready
        if each.kind is not MessageKind.BOUNCE
        for message_id in thread.message_ids(each.parsed)
    ]
    if answered:
        outbox.quoted(session, answered, now=now)


def _decide(ledger: Ledger, each: ReadyMessage) -> ThreadDecision:
    if not each.sender.email:  # nobody to be the same sender as
        return ThreadDecision(None, None, "no_sender")
    return thread.decide(
        each.parsed,
        sender=each.sender.email,
        known=ledger.known(each),
        token_ticket=ledger.named(each.token_ticket),
        subject_ticket=ledger.named(each.subject_ticket),
    )


def _may_open(each: ReadyMessage) -> bool:
    """Whether a message may open a ticket: what a person may have written to us does."""
    if each.kind is MessageKind.AUTO_REPLY:
        return each.to_us and each.reason in _WEAK_SIGNS
    return each.kind is MessageKind.PERSON or (each.kind is MessageKind.LIST and each.to_us)


def _ticket_for(
    ledger: Ledger, each: ReadyMessage, decision: ThreadDecision, now: dt.datetime
) -> tuple[TicketState, str]:
    """Return the ticket a message goes to, and why, as a code."""
    if decision.ticket_id is None:
        linked = ledger.ticket(decision.linked_to)
        return ledger.open(each, linked, decision.reason if linked else None), decision.reason
    ticket = ledger.ticket(decision.ticket_id)
    if ticket is None:  # decided on what the ledger named, so it is there; a new one loses nothing
        return ledger.open(each, None, None), decision.reason
    if each.kind is MessageKind.AUTO_REPLY:
        return ticket, decision.reason
    age = now - ticket.updated_at
    if ticket.status is TicketStatus.CLOSED and age > dt.timedelta(days=each.follow_up_days):
        reason = "follow_up_after_close"
        return ledger.open(each, ticket, reason), reason
    ledger.answer(ticket, each)
    return ticket, decision.reason


def _open_unparsed(ledger: Ledger, each: ReadyMessage) -> TicketState:
    ticket = ledger.open(each, None, None, status=TicketStatus.UNPARSED)
    ledger.add(ticket, each, "unparsed")
    ledger.problems[each.raw_id] = _NOTHING_READABLE
    return ticket
