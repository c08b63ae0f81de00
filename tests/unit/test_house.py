"""Rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.jobs import Job

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for path in [*ROOT.glob("helpdesk/**/*.py"), *ROOT.glob("workers/**/*.py")]
    if path.parent.name != "versions"  # generated
)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_the_database_commits():
    found = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for call in calls(ast.parse(path.read_text()))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    }
    # A generation of the registry is read by nobody before a transaction of `db` lets it serve.
    assert found == {"helpdesk/db.py", "helpdesk/registry/build/store.py"}


def test_every_job_has_a_task():
    source = "".join(path.read_text() for path in ROOT.glob("workers/*.py"))
    named = set(re.findall(r'name="helpdesk\.(\w+)"', source))
    assert {job.value for job in Job} <= named


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_a_reader_can_hold(path):
    assert len(path.read_text().splitlines()) <= 400


def test_locked_dependencies_name_no_address():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / "config" / name).read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index|--find-links", text)
