"""What the tests of ingestion share: mails, and polling as a worker does."""

from collections.abc import Callable

import pytest

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.ingest import mailbox
from helpdesk.settings import Ingest, Mailbox
from tests.servers.fixtures import (  # noqa: F401
    dovecot,
    dovecot_server,
    expired_dovecot,
    pymap,
    tls_dovecot,
)

CONF = Ingest(connect_timeout_s=2, read_timeout_s=5, reconcile_interval_s=0)


def mail(number: int = 1, *, size: int = 0, **headers: str) -> bytes:
    """Return one made-up mail; header names with underscores become dashes."""
    fields = {
        "From": f"Peserta {number} <peserta{number}@example.org>",
        "To": "care@example.com",
        "Subject": f"Lupa nomor KPJ {number}",
        "Message-ID": f"<mail-{number}@example.org>",
        "Date": "Mon, 02 Nov 2026 08:00:00 +0700",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    lines = b"0123456789abcdef" * 4 + b"\r\n"
    filling = lines * (size // len(lines))
    return head.encode() + b"\r\nSaya lupa nomor KPJ saya.\r\n" + filling


@pytest.fixture
def poll(sqlite_database: Database, blobs: BlobStore) -> Callable[..., mailbox.PollReport]:
    """Poll a mailbox into the SQLite database of the test."""

    def run(box: Mailbox, conf: Ingest = CONF, **options: object) -> mailbox.PollReport:
        options = {"holder": "test"} | options
        return mailbox.poll(sqlite_database, box, conf, blobs, **options)

    return run
