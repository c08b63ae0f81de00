"""Count who asked about how many people, and which NIKs several contacts asked with."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from helpdesk.identity.types import About, Field
from helpdesk.matching.models import ClaimRow, FactRow
from helpdesk.registry import keys
from helpdesk.replies.compare import same_number
from helpdesk.rows import among
from helpdesk.tickets.models import Ticket

# One contact with more requests than this in the time looked at is in doubt whatever they were,
# and reading on would let one sender slow everybody's drafts down.
_MAX_REQUESTS = 5_000
_MAX_COMPARED = 20  # past this many people one more or less decides nothing
# A NIK mistyped and corrected is one person's. A third that differs in a digit is a guess: who
# knows a name and a birth date knows all of a NIK but its serial, and serials begin at 0001.
_MAX_SLIPS = 2


def people_asked(
    session: Session, contact_ids: Collection[int], since: dt.datetime
) -> dict[int, int]:
    """Count how many different people each contact asked about."""
    rows = session.execute(
        select(Ticket.contact_id, ClaimRow.about, FactRow.value, FactRow.history)
        .join(ClaimRow, ClaimRow.ticket_id == Ticket.id)
        .outerjoin(FactRow, (FactRow.claim_id == ClaimRow.id) & (FactRow.field == Field.NIK))
        .where(among(Ticket.contact_id, contact_ids), Ticket.updated_at >= since)
        .order_by(Ticket.contact_id)
        .limit(_MAX_REQUESTS)
    ).all()
    asked: dict[int, set[tuple[About, str]]] = defaultdict(set)
    for contact_id, about, value, earlier in rows:
        for nik in (value or "", *(earlier or ())):  # a NIK that was taken back was asked too
            digits = keys.nik_digits(nik)
            asked[contact_id].add((about, digits if len(digits) == 16 else ""))
    counts = {contact_id: _distinct(claims) for contact_id, claims in asked.items()}
    if len(rows) == _MAX_REQUESTS:  # whoever was cut off is in doubt rather than trusted
        last = rows[-1].contact_id
        counts.update(dict.fromkeys((i for i in contact_ids if i >= last), _MAX_REQUESTS))
    return counts


def asked_elsewhere(session: Session, niks: Collection[str], since: dt.datetime) -> frozenset[str]:
    """Return which of these NIKs more than one contact asked with."""
    if not niks:
        return frozenset()
    rows = session.scalars(
        select(FactRow.value)
        .join(ClaimRow, ClaimRow.id == FactRow.claim_id)
        .join(Ticket, Ticket.id == ClaimRow.ticket_id)
        .where(
            literal_column("fact.field = 'nik'"),  # as the partial index has it
            among(FactRow.value, niks),
            Ticket.updated_at >= since,
        )
        .group_by(FactRow.value)
        .having(func.count(Ticket.contact_id.distinct()) > 1)
    )
    return frozenset(rows)


def _distinct(claims: Collection[tuple[About, str]]) -> int:
    """Count people; a NIK one slip from another is the same person's, corrected once."""
    people: list[list[str]] = []
    for nik in sorted({nik for _, nik in claims if nik}):
        for known in people[:_MAX_COMPARED]:
            if len(known) < _MAX_SLIPS and same_number(nik, known[0]):
                known.append(nik)
                break
        else:
            people.append([nik])
    others_unnamed = any(about is About.OTHER and not nik for about, nik in claims)
    only_unnamed = not people and any(about is About.SELF for about, _ in claims)
    return len(people) + others_unnamed + only_unnamed
