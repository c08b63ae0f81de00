"""Poll one mailbox in a process of its own: prints mails stored and how far memory grew."""

import resource
import sys
from pathlib import Path

from helpdesk.blobs import BlobStore
from helpdesk.db import Base, Database
from helpdesk.ingest import mailbox
from helpdesk.settings import Ingest, Mailbox


def main(port: int, folder: Path) -> None:
    """Poll an empty mailbox first, so that only the mail counts."""
    database = Database(f"sqlite:///{folder / 'memory.sqlite3'}")
    Base.metadata.create_all(database.engine)
    blobs = BlobStore(folder / "blobs")
    boxes = [
        Mailbox(
            name=name,
            host="127.0.0.1",
            port=port,
            security="none",
            username=name,
            password="secret",
        )
        for name in ("info", "care")
    ]
    mailbox.poll(database, boxes[0], Ingest(), blobs, holder="memory")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = mailbox.poll(database, boxes[1], Ingest(), blobs, holder="memory")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(report.stored, (after - before) * 1024)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
