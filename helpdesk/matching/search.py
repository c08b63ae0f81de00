"""Find the persons one query may mean: by exact keys, and by all others unless that makes sure.

marks -> NIK, words on its dates -> leaders -> weigh their records -> the best of each; sure?
 -> NIK or date one slip off, words, place, all of the day -> leaders -> ...; sure?
 -> a slip in a word that nobody has -> leaders -> ... -> probabilities
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from helpdesk.matching import features, retrieval, score, weights_store
from helpdesk.matching.answers import Person, Weighing, answered
from helpdesk.matching.decision import Posterior, log_odds_alone, posterior
from helpdesk.matching.features import DATE, NAME, Facts
from helpdesk.matching.observed import Observed, observed
from helpdesk.matching.retrieval import Key, Leaders, Marks, Pool
from helpdesk.matching.score import Scale, Thresholds, Weighed, Weights
from helpdesk.matching.types import Answer, Level, Query, Verdict
from helpdesk.registry import keys, layout
from helpdesk.registry.serving import Found, Reader, serving

_SURE_NATS = 3.0  # a probability of .95
_LIMITS = Thresholds()
_NOBODY = Answer((), Verdict.NONE)
_NO_NIKS = np.empty(0, dtype=np.int64)


@dataclass(slots=True)
class Hunt:
    """One query, and what was found of it so far."""

    asked: Facts
    mark: Marks
    scaled: Scale
    pool: Pool = field(default_factory=Pool)
    leaders: Leaders = field(default_factory=lambda: Leaders({}, 0.0, cut=False))
    known: dict[int, Person] = field(default_factory=dict)  # those who were weighed, by number
    niks: NDArray[np.int64] = field(default_factory=lambda: _NO_NIKS)  # one slip off, once made
    cut: bool = False  # whether a stage had to be left out


def find(
    session: Session,
    query: Query,
    *,
    today: dt.date,
    weights: Weights | None = None,
    limits: Thresholds = _LIMITS,
    first: int | None = None,
) -> Answer:
    """Return the persons a query may mean, best first, every KPJ of a person together.

    `first` is the number of somebody to put before the best, however unlikely.
    """
    if first is None:
        return find_each(session, [query], today=today, weights=weights, limits=limits)[0]
    reader = serving(session)
    if reader is None:
        return _NOBODY
    used = weights or weights_store.active(session)
    [hunt] = _begin(reader, [query], used, latest=today.toordinal())
    _hunted(reader, hunt)
    weighing = _weighed(reader, hunt, first)
    return answered(hunt.asked, hunt.scaled, weighing, _posterior(hunt, weighing, first), limits)


def find_each(
    session: Session,
    queries: Sequence[Query],
    *,
    today: dt.date,
    weights: Weights | None = None,
    limits: Thresholds = _LIMITS,
) -> list[Answer]:
    """Answer many queries, in order; all share the first question to the registry."""
    reader = serving(session)
    if reader is None or not queries:
        return [_NOBODY] * len(queries)
    used = weights or weights_store.active(session)
    found = []
    for hunt in _begin(reader, queries, used, latest=today.toordinal()):
        weighing = _hunted(reader, hunt)
        chances = _posterior(hunt, weighing)
        found.append(answered(hunt.asked, hunt.scaled, weighing, chances, limits))
    return found


def observe(
    session: Session, query: Query, *, today: dt.date, weights: Weights | None = None
) -> Observed | None:
    """Return what training sees of a query; None where the registry is empty."""
    reader = serving(session)
    if reader is None:
        return None
    used = weights or weights_store.active(session)
    [hunt] = _begin(reader, [query], used, latest=today.toordinal())
    weighing = _hunted(reader, hunt)
    return observed(hunt.scaled, weighing, _posterior(hunt, weighing), _unseen(hunt))


def _begin(
    reader: Reader, queries: Sequence[Query], weights: Weights, *, latest: int
) -> list[Hunt]:
    """Look up for all queries at once how common they are and what their exact keys lead to."""
    plan, persons = reader.generation.layout, reader.generation.persons
    asked = [
        features.facts(
            query.full_name,
            query.birth_place,
            query.birth_date.toordinal() if query.birth_date else None,
            query.nik,
        )
        for query in queries
    ]
    marked = [retrieval.marks(each, latest=latest) for each in asked]
    wanted = [retrieval.exact_keys(plan, mark) for mark in marked]
    buckets = {bucket for sought in wanted for bucket, _, _ in sought}
    terms = {term for mark in marked for term in retrieval.terms(mark)}
    entries, counted = reader.look(buckets, terms)
    hunts = []
    for each, mark, sought in zip(asked, marked, wanted, strict=True):
        counts = retrieval.counts(mark, counted, persons)
        hunt = Hunt(each, mark, score.scale(counts, weights))
        retrieval.select(hunt.pool, entries, sought)
        hunts.append(hunt)
    return hunts


def _hunted(reader: Reader, hunt: Hunt) -> Weighing | None:
    """Look by every other key, unless somebody is surely the one meant."""
    weighing = _weighed(reader, hunt)
    if _is_sure(hunt, weighing):
        return weighing
    whole = _is_whole(weighing)
    _look_near(reader, hunt, whole=whole)
    weighing = _weighed(reader, hunt)
    if whole or _is_sure(hunt, weighing) or not _look_respelled(reader, hunt):
        return weighing
    return _weighed(reader, hunt)


def _look_near(reader: Reader, hunt: Hunt, *, whole: bool) -> None:
    """Look for NIKs one slip off and, unless a name was met whole, dates, words and the day."""
    hunt.niks = keys.near_niks(hunt.asked.nik)
    near = retrieval.near_nik_keys(reader.generation.layout, hunt.niks)
    if not whole:
        near += retrieval.near_keys(reader.generation.layout, hunt.asked, hunt.mark, hunt.scaled)
    _look(reader, hunt, near)
    if hunt.mark.day and not whole:
        if retrieval.is_scannable(hunt.mark, hunt.scaled):
            for everyone in reader.posting_range(*retrieval.day_range(hunt.mark)):
                hunt.pool.add(everyone, retrieval.BY_DAY)
        else:
            hunt.cut = True


def _look_respelled(reader: Reader, hunt: Hunt) -> bool:
    """Look for names with another word in place of one that hardly anybody has, if there are."""
    near = retrieval.near_words(hunt.asked, hunt.mark, hunt.scaled)
    if not near:
        return False
    _, known = reader.look((), near)
    slips = [near[term] for term, persons in known.items() if persons]
    plan = reader.generation.layout
    _look(reader, hunt, retrieval.slip_keys(plan, hunt.asked, hunt.mark, hunt.scaled, slips))
    return bool(slips)


def _look(reader: Reader, hunt: Hunt, sought: Sequence[Key]) -> None:
    if sought:
        entries, _ = reader.look({bucket for bucket, _, _ in sought}, ())
        retrieval.select(hunt.pool, entries, sought)


def _weighed(reader: Reader, hunt: Hunt, first: int | None = None) -> Weighing | None:
    """Weigh the leaders of what was found so far, and `first`; None if nobody was."""
    hunt.leaders = retrieval.leaders(hunt.pool, hunt.asked, hunt.mark, hunt.scaled, hunt.niks)
    ways = hunt.leaders.ways
    if first is not None:
        ways.setdefault(first, retrieval.BY_NAME)
    if not ways:
        return None
    new = [person for person in ways if person not in hunt.known]
    if new:
        _meet(hunt, reader.persons(new))
    return Weighing([hunt.known[person] for person in sorted(ways)], ways)


def _meet(hunt: Hunt, records: Sequence[Found]) -> None:
    """Weigh persons by all their records, those of one together."""
    for number, group in groupby(records, _person):
        found = list(group)
        recorded = [
            features.facts(each.full_name, each.birth_place, each.birth_day, each.nik)
            for each in found
        ]
        rows = [score.weigh(features.compare(hunt.asked, each), hunt.scaled) for each in recorded]
        hunt.known[number] = Person(number, found, recorded, rows, score.of_person(rows))


def _is_sure(hunt: Hunt, weighing: Weighing | None) -> bool:
    """Tell whether one of the persons is the one meant, beyond what more keys could add."""
    if weighing is None:
        return False
    best = _best(weighing)
    if best.levels[NAME] in _DOUBTED and best.bits[NAME] < 0:
        return False  # a slip may have led to somebody else's NIK
    return log_odds_alone(best, hunt.scaled) >= _SURE_NATS


def _is_whole(weighing: Weighing | None) -> bool:
    """Tell whether the best bears the whole name and was born on the stated date.

    All who share a word and that date were found, so only a NIK leads to anybody likelier.
    """
    if weighing is None:
        return False
    best = _best(weighing)
    return best.levels[NAME] in _WHOLE and best.levels[DATE] == _EXACT


def _best(weighing: Weighing) -> Weighed:
    return max([each.weighed for each in weighing.persons], key=_total)


def _posterior(
    hunt: Hunt, weighing: Weighing | None, first: int | None = None
) -> Posterior | None:
    if weighing is None:
        return None
    cut = hunt.cut or hunt.leaders.cut
    at = None
    if first is not None:
        at = [each.number for each in weighing.persons].index(first)
    persons = [each.weighed for each in weighing.persons]
    return posterior(persons, hunt.scaled, unseen=_unseen(hunt), cut=cut, first=at)


def _unseen(hunt: Hunt) -> float:
    return hunt.leaders.unseen + _hidden(hunt)


def _hidden(hunt: Hunt) -> float:
    """Return the summed weight of namesakes whom no key led to, since they are too many.

    They bear the asked name, or a word and the asked name is that; a NIK or date that is stated is
    not theirs, or a key had led there.
    """
    scaled, hidden = hunt.scaled, 0.0
    if hunt.mark.name and scaled.counts.name > layout.COMMON:
        left = scaled.counts.name - retrieval.namesakes(hunt.pool, hunt.mark)
        hidden += max(left, 0) * 2.0 ** scaled.name[_SAME]
    if len(scaled.counts.words) == 1 and scaled.counts.words[0] > layout.COMMON:
        left = scaled.counts.words[0] - scaled.counts.name
        hidden += max(left, 0) * 2.0 ** score.shortened(scaled)
    if hunt.asked.day is not None:
        hidden *= 2.0 ** scaled.date[_DIFFERENT]
    if hunt.asked.nik:
        hidden *= 2.0 ** scaled.weights.nik[0][_DIFFERENT]
    return float(hidden)


_person, _total = attrgetter("person"), attrgetter("total")
_DOUBTED = (features.CODES[Level.SIMILAR], features.CODES[Level.DIFFERENT])
_SAME, _DIFFERENT = features.CODES[Level.SAME], features.CODES[Level.DIFFERENT]
_EXACT = features.CODES[Level.EXACT]
_WHOLE = (_EXACT, _SAME)
