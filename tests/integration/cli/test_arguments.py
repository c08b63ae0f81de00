"""Arguments, settings and databases that cannot be used: one line that says what to do."""

import socket

import pytest

from helpdesk import cli

WRONG = [
    (),
    ("nonsense",),
    ("registry",),
    ("registry", "import"),
    ("registry", "synthesize", "file.csv"),
    ("registry", "synthesize", "--people", "0", "file.csv"),
    ("registry", "synthesize", "--people", "many", "file.csv"),
    ("ingest", "mailbox"),
    ("ingest", "eml"),
    ("user", "add", "dewi", "--name", "Dewi", "--role", "king"),
    ("user", "role", "dewi"),
    ("work", "--concurrency", "-1"),
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_bad_arguments_end_with_2_and_name_what_is_wrong(capsys, words):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    written = capsys.readouterr()
    assert (ended.value.code, written.out) == (2, "")
    assert written.err.splitlines()[-1].startswith("helpdesk")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"COLOUR": "red"}, "HELPDESK_COLOUR: there is no such setting"),
        ({"WEB_PORT": "many"}, "web.port: "),
        ({"LANGUAGE": "fr"}, "language: "),
        ({"AGENCY_TIMEZONE": "Mars"}, "agency.timezone: there is no time zone 'Mars'"),
        ({"CONFIG": "/nowhere.toml"}, "cannot read the settings file /nowhere.toml"),
        ({"DATA_DIR": "/dev/null"}, "data_dir: cannot write to /dev/null"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "HELPDESK_SECRET_KEY_FILE: cannot read the file"),
        ({"DATABASE_URL": "nonsense"}, "database_url: cannot be read; expected postgresql://"),
        ({"DATABASE_URL": "mysql://h/n"}, "database_url: mysql is not supported; use postgresql"),
        ({"DATABASE_URL": "postgresql://h:x/n"}, "database_url: cannot be read; expected"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/n"}, "the database cannot be used (connect"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_be_used_is_named(refuse, settings, said):
    assert refuse("audit", "verify", **settings).startswith(said)


def test_an_empty_key_is_not_used_to_sign_anything(refuse, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret.key").touch()
    assert refuse("audit", "verify").startswith("secret_key: ")


def test_a_file_that_is_no_database_is_told(run, tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "helpdesk.sqlite3").write_bytes(b"nonsense " * 1000)
    assert "file is not a database" in run("tickets").refusal


def test_db_upgrade_prepares_an_empty_database_and_may_run_again(run, database_url):
    for _ in range(2):
        done = run("db", "upgrade", DATABASE_URL=database_url)
        assert (done.code, done.out, done.err) == (0, "", "")
    assert run("tickets", "--json", DATABASE_URL=database_url).code == 0


def test_an_empty_postgresql_database_is_told_how_to_prepare_it(run, postgres_url):
    empty = f"{postgres_url}?options=-csearch_path%3Dnone"
    assert run("tickets", DATABASE_URL=empty).refusal.endswith("run: helpdesk db upgrade")


def test_only_the_owner_can_read_what_is_kept(run, tmp_path):
    (tmp_path / "var").mkdir(mode=0o755)
    run("db", "upgrade")
    kept = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert kept
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


def test_serve_tells_that_its_port_is_taken(run, port):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        said = run("serve", WEB_PORT=number).refusal
    assert (
        said == f"web.host, web.port: cannot listen at 127.0.0.1:{number}: Address already in use"
    )
