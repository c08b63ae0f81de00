"""The row of an import: who builds, how far it is, and which generation serves."""

import datetime as dt
from dataclasses import asdict
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from helpdesk import process
from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.registry import keys
from helpdesk.registry.layout import Layout
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport
from helpdesk.registry.report import Progress, Report

LOST = "this import was silent for so long that another took over"
SILENT_S = 120  # an import that did not say for so long that it lives has died

_KEPT = (GenerationState.SERVING, GenerationState.RETIRED)


class Origin(NamedTuple):
    """Where an import comes from."""

    kind: ImportKind
    source: str
    digest: str
    agent_id: int | None


class Built(NamedTuple):
    """What an import made."""

    layout: Layout
    report: Report


def begin(session: Session, origin: Origin, holder: str, now: dt.datetime) -> int:
    """Return the number of a new import; one that died is ended on the way.

    Raises:
        ConflictError: another one runs.
    """
    running = session.scalars(
        select(RegistryImport).where(RegistryImport.state == GenerationState.BUILDING)
    ).first()
    if running is not None:
        silent_s = (now - running.beat_at).total_seconds()
        if silent_s < SILENT_S and not process.is_dead(running.holder):
            raise ConflictError(busy())
        end(session, running.id, GenerationState.FAILED, "it was cut off", now)
    row = RegistryImport(
        state=GenerationState.BUILDING,
        kind=origin.kind,
        source=origin.source,
        digest=origin.digest,
        holder=holder,
        agent_id=origin.agent_id,
        started_at=now,
        beat_at=now,
        key_version=keys.VERSION,
    )
    session.add(row)
    session.flush()
    return row.id


def busy() -> str:
    """Say that another import runs."""
    return "another import of the registry is running; wait until it has ended"


def beat(session: Session, number: int, progress: Progress, now: dt.datetime) -> bool:
    """Note how far an import is; False when it is not the one that builds any more."""
    values = {
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "rows_per_s": round(progress.rows_per_s),
    }
    return _change(session, number, beat_at=now, progress=values)


def serve(session: Session, number: int, base: int | None, built: Built, now: dt.datetime) -> None:
    """Put a generation that is built in the place of `base`.

    Raises:
        ConflictError: another import took over, or another generation serves by now.
    """
    serving = session.scalar(
        select(RegistryImport.id).where(RegistryImport.state == GenerationState.SERVING)
    )
    if serving != base:
        msg = "another registry was put in place meanwhile; run the import again"
        raise ConflictError(msg)
    _move(session, GenerationState.RETIRED, GenerationState.DROPPED)
    _move(session, GenerationState.SERVING, GenerationState.RETIRED)
    changed = _change(
        session,
        number,
        state=GenerationState.SERVING,
        finished_at=now,
        served_at=now,
        beat_at=now,
        rows=built.report.rows,
        persons=built.report.persons,
        progress=None,
        layout=asdict(built.layout),
        report=built.report.as_json(),
    )
    if not changed:
        raise ConflictError(LOST)


def end(
    session: Session,
    number: int,
    state: GenerationState,
    problem: str,
    now: dt.datetime,
    report: Report | None = None,
) -> None:
    """End an import that puts nothing in place."""
    _change(
        session,
        number,
        state=state,
        problem=problem,
        finished_at=now,
        progress=None,
        report=report.as_json() if report else None,
    )


def go_back(session: Session, now: dt.datetime) -> int:
    """Serve the generation before; returns its number.

    Raises:
        NotFoundError: there is none.
    """
    found = {
        state: session.scalar(select(RegistryImport.id).where(RegistryImport.state == state))
        for state in _KEPT
    }
    before = found[GenerationState.RETIRED]
    if before is None:
        msg = "there is no registry before this one"
        raise NotFoundError(msg)
    _move(session, GenerationState.SERVING, GenerationState.RETIRED)
    session.execute(
        update(RegistryImport)
        .where(RegistryImport.id == before)
        .values(state=GenerationState.SERVING, served_at=now)
    )
    return before


def kept(session: Session) -> set[int]:
    """Return the generations whose tables are needed, the one that is being built too."""
    states = (*_KEPT, GenerationState.BUILDING)
    return set(session.scalars(select(RegistryImport.id).where(RegistryImport.state.in_(states))))


def _change(session: Session, number: int, **values: Any) -> bool:  # noqa: ANN401 - columns
    """Change the row of an import that is still being built."""
    done = session.execute(
        update(RegistryImport)
        .where(RegistryImport.id == number, RegistryImport.state == GenerationState.BUILDING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return isinstance(done, CursorResult) and bool(done.rowcount)


def _move(session: Session, before: GenerationState, after: GenerationState) -> None:
    session.execute(
        update(RegistryImport)
        .where(RegistryImport.state == before)
        .values(state=after)
        .execution_options(synchronize_session=False)
    )
