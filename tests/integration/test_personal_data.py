"""What participants tell us stays in the tables meant for it: no log, job, name or bell has it."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from helpdesk import clock, jobs, migrations, settings, work
from helpdesk.accounts import sessions
from helpdesk.accounts.models import Agent, Role
from helpdesk.db import Base, Database
from helpdesk.ingest import formstamp
from helpdesk.jobs import Job
from helpdesk.registry.reader import COLUMNS
from helpdesk.replies import service as replies
from helpdesk.replies.models import Draft
from helpdesk.settings import Settings
from helpdesk.tickets.models import Ticket
from helpdesk.web.app import create_app
from tests.conftest import free_port
from tests.registry import record
from tests.servers import smtp
from tests.servers.fixtures import dovecot, dovecot_server  # noqa: F401
from tests.web.conftest import BASE_URL, ORIGIN, Browser

# Words that occur nowhere else: wherever one turns up, it came out of a mail or the registry.
NAME, PLACE, MOTHER = "Zulkarnaen Wiradiprajasentana", "Kuala Kencanasari", "Sumiratnaningsih"
NIK, KPJ, PHONE = "3205004505889317", "99000731852", "081299973154"
ADDRESS, OTHER = "zulkarnaen.w@example.org", "kuasahukumnya@example.net"
FILE = "ktp-zulkarnaen.jpg"
CANARIES = (
    *("Zulkarnaen", "Wiradiprajasentana", "Kencanasari", MOTHER),
    *(NIK, KPJ, PHONE, "32.0500.450588.9317", ADDRESS.partition("@")[0], OTHER.partition("@")[0]),
)
# Where the conversation, the claim, the registry and the reply live; nowhere else.
MEANT = {
    *("blob", "contact", "ticket", "message", "attachment"),
    *("claim", "fact", "candidate", "draft", "approval", "delivery"),
    "correction",  # with consent in the settings
    *("choice", "second_look"),  # whom somebody says a claim means, by a KPJ
    "verification",  # of which record, not what was said
}


def letter(number: int, sender: str, body: str, *, extra: str = "") -> bytes:
    return (
        f"Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\r\n"
        f"From: {NAME} <{sender}>\r\nTo: care@example.com\r\n{extra}"
        f"Subject: Lupa KPJ a.n. {NAME} {NIK}\r\nMessage-ID: <{number}.{NIK}@example.org>\r\n"
        f"\r\n{body}"
    ).encode()


FACTS = {"full_name": NAME, "birth_place": PLACE, "birth_date": "5 Mei 1988", "nik": NIK}
BODY = (
    f"Nama: {NAME}\r\nTTL: {PLACE}, 5 Mei 1988\r\nNIK: {NIK}\r\nHP {PHONE}\r\n"
    f"Nama ibu {MOTHER}\r\n"
)
MAILS = (
    letter(1, ADDRESS, BODY),
    letter(2, OTHER, BODY.replace(NIK, "32.0500.450588.9317")),
    letter(3, ADDRESS, BODY, extra=f"In-Reply-To: <1.{NIK}@example.org>\r\n"),
    letter(
        4,
        ADDRESS,
        f'--c\r\nContent-Type: image/jpeg; name="{FILE}"\r\n'
        f'Content-Disposition: attachment; filename="{FILE}"\r\n\r\n{BODY * 20_000}\r\n--c--\r\n',
        extra='MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="c"\r\n',
    ),
    f"Subject: Undelivered\r\nReturn-Path: <>\r\nFrom: MAILER-DAEMON@example.net\r\n"
    f'Content-Type: multipart/report; report-type=delivery-status; boundary="c"\r\n\r\n'
    f"--c\r\n\r\n{BODY}\r\n--c\r\nContent-Type: message/delivery-status\r\n\r\n"
    f"Final-Recipient: rfc822; {ADDRESS}\r\nAction: failed\r\nStatus: 5.1.1\r\n--c--\r\n".encode(),
)


@pytest.fixture
def environ(tmp_path: Path, dovecot) -> Iterator[dict[str, str]]:  # noqa: F811
    """Settings of a process that reads the real mailbox, talks most, and refuses to send once."""
    with smtp.running(smtp.Script.RCPT_REFUSED) as server:
        env = {
            "HELPDESK_DATA_DIR": str(tmp_path / "var"),
            "HELPDESK_LOG_LEVEL": "DEBUG",
            "HELPDESK_AUTHSERV_ID": "mx.example.com",
            "HELPDESK_AGENCY_CARE_ADDRESS": "care@example.com",
            "HELPDESK_OUTBOX_UNDO_S": "0",
            "HELPDESK_IDENTITY_KEEP_CORRECTIONS": "true",
            "HELPDESK_SMTP_HOST": server.host,
            "HELPDESK_SMTP_PORT": str(server.port),
            "HELPDESK_SMTP_SECURITY": "none",
            "HELPDESK_WEB_PORT": str(free_port()),
        }
        for key in ("host", "port", "security", "username", "password"):
            env[f"HELPDESK_MAILBOX_CARE_{key.upper()}"] = str(getattr(dovecot.box(), key))
        dovecot.append(MAILS)
        yield env


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry with the participant and with rows that are refused."""
    rows = (
        f"{KPJ},{NIK},{NAME.upper()},{PLACE.upper()},1988-05-05,{MOTHER},PT CONTOH,PU,aktif",
        f"{KPJ}9,{NIK},{NAME},{PLACE},1988-05-05,{MOTHER},PT CONTOH,PU,aktif",
        f"{NAME},{NIK}",
    )
    file = tmp_path / "registry.csv"
    file.write_text("\n".join((",".join(COLUMNS), *rows)))
    return file


def command(environ: dict[str, str], *words: object) -> bytes:
    """Run a command; returns everything it wrote."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk.cli", *map(str, words)],
        env=kept | environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def approve_and_send(plant: work.Plant) -> None:
    """Approve every draft that may be sent, and send what was approved."""
    now = clock.now()
    with plant.database.transaction() as tx:
        agent = Agent(
            login="sari", name="Sari", role=Role.SUPERVISOR, language="id", theme="system",
            password_hash="!", active=True, created_at=now,
        )  # fmt: skip
        tx.session.add(agent)
    with plant.database.reading() as session:
        drafts = session.execute(select(Draft.ticket_id, Draft.version)).all()
    for ticket_id, version in drafts:
        with plant.database.transaction() as tx:
            done = replies.approve(tx.session, ticket_id, version, agent, plant.house, now=now)
            if done.delivery_id is not None:
                jobs.enqueue(tx, Job.SEND, [done.delivery_id], now=now)
    work.drain(plant, Job.SEND)
    browse(plant, agent)


def browse(plant: work.Plant, agent: Agent) -> None:
    """Look at every page of every ticket, and ask for what is not there."""
    limits = sessions.limits(plant.settings.web)
    with plant.database.transaction() as tx:
        token = sessions.create(tx.session, agent.id, limits, now=clock.now())
        agent_csrf = sessions.find(tx.session, token, limits, now=clock.now()).csrf_token
        tickets = list(tx.session.scalars(select(Ticket.id)))
    app = create_app(plant.settings, plant.database, blobs=plant.blobs)
    with Browser(app, base_url=BASE_URL, headers=ORIGIN) as browser:
        ask_by_form(browser)
    with Browser(app, base_url=BASE_URL, headers=ORIGIN) as browser:
        browser.cookies.set("sid", token)
        browser.csrf = agent_csrf
        ask_by_phone(browser)
        correct_by_selecting(browser, tickets[0])
        for ticket_id in tickets:
            assert browser.get(f"/tickets/{ticket_id}").status_code == 200
        for path in ("/tickets", "/audit", "/dead-letters", f"/tickets/{NIK}", "/tickets?q=x"):
            browser.get(path)


def ask_by_form(browser: Browser) -> None:
    """Send the public form, once as it should be and once damaged."""
    key, now = browser.app.state.house.form_key, clock.now()
    stamp = formstamp.make(bytes(16), key=key, now=now - dt.timedelta(minutes=1))
    typed = FACTS | {"reach": "email", "email": ADDRESS, "consent": "1", "stamp": stamp}
    assert browser.post("/permintaan", data=typed | {"nik": f"{NIK}1"}).status_code == 422
    assert "/permintaan/" in browser.post("/permintaan", data=typed).text


def ask_by_phone(browser: Browser) -> None:
    """Open a ticket for a caller who says a wrong name and then the right one."""
    call = FACTS | {"channel": "phone", "caller": NAME, "number": PHONE}
    ticket = browser.send_form("/intake/new", call).url.path
    for said in (NAME, MOTHER):
        browser.send_form(f"{ticket}/verify", {"said": said})


def correct_by_selecting(browser: Browser, ticket_id: int) -> None:
    """Say that the name in a message is somebody else's birth place."""
    page = browser.get(f"/tickets/{ticket_id}").text
    start = len("Nama: ")
    form = {"field": "birth_place", "claim": "new", "start": str(start)}
    form |= {"end": str(start + len(NAME)), "facts": re.search(r'"facts" value="(\w+)"', page)[1]}
    form["message"] = re.search(r'data-message="(\d+)"', page)[1]
    assert browser.send_form(f"/tickets/{ticket_id}/facts", form).status_code == 200


def found_in(content: bytes) -> list[str]:
    lowered = content.lower()
    return [canary for canary in CANARIES if canary.lower().encode() in lowered]


def rows_outside(database: Database) -> dict[str, list[str]]:
    """Return the canaries in every row of every table that is not meant for them."""
    hits = {}
    tables = set(inspect(database.engine).get_table_names())
    assert tables >= MEANT
    with database.reading() as session:
        for name in sorted(tables - MEANT):
            rows = session.execute(text(f"SELECT * FROM {name}")).all()
            hits[name] = found_in(json.dumps([tuple(row) for row in rows], default=str).encode())
    return {name: hit for name, hit in hits.items() if hit}


def files_outside(folder: Path) -> dict[str, list[str]]:
    """Return the canaries in file names and in files that hold neither database nor blobs."""
    hits = {}
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        is_database = path.name.startswith(("helpdesk.sql", "helpdesk-registry-"))
        holds = path.is_dir() or inside.parts[0] == "blobs" or is_database
        content = b"" if holds else path.read_bytes()
        hits[str(inside)] = found_in(str(inside).encode() + content)
    return {name: hit for name, hit in hits.items() if hit}


def test_what_people_tell_us_is_only_where_it_belongs(environ, registry, tmp_path, caplog, capfd):
    caplog.set_level("DEBUG", "helpdesk")
    said = command(environ, "registry", "import", registry)
    said += command(environ, "ingest", "mailbox", "--once", "--queue")
    said += command(environ, "ingest", "eml", "--queue", registry, tmp_path / "missing.eml")
    conf = settings.load(environ=environ)
    plant = open_plant(conf)
    work.work_off(plant)
    approve_and_send(plant)
    said += command(environ, "doctor") + command(environ, "audit", "verify")
    said += command(environ, "identity", "evaluate")
    said += caplog.text.encode() + "".join(capfd.readouterr()).encode()

    assert_something_happened(plant)
    assert found_in(said) == []
    assert rows_outside(plant.database) == {}
    assert files_outside(conf.data_path) == {}
    plant.database.dispose()


def test_a_job_that_fails_says_where_but_not_about_whom(environ, database_url, tmp_path, caplog):
    caplog.set_level("DEBUG")
    plant = open_plant(settings.load(environ=environ | {"HELPDESK_DATABASE_URL": database_url}))
    file = tmp_path / "1.eml"
    file.write_bytes(MAILS[0])
    work.store_files(plant, [file])
    with plant.database.transaction() as tx:  # so that filing the mail breaks in the database
        tx.session.execute(text("ALTER TABLE message RENAME COLUMN body TO gone"))
    work.work_off(plant)

    rows = rows_outside(plant.database)
    with plant.database.reading() as session:
        [error] = session.execute(text("SELECT error FROM job")).scalars()
    assert "Error at ingest/" in error
    assert (rows, found_in(caplog.text.encode())) == ({}, [])
    plant.database.dispose()


def open_plant(conf: Settings) -> work.Plant:
    from helpdesk import broker  # noqa: PLC0415 - with the bell rung into the folder

    database = Database(conf.database, publish=broker.publisher(conf))
    migrations.upgrade(database)
    return work.open_plant(conf, database)


def assert_something_happened(plant: work.Plant) -> None:
    """Guard the test itself: the canaries went all the way, and every place was looked at."""
    with plant.database.reading() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
        assert record(plant.database, KPJ).kpj == KPJ
        assert any(KPJ in text for text in session.scalars(text("SELECT body FROM draft")))
    empty = {name for name, rows in counts.items() if not rows}
    unused = {"login_attempt", "lease", "job", "handover", "import_batch"}
    unused |= {"choice", "rematch", "second_look", "weights"}
    assert empty <= unused, empty
    queue = plant.settings.data_path / "broker" / "queue"
    assert list(queue.iterdir())
