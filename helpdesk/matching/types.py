"""A query, the candidates it may mean, and why, as values."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from helpdesk.identity.types import Field


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
    TWO_DIGITS = "two_digits"  # NIK: two slips
    SAME_YEAR = "same_year"  # date: nothing but the year
    SAME_AREA = "same_area"  # NIK: nothing but the district; place: another one of the province
    DIFFERENT = "different"
    MISSING = "missing"  # the query does not state it
    NOT_RECORDED = "not_recorded"  # the registry does not have it


class Way(StrEnum):
    """The key that led to a person, the most telling one first."""

    NIK = "nik"
    DATE_AND_NAME = "date_and_name"  # the stated date, its swap, or the one in the NIK
    NEAR_NIK = "near_nik"
    NEAR_DATE = "near_date"  # a date one digit off, and a word of the name
    NAME_AND_PLACE = "name_and_place"
    NAME = "name"
    DAY = "day"  # everybody of the stated date, by likeness of name


class Doubt(StrEnum):
    """Why the best person is no match, whatever the probability."""

    UNSURE = "unsure"  # the probability is below what a match takes
    NOT_ENOUGH = "not_enough"  # neither NIK nor birth date agrees
    OTHER_NIK = "other_nik"  # name and date agree, the NIK is altogether another
    OTHER_NAME = "other_name"
    RUNNER_UP = "runner_up"  # somebody else could be meant nearly as well


@dataclass(frozen=True, slots=True)
class Query:
    """The facts of one claim; None is not stated. `nik` is 16 digits or what was written."""

    full_name: str | None = None
    birth_place: str | None = None
    birth_date: dt.date | None = None
    nik: str | None = None


class RegistryRecord(NamedTuple):
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


class Evidence(NamedTuple):
    """One comparison: which fact (a `Field`), how it compared (a `Level`), what that weighs.

    In bits: `agreement` is what such an agreement or conflict weighs for a usual value, `rarity`
    what is added or taken because the value is rare or common.
    """

    feature: str
    level: str
    agreement: float
    rarity: float = 0.0

    @property
    def bits(self) -> float:
        """What the comparison weighs in all."""
        return self.agreement + self.rarity


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How the evidence of the best person becomes its probability, in bits of log-odds.

    prior + the bits of all evidence + rivals + calibration is log2(p / (1 - p)).

    Attributes:
        prior: of any one person, before anything is compared.
        rivals: what others who could be meant take away, those outside the registry among them.
        calibration: what was learned from answered queries about such sums.
    """

    prior: float
    rivals: float
    calibration: float


class Candidate(NamedTuple):
    """A record the query may mean. `person` is equal for the records of one participant."""

    record: RegistryRecord
    person: int
    probability: float
    evidence: tuple[Evidence, ...]
    way: Way = Way.NAME


@dataclass(frozen=True, slots=True)
class Answer:
    """Candidates best first, every KPJ of a person listed, and the verdict on them.

    Attributes:
        candidates: the best person's records are all there; the probability of a candidate is
            that its person, not this one row, is the one meant.
        verdict: what to make of the best.
        doubts: what stands against a match, in the order of `Doubt`; empty for a match.
        reckoning: of the best person; None without candidates.
        ask: the fact that, once stated, would tell the leaders apart best; None if none would.
    """

    candidates: tuple[Candidate, ...]
    verdict: Verdict
    doubts: tuple[Doubt, ...] = ()
    reckoning: Reckoning | None = None
    ask: Field | None = None
