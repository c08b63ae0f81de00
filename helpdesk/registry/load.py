"""Import a registry file: build a generation beside the one that serves, then swap them.

Shells: each opens transactions of its own. Nothing anybody reads changes before the last one.
"""

import csv
import datetime as dt
import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg.errors
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from helpdesk import clock, process
from helpdesk.accounts import audit
from helpdesk.db import Database, Transaction
from helpdesk.errors import ConflictError, HelpdeskError, InvalidError, NotFoundError, describe
from helpdesk.registry import keys, serving
from helpdesk.registry.build import columns, ledger, pipeline, store
from helpdesk.registry.build.crew import Alone, Crew, Processes, Room
from helpdesk.registry.build.ledger import Built, Origin
from helpdesk.registry.build.meter import Meter, Pulse
from helpdesk.registry.build.pipeline import Read, Source
from helpdesk.registry.build.work import Folder, Memory, Values, Work, opened
from helpdesk.registry.models import GenerationState, ImportKind
from helpdesk.registry.reader import COLUMNS, RegistryFile
from helpdesk.registry.report import Progress, Report
from helpdesk.registry.serving import Generation

_SHRINKS = 0.2  # a whole file that leaves out more is most likely half a file
_SAMPLE_BYTES = 1 << 20
_UNUSABLE = "no row of the file can be used; nothing was changed"
_FEW_ROWS, _FEW_BYTES = 20_000, 2 << 20  # done sooner than processes are started


def import_file(
    db: Database,
    path: Path,
    *,
    kind: ImportKind = ImportKind.DELTA,
    reject_path: Path,
    audit_key: bytes,
    agent_id: int | None = None,
    on_progress: Callable[[Progress], object] | None = None,
    shrink: bool = False,
    folder: Path,
) -> Report:
    """Make the registry what a file says, and serve it.

    Rows that cannot be used go to `reject_path` (made only then, readable by its owner only) with
    their line and the reason. An import that was cut off goes on where it was when it is run
    again with the same file.

    Args:
        db: the database.
        path: CSV, also packed, or Parquet.
        kind: what the file is to the registry.
        reject_path: where bad rows go.
        audit_key: of the trail, where a registry that begins to serve leaves a line.
        agent_id: who imports; None for a command.
        on_progress: told about how far it is.
        shrink: let a whole file leave out more than a fifth of the registry.
        folder: where it works, with room for thrice the file; removed when it is done.

    Raises:
        InvalidError: the file cannot be read, is no such table, or ends in the middle.
        ConflictError: another import runs.
    """
    with RegistryFile(path) as file:
        file.check()
        origin = Origin(kind, path.name, _digest(path), agent_id)
        build = _Build(db, origin, file, Meter(on_progress), folder, audit_key)
        return build.run(shrink=shrink, reject_path=reject_path)


def rebuild(
    db: Database,
    *,
    audit_key: bytes,
    agent_id: int | None = None,
    on_progress: Callable[[Progress], object] | None = None,
    folder: Path,
) -> Report:
    """Make the keys of the registry anew, as after a change of `keys.VERSION`, and serve them.

    Raises:
        NotFoundError: there is no registry.
        ConflictError: an import runs.
    """
    with db.reading() as session:
        if serving.current(session) is None:
            msg = "there is no registry yet; import one first"
            raise NotFoundError(msg)
    origin = Origin(ImportKind.REBUILD, "", "", agent_id)
    return _Build(db, origin, None, Meter(on_progress), folder, audit_key).run()


def go_back(db: Database, *, audit_key: bytes, agent_id: int | None = None) -> int:
    """Serve the generation before the one that serves; returns its number.

    Raises:
        NotFoundError: there is none.
    """
    now = clock.now()
    with db.transaction() as tx:
        number = ledger.go_back(tx.session, now)
        _note(tx, "registry.back", number, agent_id=agent_id, key=audit_key, now=now)
    return number


class _Build:
    """One import, from its row to the swap."""

    def __init__(
        self,
        db: Database,
        origin: Origin,
        file: RegistryFile | None,
        meter: Meter,
        folder: Path,
        audit_key: bytes,
    ) -> None:
        self._db = db
        self._origin = origin
        self._file = file
        self._meter = meter
        self._folder = folder
        self._audit_key = audit_key
        self._number = 0

    def run(self, *, shrink: bool = False, reject_path: Path | None = None) -> Report:
        """Build and serve; whatever goes wrong is noted, and the old generation goes on."""
        self._number = self._begin()
        try:
            self._clean_up()
            report = self._build(shrink=shrink, reject_path=reject_path)
        except BaseException as error:
            self._fail(error)
            if (said := _full(error)) is not None:
                raise InvalidError(said) from error
            raise
        self._clean_up()
        return report

    def _begin(self) -> int:
        try:
            with self._db.transaction() as tx:
                number = ledger.begin(tx.session, self._origin, process.name(), clock.now())
        except IntegrityError as error:  # two began at the same moment
            raise ConflictError(ledger.busy()) from error
        return number

    def _build(self, *, shrink: bool, reject_path: Path | None) -> Report:
        with self._db.reading() as session:
            base = serving.current(session)
        source = Source(self._origin.kind, self._file, base)
        work, crew = self._workshop(source)
        self._meter.pids = lambda: crew.pids
        pulse = nullcontext() if isinstance(crew, Alone) else Pulse(self._beat)
        with pulse, closing(crew):
            room = Room(self._db, work)
            found = pipeline.read(source, room, crew, self._meter)
            rejected = _write_rejects(work, found, reject_path) if reject_path else None
            if source.file is not None and not any(chunk.rows for chunk in found.new):
                raise InvalidError(_UNUSABLE)
            settled = pipeline.settle(source, found, work, self._meter)
            _check_size(base, settled, shrink=shrink)
            if self._is_nothing_new(base, settled):
                report = self._end_unchanged(base, found, settled)
            else:
                report = self._serve(base, room, crew, found, settled)
        work.remove()
        return replace(report, reject_path=rejected)

    def _workshop(self, source: Source) -> tuple[Work, Crew]:
        """Return where to work and who does; for little it is not worth to call for help."""
        rows = source.base.rows if source.base else 0
        size_bytes = source.file.total_bytes if source.file else 0
        if rows < _FEW_ROWS and size_bytes < _FEW_BYTES:
            work = Memory()
            return work, Alone(Room(self._db, work))
        folder = opened(self._folder, self._plan(source.base))
        return folder, Processes(self._db, self._folder, os.cpu_count() or 1)

    def _end_unchanged(self, base: Generation | None, found: Read, settled: Values) -> Report:
        persons = base.persons if base else 0
        counts = {"persons": persons, "several": 0}
        report = pipeline.report(found, settled, counts, self._meter)
        with self._db.transaction() as tx:
            state = GenerationState.DROPPED
            ledger.end(tx.session, self._number, state, "", clock.now(), report)
        return report

    def _serve(
        self, base: Generation | None, room: Room, crew: Crew, found: Read, settled: Values
    ) -> Report:
        layout, counts = pipeline.write(
            self._db.engine, self._number, found, settled["rows"], room, crew, self._meter
        )
        report = pipeline.report(found, settled, counts, self._meter)
        now, agent_id = clock.now(), self._origin.agent_id
        was_file = self._origin.kind is not ImportKind.REBUILD
        action = "registry.import" if was_file else "registry.rebuild"
        with self._db.transaction() as tx:
            before = base.id if base else None
            ledger.serve(tx.session, self._number, before, Built(layout, report), now)
            _note(tx, action, self._number, agent_id=agent_id, key=self._audit_key, now=now)
        return report

    def _plan(self, base: Generation | None) -> Values:
        """Say what the work is for: of anything else nothing is taken up."""
        return {
            "kind": self._origin.kind.value,
            "digest": self._origin.digest,
            "base": base.id if base else None,
            "keys": keys.VERSION,
            "boot": _boot(),
        }

    def _is_nothing_new(self, base: Generation | None, settled: Values) -> bool:
        if base is None or self._origin.kind is ImportKind.REBUILD:
            return False
        changed = settled["inserted"] + settled["updated"] + settled["withdrawn"]
        return not changed and base.key_version == keys.VERSION

    def _beat(self) -> None:
        """Say that this import lives; a database that is busy just now is told next time."""
        self._meter.sample()
        with suppress(SQLAlchemyError), self._db.transaction() as tx:
            ours = ledger.beat(tx.session, self._number, self._meter.progress(), clock.now())
            if not ours:
                self._meter.halt(ConflictError(ledger.LOST))

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, InvalidError):
            Folder(self._folder).remove()
        said = _full(error) or (
            str(error) if isinstance(error, HelpdeskError) else describe(error)
        )
        # If that cannot be written, the next import sees that this one died.
        with suppress(SQLAlchemyError), self._db.transaction() as tx:
            ledger.end(tx.session, self._number, GenerationState.FAILED, said, clock.now())
        self._clean_up()

    def _clean_up(self) -> None:
        """Drop the tables of generations nobody goes back to; if that fails, another time."""
        with suppress(SQLAlchemyError, OSError):
            with self._db.reading() as session:
                needed = ledger.kept(session)
            for number in store.existing(self._db.engine) - needed:
                with suppress(SQLAlchemyError, OSError):
                    store.drop(self._db.engine, number)


def _note(
    tx: Transaction,
    action: str,
    number: int,
    *,
    agent_id: int | None,
    key: bytes,
    now: dt.datetime,
) -> None:
    """Leave a line in the trail about a generation that begins to serve."""
    audit.record(
        tx.session,
        key=key,
        now=now,
        agent_id=agent_id,
        action=action,
        subject_type="registry_import",
        subject_id=number,
    )


def _digest(path: Path) -> str:
    """Tell a file from others by its size, its beginning and its end."""
    digest = sha256()
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        digest.update(str(size).encode())
        for start in (0, max(0, size - _SAMPLE_BYTES)):
            file.seek(start)
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def _boot() -> str:
    """Return what changes when the machine starts: it may have lost what was written last."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _check_size(base: Generation | None, settled: Values, *, shrink: bool) -> None:
    if base is None and not settled["rows"]:
        raise InvalidError(_UNUSABLE)
    if base is not None and settled["left"] > _SHRINKS * base.rows and not shrink:
        msg = (
            f"the file would remove {settled['left']} of {base.rows} records, as half a file "
            "does; nothing was changed. If it is whole, say --shrink"
        )
        raise InvalidError(msg)


def _write_rejects(work: Work, found: Read, path: Path) -> Path | None:
    if not any(chunk.rejected for chunk in found.new):
        return None
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), 0o600)  # it may have been there, open to others
        writer = csv.writer(file)
        writer.writerow(("line", "reason", *COLUMNS))
        for chunk in found.new:
            if chunk.rejected:
                for row in columns.bad_rows(work, chunk.number):
                    writer.writerow((row.line, row.reason, *row.fields))
    return path


def _full(error: BaseException | None) -> str | None:
    """Say that the disk is full, if that is what an error means."""
    while error is not None:
        if (
            (isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT})
            or (isinstance(error, sqlite3.OperationalError) and "full" in str(error))
            or isinstance(error, psycopg.errors.DiskFull)
        ):
            return "the disk is full; the old registry goes on serving. Make room and run it again"
        error = error.__cause__
    return None
