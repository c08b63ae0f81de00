"""What was once read right stays right: whose numbers, corrections, lists, labels."""

from helpdesk.identity import evaluation
from tests.unit.identity import labels


def test_kept_conversations_are_read_whole():
    rows = list(labels.rows(labels.DATA / "kept.jsonl"))
    report = evaluation.score(rows, today=labels.TODAY)
    assert report.misses == []
    assert report.people == report.whole > 100
