"""What a person sees when something fails: one sentence and a code that the log knows."""

import logging
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpdesk import errors, i18n
from helpdesk.errors import HelpdeskError
from helpdesk.web.house import language_of, render
from helpdesk.web.security import is_htmx, safe_path

log = logging.getLogger(__name__)

_STATUS: dict[type[HelpdeskError], int] = {
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.ForbiddenError: 403,
    errors.InvalidError: 422,
    errors.TransientError: 503,
}
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that sounds or looks like another


class ErrorPages:
    """ASGI middleware: turn whatever the app raises into a page.

    Nothing is raised on to the server, whose traceback would quote what was being processed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noting_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting_start)
        except Exception as error:  # noqa: BLE001 - the edge of the web process: shown and logged
            response = show(Request(scope), error)
            if not started:
                await response(scope, receive, send)


def show(request: Request, error: Exception) -> Response:
    """Log an error under a new code and return its page, or its fragment for htmx."""
    status = status_of(error)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    level = logging.ERROR if status >= 500 else logging.INFO
    log.log(level, "error %s: %d %s", code, status, errors.describe(error))
    said = ""
    if isinstance(error, HelpdeskError) and status < 500:
        said = i18n.translations(language_of(request)).gettext(str(error))
    template = "error_fragment.html" if is_htmx(request) else "error.html"
    response = render(
        request,
        template,
        status=status,
        code=code,
        said=said,
        error_status=status,
        retry=_again(request) if status >= 500 else "",
    )
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    if is_htmx(request):
        response.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    return response


def _again(request: Request) -> str:
    """Return the address to try once more; nothing after a form, which would be sent empty."""
    if request.method != "GET":
        return ""
    query = request.url.query
    return safe_path(request.url.path + (f"?{query}" if query else ""))


def status_of(error: Exception) -> int:
    """Return the HTTP status that says what kind of error this is."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
