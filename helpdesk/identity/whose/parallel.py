"""Lists that run side by side: all the names, then all the dates, then all the NIKs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter

from helpdesk.identity.findings import Finding
from helpdesk.identity.types import Field
from helpdesk.identity.whose.referents import SELF

OWN_NAME = frozenset({"introduction", "sign_off"})  # how a writer, not a list, gives a name

_UNITS = (
    (Field.FULL_NAME,),
    (Field.BIRTH_PLACE, Field.BIRTH_DATE),
    (Field.BIRTH_DATE, Field.BIRTH_PLACE),
    (Field.BIRTH_PLACE,),
    (Field.BIRTH_DATE,),
    (Field.NIK,),
)


@dataclass(frozen=True, slots=True)
class _Run:
    """`count` times the fields of one unit, one after the other, at `start`:`end`."""

    unit: tuple[Field, ...]
    start: int
    end: int

    @property
    def count(self) -> int:
        return (self.end - self.start) // len(self.unit)


def deal(findings: Sequence[Finding]) -> Sequence[Finding]:
    """Put lists of equal length that follow each other into the order of people; linear.

    The names must be one of them and nothing but such lists may be there, apart from what the
    writer says of themself; anything that does not fit leaves all as it was.
    """
    listed = [one for one in findings if not _is_own(one)]
    if len(listed) < 4 or listed[0].field is listed[-1].field:
        return findings  # not two people with two facts; or not one list after the other
    runs = _runs([one.field for one in listed])
    count = next((run.count for run in runs if run.unit == (Field.FULL_NAME,)), 0)
    fits = all(run.count == count for run in runs)
    if count < 2 or len(runs) < 2 or not fits or any(one.corrects for one in listed):
        return findings
    own = [one for one in findings if _is_own(one)]
    return [*own, *chain.from_iterable(_entry(listed, runs, number) for number in range(count))]


def _is_own(finding: Finding) -> bool:
    return finding.rule in OWN_NAME or finding.whose == SELF


def _runs(fields: Sequence[Field]) -> list[_Run]:
    """Return one run after the other; none when a field is in two, as in rows of a list."""
    runs: list[_Run] = []
    left = set(Field)
    at = 0
    while at < len(fields):
        if fields[at] not in left:
            return []
        end, unit = max(((_end(fields, at, unit), unit) for unit in _UNITS), key=itemgetter(0))
        if not left.issuperset(unit):
            return []
        left.difference_update(unit)
        runs.append(_Run(unit, at, end))
        at = end
    return runs


def _end(fields: Sequence[Field], start: int, unit: tuple[Field, ...]) -> int:
    """Return where a unit's run that begins at `start` ends; `start` when none does."""
    end = start
    while tuple(fields[end : end + len(unit)]) == unit:
        end += len(unit)
    return end


def _entry(findings: Sequence[Finding], runs: Sequence[_Run], number: int) -> list[Finding]:
    """Return one person's share of each run, the name first."""
    some = [
        findings[run.start + number * len(run.unit) + at]
        for run in sorted(runs, key=lambda run: run.unit[0] is not Field.FULL_NAME)
        for at in range(len(run.unit))
    ]
    return [replace(some[0], starts_person=True), *some[1:]]
