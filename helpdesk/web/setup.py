"""What is still missing before the helpdesk can do its work, for a page to say so."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.registry.models import RecordRow
from helpdesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """Whether a mailbox is configured, and whether the registry holds any record."""

    mailbox: bool
    registry: bool


def read(session: Session, settings: Settings) -> Setup:
    """Look at the settings, and for one record."""
    any_record = session.scalar(select(RecordRow.kpj).limit(1)) is not None
    return Setup(mailbox=bool(settings.mailbox), registry=any_record)
