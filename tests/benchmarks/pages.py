"""How long the queue and a ticket take over HTTP with 20,000 tickets, and how much memory."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from httpx2 import Client, ConnectError
from sqlalchemy import select

from helpdesk import migrations
from helpdesk.db import Database
from helpdesk.tickets.models import Ticket
from tests import seed
from tests.benchmarks.databases import empty_database, seed_tickets
from tests.conftest import free_port

TICKETS = 20_000
REQUESTS = 200
_LOGIN = "dewi"
_RUN = "from helpdesk import asgi, settings; asgi.run(settings.load())"


def run() -> None:
    """Print one line a database."""
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, empty_database(kind, Path(folder)) as url:
            ticket_ids = _seed(url)
            with _served(url, Path(folder)) as (client, process):
                _measure(kind, client, process, ticket_ids)


def _seed(url: str) -> Sequence[int]:
    database = Database(url)
    migrations.upgrade(database)
    seed_tickets(database, TICKETS)
    with database.engine.connect() as connection:
        ticket_ids = connection.scalars(select(Ticket.id).order_by(Ticket.id)).all()
    database.dispose()
    return ticket_ids[:: len(ticket_ids) // REQUESTS][:REQUESTS]


def _measure(
    kind: str, client: Client, process: "subprocess.Popen[bytes]", ticket_ids: Sequence[int]
) -> None:
    queue = _times(client, ["/tickets"] * REQUESTS)
    ticket = _times(client, [f"/tickets/{ticket_id}" for ticket_id in ticket_ids])
    print(
        f"pages  {kind:<10} {TICKETS:>6} tickets: queue {queue}, ticket {ticket}; "
        f"web process {_pss_mib(process.pid):.0f} MiB PSS"
    )


def _times(client: Client, paths: Sequence[str]) -> str:
    took = []
    for path in [*paths[:5], *paths]:
        began = time.perf_counter()
        client.get(path).raise_for_status()
        took.append((time.perf_counter() - began) * 1_000)
    percentiles = statistics.quantiles(took[5:], n=100)  # the first five only warm up
    return f"p50 {percentiles[49]:.1f} ms, p95 {percentiles[94]:.1f} ms"


@contextmanager
def _served(url: str, folder: Path) -> Iterator[tuple[Client, "subprocess.Popen[bytes]"]]:
    base_url = f"http://127.0.0.1:{(port := free_port())}"
    environ = {
        **os.environ,
        "HELPDESK_DATA_DIR": str(folder),
        "HELPDESK_DATABASE_URL": url,
        "HELPDESK_WEB_PORT": str(port),
        "HELPDESK_WEB_BASE_URL": base_url,
        "HELPDESK_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen([sys.executable, "-c", _RUN], env=environ)
    headers = {"origin": base_url, "sec-fetch-site": "same-origin"}
    try:
        with Client(base_url=base_url, headers=headers, timeout=30) as client:
            _sign_in(client, process)
            yield client, process
    finally:
        process.terminate()
        process.wait()


def _sign_in(client: Client, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        try:
            client.get("/readyz").raise_for_status()
            break
        except ConnectError:
            time.sleep(0.1)
    form = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
    sent = {"login": _LOGIN, "password": seed.PASSWORD, "csrf": form[1] if form else ""}
    answer = client.post("/login", data=sent)
    if answer.status_code != 303:
        msg = f"signing in answered {answer.status_code}"
        raise RuntimeError(msg)


def _pss_mib(pid: int) -> float:
    """Return the memory of a process, pages it shares counted in parts."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1_024 if found else 0.0
