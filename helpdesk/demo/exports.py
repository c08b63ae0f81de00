"""The demo's sample exports: copied with their times moved to the present, and brought in."""

import datetime as dt
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

from helpdesk import importing
from helpdesk.demo.shift import shifted
from helpdesk.ingest import imports
from helpdesk.ingest.exports.archive import Caps, open_export
from helpdesk.ingest.exports.detect import detect
from helpdesk.ingest.exports.types import ExportedMessage, ReadConfig
from helpdesk.ingest.imports import ImportReport, NewImport, Source
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, ImportState
from helpdesk.work import Plant

SAMPLES = Path(__file__).parents[2] / "tests" / "data" / "exports"
OWN_NAME = "Layanan Peserta"  # what our side is called where an export does not tell

_DAY = dt.timedelta(days=1)
_OVER = frozenset({ImportState.DONE, ImportState.UNDONE})


def present(samples: Path, folder: Path, conf: Settings, now: dt.datetime) -> list[Path]:
    """Return copies of the samples in which the newest message of each is of the last 24 hours.

    Args:
        samples: a folder; each child is an export.
        folder: where the copies lie. If it exists they were made before, and are returned as they
            are, so that importing them again finds the same messages.
        conf: the settings; the time zone is that of exports without one.
        now: aware.

    Returns:
        The copies by name. Exports that have a conversation in common move together.
    """
    if not folder.exists():
        half_made = folder.with_suffix(".part")
        shutil.rmtree(half_made, ignore_errors=True)
        for path, days in _days(samples, conf, now).items():
            _copy(path, half_made / path.name, days)
        half_made.rename(folder)
    return sorted(folder.iterdir())


def bring_in(plant: Plant, path: Path) -> ImportReport | None:
    """Import a copy; None if that was done before, and then taken back perhaps."""
    path = path.absolute()
    with plant.database.reading() as session:
        before = imports.at_path(session, path)
    if before is not None and before.state in _OVER:
        return None
    return importing.bring_in(plant, NewImport(Source.COMMAND, path, path.name))


def _days(samples: Path, conf: Settings, now: dt.datetime) -> dict[Path, int]:
    """Return by how many days each sample has to move.

    A message that is in two of them would be two messages, if one moved further than the other.
    """
    read = {path: _read(path, conf) for path in sorted(samples.iterdir())}
    alone = {path: (now - newest) // _DAY for path, (newest, _) in read.items()}
    return {
        path: min(alone[other] for other in read if other == path or read[other][1] & threads)
        for path, (_, threads) in read.items()
    }


def _read(path: Path, conf: Settings) -> tuple[dt.datetime, set[tuple[Channel, str]]]:
    """Return when an export's newest message was sent, and its conversations."""
    limits = conf.exports
    read_conf = ReadConfig(frozenset({OWN_NAME}), ZoneInfo(limits.timezone))
    with open_export(path, Caps(limits.max_members, limits.max_bytes, limits.max_ratio)) as export:
        found = detect(export)
        items = found.read(export, read_conf)
        said = [item for item in items if isinstance(item, ExportedMessage)]
    threads = {(found.channel, one.thread) for one in said}
    return max(one.sent_at for one in said), threads


def _copy(path: Path, to: Path, days: int) -> None:
    if path.is_dir():
        to.mkdir(parents=True, mode=0o700)
        for child in sorted(path.iterdir()):
            _copy(child, to / child.name, days)
        return
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    to.write_bytes(shifted(path.name, path.read_bytes(), days))
