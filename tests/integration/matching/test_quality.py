"""How often the right person is found and a stranger is taken for one, on a made-up registry."""

import datetime as dt

import pytest

from helpdesk.matching import evaluation
from helpdesk.matching.lines import match_line
from helpdesk.matching.score import Thresholds
from helpdesk.registry import load, synthetic
from helpdesk.registry.synthetic import queries
from tests.registry import AUDIT_KEY

pytestmark = pytest.mark.slow


@pytest.fixture
def judged(sqlite_database, tmp_path):
    """Answers to 2,000 queries about 20,000 people, as lines: queries, answers, truths."""
    path = tmp_path / "made.csv"
    synthetic.write(path, people=20_000, seed=5)
    load.import_file(
        *(sqlite_database, path),
        reject_path=tmp_path / "rejects.csv",
        audit_key=AUDIT_KEY,
        folder=tmp_path / "work",
    )
    asked = queries.labelled(20_000, 5, count=2_000, query_seed=11)
    lines, truths = map(list, zip(*map(queries.lines, range(2_000), asked), strict=True))
    today = dt.date(2026, 11, 21)
    with sqlite_database.reading() as session:
        answers = [match_line(session, line, today=today, limits=Thresholds()) for line in lines]
    return lines, answers, truths


def test_members_are_found_and_strangers_are_not_taken_for_them(judged):
    quality = evaluation.measure(evaluation.outcomes(*judged))
    print("\n".join(quality.lines()))
    assert quality.recall_1_identifiable >= 0.995
    assert quality.matched.precision >= 0.995
    assert quality.matched.coverage >= 0.75
    assert quality.matched.false_accepts <= 0.02


def test_best_person_comes_with_all_their_kpj(judged):
    _, answers, truths = judged
    several = [
        (
            set(truth["kpjs"]),
            {
                each["kpj"]
                for each in answer["candidates"]
                if each["person"] == answer["candidates"][0]["person"]
            },
        )
        for answer, truth in zip(answers, truths, strict=True)
        if len(truth["kpjs"]) > 1 and answer["candidates"]
    ]
    right = [(kpjs, listed) for kpjs, listed in several if kpjs & listed]
    assert len(right) > 100
    assert sum(kpjs == listed for kpjs, listed in right) / len(right) >= 0.97
