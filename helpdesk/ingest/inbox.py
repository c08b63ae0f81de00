"""The watched folders: one for each channel, into which people drop exports.

An export that nobody writes to any more is taken into `.taken/<number>/`, imported from there, and
ends in `done/` or `failed/` with a line beside it that says what came of it. Where it lies tells
how far it is, so whatever was interrupted is gone on with at the next look.
"""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpdesk.ingest.imports import ImportReport
from helpdesk.tickets.kinds import Channel, ImportState

AUTO = "auto"
SETTLE_S = 10.0  # a file that was not written to for so long is complete

_TAKEN = ".taken"
_DONE, _FAILED = "done", "failed"
_OWN = frozenset({_TAKEN, _DONE, _FAILED})
_MAX_NAME_BYTES = 255 - len("9999-.txt")  # with what `_free` and a receipt add to it
_PARTIAL = (".part", ".partial", ".crdownload", ".tmp", ".filepart", "~")


@dataclass(frozen=True, slots=True)
class Found:
    """An export in a watched folder; `channel` is None where it has to tell itself."""

    path: Path
    channel: Channel | None


def prepare(inbox: Path) -> None:
    """Make the folders, so that people see where exports go."""
    for name in _channels():
        (inbox / name).mkdir(parents=True, exist_ok=True, mode=0o700)


def complete(inbox: Path, now: dt.datetime) -> Iterator[Found]:
    """Yield the exports that nobody has written to for `SETTLE_S`, in order of name."""
    for name, channel in _channels().items():
        for path in sorted((inbox / name).iterdir()):
            hidden = path.name.startswith(".") or path.name.lower().endswith(_PARTIAL)
            if hidden or path.name in _OWN or path.is_symlink():
                continue
            if _changed_at(path) <= now.timestamp() - SETTLE_S:
                yield Found(path, channel)


def taken(inbox: Path) -> Iterator[Path]:
    """Yield the exports that were taken and are not done with."""
    for name in _channels():
        for place in sorted((inbox / name).glob(f"{_TAKEN}/*")):
            if place.is_dir():  # a desktop leaves files of its own in every folder it shows
                yield from sorted(place.iterdir())


def place_for(found: Found, batch_id: int) -> Path:
    """Return where an export lies while it is imported. Its own name may be all that names it."""
    return found.path.parent / _TAKEN / str(batch_id) / found.path.name


def take(found: Found, place: Path) -> None:
    """Move an export to its place; OSError if that is not allowed."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        found.path.rename(place)
    except OSError:
        place.parent.rmdir()
        raise


def put_back(place: Path) -> None:
    """Move an export of which nothing is known back to where it was dropped."""
    place.rename(_free(place.parents[2] / place.name))
    place.parent.rmdir()


def settle(place: Path, report: ImportReport) -> None:
    """Move an export that is over to `done/` or `failed/`, with what came of it beside it."""
    failed = report.state is ImportState.FAILED
    folder = place.parents[2] / (_FAILED if failed else _DONE)
    folder.mkdir(exist_ok=True, mode=0o700)
    target = _free(folder / _short(place.name))
    told = report.problem if failed else f"{report.format}: {report.why}\n{report.text}"
    receipt = target.with_name(f"{target.name}.txt")
    receipt.write_text(f"{told}\n", encoding="utf-8")
    receipt.chmod(0o600)
    place.rename(target)
    shutil.rmtree(place.parent, ignore_errors=True)


def _channels() -> dict[str, Channel | None]:
    return {AUTO: None} | {each.value: each for each in Channel if each.is_direct}


def _changed_at(path: Path) -> float:
    """Return when an export was last written to, by the clock of the disk.

    Not only the time of the content, which copying keeps, but that of the entry, which nobody
    can set.
    """
    latest = 0.0
    for each in [path, *_inside(path)]:
        try:
            told = each.lstat()
        except FileNotFoundError:  # it is being changed right now
            return float("inf")
        latest = max(latest, told.st_mtime, told.st_ctime)
    return latest


def _inside(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            yield from (Path(folder, name) for name in (*folders, *files))


def _short(name: str) -> str:
    """Return a name so short that its receipt can be named after it, cut before its ending."""
    ending = Path(name).suffix[:20]
    room = _MAX_NAME_BYTES - len(os.fsencode(ending))
    stem = os.fsencode(name.removesuffix(ending))
    return stem[:room].decode(errors="ignore") + ending if len(stem) > room else name


def _free(path: Path) -> Path:
    """Return this path, or one with a number before its name if something is there."""
    target, number = path, 1
    while target.exists() or target.with_name(f"{target.name}.txt").exists():
        number += 1
        target = path.with_name(f"{number}-{path.name}")
    return target
