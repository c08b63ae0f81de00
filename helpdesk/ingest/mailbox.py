"""Polling one mailbox: fetch, store and commit, and only then tell the server.

    list UIDs | fetch a batch | one transaction {bytes, place, cursor, RECEIVE jobs} | mark

The cursor is only speed; now and then the whole folder is compared with what is stored. Marks on
the server are only courtesy. This module interleaves network and commits, so it owns its
transactions, unlike the services.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk import clock, jobs, leases
from helpdesk.blobs import BlobStore, Stored
from helpdesk.db import Database
from helpdesk.errors import PermanentError, TransientError
from helpdesk.ingest import imap, service
from helpdesk.ingest.idle import watch
from helpdesk.settings import Ingest
from helpdesk.settings import Mailbox as Box
from helpdesk.tickets.models import Mailbox, MailboxMessage

__all__ = ["PollReport", "poll", "watch"]

_log = logging.getLogger(__name__)

_GROUP_BYTES = 8 << 20  # fetched at once; parsing the answer takes three times as much memory
_MARK_AT_ONCE = 500  # UIDs in one STORE or MOVE; some servers limit a line to 8,000 characters
_RECONNECTS = 10  # in one poll; a server that drops us more often is left alone until the next
_RETRY_S = (60, 600, 3_600, 21_600, 86_400)
_LEASE_MARGIN_S = 60  # added to the read timeout: how long a dead poller keeps others away


@dataclass(frozen=True, slots=True)
class PollReport:
    """What one poll did. `error` is one sentence for a person, without personal data."""

    mailbox: str
    new: int = 0  # mails stored for the first time
    seen: int = 0  # mails fetched, those we had already included
    failed: int = 0  # mails that could not be fetched, to be tried again
    busy: bool = False  # somebody else is polling this mailbox
    more: bool = False  # `limit` ended the poll before the mail did
    error: str | None = None


@dataclass(slots=True)
class _Fetched:
    items: list[service.ToStore] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)  # UID: why
    last_uid: int = 0


def poll(
    db: Database,
    box: Box,
    conf: Ingest,
    blobs: BlobStore,
    *,
    holder: str,
    limit: int | None = None,
) -> PollReport:
    """Fetch what is new in one mailbox, and store it with its RECEIVE jobs.

    Whatever is wrong with the server or the settings ends up in the report and in the mailbox's
    row, never in an exception: other mailboxes go on. Only our own database or disk failing
    raises, before anything is marked on the server.

    Args:
        db: where mails and jobs go.
        box: the mailbox's settings.
        conf: the settings of ingestion.
        blobs: where large mails go.
        holder: name of this process; the lease keeps others away while it polls.
        limit: stop after the batch that reaches this number of mails.
    """
    with db.transaction() as tx:
        mailbox_id = service.mailbox_id(tx.session, box.name, box.folder)
        free = _hold(tx.session, mailbox_id, conf, holder)
    if not free:
        return PollReport(box.name, busy=True)
    run = _Run(db, box, conf, blobs, mailbox_id, holder)
    try:
        with run:
            run.all(limit)
    except (TransientError, PermanentError) as error:
        run.problem = str(error)
    finally:
        with db.transaction() as tx:
            _conclude(tx.session, mailbox_id, run)
            leases.release(tx.session, _lease(mailbox_id), holder=holder)
    return PollReport(box.name, run.new, run.seen, run.failed, more=run.more, error=run.problem)


class _Run:
    """One poll under way: its connection, which may be replaced, and its counts."""

    def __init__(
        self,
        db: Database,
        box: Box,
        conf: Ingest,
        blobs: BlobStore,
        mailbox_id: int,
        holder: str,
    ) -> None:
        self.new = self.seen = self.failed = 0
        self.more = self.complete = False
        self.problem: str | None = None
        self._db, self._box, self._conf, self._blobs = db, box, conf, blobs
        self._mailbox_id, self._holder = mailbox_id, holder
        self._uidvalidity = 0
        self._reconnects = 0
        self._marked: list[int] = []
        self._stack = ExitStack()
        self._connection: imap.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def all(self, limit: int | None) -> None:
        folder = self._connect()
        wanted, full = self._wanted(folder)
        for start in range(0, len(wanted), self._conf.batch):
            if limit is not None and self.seen >= limit:
                self.more = True
                break
            batch = wanted[start : start + self._conf.batch]
            self._mark(self._keep(self._fetch(batch)))
        self._save_marked()
        self.complete = full and not self.more

    def _connect(self) -> imap.Folder:
        self._stack.close()
        self._connection = self._stack.enter_context(imap.connected(self._box, self._conf))
        folder = self._connection.select(readonly=self._box.after == "keep")
        if self._uidvalidity not in {0, folder.uidvalidity}:
            msg = f"mailbox {self._box.name}: the folder was rebuilt while it was read"
            raise TransientError(msg)
        self._uidvalidity = folder.uidvalidity
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
        now = clock.now()
        with self._db.transaction() as tx:
            last_uid, full = _cursor(tx.session, self._mailbox_id, folder, self._conf, now)
        with self._db.reading() as session:
            due = set(session.scalars(select(MailboxMessage.uid).where(self._is_due(now))))
        if not full:
            idle = folder.uidnext is not None and folder.uidnext <= last_uid + 1
            fresh = set() if idle else self._server().uids_after(last_uid)
            return sorted(fresh | due), False
        there = self._server().uids(folder.exists)
        with self._db.reading() as session:
            known = set(session.scalars(select(MailboxMessage.uid).where(self._is_here())))
            unmarked = set(session.scalars(select(MailboxMessage.uid).where(self._is_unmarked())))
        self._mark(sorted(unmarked & there))
        fresh = {uid for uid in there if uid > last_uid or uid not in known}
        return sorted(fresh | due), True

    def _fetch(self, uids: Sequence[int]) -> _Fetched:
        """Fetch a batch at once or, if anything goes wrong with it, mail by mail."""
        try:
            return _Fetched(self._fetch_together(uids), last_uid=uids[-1])
        except imap.ConnectionLostError:
            self._connection = None
        except imap.RefusedError:
            pass
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
        got.last_uid = uid
        try:
            got.items += self._fetch_together([uid], server)
        except imap.ConnectionLostError as error:
            self._connection = None
            got.failed[uid] = str(error)
        except imap.RefusedError as error:
            got.failed[uid] = str(error)

    def _fetch_together(
        self, uids: Sequence[int], server: imap.Connection | None = None
    ) -> list[service.ToStore]:
        server = server or self._server()
        now = clock.now()
        found: list[service.ToStore] = []
        small: list[imap.Listed] = []
        for mail in server.listed(uids):
            if mail.size_bytes > self._conf.large_bytes:
                found += self._fetch_large(server, mail, now)
            else:
                small.append(mail)
        for group in _groups(small):
            bodies = server.bodies([mail.uid for mail in group])
            for mail in group:
                if mail.uid in bodies:
                    stored = self._blobs.prepare(bodies[mail.uid])
                    found.append(self._item(mail, stored, stored.size_bytes, now))
        return sorted(found, key=_uid)

    def _fetch_large(
        self, server: imap.Connection, mail: imap.Listed, now: dt.datetime
    ) -> list[service.ToStore]:
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
    ) -> service.ToStore:
        received_at = _usable(mail.received_at) or now
        place = service.Place(self._uidvalidity, mail.uid)
        return service.ToStore(stored, full_size, received_at, place)

    def _keep(self, got: _Fetched) -> list[int]:
        """Commit a batch with its cursor and its jobs; returns the UIDs that are safe now."""
        now = clock.now()
        with self._db.transaction() as tx:
            session = tx.session
            _hold(session, self._mailbox_id, self._conf, self._holder)
            new = service.store(session, self._mailbox_id, got.items, now)
            jobs.enqueue(tx, jobs.Job.RECEIVE, new, now=now)
            self._note_failed(session, got.failed, now)
            self._note_marked(session)
            session.execute(
                update(Mailbox)
                .where(
                    Mailbox.id == self._mailbox_id,
                    Mailbox.uidvalidity == self._uidvalidity,
                    Mailbox.last_uid < got.last_uid,
                )
                .values(last_uid=got.last_uid)
            )
        self.new += len(new)
        self.seen += len(got.items)
        self.failed += len(got.failed)
        return [_uid(item) for item in got.items]

    def _mark(self, uids: Sequence[int]) -> None:
        """Tell the server; if that fails the next full comparison tries again."""
        if self._box.after == "keep":
            return
        for start in range(0, len(uids), _MARK_AT_ONCE):
            part = uids[start : start + _MARK_AT_ONCE]
            try:
                self._server().mark(part)
            except imap.ConnectionLostError:
                self._connection = None
                return
            except imap.RefusedError as error:
                self.problem = str(error)
                return
            self._marked += part

    def _save_marked(self) -> None:
        if self._marked:
            with self._db.transaction() as tx:
                self._note_marked(tx.session)

    def _note_marked(self, session: Session) -> None:
        for start in range(0, len(self._marked), _MARK_AT_ONCE):
            session.execute(
                update(MailboxMessage)
                .where(
                    self._is_here(),
                    MailboxMessage.uid.in_(self._marked[start : start + _MARK_AT_ONCE]),
                )
                .values(flagged=True)
            )
        self._marked = []

    def _note_failed(self, session: Session, failed: dict[int, str], now: dt.datetime) -> None:
        for uid, why in failed.items():
            where = and_(self._is_here(), MailboxMessage.uid == uid)
            tried = session.scalar(select(MailboxMessage.attempts).where(where)) or 0
            wait_s = _RETRY_S[min(tried, len(_RETRY_S) - 1)]
            values = {
                "attempts": tried + 1,
                "error": why[:500],
                "next_try_at": now + dt.timedelta(seconds=wait_s),
            }
            dialect = sqlite if self._db.is_sqlite else postgresql
            session.execute(
                dialect.insert(MailboxMessage)
                .values(
                    mailbox_id=self._mailbox_id,
                    uidvalidity=self._uidvalidity,
                    uid=uid,
                    flagged=False,
                    **values,
                )
                .on_conflict_do_update(
                    index_elements=["mailbox_id", "uidvalidity", "uid"],
                    set_=values,
                    where=MailboxMessage.raw_id.is_(None),
                )
            )

    def _is_here(self) -> ColumnElement[bool]:
        return and_(
            MailboxMessage.mailbox_id == self._mailbox_id,
            MailboxMessage.uidvalidity == self._uidvalidity,
        )

    def _is_due(self, now: dt.datetime) -> ColumnElement[bool]:
        return and_(
            self._is_here(), MailboxMessage.raw_id.is_(None), MailboxMessage.next_try_at <= now
        )

    def _is_unmarked(self) -> ColumnElement[bool]:
        return and_(
            self._is_here(), MailboxMessage.raw_id.is_not(None), MailboxMessage.flagged.is_(False)
        )


def _hold(session: Session, mailbox_id: int, conf: Ingest, holder: str) -> bool:
    ttl_s = conf.read_timeout_s + _LEASE_MARGIN_S
    return leases.acquire(session, _lease(mailbox_id), holder=holder, ttl_s=ttl_s, now=clock.now())


def _lease(mailbox_id: int) -> str:
    return f"mailbox:{mailbox_id}"


def _cursor(
    session: Session, mailbox_id: int, folder: imap.Folder, conf: Ingest, now: dt.datetime
) -> tuple[int, bool]:
    """Return the last UID read and whether a full comparison is due.

    A new UIDVALIDITY means that no known UID holds any more, and a UIDNEXT that went back that
    the server was restored: everything is fetched again, and its content tells what is new.
    """
    row = session.get_one(Mailbox, mailbox_id)
    went_back = folder.uidnext is not None and folder.uidnext <= row.last_uid
    if row.uidvalidity != folder.uidvalidity or went_back:
        row.uidvalidity, row.last_uid, row.last_full_at = folder.uidvalidity, 0, None
        session.flush()
    interval = dt.timedelta(seconds=conf.reconcile_interval_s)
    full = row.last_full_at is None or row.last_full_at + interval <= now
    return row.last_uid, full


def _conclude(session: Session, mailbox_id: int, run: _Run) -> None:
    now = clock.now()
    row = session.get_one(Mailbox, mailbox_id)
    if run.problem is None:
        row.last_success_at, row.last_error = now, None
    else:
        _log.warning("%s", run.problem)
        row.last_error, row.last_error_at = run.problem, now
    if run.complete:
        row.last_full_at = now


def _groups(mails: Sequence[imap.Listed]) -> list[list[imap.Listed]]:
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


def _uid(item: service.ToStore) -> int:
    return item.place.uid if item.place else 0


def _usable(moment: dt.datetime | None) -> dt.datetime | None:
    try:
        return moment.astimezone(dt.UTC) if moment is not None and moment.tzinfo else None
    except (OverflowError, ValueError):
        return None
