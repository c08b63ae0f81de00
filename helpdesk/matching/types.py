"""A query, the candidates it may mean, and why, as values."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the matcher makes of one query."""

    MATCH = "match"
    REVIEW = "review"
    NONE = "none"


class Level(StrEnum):
    """How one fact compared, from agreement to conflict; not every fact knows every level."""

    EXACT = "exact"
    SAME = "same"  # name: the same words, spelled or ordered differently
    SIMILAR = "similar"  # name, place: some words differ by a slip or are missing
    SWAPPED = "swapped"  # date: day and month changed places
    ONE_DIGIT = "one_digit"  # date, NIK: one slip; in a NIK outside its last four digits
    ONE_DIGIT_SERIAL = "one_digit_serial"  # NIK: one slip in the last four, as a neighbour's is
    SAME_YEAR = "same_year"  # date: nothing but the year
    DIFFERENT = "different"
    MISSING = "missing"  # the query does not state it
    NOT_RECORDED = "not_recorded"  # the registry does not have it


@dataclass(frozen=True, slots=True)
class Query:
    """The facts of one claim; None is not stated. `nik` is 16 digits or what was written."""

    full_name: str | None = None
    birth_place: str | None = None
    birth_date: dt.date | None = None
    nik: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """One KPJ row of the registry. `kpj` is 11 digits; `nik` as the registry has it, or ''."""

    kpj: str
    nik: str
    full_name: str
    birth_place: str
    birth_date: dt.date | None
    mother_name: str
    employer: str
    segment: str
    status: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison: which fact (a `Field`), how it compared (a `Level`), its weight in bits."""

    feature: str
    level: str
    bits: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record the query may mean. `person` is equal for the records of one participant."""

    record: RegistryRecord
    person: int
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Candidates best first, every KPJ of a person listed, and the verdict on them.

    `probability` of a candidate is that its person, not this one row, is the one meant.
    """

    candidates: tuple[Candidate, ...]
    verdict: Verdict
