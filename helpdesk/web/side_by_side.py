"""What was stated beside what is recorded, with the characters marked that differ. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from helpdesk.identity.types import Field
from helpdesk.matching.types import RegistryRecord
from helpdesk.web import evidence_words

_COVER = "•"
_OPEN = 4  # digits of a covered NIK that stay to be seen
_ORDER = (Field.NIK, Field.BIRTH_DATE, Field.FULL_NAME, Field.BIRTH_PLACE)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that are all alike or all not."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it is shown; `how` says in words how it compares, `kind` in one of four.

    `kind` is "same", "near", "against" or "unknown".
    """

    runs: tuple[Run, ...]
    how: str = ""
    kind: str = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: as it was stated, and as each person's record has it."""

    field: Field
    stated: str
    covered: bool
    recorded: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A record to be shown, and how each of its facts compared (`Level`)."""

    record: RegistryRecord
    levels: Mapping[str, str]


def side_by_side(
    stated: Mapping[Field, str], people: list[Compared], *, language: str, revealed: bool
) -> list[Line]:
    """Return a line for each fact; digits of a NIK are covered unless `revealed`."""
    lines = []
    for field in _ORDER:
        said = _plain(field, stated.get(field, ""))
        covered = field is Field.NIK and not revealed
        values = tuple(_value(field, said, each, language, covered=covered) for each in people)
        shown = "".join(run.text for run in _runs(field, said, said, covered=covered))
        lines.append(Line(field, shown, covered and bool(said), values))
    return lines


def _value(field: Field, said: str, each: Compared, language: str, *, covered: bool) -> Value:
    recorded = _plain(field, _recorded(field, each.record))
    level = each.levels.get(field, "")
    how = evidence_words.how(level, language) if level else ""
    return Value(_runs(field, said, recorded, covered=covered), how, kind(level))


def kind(level: str) -> str:
    """Return what a level means in one of four words; an unknown one is "near"."""
    if level in evidence_words.AGREEING:
        return "same"
    if level in evidence_words.UNKNOWN or not level:
        return "unknown"
    return "against" if level in evidence_words.AGAINST else "near"


def _recorded(field: Field, record: RegistryRecord) -> str:
    date = record.birth_date.isoformat() if record.birth_date else ""
    return {
        Field.FULL_NAME: record.full_name,
        Field.BIRTH_PLACE: record.birth_place,
        Field.BIRTH_DATE: date,
        Field.NIK: record.nik,
    }[field]


def _plain(field: Field, value: str) -> str:
    """Return a value as it is compared: names in capitals, dates day first."""
    if field is Field.NIK:
        return value.strip()
    if field is Field.BIRTH_DATE:
        try:
            return dt.date.fromisoformat(value).strftime("%d-%m-%Y")
        except ValueError:
            return value
    return " ".join(value.upper().split())[:300]


def _runs(field: Field, said: str, recorded: str, *, covered: bool) -> tuple[Run, ...]:
    """Cut a recorded value where it begins and ceases to differ from what was said."""
    differing = _differing(said, recorded)
    chars = list(zip(recorded, differing, strict=True))
    if field is Field.NIK:
        if covered:
            last = len(chars) - _OPEN if len(chars) > _OPEN else len(chars)
            chars = [(_COVER if at < last else c, d) for at, (c, d) in enumerate(chars)]
        if len(chars) == 16:
            chars = [
                piece
                for at, one in enumerate(chars)
                for piece in ([(" ", False), one] if at and at % 4 == 0 else [one])
            ]
    return tuple(
        Run("".join(char for char, _ in run), differs)
        for differs, run in groupby(chars, key=lambda each: each[1])
    )


def _differing(said: str, recorded: str) -> list[bool]:
    """Tell for each recorded character whether it differs from what was said, if anything was."""
    if not said:
        return [False] * len(recorded)
    if len(said) == len(recorded) and recorded[:1].isdigit():
        return [ours != theirs for ours, theirs in zip(said, recorded, strict=True)]
    differs = [True] * len(recorded)
    for match in SequenceMatcher(None, said, recorded, autojunk=False).get_matching_blocks():
        differs[match.b : match.b + match.size] = [False] * match.size
    return differs
