"""A registry that only one session sees, for tests whose one transaction is never committed."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from helpdesk.registry.serving import Found


class HeldRegistry:
    """Stands in for `serving.Reader` where records are read by their KPJ; each is a person."""

    def __init__(self) -> None:
        self.records: dict[str, Found] = {}

    def add(self, **values: Any) -> None:
        """Add a record with the columns of `Found` but `person`."""
        found = Found(person=len(self.records) + 1, **values)
        self.records[found.kpj] = found

    def change(self, **values: Any) -> None:
        """Change columns of every record."""
        changed = [each._replace(**values) for each in self.records.values()]
        self.records = {each.kpj: each for each in changed}

    def by_kpj(self, kpjs: Collection[str]) -> dict[str, Found]:
        """Return the records with these numbers."""
        return {kpj: self.records[kpj] for kpj in kpjs if kpj in self.records}


def held(session: Session) -> HeldRegistry:
    """Return the registry that this session alone sees."""
    registry: HeldRegistry = session.info.setdefault("registry", HeldRegistry())
    return registry
