"""A fact corrected by selecting it in a message, and that taken back."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

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
from helpdesk.matching.corrections import Before, Change, Place, Touched
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
_DAMAGED = "this form is damaged; load the page again"
_MOST_CHANGES = 200  # as many as a selection has characters
# What several people may share; the same words are then a fact of each.
_SHARED = frozenset({Field.BIRTH_PLACE, Field.BIRTH_DATE})


@dataclass(frozen=True, slots=True)
class _Done:
    """What was done, for the trail, and how it can be taken back."""

    action: str
    fields: Iterable[Field]
    undo: Undo | None = None


_Deed: TypeAlias = Callable[[Request, Session, int, dt.datetime], _Done]


@requires(Role.AGENT)
def correct(request: Request) -> Response:
    """Take the characters an agent selected for the fact they named, or for none."""
    return _do(request, _correct)


@requires(Role.AGENT)
def take_back(request: Request) -> Response:
    """Put back what stood before a correction that was just made."""
    return _do(request, _take_back)


def _do(request: Request, deed: _Deed) -> Response:
    ticket_id, house, now = request.path_params["ticket_id"], house_of(request), clock.now()
    try:
        with house.database.transaction() as tx:
            _refuse_changed(tx.session, ticket_id, text(request, "facts"))
            done = deed(request, tx.session, ticket_id, now)
            judge_again(tx, ticket_id, house, now)
            fields = ",".join(dict.fromkeys(done.fields))
            note(request, tx.session, done.action, "ticket", ticket_id, fields=fields)
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), status=422))
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    return ticket_page(request, ticket_id, Opening(undo=done.undo))


def _correct(request: Request, session: Session, ticket_id: int, now: dt.datetime) -> _Done:
    house = house_of(request)
    place = Place(number(request, "message"), number(request, "start"), number(request, "end"))
    changes = _changes(request, session, ticket_id, place, now)
    befores = corrections.correct(
        *(session, ticket_id, changes, agent_of(request).id, now),
        keep=house.settings.identity.keep_corrections,
    )
    undo = Undo(changes[0].field, bool(changes[0].value), msgspec.json.encode(befores).decode())
    return _Done("claim.correct", [each.field for each in changes], undo)


def _take_back(request: Request, session: Session, ticket_id: int, _now: dt.datetime) -> _Done:
    befores = _befores(text(request, "before"))
    fields = corrections.take_back(session, ticket_id, befores, agent_of(request).id)
    return _Done("claim.undo", fields)


def _changes(
    request: Request, session: Session, ticket_id: int, place: Place, now: dt.datetime
) -> list[Change]:
    """Return what the selection changes: the fact chosen first, then what it shows as wrong."""
    said = corrections.text_at(session, ticket_id, place)
    touched = corrections.touched(session, ticket_id, place)
    if text(request, "field") == NOT_DATA:
        if not touched:
            msg = "nothing that was read stands there"
            raise InvalidError(msg)
        return [Change(each.claim_id, each.field, "", each.place) for each in touched]
    field = _field(request)
    today = now.astimezone(house_of(request).replies.timezone).date()
    found = selection.read(field, said, today=today)
    narrow = Place(place.message_id, place.start + found.start, place.start + found.end)
    chosen = Change(_claim(request, session, ticket_id, now), field, found.value, narrow)
    return [
        chosen,
        *(
            Change(each.claim_id, each.field, "", each.place)
            for each in touched
            if _gives_way(each, chosen, narrow)
        ),
    ]


def _gives_way(each: Touched, chosen: Change, place: Place) -> bool:
    """Tell whether a fact's words are now another fact, or the same of somebody else."""
    if (each.claim_id, each.field) == (chosen.claim_id, chosen.field):
        return False  # it is the one that is set
    if not place.start <= each.place.start <= each.place.end <= place.end:
        return False
    return each.field is not chosen.field or each.field not in _SHARED


def _claim(request: Request, session: Session, ticket_id: int, now: dt.datetime) -> int:
    """Return whose fact it is; a new claim for somebody the page does not know yet."""
    if text(request, "claim") in {"", SOMEBODY_ELSE}:
        return corrections.add_claim(session, ticket_id, now)
    return number(request, "claim")


def _field(request: Request) -> Field:
    wanted = text(request, "field")
    if wanted not in set(Field):
        raise InvalidError(_DAMAGED)
    return Field(wanted)


def _refuse_changed(session: Session, ticket_id: int, seen: str) -> None:
    """Lock the ticket, so that two who correct at once take turns, and compare."""
    session.execute(select(Ticket.id).where(Ticket.id == ticket_id).with_for_update())
    if facts_version(stated(session, ticket_id)) != seen:
        msg = "the claim changed since you opened it; compare, then save again"
        raise ConflictError(msg)


def _befores(sent: str) -> tuple[Before, ...]:
    """Read what our own page carried; whoever sends another may correct facts anyway."""
    try:
        found = msgspec.json.decode(sent, type=tuple[Before, ...])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidError(_DAMAGED) from error
    fits = all(0 <= one <= LARGEST for each in found for one in _numbers(each))
    if not fits or len(found) > _MOST_CHANGES:
        raise InvalidError(_DAMAGED)
    return found


def _numbers(before: Before) -> tuple[int, ...]:
    place = before.place or Place(0, 0, 0)
    return (
        *(before.claim_id, before.correction_id or 0),
        *(place.message_id, place.start, place.end),
    )
