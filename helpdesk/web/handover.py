"""Replies that people send: the list, the numbered files, and what became of each."""

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from helpdesk.outbox import handover, handover_file, handover_queries
from helpdesk.outbox.handover_queries import HandoverView
from helpdesk.outbox.states import Step
from helpdesk.replies import service as replies
from helpdesk.tickets.kinds import Channel
from helpdesk.web import delivery_words, standing
from helpdesk.web.actions import to_ticket
from helpdesk.web.cover import cover
from helpdesk.web.forms import text
from helpdesk.web.house import agent_of, house_of, render
from helpdesk.web.reply import refuse_foreign
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, ticket_page
from helpdesk.web.trail import note

_KINDS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_SETTLED = {"failed": Step.FAIL, "unknown": Step.LOSE}


@requires(Role.AGENT, Role.AUDITOR)
def show_waiting(request: Request) -> Response:
    """List what waits to be sent by people, per channel, and the hand-overs so far."""
    now = clock.now()
    with house_of(request).database.reading() as session:
        waiting = handover_queries.waiting(session, now=now)
        taken = handover_queries.taken(session, now=now)
        made = handover_queries.handovers(session)
        stands = standing.read(session, house_of(request).settings, now=now)
    channels = [each for each in Channel if any(row.channel is each for row in waiting)]
    return render(
        request,
        "handover.html",
        groups=[(each, [row for row in waiting if row.channel is each]) for each in channels],
        taken=taken,
        made=made,
        cover=cover,
        empty=request.query_params.get("empty") == "1",
        standing=stands,
        now=now,
    )


@requires(Role.AGENT)
def make(request: Request) -> Response:
    """Take all that waits on a channel into a numbered hand-over; its page offers the file."""
    house, now, wanted = house_of(request), clock.now(), text(request, "channel")
    if wanted not in set(Channel):
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    with house.database.transaction() as tx:
        handed = handover.hand(
            tx.session,
            house.blobs,
            Channel(wanted),
            agent_of(request).id,
            may_leave=lambda delivery_id: replies.still_valid(tx.session, delivery_id),
            now=now,
        )
        for delivery_id in handed.stopped:
            note(request, tx.session, "delivery.stop", "delivery", delivery_id)
        if handed.number is not None:
            count = len(handed.delivery_ids)
            note(request, tx.session, "handover.make", "handover", handed.number, replies=count)
    if handed.number is None:
        return RedirectResponse("/handover?empty=1", status_code=303)
    return RedirectResponse(f"/handover/{handed.number}", status_code=303)


@requires(Role.AGENT, Role.AUDITOR)
def show_one(request: Request) -> Response:
    """Show a hand-over: its files, and what became of each of its replies."""
    number, now = request.path_params["number"], clock.now()
    with house_of(request).database.reading() as session:
        made = _made(session, number)
        return render(
            request,
            "handover_one.html",
            made=made,
            rows=handover_queries.replies_of(session, number, now=now),
            words_of={state: delivery_words.of(state) for state in delivery_words.STATES},
            may_download=_may_download(request, made),
            cover=cover,
            standing=standing.read(session, house_of(request).settings, now=now),
        )


@requires(Role.AGENT)
def download(request: Request) -> Response:
    """Give out a hand-over's file, the same bytes each time, to who made it or a supervisor.

    Raises:
        ForbiddenError: it is somebody else's.
        NotFoundError: there is no such hand-over.
    """
    number, kind = request.path_params["number"], request.path_params["kind"]
    house = house_of(request)
    if kind not in _KINDS:
        msg = "there is no such file"
        raise NotFoundError(msg)
    with house.database.transaction() as tx:
        made = _made(tx.session, number)
        if not _may_download(request, made):
            msg = "only a supervisor may download what somebody else was given"
            raise ForbiddenError(msg)
        content = handover.file(tx.session, house.blobs, number)
        note(request, tx.session, "handover.download", "handover", number, what=kind)
    if kind == "csv":
        content = handover_file.to_csv(content)
    name = f"serah-terima-{number}-{made.channel}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_KINDS[kind], headers=headers)


@requires(Role.AGENT)
def mark_all(request: Request) -> Response:
    """Mark what is still open of a hand-over as sent."""
    number = request.path_params["number"]
    with house_of(request).database.transaction() as tx:
        marked = handover.mark_all_sent(tx.session, number, now=clock.now())
        note(request, tx.session, "handover.sent", "handover", number, replies=len(marked))
    return RedirectResponse(f"/handover/{number}", status_code=303)


@requires(Role.AGENT)
def settle(request: Request) -> Response:
    """Say what became of one reply: sent, not sent after all, failed, or nobody knows."""
    ticket_id, delivery_id = request.path_params["ticket_id"], request.path_params["delivery_id"]
    what, back = text(request, "what"), text(request, "back")
    try:
        with house_of(request).database.transaction() as tx:
            refuse_foreign(_settle(request, tx.session, delivery_id, what), ticket_id)
            note(
                request, tx.session, f"delivery.{what}", "ticket", ticket_id, delivery=delivery_id
            )
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    if back.isascii() and back.isdecimal():
        return RedirectResponse(f"/handover/{int(back[:9])}", status_code=303)
    return to_ticket(request, ticket_id)


def _settle(request: Request, session: Session, delivery_id: int, what: str) -> int:
    now = clock.now()
    if what == "sent":
        return handover.mark_sent(session, delivery_id, agent_of(request).id, now=now)
    if what == "unsent":
        return handover.unmark(session, delivery_id, now=now)
    if what in _SETTLED:
        why = text(request, "why")
        return handover.settle(session, delivery_id, _SETTLED[what], why=why, now=now)
    msg = "this form is damaged; load the page again"
    raise InvalidError(msg)


def _made(session: Session, number: int) -> HandoverView:
    found = handover_queries.handovers(session, number)
    if not found:
        msg = "there is no such hand-over"
        raise NotFoundError(msg)
    return found[0]


def _may_download(request: Request, made: HandoverView) -> bool:
    agent = agent_of(request)
    return made.agent_id == agent.id or agent.role in {Role.SUPERVISOR, Role.ADMIN}
