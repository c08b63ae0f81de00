"""Mail that is kept without a ticket: look at it, save it, or make a ticket of it after all."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock, jobs
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.i18n import mark
from helpdesk.ingest import again, mime
from helpdesk.ingest import service as ingest
from helpdesk.jobs import Job
from helpdesk.tickets import troubles
from helpdesk.tickets.kinds import RawOutcome
from helpdesk.tickets.troubles import Kept
from helpdesk.web import standing
from helpdesk.web.actions import to_ticket
from helpdesk.web.cover import cover
from helpdesk.web.forms import number
from helpdesk.web.house import House, house_of, render
from helpdesk.web.raw import stored_file
from helpdesk.web.security import requires
from helpdesk.web.ticket import Opening, ticket_page
from helpdesk.web.trail import note

OUTCOMES: dict[RawOutcome, str] = {
    RawOutcome.IGNORED: mark("Automatic or list mail"),
    RawOutcome.BOUNCE: mark("Bounce"),
    RawOutcome.DUPLICATE: mark("Second copy"),
}
_SHOWN_CHARS = 160


@dataclass(frozen=True, slots=True)
class Row:
    """One kept mail; sender and subject are empty where they cannot be read at a glance."""

    mail: Kept
    sender: str
    subject: str


@requires(Role.AGENT, Role.AUDITOR)
def show_kept(request: Request) -> Response:
    """List mail that is in no ticket, newest first."""
    params, now = request.query_params, clock.now()
    outcome = next((one for one in OUTCOMES if one == params.get("outcome")), None)
    before = params.get("before", "")
    is_id = before.isascii() and before.isdecimal() and len(before) < 19
    start = int(before) if is_id else None
    with house_of(request).database.reading() as session:
        page, older = troubles.kept(session, outcome, before=start)
        heads = troubles.heads(session, [each.sha256 for each in page])
        stands = standing.read(session, house_of(request).settings, now=now)
    return render(
        request,
        "kept.html",
        rows=[_row(each, heads) for each in page],
        outcomes=OUTCOMES,
        wanted=outcome,
        older=older,
        first=start is None,
        standing=stands,
    )


@requires(Role.AGENT, Role.AUDITOR)
def download_kept(request: Request) -> Response:
    """Hand over a kept mail's bytes as they came in."""
    raw_id = request.path_params["raw_id"]
    with house_of(request).database.transaction() as tx:
        sha256 = troubles.kept_sha256(tx.session, raw_id)
        note(request, tx.session, "mail.raw", "mail", raw_id)
    return stored_file(request, sha256, f"mail-{raw_id}.eml")


@requires(Role.AGENT)
def open_ticket(request: Request) -> Response:
    """Make a ticket of a mail that was ignored, and let the workers read it."""
    raw_id, house, now = request.path_params["raw_id"], house_of(request), clock.now()
    ready = _read(house, raw_id)
    with house.database.transaction() as tx:
        ticket_id = again.open_anyway(tx.session, ready, now)
        jobs.enqueue(tx, Job.MATCH, [ticket_id], now=now)
        note(request, tx.session, "ticket.open", "ticket", ticket_id, mail=raw_id)
    return to_ticket(request, ticket_id)


@requires(Role.AGENT)
def read_again(request: Request) -> Response:
    """Read the mail of an unparsed ticket once more, as after an update."""
    ticket_id, house, now = request.path_params["ticket_id"], house_of(request), clock.now()
    version = number(request, "version")
    with house.database.reading() as session:
        raw_id = troubles.unparsed_raw_id(session, ticket_id)
    ready = _read(house, raw_id)
    try:
        with house.database.transaction() as tx:
            found = again.read_again(tx.session, ticket_id, version, ready, now)
            if found is not None:
                jobs.enqueue(tx, Job.MATCH, [found], now=now)
            note(request, tx.session, "ticket.again", "ticket", ticket_id, found=found)
    except ConflictError as error:
        return ticket_page(request, ticket_id, Opening(conflict=str(error), status=409))
    except InvalidError as error:
        return ticket_page(request, ticket_id, Opening(problem=str(error), status=422))
    return to_ticket(request, found) if found else RedirectResponse("/kept", status_code=303)


def _read(house: House, raw_id: int) -> ingest.ReadyMessage:
    """Parse outside any writing transaction: a large mail takes its time."""
    conf = ingest.receive_config(house.settings)
    with house.database.reading() as session:
        return ingest.read(session, house.blobs, [raw_id], conf)[0]


def _row(each: Kept, heads: Mapping[str, bytes]) -> Row:
    head = heads.get(each.sha256)
    if head is None:
        return Row(each, "", "")
    found = mime.parse(head).headers
    first = next(iter(found.from_), None)
    sender = (first.name or first.email) if first else ""
    return Row(each, cover(sender[:_SHOWN_CHARS]), cover(found.subject[:_SHOWN_CHARS]))
