"""Named leases: at most one holder at a time does a thing, on either database."""

import datetime as dt

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk import process
from helpdesk.db import Base


class Lease(Base):
    """Who may do `name` until when. Politeness only: correctness rests on unique keys."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[dt.datetime]


def acquire(session: Session, name: str, *, holder: str, ttl_s: float, now: dt.datetime) -> bool:
    """Take or renew the lease; False while another living holder's has not run out."""
    until = now + dt.timedelta(seconds=ttl_s)
    found = session.execute(select(Lease.holder, Lease.until).where(Lease.name == name)).first()
    if found is not None:
        if found.holder != holder and found.until >= now and not process.is_dead(found.holder):
            return False
        taken = session.execute(
            update(Lease)
            .where(Lease.name == name, Lease.holder == found.holder, Lease.until == found.until)
            .values(holder=holder, until=until)
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined] # a CursorResult, untyped for UPDATE
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, until=until))
    except IntegrityError:  # somebody took it between the look and the insert
        return False
    return True


def release(session: Session, name: str, *, holder: str) -> None:
    """Give the lease back, if it is still ours."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
