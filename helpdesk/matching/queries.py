"""Read the claims of a ticket with their facts and candidates, ready for pages and replies."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.identity.types import About, Field
from helpdesk.matching import search
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.matching.types import Evidence, RegistryRecord
from helpdesk.registry import lookup


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact and where it was said; a span without a message is in the subject."""

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
    """A record a claim may mean; `person` is equal for the records of one participant."""

    person: int
    probability: float
    evidence: tuple[Evidence, ...]
    record: RegistryRecord


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its facts and its candidates, best first."""

    id: int
    about: About
    relation: str | None
    verdict: str | None
    matched_at: dt.datetime
    facts: tuple[FactView, ...]
    candidates: tuple[CandidateView, ...]


def claims_of(session: Session, ticket_id: int) -> list[ClaimView]:
    """Return the claims of a ticket in the order of mention.

    Four queries. A fact an agent removed is left out, and so is a candidate whose record has left
    the registry since.
    """
    claims = session.execute(
        select(
            ClaimRow.id, ClaimRow.about, ClaimRow.relation, ClaimRow.verdict, ClaimRow.matched_at
        )
        .where(ClaimRow.ticket_id == ticket_id)
        .order_by(ClaimRow.position)
    ).all()
    ids = [row.id for row in claims]
    if not ids:
        return []
    facts, candidates = _facts(session, ids), _candidates(session, ids)
    return [ClaimView(*row, tuple(facts[row.id]), tuple(candidates[row.id])) for row in claims]


def _facts(session: Session, claim_ids: Sequence[int]) -> dict[int, list[FactView]]:
    found: dict[int, list[FactView]] = defaultdict(list)
    rows = session.execute(
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
        )
        .where(FactRow.claim_id.in_(claim_ids), FactRow.value != "")
        .order_by(FactRow.id)
    )
    for row in rows:
        found[row[0]].append(FactView(*row[1:8], tuple(row.warnings), tuple(row.history)))
    return found


def _candidates(session: Session, claim_ids: Sequence[int]) -> dict[int, list[CandidateView]]:
    rows = session.execute(
        select(
            CandidateRow.claim_id,
            CandidateRow.kpj,
            CandidateRow.person,
            CandidateRow.probability,
            CandidateRow.evidence,
        )
        .where(CandidateRow.claim_id.in_(claim_ids))
        .order_by(CandidateRow.claim_id, CandidateRow.rank)
    ).all()
    wanted = list({row.kpj for row in rows})
    records = {row.kpj: search.record(row) for row in lookup.by_kpjs(session, wanted)}
    found: dict[int, list[CandidateView]] = defaultdict(list)
    for row in rows:
        if row.kpj in records:
            evidence = tuple(Evidence(*each) for each in row.evidence)
            view = CandidateView(row.person, row.probability, evidence, records[row.kpj])
            found[row.claim_id].append(view)
    return found
