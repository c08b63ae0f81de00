"""Callers and visitors: an agent opens their ticket, and asks them for their mother's name."""

import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock, i18n
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.ingest import intake
from helpdesk.ingest.formcheck import Problem
from helpdesk.replies import verification
from helpdesk.replies.verification import State
from helpdesk.web import form_words, standing
from helpdesk.web.actions import to_ticket
from helpdesk.web.claim import judge_again
from helpdesk.web.forms import text
from helpdesk.web.house import agent_of, house_of, language_of, render
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, ticket_page
from helpdesk.web.trail import note

FIELDS = (
    *("channel", "caller", "number", "full_name", "birth_place", "birth_date", "nik"),
    "question",
)


@requires(Role.AGENT)
def show_new(request: Request) -> Response:
    """Show the empty page for a call or a visit."""
    return _page(request, {"channel": request.query_params.get("channel", "phone")}, {})


@requires(Role.AGENT)
def open_new(request: Request) -> Response:
    """Open a ticket, look for records at once, and go to it: somebody is waiting."""
    house, now = house_of(request), clock.now()
    typed = {name: text(request, name) for name in FIELDS}
    visit, problems = intake.check(typed, today=now.astimezone(house.replies.timezone).date())
    if visit is None:
        return _page(request, typed, problems)
    with house.database.transaction() as tx:
        ticket_id = intake.open_visit(
            tx.session, visit, agent_of(request).id, nameless=secrets.token_hex(8), now=now
        )
        judge_again(tx, ticket_id, house, now)
        note(request, tx.session, "ticket.intake", "ticket", ticket_id, channel=visit.channel)
    return RedirectResponse(f"/tickets/{ticket_id}", status_code=303)


@requires(Role.AGENT)
def verify(request: Request) -> Response:
    """Compare the mother's name that was said with the one on record, which nobody sees."""
    ticket_id, house, now = request.path_params["ticket_id"], house_of(request), clock.now()
    try:
        with house.database.transaction() as tx:
            asked = verification.ask(
                tx.session, ticket_id, agent_of(request).id, text(request, "said"), now
            )
            judge_again(tx, ticket_id, house, now)
            passed = asked.state is State.PASSED
            note(request, tx.session, "ticket.verify", "ticket", ticket_id, passed=passed)
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), status=422))
    return to_ticket(request, ticket_id)


def _page(request: Request, typed: Mapping[str, str], problems: Mapping[str, Problem]) -> Response:
    gettext = i18n.translations(language_of(request)).gettext
    house = house_of(request)
    with house.database.reading() as session:
        stands = standing.read(session, house.settings, now=clock.now())
    return render(
        request,
        "intake.html",
        status=422 if problems else 200,
        typed=typed,
        problems=form_words.problems(problems, gettext),
        first=next(iter(problems), "" if typed.get("caller") else "caller"),
        words_of_nik=form_words.hints(gettext),
        standing=stands,
    )
