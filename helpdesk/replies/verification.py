"""Asking a caller or visitor for their mother's name, compared with the registry unseen.

The name on record is shown to nobody, what was said is not kept; only whether they agree is.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.matching.models import CandidateRow
from helpdesk.replies import evidence
from helpdesk.replies.spoken import is_same_name
from helpdesk.rows import among
from helpdesk.tickets.kinds import SPOKEN
from helpdesk.tickets.models import Ticket, Verification

MOTHER_NAME = "mother_name"
MAX_TRIES = 3
MAX_CHARS = 200
_AGAIN_AFTER = dt.timedelta(days=1)


class State(StrEnum):
    """Whether the question can be asked of the participant a ticket most likely means."""

    OPEN = "open"
    PASSED = "passed"
    CLOSED = "closed"  # asked as often as it may be
    NOBODY = "nobody"  # no candidate to ask about
    NO_NAME = "no_name"  # the registry does not have the name


@dataclass(frozen=True, slots=True)
class Asked:
    """How the question stands; `tries_left` is of this ticket, and of its participant today."""

    state: State
    tries_left: int


def standing(session: Session, ticket_id: int, now: dt.datetime) -> Asked:
    """Return how the question stands in a ticket.

    Who calls again gets a new ticket, but no new tries at the same participant until a day later.
    """
    names = _names(session, ticket_id)
    left = max(0, MAX_TRIES - _tries(session, ticket_id, names, now))
    if not names:
        return Asked(State.NOBODY, left)
    if evidence.verified(session, [ticket_id]).get(ticket_id, frozenset()) & names.keys():
        return Asked(State.PASSED, left)
    if not any(names.values()):
        return Asked(State.NO_NAME, left)
    return Asked(State.OPEN if left else State.CLOSED, left)


def ask(session: Session, ticket_id: int, agent_id: int, said: str, now: dt.datetime) -> Asked:
    """Compare what somebody said with the name on record, and keep whether it agreed.

    The caller drafts anew: what may be said can have changed.

    Raises:
        ConflictError: it cannot be asked (any more).
        InvalidError: nothing was said, or far too much.
        NotFoundError: there is no such ticket of a call or a visit.
    """
    words = " ".join(said.split())
    if not any(char.isalpha() for char in words) or len(words) > MAX_CHARS:
        msg = "write down the name that was said"
        raise InvalidError(msg)
    # With the ticket locked: two who ask at once take turns, and count each other's tries.
    ticket = session.scalar(
        select(Ticket).where(Ticket.id == ticket_id, Ticket.channel.in_(SPOKEN)).with_for_update()
    )
    if ticket is None:
        msg = "there is no such ticket"
        raise NotFoundError(msg)
    if standing(session, ticket_id, now).state is not State.OPEN:
        msg = "this question cannot be asked any more"
        raise ConflictError(msg)
    names = _names(session, ticket_id)
    agreeing = [kpj for kpj, name in names.items() if name and is_same_name(words, name)]
    session.add(
        Verification(
            ticket_id=ticket_id,
            agent_id=agent_id,
            question=MOTHER_NAME,
            kpj=(agreeing or list(names))[0],
            passed=bool(agreeing),
            asked_at=now,
        )
    )
    session.flush()
    return standing(session, ticket_id, now)


def _names(session: Session, ticket_id: int) -> dict[str, str]:
    """Return the mother's name by KPJ of the participant the ticket most likely means."""
    claim_id = evidence.chosen_claim(session, ticket_id)
    if claim_id is None:
        return {}
    candidates = session.execute(
        select(CandidateRow.kpj, CandidateRow.person)
        .where(CandidateRow.claim_id == claim_id)
        .order_by(CandidateRow.rank)
    ).all()
    kpjs = [row.kpj for row in candidates if row.person == candidates[0].person]
    if not kpjs:
        return {}
    found = evidence.records(session, kpjs)
    return {kpj: found[kpj].mother_name for kpj in kpjs if kpj in found}


def _tries(session: Session, ticket_id: int, kpjs: Collection[str], now: dt.datetime) -> int:
    """Count what was asked in a ticket, and what was answered wrongly of its participant today."""
    elsewhere = and_(
        among(Verification.kpj, kpjs),
        Verification.asked_at > now - _AGAIN_AFTER,
        ~Verification.passed,
    )
    counted = select(func.count()).select_from(Verification)
    return session.scalar(counted.where(or_(Verification.ticket_id == ticket_id, elsewhere))) or 0
