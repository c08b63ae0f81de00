"""`helpdesk extract` and `helpdesk match`: a line in, a line out, whatever the line is."""

import json
import subprocess
import sys

import pytest

from helpdesk import migrations
from helpdesk.db import Database
from helpdesk.registry.reader import COLUMNS
from tests.integration.cli.conftest import ROOT

pytestmark = pytest.mark.usefixtures("ready")

GOOD = {"id": "b", "messages": ["Nama: Siti Contoh\nNIK: 3205004505889001"]}
BAD_LINES = (
    b"not json",
    b"[1, 2]",
    b"\xff\xfe\x00",
    b'"text"',
    b"[" * 100_000,
    b'{"id": 1, "messages": ["cut off',
)
ODD_VALUES = (
    {"id": None},
    {"id": 1, "messages": None},
    {"id": 2, "messages": "Nama: Siti"},
    {"id": 3, "messages": [None, 4, {"a": 1}], "subject": 5, "sender_name": []},
    {"id": 4, "messages": ["Nama: Siti \ud800\x00"], "sender_name": "\udfff"},
    {"id": "\ud800", "messages": []},
)


def answers(done):
    return [json.loads(line) for line in done.lines]


@pytest.mark.parametrize("command", ["extract", "match"])
def test_nothing_in_gives_nothing_out(run, command):
    done = run(command, stdin=b"\n \n")
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize("command", ["extract", "match"])
def test_a_line_that_cannot_be_read_is_answered_in_its_place(run, command):
    good = json.dumps(GOOD).encode()
    done = run(command, stdin=b"\n".join((*BAD_LINES, good)))
    *bad, last = answers(done)
    assert [one["error"] for one in bad] == [
        f"line {number} is not a JSON object" for number in range(1, len(BAD_LINES) + 1)
    ]
    assert (last["id"], "error" in last) == ("b", False)
    assert done.refusal == f"lines that got no answer but an error: {len(BAD_LINES)}"


@pytest.mark.parametrize("command", ["extract", "match"])
def test_odd_values_are_answered_in_order_under_their_own_id(run, command):
    done = run(command, stdin="\n".join(map(json.dumps, ODD_VALUES)))
    assert (done.code, done.err) == (0, "")
    assert [one["id"] for one in answers(done)] == [one["id"] for one in ODD_VALUES]


def test_what_nobody_stated_is_null(run):
    [found] = answers(run("extract", stdin=json.dumps(GOOD)))
    [person] = found["people"]
    assert (person["full_name"], person["nik"]) == ("Siti Contoh", "3205004505889001")
    assert (person["birth_place"], person["birth_date"]) == (None, None)


def test_match_answers_on_both_databases_even_what_they_cannot_store(run, database_url):
    migrate(database_url)
    odd = [
        {"id": 1, "nik": "\x00" * 16, "full_name": "Siti\x00"},
        {"id": 2, "nik": 10**30, "full_name": "\ud800"},
        {"id": 3, "nik": "3205004505889001", "full_name": "a" * 100_000},
        {"id": 4, "full_name": "Siti Contoh", "birth_place": "Garut", "birth_date": "1988-05-05"},
    ]
    done = run("match", stdin="\n".join(map(json.dumps, odd)), DATABASE_URL=database_url)
    assert (done.code, done.err) == (0, "")
    assert [(one["id"], one["candidates"]) for one in answers(done)] == [
        (number, []) for number in (1, 2, 3, 4)
    ]


def test_match_decides_by_the_policy(run, tmp_path):
    table, strict = tmp_path / "one.csv", tmp_path / "strict.toml"
    table.write_text(
        "kpj,nik,full_name,birth_place,birth_date,mother_name,employer,segment,status\n"
        "99000000017,3205004505889001,SITI CONTOH,GARUT,1988-05-05,,PT CONTOH,PU,aktif\n"
    )
    shipped = (ROOT / "config/policy.toml").read_text()
    strict.write_text(shipped.replace("\naccept = 0.99\n", "\naccept = 0.9999999\n"))
    run("registry", "import", table)
    claim = json.dumps(
        {"full_name": "Siti Contoh", "birth_date": "1988-05-05", "nik": "3205004505889001"}
    )
    [usual] = answers(run("match", stdin=claim))
    [doubted] = answers(run("match", stdin=claim, POLICY_FILE=strict))
    assert (usual["decision"], doubted["decision"]) == ("match", "review")
    assert doubted["doubts"] == ["unsure"]


def test_a_filter_that_runs_on_answers_from_a_new_registry(environ, run, database_url, tmp_path):
    migrate(database_url)
    file, claim = tmp_path / "registry.csv", b'{"full_name": "Siti Contoh", "nik": "%s"}\n'
    rows = [
        f"9900000000{n},320500450588900{n},SITI CONTOH,GARUT,1988-05-05,IBU,PT,PU,aktif"
        for n in (1, 2)
    ]
    file.write_text("\n".join((",".join(COLUMNS), rows[0])))
    settings = {"HELPDESK_DATABASE_URL": database_url}
    run("registry", "import", file, DATABASE_URL=database_url)
    with subprocess.Popen(
        [sys.executable, "-m", "helpdesk.cli", "match"],
        env=environ | settings,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:

        def found(nik):
            process.stdin.write(claim % nik)
            process.stdin.flush()
            return [each["kpj"] for each in json.loads(process.stdout.readline())["candidates"]]

        assert found(b"3205004505889001") == ["99000000001"]
        file.write_text("\n".join((",".join(COLUMNS), *rows)))
        done = run("registry", "import", file, "--whole", DATABASE_URL=database_url)
        assert done.code == 0
        assert found(b"3205004505889002")[0] == "99000000002"
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def migrate(url):
    database = Database(url)
    migrations.upgrade(database)
    database.dispose()


def test_answers_are_utf_8_in_any_locale(run):
    line = json.dumps({"id": "é", "messages": ["Nama: André Contoh"]}, ensure_ascii=False)
    done = run("extract", stdin=line)
    assert '"id": "é"' in done.out


def test_each_answer_is_written_before_the_next_line_comes(environ):
    with subprocess.Popen(
        [sys.executable, "-m", "helpdesk.cli", "extract"],
        env=environ | {"PYTHONIOENCODING": "ascii"},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        for number in range(3):
            process.stdin.write(json.dumps({"id": f"é{number}"}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == f"é{number}"
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_a_reader_that_leaves_early_is_no_error_to_speak_of(environ, tmp_path):
    lines = tmp_path / "lines"
    lines.write_bytes(b'{"id": 1}\n' * 2_000)
    with (
        lines.open("rb") as stdin,
        subprocess.Popen(
            [sys.executable, "-m", "helpdesk.cli", "extract"],
            env=environ,
            cwd=ROOT,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        process.stdout.close()
        assert process.wait(timeout=20) == 1
        assert process.stderr.read() == b""
