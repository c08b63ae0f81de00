"""How often somebody may do something in an hour; counted where all web processes see it."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from helpdesk.tickets.models import FormUse

WINDOW = dt.timedelta(hours=1)


def wait_for_turn(session: Session, whos: Mapping[str, int]) -> None:
    """Let those who are counted together go one after the other until the transaction ends.

    `whos` maps hexadecimal hashes of who is counted to how often they may.
    """
    # SQLite writers have taken turns since BEGIN IMMEDIATE. PostgreSQL's would count side by side
    # and all get through; in one order, so that no two wait for each other.
    if session.get_bind().dialect.name == "postgresql":
        for each in sorted(whos):
            number = int.from_bytes(bytes.fromhex(each[:16]), signed=True)
            session.execute(select(func.pg_advisory_xact_lock(number)))


def blocked_s(session: Session, whos: Mapping[str, int], now: dt.datetime) -> int:
    """Return after how many seconds one more use is allowed; 0 if it is now."""
    longest = 0
    for who, most in whos.items():
        uses = session.scalars(
            select(FormUse.at)
            .where(FormUse.who == who, FormUse.at > now - WINDOW)
            .order_by(FormUse.at.desc())
            .limit(most)
        ).all()
        if len(uses) >= most:
            longest = max(longest, int((uses[-1] + WINDOW - now).total_seconds()) + 1)
    return longest


def count(session: Session, whos: Mapping[str, int], now: dt.datetime) -> None:
    """Count a use for each of them."""
    session.execute(insert(FormUse), [{"who": who, "at": now} for who in whos])


def forget(session: Session, now: dt.datetime) -> None:
    """Delete the uses that no longer count."""
    session.execute(delete(FormUse).where(FormUse.at <= now - WINDOW))
