"""The web application: its parts in the order a request meets them."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount, Route

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.errors import HelpdeskError
from helpdesk.settings import Settings
from helpdesk.web import error_pages, house, security
from helpdesk.web.routes import routes
from helpdesk.web.session import SessionMiddleware, is_https

MAX_BODY_BYTES = 1 << 20  # of a form; uploads are counted by their endpoint


def create_app(settings: Settings, database: Database, *, blobs: BlobStore) -> Starlette:
    """Return the ASGI application.

    Args:
        settings: of this process.
        database: with its publisher of jobs, if any.
        blobs: where raw mail and attachments lie.

    Raises:
        LookupError: an endpoint does not say who may call it.
        SettingsError: the policy or a macro cannot be used.
    """
    wired = house.build(settings, database, blobs=blobs)
    all_routes = routes()
    _check_marked(all_routes)
    app = Starlette(
        routes=all_routes,
        middleware=[
            Middleware(security.SecurityHeaders, https=is_https(settings.web)),
            Middleware(
                TrustedHostMiddleware,
                allowed_hosts=list(settings.web.allowed_hosts),
                www_redirect=False,
            ),
            Middleware(error_pages.ErrorPages),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES),
            Middleware(SessionMiddleware, house=wired),
        ],
        exception_handlers={HelpdeskError: error_pages.show, HTTPException: error_pages.show},
    )
    app.state.house = wired
    return app


def _check_marked(all_routes: list[BaseRoute]) -> None:
    for route in all_routes:
        if isinstance(route, Route):
            security.allowed(route.endpoint)
        elif not (isinstance(route, Mount) and route.name == "static"):
            msg = f"{route!r} cannot be guarded; use Route"
            raise LookupError(msg)
