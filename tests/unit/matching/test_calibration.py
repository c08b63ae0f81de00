import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.matching.calibration import Calibration, Labelled, fit, fit_best, log_loss


def answered(log_odds, right, flags=None, weight=None):
    stated = np.asarray(log_odds, dtype=float)
    return Labelled(
        stated,
        np.zeros((len(stated), 0)) if flags is None else np.asarray(flags, dtype=float),
        np.asarray(right, dtype=float),
        np.ones(len(stated)) if weight is None else np.asarray(weight, dtype=float),
    )


def drawn(truth, *, n=20_000, flags=2, seed=1):
    """Return queries whose answers come out as a calibration says."""
    dice = np.random.default_rng(seed)
    log_odds = dice.normal(2, 3, n)
    raised = (dice.random((n, flags)) < 0.3).astype(float)
    chance = 1 / (1 + np.exp(-truth.apply(log_odds, raised)))
    return answered(log_odds, dice.random(n) < chance, raised)


def test_what_bent_the_odds_is_found():
    truth = Calibration(-0.7, 0.6, (1.5, -2.0))
    found = fit(drawn(truth), ridge=1.0)
    assert found.intercept == pytest.approx(truth.intercept, abs=0.15)
    assert found.slope == pytest.approx(truth.slope, abs=0.05)
    assert found.coefficients == pytest.approx(truth.coefficients, abs=0.25)


def test_nothing_to_learn_from_leaves_the_odds_alone():
    found = fit(answered([], [], np.zeros((0, 3))), ridge=1.0)
    assert found == Calibration(0.0, 1.0, (0.0, 0.0, 0.0))


def test_few_answers_move_it_little():
    few = answered([3.0, 3.0], [0, 0])
    assert fit(few, ridge=1000.0).slope == pytest.approx(1, abs=0.02)
    assert fit(few, ridge=0.1).slope < 0.5


def test_probability_never_falls_as_evidence_rises():
    perverse = answered(np.linspace(-5, 5, 200), np.linspace(5, -5, 200) > 0)
    found = fit(perverse, ridge=1.0)
    assert found.slope > 0


def test_weight_stands_for_that_many_queries():
    twice = answered([1.0, 1.0, -1.0], [1, 1, 0])
    weighed = answered([1.0, -1.0], [1, 0], weight=[2, 1])
    one, other = fit(twice, ridge=1.0), fit(weighed, ridge=1.0)
    assert (one.intercept, one.slope) == pytest.approx((other.intercept, other.slope))


def test_oversampled_strangers_are_weighed_back():
    # Of accepted queries 1 in 10 is a stranger's, but half of those looked at are.
    log_odds, right = np.full(1000, 1.0), np.arange(1000) % 2
    weight = np.where(right == 1, 1.8, 0.2)
    found = fit(answered(log_odds, right, weight=weight), ridge=0.01)
    stated = found.apply(np.array([1.0]), np.zeros((1, 0)))[0]
    assert 1 / (1 + np.exp(-stated)) == pytest.approx(0.9, abs=0.01)


def test_ridge_is_chosen_by_unseen_queries():
    noise = drawn(Calibration(0, 1, (0.0,) * 12), n=150, flags=12)
    signal = drawn(Calibration(0, 0.4, (3.0, -3.0)), n=3000)
    strong = fit_best(noise, folds=np.arange(150) % 5)[1]
    weak = fit_best(signal, folds=np.arange(3000) % 5)[1]
    assert strong > weak


def test_learned_calibration_surprises_less():
    truth = Calibration(-1.0, 0.5, (2.0, -2.0))
    learned, _ = fit_best(drawn(truth, n=2000), folds=np.arange(2000) % 5)
    unseen = drawn(truth, seed=2)
    assert log_loss(learned, unseen) < log_loss(Calibration(coefficients=(0, 0)), unseen) - 0.1


def test_one_fold_alone_is_no_error():
    data = drawn(Calibration(0, 1, (0.0, 0.0)), n=50)
    assert fit_best(data, folds=np.zeros(50, dtype=int), ridges=[1.0])[1] == 1.0


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-60, 60), st.booleans(), st.booleans(), st.floats(0, 5)), max_size=30
    ),
    st.sampled_from([0.1, 1.0, 30.0]),
)
def test_never_fails_and_never_does_worse_than_leaving_alone(rows, ridge):
    data = answered(
        [row[0] for row in rows],
        [row[1] for row in rows],
        np.array([[row[2]] for row in rows], dtype=float).reshape(len(rows), 1),
        [row[3] for row in rows],
    )
    found = fit(data, ridge=ridge)
    assert found.slope > 0
    assert np.isfinite([found.intercept, found.slope, *found.coefficients]).all()
    if found.slope > 0.2:
        assert log_loss(found, data) <= log_loss(Calibration(coefficients=(0.0,)), data) + 1e-9
