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

    Returns `{"id", "candidates", "decision", "ms"}`, or `{"id", "error"}` for a line that cannot
    be read; `ms` is the time of this query alone.
    """
    name = line.get("id")
    try:
        query = _query(line)
    except ValueError as error:
        return {"id": name, "error": str(error)}
    began = time.perf_counter()
    answer = find(session, query, today=today)
    spent_ms = (time.perf_counter() - began) * 1_000
    return {
        "id": name,
        "candidates": _candidates(answer),
        "decision": answer.verdict.value,
        "ms": round(spent_ms, 3),
    }


def _query(line: dict[str, Any]) -> Query:
    stated = {field: _text(line.get(field), field) for field in _FIELDS}
    written = stated["birth_date"]
    day = birth_day(written) if written else None
    if written and day is None:
        msg = "birth_date is neither YYYY-MM-DD nor dd-mm-yyyy"
        raise ValueError(msg)
    return Query(
        full_name=stated["full_name"] or None,
        birth_place=stated["birth_place"] or None,
        birth_date=None if day is None else dt.date.fromordinal(day),
        nik=stated["nik"] or None,
    )


def _text(value: object, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    msg = f"{field} is neither text nor null"
    raise ValueError(msg)


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
