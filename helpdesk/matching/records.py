"""Records of the registry as values, and whose they are."""

import datetime as dt
from collections.abc import Collection
from itertools import groupby
from operator import attrgetter

from helpdesk.matching.types import RegistryRecord
from helpdesk.registry.serving import Found, Reader


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


def people(reader: Reader, kpjs: Collection[str]) -> dict[int, tuple[Found, ...]]:
    """Return whose these KPJ are: every record of each person, by the number of the person."""
    numbers = {each.person for each in reader.by_kpj(kpjs).values()}
    found = groupby(reader.persons(numbers), attrgetter("person"))
    return {person: tuple(records) for person, records in found}
