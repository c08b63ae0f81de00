"""An import of an export as a row: brought in, read, filed, taken back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.ingest import chat_rows, standing
from helpdesk.ingest.standing import News, Rules
from helpdesk.outbox.models import Delivery
from helpdesk.rows import among
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, Direction, ImportState
from helpdesk.tickets.models import Contact, ImportBatch, Message, Ticket, Verification

_ENDED = frozenset({ImportState.DONE, ImportState.UNDONE})
_MAX_PROBLEM_CHARS = 500
_MISSING = "there is no such import"


class Source(StrEnum):
    """The way an export came in."""

    COMMAND = "command"
    FOLDER = "folder"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class NewImport:
    """An export to be imported. `path` is where it lies, `file_name` what a person called it.

    `channel` is None where the export has to tell; `own_names` are those of our side besides the
    settings'.
    """

    source: Source
    path: Path
    file_name: str
    channel: Channel | None = None
    own_names: tuple[str, ...] = ()
    agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import came to."""

    new: int = 0
    known: int = 0
    defective: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import as it is told to the person who asked for it; `problem` if it failed."""

    id: int
    state: ImportState
    source: Source
    path: Path | None
    file_name: str
    channel: Channel | None
    format: str
    why: str
    counts: Counts
    tickets_opened: int
    tickets_continued: int
    problem: str | None

    @property
    def text(self) -> str:
        """One line of counts."""
        counts = self.counts
        said = [f"{counts.new} new", f"{counts.known} known already"]
        said += [f"{number} skipped ({code})" for code, number in sorted(counts.skipped.items())]
        said += [f"{counts.defective} defective"] if counts.defective else []
        said += [f"{self.tickets_opened} tickets opened", f"{self.tickets_continued} continued"]
        return ", ".join(said)


def rules(settings: Settings) -> Rules:
    """Take out of the settings what decides about conversations."""
    direct = [channel for channel in Channel if channel.is_direct]
    hours = {channel: settings.direct(channel.value).window_hours for channel in direct}
    return Rules(settings.ingest.follow_up_days, hours)


def create(session: Session, new: NewImport, now: dt.datetime) -> int:
    """Note an export that is to be imported; the shell enqueues `Job.IMPORT` for the id."""
    batch = ImportBatch(
        source=new.source.value,
        path=str(new.path),
        file_name=new.file_name[:255],
        channel=new.channel,
        own_names=list(new.own_names),
        agent_id=new.agent_id,
        created_at=now,
    )
    session.add(batch)
    session.flush()
    return batch.id


def begin(session: Session, batch_id: int, now: dt.datetime) -> NewImport | None:
    """Start reading, from the beginning if an earlier run was cut off; None if it is over.

    Raises:
        NotFoundError: there is no such import.
    """
    batch = _locked(session, batch_id)
    if batch.state in _ENDED or batch.path is None:
        return None
    batch.state, batch.problem = ImportState.READING, None
    batch.started_at = batch.started_at or now
    batch.finished_at = None
    batch.position = batch.total = 0
    return NewImport(
        Source(batch.source),
        Path(batch.path),
        batch.file_name,
        batch.channel,
        tuple(batch.own_names),
        batch.agent_id,
    )


def note_format(
    session: Session, batch_id: int, *, channel: Channel, format_: str, why: str
) -> None:
    """Note what the export turned out to be."""
    _set(session, batch_id, channel=channel, format=format_, why=why)


def note_file(session: Session, batch_id: int, *, sha256: str, size_bytes: int) -> None:
    """Note which bytes they are."""
    _set(session, batch_id, sha256=sha256, size_bytes=size_bytes)


def note_position(
    session: Session, batch_id: int, state: ImportState, position: int, total: int
) -> None:
    """Note how far it is: in bytes while reading, in messages while filing."""
    _set(session, batch_id, state=state, position=position, total=total)


def finish(session: Session, batch_id: int, counts: Counts, now: dt.datetime) -> None:
    """Note that everything is filed, and what it came to."""
    opened, continued = _tickets(session, batch_id)
    filed = counts.new + counts.known + sum(counts.skipped.values())
    _set(
        session,
        batch_id,
        state=ImportState.DONE,
        finished_at=now,
        position=filed,
        total=filed,
        new=counts.new,
        known=counts.known,
        defective=counts.defective,
        skipped=dict(counts.skipped),
        first_at=counts.first_at,
        last_at=counts.last_at,
        tickets_opened=opened,
        tickets_continued=continued,
    )


def fail(session: Session, batch_id: int, problem: str, now: dt.datetime) -> None:
    """Note why an import came to nothing; `problem` is without personal data."""
    session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.state.not_in(_ENDED))
        .values(state=ImportState.FAILED, finished_at=now, problem=problem[:_MAX_PROBLEM_CHARS])
    )


def report(session: Session, batch_id: int) -> ImportReport:
    """Return an import as it stands; NotFoundError if there is none."""
    row = session.get(ImportBatch, batch_id, populate_existing=True)
    if row is None:
        raise NotFoundError(_MISSING)
    counts = Counts(
        row.new, row.known, row.defective, dict(row.skipped), row.first_at, row.last_at
    )
    return ImportReport(
        id=row.id,
        state=row.state,
        source=Source(row.source),
        path=Path(row.path) if row.path else None,
        file_name=row.file_name,
        channel=row.channel,
        format=row.format,
        why=row.why,
        counts=counts,
        tickets_opened=row.tickets_opened,
        tickets_continued=row.tickets_continued,
        problem=row.problem,
    )


def at_path(session: Session, path: Path) -> ImportReport | None:
    """Return the import of what lies at this path, if there is one."""
    found = session.scalar(
        select(ImportBatch.id)
        .where(ImportBatch.path == str(path))
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )
    return None if found is None else report(session, found)


def note_path(session: Session, batch_id: int, path: Path) -> None:
    """Note where the export lies until it is read."""
    _set(session, batch_id, path=str(path))


def forget_path(session: Session, batch_id: int) -> None:
    """Note that the export does not lie where it was any more."""
    _set(session, batch_id, path=None)


def undo(session: Session, batch_id: int, rules: Rules, now: dt.datetime) -> list[int]:
    """Take an import back, as long as nothing of it was answered.

    Removes its messages with their files, tickets left without a message, and contacts left
    without a ticket. What an earlier import had brought stays, and so do tickets it was continued
    by; those are returned, for the shell to match them again.

    Raises:
        ConflictError: it is not over, was taken back before, or a ticket was answered since.
        NotFoundError: there is no such import.
    """
    batch = _locked(session, batch_id)
    if batch.state not in {ImportState.DONE, ImportState.FAILED}:
        msg = "this import is not finished, or was taken back before"
        raise ConflictError(msg)
    mine = select(Message.ticket_id).where(Message.import_id == batch_id).distinct()
    whose = select(Ticket.contact_id).where(Ticket.id.in_(mine))
    session.execute(  # contacts first, as filing does, or the two wait for each other
        select(Contact.id).where(Contact.id.in_(whose)).order_by(Contact.id).with_for_update()
    )
    tickets = session.execute(
        select(Ticket.id, Ticket.contact_id)
        .where(Ticket.id.in_(mine))
        .order_by(Ticket.id)
        .with_for_update()
    ).all()
    answered = _worked_on(session, [row.id for row in tickets], batch.created_at)
    if answered is not None:
        msg = f"ticket #{answered} was worked on since, so this import cannot be taken back"
        raise ConflictError(msg)
    core = {"synchronize_session": False}
    session.execute(delete(Message).where(Message.import_id == batch_id), execution_options=core)
    left = set(
        session.scalars(
            select(Message.ticket_id)
            .where(among(Message.ticket_id, [row.id for row in tickets]))
            .distinct()
        )
    )
    chat_rows.remove_tickets(session, [row.id for row in tickets if row.id not in left])
    contacts = {row.contact_id for row in tickets}
    session.execute(
        delete(Contact).where(
            among(Contact.id, contacts), ~exists().where(Ticket.contact_id == Contact.id)
        ),
        execution_options=core,
    )
    standing.refresh(session, contacts, News(left, left), rules, now)
    batch.state = ImportState.UNDONE
    session.flush()
    return sorted(left)


def worked_on(session: Session, batch_id: int) -> int | None:
    """Return a ticket that was worked on since, which forbids `undo`; None if there is none."""
    batch = session.get_one(ImportBatch, batch_id)
    mine = select(Message.ticket_id).where(Message.import_id == batch_id).distinct()
    return _worked_on(session, list(session.scalars(mine)), batch.created_at)


def _locked(session: Session, batch_id: int) -> ImportBatch:
    batch = session.get(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFoundError(_MISSING)
    return batch


def _set(session: Session, batch_id: int, **values: object) -> None:
    session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(**values))


def _tickets(session: Session, batch_id: int) -> tuple[int, int]:
    """Count the tickets an import opened for the participants, and those it continued."""
    other = aliased(Message)
    before = exists().where(
        other.ticket_id == Message.ticket_id,
        or_(other.import_id.is_(None), other.import_id != batch_id),
    )
    asked = func.max(case((Message.direction == Direction.INBOUND, 1), else_=0))
    rows = session.execute(
        select(Message.ticket_id, asked, before)
        .where(Message.import_id == batch_id)
        .group_by(Message.ticket_id)
    ).all()
    opened = sum(1 for _, asked_for, continued in rows if asked_for and not continued)
    return opened, sum(1 for _, _, continued in rows if continued)


def _worked_on(session: Session, ticket_ids: Sequence[int], since: dt.datetime) -> int | None:
    approval = chat_rows.APPROVAL.c
    return session.scalar(
        select(func.min(Ticket.id)).where(
            among(Ticket.id, ticket_ids),
            or_(
                exists().where(Delivery.ticket_id == Ticket.id, Delivery.created_at >= since),
                exists().where(approval.ticket_id == Ticket.id, approval.approved_at >= since),
                exists().where(
                    Verification.ticket_id == Ticket.id, Verification.asked_at >= since
                ),
                exists().where(
                    Message.ticket_id == Ticket.id,
                    Message.agent_id.is_not(None),
                    Message.received_at >= since,
                ),
            ),
        )
    )
