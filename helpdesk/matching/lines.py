"""Answer one line of `helpdesk match`."""

import datetime as dt
import time
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from helpdesk.identity.types import Field
from helpdesk.matching import weights_store
from helpdesk.matching.score import Thresholds
from helpdesk.matching.search import find
from helpdesk.matching.stated import query_of
from helpdesk.matching.types import Answer, Query
from helpdesk.registry.serving import serving

_FIELDS = (Field.FULL_NAME, Field.BIRTH_PLACE, Field.BIRTH_DATE, Field.NIK)


def match_line(
    session: Session, line: dict[str, Any], *, today: dt.date, limits: Thresholds
) -> dict[str, Any]:
    """Answer `{"id", "full_name", "birth_place", "birth_date", "nik"}`, each fact text or null.

    Returns `{"id", "candidates", "decision", "ms", "doubts", "ask", "reckoning"}`; `ms` is the
    time of this query alone, not that of opening the registry and the weights. A fact that cannot
    be read counts as not stated, and `unread` names it.
    """
    query, unread = _query(line)
    serving(session)
    weights_store.active(session)
    began = time.perf_counter()
    answer = find(session, query, today=today, limits=limits)
    spent_ms = (time.perf_counter() - began) * 1_000
    said = {
        "id": line.get("id"),
        "candidates": _candidates(answer),
        "decision": answer.verdict.value,
        "ms": round(spent_ms, 3),
        "doubts": [each.value for each in answer.doubts],
        "ask": answer.ask.value if answer.ask else None,
        "reckoning": asdict(answer.reckoning) if answer.reckoning else None,
    }
    return said | {"unread": unread} if unread else said


def _query(line: dict[str, Any]) -> tuple[Query, list[str]]:
    stated = {field: _text(line.get(field)) for field in _FIELDS}
    unread: list[str] = [field.value for field, text in stated.items() if text is None]
    query = query_of({field: text or "" for field, text in stated.items()})
    if stated[Field.BIRTH_DATE] and query.birth_date is None:
        unread.append(Field.BIRTH_DATE.value)
    return query, unread


def _text(value: object) -> str | None:
    """Return a fact as text, "" if it is not stated, None if it is neither text nor number."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _candidates(answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "kpj": each.record.kpj,
            "probability": round(each.probability, 6),
            "person": each.person,
            "way": each.way.value,
            "evidence": [
                {
                    "feature": one.feature,
                    "level": one.level,
                    "bits": round(one.bits, 2),
                    "agreement": one.agreement,
                    "rarity": one.rarity,
                }
                for one in each.evidence
            ],
        }
        for each in answer.candidates
    ]
