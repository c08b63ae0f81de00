"""Measure answers of the matcher against who was meant. Pure.

A query counts as answered rightly when the best person is the one meant; somebody who is not in
the registry cannot be answered rightly with anybody. Accepting is by the probability of the best
person alone, unless a figure says otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

PRECISION = 0.99  # what the coverage of `Quality.at_precision` is taken at
SURE = 0.99  # the probability `Quality.at_sure` accepts from
BINS = 15  # of equally many queries, for the calibration error
THRESHOLDS = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998,
    0.999, 0.9999,
)  # fmt: skip
_STATED = (("full_name", "N"), ("birth_place", "P"), ("birth_date", "D"), ("nik", "I"))
_EDGES = (0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one query.

    Attributes:
        pattern: what was stated, N(ame) P(lace) D(ate) I(NIK), "-" for what was not.
        kind: "member", or what kind of non-member.
        rank: of the person meant among the persons found, from 1; 0 if they are not there.
        probability: of the best person, 0 without any.
        verdict: "match", "review" or "none".
    """

    pattern: str
    kind: str
    rank: int
    probability: float
    verdict: str = ""

    @property
    def member(self) -> bool:
        """Whether the person meant is in the registry."""
        return self.kind == "member"

    @property
    def identifiable(self) -> bool:
        """Whether the query states a NIK, or a name and a birth date."""
        return "I" in self.pattern or ("N" in self.pattern and "D" in self.pattern)

    @property
    def right(self) -> bool:
        """Whether the best person is the one meant."""
        return self.rank == 1


@dataclass(frozen=True, slots=True)
class Point:
    """What accepting from a probability on comes to; shares are in [0, 1].

    Attributes:
        threshold: the lowest probability accepted.
        accepted: how many queries are accepted.
        precision: the share of them that are right, 1 of none.
        coverage: the share of the members accepted rightly.
        false_accepts: the share of the non-members accepted.
        misdirected: how many members are accepted with somebody else.
    """

    threshold: float
    accepted: int
    precision: float
    coverage: float
    false_accepts: float
    misdirected: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Queries whose best probabilities lie together: their mean against the share right."""

    queries: int
    stated: float
    right: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """The queries that state the same facts, accepted at the threshold of `at_precision`."""

    pattern: str
    members: int
    others: int
    recall_1: float
    coverage: float
    false_accepts: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a set of queries was answered; shares are in [0, 1], of nothing they are 0.

    Attributes:
        queries: how many there are.
        members: how many of them are of persons in the registry.
        recall_1: the share of members whose person came first.
        recall_1_identifiable: the same of those with a NIK, or with a name and a birth date.
        recall_5: the share of members whose person was among the first five.
        at_precision: the lowest threshold at which PRECISION of what is accepted is right.
        at_sure: accepting from SURE on.
        matched: what the verdict "match" accepts; its threshold is 0.
        calibration_error: the mean distance of stated from observed over BINS bins.
        patterns: by what was stated, the most usual first.
        kinds: of non-members, how many of each kind were accepted at `at_precision`, and of how
            many.
        reliability: by fixed edges of the probability.
        curve: for each of THRESHOLDS.
    """

    queries: int
    members: int
    recall_1: float
    recall_1_identifiable: float
    recall_5: float
    at_precision: Point
    at_sure: Point
    matched: Point
    calibration_error: float
    patterns: tuple[Pattern, ...]
    kinds: Mapping[str, tuple[int, int]]
    reliability: tuple[Bin, ...]
    curve: tuple[Point, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Lay the figures out as text."""
        at, sure, matched = self.at_precision, self.at_sure, self.matched
        return [
            f"queries {self.queries:,}, of members {self.members:,}",
            (
                f"recall@1 {self.recall_1:.4f} (identifiable {self.recall_1_identifiable:.4f}), "
                f"recall@5 {self.recall_5:.4f}"
            ),
            (
                f"at {PRECISION:.0%} precision (p >= {at.threshold:.4f}): coverage "
                f"{at.coverage:.4f}, non-members accepted {at.false_accepts:.2%}"
            ),
            f"at p >= {SURE}: precision {sure.precision:.4f}, coverage {sure.coverage:.4f}",
            *([self._verdicts()] if matched.accepted else ()),
            f"calibration error {self.calibration_error:.4f}",
            "stated      members  recall@1  accepted  non-members accepted",
            *(
                f"{one.pattern:10} {one.members:8,}  {one.recall_1:8.3f}  {one.coverage:8.3f}  "
                f"{one.false_accepts} of {one.others}"
                for one in self.patterns
            ),
            *(f"{kind}: {taken} of {of} accepted" for kind, (taken, of) in self.kinds.items()),
            *(
                f"stated {one.stated:.4f}, right {one.right:.4f} ({one.queries:,})"
                for one in self.reliability
            ),
        ]

    def _verdicts(self) -> str:
        matched = self.matched
        return (
            f"verdict match: precision {matched.precision:.4f}, coverage {matched.coverage:.4f}, "
            f"non-members {matched.false_accepts:.2%}"
        )


def outcomes(
    queries: Iterable[Mapping[str, Any]],
    answers: Iterable[Mapping[str, Any]],
    truths: Iterable[Mapping[str, Any]],
) -> list[Outcome]:
    """Judge lines of `helpdesk match` by its input and by who was meant.

    Args:
        queries: `{"id", "full_name", "birth_place", "birth_date", "nik"}`.
        answers: `{"id", "candidates": [{"kpj", "probability", "person"}], "decision"}`.
        truths: `{"id", "kpjs", "kind"}`, all numbers of the person meant, none for a non-member.

    Raises:
        KeyError: a query has no answer or no truth.
    """
    answered = {str(each["id"]): each for each in answers}
    meant = {str(each["id"]): each for each in truths}
    return [_outcome(each, answered[str(each["id"])], meant[str(each["id"])]) for each in queries]


def pattern(query: Mapping[str, Any]) -> str:
    """Return which facts a query states, as `Outcome.pattern`."""
    return "".join(letter if query.get(field) else "-" for field, letter in _STATED)


def measure(judged: Sequence[Outcome]) -> Quality:
    """Return the figures of a set of queries."""
    members = [each for each in judged if each.member]
    sure = [each for each in members if each.identifiable]
    best = _at_precision(judged)
    return Quality(
        queries=len(judged),
        members=len(members),
        recall_1=_share(each.right for each in members),
        recall_1_identifiable=_share(each.right for each in sure),
        recall_5=_share(0 < each.rank <= 5 for each in members),
        at_precision=best,
        at_sure=_accepting(judged, SURE),
        matched=_point(judged, [each for each in judged if each.verdict == "match"], 0.0),
        calibration_error=calibration_error(judged),
        patterns=_patterns(judged, best.threshold),
        kinds=_kinds(judged, best.threshold),
        reliability=_reliability(judged),
        curve=tuple(_accepting(judged, threshold) for threshold in THRESHOLDS),
    )


def calibration_error(judged: Iterable[Outcome]) -> float:
    """Return the mean distance of stated from observed, over bins of equally many queries.

    Queries that found nobody state nothing and are left out.
    """
    found = [(each.probability, each.right) for each in judged if each.probability > 0]
    found.sort(key=itemgetter(0))
    bins = [found[len(found) * i // BINS : len(found) * (i + 1) // BINS] for i in range(BINS)]
    off = sum(abs(sum(p for p, _ in some) - sum(right for _, right in some)) for some in bins)
    return off / max(len(found), 1)


def _outcome(
    query: Mapping[str, Any], answer: Mapping[str, Any], truth: Mapping[str, Any]
) -> Outcome:
    meant = set(truth["kpjs"])
    persons = list(dict.fromkeys(each["person"] for each in answer["candidates"]))
    right = [each["person"] for each in answer["candidates"] if each["kpj"] in meant]
    return Outcome(
        pattern=pattern(query),
        kind=truth["kind"],
        rank=persons.index(right[0]) + 1 if right else 0,
        probability=max((each["probability"] for each in answer["candidates"]), default=0.0),
        verdict=answer.get("decision", ""),
    )


def _at_precision(judged: Sequence[Outcome]) -> Point:
    """Return the lowest threshold at which enough of what is accepted is right."""
    ranked = sorted(judged, key=lambda each: -each.probability)
    accepted = right = 0
    threshold = 1.01  # nothing, should no threshold do
    for probability, tied in groupby(ranked, key=lambda each: each.probability):
        for each in tied:
            accepted += 1
            right += each.right
        if probability > 0 and right >= PRECISION * accepted:
            threshold = probability
    return _accepting(judged, threshold)


def _accepting(judged: Sequence[Outcome], threshold: float) -> Point:
    return _point(judged, [each for each in judged if each.probability >= threshold], threshold)


def _point(judged: Sequence[Outcome], accepted: Sequence[Outcome], threshold: float) -> Point:
    members = sum(each.member for each in judged)
    right = sum(each.right for each in accepted)
    strangers = sum(not each.member for each in accepted)
    return Point(
        threshold=threshold,
        accepted=len(accepted),
        precision=right / len(accepted) if accepted else 1.0,
        coverage=right / max(members, 1),
        false_accepts=strangers / max(len(judged) - members, 1),
        misdirected=len(accepted) - strangers - right,
    )


def _patterns(judged: Sequence[Outcome], threshold: float) -> tuple[Pattern, ...]:
    def one(name: str) -> Pattern:
        members = [each for each in judged if each.pattern == name and each.member]
        others = [each for each in judged if each.pattern == name and not each.member]
        return Pattern(
            pattern=name,
            members=len(members),
            others=len(others),
            recall_1=_share(each.right for each in members),
            coverage=_share(each.right and each.probability >= threshold for each in members),
            false_accepts=sum(each.probability >= threshold for each in others),
        )

    found = [one(name) for name in {each.pattern for each in judged}]
    return tuple(sorted(found, key=lambda each: (-each.members, each.pattern)))


def _kinds(judged: Sequence[Outcome], threshold: float) -> dict[str, tuple[int, int]]:
    names = sorted({each.kind for each in judged if not each.member})
    kinds = {name: [each for each in judged if each.kind == name] for name in names}
    return {
        name: (sum(each.probability >= threshold for each in some), len(some))
        for name, some in kinds.items()
    }


def _reliability(judged: Sequence[Outcome]) -> tuple[Bin, ...]:
    found = [each for each in judged if each.probability > 0]
    bins = []
    for low, high in zip(_EDGES, (*_EDGES[1:], 1.01), strict=True):
        some = [each for each in found if low <= each.probability < high]
        if some:
            stated = sum(each.probability for each in some) / len(some)
            bins.append(Bin(len(some), stated, _share(each.right for each in some)))
    return tuple(bins)


def _share(flags: Iterable[bool]) -> float:
    listed = list(flags)
    return sum(listed) / max(len(listed), 1)
