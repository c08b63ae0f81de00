"""From findings to people: whose fact is it, what did the writer finally say."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from helpdesk.identity.findings import Finding
from helpdesk.identity.types import About, Claim, Field
from helpdesk.identity.whose import parallel, patches, pointed, shared
from helpdesk.identity.whose.agreement import agree, calibrated
from helpdesk.identity.whose.attribution import Stage, Whose
from helpdesk.identity.whose.person import GIVEN, Person, add, fact_of, history, same, same_name
from helpdesk.identity.whose.referents import ASKED, EMPLOYEE, KIN, SELF, THEY, Asked

_HARD = frozenset({Field.NIK, Field.BIRTH_DATE})
MANY = 3  # from so many on, people nobody is said to be are a list of staff


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds the findings: who is spoken of."""

    stage: Stage
    today: dt.date


def assemble(findings: Iterable[Finding], scene: Scene) -> tuple[Claim, ...]:
    """Deal findings out to people, in the order they were written."""
    said = sorted(findings, key=_position)
    ordered = parallel.deal([one for one in said if not shared.is_shared(one)])
    people: list[Person] = []
    for at, finding in enumerate(ordered):
        if patches.is_patch(finding):
            _patch(people, finding)
            continue
        following = ordered[at + 1 : at + 4]
        of_list = _pointed(people, finding, scene)
        if of_list is not None and not _opens_entry(of_list, finding, following):
            _say(of_list, replace(finding, corrects=True), at)
        else:
            _say(_person(people, finding, following, scene), finding, at)
    _told(people, scene)
    _share(people, [one for one in said if shared.is_shared(one)])
    kept = [person for person in _meant(people, scene) if _is_claim(person, people)]
    return tuple(_claim(person, at, kept, scene) for at, person in enumerate(kept))


def _share(people: list[Person], findings: Sequence[Finding]) -> None:
    """Give what all have to those who are said to have nothing else."""
    for finding in findings:
        for person in people:
            if finding.field not in person.facts and (person.is_hard or len(people) > 1):
                add(person, finding)


def _say(person: Person, finding: Finding, at: int) -> None:
    person.last, person.turn = finding, at
    add(person, finding)


def _position(finding: Finding) -> tuple[int, int]:
    return finding.entry or (finding.span.message, finding.span.start)


def _person(
    people: list[Person], finding: Finding, following: Sequence[Finding], scene: Scene
) -> Person:
    """Find whose a finding is, or open a new person for it."""
    known = _known(people, finding, following) or _called(people, finding, scene)
    if known is not None:
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
        current = Person(who=_like(current))
        people.append(current)
    return current


def _listed(people: list[Person], finding: Finding, whose: Whose, scene: Scene) -> Person:
    """The person of a list's entry, whatever the facts of the entry before are."""
    last = people[-1].last if people else None
    if last is not None and last.entry == finding.entry:
        return people[-1]
    if whose.who == SELF and any(one.who == SELF for one in people):
        whose = Whose()  # nobody is the writer but one
    if not whose.who and _is_staff(scene):
        whose = Whose(EMPLOYEE, weight=ASKED)
    people.append(Person(whose.who, whose.key, whose.weight, listed=True))
    return people[-1]


def _pointed(people: list[Person], finding: Finding, scene: Scene) -> Person | None:
    """Return whom of an earlier list a fact is said to be of: `yang nomor 2 NIK nya ...`."""
    if finding.entry or len(people) < 2 or finding.span.message not in scene.stage.texts:
        return None
    low = scene.stage.texts[finding.span.message]
    number = pointed.item_of(low, finding.span.start, finding.span.end)
    person = _item(people, number) if number else None
    if person is None or person.last is None or person.last.span.message >= finding.span.message:
        return None
    return person


def _opens_entry(person: Person, finding: Finding, following: Sequence[Finding]) -> bool:
    """Tell whether `yang terakhir Budi, Garut, 3-4-1990` adds to a list and corrects nothing."""
    return finding.field is Field.FULL_NAME and _differences(person, following) > 0


def _item(people: list[Person], number: int) -> Person | None:
    """Return the person of that number in the list, -1 for the last."""
    listed = [one for one in people if one.listed] or people
    at = number - 1 if number > 0 else len(listed) + number
    return listed[at] if 0 <= at < len(listed) else None


def _told(people: list[Person], scene: Scene) -> None:
    """Hear who somebody is where the writer says it afterwards: `Ahmad itu saya sendiri`."""
    if len(people) < 2:
        return
    for message, mention in scene.stage.mentions:
        if mention.who == THEY:
            continue
        for said in pointed.subject(scene.stage.texts[message], mention.start):
            if (person := _subject(people, said)) is not None:
                _becomes(person, people, mention.who, mention.key)
                break


def _subject(people: list[Person], said: int | Collection[str]) -> Person | None:
    if isinstance(said, int):
        return _item(people, said)
    called = [one for one in people if one.words.issuperset(said)]
    return called[0] if len(called) == 1 else None


def _becomes(person: Person, people: list[Person], who: str, key: str) -> None:
    if who == SELF:
        for one in people:
            one.who = "" if one.who == SELF else one.who
    person.who, person.key, person.weight = who, key, ASKED


def _known(people: list[Person], finding: Finding, following: Sequence[Finding]) -> Person | None:
    """Return somebody spoken of before, whom the writer comes back to by name.

    To correct something, or to add what was missing: `Neneng 3203…` for the Neneng Hasanah of a
    list, when no other could be meant.
    """
    if finding.field is not Field.FULL_NAME:
        return None
    current = max((one.turn for one in people), default=-1)
    meant = [one for one in people if one.turn < current and _is_called(one, finding.value)]
    if len(meant) != 1:
        return None
    return meant[0] if finding.corrects or not _differences(meant[0], following) else None


def _called(people: list[Person], finding: Finding, scene: Scene) -> Person | None:
    """Return somebody spoken of before who lacks a date or NIK that stands behind their name."""
    if finding.entry or len(people) < 2 or finding.field not in _HARD:
        return None
    low = scene.stage.texts.get(finding.span.message, "")
    for words in pointed.called(low, finding.span.start):
        meant = [one for one in people if one.words.issuperset(words)]
        if len(meant) == 1:
            return meant[0] if finding.field not in meant[0].facts else None
    return None


def _is_called(person: Person, name: str) -> bool:
    known = person.facts.get(Field.FULL_NAME)
    return known is not None and same_name(known.value, name)


def _writer(
    people: list[Person], finding: Finding, following: Sequence[Finding], scene: Scene
) -> Person:
    """The writer: apart from all others, unless it is their own number that is asked for."""
    for person in people:
        if person.who == SELF:
            return person
    loose = next((one for one in people if not one.who), None)
    if (
        loose is not None
        and not scene.stage.asked.only_other
        and not _is_next(loose, finding, following)
        and not (_is_otherwise_called(loose, finding) and scene.stage.office)
    ):
        loose.who = SELF
        return loose
    people.append(Person(who=SELF, key=SELF))
    return people[-1]


def _named(
    people: list[Person],
    whose: Whose,
    finding: Finding,
    following: Sequence[Finding],
    scene: Scene,
) -> Person:
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
    people.append(Person(whose.who, whose.key, whose.weight))
    return people[-1]


def _is_otherwise_called(person: Person, finding: Finding) -> bool:
    return (
        finding.field is Field.FULL_NAME
        and Field.FULL_NAME in person.facts
        and not _is_called(person, finding.value)
    )


def _current(people: list[Person], finding: Finding, scene: Scene) -> Person | None:
    """Return who was on before; of those not asked about, only for what adjoins their words."""
    if not people:
        return None
    last = max(people, key=lambda one: one.turn)
    aside = _is_aside(last, scene)
    if not aside or (last.last is not None and scene.stage.adjoins(last.last, finding)):
        return last
    return next((one for one in reversed(people) if not _is_aside(one, scene)), None)


def _is_aside(person: Person, scene: Scene) -> bool:
    """Tell whether somebody is spoken of while another's number is asked for."""
    asked = scene.stage.asked
    if person.who == SELF:
        return asked.only_other
    if person.who == "" or person.weight >= ASKED or asked.own < KIN or asked.together:
        return False
    return asked.own >= ASKED or person.weight < asked.own


def _like(before: Person | None) -> str:
    """A next person without a word of who they are is another of the same kind."""
    if before is None or before.who == SELF or before.weight < ASKED:
        return ""
    return before.who


def _is_next(person: Person, finding: Finding, following: Sequence[Finding]) -> bool:
    """Tell whether a finding begins the entry of somebody after `person`."""
    old = person.facts.get(finding.field)
    if old is None or finding.corrects:
        return False
    if finding.field is Field.FULL_NAME:
        namesake = same_name(old.value, finding.value)
        return finding.starts_person and (not namesake or _differences(person, following) > 1)
    if same(old, finding):
        return finding.field is Field.BIRTH_PLACE and _goes_on_otherwise(person, following)
    if finding.starts_person:
        return True
    return any(_differs(person, one) for one in following if one.field != finding.field)


def _goes_on_otherwise(person: Person, following: Sequence[Finding]) -> bool:
    """Tell whether another's date and NIK come at once behind a place two people have."""
    return (
        person.facts.keys() >= _HARD
        and {one.field for one in following[:2]} == _HARD
        and all(_differs(person, one) for one in following[:2])
    )


def _differences(person: Person, following: Sequence[Finding]) -> int:
    """Count what is said of somebody otherwise than before, up to the next name."""
    own = takewhile(lambda one: one.field is not Field.FULL_NAME, following)
    return sum(_differs(person, one) for one in own)


def _differs(person: Person, finding: Finding) -> bool:
    old = person.facts.get(finding.field)
    if old is None or same(old, finding) or finding.corrects:
        return False
    return finding.field is not Field.FULL_NAME or not same_name(old.value, finding.value)


def _meant(people: list[Person], scene: Scene) -> list[Person]:
    """Leave out whose number nobody asks for, as long as somebody is left."""
    asked = scene.stage.asked
    if asked.only_other:
        kept = [one for one in people if one.who != SELF and not _is_mere_kin(one, asked)]
    elif asked.excludes:
        kept = [one for one in people if one.who in {"", SELF}]
    elif asked.only_own:
        kept = [one for one in people if one.who in {"", SELF} or one.weight >= ASKED]
    else:
        kept = people
    return kept if any(one.is_hard for one in kept) else people


def _is_mere_kin(person: Person, asked: Asked) -> bool:
    """Tell whether somebody is spoken of beside the one whose number is asked for."""
    another = person.who not in {"", SELF, asked.relation} and Field.NIK not in person.facts
    return another and asked.other >= ASKED and person.weight < KIN


def _patch(people: list[Person], finding: Finding) -> None:
    """Put a corrected part into the last fact of its kind."""
    for person in reversed(people):
        old = person.facts.get(finding.field)
        if old is None:
            continue
        value = patches.apply(old.value, finding)
        if value != old.value:
            person.facts[finding.field] = replace(
                fact_of(finding), value=value, history=history(old)
            )
        return


def _is_claim(person: Person, people: list[Person]) -> bool:
    """Tell whether somebody's number is asked for, rather than a person just mentioned."""
    if not person.facts:
        return False
    if person.is_hard:
        return True
    given = person.rules.get(Field.FULL_NAME) in GIVEN and person.who not in {"", SELF}
    listed = given and person.weight >= KIN
    return Field.FULL_NAME in person.facts and (listed or not any(one.is_hard for one in people))


def _claim(person: Person, at: int, people: Sequence[Person], scene: Scene) -> Claim:
    facts = dict(person.facts)
    number, birth = facts.get(Field.NIK), facts.get(Field.BIRTH_DATE)
    if number and birth:
        facts[Field.NIK], facts[Field.BIRTH_DATE] = agree(number, birth, scene.today)
    ordered = tuple(calibrated(facts[one]) for one in Field if one in facts)
    who = person.who or _who(at, people, scene)
    if who == SELF:
        return Claim(ordered, About.SELF)
    return Claim(ordered, About.OTHER, who or None)


def _who(at: int, people: Sequence[Person], scene: Scene) -> str:
    """Tell who somebody is of whom nothing nearby says it."""
    asked = scene.stage.asked
    loose = [one for one in people if not one.who]
    if asked.only_other or (asked.both and len(people) == 1 and asked.other >= asked.own):
        return asked.relation
    if (len(loose) > 1 and _is_staff(scene)) or (loose and scene.stage.office):
        return EMPLOYEE
    if len(loose) >= MANY:
        return ""
    writer = at == 0 and not any(one.who == SELF for one in people)
    return SELF if writer else asked.relation


def _is_staff(scene: Scene) -> bool:
    kin = scene.stage.asked.relation not in {"", EMPLOYEE} and scene.stage.asked.other >= ASKED
    return scene.stage.staff and not kin
