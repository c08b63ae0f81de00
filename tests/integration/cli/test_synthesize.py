"""`helpdesk registry synthesize --queries`: a registry, queries about it, and whose they are."""

import json

from helpdesk.registry import synthetic


def test_queries_and_their_answers_stand_beside_the_registry(run, tmp_path):
    file = tmp_path / "made.csv.gz"
    made = run("registry", "synthesize", "--people", 90, "--seed", 7, "--queries", 40, file)
    assert (made.code, made.err) == (0, "")
    asked = (tmp_path / "made.csv.gz.queries.jsonl").read_text("utf-8").splitlines()
    truths = (tmp_path / "made.csv.gz.answers.jsonl").read_text("utf-8").splitlines()
    assert len(asked) == len(truths) == 40
    known = {record.kpj for each in synthetic.people(90, 7) for record in each.records}
    members = [json.loads(line) for line in truths if '"member"' in line]
    assert len(members) == 34
    assert all(known.issuperset(each["kpjs"]) and each["kpjs"] for each in members)


def test_queries_go_where_they_are_wanted_and_differ_with_their_seed(run, tmp_path):
    for seed in (1, 2):
        words = ("--people", 90, "--queries", 40, "--query-seed", seed)
        where = ("--questions", tmp_path / f"q{seed}", "--answers", tmp_path / f"a{seed}")
        assert run("registry", "synthesize", *words, *where, tmp_path / f"{seed}.csv").code == 0
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    assert (tmp_path / "q1").read_bytes() != (tmp_path / "q2").read_bytes()
    assert len((tmp_path / "a2").read_text().splitlines()) == 40


def test_more_queries_than_people_are_refused_before_anything_is_written(refuse, tmp_path):
    file = tmp_path / "made.csv"
    said = refuse("registry", "synthesize", "--people", 3, "--queries", 4, file)
    assert "4 queries need as many people; there are 3" in said
    assert not file.exists()
