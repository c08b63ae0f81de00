"""Read the claims of a ticket with their facts and candidates."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.identity.types import About, Field
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.matching.types import Evidence, RegistryRecord
from helpdesk.registry.models import RecordRow


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact, and where it was said."""

    field: Field
    value: str
    confidence: float
    message_id: int | None
    span_start: int | None
    span_end: int | None
    agent_id: int | None
    warnings: tuple[str, ...]
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A record a claim may mean."""

    person: int
    probability: float
    evidence: tuple[Evidence, ...]
    record: RegistryRecord


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with all of it."""

    id: int
    about: About
    relation: str | None
    verdict: str | None
    facts: tuple[FactView, ...]
    candidates: tuple[CandidateView, ...]


def claims_of(session: Session, ticket_id: int) -> list[ClaimView]:
    """Return the claims of a ticket in their order."""
    claims = session.execute(
        select(ClaimRow.id, ClaimRow.about, ClaimRow.relation, ClaimRow.verdict)
        .where(ClaimRow.ticket_id == ticket_id)
        .order_by(ClaimRow.position)
    ).all()
    ids = [row.id for row in claims]
    if not ids:
        return []
    facts, candidates = _facts(session, ids), _candidates(session, ids)
    return [ClaimView(*row, tuple(facts[row.id]), tuple(candidates[row.id])) for row in claims]


def _facts(session: Session, ids: list[int]) -> dict[int, list[FactView]]:
    found: dict[int, list[FactView]] = defaultdict(list)
    for row in session.execute(
        select(
            FactRow.claim_id,
            FactRow.field,
            FactRow.value,
            FactRow.confidence,
            FactRow.message_id,
            FactRow.span_start,
            FactRow.span_end,
            FactRow.agent_id,
            FactRow.warnings,
            FactRow.history,
        ).where(FactRow.claim_id.in_(ids))
    ):
        found[row[0]].append(FactView(*row[1:8], tuple(row[8]), tuple(row[9])))
    return found


def _candidates(session: Session, ids: list[int]) -> dict[int, list[CandidateView]]:
    found: dict[int, list[CandidateView]] = defaultdict(list)
    for claim_id, person, probability, evidence, record in session.execute(
        select(
            CandidateRow.claim_id,
            CandidateRow.person,
            CandidateRow.probability,
            CandidateRow.evidence,
            RecordRow,
        )
        .join(RecordRow, RecordRow.kpj == CandidateRow.kpj)
        .where(CandidateRow.claim_id.in_(ids))
        .order_by(CandidateRow.claim_id, CandidateRow.rank)
    ):
        found[claim_id].append(
            CandidateView(
                person,
                probability,
                tuple(Evidence(*line) for line in evidence),
                _record(record),
            )
        )
    return found


def _record(row: RecordRow) -> RegistryRecord:
    born = None if row.birth_day is None else dt.date.fromordinal(row.birth_day)
    return RegistryRecord(
        row.kpj, row.nik, row.full_name, row.birth_place, born,
        row.mother_name, row.employer, row.segment, row.status,
    )
