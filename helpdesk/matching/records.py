"""Records of the registry as values."""

import datetime as dt

from helpdesk.matching.types import RegistryRecord
from helpdesk.registry.serving import Found


def record(row: Found) -> RegistryRecord:
    """Return a row of the registry as a value."""
    return RegistryRecord(
        kpj=row.kpj,
        nik=row.nik,
        full_name=row.full_name,
        birth_place=row.birth_place,
        birth_date=None if row.birth_day is None else dt.date.fromordinal(row.birth_day),
        mother_name=row.mother_name,
        employer=row.employer,
        segment=row.segment,
        status=row.status,
    )
