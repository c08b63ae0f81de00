"""The files of a hand-over: exact as JSON lines, harmless and reversible as CSV."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.outbox import handover_file
from helpdesk.outbox.handover_file import COLUMNS, Line

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | (
    st.sampled_from(["=1+1", "+62", "-1", "@a", "'a", " =1", "\t=1", "＝1", 'a"b,c\r\nd', ""])
)


def line(text: str = "Halo", **changed) -> Line:
    fields = {
        "reply": 3, "ticket": 7, "channel": "whatsapp", "service": "", "to": "+6281200009001",
        "name": "Rahmat", "handle": "", "phone": "6281200009001", "thread": "", "part": 1,
        "parts": 1, "text": text,
    }  # fmt: skip
    return Line(**(fields | changed))


@given(st.lists(texts, max_size=5))
def test_json_lines_say_exactly_what_was_approved(drawn):
    written = handover_file.to_jsonl([line(each) for each in drawn]).decode()
    assert [json.loads(each)["text"] for each in written.split("\n")[:-1]] == drawn


@given(st.lists(texts, max_size=5))
def test_no_cell_of_the_csv_is_a_formula_and_each_can_be_read_back(drawn):
    content = handover_file.to_csv(handover_file.to_jsonl([line(each) for each in drawn]))
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert tuple(head) == COLUMNS
    cells = [row[-1] for row in rows]
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
    assert [cell.removeprefix("'") for cell in cells] == drawn


def test_the_csv_of_one_file_is_the_same_every_time():
    lines = handover_file.to_jsonl([line("a"), line("b")])
    assert handover_file.to_csv(lines) == handover_file.to_csv(lines)


@pytest.mark.parametrize("text", ["Selamat pagi.", "1. Periksa", "(021)", "•••0017"])
def test_what_is_harmless_stays_as_it_is(text):
    assert handover_file.cell(text) == text


def test_a_line_prints_nobody():
    assert "Rahmat" not in repr(line())
    assert "6281200009001" not in repr(line())
