"""What an agent does with a reply: write it, choose a macro, approve it, take it back."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import clock, jobs
from helpdesk.accounts.models import Agent, Role
from helpdesk.errors import ConflictError, ForbiddenError, HelpdeskError, InvalidError
from helpdesk.jobs import Job
from helpdesk.outbox import service as outbox
from helpdesk.replies import elsewhere
from helpdesk.replies import service as replies
from helpdesk.replies.models import Draft
from helpdesk.tickets.models import Ticket
from helpdesk.web.actions import to_ticket
from helpdesk.web.forms import chosen, number, text
from helpdesk.web.house import agent_of, house_of
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, ticket_page
from helpdesk.web.trail import note


@requires(Role.AGENT)
def save_draft(request: Request) -> Response:
    """Keep what the agent wrote as the draft."""
    ticket_id = request.path_params["ticket_id"]
    version, now = number(request, "version"), clock.now()
    try:
        with house_of(request).database.transaction() as tx:
            replies.edit(
                tx.session, ticket_id, version, text(request, "body"), agent_of(request).id, now
            )
            note(request, tx.session, "draft.edit", "ticket", ticket_id)
    except (ConflictError, InvalidError) as error:
        return _refused(request, ticket_id, error)
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def use_macro(request: Request) -> Response:
    """Replace the draft by another macro or another language."""
    ticket_id = request.path_params["ticket_id"]
    situation, language = text(request, "situation"), text(request, "language")
    house, now = house_of(request), clock.now()
    try:
        with house.database.transaction() as tx:
            kept = _seen(tx.session, ticket_id, number(request, "version"))
            replies.use_macro(
                tx.session,
                ticket_id,
                situation,
                language or (kept.language if kept else "id"),
                agent_of(request).id,
                house.replies,
                now,
            )
            note(request, tx.session, "draft.macro", "ticket", ticket_id)
    except (ConflictError, InvalidError) as error:
        return _refused(request, ticket_id, error)
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def approve(request: Request) -> Response:
    """Approve the reply as the agent sees it: what was typed is saved first."""
    ticket_id = request.path_params["ticket_id"]
    try:
        _approve(request, ticket_id, number(request, "version"), clock.now())
    except (ConflictError, InvalidError, ForbiddenError) as error:
        return _refused(request, ticket_id, error)
    return to_ticket(request, ticket_id)


@requires(Role.SUPERVISOR)
def refuse(request: Request) -> Response:
    """Say no as the second person; a reason that cannot be kept as meant stays in the note."""
    ticket_id, reason = request.path_params["ticket_id"], text(request, "reason")
    try:
        with house_of(request).database.transaction() as tx:
            agent = tx.session.get_one(Agent, agent_of(request).id)
            version, now = number(request, "version"), clock.now()
            replies.reject(tx.session, ticket_id, version, agent, reason, now=now)
            note(request, tx.session, "draft.refuse", "ticket", ticket_id, version=version)
    except ConflictError as error:
        opening = Opening(conflict=str(error), note=reason, status=409)
        return ticket_page(request, ticket_id, opening)
    except InvalidError as error:
        opening = Opening(problem=str(error), note=reason, status=422)
        return ticket_page(request, ticket_id, opening)
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def answer_elsewhere(request: Request) -> Response:
    """Answer by e-mail at an address the participant wrote, or on their channel after all."""
    ticket_id, address = request.path_params["ticket_id"], text(request, "address")
    version, house = number(request, "version"), house_of(request)
    try:
        with house.database.transaction() as tx:
            elsewhere.choose(
                tx.session, ticket_id, version, address or None, house.replies, clock.now()
            )
            note(request, tx.session, "draft.elsewhere", "ticket", ticket_id, mail=bool(address))
    except (ConflictError, InvalidError) as error:
        return _refused(request, ticket_id, error)
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def undo(request: Request) -> Response:
    """Take back a reply that has not left yet."""
    ticket_id, delivery_id = request.path_params["ticket_id"], request.path_params["delivery_id"]
    try:
        with house_of(request).database.transaction() as tx:
            refuse_foreign(outbox.cancel(tx.session, delivery_id, now=clock.now()), ticket_id)
            note(request, tx.session, "delivery.cancel", "ticket", ticket_id, delivery=delivery_id)
    except ConflictError as error:
        return _refused(request, ticket_id, error)
    return to_ticket(request, ticket_id)


def refuse_foreign(owner: int, ticket_id: int) -> None:
    """Raise ConflictError if the ticket that a delivery belongs to is not this one."""
    if owner != ticket_id:
        msg = "this reply belongs to another ticket"
        raise ConflictError(msg)


def _approve(request: Request, ticket_id: int, version: int, now: dt.datetime) -> None:
    house, typed = house_of(request), text(request, "body")
    with house.database.transaction() as tx:
        kept = _seen(tx.session, ticket_id, version)
        agent = tx.session.get_one(Agent, agent_of(request).id)
        if kept is not None and typed and typed.strip() != kept.body.strip():
            version = replies.edit(tx.session, ticket_id, version, typed, agent.id, now)
            note(request, tx.session, "draft.edit", "ticket", ticket_id)
        approved = replies.approve(
            tx.session,
            ticket_id,
            version,
            agent,
            house.replies,
            confirm=chosen(request, "confirm"),
            now=now,
        )
        if approved.delivery_id is not None and not approved.by_hand:
            jobs.enqueue(
                tx, Job.SEND, [approved.delivery_id], now=now, delay_s=house.replies.undo_s
            )
        note(
            request,
            tx.session,
            "draft.approve",
            "ticket",
            ticket_id,
            version=version,
            delivery=approved.delivery_id,
        )


def _seen(session: Session, ticket_id: int, version: int) -> Draft | None:
    """Return the draft if it is still the one the agent saw; version 0 means there was none.

    Agents who change one draft at once take turns here, so that what the later one compares is
    what the earlier one left.
    """
    session.execute(select(Ticket.id).where(Ticket.id == ticket_id).with_for_update())
    kept = session.scalar(select(Draft).where(Draft.ticket_id == ticket_id).with_for_update())
    if (kept.version if kept else 0) != version:
        msg = "the draft changed since you opened it; look at it again before you decide"
        raise ConflictError(msg)
    return kept


def _refused(request: Request, ticket_id: int, error: HelpdeskError) -> Response:
    """Show the page with what is in the way, and with the agent's own words kept."""
    typed = text(request, "body") or None
    if isinstance(error, ConflictError):
        opening = Opening(conflict=str(error), text=typed, status=409)
    else:
        status = 403 if isinstance(error, ForbiddenError) else 422
        opening = Opening(problem=str(error), text=typed, status=status)
    return ticket_page(request, ticket_id, opening)
