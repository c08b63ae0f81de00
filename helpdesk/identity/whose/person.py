"""One person of a conversation, and what becomes of a fact when another is said of them."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import fold
from helpdesk.identity.types import Fact, Field
from helpdesk.identity.words import names, places

_HARD = frozenset({Field.NIK, Field.BIRTH_DATE})
# Rules of facts that stand where they were asked for, behind a label or in a column.
GIVEN = frozenset({"nik_label", "nik_column", "name_label", "name_column"})
MAX_HISTORY = 10  # values shown to an agent; more is an attack, and would grow quadratically


@dataclass(slots=True)
class Person:
    """Somebody with what is said of them; `who` is "" until something tells."""

    who: str = ""
    key: str = ""
    weight: float = 0.0  # how strongly a mention says that this number is asked for
    facts: dict[Field, Fact] = field(default_factory=dict)
    rules: dict[Field, str] = field(default_factory=dict)
    last: Finding | None = None
    listed: bool = False  # an entry of a list
    turn: int = -1  # when they were spoken of last

    @property
    def words(self) -> frozenset[str]:
        """The folded words of their name."""
        name = self.facts.get(Field.FULL_NAME)
        return frozenset(fold(name.value).split()) if name else frozenset()

    @property
    def is_hard(self) -> bool:
        """Whether more than names and places is said of them."""
        return not _HARD.isdisjoint(self.facts)


def add(person: Person, finding: Finding) -> None:
    """Add what is said of somebody: new, said again, corrected or contradicted."""
    old = person.facts.get(finding.field)
    new = fact_of(finding)
    if old is None:
        person.facts[finding.field] = new
    elif same(old, finding):
        person.facts[finding.field] = _surer(old, new)
    elif finding.field is Field.FULL_NAME and not finding.starts_person:
        return  # a sign-off or an introduction never overrules a name given as such
    elif finding.field is Field.FULL_NAME and same_name(old.value, finding.value):
        person.facts[finding.field] = max(old, new, key=lambda fact: len(fact.value))
    elif finding.corrects:
        person.facts[finding.field] = replace(new, history=history(old))
    elif finding.rule == "nik_shape" and person.rules[Field.NIK] in GIVEN:
        return  # sixteen digits without a label beside a labelled NIK: a family card, mostly
    elif new.confidence >= old.confidence - 0.2:
        warnings = (*new.warnings, "contradicted")
        person.facts[finding.field] = replace(
            new, confidence=0.5, warnings=warnings, history=history(old)
        )
    person.rules.setdefault(finding.field, finding.rule)


def fact_of(finding: Finding) -> Fact:
    """Return a finding as a fact."""
    return Fact(
        finding.field, finding.value, finding.confidence, finding.span, finding.warnings,
        rule=finding.rule,
    )  # fmt: skip


def _surer(old: Fact, new: Fact) -> Fact:
    """Keep the surer of two equal facts; said twice is a little surer still."""
    best = max(old, new, key=lambda fact: fact.confidence)
    return replace(best, confidence=min(0.99, best.confidence + 0.01), history=old.history)


def history(old: Fact) -> tuple[str, ...]:
    """Return what was said in place of a fact before, the fact itself last."""
    return (*old.history, old.value)[-MAX_HISTORY:]


def same(old: Fact, new: Finding) -> bool:
    """Tell whether a finding says what is known already, however it is written."""
    if old.value == new.value:
        return True
    if new.field is Field.FULL_NAME:
        return _canonical(old.value) == _canonical(new.value)
    if new.field is Field.BIRTH_PLACE:
        return places.normalise(old.value) == places.normalise(new.value)
    return False


def same_name(one: str, two: str) -> bool:
    """Tell whether one name is the other with words left out."""
    first, second = set(_canonical(one)), set(_canonical(two))
    return first <= second or second <= first


@lru_cache(maxsize=256)  # each name of a list is compared with those before it
def _canonical(name: str) -> tuple[str, ...]:
    return tuple(names.canonical(name).split())
