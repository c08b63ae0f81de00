"""What was stated of somebody, as a query. Pure."""

import datetime as dt
from collections.abc import Mapping

from helpdesk.identity.types import Field
from helpdesk.matching.types import Query
from helpdesk.registry.reader import birth_day


def query_of(stated: Mapping[Field, str]) -> Query:
    """Return the query of facts as text; one that is empty, or no date at all, is not stated."""
    day = birth_day(stated.get(Field.BIRTH_DATE, ""))
    return Query(
        full_name=stated.get(Field.FULL_NAME) or None,
        birth_place=stated.get(Field.BIRTH_PLACE) or None,
        birth_date=None if day is None else dt.date.fromordinal(day),
        nik=stated.get(Field.NIK) or None,
    )
