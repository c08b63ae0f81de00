"""A fact corrected by selecting it in a message, and that taken back."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.identity.types import Field
from helpdesk.matching import corrections, selection
from helpdesk.matching.corrections import Before, Change, Place
from helpdesk.matching.queries import stated
from helpdesk.tickets.models import Ticket
from helpdesk.web.claim import judge_again
from helpdesk.web.claim_view import facts_version
from helpdesk.web.forms import LARGEST, number, text
from helpdesk.web.house import agent_of, house_of
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, Undo, ticket_page
from helpdesk.web.trail import note

NOT_DATA, SOMEBODY_ELSE = "none", "new"
# What several people may share; the same words are then a fact of each.
_SHARED = frozenset({Field.BIRTH_PLACE, Field.BIRTH_DATE})


@requires(Role.AGENT)
def correct(request: Request) -> Response:
    """Take the characters an agent selected for the fact they named, or for none."""
    ticket_id, house, now = request.path_params["ticket_id"], house_of(request), clock.now()
    try:
        place = Place(number(request, "message"), number(request, "start"), number(request, "end"))
        with house.database.transaction() as tx:
            _refuse_changed(tx.session, ticket_id, text(request, "facts"))
            changes = _changes(request, tx.session, ticket_id, place)
            befores = corrections.correct(
                *(tx.session, ticket_id, changes, agent_of(request).id, now),
                keep=house.settings.identity.keep_corrections,
            )
            judge_again(tx, ticket_id, house, now)
            fields = ",".join(dict.fromkeys(each.field for each in changes))
            note(request, tx.session, "claim.correct", "ticket", ticket_id, fields=fields)
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), status=422))
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    undo = Undo(changes[0].field, bool(changes[0].value), msgspec.json.encode(befores).decode())
    return ticket_page(request, ticket_id, Opening(undo=undo))


@requires(Role.AGENT)
def take_back(request: Request) -> Response:
    """Put back what stood before a correction that was just made."""
    ticket_id, house, now = request.path_params["ticket_id"], house_of(request), clock.now()
    try:
        befores = _befores(text(request, "before"))
        with house.database.transaction() as tx:
            _refuse_changed(tx.session, ticket_id, text(request, "facts"))
            fields = corrections.take_back(tx.session, ticket_id, befores, agent_of(request).id)
            judge_again(tx, ticket_id, house, now)
            said = ",".join(dict.fromkeys(fields))
            note(request, tx.session, "claim.undo", "ticket", ticket_id, fields=said)
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), status=422))
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    return ticket_page(request, ticket_id, Opening())


def _changes(request: Request, session: Session, ticket_id: int, place: Place) -> list[Change]:
    """Return what the selection changes: the fact chosen first, then what it shows as wrong."""
    said = corrections.text_at(session, ticket_id, place)
    touched = corrections.touched(session, ticket_id, place)
    if text(request, "field") == NOT_DATA:
        if not touched:
            msg = "nothing that was read stands there"
            raise InvalidError(msg)
        return [Change(each.claim_id, each.field, "", each.place) for each in touched]
    field = _field(request)
    today = clock.now().astimezone(house_of(request).replies.timezone).date()
    found = selection.read(field, said, today=today)
    narrow = Place(place.message_id, place.start + found.start, place.start + found.end)
    claim_id = _claim(request, session, ticket_id)
    others = [
        Change(each.claim_id, each.field, "", each.place)
        for each in touched
        if (each.claim_id, each.field) != (claim_id, field)
        and narrow.start <= each.place.start
        and each.place.end <= narrow.end
        and not (each.field is field and field in _SHARED)
    ]
    return [Change(claim_id, field, found.value, narrow), *others]


def _claim(request: Request, session: Session, ticket_id: int) -> int:
    """Return whose fact it is; a new claim for somebody the page does not know yet."""
    if text(request, "claim") in {"", SOMEBODY_ELSE}:
        return corrections.add_claim(session, ticket_id, clock.now())
    return number(request, "claim")


def _field(request: Request) -> Field:
    wanted = text(request, "field")
    if wanted not in set(Field):
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    return Field(wanted)


def _refuse_changed(session: Session, ticket_id: int, seen: str) -> None:
    """Lock the ticket, so that two who correct at once take turns, and compare."""
    session.execute(select(Ticket.id).where(Ticket.id == ticket_id).with_for_update())
    if facts_version(stated(session, ticket_id)) != seen:
        msg = "the claim changed since you opened it; compare, then save again"
        raise ConflictError(msg)


def _befores(sent: str) -> tuple[Before, ...]:
    """Read what our own page carried; whoever sends another may correct facts anyway."""
    msg = "this form is damaged; load the page again"
    try:
        found = msgspec.json.decode(sent, type=tuple[Before, ...])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidError(msg) from error
    if not all(0 <= number <= LARGEST for each in found for number in _numbers(each)):
        raise InvalidError(msg)
    return found


def _numbers(before: Before) -> tuple[int, ...]:
    place = before.place or Place(0, 0, 0)
    return (
        *(before.claim_id, before.correction_id or 0),
        *(place.message_id, place.start, place.end),
    )
