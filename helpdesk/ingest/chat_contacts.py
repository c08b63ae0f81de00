"""Contacts of exported conversations: found by thread or identity, made, completed."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.ingest.spool import Thread
from helpdesk.rows import among, insert_rows, on_both
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Contact

_FILLED = ("display_name", "platform_id", "handle", "phone", "thread", "service")


def find(session: Session, threads: Iterable[Thread], now: dt.datetime) -> dict[Thread, int]:
    """Return the contact of each thread, making or completing it; locked until the end."""
    wanted = {(each.channel, each.thread): each for each in threads}
    found: dict[Thread, int] = {}
    rows = session.scalars(
        select(Contact)
        .where(
            or_(
                among(Contact.thread, {name for _, name in wanted}) & (Contact.thread != ""),
                among(Contact.address, {_address(each) for each in wanted.values()}),
            ),
            Contact.channel.in_({channel for channel, _ in wanted}),
        )
        .order_by(Contact.id)
        .with_for_update()
    ).all()
    by_thread = {(row.channel, row.thread): row for row in rows if row.thread}
    by_address = {(row.channel, row.address): row for row in rows}
    new: dict[tuple[Channel, str], dict[str, Any]] = {}
    for where, thread in sorted(wanted.items()):  # one order for all, or two workers deadlock
        row = by_thread.get(where) or by_address.get((thread.channel, _address(thread)))
        if row is None:
            new.setdefault((thread.channel, _address(thread)), _contact_row(thread, now))
            continue
        _complete(row, thread, by_address)
        found[thread] = row.id
    session.flush()
    if new:
        made = insert_rows(session, _INSERT_CONTACTS, list(new.values()))
        ids = {(row.channel, row.address): row.id for row in made}
        for thread in wanted.values():
            if thread not in found:
                found[thread] = ids[thread.channel, _address(thread)]
    return found


def _address(thread: Thread) -> str:
    known_as = "" if thread.is_group else thread.platform_id or thread.phone
    return (known_as or thread.thread).lower()


def _complete(
    row: Contact, thread: Thread, by_address: dict[tuple[Channel, str], Contact]
) -> None:
    """Note what this export tells beyond what is known; what is known stays."""
    told = _told(thread)
    for name in _FILLED:
        if not getattr(row, name) and told[name]:
            setattr(row, name, told[name])
    row.is_group = row.is_group or thread.is_group
    address = _address(thread)
    named = row.address == row.thread.lower()  # by the thread, until more is known
    if named and address != row.address and (row.channel, address) not in by_address:
        by_address[row.channel, address] = row
        row.address = address


def _told(thread: Thread) -> dict[str, str]:
    return {
        "display_name": thread.title or thread.handle,
        "platform_id": thread.platform_id,
        "handle": thread.handle,
        "phone": thread.phone,
        "thread": thread.thread,
        "service": thread.service,
    }


def _contact_row(thread: Thread, now: dt.datetime) -> dict[str, Any]:
    return {
        **_told(thread),
        "channel": thread.channel,
        "address": _address(thread),
        "is_group": thread.is_group,
        "created_at": now,
    }


_INSERT_CONTACTS = on_both(
    lambda dialect: (
        (made := dialect.insert(Contact.__table__))
        .on_conflict_do_update(
            index_elements=["channel", "address"], set_={"address": made.excluded.address}
        )
        .returning(Contact.channel, Contact.address, Contact.id)
    )
)
