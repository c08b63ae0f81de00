"""Keep trained weights as proposals; a person decides which of them the matcher uses."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from helpdesk.accounts import audit
from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.matching.models import WeightsRow
from helpdesk.matching.score import Weights, shipped_data, shipped_weights

_TRUSTED_S = 1.0  # for so long nobody asks again: an answer takes less than asking does
PROPOSED, ACCEPTED, REFUSED = "proposed", "accepted", "refused"


@dataclass(frozen=True, slots=True)
class Kept:
    """Weights that were trained here, and what became of them."""

    id: int
    state: str
    data: Mapping[str, Any]
    report: Mapping[str, Any]
    trained_at: dt.datetime
    decided_at: dt.datetime | None
    agent_id: int | None


class _Held(NamedTuple):
    """Which weights a process uses, None the shipped ones, and when it asked."""

    id: int | None
    weights: Weights
    looked_at_s: float


def active(session: Session) -> Weights:
    """Return the weights in use: those accepted last, else the shipped ones.

    The same for all of a session, so that one answer is reckoned with one set of weights; what
    another process accepts is in use a second later.
    """
    if "weights" not in session.info:
        session.info["weights"] = _active(session)
    weights: Weights = session.info["weights"]
    return weights


def active_data(session: Session) -> Mapping[str, Any]:
    """Return the weights in use as `weights.json` holds them, to train on from there."""
    found = active_id(session)
    return shipped_data() if found is None else get(session, found).data


def active_id(session: Session) -> int | None:
    """Return which weights are in use; None for the shipped ones."""
    return session.scalar(_IN_USE)


def propose(
    session: Session, data: Mapping[str, Any], report: Mapping[str, Any], *, now: dt.datetime
) -> int:
    """Keep weights for a person to decide on, with what they were measured to be; returns the id.

    Raises:
        ValueError: they are not complete.
    """
    Weights.from_data(data)
    row = WeightsRow(state=PROPOSED, data=dict(data), report=dict(report), trained_at=now)
    session.add(row)
    session.flush()
    return row.id


def accept(
    session: Session, weights_id: int, agent_id: int | None, now: dt.datetime, *, key: bytes
) -> None:
    """Use these weights from now on; weights accepted before may be accepted again.

    Args:
        session: in a transaction of the shell's.
        weights_id: which.
        agent_id: who decides; None for the command line.
        now: aware.
        key: of the trail, from `audit.key_from`.

    Raises:
        ConflictError: they are in use already, or were refused.
        NotFoundError: there are no such weights.
    """
    row = _locked(session, weights_id)
    if row.state == REFUSED:
        msg = f"weights {weights_id} were refused; train again"
        raise ConflictError(msg)
    if active_id(session) == weights_id:
        msg = f"weights {weights_id} are in use already"
        raise ConflictError(msg)
    _decide(session, row, ACCEPTED, agent_id, now, key)


def refuse(
    session: Session, weights_id: int, agent_id: int | None, now: dt.datetime, *, key: bytes
) -> None:
    """Do not use these weights, or no longer; then those accepted before them serve again.

    Raises:
        ConflictError: they were refused already.
        NotFoundError: there are no such weights.
    """
    row = _locked(session, weights_id)
    if row.state == REFUSED:
        msg = f"weights {weights_id} were refused already"
        raise ConflictError(msg)
    _decide(session, row, REFUSED, agent_id, now, key)


def kept(session: Session, *, limit: int = 20) -> list[Kept]:
    """Return the weights trained here, newest first."""
    rows = session.execute(_KEPT.order_by(WeightsRow.id.desc()).limit(limit))
    return [Kept(*row) for row in rows]


def get(session: Session, weights_id: int) -> Kept:
    """Return one set of weights.

    Raises:
        NotFoundError: there are no such weights.
    """
    row = session.execute(_KEPT.where(WeightsRow.id == weights_id)).first()
    if row is None:
        raise NotFoundError(_missing(weights_id))
    return Kept(*row)


def _active(session: Session) -> Weights:
    pool, now_s = session.get_bind().engine.pool, time.monotonic()
    held = _HELD.get(pool)
    if held is None or now_s - held.looked_at_s > _TRUSTED_S:
        found = active_id(session)
        if held is None or held.id != found:
            weights = shipped_weights()
            if found is not None:
                weights = Weights.from_data(get(session, found).data)
        else:
            weights = held.weights
        held = _HELD[pool] = _Held(found, weights, now_s)
    return held.weights


def _locked(session: Session, weights_id: int) -> WeightsRow:
    row = session.get(WeightsRow, weights_id, with_for_update=True)
    if row is None:
        raise NotFoundError(_missing(weights_id))
    return row


def _decide(
    session: Session,
    row: WeightsRow,
    state: str,
    agent_id: int | None,
    now: dt.datetime,
    key: bytes,
) -> None:
    row.state, row.agent_id, row.decided_at = state, agent_id, now
    session.flush()
    session.info.pop("weights", None)
    _HELD.pop(session.get_bind().engine.pool, None)
    audit.record(
        session,
        key=key,
        now=now,
        agent_id=agent_id,
        action="weights.accept" if state == ACCEPTED else "weights.refuse",
        subject_type="weights",
        subject_id=row.id,
    )


def _missing(weights_id: int) -> str:
    return f"there are no weights {weights_id}; see: helpdesk matching show"


_HELD: WeakKeyDictionary[Pool, _Held] = WeakKeyDictionary()  # by database
_IN_USE = (
    select(WeightsRow.id)
    .where(WeightsRow.state == ACCEPTED)
    .order_by(WeightsRow.decided_at.desc(), WeightsRow.id.desc())
    .limit(1)
)
_KEPT: Select[Any] = select(
    WeightsRow.id,
    WeightsRow.state,
    WeightsRow.data,
    WeightsRow.report,
    WeightsRow.trained_at,
    WeightsRow.decided_at,
    WeightsRow.agent_id,
)
