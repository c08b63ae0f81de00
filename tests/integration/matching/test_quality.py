"""How often the right person is found and a stranger is taken for one, on a made-up registry."""

import datetime as dt

import pytest

from helpdesk.matching.service import find
from helpdesk.matching.types import Verdict
from helpdesk.registry import load, synthetic
from tests.noise import queries

pytestmark = pytest.mark.slow


@pytest.fixture
def outcomes(sqlite_database, tmp_path):
    """Every query with its answer: 1,700 members and about 300 strangers of 20,000 people."""
    path = tmp_path / "made.csv"
    synthetic.write(path, people=20_000, seed=5)
    load.import_csv(sqlite_database, path, reject_path=tmp_path / "rejects.csv")
    asked = queries(list(synthetic.people(20_000, seed=5)), members=1_700, others=300, seed=11)
    with sqlite_database.reading() as session:
        return [(each, find(session, each.query, today=dt.date(2026, 11, 21))) for each in asked]


def right(labelled, answer):
    return bool(answer.candidates) and answer.candidates[0].record.kpj in labelled.kpjs


def test_members_are_found_and_strangers_are_not_taken_for_them(outcomes):
    members = [each for each in outcomes if each[0].person]
    clear = [each for each in members if each[0].identifiable]
    strangers = [each for each in outcomes if not each[0].person]
    matched = [each for each in outcomes if each[1].verdict is Verdict.MATCH]
    recall = sum(right(*each) for each in clear) / len(clear)
    precision = sum(right(*each) for each in matched) / len(matched)
    coverage = sum(right(*each) for each in matched) / len(members)
    accepted = sum(not each[0].person for each in matched) / len(strangers)
    print(
        f"recall@1 all {sum(right(*each) for each in members) / len(members):.4f}, identifiable "
        f"{recall:.4f}; match: precision {precision:.4f}, coverage {coverage:.4f}, strangers "
        f"accepted {accepted:.4f} of {len(strangers)}"
    )
    assert recall >= 0.995
    assert precision >= 0.995
    assert coverage >= 0.75
    assert accepted <= 0.02


def test_best_person_comes_with_all_their_kpj(outcomes):
    several = [
        (
            labelled.kpjs,
            {
                each.record.kpj
                for each in answer.candidates
                if each.person == answer.candidates[0].person
            },
        )
        for labelled, answer in outcomes
        if len(labelled.kpjs) > 1 and right(labelled, answer)
    ]
    assert len(several) > 100
    assert sum(kpjs == listed for kpjs, listed in several) / len(several) >= 0.97
