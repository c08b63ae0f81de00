"""What agents say a claim means: one of its candidates, a record found by hand, or nobody.

Nothing here looks for records again: whoever makes a choice assesses the ticket afterwards.

A choice is an opinion, not a fact, and opens nothing. What may be told rests on the stated facts
and the matcher's verdict as before, and an overruled matcher never says *match*: a reply shows no
number then, and an agent who is sure asks for, or corrects, the fact that is wrong.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.matching.models import CandidateRow, ChoiceRow, ClaimRow
from helpdesk.registry import serving
from helpdesk.rows import among
from helpdesk.tickets.models import Ticket

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which person a claim means: whom one of their KPJ names, or NOBODY.

    `best_kpj` names whom the matcher held for best then; NOBODY if it found none.
    """

    id: int
    kpj: str
    best_kpj: str
    agent_id: int
    made_at: dt.datetime

    @property
    def overrules(self) -> bool:
        """Whether the agent named another person than the matcher."""
        return self.kpj not in {NOBODY, self.best_kpj}

    def rejects(self, best: Collection[str]) -> bool:
        """Tell whether "none of these" was said of the person with these KPJ too.

        It was said of who was there to see. When a newer registry brings somebody else to the
        top, nobody has judged them yet.
        """
        return self.kpj == NOBODY and self.best_kpj in best


def newest(session: Session, ticket_ids: Collection[int]) -> dict[tuple[int, int], Choice]:
    """Return the choices that count, by ticket and position of the claim."""
    rows = session.execute(
        select(
            ChoiceRow.ticket_id,
            ChoiceRow.position,
            ChoiceRow.id,
            ChoiceRow.kpj,
            ChoiceRow.best_kpj,
            ChoiceRow.agent_id,
            ChoiceRow.made_at,
        )
        .where(among(ChoiceRow.ticket_id, ticket_ids))
        .order_by(ChoiceRow.id)
    )
    return {(row.ticket_id, row.position): Choice(*row[2:]) for row in rows}


def choose(
    session: Session, ticket_id: int, claim_id: int, kpj: str, agent_id: int, now: dt.datetime
) -> Choice:
    """Note that a claim means the person with this KPJ, or NOBODY; the older choice is kept.

    The ticket gets a new version: whoever has it open finds that somebody was there.

    Raises:
        ConflictError: the registry does not have this KPJ any more.
        NotFoundError: the ticket has no such claim.
    """
    position = _position(session, ticket_id, claim_id)
    reader = serving.serving(session)
    found = reader.by_kpj([kpj]) if reader and kpj else {}
    if kpj and kpj not in found:
        msg = "the registry does not have this record any more; load the page again"
        raise ConflictError(msg)
    best_kpj, probability = _best(session, ticket_id, position, claim_id)
    if kpj and reader and best_kpj:
        best = reader.by_kpj([best_kpj]).get(best_kpj)
        kpj = best_kpj if best is not None and best.person == found[kpj].person else kpj
    row = ChoiceRow(
        ticket_id=ticket_id,
        position=position,
        kpj=kpj,
        best_kpj=best_kpj,
        probability=probability,
        agent_id=agent_id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    _count(session, ticket_id, now)
    return Choice(row.id, kpj, best_kpj, agent_id, now)


def take_back(session: Session, ticket_id: int, claim_id: int, now: dt.datetime) -> None:
    """Delete the choice that counts; the one before it, if any, counts again.

    Raises:
        ConflictError: there is none (any more).
        NotFoundError: the ticket has no such claim.
    """
    position = _position(session, ticket_id, claim_id)
    stands = newest(session, [ticket_id]).get((ticket_id, position))
    if stands is None:
        msg = "somebody else has taken this back already"
        raise ConflictError(msg)
    session.execute(delete(ChoiceRow).where(ChoiceRow.id == stands.id))
    _count(session, ticket_id, now)


def candidate(session: Session, claim_id: int, person: int | None, seen: dt.datetime) -> str:
    """Return a KPJ of the candidate that a form names by person, NOBODY for None.

    Args:
        session: of a writing transaction.
        claim_id: whose candidates.
        person: as in the rows of the candidates.
        seen: when the claim was matched that the agent saw.

    Raises:
        ConflictError: it was matched again since: other people may have these numbers now.
        InvalidError: no candidate has this number.
    """
    # Locked with its ticket: a re-match at this moment waits, and finds the choice.
    matched_at = session.scalar(
        select(ClaimRow.matched_at)
        .join(Ticket, Ticket.id == ClaimRow.ticket_id)
        .where(ClaimRow.id == claim_id)
        .with_for_update()
    )
    if matched_at != seen:
        msg = "the candidates changed since you opened the page; compare, then choose again"
        raise ConflictError(msg)
    if person is None:
        return NOBODY
    kpj = session.scalar(
        select(CandidateRow.kpj)
        .where(CandidateRow.claim_id == claim_id, CandidateRow.person == person)
        .order_by(CandidateRow.rank)
        .limit(1)
    )
    if kpj is None:
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    return kpj


def key_from(secret: str) -> bytes:
    """Derive the key of marks from the installation's secret."""
    return hmac.digest(secret.encode(), b"choices", hashlib.sha256)


def mark(key: bytes, kpj: str) -> str:
    """Return what tells a record from others where its KPJ must not stand.

    "k" and 16 hexadecimal digits; whoever has the key and a KPJ can tell whether it is this one.
    """
    return "k" + hmac.new(key, kpj.encode(), hashlib.sha256).hexdigest()[:16]


def _position(session: Session, ticket_id: int, claim_id: int) -> int:
    """Return where a claim stands, with its ticket locked: two who choose at once take turns."""
    session.execute(select(Ticket.id).where(Ticket.id == ticket_id).with_for_update())
    position = session.scalar(
        select(ClaimRow.position).where(ClaimRow.id == claim_id, ClaimRow.ticket_id == ticket_id)
    )
    if position is None:
        msg = "this ticket has no such claim any more; load the page again"
        raise NotFoundError(msg)
    return position


def _best(session: Session, ticket_id: int, position: int, claim_id: int) -> tuple[str, float]:
    """Return whom the matcher holds for best, and how probable that is.

    Where a choice of somebody stands the candidates show that one, and what the matcher said is
    kept in it; where nobody was chosen, what is shown is the matcher's again.
    """
    stands = session.execute(
        select(ChoiceRow.best_kpj, ChoiceRow.probability, ChoiceRow.kpj)
        .where(ChoiceRow.ticket_id == ticket_id, ChoiceRow.position == position)
        .order_by(ChoiceRow.id.desc())
        .limit(1)
    ).first()
    first = session.execute(
        select(CandidateRow.kpj, CandidateRow.probability)
        .where(CandidateRow.claim_id == claim_id)
        .order_by(CandidateRow.rank)
        .limit(1)
    ).first()
    found = first if stands is None or (first and stands.kpj == NOBODY) else stands
    return (found[0], found[1]) if found else (NOBODY, 0.0)


def _count(session: Session, ticket_id: int, now: dt.datetime) -> None:
    session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id)
        .values(version=Ticket.version + 1, updated_at=now)
    )
