"""What an agent does to a ticket as such. A collision shows the page with what happened."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.tickets import service
from helpdesk.web.forms import number, text
from helpdesk.web.house import agent_of, house_of
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, ticket_page, view_query
from helpdesk.web.trail import note


@requires(Role.AGENT)
def assign(request: Request) -> Response:
    """Give the ticket to somebody, or back to the queue."""
    to = None if text(request, "to") == "nobody" else number(request, "to")
    version, now = number(request, "version"), clock.now()
    return _do(
        request,
        "ticket.assign",
        lambda session, ticket_id: service.assign(session, ticket_id, version, to, now),
        to=to,
    )


@requires(Role.AGENT)
def close(request: Request) -> Response:
    """Close the ticket without a reply."""
    return _move(request, "ticket.close", service.close)


@requires(Role.AGENT)
def reopen(request: Request) -> Response:
    """Make it our turn again."""
    return _move(request, "ticket.reopen", service.reopen)


@requires(Role.AGENT)
def mark_spam(request: Request) -> Response:
    """Set the ticket aside."""
    return _move(request, "ticket.spam", service.mark_spam)


@requires(Role.AGENT)
def write_note(request: Request) -> Response:
    """Add an internal note; one that cannot be kept stays in its field."""
    ticket_id, body = request.path_params["ticket_id"], text(request, "body")
    agent_id, now = agent_of(request).id, clock.now()
    try:
        with house_of(request).database.transaction() as tx:
            service.note(tx.session, ticket_id, agent_id, body, now)
            note(request, tx.session, "ticket.note", "ticket", ticket_id)
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), note=body, status=422))
    return to_ticket(request, ticket_id)


def to_ticket(request: Request, ticket_id: int) -> Response:
    """Go back to the ticket's page."""
    return RedirectResponse(f"/tickets/{ticket_id}{view_query(request)}", status_code=303)


def _move(
    request: Request, action: str, step: Callable[[Session, int, int, dt.datetime], None]
) -> Response:
    version, now = number(request, "version"), clock.now()
    return _do(request, action, lambda session, ticket_id: step(session, ticket_id, version, now))


def _do(
    request: Request,
    action: str,
    step: Callable[[Session, int], None],
    **detail: int | None,
) -> Response:
    ticket_id = request.path_params["ticket_id"]
    try:
        with house_of(request).database.transaction() as tx:
            step(tx.session, ticket_id)
            note(request, tx.session, action, "ticket", ticket_id, **detail)
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    return to_ticket(request, ticket_id)
