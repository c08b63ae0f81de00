"""What machines could not finish, and what a person can do about each."""

import functools

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock, jobs
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.jobs import Job
from helpdesk.outbox import queries as outbox_queries
from helpdesk.outbox import service as outbox_service
from helpdesk.tickets import troubles
from helpdesk.web import delivery_words, standing, trouble_words
from helpdesk.web.forms import text
from helpdesk.web.house import house_of, language_of, render
from helpdesk.web.security import requires
from helpdesk.web.trail import note


@requires(Role.AGENT, Role.AUDITOR)
def show_dead_letters(request: Request) -> Response:
    """List unread mail, parked jobs, doubtful deliveries and mailboxes in trouble."""
    now = clock.now()
    with house_of(request).database.reading() as session:
        return render(
            request,
            "deadletters.html",
            told=functools.partial(trouble_words.text, language=language_of(request)),
            unparsed=troubles.unparsed(session),
            parked=jobs.parked(session),
            deliveries=outbox_queries.problems(session, now=now),
            words_of={state: delivery_words.of(state) for state in delivery_words.STATES},
            mailboxes=troubles.mailboxes(session),
            standing=standing.read(session, house_of(request).settings, now=now),
            unfetched=troubles.unfetched(session),
            now=now,
        )


@requires(Role.AGENT)
def requeue(request: Request) -> Response:
    """Give a parked job three new attempts."""
    job_id = request.path_params["job_id"]
    with house_of(request).database.transaction() as tx:
        if not jobs.requeue(tx, job_id, now=clock.now()):
            msg = "this job is not parked any more"
            raise ConflictError(msg)
        note(request, tx.session, "job.requeue", "job", job_id)
    return _back()


@requires(Role.AGENT)
def resolve(request: Request) -> Response:
    """Settle a delivery: it arrived, it shall be sent again, or it is given up."""
    delivery_id, what, now = request.path_params["delivery_id"], text(request, "what"), clock.now()
    with house_of(request).database.transaction() as tx:
        if what == "abandon":
            ticket_id = outbox_service.abandon(tx.session, delivery_id, now=now)
        elif what not in {"sent", "again"}:  # a damaged form must not send anything twice
            msg = "this form is damaged; load the page again"
            raise InvalidError(msg)
        else:
            sent = what == "sent"
            ticket_id = outbox_service.resolve_unknown(tx.session, delivery_id, sent=sent, now=now)
            jobs.enqueue(tx, Job.SEND, [delivery_id], now=now)  # idle where nothing is left to do
        note(request, tx.session, "delivery.resolve", "ticket", ticket_id, what=what)
    return _back()


def _back() -> Response:
    return RedirectResponse("/dead-letters", status_code=303)
