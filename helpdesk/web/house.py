"""What every endpoint of the web process has at hand."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse

from helpdesk.accounts import audit, sessions, users
from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.i18n import LANGUAGES
from helpdesk.ingest import formstamp
from helpdesk.replies import house as replies_house
from helpdesk.settings import Settings
from helpdesk.web.rendering import Pages


@dataclass(frozen=True, slots=True)
class House:
    """The wired parts of one web process; `request.app.state.house`."""

    settings: Settings
    database: Database
    blobs: BlobStore
    pages: Pages
    replies: replies_house.House
    audit_key: bytes
    login_key: bytes
    form_key: bytes

    @property
    def session_limits(self) -> sessions.Limits:
        return sessions.limits(self.settings.web)


def build(settings: Settings, database: Database, *, blobs: BlobStore) -> House:
    """Wire the parts together."""
    return House(
        settings=settings,
        database=database,
        blobs=blobs,
        pages=Pages(settings.agency),
        replies=replies_house.open_house(settings),
        audit_key=audit.key_from(settings.secret_key),
        login_key=users.key_from(settings.secret_key),
        form_key=formstamp.key_from(settings.secret_key),
    )


def house_of(request: Request) -> House:
    """Return the parts of the process that serves this request."""
    house: House = request.app.state.house
    return house


def agent_of(request: Request) -> sessions.SignedIn:
    """Return who is signed in; only for endpoints behind `requires`."""
    agent: sessions.SignedIn = request.state.agent
    return agent


def render(
    request: Request, template: str, /, *, status: int = 200, **context: object
) -> HTMLResponse:
    """Render a template in the reader's language.

    Besides `context` a template knows `agent` (SignedIn or None), `csrf_token`, `path`, `lang`,
    `theme` and `agency`, and the globals and filters of `rendering.py`.
    """
    house = house_of(request)
    agent: sessions.SignedIn | None = getattr(request.state, "agent", None)
    page = house.pages.render(
        language_of(request),
        template,
        {
            "agent": agent,
            "csrf_token": agent.csrf_token if agent else "",
            "path": request.url.path,
            "theme": agent.theme if agent else "system",
            **context,
        },
    )
    return HTMLResponse(page, status_code=status)


def language_of(request: Request) -> str:
    """Return the language of who is signed in, else what the address asks for."""
    agent: sessions.SignedIn | None = getattr(request.state, "agent", None)
    if agent is not None:
        return agent.language
    default = house_of(request).settings.language
    wanted = request.query_params.get("lang", default)
    return wanted if wanted in LANGUAGES else default
