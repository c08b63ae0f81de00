"""Polling one mailbox: fetch, store and commit, and only then tell the server.

    list UIDs | fetch a batch | one transaction {bytes, places, cursor, RECEIVE jobs} | mark

The cursor is only speed; now and then the whole folder is compared with what is stored. Marks on
the server are only courtesy. This module interleaves network and commits, so it owns its
transactions, unlike the services.
"""

import datetime as dt
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from helpdesk import clock, jobs, leases
from helpdesk.blobs import BlobStore, Stored
from helpdesk.db import Database
from helpdesk.errors import PermanentError, TransientError
from helpdesk.ingest import imap, progress, storing
from helpdesk.ingest.idle import watch
from helpdesk.settings import Ingest, Mailbox

__all__ = ["PollReport", "poll", "watch"]

_GROUP_BYTES = 8 << 20  # fetched at once; parsing the answer takes three times as much memory
_MARK_AT_ONCE = 500  # UIDs in one STORE or MOVE; some servers limit a line to 8,000 characters
_RECONNECTS = 10  # in one poll; a server that drops us more often is left alone until the next
_LEASE_S = 30.0  # renewed with every batch; a poller that died keeps the others away this long

_polling: set[tuple[str, int]] = set()  # by this process, whose threads share one lease
_polling_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did. `problem` is one sentence for a person, without personal data."""

    name: str
    stored: int = 0  # mails kept for the first time
    seen: int = 0  # mails fetched, those we had already included
    failed: int = 0  # mails that could not be fetched, to be tried again
    busy: bool = False  # somebody else is polling this mailbox
    resting: bool = False  # not tried: these settings failed, and a person has to mend that
    more: bool = False  # `limit` ended the poll before the mail did
    problem: str | None = None


@dataclass(slots=True)
class _Fetched:
    items: list[storing.ToStore] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)  # UID: why
    vanished: list[int] = field(default_factory=list)
    last_uid: int = 0


def poll(
    db: Database,
    box: Mailbox,
    conf: Ingest,
    blobs: BlobStore,
    *,
    holder: str,
    fingerprint: str | None = None,
    limit: int | None = None,
) -> PollReport:
    """Fetch what is new in one mailbox, and store it with its RECEIVE jobs.

    Whatever is wrong with the server or the settings ends up in the report and in the mailbox's
    row, never in an exception: other mailboxes go on. Only our own database or disk failing
    raises, and nothing is marked on the server then.

    Args:
        db: where mails and jobs go.
        box: the mailbox's settings.
        conf: the settings of ingestion.
        blobs: where large mails go.
        holder: name of this process; the lease keeps others away while it polls.
        fingerprint: of the settings; what they failed with is tried more and more seldom, until
            they change. None tries now and counts nothing: a person asks.
        limit: stop after the batch that reaches this number of mails.
    """
    with db.transaction() as tx:
        mailbox_id = storing.mailbox_id(tx.session, box.name, box.folder)
        if fingerprint and progress.is_resting(tx.session, mailbox_id, fingerprint, clock.now()):
            return PollReport(box.name, resting=True)
    with _turn(db, mailbox_id, holder) as free:
        if not free:
            return PollReport(box.name, busy=True)
        run, hopeless = _Run(db, box, conf, blobs, mailbox_id, holder), False
        try:
            run.all(limit)
        except (TransientError, PermanentError) as error:
            run.problem, hopeless = str(error), isinstance(error, PermanentError)
        finally:
            run.close()
        with db.transaction() as tx:
            progress.conclude(
                tx.session, mailbox_id, problem=run.problem, full=run.complete, now=clock.now()
            )
            if hopeless and fingerprint:
                progress.rest(
                    tx.session,
                    mailbox_id,
                    fingerprint,
                    interval_s=conf.poll_interval_s,
                    now=clock.now(),
                )
    return PollReport(
        box.name, run.stored, run.seen, run.failed, more=run.more, problem=run.problem
    )


@contextmanager
def _turn(db: Database, mailbox_id: int, holder: str) -> Iterator[bool]:
    """Hold the mailbox's lease while polling it; politeness, for unique keys do the rest."""
    mine = (str(db.engine.url), mailbox_id)
    with _polling_lock:
        free = mine not in _polling
        if free:
            _polling.add(mine)
    if not free:
        yield False
        return
    try:
        with db.transaction() as tx:
            free = leases.acquire(
                tx.session, _lease(mailbox_id), holder=holder, ttl_s=_LEASE_S, now=clock.now()
            )
        yield free
        if free:
            with db.transaction() as tx:
                leases.release(tx.session, _lease(mailbox_id), holder=holder)
    finally:
        with _polling_lock:
            _polling.discard(mine)


def _lease(mailbox_id: int) -> str:
    return f"mailbox:{mailbox_id}"


class _Run:
    """One poll under way: its connection, which may be replaced, and its counts."""

    def __init__(
        self,
        db: Database,
        box: Mailbox,
        conf: Ingest,
        blobs: BlobStore,
        mailbox_id: int,
        holder: str,
    ) -> None:
        self.stored = self.seen = self.failed = 0
        self.more = self.complete = False
        self.problem: str | None = None
        self._db, self._box, self._conf, self._blobs = db, box, conf, blobs
        self._place = progress.Progress(mailbox_id, 0)
        self._holder = holder
        self._reconnects = 0
        self._marked: list[int] = []
        self._stack = ExitStack()
        self._connection: imap.Connection | None = None

    def all(self, limit: int | None) -> None:
        folder = self._connect()
        wanted, full = self._wanted(folder)
        for first in range(0, len(wanted), self._conf.batch):
            if limit is not None and self.seen >= limit:
                self.more = True
                break
            batch = wanted[first : first + self._conf.batch]
            self._mark(self._keep(self._fetch(batch)))
        self.complete = full and not self.more

    def close(self) -> None:
        """Close the connection and write down what the server was told last."""
        self._stack.close()
        if self._marked:
            with self._db.transaction() as tx:
                self._place.note_marked(tx.session, self._marked)

    def _connect(self) -> imap.Folder:
        self._stack.close()
        connection = self._stack.enter_context(imap.connected(self._box, self._conf))
        folder = connection.select(readonly=self._box.after == "keep")
        if self._place.uidvalidity not in {0, folder.uidvalidity}:
            msg = f"mailbox {self._box.name}: the folder was rebuilt while it was read"
            raise TransientError(msg)
        self._place = progress.Progress(self._place.mailbox_id, folder.uidvalidity)
        self._connection = connection
        return folder

    def _server(self) -> imap.Connection:
        """Return the connection, made anew if it was lost."""
        if self._connection is None:
            self._reconnects += 1
            if self._reconnects > _RECONNECTS:
                msg = f"mailbox {self._box.name}: {self._box.host} keeps closing the connection"
                raise TransientError(msg)
            self._connect()
        assert self._connection is not None  # noqa: S101 - for the type checker
        return self._connection

    def _wanted(self, folder: imap.Folder) -> tuple[list[int], bool]:
        """Name the UIDs to fetch, oldest first, and say whether the whole folder was compared."""
        now, place = clock.now(), self._place
        every_s = self._conf.reconcile_interval_s
        with self._db.transaction() as tx:
            last_uid, full = progress.start(
                tx.session, place.mailbox_id, folder, every_s=every_s, now=now
            )
            due = place.due(tx.session, now)
        if not full:
            nothing = folder.uidnext is not None and folder.uidnext <= last_uid + 1
            fresh = set() if nothing else self._server().uids_after(last_uid)
            return sorted(fresh | due), False
        there = self._server().uids(folder.exists)
        with self._db.reading() as session:
            known, unmarked = place.known(session), place.unmarked(session)
        self._mark(sorted(unmarked & there))
        fresh = {uid for uid in there if uid > last_uid or uid not in known}
        return sorted(fresh | due), True

    def _fetch(self, uids: Sequence[int]) -> _Fetched:
        """Fetch a batch at once or, if anything goes wrong with it, mail by mail."""
        got = _Fetched()
        try:
            self._fetch_together(uids, self._server(), got)
        except imap.ConnectionLostError:
            self._connection = None
        except imap.RefusedError:
            pass
        else:
            return got
        got = _Fetched()
        try:
            for uid in uids:
                self._fetch_one(uid, got)
        except (TransientError, PermanentError):  # no new connection to be had
            self._keep(got)  # else the mail that ends every connection would stay first in line
            raise
        return got

    def _fetch_one(self, uid: int, got: _Fetched) -> None:
        server = self._server()
        try:
            self._fetch_together([uid], server, got)
        except imap.ConnectionLostError as error:
            self._connection = None
            got.failed[uid], got.last_uid = str(error), uid
        except imap.RefusedError as error:
            got.failed[uid], got.last_uid = str(error), uid

    def _fetch_together(self, uids: Sequence[int], server: imap.Connection, got: _Fetched) -> None:
        now = clock.now()
        found: list[storing.ToStore] = []
        listed = server.listed(uids)
        for mail in listed:
            if mail.size_bytes > self._conf.large_bytes:
                found += self._fetch_large(server, mail, now)
        for group in _groups(each for each in listed if each.size_bytes <= self._conf.large_bytes):
            bodies = server.bodies([mail.uid for mail in group])
            for mail in group:
                if mail.uid in bodies:
                    stored = self._blobs.prepare(bodies[mail.uid])
                    found.append(self._item(mail, stored, stored.size_bytes, now))
        here = {_uid(item) for item in found}
        got.items += sorted(found, key=_uid)
        got.vanished += [uid for uid in uids if uid not in here]
        got.last_uid = uids[-1]

    def _fetch_large(
        self, server: imap.Connection, mail: imap.Listed, now: dt.datetime
    ) -> list[storing.ToStore]:
        """Fetch one large mail to a file, piece by piece; past the cap only its beginning."""
        whole = mail.size_bytes <= self._conf.max_bytes
        limit = self._conf.max_bytes if whole else self._conf.oversize_keep_bytes
        stored = self._blobs.prepare_stream(server.chunks(mail.uid, limit=limit))
        if not stored.size_bytes:  # vanished
            return []
        full_size = stored.size_bytes if whole else mail.size_bytes
        return [self._item(mail, stored, full_size, now)]

    def _item(
        self, mail: imap.Listed, stored: Stored, full_size: int, now: dt.datetime
    ) -> storing.ToStore:
        received_at = _usable(mail.received_at) or now
        place = storing.Place(self._place.uidvalidity, mail.uid)
        return storing.ToStore(stored, full_size, received_at, place)

    def _keep(self, got: _Fetched) -> list[int]:
        """Commit a batch with its cursor and its jobs; returns the UIDs that are safe now."""
        now, place, lease = clock.now(), self._place, _lease(self._place.mailbox_id)
        with self._db.transaction() as tx:
            session = tx.session
            leases.acquire(session, lease, holder=self._holder, ttl_s=_LEASE_S, now=now)
            new = storing.store(session, place.mailbox_id, got.items, now)
            jobs.enqueue(tx, jobs.Job.RECEIVE, new, now=now)
            place.note_failed(session, got.failed, now)
            place.note_vanished(session, got.vanished)
            place.note_marked(session, self._marked)
            place.advance(session, got.last_uid)
        self._marked = []
        self.stored += len(new)
        self.seen += len(got.items)
        self.failed += len(got.failed)
        return [_uid(item) for item in got.items]

    def _mark(self, uids: Sequence[int]) -> None:
        """Tell the server; if that fails the next full comparison tries again."""
        if self._box.after == "keep":
            return
        for first in range(0, len(uids), _MARK_AT_ONCE):
            part = uids[first : first + _MARK_AT_ONCE]
            try:
                self._server().mark(part)
            except imap.ConnectionLostError:
                self._connection = None
                return
            except imap.RefusedError as error:
                self.problem = str(error)
                return
            self._marked += part


def _groups(mails: Iterator[imap.Listed]) -> list[list[imap.Listed]]:
    """Split so that no group is larger than what may be fetched at once."""
    groups: list[list[imap.Listed]] = []
    room = 0
    for mail in mails:
        if not groups or mail.size_bytes > room:
            groups.append([])
            room = _GROUP_BYTES
        groups[-1].append(mail)
        room -= mail.size_bytes
    return groups


def _uid(item: storing.ToStore) -> int:
    return item.place.uid if item.place else 0


def _usable(moment: dt.datetime | None) -> dt.datetime | None:
    try:
        return moment.astimezone(dt.UTC) if moment is not None and moment.tzinfo else None
    except (OverflowError, ValueError):
        return None
