"""Bringing an export in: the shell around reading, checking, spooling and filing it."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from helpdesk import clock, jobs, leases, process
from helpdesk.accounts import audit
from helpdesk.blobs import BlobStore
from helpdesk.db import Database, Transaction
from helpdesk.errors import ConflictError, describe
from helpdesk.ingest import chat_rows, imports, inbox, media
from helpdesk.ingest.chats import Filer, Media
from helpdesk.ingest.exports.archive import Caps, open_export
from helpdesk.ingest.exports.detect import detect
from helpdesk.ingest.exports.types import Export, ExportError, ReadConfig
from helpdesk.ingest.imports import Counts, ImportReport, NewImport, Source
from helpdesk.ingest.spool import Spool, Spooled
from helpdesk.jobs import Claimed, Job
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, ImportState

_CHUNK_MESSAGES = 1_000
_CHUNK_BYTES = 8 << 20  # of files that are written into the database itself
_NOTE_EVERY_S = 1.0
_INBOX = "inbox"
_INBOX_LEASE_S = 300.0
_OVER = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.UNDONE})

OnProgress = Callable[[ImportState, int, int], None]


class Tools(Protocol):
    """What an import needs besides its id; `work.Plant` is such."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def blobs(self) -> BlobStore: ...


def _quiet(_state: ImportState, _position: int, _total: int) -> None:
    """Tell nobody."""


def submit(tx: Transaction, new: NewImport, now: dt.datetime) -> int:
    """Note an export and queue its import; returns the import's id."""
    batch_id = imports.create(tx.session, new, now)
    jobs.enqueue(tx, Job.IMPORT, [batch_id], now=now)
    return batch_id


def bring_in(tools: Tools, new: NewImport, on_progress: OnProgress = _quiet) -> ImportReport:
    """Import an export in this process, which takes the job it makes.

    If this process dies a worker goes on with it; a person who stops it has stopped it.
    """
    now = clock.now()
    with tools.database.transaction() as tx:
        batch_id = imports.create(tx.session, new, now)
        jobs.enqueue(tx, Job.IMPORT, [batch_id], now=now)
        tx.hints.clear()  # nobody else need come
        [claimed] = jobs.claim(tx.session, Job.IMPORT, limit=1, now=now, subject_id=batch_id)
    try:
        run(tools, claimed, on_progress)
    except KeyboardInterrupt:
        give_up(tools, claimed, "it was stopped")
        raise
    except Exception as error:  # noqa: BLE001 - this is a shell: recorded and told
        give_up(tools, claimed, describe(error))
    with tools.database.reading() as session:
        return imports.report(session, batch_id)


def run(tools: Tools, claimed: Claimed, on_progress: OnProgress = _quiet) -> None:
    """Do the import a job is about.

    An export that cannot be read ends the job and fails the import; whatever else goes wrong is
    raised, and another run starts over without filing anything twice.
    """
    now = clock.now()
    with tools.database.transaction() as tx:
        todo = imports.begin(tx.session, claimed.subject_id, now)
        if todo is None:
            jobs.finish(tx.session, [claimed])
    if todo is None:
        return
    try:
        _Import(tools, claimed, todo, on_progress).run()
    except (ExportError, OSError) as error:
        told = (
            str(error)
            if isinstance(error, ExportError)
            else f"it cannot be read: {error.strerror}"
        )
        if not give_up(tools, claimed, told):
            return
    if todo.source is not Source.COMMAND:
        _clear(tools, claimed.subject_id)


def _clear(tools: Tools, batch_id: int) -> None:
    """Put away what was imported: an upload is not needed any more, a dropped file is moved."""
    with tools.database.reading() as session:
        report = imports.report(session, batch_id)
    if report.source is Source.FOLDER:
        _settle(tools, report)
    elif report.path is not None:
        report.path.unlink(missing_ok=True)
        with tools.database.transaction() as tx:
            imports.forget_path(tx.session, batch_id)


def give_up(tools: Tools, claimed: Claimed, problem: str) -> bool:
    """Fail an import and end its job; False, and nothing done, if another worker has it by now."""
    with tools.database.transaction() as tx:
        if not jobs.finish(tx.session, [claimed]):
            return False
        imports.fail(tx.session, claimed.subject_id, problem, clock.now())
    return True


def undo(tools: Tools, batch_id: int, agent_id: int | None) -> None:
    """Take an import back; errors as of `imports.undo`."""
    now = clock.now()
    with tools.database.transaction() as tx:
        continued = imports.undo(tx.session, batch_id, imports.rules(tools.settings), now)
        jobs.enqueue(tx, Job.MATCH, continued, now=now)
        audit.record(
            tx.session,
            key=audit.key_from(tools.settings.secret_key),
            now=now,
            agent_id=agent_id,
            action="import.undo",
            subject_type="import",
            subject_id=batch_id,
        )


def watch(tools: Tools) -> list[str]:
    """Look into the watched folders; returns what a person has to mend, without file names.

    One process looks at a time. Exports that are complete are taken and queued.
    """
    now, folder = clock.now(), tools.settings.inbox_path.absolute()
    with tools.database.transaction() as tx:
        if not leases.acquire(
            tx.session, _INBOX, holder=process.name(), ttl_s=_INBOX_LEASE_S, now=now
        ):
            return []
    problems = []
    try:
        inbox.prepare(folder)
        for place in inbox.taken(folder):
            _go_on(tools, place)
        for found in inbox.complete(folder, now):
            problems += _take(tools, found)
    except OSError as error:
        problems.append(f"the watched folder cannot be used: {error.strerror}")
    finally:
        with tools.database.transaction() as tx:
            leases.release(tx.session, _INBOX, holder=process.name())
    return problems


def _take(tools: Tools, found: inbox.Found) -> list[str]:
    """Take an export and queue its import, both or neither."""
    now = clock.now()
    try:
        with tools.database.transaction() as tx:
            new = NewImport(Source.FOLDER, found.path, found.path.name, found.channel)
            batch_id = submit(tx, new, now)
            place = inbox.place_for(found, batch_id)
            imports.note_path(tx.session, batch_id, place)
            inbox.take(found, place)
    except OSError as error:
        where = found.channel.value if found.channel else inbox.AUTO
        return [f"an export in the watched folder {where} cannot be taken: {error.strerror}"]
    return []


def _go_on(tools: Tools, place: Path) -> None:
    """Do what was left to be done with an export that was taken."""
    with tools.database.reading() as session:
        report = imports.at_path(session, place)
    if report is None:  # it was taken, and noting that never came to be committed
        inbox.put_back(place)
    elif report.state in _OVER:
        _settle(tools, report)


def _settle(tools: Tools, report: ImportReport) -> None:
    """Move an export of the watched folder to where people look for what became of it."""
    if report.path is None:
        return
    with suppress(FileNotFoundError):  # a look at the folders came before
        inbox.settle(report.path, report)
    with tools.database.transaction() as tx:
        imports.forget_path(tx.session, report.id)


class _Import:
    """One run of one import."""

    def __init__(
        self, tools: Tools, claimed: Claimed, todo: NewImport, on_progress: OnProgress
    ) -> None:
        self._tools = tools
        self._claimed = claimed
        self._todo = todo
        self._on_progress = on_progress
        self._state = ImportState.READING
        self._position = self._total = 0
        self._noted = time.monotonic()

    def run(self) -> None:
        """Read and check everything, then file it."""
        settings, todo = self._tools.settings, self._todo
        conf = settings.exports
        caps = Caps(conf.max_members, conf.max_bytes, conf.max_ratio)
        # An upload lies under a number, and its own name may be all that names the chat in it.
        name = todo.file_name if todo.source is Source.UPLOAD else ""
        with open_export(todo.path, caps, name) as export:
            self._total = export.stored_bytes + export.total_bytes
            found = detect(export, todo.channel or "auto")
            channel = Channel(found.channel)
            self._note_format(channel, found.format, found.why)
            self._note_file(export.sha256(self._read), export.stored_bytes)
            export.check(self._read)
            with Spool(settings.data_path / "tmp") as spool:
                tally = spool.fill(
                    found.read(export, _read_config(settings, channel, todo.own_names)),
                    channel,
                    lambda _: self._tick(),
                )
                self._state, self._position, self._total = ImportState.FILING, 0, tally.messages
                first_at, last_at = spool.bounds() or (None, None)
                self._file(
                    export,
                    spool,
                    Counts(0, 0, tally.defective, tally.skipped, first_at, last_at),
                )

    def _note_format(self, channel: Channel, format_: str, why: str) -> None:
        with self._tools.database.transaction() as tx:
            imports.note_format(
                tx.session, self._claimed.subject_id, channel=channel, format_=format_, why=why
            )

    def _note_file(self, sha256: str, size_bytes: int) -> None:
        with self._tools.database.transaction() as tx:
            imports.note_file(
                tx.session, self._claimed.subject_id, sha256=sha256, size_bytes=size_bytes
            )

    def _file(self, export: Export, spool: Spool, read: Counts) -> None:
        tools, batch_id = self._tools, self._claimed.subject_id
        filer = Filer(tools.blobs, imports.rules(tools.settings), batch_id)
        skipped, new, known = Counter(read.skipped), 0, 0
        for chunk in _chunks(spool, export):
            files = self._media(export, chunk)
            now = clock.now()
            with tools.database.transaction() as tx:
                filed = filer.file(tx.session, chunk, files, now)
                jobs.enqueue(tx, Job.MATCH, sorted(filed.to_match), now=now)
                # Else a worker that slept would file into an import that was taken back meanwhile.
                self._keep(jobs.renew(tx.session, self._claimed, now=now))
            new, known, skipped = new + filed.new, known + filed.known, skipped + filed.skipped
            self._position += len(chunk)
            self._tick()
        counts = Counts(new, known, read.defective, skipped, read.first_at, read.last_at)
        with tools.database.transaction() as tx:
            imports.finish(tx.session, batch_id, counts, clock.now())
            self._keep(jobs.finish(tx.session, [self._claimed]))
        self._on_progress(self._state, self._position, self._total)

    def _media(self, export: Export, chunk: Sequence[Spooled]) -> Media:
        """Store the files of messages that are not filed yet, before anything is locked."""
        with_files = {each.key: each.message for each in chunk if each.message.files}
        if not with_files:
            return {}
        with self._tools.database.reading() as session:
            known = chat_rows.known(session, with_files)
        return {
            key: media.keep(export, self._tools.blobs, message)
            for key, message in with_files.items()
            if key not in known
        }

    def _read(self, size_bytes: int) -> None:
        self._position += size_bytes
        self._tick()

    def _tick(self) -> None:
        """Note how far it is, and keep the lease, once a second."""
        if time.monotonic() - self._noted < _NOTE_EVERY_S:
            return
        self._noted = time.monotonic()
        with self._tools.database.transaction() as tx:
            imports.note_position(
                tx.session, self._claimed.subject_id, self._state, self._position, self._total
            )
            self._keep(jobs.renew(tx.session, self._claimed, now=clock.now()))
        self._on_progress(self._state, self._position, self._total)

    def _keep(self, still_ours: bool) -> None:  # noqa: FBT001 - it is the condition
        if not still_ours:
            msg = "another worker took the import over"
            raise ConflictError(msg)


def _chunks(spool: Spool, export: Export) -> Iterator[list[Spooled]]:
    """Cut the messages into chunks of bounded size, in the order they are filed."""
    chunk: list[Spooled] = []
    weight = 0
    for each in spool.read():
        chunk.append(each)
        weight += media.weight(export, each.message)
        if len(chunk) == _CHUNK_MESSAGES or weight >= _CHUNK_BYTES:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _read_config(settings: Settings, channel: Channel, own_names: Sequence[str]) -> ReadConfig:
    named = {*settings.exports.own_names, *own_names, settings.agency.name}
    if channel.is_direct:
        named.add(settings.direct(channel.value).account_id)
    return ReadConfig(frozenset(named - {""}), ZoneInfo(settings.exports.timezone))
