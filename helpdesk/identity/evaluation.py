"""How well conversations are read: labels (tests/data/identity/README.md) against claims."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from helpdesk.identity.extract import extract
from helpdesk.identity.reading import fold
from helpdesk.identity.types import Claim, Conversation, Fact, Field, Span
from helpdesk.identity.words import names, places

BINS = 10  # of the reliability diagram

Label: TypeAlias = Mapping[str, Any]  # one person of a labelled conversation


@dataclass(frozen=True, slots=True)
class Miss:
    """One wrong reading; `said` and `meant` are personal data when the conversation is real."""

    id: str
    what: str  # a field, `person` (missed or invented) or `about`
    said: str
    meant: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.id}: {self.what} {self.said!r}, meant {self.meant!r} {self.rule}"


@dataclass(slots=True)
class Report:
    """Counts over labelled conversations; every rate is in [0, 1]."""

    conversations: int = 0
    right: Counter[Field] = field(default_factory=Counter)
    read: Counter[Field] = field(default_factory=Counter)
    meant: Counter[Field] = field(default_factory=Counter)
    placed: int = 0  # right facts whose span touches where the label says
    people: int = 0
    whole: int = 0  # people with every fact right and none too many
    about: int = 0  # people known to be the writer, or whose relation is right
    false_people: int = 0
    quiet: int = 0  # conversations that ask nothing
    kept_quiet: int = 0  # of these, without a false person
    sureness: list[tuple[float, bool]] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)

    def precision(self, name: Field) -> float:
        return self.right[name] / max(1, self.read[name])

    def recall(self, name: Field) -> float:
        return self.right[name] / max(1, self.meant[name])

    def f1(self, name: Field) -> float:
        return 2 * self.right[name] / max(1, self.read[name] + self.meant[name])

    @property
    def whole_rate(self) -> float:
        return self.whole / max(1, self.people)

    @property
    def quiet_rate(self) -> float:
        return self.kept_quiet / max(1, self.quiet)

    @property
    def ece(self) -> float:
        """Expected calibration error: how far confidences are from the share that is right."""
        gaps = sum(abs(mean - share) * size for _, size, mean, share in self.reliability())
        return gaps / max(1, len(self.sureness))

    def reliability(self) -> Iterator[tuple[float, int, float, float]]:
        """Yield lower bound, size, mean confidence and share right of each bin that has facts."""
        for number in range(BINS):
            some = [one for one in self.sureness if min(int(one[0] * BINS), BINS - 1) == number]
            if some:
                mean = sum(sure for sure, _ in some) / len(some)
                yield number / BINS, len(some), mean, sum(ok for _, ok in some) / len(some)

    def lines(self) -> list[str]:
        """Lay the figures out as text, without a word of any conversation."""
        rows = [
            f"{name:12} precision {self.precision(name):.3f}  recall {self.recall(name):.3f}"
            f"  F1 {self.f1(name):.3f}  ({self.meant[name]} stated)"
            for name in Field
        ]
        bins = [f"{mean:.2f}→{share:.2f} ({size})" for _, size, mean, share in self.reliability()]
        return [
            *rows,
            (
                f"people       {self.whole} of {self.people} whole ({self.whole_rate:.3f}),"
                f" {self.about} known who, {self.false_people} false"
            ),
            (
                f"quiet        {self.kept_quiet} of {self.quiet} conversations that ask nothing"
                f" ({self.quiet_rate:.3f})"
            ),
            f"places       {self.placed} of {self.right.total()} right facts where they stand",
            f"calibration  ECE {self.ece:.3f}: {'  '.join(bins)}",
        ]


def score(rows: Iterable[Mapping[str, Any]], *, today: dt.date) -> Report:
    """Read labelled conversations with today's rules and compare."""
    report = Report()
    for row in rows:
        compare(row, extract(conversation(row), today=today), report)
    return report


def conversation(row: Mapping[str, Any]) -> Conversation:
    """Return what was written, of a labelled conversation."""
    return Conversation(tuple(row["messages"]), row.get("subject", ""), row.get("sender_name", ""))


def compare(row: Mapping[str, Any], claims: Sequence[Claim], report: Report) -> None:
    """Add one conversation and what was read of it to a report."""
    report.conversations += 1
    meant: Sequence[Label] = row["people"]
    report.quiet += not meant
    report.kept_quiet += not meant and not claims
    pairs = dict(paired([[_in_common(label, claim) for claim in claims] for label in meant]))
    for at, label in enumerate(meant):
        claim = claims[pairs[at]] if at in pairs else None
        _count_person(row, label, claim, report)
    for number, claim in enumerate(claims):
        if number not in pairs.values():
            _count_false(row, claim, report)


def same(name: Field, one: str, two: str) -> bool:
    """Tell whether two values of a field are one, letter case and place abbreviations aside."""
    if name is Field.BIRTH_PLACE:
        return places.normalise(one) == places.normalise(two)
    if name is Field.FULL_NAME:
        return _plain(one) == _plain(two)
    return one == two


def _plain(name: str) -> str:
    return " ".join(fold(names.display(name)).replace(".", " ").split())


def paired(common: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Yield which claim is about which person, most facts in common first.

    `common` has a row for each person: how many facts each claim shares with them. Whoever shares
    none stays alone; among equals those go together that stand at the same place.
    """
    ranked = sorted(
        (-facts, abs(at - number), at, number)
        for at, row in enumerate(common)
        for number, facts in enumerate(row)
    )
    people: set[int] = set()
    taken: set[int] = set()
    for facts, _, at, number in ranked:
        if facts and at not in people and number not in taken:
            people.add(at)
            taken.add(number)
            yield at, number


def _count_person(
    row: Mapping[str, Any], label: Label, claim: Claim | None, report: Report
) -> None:
    report.people += 1
    facts = {fact.field: fact for fact in claim.facts} if claim else {}
    for name in Field:
        _count_fact(row, label, name, facts.get(name), report)
    report.whole += all(
        _is_right(label, facts[name]) if name in facts else name not in label for name in Field
    )
    if claim is None:
        report.misses.append(Miss(row["id"], "person", "", str(label.get("full_name", ""))))
        return
    who = (claim.about.value, claim.relation)
    if who == (label["about"], label.get("relation")):
        report.about += 1
    else:
        meant = f"{label['about']} {label.get('relation')}"
        report.misses.append(Miss(row["id"], "about", " ".join(map(str, who)), meant))


def _count_fact(
    row: Mapping[str, Any], label: Label, name: Field, fact: Fact | None, report: Report
) -> None:
    right = fact is not None and _is_right(label, fact)
    report.meant[name] += name in label
    report.read[name] += fact is not None
    report.right[name] += right
    if fact is not None:
        report.sureness.append((fact.confidence, right))
        report.placed += right and _is_placed(row, label, fact)
    if not right and (fact is not None or name in label):
        said = fact.value if fact else ""
        rule = fact.rule if fact else ""
        report.misses.append(Miss(row["id"], name, said, str(label.get(name, "")), rule))


def _count_false(row: Mapping[str, Any], claim: Claim, report: Report) -> None:
    report.false_people += 1
    report.misses.append(
        Miss(
            row["id"], "person", " | ".join(f"{one.value} [{one.rule}]" for one in claim.facts), ""
        )
    )
    for fact in claim.facts:
        report.read[fact.field] += 1
        report.sureness.append((fact.confidence, False))


def _is_right(label: Label, fact: Fact) -> bool:
    stated = [label[fact.field]] if fact.field in label else []
    also = label.get("contradicted", {}).get(fact.field, [])
    return any(same(fact.field, fact.value, each) for each in [*stated, *also])


def _in_common(label: Label, claim: Claim) -> int:
    return sum(_is_right(label, fact) for fact in claim.facts)


def place_of(row: Mapping[str, Any], said: Sequence[Any]) -> Span | None:
    """Return where a `said` entry of a label stands in its conversation, None when it does not."""
    message, text, *nth = said
    where = row.get("subject", "") if message == -1 else row["messages"][message]
    at = -1
    for _ in range((nth[0] if nth else 0) + 1):
        at = where.find(text, at + 1)
    return Span(message, at, at + len(text)) if text and at >= 0 else None


def _is_placed(row: Mapping[str, Any], label: Label, fact: Fact) -> bool:
    said = label.get("said", {}).get(fact.field)
    if fact.span is None or said is None:
        return said is None
    place = place_of(row, said)
    return (
        place is not None
        and fact.span.message == place.message
        and fact.span.start < place.end
        and place.start < fact.span.end
    )
