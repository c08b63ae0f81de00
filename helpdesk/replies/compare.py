"""Compare what a claim states with one record, fact by fact. Pure.

The matcher's probability says which record is meant; whether a number may be told is decided here
on the bare values, so that no weight can make up for a fact that does not agree.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.identity.types import Field
from helpdesk.matching.types import RegistryRecord
from helpdesk.registry import keys
from helpdesk.replies.disclosure import Agreement

_STRENGTH = {Agreement.EXACT: 2, Agreement.NEAR: 1, Agreement.DIFFERS: 0, Agreement.ABSENT: 0}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the three deciding facts compare with one record."""

    record: RegistryRecord
    name: Agreement
    birth_date: Agreement
    nik: Agreement

    @property
    def exact(self) -> bool:
        return all(each is Agreement.EXACT for each in (self.name, self.birth_date, self.nik))

    @property
    def strength(self) -> tuple[int, int]:
        """Order comparisons: the NIK first, then the other two together."""
        return _STRENGTH[self.nik], _STRENGTH[self.name] + _STRENGTH[self.birth_date]


def compare(facts: Mapping[Field, str], record: RegistryRecord) -> Comparison:
    """Compare stated facts, as `Fact.value` has them, with a record; never raises."""
    return Comparison(
        record,
        name=_names(facts.get(Field.FULL_NAME, ""), record.full_name),
        birth_date=_dates(stated_date(facts.get(Field.BIRTH_DATE, "")), record.birth_date),
        nik=_niks(facts.get(Field.NIK, ""), record.nik),
    )


def told(best: Comparison, each: Comparison) -> bool:
    """Tell whether the KPJ of `each` belongs with that of `best`, by its own record.

    A record of another person may have slipped among somebody's records, so each number needs a
    record that agrees by itself: with the NIK, or, where the record's NIK is missing or damaged,
    with name and birth date exactly.
    """
    if each.nik is Agreement.EXACT:
        return min(_STRENGTH[each.name], _STRENGTH[each.birth_date]) > 0
    without_nik = each.nik in {Agreement.ABSENT, Agreement.NEAR}
    same = each.name is Agreement.EXACT and each.birth_date is Agreement.EXACT
    return best.exact and without_nik and same


def missing(facts: Mapping[Field, str]) -> tuple[Field, ...]:
    """Return the facts that are not stated, or that cannot be what they should be."""
    usable = {
        Field.FULL_NAME: any(map(str.isalpha, facts.get(Field.FULL_NAME, ""))),
        Field.BIRTH_PLACE: bool(facts.get(Field.BIRTH_PLACE, "").strip()),
        Field.BIRTH_DATE: stated_date(facts.get(Field.BIRTH_DATE, "")) is not None,
        Field.NIK: len(keys.nik_digits(facts.get(Field.NIK, ""))) == 16,
    }
    return tuple(field for field in Field if not usable[field])


def stated_date(text: str) -> dt.date | None:
    """Return a YYYY-MM-DD date, or None."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def same_number(left: str, right: str) -> bool:
    """Tell whether two NIKs are one, or one slip of the pen apart."""
    if len(left) != len(right):
        return False
    return sum(a != b for a, b in zip(left, right, strict=True)) <= 1


def _niks(stated: str, recorded: str) -> Agreement:
    ours, theirs = keys.nik_digits(stated), keys.nik_digits(recorded)
    if len(ours) != 16 or not theirs:
        return Agreement.ABSENT
    if ours == theirs:
        return Agreement.EXACT
    if len(theirs) == 16 and same_number(ours, theirs):
        return Agreement.NEAR
    return Agreement.NEAR if int(ours) in keys.near_niks(theirs) else Agreement.DIFFERS


def _dates(stated: dt.date | None, recorded: dt.date | None) -> Agreement:
    if stated is None or recorded is None:
        return Agreement.ABSENT
    if stated == recorded:
        return Agreement.EXACT
    written, known = f"{stated:%d%m%Y}", f"{recorded:%d%m%Y}"
    swapped = (stated.day, stated.month) == (recorded.month, recorded.day)
    near = same_number(written, known) or (swapped and stated.year == recorded.year)
    return Agreement.NEAR if near else Agreement.DIFFERS


def _names(stated: str, recorded: str) -> Agreement:
    ours, theirs = keys.words(stated), keys.words(recorded)
    if not ours or not theirs:
        return Agreement.ABSENT
    rest = Counter(word.code for word in theirs)
    left = [word for word in ours if not _take(rest, word.code)]
    open_codes = list(rest.elements())
    if not left and not open_codes:
        return Agreement.EXACT
    if len(left) == len(ours):
        return Agreement.DIFFERS
    for word in left:
        found = next((code for code in open_codes if _alike(word.code, code)), None)
        if found is not None:
            open_codes.remove(found)
        elif open_codes:
            return Agreement.DIFFERS  # a word of each name has no counterpart in the other
    return Agreement.NEAR


def _take(counter: Counter[str], code: str) -> bool:
    if not counter[code]:
        return False
    counter[code] -= 1
    return True


def _alike(ours: str, theirs: str) -> bool:
    """Tell whether one is the other's initial, or one letter away."""
    if len(ours) == 1 or len(theirs) == 1:
        return ours[0] == theirs[0]
    short, long = sorted((ours, theirs), key=len)
    if len(long) - len(short) > 1 or len(long) < 4:
        return False
    same = next(
        (i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    step = 0 if len(short) == len(long) else 1
    return short[same + 1 - step :] == long[same + 1 :]
