"""From findings to people: whose fact is it, what did the writer finally say."""

import bisect
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpdesk.identity import cues, names, nik, patches, places
from helpdesk.identity.findings import Finding
from helpdesk.identity.types import About, Claim, Fact, Field

_WRITER = frozenset({"", cues.SELF})  # relations of a person who may be the writer
_OWN_NAME = frozenset({"introduction", "sign_off"})
Position = tuple[int, int]  # message, character
MAX_HISTORY = 10  # values shown to an agent; more is an attack, and would grow quadratically


@dataclass(slots=True)
class _Person:
    facts: dict[Field, Fact] = field(default_factory=dict)
    rules: dict[Field, str] = field(default_factory=dict)
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds the findings: where relations and corrections stand, what is asked."""

    relations: Sequence[tuple[Position, str]]
    corrections: Mapping[int, int]  # message -> where it first says so
    asks_for_number: bool
    writer_is: str  # the relation the writer states from their own side, or ""
    today: dt.date


def assemble(findings: Iterable[Finding], scene: Scene) -> tuple[Claim, ...]:
    """Deal findings out to people, in the order they were written."""
    people: list[_Person] = []
    for finding in sorted(findings, key=lambda one: (one.span.message, one.span.start)):
        if patches.is_patch(finding):
            _patch(people, finding)
            continue
        _place(people, finding, scene)
    kept = [person for person in people if _is_claim(person, people, scene)]
    if len(kept) == 1 and _may_be_anothers(kept[0]):
        kept[0].relation = scene.writer_is or kept[0].relation
    return tuple(_claim(person, at, scene.today) for at, person in enumerate(kept))


def _may_be_anothers(person: _Person) -> bool:
    """Tell whether `saya anaknya` can speak of this person, who is not the writer by name."""
    own = person.rules.get(Field.FULL_NAME) in _OWN_NAME
    return person.relation == cues.DECEASED or not (person.relation or own)


def _place(people: list[_Person], finding: Finding, scene: Scene) -> None:
    person = people[-1] if people else None
    if person is None or _opens(person, finding, scene):
        person = _Person(relation=_relation(finding, scene))
        people.append(person)
    elif finding.whose and finding.whose != cues.SELF and not person.relation:
        person.relation = finding.whose
    _add(person, finding, scene)


def _patch(people: list[_Person], finding: Finding) -> None:
    """Put a corrected part into the last fact of its kind."""
    for person in reversed(people):
        old = person.facts.get(finding.field)
        if old is None:
            continue
        value = patches.apply(old.value, finding)
        if value != old.value:
            person.facts[finding.field] = replace(
                _fact(finding), value=value, history=_history(old)
            )
        return


def _opens(person: _Person, finding: Finding, scene: Scene) -> bool:
    """Tell whether a finding begins another person's entry."""
    if _only_introduced(person) and _relation(finding, scene) not in _WRITER:
        return True  # `saya Dewi ... suami saya ...`: what follows is not Dewi's
    old = person.facts.get(finding.field)
    if old is None:
        return False
    if finding.field is not Field.FULL_NAME:
        return finding.starts_person and not _same(old, finding)
    if _same_name(old.value, finding.value) or not finding.starts_person:
        return False
    return not _corrects(finding, scene)


def _only_introduced(person: _Person) -> bool:
    named = person.rules.get(Field.FULL_NAME) in _OWN_NAME
    return named and len(person.facts) == 1 and person.relation in _WRITER


def _add(person: _Person, finding: Finding, scene: Scene) -> None:
    old = person.facts.get(finding.field)
    new = _fact(finding)
    if old is None:
        person.facts[finding.field] = new
    elif _same(old, finding):
        person.facts[finding.field] = _surer(old, new)
    elif finding.field is Field.FULL_NAME and not finding.starts_person:
        return  # a sign-off or an introduction never overrules a name given as such
    elif finding.field is Field.FULL_NAME and _same_name(old.value, finding.value):
        person.facts[finding.field] = max(old, new, key=lambda fact: len(fact.value))
    elif _corrects(finding, scene):
        person.facts[finding.field] = replace(new, history=_history(old))
    elif finding.rule == "nik_shape" and person.rules[Field.NIK] == "nik_label":
        return  # sixteen digits without a label beside a labelled NIK: a family card, mostly
    elif new.confidence >= old.confidence - 0.2:
        warnings = (*new.warnings, "contradicted")
        person.facts[finding.field] = replace(
            new, confidence=0.5, warnings=warnings, history=_history(old)
        )
    person.rules.setdefault(finding.field, finding.rule)


def _fact(finding: Finding) -> Fact:
    return Fact(
        finding.field, finding.value, finding.confidence, finding.span, finding.warnings,
        rule=finding.rule,
    )  # fmt: skip


def _surer(old: Fact, new: Fact) -> Fact:
    """Keep the surer of two equal facts; said twice is a little surer still."""
    best = max(old, new, key=lambda fact: fact.confidence)
    return replace(best, confidence=min(0.99, best.confidence + 0.01), history=old.history)


def _history(old: Fact) -> tuple[str, ...]:
    return (*old.history, old.value)[-MAX_HISTORY:]


def _same(old: Fact, new: Finding) -> bool:
    if new.field is Field.FULL_NAME:
        return names.canonical(old.value) == names.canonical(new.value)
    if new.field is Field.BIRTH_PLACE:
        return places.normalise(old.value) == places.normalise(new.value)
    return old.value == new.value


def _same_name(one: str, two: str) -> bool:
    """Tell whether one name is the other with words left out."""
    first, second = set(names.canonical(one).split()), set(names.canonical(two).split())
    return first <= second or second <= first


def _corrects(finding: Finding, scene: Scene) -> bool:
    cue = scene.corrections.get(finding.span.message)
    return cue is not None and cue < finding.span.start


def _relation(finding: Finding, scene: Scene) -> str:
    if finding.whose:
        return finding.whose
    at = (finding.span.message, finding.span.start)
    before = bisect.bisect_right(scene.relations, at, key=lambda relation: relation[0])
    return scene.relations[before - 1][1] if before else ""


def _is_claim(person: _Person, people: list[_Person], scene: Scene) -> bool:
    """Tell whether somebody's number is asked for, rather than a person just mentioned."""
    if Field.NIK in person.facts or Field.BIRTH_DATE in person.facts:
        return True
    stronger = any(Field.NIK in one.facts or Field.BIRTH_DATE in one.facts for one in people)
    if Field.FULL_NAME not in person.facts:
        return False
    listed = person.rules[Field.FULL_NAME] == "name_label" and person.relation not in _WRITER
    return scene.asks_for_number and (listed or not stronger)


def _claim(person: _Person, at: int, today: dt.date) -> Claim:
    facts = dict(person.facts)
    number, birth = facts.get(Field.NIK), facts.get(Field.BIRTH_DATE)
    if number and birth:
        facts[Field.NIK], facts[Field.BIRTH_DATE] = _agree(number, birth, today)
    ordered = tuple(facts[one] for one in Field if one in facts)
    if person.relation == cues.SELF or not (person.relation or at):
        return Claim(ordered, About.SELF)
    return Claim(ordered, About.OTHER, person.relation or None)


def _agree(number: Fact, birth: Fact, today: dt.date) -> tuple[Fact, Fact]:
    """Let the date inside the NIK and the stated one vouch for each other."""
    day = dt.date.fromisoformat(birth.value)
    if "contradicted" in number.warnings:
        number = _settled(number, day, today)
    seen = nik.inspect(number.value, today=today)
    if not seen.birth_dates:
        return number, birth
    if nik.differs(seen, day):
        warned = replace(number, warnings=(*number.warnings, "nik_date_differs"))
        return replace(warned, confidence=warned.confidence * 0.9), birth
    sure = max(number.confidence, 0.99)
    return replace(number, confidence=sure), replace(birth, confidence=max(birth.confidence, 0.99))


def _settled(number: Fact, day: dt.date, today: dt.date) -> Fact:
    """Choose among unresolved NIKs the one that carries the stated date."""
    for at, value in enumerate(number.history):
        seen = nik.inspect(value, today=today)
        if day in seen.birth_dates and nik.differs(nik.inspect(number.value, today=today), day):
            others = (*number.history[:at], *number.history[at + 1 :], number.value)
            return replace(number, value=value, span=None, history=others)
    return number
