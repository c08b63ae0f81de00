"""Say what came of a query: who, how sure, why, what speaks against it, what to ask. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import log2
from typing import NamedTuple

from helpdesk.identity.types import Field
from helpdesk.matching import decision
from helpdesk.matching.decision import Posterior
from helpdesk.matching.features import LEVELS, Facts
from helpdesk.matching.records import record
from helpdesk.matching.retrieval import WAYS
from helpdesk.matching.score import FEATURES, Scale, Thresholds, Weighed
from helpdesk.matching.types import (
    Answer,
    Candidate,
    Doubt,
    Evidence,
    Level,
    Verdict,
)
from helpdesk.registry.serving import Found

MAX_CANDIDATES = 10  # beside the best person's own records, which are all kept

_NOT_RARE = 1e-4  # a person below this probability is nobody an agent would look at
_DIGITS = 2  # of bits, as they are shown
_SETTLED = 1e-3  # bits of doubt that no question is worth
# The most telling first: asked for where nothing else decides.
_ASKED = (Field.NIK, Field.BIRTH_DATE, Field.FULL_NAME, Field.BIRTH_PLACE)


class Person(NamedTuple):
    """A participant who may be meant: every record of theirs, and what it weighs.

    `weighed` is the best comparison of each fact over the records.
    """

    number: int
    records: Sequence[Found]
    facts: Sequence[Facts]
    rows: Sequence[Weighed]
    weighed: Weighed


class Weighing(NamedTuple):
    """The persons who were weighed, and by which way each was found (number: `WAYS` index)."""

    persons: Sequence[Person]
    ways: Mapping[int, int]


def answered(
    asked: Facts,
    scaled: Scale,
    weighing: Weighing | None,
    chances: Posterior | None,
    limits: Thresholds,
) -> Answer:
    """Return the answer to a query; `weighing` and `chances` are None where nobody was found."""
    if weighing is None or chances is None:
        return Answer((), Verdict.NONE, ask=_first_missing(asked))
    best = weighing.persons[chances.order[0]].weighed
    levels = [LEVELS[level] for level in best.levels]
    verdict, doubts = decision.verdict(levels, chances.chances, limits)
    candidates = tuple(_candidates(weighing, chances, scaled))
    bits = sum([each.bits for each in candidates[0].evidence])
    ask = None
    if verdict is not Verdict.MATCH:
        ask = _question(levels, scaled, weighing, chances)
        if ask is None and Doubt.NOT_ENOUGH in doubts:
            ask = _first_missing(asked)
    return Answer(candidates, verdict, doubts, decision.reckoning(chances, bits), ask)


def _candidates(weighing: Weighing, chances: Posterior, scaled: Scale) -> Iterator[Candidate]:
    """Yield the records worth an agent's look, each person's together, the nearest first."""
    shown = 0
    for position, (at, chance) in enumerate(zip(chances.order, chances.chances, strict=True)):
        if position and (shown >= MAX_CANDIDATES or chance < _NOT_RARE):
            return
        person = weighing.persons[at]
        evidence = _evidence(person.weighed, scaled)
        way = WAYS[weighing.ways[person.number]]
        for found in _nearest_first(person):
            if position and shown >= MAX_CANDIDATES:
                return
            shown += 1
            yield Candidate(record(found), person.number, chance, evidence, way)


def _nearest_first(person: Person) -> Sequence[Found]:
    if len(person.records) == 1:
        return person.records
    ranked = zip(person.records, person.rows, strict=True)
    return [found for found, _ in sorted(ranked, key=lambda each: (-each[1].total, each[0].kpj))]


def _evidence(person: Weighed, scaled: Scale) -> tuple[Evidence, ...]:
    """Return what each fact of a person weighs, rounded as it is shown."""
    evidence = []
    for feature, level, bits, rare in zip(
        _FEATURES, person.levels, person.bits, person.rarity(scaled), strict=True
    ):
        rarity = round(rare, _DIGITS) if rare else 0.0
        agreement = round(bits - rarity, _DIGITS) if bits else 0.0
        evidence.append(Evidence(feature, _LEVELS[level], agreement, rarity))
    return tuple(evidence)


def _question(
    levels: Sequence[Level], scaled: Scale, weighing: Weighing, chances: Posterior
) -> Field | None:
    """Return the fact whose true value would leave the least doubt who is meant.

    Asked for is what is not stated, and what is stated but does not agree with the best person.
    """
    open_facts = [
        field
        for field in _ASKED
        if levels[FEATURES.index(field)] not in {Level.EXACT, Level.SAME, Level.NOT_RECORDED}
    ]
    leaders = [
        (chance, weighing.persons[person].facts[0])
        for person, chance in zip(chances.order, chances.chances, strict=True)
        if chance >= _NOT_RARE
    ]
    nobody = max(1.0 - sum([chance for chance, _ in leaders]), 0.0)
    doubt = _entropy([*(chance for chance, _ in leaders), nobody])
    left = {field: _expected(field, leaders, nobody, scaled) for field in open_facts}
    best = min(left, key=left.__getitem__, default=None)
    return best if best is not None and left[best] < doubt - _SETTLED else None


def _expected(
    field: Field, leaders: Sequence[tuple[float, Facts]], nobody: float, scaled: Scale
) -> float:
    """Return the bits of doubt expected to be left once a fact is stated as it is recorded.

    Somebody who is not registered agrees with a value as often as others do, by chance.
    """
    groups: dict[Hashable, list[float]] = defaultdict(list)
    for chance, facts in leaders:
        groups[_value(field, facts)].append(chance)
    by_chance = scaled.weights.levels[_WEIGHED_AS[field]]["exact"].u
    left = 0.0
    for value, group in groups.items():
        stays = 1.0 if value in {None, ""} else by_chance
        left += _entropy([*group, nobody * stays])
    return left


def _value(field: Field, facts: Facts) -> Hashable:
    if field is Field.NIK:
        return facts.nik
    if field is Field.BIRTH_DATE:
        return facts.day
    return facts.name.key if field is Field.FULL_NAME else facts.place


def _entropy(chances: Sequence[float]) -> float:
    """Return the doubt within a group, in bits, times how likely the group is."""
    total = sum(chances)
    return -sum([each * log2(each / total) for each in chances if each > 0])


def _first_missing(asked: Facts) -> Field | None:
    stated = {
        Field.NIK: bool(asked.nik),
        Field.BIRTH_DATE: asked.day is not None,
        Field.FULL_NAME: bool(asked.name.words),
        Field.BIRTH_PLACE: bool(asked.place),
    }
    return next((field for field in _ASKED if not stated[field]), None)


_FEATURES = tuple(feature.value for feature in FEATURES)
_LEVELS = tuple(level.value for level in LEVELS)
_WEIGHED_AS = {
    Field.NIK: "nik",
    Field.BIRTH_DATE: "birth_date",
    Field.FULL_NAME: "full_name",
    Field.BIRTH_PLACE: "birth_place",
}
