"""Read the claims of a ticket with their facts and candidates, ready for pages and replies."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from helpdesk.identity.types import About, Field
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.matching.records import record
from helpdesk.matching.types import Doubt, Evidence, Reckoning, RegistryRecord, Way
from helpdesk.registry import serving
from helpdesk.registry.models import RegistryImport


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact, where it was said and what saw it; a span without a message is in the subject.

    `box` is (left, top, width, height) in the pixels of the photo `attachment_id`.
    """

    field: Field
    value: str
    confidence: float
    message_id: int | None
    span_start: int | None
    span_end: int | None
    rule: str
    agent_id: int | None
    warnings: tuple[str, ...]
    history: tuple[str, ...]
    attachment_id: int | None = None
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A record a claim may mean; `person` is equal for the records of one participant."""

    person: int
    probability: float
    evidence: tuple[Evidence, ...]
    record: RegistryRecord
    way: Way = Way.NAME


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its facts and its candidates, best first.

    `doubts`, `reckoning` and `ask` are those of `types.Answer`.
    """

    id: int
    about: About
    relation: str | None
    verdict: str | None
    matched_at: dt.datetime
    facts: tuple[FactView, ...]
    candidates: tuple[CandidateView, ...]
    doubts: tuple[Doubt, ...] = ()
    reckoning: Reckoning | None = None
    ask: Field | None = None


def claims_of(session: Session, ticket_id: int) -> list[ClaimView]:
    """Return the claims of a ticket in the order of mention.

    A fact an agent removed is left out, and so is a candidate whose record has left the registry
    since.
    """
    claims: dict[int, tuple[Any, ...]] = {}
    facts: dict[int, list[FactView]] = defaultdict(list)
    said: dict[int, tuple[Any, ...]] = {}
    for row in session.connection().execute(_CLAIMS, {"ticket_id": ticket_id}):
        claims[row[0]] = tuple(row[:5])
        said[row[0]] = _said(row)
        if row.field is not None:
            facts[row[0]].append(_fact(row))
    if not claims:
        return []
    candidates: dict[int, list[CandidateView]] = defaultdict(list)
    rows = session.connection().execute(_CANDIDATES, {"ticket_id": ticket_id}).all()
    # Which generation serves came along, as one question less.
    serves = rows and rows[0][_OWN] is not None
    reader = serving.opened(session, rows[0][_OWN:]) if serves else None
    found = reader.by_kpj({row.kpj for row in rows}) if reader else {}
    for row in rows:
        if row.kpj in found:
            evidence = tuple(Evidence(*each) for each in row.evidence)
            candidates[row.claim_id].append(
                CandidateView(
                    row.person, row.probability, evidence, record(found[row.kpj]), Way(row.way)
                )
            )
    return [
        ClaimView(*(*claim, tuple(facts[number]), tuple(candidates[number]), *said[number]))
        for number, claim in claims.items()
    ]


def stated(session: Session, ticket_id: int) -> dict[int, dict[Field, str]]:
    """Return the values of a ticket's facts, by claim."""
    found: dict[int, dict[Field, str]] = defaultdict(dict)
    rows = session.execute(
        select(FactRow.claim_id, FactRow.field, FactRow.value)
        .join(ClaimRow, ClaimRow.id == FactRow.claim_id)
        .where(ClaimRow.ticket_id == ticket_id, FactRow.value != "")
    )
    for claim_id, field, value in rows:
        found[claim_id][field] = value
    return found


def _said(row: Any) -> tuple[tuple[Doubt, ...], Reckoning | None, Field | None]:  # noqa: ANN401 - a row
    """Return what stands against a match, how it is reckoned and what to ask."""
    reckoning = Reckoning(**row.reckoning) if row.reckoning else None
    return tuple(map(Doubt, row.doubts or ())), reckoning, row.ask


def _fact(row: Any) -> FactView:  # noqa: ANN401 - a row
    box = tuple(row.box) if row.box else None
    said = (tuple(row.warnings), tuple(row.history))
    return FactView(*(*row[5:13], *said, row.attachment_id, box))


_CLAIMS: Select[*tuple[Any, ...]] = (
    select(
        ClaimRow.id,
        ClaimRow.about,
        ClaimRow.relation,
        ClaimRow.verdict,
        ClaimRow.matched_at,
        FactRow.field,
        FactRow.value,
        FactRow.confidence,
        FactRow.message_id,
        FactRow.span_start,
        FactRow.span_end,
        FactRow.rule,
        FactRow.agent_id,
        FactRow.warnings,
        FactRow.history,
        FactRow.attachment_id,
        FactRow.box,
        ClaimRow.doubts,
        ClaimRow.reckoning,
        ClaimRow.ask,
    )
    .outerjoin(FactRow, and_(FactRow.claim_id == ClaimRow.id, FactRow.value != ""))
    .where(ClaimRow.ticket_id == bindparam("ticket_id"))
    .order_by(ClaimRow.position, FactRow.id)
)
_OWN = 6  # columns of a candidate, before those of the generation
_CANDIDATES: Select[*tuple[Any, ...]] = (
    select(
        CandidateRow.claim_id,
        CandidateRow.person,
        CandidateRow.probability,
        CandidateRow.evidence,
        CandidateRow.way,
        CandidateRow.kpj,
        *serving.GENERATION,
    )
    .join(ClaimRow, ClaimRow.id == CandidateRow.claim_id)
    .outerjoin(RegistryImport, serving.IS_SERVING)
    .where(ClaimRow.ticket_id == bindparam("ticket_id"))
    .order_by(CandidateRow.claim_id, CandidateRow.rank)
)
