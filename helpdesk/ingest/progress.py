"""How far a mailbox was read: cursor, places seen, what failed, what the server was told."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from helpdesk.ingest.imap import Folder
from helpdesk.rows import among
from helpdesk.tickets.models import Mailbox, MailboxMessage

_RETRY_S = (60, 600, 3_600, 21_600, 86_400)  # the last one repeats: no mail is ever given up
_REST_S = 900.0  # at most, between two tries of what only a person can mend
_AT_ONCE = 500  # UIDs in one statement


@dataclass(frozen=True, slots=True)
class Progress:
    """The rows of one mailbox under one UIDVALIDITY."""

    mailbox_id: int
    uidvalidity: int

    def due(self, session: Session, now: dt.datetime) -> set[int]:
        """Return the UIDs that could not be fetched and are to be tried again."""
        # By `raw_id`, which is indexed, so that a poll need not walk all places of the mailbox.
        where = and_(
            self._here(), MailboxMessage.raw_id.is_(None), MailboxMessage.next_try_at <= now
        )
        return set(session.scalars(select(MailboxMessage.uid).where(where)))

    def known(self, session: Session) -> set[int]:
        return set(session.scalars(select(MailboxMessage.uid).where(self._here())))

    def unmarked(self, session: Session) -> set[int]:
        """Return the UIDs that are stored and of which the server was not told."""
        where = and_(
            self._here(), MailboxMessage.raw_id.is_not(None), MailboxMessage.flagged.is_(False)
        )
        return set(session.scalars(select(MailboxMessage.uid).where(where)))

    def advance(self, session: Session, uid: int) -> None:
        """Move the cursor on, unless another poller moved it further or started over."""
        session.execute(
            update(Mailbox)
            .where(
                Mailbox.id == self.mailbox_id,
                Mailbox.uidvalidity == self.uidvalidity,
                Mailbox.last_uid < uid,
            )
            .values(last_uid=uid)
        )

    def note_marked(self, session: Session, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), _AT_ONCE):
            part = uids[start : start + _AT_ONCE]
            where = and_(self._here(), among(MailboxMessage.uid, part))
            session.execute(update(MailboxMessage).where(where).values(flagged=True))

    def note_vanished(self, session: Session, uids: Sequence[int]) -> None:
        """Stop trying to fetch what is not on the server any more."""
        for uid in uids:
            where = and_(self._here(), MailboxMessage.uid == uid, MailboxMessage.raw_id.is_(None))
            values = {"next_try_at": None, "error": "it is not on the server any more"}
            session.execute(update(MailboxMessage).where(where).values(values))

    def note_failed(self, session: Session, failed: Mapping[int, str], now: dt.datetime) -> None:
        """Record why mails could not be fetched, and when to try again."""
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        for uid, why in failed.items():
            tried = session.scalar(
                select(MailboxMessage.attempts).where(self._here(), MailboxMessage.uid == uid)
            )
            wait_s = _RETRY_S[min(tried or 0, len(_RETRY_S) - 1)]
            values = {
                "attempts": (tried or 0) + 1,
                "error": why[:500],
                "next_try_at": now + dt.timedelta(seconds=wait_s),
            }
            place = {"mailbox_id": self.mailbox_id, "uidvalidity": self.uidvalidity, "uid": uid}
            session.execute(
                dialect.insert(MailboxMessage)
                .values(**place, **values, flagged=False)
                .on_conflict_do_update(
                    index_elements=list(place),
                    set_=values,
                    where=MailboxMessage.raw_id.is_(None),
                )
            )

    def _here(self) -> ColumnElement[bool]:
        return and_(
            MailboxMessage.mailbox_id == self.mailbox_id,
            MailboxMessage.uidvalidity == self.uidvalidity,
        )


def start(
    session: Session, mailbox_id: int, folder: Folder, *, every_s: float, now: dt.datetime
) -> tuple[int, bool]:
    """Return the last UID read, and whether a full comparison is due.

    A new UIDVALIDITY means that no known UID holds any more, and a UIDNEXT that went back that
    the server was restored: everything is fetched again, and its content tells what is new.
    """
    row = session.get_one(Mailbox, mailbox_id)
    went_back = folder.uidnext is not None and folder.uidnext <= row.last_uid
    if row.uidvalidity != folder.uidvalidity or went_back:
        row.uidvalidity, row.last_uid, row.last_full_at = folder.uidvalidity, 0, None
    full = row.last_full_at is None or row.last_full_at + dt.timedelta(seconds=every_s) <= now
    return row.last_uid, full


def conclude(
    session: Session, mailbox_id: int, *, problem: str | None, full: bool, now: dt.datetime
) -> None:
    """Write how a poll ended; `full`: the whole folder was compared and everything fetched."""
    row = session.get_one(Mailbox, mailbox_id)
    if problem is None:
        row.last_success_at, row.last_error = now, None
        row.failures, row.next_poll_at, row.fingerprint = 0, None, None
    else:
        row.last_error, row.last_error_at = problem, now
    if full:
        row.last_full_at = now


def is_resting(session: Session, mailbox_id: int, fingerprint: str, now: dt.datetime) -> bool:
    """Tell whether these settings failed in a way that only a person can mend, and not long ago.

    Servers lock an account that is tried with a wrong password every half minute.
    """
    row = session.get_one(Mailbox, mailbox_id)
    waits = row.next_poll_at is not None and now < row.next_poll_at
    return waits and row.fingerprint == fingerprint


def rest(
    session: Session, mailbox_id: int, fingerprint: str, *, interval_s: float, now: dt.datetime
) -> None:
    """Leave a mailbox alone: twice as long with every failure of the same settings."""
    row = session.get_one(Mailbox, mailbox_id)
    row.failures = row.failures + 1 if row.fingerprint == fingerprint else 1
    row.fingerprint = fingerprint
    wait_s = min(interval_s * 2.0 ** min(row.failures, 20), _REST_S)
    row.next_poll_at = now + dt.timedelta(seconds=wait_s)
