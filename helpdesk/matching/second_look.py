"""A share of the matches judged once more by somebody who does not know what the matcher said.

Without it nobody learns how often a match is wrong: who approves a reply has seen its probability.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent, AuditEvent
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from helpdesk.identity.types import Field
from helpdesk.matching import choices, store
from helpdesk.matching.choices import NOBODY
from helpdesk.matching.intervals import wilson
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow, SecondLook
from helpdesk.matching.records import people
from helpdesk.matching.store import Assessment
from helpdesk.matching.types import Verdict
from helpdesk.registry import serving
from helpdesk.registry.serving import Found
from helpdesk.rows import among, insert_rows, on_both
from helpdesk.tickets import service as tickets
from helpdesk.tickets import states
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket

RECENT = 20  # looks listed on the matching page


@dataclass(frozen=True, slots=True)
class Shown:
    """One person in a look, with all their records; a form names them by `mark`."""

    mark: str
    records: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody judges: what was stated, and who could be meant, in no order at all.

    The person matched is among the people, unless they have left the registry since.
    """

    id: int
    facts: Mapping[Field, str]
    people: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a look; `claim_id` is None where the claim is not there any more."""

    ticket_id: int
    claim_id: int | None
    agrees: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A look that is done; `nobody`: none of the people shown was said to be meant."""

    id: int
    ticket_id: int
    agrees: bool
    nobody: bool
    probability: float
    agent_name: str
    looked_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """How looks agree with the matcher; `low` and `high` bound the share with 95 % confidence."""

    open: int
    looked: int
    agreed: int
    low: float
    high: float
    recent: tuple[Outcome, ...]

    @property
    def share(self) -> float | None:
        return self.agreed / self.looked if self.looked else None


def save(
    session: Session,
    assessments: Sequence[Assessment],
    *,
    share: float,
    dice: Callable[[], float],
    now: dt.datetime,
) -> None:
    """Save assessments, and draw a share of the claims that become a match to be looked at again.

    Args:
        session: of a writing transaction.
        assessments: as of `service.assess`.
        share: of the new matches, in [0, 1]; one that was drawn before is not drawn again.
        dice: gives numbers in [0, 1) that nobody can foresee: who could, would know which wrong
            match is never looked at.
        now: aware.
    """
    matches = _new_matches(session, assessments) if share else []
    store.save(session, assessments, now=now)
    drawn = [{**each, "drawn_at": now} for each in matches if dice() < share]
    if drawn:
        insert_rows(session, _INSERT, drawn)


def next_for(session: Session, agent_id: int) -> int | None:
    """Return the oldest open look this agent can take blindly; None if there is none."""
    return session.scalar(
        select(SecondLook.id)
        .where(SecondLook.looked_at.is_(None), ~_knows(agent_id))
        .order_by(SecondLook.id)
        .limit(1)
    )


def read(session: Session, look_id: int, agent_id: int, key: bytes) -> Look:
    """Return what an agent is to judge.

    The order of the people follows from `key` and the look alone: the same when the page is loaded
    again, and nothing the candidates' order could be read from.

    Raises:
        ConflictError: somebody has looked already.
        ForbiddenError: this agent has worked on the ticket, or looked at it.
        NotFoundError: there is no such look.
    """
    return _look(session, _open(session, look_id, agent_id), key)


def judge(
    session: Session, look_id: int, agent_id: int, key: bytes, wanted: str, now: dt.datetime
) -> Judged:
    """Keep whom an agent says is meant; `wanted` is the mark of a record shown, "" is nobody.

    Whoever disagrees with the matcher has chosen: the choice stands on the ticket, so that it is
    no match any more, and the ticket is our turn again. The caller assesses it afterwards.

    Raises:
        ConflictError: somebody has looked already.
        ForbiddenError: this agent has worked on the ticket, or looked at it.
        InvalidError: none of the people shown is meant by this.
        NotFoundError: there is no such look.
    """
    row = _open(session, look_id, agent_id, lock=True)
    chosen = _chosen(_look(session, row, key), row.kpj, wanted)
    row.chosen_kpj, row.agent_id, row.looked_at = chosen, agent_id, now
    session.flush()
    claim_id = _claim_id(session, row)
    agrees = chosen == row.kpj
    if not agrees:
        if claim_id is not None:
            choices.choose(session, row.ticket_id, claim_id, chosen, agent_id, now)
        _call_back(session, row.ticket_id, now)
    return Judged(row.ticket_id, claim_id, agrees)


def summary(session: Session) -> Summary:
    """Return how often looks agreed with the matcher, and the newest of them."""
    waiting, looked, agreed = session.execute(
        select(
            func.count().filter(SecondLook.looked_at.is_(None)),
            func.count().filter(SecondLook.looked_at.is_not(None)),
            func.count().filter(SecondLook.chosen_kpj == SecondLook.kpj),
        )
    ).one()
    rows = session.execute(
        select(SecondLook, Agent.name)
        .join(Agent, Agent.id == SecondLook.agent_id)
        .where(SecondLook.looked_at.is_not(None))
        .order_by(SecondLook.looked_at.desc(), SecondLook.id.desc())
        .limit(RECENT)
    )
    recent = tuple(_outcome(row, name) for row, name in rows)
    return Summary(waiting, looked, agreed, *wilson(agreed, looked), recent)


def _new_matches(session: Session, assessments: Sequence[Assessment]) -> list[dict[str, Any]]:
    """Return looks at the claims that are a match now and are none yet."""
    found = {
        (each.ticket_id, position): claim.answer.candidates[0]
        for each in assessments
        for position, claim in enumerate(each.claims)
        if claim.answer.verdict is Verdict.MATCH and claim.answer.candidates
    }
    if not found:
        return []
    rows = session.execute(
        select(ClaimRow.ticket_id, ClaimRow.position).where(
            among(ClaimRow.ticket_id, {ticket_id for ticket_id, _ in found}),
            ClaimRow.verdict == Verdict.MATCH.value,
        )
    )
    known = {(row.ticket_id, row.position) for row in rows}
    return [
        {
            "ticket_id": where[0],
            "position": where[1],
            "kpj": best.record.kpj,
            "probability": min(best.probability, 1.0),
        }
        for where, best in found.items()
        if where not in known
    ]


def _knows(agent_id: int) -> ColumnElement[bool]:
    """Return the condition that an agent is no blind judge of a look.

    Who has so much as opened the ticket has seen what the matcher says, and left a line.
    """
    touched = select(AuditEvent.id).where(
        AuditEvent.subject_type == "ticket",
        AuditEvent.subject_id == SecondLook.ticket_id,
        AuditEvent.agent_id == agent_id,
    )
    theirs = select(Ticket.id).where(
        Ticket.id == SecondLook.ticket_id, Ticket.assignee_id == agent_id
    )
    return or_(touched.exists(), theirs.exists())


def _open(session: Session, look_id: int, agent_id: int, *, lock: bool = False) -> SecondLook:
    wanted = (
        select(SecondLook, _knows(agent_id).label("knows"))
        .where(SecondLook.id == look_id)
        .execution_options(populate_existing=True)
    )
    found = session.execute(wanted.with_for_update(of=SecondLook) if lock else wanted).first()
    if found is None:
        msg = "there is no such second look"
        raise NotFoundError(msg)
    if found[0].looked_at is not None:
        msg = "somebody else has taken this second look already"
        raise ConflictError(msg)
    if found.knows:
        msg = "you have seen this ticket; somebody who has not must take this second look"
        raise ForbiddenError(msg)
    look: SecondLook = found[0]
    return look


def _look(session: Session, row: SecondLook, key: bytes) -> Look:
    claim_id = _claim_id(session, row)
    facts = session.execute(
        select(FactRow.field, FactRow.value).where(
            FactRow.claim_id == claim_id, FactRow.value != ""
        )
    )
    kpjs = session.scalars(select(CandidateRow.kpj).where(CandidateRow.claim_id == claim_id))
    reader = serving.serving(session)
    found = people(reader, {row.kpj, *kpjs}).values() if reader else ()
    shuffled = sorted(found, key=lambda each: choices.mark(key, f"{row.id} {each[0].kpj}"))
    shown = (Shown(choices.mark(key, each[0].kpj), each) for each in shuffled)
    return Look(row.id, {each.field: each.value for each in facts}, tuple(shown))


def _claim_id(session: Session, row: SecondLook) -> int | None:
    return session.scalar(
        select(ClaimRow.id).where(
            and_(ClaimRow.ticket_id == row.ticket_id, ClaimRow.position == row.position)
        )
    )


def _chosen(look: Look, matched: str, wanted: str) -> str:
    """Return the KPJ of whom a mark names; that of the match, if it is the same person."""
    if not wanted:
        return NOBODY
    for shown in look.people:
        if shown.mark == wanted:
            kpjs = [each.kpj for each in shown.records]
            return matched if matched in kpjs else kpjs[0]
    msg = "this form is damaged; load the page again"
    raise InvalidError(msg)


def _call_back(session: Session, ticket_id: int, now: dt.datetime) -> None:
    """Make it our turn again, unless it is, or the ticket was set aside."""
    status, version = session.execute(
        select(Ticket.status, Ticket.version).where(Ticket.id == ticket_id)
    ).one()
    answered = status in {TicketStatus.WAITING_PARTICIPANT, TicketStatus.CLOSED}
    if answered and states.may_become(status, TicketStatus.WAITING_AGENT):
        tickets.reopen(session, ticket_id, version, now)


def _outcome(row: SecondLook, agent_name: str) -> Outcome:
    assert row.looked_at is not None  # noqa: S101 - asked for in `summary`
    return Outcome(
        id=row.id,
        ticket_id=row.ticket_id,
        agrees=row.chosen_kpj == row.kpj,
        nobody=row.chosen_kpj == NOBODY,
        probability=row.probability,
        agent_name=agent_name,
        looked_at=row.looked_at,
    )


_INSERT = on_both(lambda dialect: dialect.insert(SecondLook.__table__).on_conflict_do_nothing())
