import datetime as dt
import json

import numpy as np
import pytest

from helpdesk.errors import InvalidError
from helpdesk.matching import lessons, samples, score, search, weights_training
from helpdesk.matching.learn import NOBODY, UNKNOWN
from helpdesk.matching.score import Weights, shipped_data
from helpdesk.registry.synthetic import queries
from tests.unit.matching.memory import session_of
from tests.unit.matching.test_find import PEOPLE, READER

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
LINES = [
    queries.lines(number, each)
    for number, each in enumerate(queries.labelled(PEOPLE, 3, count=300, query_seed=5))
]
LESSONS = lessons.of_lines([asked for asked, _ in LINES], [truth for _, truth in LINES])
UNANSWERED = lessons.of_lines([asked for asked, _ in LINES], [])


def see(query, weights):
    return search.observe(session_of(READER), query, today=NOW.date(), weights=weights)


def worse():
    """Return weights that hold a name for nothing and a conflict for usual."""
    data = json.loads(json.dumps(shipped_data()))
    data["levels"]["nik"]["different"]["m"] = 0.4
    data["levels"]["nik"]["exact"]["m"] = 0.3
    data["prior_member"] = 0.3
    data["calibration"] = {"intercept": -3.0, "slope": 0.3, "flags": {}}
    return data


@pytest.fixture(scope="module")
def seen():
    weights = score.shipped_weights()
    return [samples.Seen(see(each.query, weights), each.meant) for each in LESSONS]


@pytest.fixture(scope="module")
def trained():
    steps = []
    found = weights_training.train(
        LESSONS, worse(), see, now=NOW, on_progress=lambda done, total: steps.append((done, total))
    )
    return found, steps


def all_fetched(seen):
    """Return the queries of which no candidate was left out."""
    fetched = [each for each in seen if not each.observed.unseen]
    assert len(fetched) > len(seen) / 2
    return fetched


def test_sample_weighs_what_the_matcher_weighed(seen):
    data, fetched = shipped_data(), all_fetched(seen)
    stacked, space = samples.sample(fetched, data), samples.space(data)
    level_bits = stacked.counts * np.where(space.silent, 0.0, np.log(samples.shares(data).m))
    facts = stacked.fixed.copy()
    for column, fact in enumerate(space.fact):
        facts[:, fact] += level_bits[:, column]
    facts = np.clip(facts, stacked.limits[..., 0], stacked.limits[..., 1])
    rows = np.concatenate([each.observed.bits for each in fetched if each.observed.kpjs])
    assert facts == pytest.approx(rows * np.log(2), abs=1e-4)


def test_sample_knows_who_is_meant(seen):
    fetched = all_fetched(seen)
    stacked = samples.sample(fetched, shipped_data())
    ends = np.cumsum([0, *(len(each.observed.kpjs) for each in fetched)])
    for number, each in enumerate(fetched):
        chosen = stacked.chosen[number]
        if not each.meant:
            assert chosen == NOBODY
        elif chosen != UNKNOWN:
            assert set(each.observed.kpjs[chosen - ends[number]]) & set(each.meant)
    assert (stacked.chosen >= 0).sum() > 240


def test_namesakes_that_were_not_fetched_compete_too(seen):
    some = next(each for each in seen if each.observed.kpjs)
    crowd = samples.Seen(replace_unseen(some.observed, 8.0), None)
    stacked = samples.sample([crowd], shipped_data())
    assert len(stacked.query) == len(some.observed.kpjs) + 1
    assert stacked.fixed[-1].sum() == pytest.approx(np.log(8))


def replace_unseen(observed, unseen):
    values = {name: getattr(observed, name) for name in type(observed).__slots__}
    return type(observed)(**values | {"unseen": unseen})


def test_training_improves_bad_weights(trained):
    found, _ = trained
    assert found.after.calibration_error < found.before.calibration_error
    assert found.data["prior_member"] == pytest.approx(0.85, abs=0.06)
    assert found.data["levels"]["nik"]["exact"]["m"] > 0.4
    assert found.data["levels"]["nik"]["different"]["m"] < 0.3


def test_trained_weights_are_weights_and_say_where_from(trained):
    found, _ = trained
    assert Weights.from_data(json.loads(json.dumps(found.data))).slope > 0
    assert found.data["trained"]["on"] == "2026-11-21"
    assert found.data["trained"]["queries"] == found.queries
    assert "provenance" not in found.data
    assert json.loads(json.dumps(found.report()))["after"]["queries"] == found.held_back
    assert found.queries + found.held_back == len(LESSONS)
    assert any(line == "AFTER" for line in found.lines())


def test_progress_is_told_to_its_end(trained):
    _, steps = trained
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1] == (2 * len(LESSONS),) * 2


def test_unanswered_queries_leave_the_calibration_as_it_is():
    found = weights_training.train(UNANSWERED, shipped_data(), see, now=NOW)
    assert found.data["calibration"] == shipped_data()["calibration"]
    assert (found.before, found.after, found.answered) == (None, None, 0)
    assert any("too few" in line for line in found.lines())


def test_unanswered_queries_do_not_teach_that_conflicts_are_usual():
    found = weights_training.train(UNANSWERED, shipped_data(), see, now=NOW)
    for feature in ("nik", "nik_given_date", "birth_date"):
        new, old = (
            each["levels"][feature]["different"]["m"] for each in (found.data, shipped_data())
        )
        assert new == pytest.approx(old, rel=0.05)


def test_too_few_queries_teach_nothing():
    with pytest.raises(InvalidError, match="199 queries"):
        weights_training.train(LESSONS[:199], shipped_data(), see, now=NOW)
