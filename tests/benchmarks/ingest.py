"""Mails a second from a Dovecot mailbox to a filed ticket with claim, candidates and draft."""

import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from helpdesk import migrations, settings, work
from helpdesk.db import Database
from helpdesk.matching.models import CandidateRow
from helpdesk.registry import load, synthetic
from helpdesk.replies.models import Draft
from helpdesk.settings import Settings
from helpdesk.tickets.models import Message, Ticket
from tests.benchmarks import mails
from tests.benchmarks.databases import empty_database, seed_tickets
from tests.registry import AUDIT_KEY
from tests.servers.dovecot import Dovecot, dovecot

COUNT = 2_000


def run() -> None:
    """Print one line a database and size."""
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry.csv"
        synthetic.write(registry, people=mails.PEOPLE, seed=mails.SEED)
        for kind in ("sqlite", "postgresql"):
            for tickets in (0, 20_000):
                with empty_database(kind, Path(folder)) as url:
                    _measure(kind, tickets, url, registry, Path(folder))


def _measure(kind: str, tickets: int, url: str, registry: Path, folder: Path) -> None:
    with dovecot() as server:
        deliver(server, COUNT)
        conf = configuration(server, url, folder / f"{kind}-{tickets}")
        database = Database(url)
        migrations.upgrade(database)
        if tickets:
            seed_tickets(database, tickets)
        load.import_file(
            *(database, registry),
            reject_path=folder / "rejects.csv",
            audit_key=AUDIT_KEY,
            folder=folder / "work",
        )
        plant = work.open_plant(conf, database)
        began = time.perf_counter()
        work.poll(plant, 0)
        fetched = time.perf_counter()
        work.work_off(plant)
        ended = time.perf_counter()
        found = _count(database)
        print(
            f"ingest {kind:<10} {tickets:>6} tickets before: {COUNT / (ended - began):6.0f} "
            f"mails/s (fetch and store {COUNT / (fetched - began):6.0f}/s, "
            f"file, match and draft {COUNT / (ended - fetched):6.0f}/s); {found}"
        )
        database.dispose()


def deliver(server: Dovecot, count: int) -> None:
    """Put the mail mix into the mailbox's Maildir, as a delivery agent does."""
    folder = server.maildir / "new"
    folder.mkdir(parents=True, exist_ok=True)
    for index, mail in enumerate(mails.mix(count)):
        (folder / f"1700000000.{index:06d}.bench").write_bytes(mail)
    server.own(server.maildir)


def configuration(server: Dovecot, url: str, folder: Path) -> Settings:
    """Return settings for one worker process that reads this server."""
    return settings.load(
        environ={
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_DATABASE_URL": url,
            "HELPDESK_AUTHSERV_ID": "mx.bench",
            "HELPDESK_AGENCY_CARE_ADDRESS": "care@helpdesk.example",
            "HELPDESK_IDENTITY_PHOTOS": "off",  # read later, in processes of their own
            "HELPDESK_MAILBOX_CARE_HOST": "127.0.0.1",
            "HELPDESK_MAILBOX_CARE_PORT": str(server.port),
            "HELPDESK_MAILBOX_CARE_SECURITY": "none",
            "HELPDESK_MAILBOX_CARE_USERNAME": server.user,
            "HELPDESK_MAILBOX_CARE_PASSWORD": server.password,
        }
    )


def _count(database: Database) -> str:
    with database.reading() as session:
        counts = [
            f"{session.scalar(select(func.count()).select_from(table))} {table.__tablename__}s"
            for table in (Message, Ticket, CandidateRow, Draft)
        ]
    return ", ".join(counts)
