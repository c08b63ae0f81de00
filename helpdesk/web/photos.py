"""Photos of identity cards: what an agent may have done with one."""

from starlette.requests import Request
from starlette.responses import Response

from helpdesk import looking
from helpdesk.accounts.models import Role
from helpdesk.errors import NotFoundError
from helpdesk.photos import service
from helpdesk.web.actions import to_ticket
from helpdesk.web.house import house_of
from helpdesk.web.security import requires
from helpdesk.web.trail import note


@requires(Role.AGENT)
def read_again(request: Request) -> Response:
    """Let a photo be read once more, or a picture that was passed over for the first time."""
    ticket_id, file_id = request.path_params["ticket_id"], request.path_params["file_id"]
    house = house_of(request)
    with house.database.transaction() as tx:
        if not service.again(tx.session, ticket_id, file_id):
            raise NotFoundError("there is no such picture")
        looking.enqueue(tx, house.settings)
        note(request, tx.session, "ticket.photo", "ticket", ticket_id, file=file_id)
    return to_ticket(request, ticket_id)
