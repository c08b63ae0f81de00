"""What a benchmark of matchers counts: not the queries that warm up, and each with its truth."""

import datetime as dt

import pytest

from tests.benchmarks import asking, trigrams
from tests.benchmarks.asking import Sheet
from tests.benchmarks.trigrams import Row


@pytest.fixture
def asked() -> Sheet:
    return asking.sheet(2_000, 3, count=100, query_seed=4)


def answer(query):
    return {"id": query["id"], "candidates": [], "decision": "none", "ms": int(query["id"][1:])}


def test_queries_that_warm_up_are_asked_and_not_counted(asked):
    met = []

    def remembered(query):
        met.append(query["id"])
        return answer(query)

    answers = asking.ask_function(remembered, asked)
    assert met == [query["id"] for query in asked.queries]
    assert len(met) == 100 + asking.WARM
    assert [line["id"] for line in answers.lines] == met[asking.WARM :]
    assert answers.percentiles()[0] == pytest.approx(asking.WARM + 49.5, abs=1)


def test_a_part_counts_the_same_queries_first(asked):
    part = asked.part(10, warm=5)
    counted = asking.ask_function(answer, asked).lines[:10]
    assert asking.ask_function(answer, part).lines == counted
    assert len(part.queries) == 15


def test_answers_are_judged_by_the_truth_of_their_query(asked):
    meant = {truth["id"]: truth["kpjs"] for truth in asked.truths}

    def right(query):
        kpjs = meant[query["id"]]
        found = [{"kpj": kpj, "probability": 0.9, "person": 1} for kpj in kpjs]
        return {"id": query["id"], "candidates": found, "decision": "match", "ms": 1.0}

    quality = asking.ask_function(right, asked).quality(asked)
    assert quality.queries == 100
    assert 70 < quality.members < 98
    assert quality.recall_1 == 1


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ({"nik": "3273015708909001"}, {"nik": "3273015708909003"}),
        ({}, {"born": dt.date(1990, 3, 5)}),
        ({"born": dt.date(1990, 3, 5)}, {"born": dt.date(1990, 5, 8)}),
        ({"born": dt.date(1990, 5, 8)}, {"born": dt.date(1971, 11, 8)}),
        ({"name": "siti aminah"}, {"name": "siti rohani"}),
        ({"place": "bandung"}, {"place": "garut"}),
    ],
)
def test_trigrams_weigh_agreement_above_conflict(nearer, farther):
    true = Row("1", "3273015708909001", "siti aminah", "bandung", dt.date(1990, 5, 3))
    weights = [trigrams.weight(true, true._replace(**other)) for other in (nearer, farther)]
    assert weights[0] > weights[1]
