"""The trail of who did what: rows that chain each other by hash and cannot be changed."""

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Row, insert, select, text
from sqlalchemy.orm import Session

from helpdesk.accounts.models import AuditEvent

Detail: TypeAlias = Mapping[str, str | int | bool | Sequence[str | int] | None]

GENESIS = "0" * 64
# Any number serves as long as no other advisory lock of this product uses it: "audi" in ASCII.
_POSTGRES_LOCK = text(f"SELECT pg_advisory_xact_lock({0x61756469})")
_PERSONAL_NUMBER = re.compile(r"(?<!\w)(\d{11}|\d{16})(?!\w)")  # a KPJ or a NIK


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line of the trail says. `detail` never holds a name, a NIK or a KPJ."""

    action: str
    subject_type: str
    subject_id: int | None = None
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last line of the trail at some moment, to be kept where the database is not."""

    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line of the trail that is not what was written, and what is wrong with it."""

    id: int
    why: str


def key_from(secret: str) -> bytes:
    """Derive the key of the chain from the installation's secret."""
    return hmac.digest(secret.encode(), b"audit trail", "sha256")


def record(
    session: Session,
    *,
    key: bytes,
    now: dt.datetime,
    agent_id: int | None,
    action: str,
    subject_type: str,
    subject_id: int | None = None,
    detail: Detail | None = None,
) -> None:
    """Add one line to the trail. Call it last in the transaction: others wait for its end.

    Args:
        session: of a writing transaction.
        key: from `key_from`.
        now: when it happened.
        agent_id: who did it; None for the product itself.
        action: what was done, as `noun.verb`, for example `ticket.view`.
        subject_type: what it was done to, for example `ticket`.
        subject_id: which one.
        detail: plain values that say more; never a name, a NIK or a KPJ.

    Raises:
        ValueError: the detail holds what looks like a NIK or a KPJ.
    """
    entry = Entry(action, subject_type, subject_id, detail or {})
    record_all(session, [entry], key=key, now=now, agent_id=agent_id)


def record_all(
    session: Session,
    entries: Sequence[Entry],
    *,
    key: bytes,
    now: dt.datetime,
    agent_id: int | None,
) -> None:
    """Add several lines at once, in order; otherwise as `record`."""
    if not entries:
        return
    _wait_for_turn(session)
    last = anchor(session)
    rows = []
    for entry in entries:
        row: dict[str, object] = {
            "id": last.id + 1,
            "at": now,
            "agent_id": agent_id,
            "action": entry.action,
            "subject_type": entry.subject_type,
            "subject_id": entry.subject_id,
            "detail": dict(entry.detail),
            "prev_hash": last.hash,
        }
        if _PERSONAL_NUMBER.search(json.dumps(row["detail"])):
            msg = f"the audit detail of {entry.action} looks like a NIK or a KPJ"
            raise ValueError(msg)
        last = Anchor(last.id + 1, _hash(key, row))
        rows.append({**row, "hash": last.hash})
    session.connection().execute(_INSERT, rows)


_INSERT = insert(AuditEvent)
_LAST = select(AuditEvent.id, AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)


def anchor(session: Session) -> Anchor:
    """Return the end of the trail; of an empty one `Anchor(0, GENESIS)`."""
    found = session.connection().execute(_LAST).first()
    return Anchor(found.id, found.hash) if found else Anchor(0, GENESIS)


def format_anchor(at: dt.datetime, end: Anchor) -> str:
    """Write an anchor as one line, to be appended to a file that outlives the database."""
    return f"{at.isoformat(timespec='seconds')} {end.id} {end.hash}\n"


def read_anchors(lines: Iterable[str]) -> list[Anchor]:
    """Read what `format_anchor` wrote; a line that was cut off while being written is left out."""
    anchors = []
    for line in lines:
        parts = line.split()
        if len(parts) == 3 and parts[1].isdecimal() and len(parts[2]) == 64:
            anchors.append(Anchor(int(parts[1]), parts[2]))
    return anchors


def verify(session: Session, key: bytes, anchors: Iterable[Anchor] = ()) -> Broken | None:
    """Check the whole trail, one row at a time, and name the first line that is wrong.

    Args:
        session: for reading.
        key: from `key_from`.
        anchors: earlier ends of the trail; only they can show that its newest lines are gone.
    """
    known = {each.id: each.hash for each in anchors}
    last = Anchor(0, GENESIS)
    query = select(*AuditEvent.__table__.columns).order_by(AuditEvent.id)
    with session.execute(query.execution_options(yield_per=1000)) as rows:
        for row in rows:
            why = _find_fault(key, row, last, known)
            if why:
                return Broken(row.id, why)
            last = Anchor(row.id, row.hash)
    missing = min((number for number in known if number > last.id), default=None)
    return Broken(last.id + 1, "the lines from here on are gone") if missing else None


def _find_fault(
    key: bytes, row: Row[tuple[object, ...]], last: Anchor, known: Mapping[int, str]
) -> str:
    if row.id != last.id + 1:
        return "the lines before it are gone"
    if row.prev_hash != last.hash:
        return "it does not follow the line before it"
    if not hmac.compare_digest(row.hash, _hash(key, row._asdict())):
        return "it was changed"
    if known.get(row.id, row.hash) != row.hash:
        return "the trail was written anew"
    return ""


def _wait_for_turn(session: Session) -> None:
    # SQLite writers have taken turns since BEGIN IMMEDIATE; PostgreSQL's do so here, to the end
    # of the transaction, or two of them would chain to the same line.
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_POSTGRES_LOCK)


def _hash(key: bytes, row: Mapping[str, object]) -> str:
    at = row["at"]
    assert isinstance(at, dt.datetime)  # noqa: S101 - the column's type
    said = [
        row["id"],
        at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        row["agent_id"],
        row["action"],
        row["subject_type"],
        row["subject_id"],
        row["detail"],
    ]
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    previous = str(row["prev_hash"])
    return hmac.new(key, (previous + canonical).encode(), hashlib.sha256).hexdigest()
