"""Messages a second from an export to filed tickets; time and memory of reading a large one."""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from helpdesk import importing, migrations, settings, work
from helpdesk.db import Database
from helpdesk.ingest.exports.archive import Caps, open_export
from helpdesk.ingest.exports.detect import detect
from helpdesk.ingest.exports.types import ReadConfig
from helpdesk.ingest.imports import ImportReport, NewImport, Source
from helpdesk.ingest.spool import Spool
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Ticket
from tests.benchmarks import conversations
from tests.benchmarks.databases import empty_database

COUNT = 20_000
LARGE_MESSAGES = 1_000_000
LARGE_MEDIA_BYTES = 830_000_000
_FREE_BYTES = 4 << 30  # the export, what is spooled of it, and room for others
_MESSAGES = 100  # of the export that is read first, so that everything is loaded


def run() -> None:
    """Print one line a format and database, and one of a large export."""
    with tempfile.TemporaryDirectory() as folder:
        for format_ in conversations.WRITERS:
            path = Path(folder) / f"{format_}.zip"
            conversations.write(format_, path, COUNT)
            for kind in ("sqlite", "postgresql"):
                with empty_database(kind, Path(folder)) as url:
                    _measure(format_, kind, path, url)
        _measure_large(Path(folder))


def _measure(format_: str, kind: str, path: Path, url: str) -> None:
    conf = settings.load(
        environ={
            "HELPDESK_DATA_DIR": str(path.parent / f"{format_}-{kind}"),
            "HELPDESK_DATABASE_URL": url,
            "HELPDESK_EXPORTS_OWN_NAMES": conversations.OWN_NAME,
        }
    )
    database = Database(url)
    migrations.upgrade(database)
    plant = work.open_plant(conf, database)
    began = time.perf_counter()
    read(conf, path)
    was_read = time.perf_counter()
    report = importing.bring_in(plant, NewImport(Source.COMMAND, path, path.name))
    filed = time.perf_counter()
    again = importing.bring_in(plant, NewImport(Source.COMMAND, path, path.name))
    ended = time.perf_counter()
    with database.reading() as session:
        tickets = session.scalar(select(func.count()).select_from(Ticket))
    print(
        f"export {format_:<13} {kind:<10} {COUNT} messages: {COUNT / (filed - was_read):6.0f}/s "
        f"read and filed, {COUNT / (ended - filed):6.0f}/s the second time, "
        f"{COUNT / (was_read - began):6.0f}/s read alone; {_outcome(report, again)}, "
        f"{tickets} tickets"
    )
    database.dispose()


def _outcome(report: ImportReport, again: ImportReport) -> str:
    if report.problem or again.problem:
        return f"PROBLEM: {report.problem or again.problem}"
    return f"{report.counts.new} new, then {again.counts.new}"


def read(conf: Settings, path: Path) -> int:
    """Read an export as an import does before it files anything; returns how many messages."""
    limits = conf.exports
    with (
        open_export(path, Caps(limits.max_members, limits.max_bytes, limits.max_ratio)) as export,
        Spool(conf.data_path / "tmp") as spool,
    ):
        found = detect(export)
        export.sha256()
        export.check()
        read_conf = ReadConfig(frozenset(limits.own_names), ZoneInfo(limits.timezone))
        return spool.fill(found.read(export, read_conf), Channel(found.channel)).messages


def _measure_large(folder: Path) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < _FREE_BYTES:
        print(
            f"export of 1 GB: skipped, there are only {free_bytes >> 20} MiB free in {folder} "
            f"and {_FREE_BYTES >> 20} are needed"
        )
        return
    small, large = folder / "small.zip", folder / "large.zip"
    conversations.write("facebook", small, _MESSAGES)
    conversations.write_large(large, messages=LARGE_MESSAGES, media_bytes=LARGE_MEDIA_BYTES)
    arguments = [str(folder / "large"), str(small), str(large)]
    subprocess.run([sys.executable, "-m", __name__, *arguments], check=True)


def read_large(conf: Settings, small: Path, large: Path) -> None:
    """Print how fast this process reads a large export, and what that adds to its memory."""
    read(conf, small)
    before = _memory_mib("VmRSS")
    began = time.perf_counter()
    messages = read(conf, large)
    took_s = time.perf_counter() - began
    with open_export(large, Caps(1 << 20, 1 << 40, 1 << 20)) as export:
        unpacked, packed = export.total_bytes / 1e6, export.stored_bytes / 1e6
    print(
        f"export of {unpacked:.0f} MB, a zip of {packed:.0f} MB, {messages} messages: "
        f"read in {took_s:.1f} s, {unpacked / took_s:.0f} MB/s, {messages / took_s:.0f} "
        f"messages/s; peak memory {_memory_mib('VmHWM') - before:.1f} MiB over {before:.0f} MiB"
    )


def _memory_mib(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1_024 if found else 0.0


if __name__ == "__main__":
    where, *paths = map(Path, sys.argv[1:])
    read_large(settings.load(environ={"HELPDESK_DATA_DIR": str(where)}), *paths)
