"""Keep what was assessed: claims, facts, candidates, and what the queue shows of them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpdesk.identity.types import About, Fact, Field
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.matching.types import Answer, Verdict
from helpdesk.rows import among, insert_rows, on_both, update_rows
from helpdesk.tickets.models import Ticket

SURE = 0.8  # from this confidence on a fact counts as stated in the queue

_LETTERS = (
    (Field.FULL_NAME, "n"),
    (Field.BIRTH_PLACE, "p"),
    (Field.BIRTH_DATE, "d"),
    (Field.NIK, "i"),
)
_WEAKEST_FIRST = (Verdict.NONE, Verdict.REVIEW, Verdict.MATCH)

_Values: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AssessedFact:
    """A fact with the message that said it, or the agent who entered it ("" removes a fact).

    `attachment_id` is the photo that `fact.box` is in.
    """

    fact: Fact
    message_id: int | None
    agent_id: int | None
    attachment_id: int | None = None


@dataclass(frozen=True, slots=True)
class AssessedClaim:
    """A claim and the records it may mean; `choice_id` is an agent's choice that was heeded."""

    about: About
    relation: str | None
    facts: tuple[AssessedFact, ...]
    answer: Answer
    choice_id: int | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything one ticket claims, in the order of mention."""

    ticket_id: int
    claims: tuple[AssessedClaim, ...]


def save(session: Session, assessments: Sequence[Assessment], *, now: dt.datetime) -> None:
    """Replace claims, facts and candidates of these tickets and what their queue rows show.

    A claim keeps its id as long as its ticket has one at its position, so that an agent's open
    page and a draft go on pointing to it. A ticket whose summary changed has a new version,
    unless this is its first.
    """
    if not assessments:
        return
    kept = _clear(session, assessments)
    ids = _claim_ids(session, assessments, kept, now)
    facts = [
        row
        for each in assessments
        for position, claim in enumerate(each.claims)
        for row in _fact_rows(ids[each.ticket_id, position], claim.facts)
    ]
    candidates = [
        row
        for each in assessments
        for position, claim in enumerate(each.claims)
        for row in _candidate_rows(ids[each.ticket_id, position], claim.answer)
    ]
    if facts:
        insert_rows(session, _INSERT_FACTS, facts)
    if candidates:
        insert_rows(session, _INSERT_CANDIDATES, candidates)
    _summarise(session, assessments)


def _clear(session: Session, assessments: Sequence[Assessment]) -> dict[tuple[int, int], int]:
    """Delete what is replaced; return the claims that stay, by ticket and position."""
    counts = {each.ticket_id: len(each.claims) for each in assessments}
    found = session.execute(
        select(ClaimRow.id, ClaimRow.ticket_id, ClaimRow.position).where(
            among(ClaimRow.ticket_id, counts)
        )
    ).all()
    if not found:
        return {}
    ids = [row.id for row in found]
    core = {"synchronize_session": False}
    for table in (CandidateRow, FactRow):
        session.execute(delete(table).where(among(table.claim_id, ids)), execution_options=core)
    gone = [row.id for row in found if row.position >= counts[row.ticket_id]]
    if gone:
        session.execute(delete(ClaimRow).where(among(ClaimRow.id, gone)), execution_options=core)
    session.expire_all()  # a fact an agent has just entered is among what was deleted
    left = set(ids) - set(gone)
    return {(row.ticket_id, row.position): row.id for row in found if row.id in left}


def _claim_ids(
    session: Session,
    assessments: Sequence[Assessment],
    kept: Mapping[tuple[int, int], int],
    now: dt.datetime,
) -> dict[tuple[int, int], int]:
    """Update the claims that stay, insert the others, and return the id of each."""
    rows = {
        (each.ticket_id, position): {
            "ticket_id": each.ticket_id,
            "position": position,
            "about": claim.about,
            "relation": claim.relation,
            "verdict": claim.answer.verdict.value,
            "doubts": [each.value for each in claim.answer.doubts],
            "reckoning": asdict(claim.answer.reckoning) if claim.answer.reckoning else None,
            "ask": claim.answer.ask,
            "matched_at": now,
        }
        for each in assessments
        for position, claim in enumerate(each.claims)
    }
    update_rows(
        session,
        ClaimRow,
        [{"id": kept[where], **row} for where, row in rows.items() if where in kept],
    )
    new = [row for where, row in rows.items() if where not in kept]
    ids = dict(kept)
    if new:
        made = insert_rows(session, _INSERT_CLAIMS, new)
        ids.update(((row.ticket_id, row.position), row.id) for row in made)
    return ids


def _fact_rows(claim_id: int, facts: Iterable[AssessedFact]) -> Iterator[_Values]:
    for each in facts:
        fact, span = each.fact, each.fact.span
        yield {
            "claim_id": claim_id,
            "field": fact.field,
            "value": fact.value,
            "confidence": fact.confidence,
            "message_id": each.message_id,
            "span_start": span.start if span else None,
            "span_end": span.end if span else None,
            "attachment_id": each.attachment_id,
            "box": list(fact.box) if fact.box and each.attachment_id else None,
            "rule": fact.rule,
            "agent_id": each.agent_id,
            "warnings": list(fact.warnings),
            "history": list(fact.history),
        }


def _candidate_rows(claim_id: int, answer: Answer) -> Iterator[_Values]:
    for rank, candidate in enumerate(answer.candidates, start=1):
        yield {
            "claim_id": claim_id,
            "rank": rank,
            "kpj": candidate.record.kpj,
            "person": candidate.person,
            "probability": min(candidate.probability, 1.0),
            "way": candidate.way.value,
            "evidence": [
                [each.feature, each.level, each.agreement, each.rarity]
                for each in candidate.evidence
            ],
        }


def _summarise(session: Session, assessments: Sequence[Assessment]) -> None:
    """Write what the queue shows, and count a change of it as one an agent could collide with."""
    table = Ticket.__table__.c
    columns = (table.claim_count, table.claim_facts, table.best_probability, table.decision)
    rows = session.execute(
        select(table.id, table.version, *columns).where(
            among(table.id, [each.ticket_id for each in assessments])
        )
    )
    stored = {row.id: row for row in rows}
    changed = []
    for each in assessments:
        old = stored[each.ticket_id]
        new = _summary(each)
        if tuple(old[2:]) != new:
            moved = int(old.decision is not None)
            changed.append(
                {
                    "id": each.ticket_id,
                    "version": old.version + moved,
                    **dict(zip(_SUMMARY, new, strict=True)),
                }
            )
    update_rows(session, Ticket, changed)


def _summary(each: Assessment) -> tuple[int, str, float | None, str]:
    """Return a ticket's row in the queue: its claim that is worst off speaks for it."""
    claims = [claim for claim in each.claims if any(one.fact.value for one in claim.facts)]
    if not claims:
        return 0, "----", None, Verdict.NONE.value
    verdicts = [claim.answer.verdict for claim in claims]
    chances = [
        min(claim.answer.candidates[0].probability, 1.0) if claim.answer.candidates else 0.0
        for claim in claims
    ]
    letters = [_stated(claim) for claim in claims]
    return (
        len(claims),
        min(letters, key=lambda text: sum(letter not in "-?" for letter in text)),
        min(chances),
        min(verdicts, key=_WEAKEST_FIRST.index).value,
    )


def _stated(claim: AssessedClaim) -> str:
    facts = {each.fact.field: each.fact for each in claim.facts if each.fact.value}
    return "".join(
        "-" if field not in facts else letter if facts[field].confidence >= SURE else "?"
        for field, letter in _LETTERS
    )


_INSERT_CLAIMS = on_both(
    lambda dialect: dialect.insert(ClaimRow.__table__).returning(
        ClaimRow.id, ClaimRow.ticket_id, ClaimRow.position
    )
)
_INSERT_FACTS = on_both(lambda dialect: dialect.insert(FactRow.__table__))
_INSERT_CANDIDATES = on_both(lambda dialect: dialect.insert(CandidateRow.__table__))
_SUMMARY = ("claim_count", "claim_facts", "best_probability", "decision")
