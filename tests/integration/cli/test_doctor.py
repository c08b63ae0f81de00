"""`helpdesk doctor`, `user` and `audit`: each thing broken in turn is named in words."""

import datetime as dt
import socket

import pytest
from sqlalchemy import create_engine, text, update

from helpdesk import clock, doctor, process
from helpdesk.accounts import audit
from helpdesk.db import Database
from helpdesk.photos import engine
from helpdesk.registry import keys
from helpdesk.registry.load import rebuild
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport
from helpdesk.settings import Settings, load
from tests import registry
from tests.servers import smtp

pytestmark = pytest.mark.usefixtures("ready")

PASSWORD = "kuda laut biru 7"
ROW = {
    "kpj": "99000000017",
    "nik": "3273011708909001",
    "full_name": "RAHMAT CONTOH",
    "birth_date": "1990-08-17",
}


@pytest.fixture
def healthy(environ, dovecot):
    """Settings with which every check is fine."""
    for key in ("host", "port", "security", "username", "password"):
        environ[f"HELPDESK_MAILBOX_CARE_{key.upper()}"] = str(getattr(dovecot.box(), key))
    with smtp.running() as server:
        environ |= {
            "HELPDESK_SMTP_HOST": server.host,
            "HELPDESK_SMTP_PORT": str(server.port),
            "HELPDESK_SMTP_SECURITY": "none",
            "HELPDESK_SMTP_TIMEOUT_S": "2",
            "HELPDESK_AUTHSERV_ID": "mx.example.org",
        }
        environ |= {
            "HELPDESK_X_SEND": "api",
            "HELPDESK_X_API_TOKEN": "made-up",
            "HELPDESK_X_ACCOUNT_ID": "9001",
            "HELPDESK_X_API_URL": "http://127.0.0.1:1",  # ours may do without TLS
        }
        yield environ


def bad(done):
    return [line.removeprefix("BAD  ") for line in done.lines if line.startswith("BAD ")]


def test_doctor_finds_nothing_where_nothing_is_wrong(run, healthy, database_url):
    assert run("db", "upgrade", DATABASE_URL=database_url).code == 0
    database = Database(database_url)
    registry.fill(database, [ROW])
    database.dispose()
    done = run("doctor", DATABASE_URL=database_url)
    assert (bad(done), done.code, done.err) == ([], 0, "")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/n"}, "database: postgresql cannot be used ("),
        ({"BROKER_URL": "amqp://127.0.0.1:1//"}, "broker: amqp does not answer ("),
        ({"BROKER_URL": "nonsense://x"}, "broker: nonsense does not answer ("),
        ({"POLICY_FILE": "/nowhere"}, "policy and macros: cannot read the policy file /nowhere"),
        ({"MAILBOX_CARE_PORT": "1"}, "mailbox care: nothing listens at"),
        ({"MAILBOX_CARE_PASSWORD": "x"}, "mailbox care: 127.0.0.1 refused the user"),
        ({"MAILBOX_CARE_FOLDER": "X"}, "mailbox care: the server cannot open fold"),
        ({"SMTP_HOST": ""}, "SMTP: no server is configured (smtp.host); approved replies wait"),
        ({"SMTP_HOST": "no.such.host.invalid"}, ": the server name is not known"),
        ({"SMTP_PORT": "1"}, "SMTP: 127.0.0.1:1: nothing listens there; check smtp.host"),
        ({"SMTP_SECURITY": "tls"}, ": does not speak TLS there; check smtp.host, smtp.port and"),
        ({"SMTP_SECURITY": "starttls"}, ": does not offer what is asked for; check smtp.host"),
        ({"SMTP_USERNAME": "x"}, ": does not offer what is asked for; check smtp.host"),
        ({"SMTP_CA_FILE": "/nowhere"}, "SMTP: smtp.ca_file: /nowhere cannot be read as certifi"),
        ({"X_API_TOKEN": ""}, "x API: no access token is set (api_token); approved replies wait"),
        (
            {"WHATSAPP_SEND": "api", "WHATSAPP_API_TOKEN": "t"},
            "whatsapp API: our account is not named, or not as the API names it (account_id)",
        ),
        (
            {
                "FACEBOOK_SEND": "api",
                "FACEBOOK_API_TOKEN": "t",
                "FACEBOOK_ACCOUNT_ID": "9",
                "FACEBOOK_API_URL": "http://graph.example.org",
            },
            "facebook API: the address of the API has to begin with https:// (api_url)",
        ),
        ({"OTHER_SEND": "api"}, 'other API: there is none for other services; set send = "hand'),
        ({"INSTAGRAM_WEBHOOK": "true"}, "instagram webhook: app_secret and verify_token not set"),
        ({"X_WEBHOOK": "true"}, "x webhook: there is none for this channel; set webhook = false"),
        ({"AUTHSERV_ID": ""}, "sender authentication: authserv_id is not set"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_doctor_says_what_is_wrong(healthy, settings, said):
    names = {name: value for name, value in healthy.items() if name.startswith("HELPDESK_")}
    conf = load(environ=names | {f"HELPDESK_{name}": value for name, value in settings.items()})
    database = Database(conf.database)
    wrong = [f"{each.name}: {each.text}" for each in doctor.examine(conf, database) if not each.ok]
    database.dispose()
    assert said in wrong[0]
    assert "doctor.py" not in "".join(wrong)  # a place in the code is no advice


def test_doctor_asks_for_the_upgrade_of_an_empty_database(run, tmp_path):
    done = run("doctor", DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
    assert "database: the tables are missing or old; run: helpdesk db upgrade" in bad(done)
    assert done.refusal == "5 of 10 checks are bad"


def said_of_registry(database):
    [check] = [each for each in doctor.examine(Settings(), database) if each.name == "registry"]
    return check.ok, check.text


def imports(database, **values):
    with database.transaction() as tx:
        tx.session.execute(update(RegistryImport).values(**values))


def building(database, **values):
    now = clock.now()
    row = RegistryImport(
        state=GenerationState.BUILDING,
        kind=ImportKind.DELTA,
        source="registry.csv",
        holder=process.name(),
        started_at=now,
        beat_at=now,
        key_version=keys.VERSION,
    )
    for name, value in values.items():
        setattr(row, name, value)
    with database.transaction() as tx:
        tx.session.add(row)


def test_doctor_misses_a_registry(sqlite_database):
    assert said_of_registry(sqlite_database) == (
        False,
        "there is none, so nobody is found; run: helpdesk registry import FILE",
    )


def test_doctor_says_what_serves_and_what_is_under_way(sqlite_database):
    registry.fill(sqlite_database, [ROW])
    building(sqlite_database)
    assert said_of_registry(sqlite_database) == (
        True,
        "1 records of 1 people, imported today, keys are current; another import is under way",
    )


def test_doctor_asks_for_a_newer_file_however_new_the_keys_are(sqlite_database, tmp_path):
    registry.fill(sqlite_database, [ROW])
    imports(sqlite_database, started_at=clock.now() - dt.timedelta(days=46))
    rebuild(sqlite_database, audit_key=registry.AUDIT_KEY, folder=tmp_path / "work")
    ok, words = said_of_registry(sqlite_database)
    assert (ok, "imported 46 days ago; ask for a newer file" in words) == (False, True)


def test_doctor_says_that_keys_are_old(sqlite_database):
    registry.fill(sqlite_database, [ROW])
    imports(sqlite_database, key_version=keys.VERSION - 1)
    ok, words = said_of_registry(sqlite_database)
    assert (ok, words.endswith("or run: helpdesk registry rebuild")) == (False, True)


@pytest.mark.parametrize(
    "values",
    [
        {"holder": f"{socket.gethostname()}:{2**22 + 1}"},
        {"beat_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    ],
    ids=["its process is gone", "it is silent"],
)
def test_doctor_tells_an_import_that_hangs(sqlite_database, values):
    building(sqlite_database, **values)
    assert said_of_registry(sqlite_database) == (
        False,
        "an import begun today does not go on; run it again: it takes up where it stopped",
    )


@pytest.mark.parametrize(
    ("login", "name", "password", "said"),
    [
        ("dewi", "Dewi", "short", "password: at least 12 characters"),
        ("dewi", "Dewi", "", "password: at least 12 characters"),
        ("dewi", "Dewi", "password1234", "password: it is too easy to guess"),
        ("de wi", "Dewi", PASSWORD, "login: 2 to 64 of a-z"),
        ("dewi", " ", PASSWORD, "name: must not be empty"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_words(refuse, login, name, password, said):
    words = ("user", "add", login, "--name", name)
    assert refuse(*words, stdin=f"{password}\n").startswith(said)


def test_a_login_is_given_once(run, tmp_path):
    (tmp_path / "password").write_text(PASSWORD)
    words = ("user", "add", "dewi", "--name", "Dewi", "--role", "supervisor")
    words = (*words, "--password-file", tmp_path / "password")
    assert run(*words).out == "dewi can sign in as supervisor\n"
    assert run(*words).refusal == "login: it is taken"


def test_a_password_file_that_cannot_be_read_is_told(refuse, tmp_path):
    (tmp_path / "latin-1").write_bytes(b"kuda laut bir\xfc 7")
    for name, said in (("missing", "No such file or directory"), ("latin-1", "text in UTF-8")):
        words = ("--name", "Dewi", "--password-file", tmp_path / name)
        assert refuse("user", "add", "dewi", *words).endswith(said)


FIELD = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org\r\n"
RECEIVED = "Received: from a.example.net by mx.example.org; Mon, 2 Nov 2026 08:00:00 +0700\r\n"
FOREIGN = "Received: from b.example.net by a.example.net; Mon, 2 Nov 2026 08:00:00 +0700\r\n"


@pytest.mark.parametrize(
    ("head", "forged"),
    [
        (FIELD + RECEIVED + FOREIGN, False),
        (FIELD + FIELD + RECEIVED, True),
        (RECEIVED + FOREIGN + FIELD, True),
        (RECEIVED + FOREIGN, False),
    ],
    ids=["ours", "doubled", "below a foreign Received", "none"],
)
def test_doctor_finds_mail_that_vouches_for_itself(run, healthy, tmp_path, head, forged):
    letter = "From: a@example.org\r\nSubject: Lupa KPJ\r\n\r\nSaya lupa.\r\n"
    (tmp_path / "a.eml").write_text(head + letter, newline="")
    assert run("ingest", "eml", tmp_path / "a.eml").code == 0

    done = run("doctor")

    said = "sender authentication: 1 of the newest 1 mails came with a header in the name of mx."
    found = [line for line in bad(done) if line.startswith("sender authentication")]
    assert [line.startswith(said) for line in found] == [True] * forged
    if not forged:
        assert "none was found in the newest 1 mails" in done.out


def test_the_trail_is_whole_until_somebody_changes_it(run, environ, database_url):
    environ |= {"HELPDESK_DATABASE_URL": database_url, "HELPDESK_SECRET_KEY": "k" * 40}
    run("db", "upgrade")
    database = Database(database_url)
    for number in range(3):
        with database.transaction() as tx:
            audit.record(
                tx.session,
                key=audit.key_from("k" * 40),
                now=clock.now(),
                agent_id=None,
                action="ticket.view",
                subject_type="ticket",
                subject_id=number,
            )
    database.dispose()
    whole = run("audit", "verify")
    assert (whole.code, whole.out, whole.err) == (0, "the trail is whole\n", "")

    tamper(database_url)

    assert run("audit", "verify").refusal == "the audit trail is broken at line 2: it was changed"


def tamper(url: str) -> None:
    """Change a line as somebody with the database's password would: past its triggers."""
    engine = create_engine(Database(url).engine.url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.scalars(text(names)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE audit_event SET subject_id = 99 WHERE id = 2"))
    engine.dispose()


@pytest.mark.parametrize(
    ("available", "works", "ok", "said"),
    [
        (False, False, True, "wait: nothing here reads them; run: make photos"),
        (True, False, False, "does not start; run: make photos"),
        (True, True, True, "photos of identity cards are read"),
    ],
    ids=["not installed", "broken", "works"],
)
def test_doctor_says_whether_photos_are_read(monkeypatch, available, works, ok, said):
    monkeypatch.setattr(engine, "available", lambda: available)
    monkeypatch.setattr(engine, "works", lambda: works)
    check = doctor._check("photos", lambda: doctor._photos(Settings()))
    assert check.ok is ok
    assert said in check.text
