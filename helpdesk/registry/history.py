"""Read what became of the imports of the registry, for those who look after it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport

LISTED = 12  # imports: a year of monthly ones


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import; `progress` and `report` are as `RegistryImport` keeps them.

    `agent_name` is None for a command.
    """

    id: int
    state: GenerationState
    kind: ImportKind
    source: str
    started_at: dt.datetime
    beat_at: dt.datetime
    finished_at: dt.datetime | None
    served_at: dt.datetime | None
    key_version: int
    rows: int
    persons: int
    progress: Mapping[str, Any] | None
    report: Mapping[str, Any] | None
    problem: str
    agent_name: str | None


@dataclass(frozen=True, slots=True)
class History:
    """The imports that matter now, and the newest ones.

    `before` is the one that can be gone back to.
    """

    serving: ImportView | None
    building: ImportView | None
    before: ImportView | None
    newest: tuple[ImportView, ...]

    @property
    def failed(self) -> ImportView | None:
        """Return the newest import if it failed: then somebody has something to mend."""
        first = self.newest[0] if self.newest else None
        return first if first and first.state is GenerationState.FAILED else None


def history(session: Session) -> History:
    """Read the newest imports, and whichever serves, is built or can be gone back to."""
    rows = [ImportView(*row) for row in session.execute(_IMPORTS)]
    standing: dict[GenerationState, ImportView] = {}
    for each in rows:
        standing.setdefault(each.state, each)
    return History(
        serving=standing.get(GenerationState.SERVING),
        building=standing.get(GenerationState.BUILDING),
        before=standing.get(GenerationState.RETIRED),
        newest=tuple(sorted(rows, key=lambda each: -each.id)[:LISTED]),
    )


_HELD = (GenerationState.SERVING, GenerationState.BUILDING, GenerationState.RETIRED)
# Those that are held come first, so that none of them is cut off by many failures.
_IMPORTS: Select[*tuple[Any, ...]] = (
    select(
        RegistryImport.id,
        RegistryImport.state,
        RegistryImport.kind,
        RegistryImport.source,
        RegistryImport.started_at,
        RegistryImport.beat_at,
        RegistryImport.finished_at,
        RegistryImport.served_at,
        RegistryImport.key_version,
        RegistryImport.rows,
        RegistryImport.persons,
        RegistryImport.progress,
        RegistryImport.report,
        RegistryImport.problem,
        Agent.name,
    )
    .outerjoin(Agent, Agent.id == RegistryImport.agent_id)
    .order_by(case((RegistryImport.state.in_(_HELD), 0), else_=1), RegistryImport.id.desc())
    .limit(LISTED + 3)
)
