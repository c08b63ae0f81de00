from dataclasses import replace

import numpy as np
import pytest

from helpdesk.matching.learn import (
    NOBODY,
    UNKNOWN,
    Sample,
    Shares,
    Space,
    estimate,
    named,
    responsibilities,
    split,
)

# Two facts: a date that is exact, near or another, and a place that is the same or not. Strangers
# share nothing, or the place.
SPACE = Space(
    (
        ("date", "exact"), ("date", "near"), ("date", "different"),
        ("place", "same"), ("place", "different"),
    ),
    group=np.array([0, 0, 0, 1, 1]),
    fact=np.array([0, 0, 0, 1, 1]),
    conflict=np.array([False, False, True, False, False]),
    silent=np.zeros(5, dtype=bool),
    shared=np.array([[False, False], [False, True]]),
)  # fmt: skip
TRUE_M = np.array([0.90, 0.08, 0.02, 0.7, 0.3])
U = np.array([0.001, 0.01, 0.989, 0.02, 0.98])
RIVALS = 10
START = Shares(np.array([0.6, 0.38, 0.02, 0.5, 0.5]), 0.5, np.array([0.9, 0.1]))


def simulated(*, queries=4000, members=0.8, answered=0.0, seed=1, neighbours=0.0):
    """Draw queries: of members one candidate shows levels as TRUE_M says, all others as U.

    So many of the others are neighbours: of one candidate they share the place as if they were.
    """
    dice = np.random.default_rng(seed)
    rows = queries * RIVALS
    meant = np.where(dice.random(queries) < members, 0, NOBODY)
    near = (meant == NOBODY) & (dice.random(queries) < neighbours)
    first = np.arange(queries) * RIVALS
    counts = np.zeros((rows, 5))
    for levels, alike in ((slice(0, 3), meant == 0), (slice(3, 5), (meant == 0) | near)):
        true = np.zeros(rows, dtype=bool)
        true[first[alike]] = True
        for which, shares in ((true, TRUE_M), (~true, U)):
            drawn = dice.choice(levels.stop - levels.start, which.sum(), p=shares[levels])
            counts[np.flatnonzero(which), levels.start + drawn] = 1
    known = dice.random(queries) < answered
    chosen = np.where(known, np.where(meant == 0, first, NOBODY), UNKNOWN)
    weighed = -counts * np.log(U)
    fixed = np.column_stack([weighed[:, :3].sum(axis=1), weighed[:, 3:].sum(axis=1)])
    return sample(np.repeat(np.arange(queries), RIVALS), counts, fixed, chosen)


def sample(query, counts, fixed, chosen, *, population=RIVALS, limit=np.inf):
    limits = np.stack([np.full(fixed.shape, -limit), np.full(fixed.shape, limit)], axis=-1)
    apart = np.zeros((len(query), 2), dtype=bool)
    plain = np.tile([True, False], (len(chosen), 1))
    return Sample(query, counts, fixed, limits, apart, plain, chosen, population)


def lone(chosen=UNKNOWN, fixed=(40.0, 40.0), **options):
    """Return one query with two candidates."""
    facts = np.column_stack([fixed, fixed])
    query, counts = np.zeros(2, dtype=int), np.zeros((2, 5))
    return sample(query, counts, facts, np.array([chosen]), population=1000, **options)


def test_levels_of_true_pairs_are_found_without_an_answer():
    found, _ = estimate(simulated(), SPACE, START)
    assert found.m == pytest.approx(TRUE_M, abs=0.03)
    assert found.member == pytest.approx(0.8, abs=0.03)


def test_strangers_who_share_a_fact_are_told_from_members():
    found, _ = estimate(simulated(members=0.5, neighbours=0.6), SPACE, START)
    assert found.strangers == pytest.approx([0.4, 0.6], abs=0.1)
    assert found.member == pytest.approx(0.5, abs=0.04)


def test_conflict_stays_as_it_was_without_answers():
    start = Shares(np.array([0.6, 0.35, 0.05, 0.5, 0.5]), 0.5, START.strangers)
    found, _ = estimate(simulated(members=0.5, neighbours=0.6), SPACE, start)
    assert found.m[2] == pytest.approx(0.05, abs=0.001)


def test_conflict_is_learned_from_answers():
    start = Shares(np.array([0.6, 0.2, 0.2, 0.5, 0.5]), 0.5, START.strangers)
    found, _ = estimate(simulated(answered=1.0), SPACE, start)
    assert found.m[2] == pytest.approx(0.02, abs=0.02)


def test_answers_outweigh_guesses_as_they_grow():
    few, many = (
        estimate(simulated(queries=number, answered=1.0), SPACE, START)[0].m[0]
        for number in (60, 6000)
    )
    assert abs(many - TRUE_M[0]) < abs(few - TRUE_M[0])
    assert many == pytest.approx(TRUE_M[0], abs=0.02)


def test_answer_of_nobody_makes_members_fewer():
    said = simulated(queries=1000, members=0.5, answered=1.0)
    start = Shares(START.m, 0.9, START.strangers)
    assert estimate(said, SPACE, start)[0].member == pytest.approx(0.5, abs=0.05)


def test_nothing_to_learn_from_changes_nothing():
    none = np.zeros(0, dtype=int)
    empty = sample(none, np.zeros((0, 5)), np.zeros((0, 2)), none)
    found, rounds = estimate(empty, SPACE, START)
    assert found.m == pytest.approx(START.m)
    assert found.member == pytest.approx(START.member)
    assert found.strangers == pytest.approx(START.strangers)
    assert rounds == 1


def test_groups_keep_the_sum_they_had():
    start = Shares(np.array([0.6, 0.38, 0.02, 0.5, 0.3]), 0.5, START.strangers)
    found, _ = estimate(simulated(answered=0.3), SPACE, start)
    assert found.m[:3].sum() == pytest.approx(1)
    assert found.m[3:].sum() == pytest.approx(0.8)


def test_candidates_compete_with_each_other_and_with_strangers():
    likely = responsibilities(simulated(queries=500, answered=0.5), SPACE, START)
    in_all = likely.candidates.reshape(-1, RIVALS).sum(axis=1) + likely.strangers.sum(axis=1)
    assert in_all == pytest.approx(np.ones(500))


def test_equal_candidates_are_equally_likely():
    start = Shares(START.m, 0.5, np.array([1.0, 0.0]))
    assert responsibilities(lone(), SPACE, start).candidates == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(("chosen", "meant"), [(0, [1, 0]), (1, [0, 1]), (NOBODY, [0, 0])])
def test_answers_are_taken_at_their_word(chosen, meant):
    likely = responsibilities(lone(chosen, fixed=(-40.0, -40.0)), SPACE, START)
    assert likely.candidates.tolist() == meant
    assert likely.strangers.sum() == pytest.approx(1 - sum(meant))


def test_no_fact_weighs_more_than_its_limit():
    start = Shares(START.m, 0.5, np.array([1.0, 0.0]))
    held = responsibilities(lone(fixed=(40.0, 60.0), limit=9.0), SPACE, start).candidates
    free = responsibilities(lone(fixed=(40.0, 60.0)), SPACE, start).candidates
    assert held[0] == pytest.approx(held[1])
    assert free[0] < 1e-9


def test_silent_level_is_counted_but_weighs_nothing():
    silent = replace(SPACE, silent=np.array([False, True, False, False, False]))
    near = simulated(answered=1.0)
    loud = responsibilities(replace(near, chosen=np.full(4000, UNKNOWN)), SPACE, START)
    hushed = responsibilities(replace(near, chosen=np.full(4000, UNKNOWN)), silent, START)
    is_near = near.counts[:, 1] == 1
    assert (hushed.candidates[is_near] >= loud.candidates[is_near]).all()
    assert estimate(near, silent, START)[0].m[1] == pytest.approx(TRUE_M[1], abs=0.02)


def test_a_part_depends_on_the_number_alone_and_parts_are_even():
    parts = split(range(10_000), parts=5)
    assert split([7, 42], parts=5).tolist() == [parts[7], parts[42]]
    assert np.bincount(parts).min() > 1800


def test_shares_have_names():
    assert named(SPACE, TRUE_M)["date", "near"] == 0.08
