"""A second look taken: whom somebody says is meant who does not know what the matcher said."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.matching import choices, second_look
from helpdesk.web.claim import judge_again
from helpdesk.web.forms import text
from helpdesk.web.house import agent_of, house_of
from helpdesk.web.security import requires
from helpdesk.web.trail import note


@requires(Role.AGENT)
def judge(request: Request) -> Response:
    """Keep the judgement; who disagrees with the matcher brings the ticket back to a person."""
    look_id, house, now = request.path_params["look_id"], house_of(request), clock.now()
    key, agent_id = choices.key_from(house.settings.secret_key), agent_of(request).id
    wanted = "" if text(request, "person") == "none" else text(request, "person") or "?"
    with house.database.transaction() as tx:
        judged = second_look.judge(tx.session, look_id, agent_id, key, wanted, now)
        if judged.agrees:
            note(request, tx.session, "look.agree", "look", look_id)
        else:
            judge_again(tx, judged.ticket_id, house, now)
            note(request, tx.session, "look.disagree", "ticket", judged.ticket_id, look=look_id)
    return RedirectResponse("/matching/looks", status_code=303)
