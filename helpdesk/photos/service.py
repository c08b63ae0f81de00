"""Photos of a ticket: which wait to be read, what one shows, what is kept of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, literal, select, update
from sqlalchemy.orm import Session

from helpdesk.identity.types import Card, Fact, Field
from helpdesk.jobs import Job, JobRow
from helpdesk.photos.engine import Reader
from helpdesk.photos.models import Photo, PhotoState
from helpdesk.rows import among, on_both
from helpdesk.tickets.kinds import Direction, MessageKind
from helpdesk.tickets.models import Attachment, Message

# What phones, scanners and messengers send; iPhones turn their HEIC into JPEG for others.
MEDIA_TYPES = ("image/jpeg", "image/jpg", "image/png", "image/webp")
MIN_BYTES = 8_000  # less is a logo or a smiley; a card of 480 pixels has some 20,000
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A photo that waits: its bytes' digest, and how many they are."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a photo brought."""

    state: PhotoState
    width: int = 0
    height: int = 0
    facts: tuple[Fact, ...] = ()
    crops: tuple[str, ...] = ()  # a small JPEG for each fact, in base64


UNREADABLE = Look(PhotoState.UNREADABLE)


def note(session: Session, message_ids: Collection[int]) -> None:
    """Let the pictures among the files of new messages wait to be read; others are left out.

    Safe to run again.
    """
    pictures = select(Attachment.id, literal(PhotoState.WAITING, Photo.state.type)).where(
        among(Attachment.message_id, message_ids),
        Attachment.media_type.in_(MEDIA_TYPES),
        Attachment.size_bytes >= MIN_BYTES,
        Attachment.sha256.is_not(None),
    )
    connection = session.connection()
    inserting = _NOTE[connection.dialect.name].from_select(["attachment_id", "state"], pictures)
    connection.execute(inserting)


def unqueued(session: Session) -> Sequence[int]:
    """Return the attachments that wait without a job, oldest first, at most a thousand."""
    queued = select(JobRow.id).where(
        JobRow.job == Job.PHOTO, JobRow.subject_id == Photo.attachment_id
    )
    return session.scalars(
        select(Photo.attachment_id)
        .where(Photo.state == PhotoState.WAITING, ~queued.exists())
        .order_by(Photo.attachment_id)
        .limit(_AT_ONCE)
    ).all()


def waiting(session: Session, attachment_id: int) -> Stored | None:
    """Return the bytes to read; None when the photo is gone or read already."""
    row = session.execute(
        select(Attachment.sha256, Attachment.size_bytes)
        .join(Photo, Photo.attachment_id == Attachment.id)
        .where(Attachment.id == attachment_id, Photo.state == PhotoState.WAITING)
    ).first()
    return Stored(row.sha256, row.size_bytes) if row and row.sha256 else None


def look(picture: bytes, read: Reader, *, today: dt.date) -> Look:
    """Read a picture and tell what an identity card on it states."""
    page = read(picture, today=today)
    if page is None:
        return UNREADABLE
    if page.card is None:
        return Look(PhotoState.NO_CARD, page.width, page.height)
    state = PhotoState.READ if page.card.facts else PhotoState.UNREADABLE
    return Look(state, page.width, page.height, page.card.facts, page.crops)


def save(session: Session, attachment_id: int, seen: Look, now: dt.datetime) -> int | None:
    """Keep what a look brought; returns the ticket to be matched again, if anything was read."""
    done = session.execute(
        update(Photo)
        .where(Photo.attachment_id == attachment_id, Photo.state == PhotoState.WAITING)
        .values(
            state=seen.state,
            read_at=now,
            width=seen.width,
            height=seen.height,
            facts=[_as_row(*each) for each in zip(seen.facts, seen.crops, strict=True)],
        )
        .returning(Photo.attachment_id)
    ).first()
    return _ticket_of(session, attachment_id) if done and seen.facts else None


def again(session: Session, ticket_id: int, attachment_id: int) -> bool:
    """Let a picture of a ticket wait to be read, whatever came of it before; False if none is."""
    picture = (
        select(Attachment.id, literal(PhotoState.WAITING, Photo.state.type))
        .join(Message, Message.id == Attachment.message_id)
        .where(
            Attachment.id == attachment_id,
            Message.ticket_id == ticket_id,
            Attachment.media_type.in_(MEDIA_TYPES),
            Attachment.sha256.is_not(None),
        )
    )
    connection = session.connection()
    inserting = _AGAIN[connection.dialect.name].from_select(["attachment_id", "state"], picture)
    return connection.execute(inserting.returning(Photo.attachment_id)).first() is not None


def cards_of(
    session: Session, ticket_ids: Collection[int]
) -> dict[int, tuple[tuple[int, Card], ...]]:
    """Return the cards that contacts sent, with their attachments, by ticket, oldest first."""
    rows = session.execute(
        select(Message.ticket_id, Photo.attachment_id, Photo.facts)
        .join(Attachment, Attachment.id == Photo.attachment_id)
        .join(Message, Message.id == Attachment.message_id)
        .where(
            among(Message.ticket_id, ticket_ids),
            Message.direction == Direction.INBOUND,
            Message.kind == MessageKind.PERSON,
            Photo.state == PhotoState.READ,
        )
        .order_by(Message.received_at, Message.id, Attachment.position)
    )
    found: dict[int, list[tuple[int, Card]]] = defaultdict(list)
    for ticket_id, attachment_id, facts in rows:
        found[ticket_id].append((attachment_id, Card(tuple(map(fact_of, facts)))))
    return {ticket_id: tuple(cards) for ticket_id, cards in found.items()}


def fact_of(row: Sequence[Any]) -> Fact:
    """Return a fact as `Photo.facts` keeps it."""
    field, value, confidence, box, warnings, _crop = row
    left, top, width, height = box
    return Fact(
        field=Field(field),
        value=value,
        confidence=confidence,
        warnings=tuple(warnings),
        rule=f"ktp_{field}",
        box=(left, top, width, height),
    )


def _as_row(fact: Fact, crop: str) -> list[Any]:
    return [
        fact.field.value,
        fact.value,
        fact.confidence,
        list(fact.box or (0, 0, 0, 0)),
        list(fact.warnings),
        crop,
    ]


def _ticket_of(session: Session, attachment_id: int) -> int | None:
    return session.scalar(
        select(Message.ticket_id)
        .join(Attachment, Attachment.message_id == Message.id)
        .where(Attachment.id == attachment_id)
    )


def _insert_or_wait(dialect: Any) -> Insert:  # noqa: ANN401 - a module
    inserting: Insert = dialect.insert(Photo.__table__).on_conflict_do_update(
        index_elements=["attachment_id"],
        set_={"state": PhotoState.WAITING, "read_at": None},
    )
    return inserting


_AGAIN = on_both(_insert_or_wait)
_NOTE = on_both(lambda dialect: dialect.insert(Photo.__table__).on_conflict_do_nothing())
