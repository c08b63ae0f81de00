import pytest

from helpdesk.matching.lines import match_line
from helpdesk.matching.score import Thresholds
from tests.integration.matching.conftest import NOW

TODAY = NOW.date()


def test_line_is_answered_as_promised(registry, people):
    person = people[0]
    line = {
        "id": "q1",
        "full_name": person.full_name,
        "birth_place": None,
        "birth_date": f"{person.birth_date:%d-%m-%Y}",
        "nik": int(person.nik),
    }
    with registry.reading() as session:
        answer = match_line(session, line, today=TODAY, limits=Thresholds())
    assert list(answer)[:4] == ["id", "candidates", "decision", "ms"]
    assert answer["decision"] == "match"
    assert answer["candidates"][0]["kpj"] in {record.kpj for record in person.records}
    assert answer["candidates"][0]["evidence"][0] == {
        "feature": "nik",
        "level": "exact",
        "bits": pytest.approx(19.7, abs=1),
        "agreement": pytest.approx(19.7, abs=1),
        "rarity": 0.0,
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"id": 7, "birth_date": "kemarin"}, "birth_date"),
        ({"id": 7, "nik": [1]}, "nik"),
        ({"id": 7, "full_name": True}, "full_name"),
    ],
)
def test_a_fact_that_cannot_be_read_counts_as_not_stated_and_is_named(registry, line, problem):
    with registry.reading() as session:
        answer = match_line(session, line, today=TODAY, limits=Thresholds())
    assert (answer["id"], answer["decision"]) == (7, "none")
    assert answer["unread"] == [problem]


def test_empty_line_finds_nobody(registry):
    with registry.reading() as session:
        answer = match_line(session, {}, today=TODAY, limits=Thresholds())
    assert (answer["id"], answer["candidates"], answer["decision"]) == (None, [], "none")
