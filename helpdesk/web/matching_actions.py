"""What an agent says a claim means, and looking for that person by hand."""

import datetime as dt

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import clock
from helpdesk.accounts.models import SEARCH, Role
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError
from helpdesk.identity.types import Field
from helpdesk.matching import by_hand, choices
from helpdesk.matching.by_hand import Hit
from helpdesk.matching.choices import NOBODY
from helpdesk.tickets import history
from helpdesk.web import found_view
from helpdesk.web.actions import to_ticket
from helpdesk.web.claim import day_first, judge_again
from helpdesk.web.forms import number, text
from helpdesk.web.house import House, agent_of, house_of, render
from helpdesk.web.security import is_htmx, requires
from helpdesk.web.ticket import Opening, ticket_page
from helpdesk.web.trail import note

_DAMAGED = "this form is damaged; load the page again"


@requires(Role.AGENT)
def choose(request: Request) -> Response:
    """Take one of the candidates, a person found by hand, or nobody for whom a claim means."""
    ticket_id, claim_id = request.path_params["ticket_id"], request.path_params["claim_id"]
    house, now, agent_id = house_of(request), clock.now(), agent_of(request).id
    try:
        with house.database.transaction() as tx:
            kpj, how = _wanted(request, tx.session, house, ticket_id, claim_id)
            choice = choices.choose(tx.session, ticket_id, claim_id, kpj, agent_id, now)
            judge_again(tx, ticket_id, house, now)
            detail = {"claim": claim_id, "what": how, "overrules": choice.overrules}
            note(request, tx.session, "claim.choose", "ticket", ticket_id, **detail)
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), status=422))
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def take_back(request: Request) -> Response:
    """Take back the choice that counts; anybody may, as with a correction."""
    ticket_id, claim_id = request.path_params["ticket_id"], request.path_params["claim_id"]
    house, now = house_of(request), clock.now()
    try:
        with house.database.transaction() as tx:
            choices.take_back(tx.session, ticket_id, claim_id, now)
            judge_again(tx, ticket_id, house, now)
            note(request, tx.session, "claim.unchoose", "ticket", ticket_id, claim=claim_id)
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def search(request: Request) -> Response:
    """Look for whom a ticket may mean among all records, and note why and who was shown."""
    typed = {name: text(request, name)[:200] for name in (*Field, "kpj", "reason")}
    try:
        hits, problem, status = _search(request, typed), "", 200
    except InvalidError as error:
        hits, problem, status = [], str(error), 422
    except ConflictError as error:
        hits, problem, status = [], str(error), 409
    except ForbiddenError as error:
        hits, problem, status = [], str(error), 429
    return render(
        request,
        "_found.html" if is_htmx(request) else "found.html",
        status=status,
        ticket_id=number(request, "ticket"),
        claim_id=number(request, "claim"),
        people=found_view.people(hits, language=agent_of(request).language),
        problem=problem,
    )


def _wanted(
    request: Request, session: Session, house: House, ticket_id: int, claim_id: int
) -> tuple[str, str]:
    """Return the KPJ of whom the form names, and how it names them."""
    sent = text(request, "found")
    if sent:
        key = choices.key_from(house.settings.secret_key)
        kpj = by_hand.found(session, sent, key, agent_of(request).id, ticket_id)
        return kpj, "found"
    nobody = text(request, "person") == "none"
    person = None if nobody else number(request, "person")
    kpj = choices.candidate(session, claim_id, person, _moment(text(request, "matched_at")))
    return kpj, "candidate" if kpj != NOBODY else "nobody"


def _search(request: Request, typed: dict[str, str]) -> list[Hit]:
    house, now, agent_id = house_of(request), clock.now(), agent_of(request).id
    ticket_id = number(request, "ticket")
    facts = by_hand.checked_facts({each: day_first(each, typed[each]) for each in Field})
    kpj = by_hand.checked_kpj(typed["kpj"])
    reason = by_hand.checked_reason(text(request, "reason"), facts)
    key = choices.key_from(house.settings.secret_key)
    today = now.astimezone(house.replies.timezone).date()
    with house.database.transaction() as tx:
        history.head(tx.session, ticket_id)  # there is such a ticket
        most = house.settings.registry.searches_a_day
        by_hand.refuse_too_many(tx.session, agent_id, most, now)
        hits = by_hand.search(
            tx.session, facts, kpj, today=today, token_for=(key, agent_id, ticket_id)
        )
        note(
            *(request, tx.session, SEARCH, "ticket", ticket_id),
            reason=reason,
            fields=",".join([*facts, *(["kpj"] if kpj else [])]),
            shown=by_hand.shown_marks(key, hits),
        )
    return hits


def _moment(value: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidError(_DAMAGED) from error
    if moment.tzinfo is None:
        raise InvalidError(_DAMAGED)
    return moment
