"""What an agent corrects in a claim; candidates and draft follow at once."""

import datetime as dt
import re
import secrets

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.db import Transaction
from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.identity.types import Field
from helpdesk.matching import corrections, second_look
from helpdesk.matching import service as matching
from helpdesk.matching.corrections import Change
from helpdesk.matching.models import ClaimRow, FactRow
from helpdesk.replies import service as replies
from helpdesk.tickets.models import Ticket
from helpdesk.web.actions import to_ticket
from helpdesk.web.claim_view import Typed, version
from helpdesk.web.forms import text
from helpdesk.web.house import House, agent_of, house_of
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, ticket_page
from helpdesk.web.trail import note

_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_MAX_CHARS = 200
_DICE = secrets.SystemRandom().random


@requires(Role.AGENT)
def correct(request: Request) -> Response:
    """Keep what the agent changed, and work out candidates and draft again."""
    ticket_id, claim_id = request.path_params["ticket_id"], request.path_params["claim_id"]
    house, now = house_of(request), clock.now()
    typed = Typed(claim_id, {field: text(request, field.value)[:_MAX_CHARS] for field in Field})
    try:
        entered = {field: _entered(field, text(request, field.value)) for field in Field}
        with house.database.transaction() as tx:
            before = _stated(tx, ticket_id, claim_id)
            _refuse_changed(before, text(request, "version"))
            changed = [each for each in Field if entered[each] != before.get(each, "")]
            if changed:
                changes = [Change(claim_id, each, entered[each]) for each in changed]
                corrections.correct(
                    *(tx.session, ticket_id, changes, agent_of(request).id, now),
                    keep=house.settings.identity.keep_corrections,
                )
                judge_again(tx, ticket_id, house, now)
            fields = ",".join(changed)
            note(request, tx.session, "claim.correct", "ticket", ticket_id, fields=fields)
    except InvalidError as error:
        opening = Opening("claim", problem=str(error), claim=typed, status=422)
        return ticket_page(request, ticket_id, opening)
    except ConflictError as error:
        opening = Opening("claim", conflict=str(error), claim=typed, status=409)
        return ticket_page(request, ticket_id, opening)
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def add(request: Request) -> Response:
    """Begin a claim by hand, where none was found, and open it to be filled in."""
    ticket_id = request.path_params["ticket_id"]
    with house_of(request).database.transaction() as tx:
        corrections.add_claim(tx.session, ticket_id, clock.now())
        note(request, tx.session, "claim.correct", "ticket", ticket_id, fields="")
    return ticket_page(request, ticket_id, Opening("claim"))


def _refuse_changed(now: dict[Field, str], seen: str) -> None:
    if version(now) != seen:
        msg = "the claim changed since you opened it; compare, then save again"
        raise ConflictError(msg)


def judge_again(tx: Transaction, ticket_id: int, house: House, now: dt.datetime) -> None:
    """Work out claims, candidates and draft of a ticket at once, while somebody waits for it."""
    today = now.astimezone(house.replies.timezone).date()
    conf = house.replies.policy.matching
    second_look.save(
        tx.session,
        matching.assess(tx.session, [ticket_id], today=today, limits=conf.thresholds),
        share=conf.second_look,
        dice=_DICE,
        now=now,
    )
    drafts = replies.prepare(tx.session, [ticket_id], house.replies, now=now)
    replies.save(tx.session, drafts, now=now)


def _stated(tx: Transaction, ticket_id: int, claim_id: int) -> dict[Field, str]:
    """Return the facts as they are, with the ticket locked: two who save at once take turns."""
    tx.session.execute(select(Ticket.id).where(Ticket.id == ticket_id).with_for_update())
    if tx.session.scalar(
        select(ClaimRow.ticket_id).where(ClaimRow.id == claim_id)
    ) != ticket_id:  # fmt: skip
        msg = "this ticket has no such claim any more; load the page again"
        raise NotFoundError(msg)
    rows = tx.session.execute(
        select(FactRow.field, FactRow.value).where(FactRow.claim_id == claim_id)
    )
    return {row.field: row.value for row in rows}


def _entered(field: Field, value: str) -> str:
    value = " ".join(value.replace("\x00", "").split())[:_MAX_CHARS]
    if field is Field.NIK:
        return re.sub(r"(?<=\d)[ .\-](?=\d)", "", value)
    return day_first(field, value)


def day_first(field: Field, value: str) -> str:
    """Write a date as it is stored; what is none is left for `corrections` to refuse."""
    if field is not Field.BIRTH_DATE:
        return value
    found = _DAY_FIRST.fullmatch(value)
    if not found:
        return value
    day, month, year = map(int, found.groups())
    return f"{year:04d}-{month:02d}-{day:02d}"
