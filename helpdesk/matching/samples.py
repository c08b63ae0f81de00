"""Lay out what the matcher observed for the estimation of levels. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, TypeAlias

import numpy as np

from helpdesk.identity.types import Field
from helpdesk.matching import score, strangers
from helpdesk.matching.features import CODES, LEVELS, WORD_LEVELS
from helpdesk.matching.learn import (
    NOBODY,
    UNKNOWN,
    Flags,
    Floats,
    Parameter,
    Sample,
    Shares,
    Space,
)
from helpdesk.matching.observed import Observed
from helpdesk.matching.strangers import STRANGERS
from helpdesk.matching.types import Level

Data: TypeAlias = Mapping[str, Any]  # what `weights.json` holds

PARTIAL = ("full_name", "partial")  # a name that agrees in some words, or in none
MATCHED = ("word", "matched")  # a word of a recorded name that the query has too
_CONFLICTS = frozenset(
    {
        ("nik", Level.DIFFERENT),
        ("nik_given_date", Level.DIFFERENT),
        ("birth_date", Level.DIFFERENT),
    }
)
_MISSING = CODES[Level.MISSING]
_LN2 = log(2.0)
_ABSENT = frozenset({Level.MISSING, Level.NOT_RECORDED})
_WHOLE = frozenset({Level.EXACT, Level.SAME})


@dataclass(frozen=True, slots=True)
class Seen:
    """A query as it was observed, and the numbers of whom it means.

    `meant` is empty for nobody registered, None where nobody said.
    """

    observed: Observed
    meant: Collection[str] | None


def space(data: Data) -> Space:
    """Return the levels that weights have, in their order, and the kinds of strangers."""
    parameters = [*_weighed(data), MATCHED]
    groups = list(dict.fromkeys(map(_group, parameters)))
    return Space(
        parameters=tuple(parameters),
        group=np.array([groups.index(_group(each)) for each in parameters]),
        fact=np.array([score.FEATURES.index(_fact(each[0])) for each in parameters]),
        conflict=np.array([each in _CONFLICTS for each in parameters]),
        silent=np.array([each == MATCHED for each in parameters]),
        shared=np.array(
            [[fact in kind for fact in range(len(score.FEATURES))] for kind in STRANGERS.values()]
        ),
    )


def shares(data: Data) -> Shares:
    """Return the shares that weights say, where the estimation starts."""
    levels = data["levels"]
    m = [levels[feature][level]["m"] for feature, level in _weighed(data)]
    m.append(max(0.02, 1 - levels["word"]["dropped"]["m"]))
    strangers = np.array([data["strangers"][kind] for kind in STRANGERS], dtype=float)
    return Shares(np.array(m, dtype=float), data["prior_member"], strangers / strangers.sum())


def with_shares(data: Data, found: Shares) -> dict[str, Any]:
    """Return weights that say these shares and are otherwise as they were."""
    levels = {feature: dict(each) for feature, each in data["levels"].items()}
    for (feature, level), m in zip(_weighed(data), found.m[:-1], strict=True):
        levels[feature][level] = {**levels[feature][level], "m": round(float(m), 6)}
    kinds = zip(STRANGERS, found.strangers, strict=True)
    return {
        **data,
        "prior_member": round(found.member, 4),
        "strangers": {kind: round(float(share), 5) for kind, share in kinds},
        "levels": levels,
    }


def sample(lessons: Sequence[Seen], data: Data) -> Sample:
    """Stack the candidates of queries, and behind them the namesakes that were not fetched."""
    columns = {each: at for at, each in enumerate(space(data).parameters)}
    parts = [_of_query(each.observed, columns, data) for each in lessons]
    rows = [len(part[0]) for part in parts]
    ends = np.cumsum([0, *rows])
    facts, kinds = len(score.FEATURES), len(STRANGERS)
    return Sample(
        query=np.repeat(np.arange(len(parts)), rows),
        counts=np.concatenate([np.zeros((0, len(columns))), *(part[0] for part in parts)]),
        fixed=np.concatenate([np.zeros((0, facts)), *(part[1] for part in parts)]),
        limits=np.concatenate([np.zeros((0, facts, 2)), *(part[2] for part in parts)]),
        apart=np.concatenate([np.zeros((0, kinds), dtype=bool), *(part[3] for part in parts)]),
        plain=np.array([_plain(each.observed) for each in lessons]).reshape(-1, len(STRANGERS)),
        chosen=np.array([_chosen(each, end) for each, end in zip(lessons, ends, strict=False)]),
        population=max((each.observed.registered for each in lessons), default=0),
    )


def _weighed(data: Data) -> list[Parameter]:
    return [(feature, level) for feature, each in data["levels"].items() for level in each]


def _group(parameter: Parameter) -> str:
    """Return what a level's share is a share of: words of the query, or of the record."""
    if parameter in {MATCHED, ("word", "dropped")}:
        return "recorded word"
    return parameter[0]


def _fact(feature: str) -> str:
    return {"nik_given_date": Field.NIK.value, "word": Field.FULL_NAME.value}.get(feature, feature)


def _of_query(
    seen: Observed, columns: Mapping[Parameter, int], data: Data
) -> tuple[Floats, Floats, Floats, Flags]:
    """Return the counts, the fixed part, the limits and who is apart of one query's candidates."""
    persons, facts = seen.levels.shape
    counts = np.zeros((persons, len(columns)))
    fixed = seen.rarity.astype(float) * _LN2
    limits = np.tile([-np.inf, np.inf], (persons, facts, 1))
    for row in range(persons):
        for fact, feature in enumerate(score.FEATURES):
            level = LEVELS[seen.levels[row, fact]]
            name = _feature(feature, given=bool(seen.given_date[row]))
            if feature == Field.FULL_NAME and level not in _ABSENT | _WHOLE:
                fixed[row, fact] += _words(seen.words[row], counts[row], columns, data)
                limits[row, fact] = score.NAME_FLOOR_BITS * _LN2, seen.ceiling * _LN2
            elif (name, level) in columns:
                counts[row, columns[name, level]] = 1
                fixed[row, fact] += _minus_log_u(data["levels"][name][level])
    apart = strangers.apart(seen.levels)
    if seen.unseen > 0:
        counts = np.vstack([counts, np.zeros(len(columns))])
        hidden = np.zeros(facts)
        hidden[score.FEATURES.index(Field.FULL_NAME)] = log(seen.unseen)
        fixed = np.vstack([fixed, hidden])
        limits = np.concatenate([limits, np.tile([-np.inf, np.inf], (1, facts, 1))])
        apart = np.vstack([apart, np.zeros(apart.shape[1], dtype=bool)])
    return counts, fixed, limits, apart


def _words(
    words: Sequence[int], counts: Floats, columns: Mapping[Parameter, int], data: Data
) -> float:
    """Count how the words of a name compared; return what of it does not depend on m."""
    fixed = 0.0
    for level, number in zip(WORD_LEVELS, words, strict=True):
        counts[columns["word", level]] = number
        fixed += int(number) * _minus_log_u(data["levels"]["word"][level])
        if level in {"same", "slip", "initial"}:
            counts[columns[MATCHED]] += number
    counts[columns[PARTIAL]] = 1
    return fixed


def _minus_log_u(level: Mapping[str, Any]) -> float:
    return 0.0 if level.get("counted") or not level["u"] else -log(level["u"])


def _feature(feature: str, *, given: bool) -> str:
    return "nik_given_date" if feature == Field.NIK and given else str(feature)


def _plain(seen: Observed) -> Flags:
    """Say which kinds of strangers are like any, since the query states nothing they share."""
    return ~strangers.told_apart((seen.levels != _MISSING).any(axis=0))


def _chosen(lesson: Seen, first: int) -> int:
    """Return the row that is meant; one that was not found teaches nothing about levels."""
    if lesson.meant is None:
        return UNKNOWN
    if not lesson.meant:
        return NOBODY
    meant = set(lesson.meant)
    for row, kpjs in enumerate(lesson.observed.kpjs):
        if meant & set(kpjs):
            return first + row
    return UNKNOWN
