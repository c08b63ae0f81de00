"""The backlog matched again: who was not found, or not for sure, may be in a newer registry."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpdesk import jobs
from helpdesk.db import Transaction
from helpdesk.jobs import Job
from helpdesk.matching.models import CandidateRow, ClaimRow, Rematch
from helpdesk.matching.store import AssessedClaim, Assessment
from helpdesk.matching.types import Verdict
from helpdesk.registry.models import GenerationState, RegistryImport
from helpdesk.rows import among
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket

_UNSURE = (Verdict.NONE.value, Verdict.REVIEW.value)
# Who was answered was told something: their ticket is left until they write again.
_BACKLOG = (
    select(Ticket.id)
    .where(Ticket.status == TicketStatus.WAITING_AGENT, Ticket.decision.in_(_UNSURE))
    .order_by(Ticket.id)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the newest re-match is; `changed` counts tickets that are judged otherwise now."""

    registry_import_id: int
    started_at: dt.datetime
    finished_at: dt.datetime | None
    total: int
    done: int
    changed: int
    parked: int

    @property
    def running(self) -> bool:
        return self.finished_at is None


def start(tx: Transaction, *, batch: int, now: dt.datetime) -> int | None:
    """Queue the backlog if a generation serves for which that was not done; returns how many.

    One task is announced for each `batch` tickets, so that all workers take part at once.

    To be called whenever and by whomever: each time a generation begins to serve its tickets are
    queued once. Going back to an older one counts as beginning, as the backlog was matched with
    the newer one meanwhile.
    """
    session = tx.session
    serves = session.execute(_SERVES).first()
    if serves is None or _is_done(session, serves.id, serves.served_at):
        return None
    # Two who notice at once take turns; the second finds it done. SQLite's writers do so anyhow.
    lock = select(RegistryImport.id).where(RegistryImport.id == serves.id).with_for_update()
    session.execute(lock)
    if _is_done(session, serves.id, serves.served_at):
        return None
    _supersede(session, now)
    jobs.enqueue_selected(tx, Job.REMATCH, _BACKLOG, announce_every=batch, now=now)
    total = jobs.left(session, Job.REMATCH).open
    session.add(
        Rematch(
            registry_import_id=serves.id,
            # Another machine's clock may be ahead: the backlog would be queued until ours is too.
            started_at=max(now, serves.served_at or now),
            finished_at=None if total else now,
            total=total,
        )
    )
    session.flush()
    return total


def due(session: Session, ticket_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return which of these tickets still wait, unsure, with what tells whether they moved on.

    What a person answered or closed since is left alone, and so is what moves on meanwhile: who
    writes again is matched for that.
    """
    wanted = _BACKLOG.add_columns(Ticket.version, Ticket.message_count)
    rows = session.execute(wanted.where(among(Ticket.id, ticket_ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def changed(session: Session, assessments: Sequence[Assessment]) -> list[int]:
    """Return the tickets that are judged otherwise now; to be asked before they are saved.

    Otherwise: another verdict or another best person on any claim. A person is known by their KPJ,
    as numbers of persons are others in every generation.
    """
    ids = [each.ticket_id for each in assessments]
    rows = session.execute(
        select(ClaimRow.ticket_id, ClaimRow.position, ClaimRow.verdict, CandidateRow.kpj)
        .outerjoin(CandidateRow, (CandidateRow.claim_id == ClaimRow.id) & (CandidateRow.rank == 1))
        .where(among(ClaimRow.ticket_id, ids))
    )
    before: dict[int, dict[int, tuple[str | None, str | None]]] = {each: {} for each in ids}
    for ticket_id, position, verdict, kpj in rows:
        before[ticket_id][position] = verdict, kpj
    return [
        each.ticket_id
        for each in assessments
        if len(before[each.ticket_id]) != len(each.claims)
        or any(
            _differs(before[each.ticket_id].get(position, (None, None)), claim)
            for position, claim in enumerate(each.claims)
        )
    ]


def count(session: Session, tickets: int) -> None:
    """Add tickets that changed to the re-match under way."""
    if tickets:
        session.execute(
            update(Rematch)
            .where(Rematch.finished_at.is_(None))
            .values(changed=Rematch.changed + tickets)
        )


def close(session: Session, now: dt.datetime) -> None:
    """Note the end of a re-match none of whose tickets is left to do; parked ones are not."""
    under_way = session.scalar(select(Rematch.id).where(Rematch.finished_at.is_(None)).limit(1))
    if under_way is not None and not jobs.left(session, Job.REMATCH).open:
        _supersede(session, now)


def progress(session: Session) -> Progress | None:
    """Return how far the newest re-match is; None before the first."""
    row = session.scalar(select(Rematch).order_by(Rematch.id.desc()).limit(1))
    if row is None:
        return None
    left = jobs.left(session, Job.REMATCH)
    done = row.total if row.finished_at else max(row.total - left.open - left.parked, 0)
    return Progress(
        row.registry_import_id,
        row.started_at,
        row.finished_at,
        row.total,
        done,
        row.changed,
        left.parked,
    )


def _is_done(session: Session, import_id: int, served_at: dt.datetime | None) -> bool:
    """Tell whether the backlog was queued since this generation began to serve."""
    last = session.scalar(
        select(Rematch.started_at)
        .where(Rematch.registry_import_id == import_id)
        .order_by(Rematch.id.desc())
        .limit(1)
    )
    return last is not None and (served_at is None or last >= served_at)


def _supersede(session: Session, now: dt.datetime) -> None:
    session.execute(update(Rematch).where(Rematch.finished_at.is_(None)).values(finished_at=now))


def _differs(before: tuple[str | None, str | None], claim: AssessedClaim) -> bool:
    verdict, kpj = before
    candidates = claim.answer.candidates
    if verdict != claim.answer.verdict.value:
        return True
    if not candidates or kpj is None:
        return bool(candidates) or kpj is not None
    best = {each.record.kpj for each in candidates if each.person == candidates[0].person}
    return kpj not in best


_SERVES = select(RegistryImport.id, RegistryImport.served_at).where(
    RegistryImport.state == GenerationState.SERVING
)
