"""Read which choices stand on the claims of a ticket, for its page."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.matching.models import ChoiceRow, ClaimRow


@dataclass(frozen=True, slots=True)
class ChosenView:
    """Whom an agent says a claim means, by one of their KPJ; "" is nobody."""

    kpj: str
    agent_name: str
    made_at: dt.datetime


def chosen_of(session: Session, ticket_id: int) -> dict[int, ChosenView]:
    """Return the choices that count, by claim."""
    rows = session.connection().execute(_CHOSEN, {"ticket_id": ticket_id})
    return {row[0]: ChosenView(*row[1:]) for row in rows}  # the newest is the last


_CHOSEN: Select[*tuple[Any, ...]] = (
    select(ClaimRow.id, ChoiceRow.kpj, Agent.name, ChoiceRow.made_at)
    .join(
        ChoiceRow,
        and_(ChoiceRow.ticket_id == ClaimRow.ticket_id, ChoiceRow.position == ClaimRow.position),
    )
    .join(Agent, Agent.id == ChoiceRow.agent_id)
    .where(ClaimRow.ticket_id == bindparam("ticket_id"))
    .order_by(ChoiceRow.id)
)
