"""The twenty nasty mails through the whole path: kept, shown, quick, and in nobody's way."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk import clock, work
from helpdesk.accounts import sessions
from helpdesk.accounts.models import Agent, Role
from helpdesk.blobs import Blob
from helpdesk.db import Database
from helpdesk.jobs import JobRow
from helpdesk.settings import Agency, Settings
from helpdesk.tickets.kinds import RawOutcome
from helpdesk.tickets.models import Message, RawMessage, Ticket
from helpdesk.web.app import create_app
from tests.nasty import huge, nasty
from tests.servers.fixtures import dovecot, dovecot_server  # noqa: F401
from tests.web.conftest import BASE_URL, ORIGIN, Browser

# Each under a Message-ID of its own: that equal ones are told apart is filing's own test.
MAILS = {
    name: raw.replace(b"<nasty@example.org>", b"<%s@example.org>" % name.encode())
    for name, raw in nasty().items()
}
WITHOUT_TICKET = {
    "auto-reply": RawOutcome.IGNORED,
    "from-ourselves": RawOutcome.IGNORED,
    "null-sender-bounce": RawOutcome.BOUNCE,
}
# The slowest takes 0.7 s where nothing else runs (41 MB, written and read twice), the next 0.4 s.
# The promise is 2 s; five times that is only for a machine that runs everything else meanwhile.
LIMIT_S = 10
DELIVERED = (  # what a server takes as it is: no NUL, nothing that it would write anew
    *("no-message-id", "no-from", "empty-from", "unknown-charset", "latin1-labelled-utf8"),
    *("deep-multipart", "endless-boundary", "long-header", "long-subject", "bad-encoded-words"),
    *("many-parts", "broken-base64", "nested-html", "path-as-file-name"),
)


@pytest.fixture
def plant(database: Database, tmp_path: Path) -> work.Plant:
    return make_plant(database, tmp_path)


@pytest.fixture
def browser(plant: work.Plant) -> Iterator[Browser]:
    """Somebody signed in over the same database."""
    with plant.database.transaction() as tx:
        agent = Agent(
            login="dewi", name="Dewi", role=Role.AGENT, language="id", theme="system",
            password_hash="!", active=True, created_at=clock.now(),
        )  # fmt: skip
        tx.session.add(agent)
        tx.session.flush()
        limits = sessions.limits(plant.settings.web)
        token = sessions.create(tx.session, agent.id, limits, now=clock.now())
    app = create_app(plant.settings, plant.database, blobs=plant.blobs)
    with Browser(app, base_url=BASE_URL, headers=ORIGIN) as browser:
        browser.cookies.set("sid", token)
        yield browser


def make_plant(database: Database, folder: Path, **changes: object) -> work.Plant:
    conf = Settings(
        data_dir=str(folder / "var"),
        secret_key="0" * 64,
        agency=Agency(care_address="care@example.com"),
        **changes,
    )
    return work.open_plant(conf, database)


def write(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.eml"
    file.write_bytes(MAILS[name] if name in MAILS else huge())
    return file


def raw_of(plant: work.Plant, content: bytes) -> tuple[RawMessage, Message | None]:
    """Find the row of some bytes, and the message made of it."""
    sha256 = plant.blobs.prepare(content).sha256
    with plant.database.reading() as session:
        raw = session.scalars(select(RawMessage).where(RawMessage.sha256 == sha256)).one()
        return raw, session.scalars(select(Message).where(Message.raw_id == raw.id)).first()


def count(plant: work.Plant, table: type) -> int:
    with plant.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_all_twenty_are_kept_and_shown_and_downloaded_as_they_came(plant, browser, tmp_path):
    report = work.store_files(plant, [write(tmp_path / "mail", name) for name in MAILS])
    work.work_off(plant)

    assert (report.stored, report.problems, count(plant, JobRow)) == (20, (), 0)
    assert count(plant, Ticket) == 20 - len(WITHOUT_TICKET)
    for name, content in MAILS.items():
        raw, message = raw_of(plant, content)
        assert raw.outcome is WITHOUT_TICKET.get(name, RawOutcome.FILED), name
        if message is None:
            with plant.database.reading() as session:
                assert plant.blobs.read(session, raw.sha256) == content, name
        else:
            page = f"/tickets/{message.ticket_id}"
            assert browser.get(page).status_code == 200, name
            assert browser.get(f"{page}/messages/{message.id}/raw").content == content, name
    queue = browser.get("/tickets")
    assert queue.status_code == 200


def test_no_nasty_mail_takes_long(plant, tmp_path):
    took_s = {}
    for name in (*MAILS, "huge"):
        file = write(tmp_path / "mail", name)
        begun = time.perf_counter()
        work.store_files(plant, [file])
        work.work_off(plant)
        took_s[name] = time.perf_counter() - begun
        file.unlink()

    assert {name: spent for name, spent in took_s.items() if spent > LIMIT_S} == {}


def test_a_mail_that_cannot_be_processed_lets_the_others_through(plant, tmp_path):
    """Whatever the next nasty mail will be: its bytes vanish here, which no parser can mend."""
    names = ("no-message-id", "nul-in-body", "broken-base64")
    work.store_files(plant, [write(tmp_path / "mail", name) for name in names])
    raw, _ = raw_of(plant, MAILS["nul-in-body"])
    with plant.database.transaction() as tx:
        blob = tx.session.get(Blob, raw.sha256)
        blob.content = None

    work.work_off(plant)

    assert count(plant, Ticket) == 2
    with plant.database.reading() as session:
        left = session.scalars(select(JobRow)).one()
    assert (left.subject_id, left.attempts) == (raw.id, 1)
    assert left.error == "NotFoundError: blob file is missing"


def test_nothing_a_sender_writes_reaches_a_header_line_or_a_terminal(plant, tmp_path):
    names = ("nul-in-header", "nul-in-body", "bad-encoded-words", "long-subject", "no-from")
    work.store_files(plant, [write(tmp_path / "mail", name) for name in names])
    work.work_off(plant)

    with plant.database.reading() as session:
        shown = [
            *session.scalars(select(Ticket.subject)),
            *session.scalars(select(Ticket.preview)),
            *session.scalars(select(Message.sender_name)),
        ]
    assert [text for text in shown if not text.isprintable()] == []


def test_a_server_hands_over_nasty_mail_and_is_told_it_is_safe(
    sqlite_database,
    tmp_path,
    dovecot,  # noqa: F811
):
    dovecot.append(MAILS[name] for name in DELIVERED)
    plant = make_plant(sqlite_database, tmp_path, mailbox=(dovecot.box(),))

    report = work.poll(plant, 0)
    work.work_off(plant)

    assert (report.problem, report.failed, report.stored) == (None, 0, len(DELIVERED))
    assert len(dovecot.uids(search="SEEN")) == len(DELIVERED)
    assert count(plant, Ticket) == len(DELIVERED)
    assert {name for name in DELIVERED if raw_of(plant, MAILS[name])[1] is None} == set()
