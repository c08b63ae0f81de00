import json

import pytest

from helpdesk import clock
from helpdesk.db import Database
from helpdesk.matching import weights_store
from helpdesk.matching.score import shipped_data
from helpdesk.registry import synthetic
from helpdesk.registry.synthetic import queries

PEOPLE = 300
pytestmark = pytest.mark.usefixtures("ready")


@pytest.fixture
def proposed(tmp_path):
    """Weights that wait for a decision; returns their id."""
    database = Database(f"sqlite:///{tmp_path / 'var' / 'helpdesk.sqlite3'}")
    with database.transaction() as tx:
        report = {"queries": 400, "answered": 30}
        made = weights_store.propose(tx.session, shipped_data(), report, now=clock.now())
    database.dispose()
    return made


@pytest.fixture
def labelled(tmp_path):
    """Two files: queries, and whose they are."""
    asked, answers = tmp_path / "asked.jsonl", tmp_path / "answers.jsonl"
    queries.write(queries.labelled(PEOPLE, 1, count=250, query_seed=9), asked, answers)
    return asked, answers


def test_labelled_queries_propose_weights_that_a_person_accepts(run, labelled, tmp_path):
    made = tmp_path / "people.csv"
    synthetic.write(made, people=PEOPLE, seed=1)
    assert run("registry", "import", made).code == 0
    trained = run("matching", "train", "--from", labelled[0], "--answers", labelled[1])
    assert trained.code == 0, trained
    assert {"BEFORE", "AFTER"} <= set(trained.lines)
    assert trained.lines[-1].endswith("helpdesk matching accept 1")
    assert "shipped" in run("matching", "show").out
    assert run("matching", "accept", "1").code == 0
    assert run("matching", "show").lines[0] == "in use: 1"


def test_shipped_weights_can_be_looked_at(run):
    assert json.loads(run("matching", "show", "--json").out) == shipped_data()


def test_kept_weights_are_listed_and_shown(run, proposed):
    assert "400 queries, 30 answered" in run("matching", "show").lines[1]
    assert json.loads(run("matching", "show", proposed, "--json").out) == shipped_data()


def test_refused_weights_leave_the_shipped_ones(run, proposed):
    run("matching", "accept", proposed)
    assert "the shipped weights" in run("matching", "refuse", proposed).out


def test_decision_needs_weights_that_are_there(refuse):
    assert "no weights 7" in refuse("matching", "accept", "7")


def test_training_needs_a_registry(refuse, labelled):
    said = refuse("matching", "train", "--from", labelled[0], "--answers", labelled[1])
    assert "registry is empty" in said


@pytest.mark.parametrize("words", [("--answers", "a"), ("--from", "q")], ids=["answers", "from"])
def test_files_come_in_twos(refuse, words):
    assert "--answers FILE belongs to --from FILE" in refuse("matching", "train", *words)
