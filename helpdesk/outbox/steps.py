"""One delivery, locked, and the steps it goes."""

import datetime as dt

from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, NotFoundError
from helpdesk.outbox import turns
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState, Step, next_state

_TOLD = frozenset({DeliveryState.FAILED, DeliveryState.UNKNOWN})  # a person has to see these


def locked(session: Session, delivery_id: int) -> Delivery:
    """Return a delivery as it is now; nobody else changes it until the transaction ends.

    Raises:
        NotFoundError: there is no such delivery.
    """
    delivery = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        msg = "there is no such delivery"
        raise NotFoundError(msg)
    return delivery


def take(session: Session, delivery: Delivery, step: Step, *, now: dt.datetime) -> None:
    """Go one allowed step, and tell the agents when the step is one they have to see.

    Raises:
        ConflictError: the step is not allowed from where the delivery is.
    """
    state = next_state(delivery.state, step)
    if state is None:
        msg = f"a delivery that is {delivery.state} cannot do this"
        raise ConflictError(msg)
    before, delivery.state = delivery.state, state
    session.flush()
    if state in _TOLD:
        turns.give_to_agents(session, [delivery.ticket_id], now=now)
    elif before is DeliveryState.UNKNOWN:
        turns.give_to_participant(session, delivery, now=now)


def decide(session: Session, delivery: Delivery, step: Step, *, now: dt.datetime) -> None:
    """Go one step because a person wants it; raises ConflictError in words for them."""
    if next_state(delivery.state, step) is None:
        msg = f"the reply is {delivery.state} by now; look at the ticket again"
        raise ConflictError(msg)
    take(session, delivery, step, now=now)
