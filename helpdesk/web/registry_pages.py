"""The registry page: what serves, what is being imported, what became of earlier imports."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.matching import rematch
from helpdesk.registry import history, keys, load
from helpdesk.registry.history import ImportView
from helpdesk.registry.reader import COLUMNS
from helpdesk.web import import_words, registry_words, standing
from helpdesk.web.cover import cover
from helpdesk.web.house import agent_of, house_of, language_of, render
from helpdesk.web.security import is_htmx, requires

_SILENT = dt.timedelta(seconds=120)  # a builder says every second that it lives


@dataclass(frozen=True, slots=True)
class Running:
    """How far an import is; `ratio` of its stage in [0, 1], `left_s` of its stage, if told."""

    stage: str
    done: int
    total: int
    ratio: float | None
    rows_per_s: int
    left_s: int | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage of an import took; `share` of the longest one, in [0, 1]."""

    name: str
    seconds: float
    share: float


@requires(Role.SUPERVISOR)
def show_registry(request: Request) -> Response:
    """Show the registry; only what moves of it for htmx."""
    return _page(request)


@requires(Role.SUPERVISOR)
def go_back(request: Request) -> Response:
    """Serve the registry as it was before the last import."""
    house = house_of(request)
    try:
        load.go_back(house.database, audit_key=house.audit_key, agent_id=agent_of(request).id)
    except (ConflictError, NotFoundError) as error:
        return _page(request, conflict=str(error))
    return RedirectResponse("/registry", status_code=303)


def running(progress: Mapping[str, Any] | None, beat_at: dt.datetime, now: dt.datetime) -> Running:
    """Read how far an import is, as its row has it; whatever is missing is not told."""
    told = progress or {}
    done, total = int(told.get("done") or 0), int(told.get("total") or 0)
    speed = float(told.get("rows_per_s") or 0.0)
    known = 0 < done <= total
    return Running(
        stage=str(told.get("stage") or ""),
        done=done,
        total=total,
        ratio=done / total if known else None,
        rows_per_s=round(speed),
        left_s=round((total - done) / speed) if known and speed > 0 else None,
        silent=now - beat_at > _SILENT,
    )


def stages(report: Mapping[str, Any]) -> list[Stage]:
    """Return what each stage of an import took, in their order."""
    took = {name: float(each) for name, each in (report.get("seconds") or {}).items()}
    longest = max(took.values(), default=0.0) or 1.0
    return [Stage(name, each, each / longest) for name, each in took.items()]


def heaped(report: Mapping[str, Any]) -> list[tuple[dt.date, int]]:
    """Return the birth dates that far too many have, most first."""
    return [(dt.date.fromisoformat(day), rows) for day, rows in report.get("heaped") or ()]


def _page(request: Request, *, conflict: str = "") -> Response:
    house, now, language = house_of(request), clock.now(), language_of(request)
    with house.database.reading() as session:
        found = history.history(session)
        again = rematch.progress(session)
        stands = standing.read(session, house.settings, now=now)
    serving, building = found.serving, found.building
    stale_days = house.settings.registry.stale_days
    age = (now - serving.served_at).days if serving and serving.served_at else 0
    return render(
        request,
        "_registry.html" if is_htmx(request) else "registry.html",
        status=409 if conflict else 200,
        found=found,
        columns=COLUMNS,
        again=again,
        under_way=running(building.progress, building.beat_at, now) if building else None,
        moving=building is not None or (again is not None and again.running),
        age_days=age,
        is_old=age > stale_days,
        old_keys=serving is not None and serving.key_version < keys.VERSION,
        key_version=keys.VERSION,
        problems={
            each.id: import_words.problem(each.problem, language)
            for each in found.newest
            if each.problem
        },
        took={each.id: _took_s(each) for each in found.newest},
        stages=stages,
        heaped=heaped,
        duration=partial(registry_words.duration, language=language),
        conflict=import_words.problem(conflict, language),
        said=registry_words,
        standing=stands,
        cover=cover,
    )


def _took_s(each: ImportView) -> int | None:
    return (
        round((each.finished_at - each.started_at).total_seconds()) if each.finished_at else None
    )
