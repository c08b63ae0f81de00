"""Table of the photos that may show an identity card, and what was read from them."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base
from helpdesk.tickets.models import Attachment  # noqa: F401 - a table a foreign key names


class PhotoState(StrEnum):
    """What became of a photo."""

    WAITING = "waiting"  # for a worker, or for the extra to be installed
    READ = "read"
    NO_CARD = "no_card"  # a picture of something else
    UNREADABLE = "unreadable"  # a broken file, too large, or nothing legible on the card


class Photo(Base):
    """A picture of a message; `facts` as [[field, value, confidence, box, warnings, crop], ...].

    A box is [left, top, width, height] in the upright picture of `width` x `height` pixels, a crop
    is what stands there as a small JPEG in base64: the page shows it without showing the picture.
    """

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'read', 'no_card', 'unreadable')", name="state"),
        Index(
            "ix_photo_waiting",
            "attachment_id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    attachment_id: Mapped[int] = mapped_column(
        ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[PhotoState]
    read_at: Mapped[dt.datetime | None]
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    facts: Mapped[list[Any]] = mapped_column(JSON, default=list)
