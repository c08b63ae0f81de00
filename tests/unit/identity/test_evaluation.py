"""How well the rules read what people wrote by hand; prints the table with `-s`."""

import pytest

from helpdesk.identity.types import Field
from tests.unit.identity.scoring import rows, score


@pytest.mark.parametrize("field", Field)
def test_the_development_conversations_are_read_nearly_perfectly(field):
    result = score("development.jsonl")
    print(result.table())
    assert result.f1(field) >= 0.98


def test_people_are_whole_and_nobody_is_invented():
    result = score("development.jsonl")
    assert result.whole_rate >= 0.97
    assert result.invented == 0


def test_conversations_never_tuned_on_are_read_well_too():
    result = score("held_out.jsonl")
    assert min(result.f1(field) for field in Field) >= 0.9
    assert result.whole_rate >= 0.85


def test_every_made_up_nik_has_a_reserved_serial():
    people = [one for name in ("development", "held_out") for row in rows(f"{name}.jsonl")
              for one in row["people"]]  # fmt: skip
    assert all(one["nik"][12] == "9" for one in people if len(one.get("nik", "")) == 16)
