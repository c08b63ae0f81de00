"""What the demo needs before it can run: settings, tables, a made-up registry, people, mail."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from sqlalchemy import exists, func, select
from tqdm import tqdm

from helpdesk import clock, settings, work
from helpdesk.accounts import audit, users
from helpdesk.accounts.models import Agent, Role
from helpdesk.db import Database
from helpdesk.demo import cast, exports, servers
from helpdesk.demo.mail import AUTHSERV_ID, LETTERS, PHOTO_OF, samples
from helpdesk.ingest.imports import ImportReport
from helpdesk.jobs import JobRow, JobState
from helpdesk.registry import load, serving, synthetic
from helpdesk.settings import Settings
from helpdesk.tickets.models import Ticket

PEOPLE = 20_000
SEED = 7
CARE = "care@helpdesk.example"
_AGENTS = (
    ("budi", "Budi Santoso", Role.AGENT),
    ("sari", "Sari Wulandari", Role.AGENT),
    ("dewi", "Dewi Lestari", Role.SUPERVISOR),
    ("rangga", "Rangga Pratama", Role.SUPERVISOR),
    ("admin", "Ayu Admin", Role.ADMIN),
    ("auditor", "Agus Auditor", Role.AUDITOR),
)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"  {text} ...", end=" ", flush=True)
    began = monotonic()
    yield
    print(f"{monotonic() - began:.1f} s")


def environ(conf: Settings, *, imap_port: int, smtp_port: int, web_port: int) -> dict[str, str]:
    """Return the settings of the demo's processes, as environment variables."""
    return {
        "HELPDESK_DATA_DIR": conf.data_dir,
        "HELPDESK_DATABASE_URL": conf.database_url,
        "HELPDESK_BROKER_URL": conf.broker_url,
        "HELPDESK_AUTHSERV_ID": AUTHSERV_ID,
        "HELPDESK_AGENCY_CARE_ADDRESS": CARE,
        "HELPDESK_MAILBOX_CARE_HOST": servers.HOST,
        "HELPDESK_MAILBOX_CARE_PORT": str(imap_port),
        "HELPDESK_MAILBOX_CARE_SECURITY": "none",
        "HELPDESK_MAILBOX_CARE_USERNAME": servers.USER,
        "HELPDESK_MAILBOX_CARE_PASSWORD": servers.PASSWORD,
        "HELPDESK_SMTP_HOST": servers.HOST,
        "HELPDESK_SMTP_PORT": str(smtp_port),
        "HELPDESK_SMTP_SECURITY": "none",
        "HELPDESK_INGEST_POLL_INTERVAL_S": "5",
        "HELPDESK_EXPORTS_OWN_NAMES": ",".join((*conf.exports.own_names, exports.OWN_NAME)),
        "HELPDESK_WEB_PORT": str(web_port),
        "HELPDESK_WEB_BASE_URL": f"http://127.0.0.1:{web_port}",
    }


def demo_settings(env: Mapping[str, str]) -> Settings:
    """Return the settings the demo's processes will have."""
    return settings.load(environ=settings.child_environ(env))


def registry(database: Database, conf: Settings) -> None:
    """Import the made-up registry, unless one is there already."""
    with database.reading() as session:
        if serving.current(session) is not None:
            return
    file = conf.data_path / "registry.csv"
    write_registry(file)
    load.import_file(
        database,
        file,
        reject_path=file.with_suffix(".rejects.csv"),
        audit_key=audit.key_from(conf.secret_key),
        folder=conf.registry_work_path,
    )


def write_registry(file: Path) -> None:
    """Write the registry of the demo: made-up people, and those its samples are about."""
    synthetic.write(file, people=PEOPLE, seed=SEED)
    cast.join(file)


def accounts(database: Database, folder: Path) -> list[tuple[str, str, str]]:
    """Make the demo's accounts once; returns (login, role, password) of each."""
    file = folder / "logins.json"
    if not file.exists():
        logins = {login: f"contoh-{secrets.token_hex(4)}" for login, _, _ in _AGENTS}
        file.touch(mode=0o600)
        file.write_text(json.dumps(logins), encoding="utf-8")
    passwords: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    with database.transaction() as tx:
        known = set(tx.session.scalars(select(Agent.login)))
        for login, name, role in _AGENTS:
            if login not in known:
                users.add(
                    tx.session,
                    login=login,
                    name=name,
                    role=role,
                    password=passwords[login],
                    now=clock.now(),
                )
    return [(login, role.value, passwords[login]) for login, _, role in _AGENTS]


def letters(*, count: int = 3 * len(LETTERS)) -> list[bytes]:
    """Write sample mail about people of the made-up registry, new at every call."""
    people = list(synthetic.people(count, SEED))
    with_photo = next(at for at, letter in enumerate(LETTERS) if letter.attach)
    people[with_photo] = cast.person(PHOTO_OF)
    return samples(people, care=CARE, now=clock.now(), run=secrets.token_hex(6))


def conversations(plant: work.Plant) -> list[ImportReport]:
    """Import sample exports of every format, each once; returns what came of it."""
    if not exports.SAMPLES.is_dir():
        print(f"  no sample exports: {exports.SAMPLES} comes with a clone of the repository")
        return []
    with step("sample exports"):
        folder = plant.settings.data_path / "demo-exports"
        copies = exports.present(exports.SAMPLES, folder, plant.settings, clock.now())
        shown = tqdm(copies, desc="  exports", leave=False, disable=None)
        reports = [report for path in shown if (report := exports.bring_in(plant, path))]
    for report in reports:
        if report.problem:
            print(f"  {report.file_name}: {report.problem}")
    return reports


def tickets(database: Database) -> int:
    """Count the tickets."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Ticket)) or 0


def is_drafted(url: str) -> bool:
    """Tell whether there are tickets and all that came in so far has been worked off."""
    database = Database(url)
    try:
        with database.reading() as session:
            waits = session.scalar(select(exists().where(JobRow.state != JobState.PARKED)))
        return not waits and tickets(database) > 0
    finally:
        database.dispose()
