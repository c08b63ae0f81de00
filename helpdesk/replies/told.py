"""Which numbers were disclosed to whom: people said yes to them, so the matcher may learn."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies.models import Approval


def told(session: Session) -> dict[int, str]:
    """Return one KPJ of the participant a ticket's newest sent reply told of, by ticket."""
    rows = session.execute(
        select(Approval.ticket_id, Approval.evidence)
        .join(Delivery, Delivery.id == Approval.delivery_id)
        .where(Delivery.state == DeliveryState.SENT)
        .order_by(Approval.id)
    )
    return {
        ticket_id: min(evidence["records"])
        for ticket_id, evidence in rows
        if evidence.get("records")
    }
