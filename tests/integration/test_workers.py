"""Real Celery workers over every broker: nothing is lost, even when a worker is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk import broker, migrations, settings, work
from helpdesk.db import Database
from helpdesk.jobs import JobRow
from helpdesk.leases import Lease
from helpdesk.replies.models import Draft
from helpdesk.tickets.models import Message, Ticket
from tests.conftest import missing

BROKERS = {
    "filesystem": "",
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}
MAILS = 60
# One after the other: the brokers have one queue, and workers take each other's announcements.
pytestmark = pytest.mark.xdist_group("brokers")


@pytest.fixture(params=BROKERS)
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    env = {
        "HELPDESK_DATA_DIR": str(tmp_path / "var"),
        "HELPDESK_BROKER_URL": BROKERS[request.param],
        "HELPDESK_WORKER_BATCH": "5",
        "HELPDESK_WORKER_SWEEP_INTERVAL_S": "1",
    }
    try:
        broker.reach(settings.load(environ=env))
    except Exception as error:  # noqa: BLE001 - whatever the reason, it is not there
        missing(f"{request.param} does not answer on loopback ({type(error).__name__})")
    return env


@pytest.fixture
def plant(environ: Mapping[str, str]) -> Iterator[work.Plant]:
    conf = settings.load(environ=environ)
    database = Database(conf.database, publish=broker.publisher(conf))
    migrations.upgrade(database)
    yield work.open_plant(conf, database)
    database.dispose()


@pytest.fixture
def start(environ: Mapping[str, str], tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen]]:
    running: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        with (tmp_path / "worker.log").open("ab") as log:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "workers", "--beat", "--concurrency", "2"],
                    env=dict(os.environ) | dict(environ),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        return running[-1]

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write_mails(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.eml").write_text(
            f"From: Peserta {number} <p{number}@example.org>\nTo: care@example.org\n"
            f"Message-ID: <{number}@example.org>\nSubject: Lupa KPJ\n\n"
            f"Nama: Rahmat Contoh\nNIK: 32730117089090{number:02d}\n"
        )
    return folder


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def wait_until(look: Callable[[], bool], *, for_s: float = 60.0) -> None:
    until = time.monotonic() + for_s
    while not look():
        assert time.monotonic() < until, "the workers did not get there in time"
        time.sleep(0.05)


def test_workers_take_stored_mail_to_a_draft(plant, start, tmp_path):
    start()
    work.store_files(plant, [write_mails(tmp_path / "mail", MAILS)])
    wait_until(lambda: count(plant.database, Draft) == MAILS)
    assert count(plant.database, Message) == count(plant.database, Ticket) == MAILS
    wait_until(lambda: count(plant.database, JobRow) == 0)


def test_killed_workers_lose_nothing_and_double_nothing(plant, start, tmp_path):
    work.store_files(plant, [write_mails(tmp_path / "mail", MAILS)])
    for share in (1, 20, 40):
        worker = start()
        wait_until(lambda share=share: count(plant.database, Ticket) >= share)
        worker.kill()
        worker.wait()
    start()
    wait_until(lambda: count(plant.database, Draft) == MAILS)
    wait_until(lambda: count(plant.database, JobRow) == 0)
    assert count(plant.database, Message) == count(plant.database, Ticket) == MAILS


def test_of_two_beats_one_holds_the_lease_and_the_other_takes_over(plant, start):
    first, second = start(), start()
    wait_until(lambda: beat_holder(plant.database) is not None)
    holder = beat_holder(plant.database)
    dead = first if holder.endswith(f":{first.pid}") else second
    dead.terminate()
    wait_until(lambda: beat_holder(plant.database) not in {None, holder})


def beat_holder(database: Database) -> str | None:
    with database.reading() as session:
        return session.scalar(select(Lease.holder).where(Lease.name == "beat"))
