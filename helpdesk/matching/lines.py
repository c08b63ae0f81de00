"""Answer one line of `helpdesk match`."""

import datetime as dt
import time
from typing import Any

from sqlalchemy.orm import Session

from helpdesk.matching.search import find
from helpdesk.matching.types import Answer, Query
from helpdesk.registry.reader import birth_day

_FIELDS = ("full_name", "birth_place", "birth_date", "nik")


def match_line(session: Session, line: dict[str, Any], *, today: dt.date) -> dict[str, Any]:
    """Answer `{"id", "full_name", "birth_place", "birth_date", "nik"}`, each fact text or null.

    Returns `{"id", "candidates", "decision", "ms"}`; `ms` is the time of this query alone. A fact
    that cannot be read counts as not stated, and `unread` names it.
    """
    query, unread = _query(line)
    began = time.perf_counter()
    answer = find(session, query, today=today)
    spent_ms = (time.perf_counter() - began) * 1_000
    said = {
        "id": line.get("id"),
        "candidates": _candidates(answer),
        "decision": answer.verdict.value,
        "ms": round(spent_ms, 3),
    }
    return said | {"unread": unread} if unread else said


def _query(line: dict[str, Any]) -> tuple[Query, list[str]]:
    stated = {field: _text(line.get(field)) for field in _FIELDS}
    written = stated["birth_date"]
    day = birth_day(written) if written else None
    unread = [field for field, text in stated.items() if text is None]
    if written and day is None:
        unread.append("birth_date")
    query = Query(
        full_name=stated["full_name"] or None,
        birth_place=stated["birth_place"] or None,
        birth_date=None if day is None else dt.date.fromordinal(day),
        nik=stated["nik"] or None,
    )
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
            "evidence": [
                {"feature": one.feature, "level": one.level, "bits": one.bits}
                for one in each.evidence
            ],
        }
        for each in answer.candidates
    ]
