"""The ticket page: what was said, who it may be, what may be answered."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import clock, i18n
from helpdesk.accounts.models import Role
from helpdesk.accounts.queries import assignable
from helpdesk.identity.types import Field
from helpdesk.matching.chosen import chosen_of
from helpdesk.matching.queries import claims_of
from helpdesk.photos.queries import photos_of
from helpdesk.replies import queries as replies
from helpdesk.replies import verification
from helpdesk.tickets import history, queries, states
from helpdesk.tickets.history import TicketHead
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.queries import View
from helpdesk.web import (
    candidate_view,
    chat_words,
    conversation,
    photo_view,
    reply_view,
    sending_view,
    standing,
    way_view,
)
from helpdesk.web.claim_view import Typed, facts_version_of, panes
from helpdesk.web.cover import cover
from helpdesk.web.house import agent_of, house_of, render
from helpdesk.web.security import requires
from helpdesk.web.trail import note

_CHOICES = frozenset({"claim.choose", "look.disagree"})  # lines that a choice leaves
REVEAL_S = 60  # numbers cover themselves again; a person who needs longer reveals again


@dataclass(frozen=True, slots=True)
class Undo:
    """A correction that can be taken back: of which fact, whether it is stated, what stood."""

    field: Field
    stated: bool
    before: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What of a ticket is open beyond the usual, and what went wrong before.

    `what` is "" or "numbers", "claim", "draft", "send"; `text` is a reply that could not be saved,
    `note` a note that could not, `claim` the facts of one; `undo` is what was just corrected.
    """

    what: str = ""
    conflict: str = ""
    problem: str = ""
    text: str | None = None
    note: str = ""
    claim: Typed | None = None
    undo: Undo | None = None
    status: int = 200


@requires(Role.AGENT, Role.AUDITOR)
def show_ticket(request: Request) -> Response:
    """Show a ticket with its numbers covered."""
    return ticket_page(request, request.path_params["ticket_id"], Opening())


@requires(Role.AGENT, Role.AUDITOR)
def open_up(request: Request) -> Response:
    """Show a ticket with its numbers revealed, or with its claim or draft open to be edited."""
    what = str(request.state.form.get("what", ""))
    if what not in {"claim", "draft", "send"} or agent_of(request).role is Role.AUDITOR:
        what = "numbers"
    return ticket_page(request, request.path_params["ticket_id"], Opening(what))


def ticket_page(request: Request, ticket_id: int, opening: Opening) -> Response:
    """Note that the ticket is looked at and render its page, also after something was refused.

    Raises:
        NotFoundError: there is no such ticket.
    """
    house, agent, now = house_of(request), agent_of(request), clock.now()
    view = _view(request)
    revealed = bool(opening.what)
    with house.database.reading() as session:
        ticket = history.head(session, ticket_id)
        messages = history.messages(session, ticket_id)
        found = claims_of(session, ticket_id)
        if opening.what != "claim":  # there, an empty one is to be filled in
            found = [claim for claim in found if claim.facts]
        told = replies.told(session, ticket_id)
        photos = photos_of(session, ticket_id)
        context = {
            "ticket": replace(ticket, contact_name=cover(ticket.contact_name)),
            "related": [
                replace(each, subject=cover(each.subject))
                for each in history.related(session, ticket)
            ],
            "people": assignable(session),
            "standing": standing.read(session, house.settings, now=now),
            **_neighbours(session, view, agent.id, ticket, now),
        }
        spoken = ticket.channel.is_spoken
        asked = verification.standing(session, ticket_id, now) if spoken else None
        events = history.events(session, ticket_id)
        chose = any(each.action in _CHOICES for each in events)
        chosen = chosen_of(session, ticket_id) if chose else {}
        sending = sending_view.read(
            session, house.blobs, ticket, told.deliveries, revealed=revealed, now=now
        )
    _note_look(request, ticket_id, opening)
    may_act = agent.role is not Role.AUDITOR
    return render(
        request,
        "ticket.html",
        status=opening.status,
        subject=ticket.subject if revealed else cover(ticket.subject),
        subject_pieces=conversation.subject(
            ticket.subject, found, language=agent.language, revealed=revealed
        ),
        stream=conversation.stream(
            messages,
            events,
            found,
            told.deliveries,
            channel=ticket.channel,
            language=agent.language,
            revealed=revealed,
        ),
        claims=panes(found, language=agent.language, revealed=revealed, typed=opening.claim),
        choices={
            each.id: candidate_view.choice_line(each, chosen[each.id])
            for each in found
            if each.id in chosen
        },
        facts_version=facts_version_of(found),
        corrected=opening.undo,
        facts_typed=opening.claim is not None,
        photos=photo_view.pane(photos, found, house.settings, revealed=revealed),
        asked=asked,
        opened=opening.what,
        cover_at=now + dt.timedelta(seconds=REVEAL_S),
        conflict=opening.conflict,
        conflict_with=_explain(events, now, agent.language) if opening.conflict else "",
        problem=opening.problem,
        note_text=opening.note,
        may_act=may_act,
        may_reveal=True,
        may_write=may_act and ticket.status is TicketStatus.WAITING_AGENT,
        chat_words=chat_words,
        revealed=revealed,
        moves={then.value for then in TicketStatus if states.may_become(ticket.status, then)},
        from_view=view_query(request),
        **reply_view.context(
            told,
            ticket,
            messages,
            way_view.pane(
                ticket,
                messages,
                told.draft.situation if told.draft else "",
                house.replies.direct,
                own_address=house.replies.care_address,
                gettext=i18n.translations(agent.language).gettext,
                now=now,
            ),
            sending,
            agent,
            revealed=revealed,
            editing=opening.what == "draft",
            typed=opening.text,
            now=now,
        ),
        **context,
    )


def _note_look(request: Request, ticket_id: int, opening: Opening) -> None:
    """Whatever leads to a page of a ticket leaves its line in the trail, before it is shown."""
    with house_of(request).database.transaction() as tx:
        if opening.what:
            note(request, tx.session, "ticket.reveal", "ticket", ticket_id, what=opening.what)
        else:
            note(request, tx.session, "ticket.view", "ticket", ticket_id)


def view_query(request: Request) -> str:
    """Return what keeps the next page in the view the agent works through."""
    view = _view(request)
    return f"?view={view}" if view is not View.WAITING else ""


def _view(request: Request) -> View:
    wanted = request.query_params.get("view", "")
    return View(wanted) if wanted in set(View) else View.WAITING


def _neighbours(
    session: Session, view: View, agent_id: int, ticket: TicketHead, now: dt.datetime
) -> dict[str, int | None]:
    at = ticket.window_ends_at if view is View.CLOSING else ticket.waiting_since
    ticket_id = ticket.id
    if at is None or ticket.status is not TicketStatus.WAITING_AGENT:
        # It has left the view: the next one is the view's first.
        at, ticket_id = dt.datetime.fromtimestamp(0, tz=dt.UTC), 0
    before, after = queries.neighbours(
        session, view, agent_id=agent_id, now=now, at=at, ticket_id=ticket_id
    )
    return {"before": before, "after": None if after == ticket.id else after}


def _explain(events: list[history.EventView], now: dt.datetime, language: str) -> str:
    """Say who did what last, as that is what the agent collided with."""
    if not events:
        return ""
    last = events[-1]
    said = conversation.say(last, i18n.translations(language).gettext)
    minutes = max(int((now - last.at).total_seconds()) // 60, 0)
    return f"{said} · {last.agent_name or ''} · {minutes} min"
