"""Note in the audit trail what the person behind a request does."""

from sqlalchemy.orm import Session
from starlette.requests import Request

from helpdesk import clock
from helpdesk.accounts import audit
from helpdesk.web.house import house_of


def note(
    request: Request,
    session: Session,
    action: str,
    subject_type: str,
    subject_id: int | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Add a line to the trail in the caller's writing transaction, as its last step.

    `detail` never holds a name, a NIK or a KPJ; ids, kinds and counts do.
    """
    agent = request.state.agent
    audit.record(
        session,
        key=house_of(request).audit_key,
        now=clock.now(),
        agent_id=agent.id if agent else None,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        detail=detail,
    )
