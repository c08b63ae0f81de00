"""A second look: whom a claim means, judged by somebody who sees neither score nor order."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.identity.types import Field
from helpdesk.matching import choices, second_look
from helpdesk.matching.records import record
from helpdesk.matching.second_look import Shown
from helpdesk.matching.types import Level, RegistryRecord
from helpdesk.web import standing
from helpdesk.web.candidate_view import KpjLine, kpj_line
from helpdesk.web.house import agent_of, house_of, language_of, render
from helpdesk.web.security import requires
from helpdesk.web.side_by_side import Compared, Line, side_by_side
from helpdesk.web.trail import note


@dataclass(frozen=True, slots=True)
class PersonShown:
    """One person to be judged: what was stated beside their record, and their numbers."""

    mark: str
    name: str
    lines: tuple[Line, ...]
    kpjs: tuple[KpjLine, ...]


@requires(Role.AGENT)
def show_next(request: Request) -> Response:
    """Go to the next second look this agent can take blindly, or say that there is none."""
    house = house_of(request)
    with house.database.reading() as session:
        number = second_look.next_for(session, agent_of(request).id)
        stands = standing.read(session, house.settings, now=clock.now())
    if number is not None:
        return RedirectResponse(f"/matching/looks/{number}", status_code=303)
    return render(request, "no_look.html", standing=stands)


@requires(Role.AGENT)
def show_look(request: Request) -> Response:
    """Show the facts of a claim and, in no order, who could be meant; numbers are covered."""
    house, look_id = house_of(request), request.path_params["look_id"]
    language, key = language_of(request), choices.key_from(house.settings.secret_key)
    with house.database.reading() as session:
        look = second_look.read(session, look_id, agent_of(request).id, key)
        stands = standing.read(session, house.settings, now=clock.now())
    with house.database.transaction() as tx:
        note(request, tx.session, "look.view", "look", look_id)
    return render(
        request,
        "second_look.html",
        look_id=look_id,
        people=[person_shown(look.facts, each, language=language) for each in look.people],
        standing=stands,
    )


def person_shown(facts: Mapping[Field, str], shown: Shown, *, language: str) -> PersonShown:
    """Lay out one person beside what was stated; of the comparison only equality is told."""
    records = [record(each) for each in shown.records]
    plain = _beside(facts, records[0], {}, language)
    same: dict[str, str] = {
        line.field: Level.EXACT
        for line in plain
        if facts.get(line.field) and not any(run.differs for run in line.recorded[0].runs)
    }
    return PersonShown(
        mark=shown.mark,
        name=records[0].full_name,
        lines=tuple(_beside(facts, records[0], same, language)),
        kpjs=tuple(kpj_line(each, revealed=False) for each in records),
    )


def _beside(
    facts: Mapping[Field, str], recorded: RegistryRecord, levels: Mapping[str, str], language: str
) -> list[Line]:
    return side_by_side(facts, [Compared(recorded, levels)], language=language, revealed=False)
