"""Let a reply go: decide once more, freeze what was seen, and count who said yes."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, Role
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from helpdesk.identity.types import Field
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies import evidence, leaving, reasons, ways
from helpdesk.replies.disclosure import Agreement, Decision, decide, fits, restrict, weaker
from helpdesk.replies.evidence import Known
from helpdesk.replies.freeze import Frozen, freeze
from helpdesk.replies.house import House
from helpdesk.replies.models import Approval, Draft
from helpdesk.replies.policy import Level
from helpdesk.tickets import service as tickets
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket

_SECOND = frozenset({Role.SUPERVISOR, Role.ADMIN})
_GONE = (DeliveryState.CANCELLED, DeliveryState.FAILED)
_OPEN = (TicketStatus.WAITING_AGENT, TicketStatus.WAITING_PARTICIPANT)


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval led to.

    The shell enqueues `Job.SEND` for the delivery after `undo_s`, unless people send it.
    """

    delivery_id: int | None
    waits_for_second: bool
    by_hand: bool = False


def approve(
    session: Session,
    ticket_id: int,
    version: int,
    agent: Agent,
    house: House,
    *,
    confirm: Collection[str] = (),
    now: dt.datetime,
) -> Approved:
    """Say yes to a draft as it stands; with the last yes that is needed the reply is queued.

    Args:
        session: in a transaction of the shell's.
        ticket_id: whose draft.
        version: of the draft that the agent saw.
        agent: who says yes.
        house: as `open_house` returns it.
        confirm: the agreeing facts a second person ticked, as `to_confirm` names them.
        now: aware.

    Raises:
        ConflictError: the draft, the decision or the conversation changed since, it was approved
            already, or the channel's window has closed; the text says what.
        ForbiddenError: this person may not approve, or not as the second one.
        InvalidError: a fact was not confirmed, or the text may not be sent.
        NotFoundError: the ticket has no draft.
    """
    if agent.role is Role.AUDITOR or not agent.active:
        msg = "you may not approve replies"
        raise ForbiddenError(msg)
    ticket, kept = _locked(session, ticket_id)
    _refuse_stale(session, ticket, kept, version)
    known = _known(session, ticket_id, house, now)
    decision = _redecide(kept, known, house, agent.language)
    frozen = freeze(session, kept, known, decision, house, signer=agent.name)
    ways.refuse_closed(frozen.way, kept.situation, known.reach, now)
    given = _given(session, ticket_id, version)
    if given:
        first = session.get_one(Agent, given[0].agent_id)  # the second approves what they signed
        seen = freeze(session, kept, known, decision, house, signer=first.name)
        given = _still_meant(session, given, seen)
        frozen = seen if given else frozen
    if given:
        _refuse_twice(given, kept, agent)
        _refuse_unconfirmed(decision, known, house, confirm)
    given.append(_write(session, kept, agent, frozen, now))
    kept.refusal_id = None
    if len(given) < decision.approvals:
        ticket.approvals_given = len(given)
        session.flush()
        return Approved(None, waits_for_second=True)
    delivery = leaving.queue(session, kept, frozen, agent, house, now)
    for each in given:
        each.delivery_id = delivery.id
    kept.edited_by_id = None  # sent: what follows is drafted anew
    _hand_over(ticket, len(given), now)
    session.flush()
    return Approved(delivery.id, waits_for_second=False, by_hand=delivery.by_hand)


def reject(
    session: Session, ticket_id: int, version: int, agent: Agent, reason: str, *, now: dt.datetime
) -> None:
    """Say no as the second person: the draft goes back to who approved it first, with the reason.

    Raises:
        ConflictError: the draft changed since, or no approval is waiting.
        ForbiddenError: this person may not be the second one.
        InvalidError: no reason is given.
        NotFoundError: the ticket has no draft.
    """
    if agent.role not in _SECOND or not agent.active:
        msg = "only a supervisor may refuse a reply"
        raise ForbiddenError(msg)
    if not reason.strip():
        msg = "say why, so that the others know what to change"
        raise InvalidError(msg)
    ticket, kept = _locked(session, ticket_id)
    if kept.version != version:
        _refuse_changed()
    given = _given(session, ticket_id, version)
    if not given:
        msg = "no approval is waiting for a second one"
        raise ConflictError(msg)
    if any(each.agent_id == agent.id for each in given):
        msg = "you have approved this already; change the draft to take that back"
        raise ConflictError(msg)
    for each in given:
        session.delete(each)
    ticket.assignee_id, ticket.approvals_given = given[0].agent_id, 0
    ticket.version += 1
    ticket.updated_at = now
    kept.refusal_id = tickets.note(session, ticket_id, agent.id, reason, now)
    session.flush()


def to_confirm(known: Known, decision: Decision, house: House) -> tuple[str, ...]:
    """Return the facts a second person has to confirm one by one; names of `Field`."""
    if not (house.policy.limits.second_confirms and decision.level.shows):
        return ()
    compared = {
        Field.FULL_NAME: known.case.name,
        Field.BIRTH_DATE: known.case.birth_date,
        Field.NIK: known.case.nik,
    }
    agreeing = {Agreement.EXACT, Agreement.NEAR}
    return tuple(field.value for field, how in compared.items() if how in agreeing)


def _locked(session: Session, ticket_id: int) -> tuple[Ticket, Draft]:
    """Return ticket and draft; on PostgreSQL approvals of one ticket take turns here."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    kept = session.scalar(
        select(Draft)
        .where(Draft.ticket_id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ticket is None or kept is None:
        msg = f"ticket {ticket_id} has no draft"
        raise NotFoundError(msg)
    return ticket, kept


def _refuse_stale(session: Session, ticket: Ticket, kept: Draft, version: int) -> None:
    if kept.version != version:
        _refuse_changed()
    if ticket.status not in _OPEN:
        msg = f"the ticket is {ticket.status}: open it again before you reply"
        raise ConflictError(msg)
    sent = session.scalar(
        select(Delivery.id)
        .join(Approval, Approval.delivery_id == Delivery.id)
        .where(
            Approval.ticket_id == ticket.id,
            Approval.draft_version == version,
            Delivery.state.not_in(_GONE),
        )
        .limit(1)
    )
    if sent is not None:
        msg = "this reply has been approved already"
        raise ConflictError(msg)


def _refuse_changed() -> None:
    msg = "the draft changed since you opened it; look at it again before you decide"
    raise ConflictError(msg)


def _known(session: Session, ticket_id: int, house: House, now: dt.datetime) -> Known:
    known = evidence.read(session, [ticket_id], house.policy.limits, now=now).get(ticket_id)
    if known is None:
        msg = f"there is nothing to reply to in ticket {ticket_id}"
        raise NotFoundError(msg)
    return known


def _redecide(kept: Draft, known: Known, house: House, language: str) -> Decision:
    """Decide by the rows as they are now; refuse if that is not what the draft was made for."""
    if known.answers_message_id != kept.answers_message_id:
        msg = "the participant has written again; wait for the new draft and look at it"
        raise ConflictError(msg)
    full = decide(known.case, house.policy)
    decision = restrict(full, kept.situation)
    before = Decision(
        Level(kept.disclosure), kept.approvals_needed, full.situation, tuple(kept.reasons)
    )
    same_numbers = list(decision.kpjs) == list(kept.kpjs)
    if fits(full, kept.situation) and same_numbers and not weaker(decision, before):
        needed = max(decision.approvals, kept.approvals_needed)
        return Decision(
            decision.level, needed, decision.situation, decision.reasons, decision.kpjs
        )
    news = [reasons.text(code, language) for code in full.reasons if code not in kept.reasons]
    what = "; ".join(news) or "the records this reply would show are not the same any more"
    msg = f"less may be told now than when this was drafted: {what}"
    raise ConflictError(msg)


def _given(session: Session, ticket_id: int, version: int) -> list[Approval]:
    """Return the approvals this version of the draft has that led to no delivery yet.

    One of an account that was shut out meanwhile does not count.
    """
    return list(
        session.scalars(
            select(Approval)
            .join(Agent, Agent.id == Approval.agent_id)
            .where(
                Approval.ticket_id == ticket_id,
                Approval.draft_version == version,
                Approval.delivery_id.is_(None),
                Agent.active,
            )
            .order_by(Approval.id)
        )
    )


def _still_meant(session: Session, given: list[Approval], seen: Frozen) -> list[Approval]:
    """Drop approvals of what is not there any more: this one then counts as the first."""
    if all(each.frozen_sha256 == seen.sha256 for each in given):
        return given
    for each in given:
        session.delete(each)
    session.flush()
    return []


def _refuse_twice(given: Sequence[Approval], kept: Draft, agent: Agent) -> None:
    if any(each.agent_id == agent.id for each in given):
        msg = "you have approved this already; a second person has to"
        raise ConflictError(msg)
    if agent.role not in _SECOND:
        msg = "the second approval is a supervisor's"
        raise ForbiddenError(msg)
    if kept.edited_by_id == agent.id:
        msg = "you wrote this reply; another supervisor has to approve it"
        raise ForbiddenError(msg)


def _refuse_unconfirmed(
    decision: Decision, known: Known, house: House, confirm: Collection[str]
) -> None:
    if set(to_confirm(known, decision, house)) - set(confirm):
        msg = "compare each fact with the record and tick it before you approve"
        raise InvalidError(msg)


def _write(
    session: Session, kept: Draft, agent: Agent, frozen: Frozen, now: dt.datetime
) -> Approval:
    approval = Approval(
        ticket_id=kept.ticket_id,
        draft_version=kept.version,
        agent_id=agent.id,
        frozen_sha256=frozen.sha256,
        disclosure=kept.disclosure,
        evidence=frozen.evidence,
        approved_at=now,
    )
    session.add(approval)
    session.flush()
    return approval


def _hand_over(ticket: Ticket, given: int, now: dt.datetime) -> None:
    ticket.approvals_given = given
    ticket.status = TicketStatus.WAITING_PARTICIPANT
    ticket.waiting_since = now
    ticket.updated_at = now
    ticket.version += 1
