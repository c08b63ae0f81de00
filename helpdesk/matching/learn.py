"""Estimate how often each level turns up between a query and the person it means (m). Pure.

From queries nobody answered by expectation and maximisation: the candidates of a query compete
for being the one meant, with nobody among them (Fellegi-Sunter with one-of-N). Nobody is a
stranger of one of several kinds: any, or one who shares some facts with somebody registered; so a
namesake who is not registered need not pass for a member whose NIK is altogether another. From
queries that were answered by counting. How often a level turns up between strangers (u) is not
learned here: it is counted in the registry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.int64]
Parameter: TypeAlias = tuple[str, str]  # a feature and one of its levels

UNKNOWN, NOBODY = -2, -1  # of `Sample.chosen`
_ROUNDS = 200
_SETTLED = 1e-5
_SMOOTHING = 0.5  # added to every count of answers: what was never seen may still happen
_TRUSTED_QUERIES = 300.0  # what expectation says counts for at most so many answers
_ANCHOR_QUERIES = 20.0  # what is in use counts for so many, until queries say otherwise
_LEAST = 1e-4  # of any level: no single surprise may settle a question


@dataclass(frozen=True, slots=True)
class Space:
    """What there is to estimate.

    Attributes:
        parameters: the levels, P of them.
        group: [P] those of one group exclude each other, and their shares keep their sum.
        fact: [P] which of F facts a level is of.
        conflict: [P] whether a level speaks against a person; unanswered queries can hardly tell
            how often a true person shows it, since a stranger's query shows it as well.
        silent: [P] whether a level is counted, for the shares of the others, but weighs nothing.
        shared: [K, F] which facts a stranger of each kind has in common with somebody registered;
            the first kind shares none.
    """

    parameters: tuple[Parameter, ...]
    group: Numbers
    fact: Numbers
    conflict: Flags
    silent: Flags
    shared: Flags


@dataclass(frozen=True, slots=True)
class Sample:
    """Queries with their candidates, those of one query together.

    Attributes:
        query: [rows] the number of each candidate's query, from 0, ascending.
        counts: [rows, P] how often each level was seen; what was not compared counts nothing.
        fixed: [rows, F] the natural logarithm of all that does not depend on m, -log u above all.
        limits: [rows, F, 2] what each fact weighs at least and at most, in natural logarithms.
        apart: [rows, K] whether strangers of a kind cannot be taken for this candidate.
        plain: [queries, K] whether a query states nothing that strangers of a kind would share, so
            that they are strangers like any.
        chosen: [queries] which row is meant as answers say, NOBODY or UNKNOWN.
        population: how many persons there are to be meant.
    """

    query: Numbers
    counts: Floats
    fixed: Floats
    limits: Floats
    apart: Flags
    plain: Flags
    chosen: Numbers
    population: int


@dataclass(frozen=True, slots=True)
class Shares:
    """What is estimated.

    Attributes:
        m: [P] the share of each level among true pairs.
        member: the share of queries whose person is in the registry.
        strangers: [K] the shares of the kinds of strangers among the others; they sum to 1.
    """

    m: Floats
    member: float
    strangers: Floats


@dataclass(frozen=True, slots=True)
class Likely:
    """Who is meant: each candidate [rows], a stranger of each kind [queries, K]; 1 a query."""

    candidates: Floats
    strangers: Floats


def estimate(sample: Sample, space: Space, start: Shares) -> tuple[Shares, int]:
    """Estimate the shares, and say in how many rounds.

    Args:
        sample: queries; those with an answer are taken at their word.
        space: the levels, and the kinds of strangers.
        start: what is in use: where to start, and to stay near where little is seen.
    """
    known = sample.chosen != UNKNOWN
    answered = _said(sample) @ sample.counts
    at, rounds = start, 0
    for rounds in range(1, _ROUNDS + 1):  # noqa: B007 - told in the result
        likely = responsibilities(sample, space, at)
        guessed = (likely.candidates * ~known[sample.query]) @ sample.counts
        found = Shares(
            _levels(guessed, answered, space, start.m),
            _members(likely, start),
            _strangers(likely, start),
        )
        moved = np.abs(np.log(found.m / at.m)).max(initial=abs(np.log(found.member / at.member)))
        at = found
        if moved < _SETTLED:
            break
    return at, rounds


def responsibilities(sample: Sample, space: Space, at: Shares) -> Likely:
    """Return how likely each candidate and each kind of stranger is to be the one meant.

    A person known from an answer is meant for certain, and so is a stranger of some kind.
    """
    queries = len(sample.chosen)
    facts = _by_fact(sample, space, at.m)
    alike = facts @ space.shared.T.astype(float) - np.log(sample.population or 1)
    alike[sample.apart] = -np.inf
    bits = facts.sum(axis=1) + np.log(at.member / (sample.population or 1))
    known = sample.chosen[sample.query] != UNKNOWN
    bits = np.where(known, np.where(_said(sample) > 0, 0.0, -np.inf), bits)
    top = np.zeros(queries)
    for row in (bits, alike.max(axis=1, initial=0.0)):
        np.maximum.at(top, sample.query, row)
    outside = np.zeros((queries, len(at.strangers)))
    np.add.at(outside, sample.query, np.exp(alike - top[sample.query, None]))
    outside = np.where(sample.plain, np.exp(-top)[:, None], outside)
    outside *= (1 - at.member) * at.strangers
    outside[sample.chosen >= 0] = 0.0
    odds = np.exp(bits - top[sample.query])
    total = outside.sum(axis=1)
    np.add.at(total, sample.query, odds)
    return Likely(odds / total[sample.query], outside / total[:, None])


def split(keys: Sequence[int], *, parts: int) -> Numbers:
    """Deal queries into parts that depend on nothing but their numbers."""
    mixed = np.asarray(keys, dtype=np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15)
    dealt: Numbers = ((mixed >> np.uint64(40)) % np.uint64(parts)).astype(np.int64)
    return dealt


def named(space: Space, m: Floats) -> Mapping[Parameter, float]:
    """Return the shares of levels by name."""
    return dict(zip(space.parameters, map(float, m), strict=True))


def _by_fact(sample: Sample, space: Space, m: Floats) -> Floats:
    """Return what each fact of each candidate weighs, [rows, F]."""
    seen = sample.counts * np.where(space.silent, 0.0, np.log(m))
    facts = sample.fixed.copy()
    for fact in np.unique(space.fact):
        facts[:, fact] += seen[:, space.fact == fact].sum(axis=1)
    held: Floats = np.clip(facts, sample.limits[..., 0], sample.limits[..., 1])
    return held


def _said(sample: Sample) -> Floats:
    """Return 1 for the candidates that answers name, else 0, [rows]."""
    said = np.zeros(len(sample.query))
    said[sample.chosen[sample.chosen >= 0]] = 1.0
    return said


def _members(likely: Likely, start: Shares) -> float:
    found = likely.candidates.sum() + _ANCHOR_QUERIES * start.member
    return float(np.clip(found / (len(likely.strangers) + _ANCHOR_QUERIES), 0.01, 0.999))


def _strangers(likely: Likely, start: Shares) -> Floats:
    found = likely.strangers.sum(axis=0) + _ANCHOR_QUERIES * start.strangers
    shares: Floats = found / found.sum()
    return shares


def _levels(guessed: Floats, answered: Floats, space: Space, start: Floats) -> Floats:
    """Return m from expected counts and from answers, more of the latter the more there are."""
    found = np.empty_like(start)
    for number in np.unique(space.group):
        mine = np.flatnonzero(space.group == number)
        found[mine] = _of_group(guessed[mine], answered[mine], space.conflict[mine], start[mine])
    return found


def _of_group(guessed: Floats, answered: Floats, conflict: Flags, start: Floats) -> Floats:
    whole = start.sum()
    believed = guessed + _ANCHOR_QUERIES * start / whole
    believed /= believed.sum()
    if conflict.any() and not conflict.all():
        kept = start[conflict] / whole
        believed[~conflict] *= (1 - kept.sum()) / believed[~conflict].sum()
        believed[conflict] = kept
    if answered.sum():
        trust = min(guessed.sum() + _ANCHOR_QUERIES, _TRUSTED_QUERIES)
        believed = answered + _SMOOTHING + trust * believed
    found = np.maximum(believed / believed.sum(), _LEAST)
    shares: Floats = found / found.sum() * whole
    return shares
