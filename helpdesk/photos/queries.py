"""What pages show of the photos of a ticket."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.identity.types import Field
from helpdesk.photos.models import Photo, PhotoState
from helpdesk.tickets.models import Attachment, Message


@dataclass(frozen=True, slots=True)
class Shown:
    """What a photo shows of one field: the value as read, and a small JPEG of it in base64."""

    value: str
    crop: str


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo of a ticket; `shown` is empty unless it was read."""

    attachment_id: int
    file_name: str
    state: PhotoState
    shown: dict[Field, Shown]


def photos_of(session: Session, ticket_id: int) -> list[PhotoView]:
    """Return the photos of a ticket, oldest first."""
    rows = session.execute(
        select(Photo.attachment_id, Attachment.file_name, Photo.state, Photo.facts)
        .join(Attachment, Attachment.id == Photo.attachment_id)
        .join(Message, Message.id == Attachment.message_id)
        .where(Message.ticket_id == ticket_id)
        .order_by(Message.received_at, Message.id, Attachment.position)
    )
    return [
        PhotoView(
            row.attachment_id,
            row.file_name,
            row.state,
            {Field(field): Shown(value, crop) for field, value, _, _, _, crop in row.facts},
        )
        for row in rows
    ]
