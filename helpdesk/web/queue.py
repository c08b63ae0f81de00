"""The queue: a view, its filters, and fifty rows of it."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.accounts.queries import assignable
from helpdesk.errors import TransientError
from helpdesk.tickets import queries
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.queries import Cursor, Filter, QueuePage, QueueRow, View
from helpdesk.web import standing
from helpdesk.web.cover import cover
from helpdesk.web.house import agent_of, house_of, render
from helpdesk.web.security import requires

_DOTS = {"-": "<i></i>", "?": "<u></u>"}
_FULL_DOT = "<b></b>"
_LINE_CHARS = 120  # of subject and preview together: what a row shows on a wide screen
_SOON = dt.timedelta(hours=3)  # a window that closes within this is urgent
_CARE, _LATE = dt.timedelta(hours=24), dt.timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the page writes it: numbers covered, ages rounded.

    `closes` says how soon the reply window does: its colour, a number and a unit.
    """

    id: int
    channel: Channel
    contact: str
    subject: str
    preview: str
    dots: Markup
    stated: int
    percent: int | None
    since: str
    age: int
    unit: str
    late: str
    closes: tuple[str, int, str] | None
    open: bool
    status: TicketStatus
    disclosure: str | None
    approvals_needed: int
    approvals_given: int
    assignee: str | None
    initials: str


@requires(Role.AGENT, Role.AUDITOR)
def start(request: Request) -> Response:
    """Lead from the start page to the queue."""
    return RedirectResponse("/tickets", status_code=303)


@requires(Role.AGENT, Role.AUDITOR)
def show_queue(request: Request) -> Response:
    """Show one page of a view."""
    wanted, now = _read_filter(request.query_params), clock.now()
    after = request.query_params.get("after", "")
    cursor = Cursor.parse(after) if after else None
    agent_id = agent_of(request).id
    try:
        with house_of(request).database.reading() as session:
            page = queries.queue_page(session, wanted, agent_id=agent_id, now=now, after=cursor)
            counts = queries.view_counts(session, agent_id=agent_id, now=now)
            staff = assignable(session)
            nothing_yet = not page.rows and not queries.any_ticket(session)
            stands = standing.read(session, house_of(request).settings, now=now)
    except SQLAlchemyError as error:
        msg = "the queue could not be loaded"
        raise TransientError(msg) from error
    return render(
        request,
        "queue.html",
        wanted=wanted,
        rows=[_row(row, now, wanted.view) for row in page.rows],
        counts=counts,
        people=staff,
        assignee=next((p.name for p in staff if p.id == wanted.assignee_id), ""),
        views=tuple(View),
        channels=tuple(Channel),
        nothing_yet=nothing_yet,
        standing=stands,
        now=now,
        from_view=f"?view={wanted.view}" if wanted.view is not View.WAITING else "",
        first=cursor is None,
        links=_links(wanted, page),
    )


def age(elapsed: dt.timedelta) -> tuple[int, str]:
    """Round a waiting time to what a person would say: minutes, hours or days."""
    minutes = max(int(elapsed.total_seconds()) // 60, 0)
    if minutes < 60:
        return minutes, "m"
    hours = minutes // 60
    return (hours, "h") if hours < 48 else (hours // 24, "d")


def _row(row: QueueRow, now: dt.datetime, view: View) -> Row:
    since = row.updated_at if view is View.ALL else row.waiting_since  # what the view sorts by
    elapsed = now - since
    number, unit = age(elapsed)
    is_open = row.status is TicketStatus.WAITING_AGENT
    late = "" if not is_open or elapsed < _CARE else "care" if elapsed < _LATE else "bad"
    ratio = row.best_probability
    return Row(
        id=row.id,
        channel=row.channel,
        contact=cover(row.contact_name) or row.contact_address or "?",
        subject=cover(row.subject[:_LINE_CHARS]),
        preview=cover(row.preview[: max(_LINE_CHARS - len(row.subject), 0)]),
        dots=_dots(row.claim_facts),
        stated=sum(mark != "-" for mark in row.claim_facts),
        # 99.96 % is not certain: round down, so that 100 % is never shown.
        percent=None if ratio is None else min(int(ratio * 100), 99),
        since=f"{since.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}",
        age=number,
        unit=unit,
        late=late,
        closes=_closes(row, now) if is_open else None,
        open=is_open,
        status=row.status,
        disclosure=row.disclosure,
        approvals_needed=row.approvals_needed,
        approvals_given=row.approvals_given,
        assignee=row.assignee_name,
        initials="".join(word[0] for word in (row.assignee_name or "").split()[:2]).upper(),
    )


def _closes(row: QueueRow, now: dt.datetime) -> tuple[str, int, str] | None:
    """Return how soon the reply window closes: how urgent, number and unit; 0 if it has.

    None if there is still more than a day.
    """
    left = row.window_ends_at - now if row.window_ends_at else queries.CLOSING
    if left >= queries.CLOSING:
        return None
    if left <= dt.timedelta(0):
        return "", 0, ""
    return "bad" if left < _SOON else "care", *age(left)


@cache
def _dots(claim_facts: str) -> Markup:
    """Draw the four facts; there are few patterns, and nothing of them comes from outside."""
    return Markup("").join(Markup(_DOTS.get(mark, _FULL_DOT)) for mark in claim_facts)  # noqa: S704


def _read_filter(params: QueryParams) -> Filter:
    view = params.get("view", "")
    channel = params.get("channel", "")
    assignee = params.get("assignee", "")
    sort = params.get("sort", "")
    batch = params.get("import", "")[:9]
    return Filter(
        view=View(view) if view in set(View) else View.WAITING,
        channel=Channel(channel) if channel in set(Channel) else None,
        assignee_id=int(assignee) if assignee.isascii() and assignee[:9].isdecimal() else None,
        import_id=int(batch) if batch.isascii() and batch.isdecimal() else None,
        text=params.get("q", "").replace("\x00", "").strip()[:200],
        newest_first={"newest": True, "oldest": False}.get(sort),
    )


def _links(wanted: Filter, page: QueuePage) -> dict[str, str]:
    here = {
        "view": wanted.view.value,
        "channel": wanted.channel or "",
        "assignee": str(wanted.assignee_id or ""),
        "import": str(wanted.import_id or ""),
        "q": wanted.text,
    }
    kept = {key: value for key, value in here.items() if value}
    sort = {}
    if wanted.newest_first is not None:
        sort = {"sort": "newest" if wanted.newest_first else "oldest"}
    turned = {"sort": "oldest" if wanted.descending else "newest"}
    return {
        "first_url": f"/tickets?{urlencode(kept | sort)}",
        "sort_url": f"/tickets?{urlencode(kept | turned)}",
        "next_url": f"/tickets?{urlencode(kept | sort | {'after': str(page.next)})}"
        if page.next
        else "",
    }
