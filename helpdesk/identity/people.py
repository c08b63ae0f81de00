"""From findings to people: whose fact is it, what did the writer finally say."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import takewhile

from helpdesk.identity import names, nik, parallel, patches, places
from helpdesk.identity.attribution import Stage, Whose
from helpdesk.identity.findings import Finding
from helpdesk.identity.referents import ASKED, EMPLOYEE, KIN, SELF
from helpdesk.identity.types import About, Claim, Fact, Field

_HARD = frozenset({Field.NIK, Field.BIRTH_DATE})
# Rules of facts that stand where they were asked for, behind a label or in a column.
_GIVEN = frozenset({"nik_label", "nik_column", "name_label", "name_column"})
MAX_HISTORY = 10  # values shown to an agent; more is an attack, and would grow quadratically
_VOUCHED = 0.99  # confidence of a NIK and a birth date that agree
MANY = 3  # from so many on, people nobody is said to be are a list of staff


@dataclass(slots=True)
class _Person:
    """Somebody with what is said of them; `who` is "" until something tells."""

    who: str = ""
    key: str = ""
    weight: float = 0.0  # how strongly a mention says that this number is asked for
    facts: dict[Field, Fact] = field(default_factory=dict)
    rules: dict[Field, str] = field(default_factory=dict)
    last: Finding | None = None
    turn: int = -1  # when they were spoken of last

    @property
    def is_hard(self) -> bool:
        return not _HARD.isdisjoint(self.facts)


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds the findings: who is spoken of."""

    stage: Stage
    today: dt.date


def assemble(findings: Iterable[Finding], scene: Scene) -> tuple[Claim, ...]:
    """Deal findings out to people, in the order they were written."""
    ordered = parallel.deal(sorted(findings, key=_position))
    people: list[_Person] = []
    for at, finding in enumerate(ordered):
        if patches.is_patch(finding):
            _patch(people, finding)
            continue
        person = _person(people, finding, ordered[at + 1 : at + 4], scene)
        person.last, person.turn = finding, at
        _add(person, finding)
    kept = [person for person in _meant(people, scene) if _is_claim(person, people)]
    return tuple(_claim(person, at, kept, scene) for at, person in enumerate(kept))


def _position(finding: Finding) -> tuple[int, int]:
    return finding.entry or (finding.span.message, finding.span.start)


def _person(
    people: list[_Person], finding: Finding, following: Sequence[Finding], scene: Scene
) -> _Person:
    """Find whose a finding is, or open a new person for it."""
    if (known := _known(people, finding, following)) is not None:
        return known
    whose = scene.stage.whose(finding)
    if finding.entry:
        return _listed(people, finding, whose, scene)
    if whose.who == SELF:
        return _writer(people, finding, following, scene)
    if whose.who:
        return _named(people, whose, finding, following, scene)
    current = _current(people, finding, scene)
    if current is None or _is_next(current, finding, following):
        current = _Person(who=_like(current))
        people.append(current)
    return current


def _listed(people: list[_Person], finding: Finding, whose: Whose, scene: Scene) -> _Person:
    """The person of a list's entry, whatever the facts of the entry before are."""
    last = people[-1].last if people else None
    if last is not None and last.entry == finding.entry:
        return people[-1]
    if whose.who == SELF and any(one.who == SELF for one in people):
        whose = Whose()  # nobody is the writer but one
    if not whose.who and _is_staff(scene):
        whose = Whose(EMPLOYEE, weight=ASKED)
    people.append(_Person(whose.who, whose.key, whose.weight))
    return people[-1]


def _known(
    people: list[_Person], finding: Finding, following: Sequence[Finding]
) -> _Person | None:
    """Return somebody spoken of before, whom the writer comes back to by name.

    To correct something, or to add what was missing: `Neneng 3203…` for the Neneng Hasanah of a
    list, when no other could be meant.
    """
    if finding.field is not Field.FULL_NAME:
        return None
    current = max((one.turn for one in people), default=-1)
    meant = [
        one for one in people if one.turn < current and _is_called(one, finding.value)
    ]  # fmt: skip
    if len(meant) != 1:
        return None
    own = takewhile(lambda one: one.field is not Field.FULL_NAME, following)
    return (
        meant[0] if finding.corrects or not any(_differs(meant[0], one) for one in own) else None
    )


def _is_called(person: _Person, name: str) -> bool:
    known = person.facts.get(Field.FULL_NAME)
    return known is not None and _same_name(known.value, name)


def _writer(
    people: list[_Person], finding: Finding, following: Sequence[Finding], scene: Scene
) -> _Person:
    """The writer: apart from all others, unless it is their own number that is asked for."""
    for person in people:
        if person.who == SELF:
            return person
    loose = next((one for one in people if not one.who), None)
    if (
        loose is not None
        and not scene.stage.asked.only_other
        and not _is_next(loose, finding, following)
    ):
        loose.who = SELF
        return loose
    people.append(_Person(who=SELF, key=SELF))
    return people[-1]


def _named(
    people: list[_Person],
    whose: Whose,
    finding: Finding,
    following: Sequence[Finding],
    scene: Scene,
) -> _Person:
    """Somebody the text names by what they are to the writer."""
    for person in reversed(people):
        mine = person.who == whose.who and whose.key in {"", person.key, person.key or whose.key}
        loose = not person.who and scene.stage.asked.only_other
        if mine or (loose and not _is_otherwise_called(person, finding)):
            if _is_next(person, finding, following):
                break
            person.who, person.key = whose.who, whose.key or person.key
            person.weight = max(person.weight, whose.weight)
            return person
    people.append(_Person(whose.who, whose.key, whose.weight))
    return people[-1]


def _is_otherwise_called(person: _Person, finding: Finding) -> bool:
    return (
        finding.field is Field.FULL_NAME
        and Field.FULL_NAME in person.facts
        and not _is_called(person, finding.value)
    )


def _current(people: list[_Person], finding: Finding, scene: Scene) -> _Person | None:
    """Return who was on before; of those not asked about, only for what adjoins their words."""
    if not people:
        return None
    last = max(people, key=lambda one: one.turn)
    aside = _is_aside(last, scene)
    if not aside or (last.last is not None and scene.stage.adjoins(last.last, finding)):
        return last
    return next((one for one in reversed(people) if not _is_aside(one, scene)), None)


def _is_aside(person: _Person, scene: Scene) -> bool:
    """Tell whether somebody is spoken of while another's number is asked for."""
    asked = scene.stage.asked
    if person.who == SELF:
        return asked.only_other
    if person.who == "" or person.weight >= ASKED or asked.own < KIN:
        return False
    return asked.own >= ASKED or person.weight < asked.own


def _like(before: _Person | None) -> str:
    """A next person without a word of who they are is another of the same kind."""
    if before is None or before.who == SELF or before.weight < ASKED:
        return ""
    return before.who


def _is_next(person: _Person, finding: Finding, following: Sequence[Finding]) -> bool:
    """Tell whether a finding begins the entry of somebody after `person`."""
    old = person.facts.get(finding.field)
    if old is None or finding.corrects:
        return False
    if finding.field is Field.FULL_NAME:
        namesake = _same_name(old.value, finding.value)
        return finding.starts_person and (not namesake or _differences(person, following) > 1)
    if _same(old, finding):
        return False
    if finding.starts_person:
        return True
    return any(_differs(person, one) for one in following if one.field != finding.field)


def _differences(person: _Person, following: Sequence[Finding]) -> int:
    """Count what is said of somebody otherwise than before, up to the next name."""
    own = takewhile(lambda one: one.field is not Field.FULL_NAME, following)
    return sum(_differs(person, one) for one in own)


def _differs(person: _Person, finding: Finding) -> bool:
    old = person.facts.get(finding.field)
    if old is None or _same(old, finding) or finding.corrects:
        return False
    return finding.field is not Field.FULL_NAME or not _same_name(old.value, finding.value)


def _meant(people: list[_Person], scene: Scene) -> list[_Person]:
    """Leave out whose number nobody asks for, as long as somebody is left."""
    asked = scene.stage.asked
    if asked.only_other:
        kept = [one for one in people if one.who != SELF]
    elif asked.own >= ASKED:
        kept = [one for one in people if one.who in {"", SELF} or one.weight >= ASKED]
    else:
        kept = people
    return kept if any(one.is_hard for one in kept) else people


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


def _add(person: _Person, finding: Finding) -> None:
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
    elif finding.corrects:
        person.facts[finding.field] = replace(new, history=_history(old))
    elif finding.rule == "nik_shape" and person.rules[Field.NIK] in _GIVEN:
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
    if old.value == new.value:
        return True
    if new.field is Field.FULL_NAME:
        return _canonical(old.value) == _canonical(new.value)
    if new.field is Field.BIRTH_PLACE:
        return places.normalise(old.value) == places.normalise(new.value)
    return False


def _same_name(one: str, two: str) -> bool:
    """Tell whether one name is the other with words left out."""
    first, second = set(_canonical(one)), set(_canonical(two))
    return first <= second or second <= first


@lru_cache(maxsize=256)  # each name of a list is compared with those before it
def _canonical(name: str) -> tuple[str, ...]:
    return tuple(names.canonical(name).split())


def _is_claim(person: _Person, people: list[_Person]) -> bool:
    """Tell whether somebody's number is asked for, rather than a person just mentioned."""
    if not person.facts:
        return False
    if person.is_hard:
        return True
    listed = person.rules.get(Field.FULL_NAME) in _GIVEN and person.who not in {"", SELF}
    return Field.FULL_NAME in person.facts and (listed or not any(one.is_hard for one in people))


def _claim(person: _Person, at: int, people: Sequence[_Person], scene: Scene) -> Claim:
    facts = dict(person.facts)
    number, birth = facts.get(Field.NIK), facts.get(Field.BIRTH_DATE)
    if number and birth:
        facts[Field.NIK], facts[Field.BIRTH_DATE] = _agree(number, birth, scene.today)
    ordered = tuple(facts[one] for one in Field if one in facts)
    who = person.who or _who(at, people, scene)
    if who == SELF:
        return Claim(ordered, About.SELF)
    return Claim(ordered, About.OTHER, who or None)


def _who(at: int, people: Sequence[_Person], scene: Scene) -> str:
    """Tell who somebody is of whom nothing nearby says it."""
    asked = scene.stage.asked
    loose = [one for one in people if not one.who]
    if asked.only_other or (asked.both and len(people) == 1 and asked.other >= asked.own):
        return asked.relation
    if len(loose) > 1 and _is_staff(scene):
        return EMPLOYEE
    if len(loose) >= MANY:
        return ""
    return SELF if at == 0 else asked.relation


def _is_staff(scene: Scene) -> bool:
    kin = scene.stage.asked.relation not in {"", EMPLOYEE} and scene.stage.asked.other >= ASKED
    return scene.stage.staff and not kin


def _agree(number: Fact, birth: Fact, today: dt.date) -> tuple[Fact, Fact]:
    """Let the date inside the NIK and the stated one vouch for each other."""
    if "contradicted" in birth.warnings:
        birth = _settled_date(birth, nik.inspect(number.value, today=today))
    day = dt.date.fromisoformat(birth.value)
    if "contradicted" in number.warnings:
        number = _settled(number, day, today)
    seen = nik.inspect(number.value, today=today)
    if not seen.birth_dates:
        return number, birth
    if nik.differs(seen, day):
        warned = replace(number, warnings=(*number.warnings, "nik_date_differs"))
        return replace(warned, confidence=warned.confidence * 0.9), birth
    return _vouched(number), _vouched(birth)


def _vouched(fact: Fact) -> Fact:
    return fact if fact.confidence >= _VOUCHED else replace(fact, confidence=_VOUCHED)


def _settled_date(birth: Fact, seen: nik.NikReading) -> Fact:
    """Choose among unresolved birth dates the one inside the NIK."""
    inside = {day.isoformat() for day in seen.birth_dates}
    if birth.value in inside:
        return birth
    for at, value in enumerate(birth.history):
        if value in inside:
            others = (*birth.history[:at], *birth.history[at + 1 :], birth.value)
            return replace(birth, value=value, span=None, history=others)
    return birth


def _settled(number: Fact, day: dt.date, today: dt.date) -> Fact:
    """Choose among unresolved NIKs the one that carries the stated date."""
    for at, value in enumerate(number.history):
        seen = nik.inspect(value, today=today)
        if day in seen.birth_dates and nik.differs(nik.inspect(number.value, today=today), day):
            others = (*number.history[:at], *number.history[at + 1 :], number.value)
            return replace(number, value=value, span=None, history=others)
    return number
