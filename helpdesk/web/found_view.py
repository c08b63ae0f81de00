"""What a search by hand shows of the people it found: covered as candidates are."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.matching.by_hand import Hit
from helpdesk.matching.queries import CandidateView
from helpdesk.web.candidate_view import PersonLine, person_line


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One person; `token` is what a form names them by, `weighed` whether facts were compared."""

    token: str
    person: PersonLine
    weighed: bool


def people(hits: Sequence[Hit], *, language: str) -> list[FoundLine]:
    """Lay out what was found, in its order; NIK and KPJ are covered."""
    return [
        FoundLine(
            token=hit.token,
            person=person_line(_views(hit), language=language, revealed=False),
            weighed=hit.probability is not None,
        )
        for hit in hits
    ]


def _views(hit: Hit) -> list[CandidateView]:
    return [
        CandidateView(
            person=hit.person,
            probability=hit.probability or 0.0,
            evidence=hit.evidence,
            record=record,
            way=hit.way,
        )
        for record in hit.records
    ]
