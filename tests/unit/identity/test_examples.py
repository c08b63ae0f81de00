"""The ten messages of the README are read as it says."""

import json
from pathlib import Path

import pytest

from helpdesk.identity.lines import extract_line
from tests.unit.identity.labels import TODAY

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def _lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("message", "meant"),
    list(zip(_lines("messages.jsonl"), _lines("people.jsonl"), strict=True)),
    ids=lambda one: one["id"],
)
def test_an_example_of_the_readme_is_read_as_it_says(message, meant):
    people = extract_line(message, today=TODAY)["people"]
    shown = meant["people"][0].keys() if meant["people"] else ()
    assert [{key: one[key] for key in shown} for one in people] == meant["people"]
