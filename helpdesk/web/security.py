"""Who may call an endpoint, where a request may come from, and what a browser is told."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpdesk.accounts.models import Role
from helpdesk.errors import ForbiddenError

# An endpoint is `def (Request) -> Response`, run in a thread, or the same with `async`.
AnyEndpoint = TypeVar("AnyEndpoint", bound=Callable[[Request], Any])
Allowed: TypeAlias = frozenset[Role]

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Nothing inline, nothing foreign. htmx must be told `includeIndicatorStyles: false`, no eval.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# For the frame that shows a stranger's HTML: it loads our style sheet and nothing else, and
# `sandbox` takes scripts, forms and its origin away even when it is opened by itself.
FRAMED_CSP = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; "
    "frame-ancestors 'self'; base-uri 'none'; sandbox allow-popups"
)

_INCLUDED: dict[Role, Allowed] = {
    Role.AGENT: frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN}),
    Role.SUPERVISOR: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Role.ADMIN: frozenset({Role.ADMIN}),
    Role.AUDITOR: frozenset({Role.AUDITOR}),
}


def public(endpoint: AnyEndpoint) -> AnyEndpoint:
    """Mark an endpoint as open to everybody."""
    endpoint.allowed = None  # type: ignore[attr-defined] # read by `allowed`
    return endpoint


def requires(*roles: Role) -> Callable[[AnyEndpoint], AnyEndpoint]:
    """Let only these roles call an endpoint; a supervisor may what an agent may, an admin both.

    Whoever is not signed in is sent to the login page.

    Raises:
        ForbiddenError: (the endpoint) signed in, but not as one of them.
    """
    allowed_roles: Allowed = frozenset().union(*(_INCLUDED[role] for role in roles))

    def guard(endpoint: AnyEndpoint) -> AnyEndpoint:
        @functools.wraps(endpoint)
        def guarded(request: Request) -> Any:  # noqa: ANN401 - a response, or one to be awaited
            refused = _refuse(request, allowed_roles)
            return refused or endpoint(request)

        @functools.wraps(endpoint)
        async def guarded_async(request: Request) -> Response:
            refused = _refuse(request, allowed_roles)
            return refused or await endpoint(request)

        wrapped: Any = guarded_async if inspect.iscoroutinefunction(endpoint) else guarded
        wrapped.allowed = allowed_roles
        return wrapped  # type: ignore[no-any-return] # the same signature

    return guard


def allowed(endpoint: Callable[..., object]) -> Allowed | None:
    """Return who may call an endpoint; None means everybody.

    Raises:
        LookupError: it was marked neither `public` nor `requires`; such an app does not start.
    """
    try:
        return endpoint.allowed  # type: ignore[attr-defined,no-any-return] # set by the markers
    except AttributeError:
        msg = f"endpoint {endpoint!r} says neither public nor requires"
        raise LookupError(msg) from None


def is_same_origin(headers: Headers, base_url: str) -> bool:
    """Tell whether a request comes from our own pages, by what the browser itself says.

    `Sec-Fetch-Site` and `Origin` must both agree where both are sent; one must be.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    if site is not None and site not in {"same-origin", "none"}:
        return False
    if origin is None or (origin == "null" and site is not None):
        return True
    return _fits(origin, headers.get("host", ""), base_url)


def safe_path(wanted: str) -> str:
    """Return a path of our own to go on to; whatever leads elsewhere becomes the start page."""
    # Browsers read a backslash as a slash and drop tabs and line ends, so none may be there.
    ours = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if ours and wanted.isprintable() and "\\" not in wanted else "/"


def is_htmx(request: Request) -> bool:
    """Tell whether a fragment is asked for and not a page."""
    return "hx-request" in request.headers and "hx-boosted" not in request.headers


class SecurityHeaders:
    """ASGI middleware: set the headers a browser is to keep; what an endpoint set itself stays."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": CSP,
            "x-content-type-options": "nosniff",
            # Not no-referrer: a browser would then send `Origin: null` with our own forms.
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "cache-control": "no-store",
        }
        if https:
            self._headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _refuse(request: Request, roles: Allowed) -> Response | None:
    agent = request.state.agent
    if agent is None:
        return _to_login(request)
    if agent.role not in roles:
        msg = "your role does not allow this"
        raise ForbiddenError(msg)
    return None


def _to_login(request: Request) -> Response:
    if is_htmx(request):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    if request.method in UNSAFE_METHODS or request.url.path == "/":
        return RedirectResponse("/login", status_code=303)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", status_code=303)


def _fits(origin: str, host: str, base_url: str) -> bool:
    # The Host header has passed the list of allowed hosts. Behind a proxy that rewrites it the
    # configured address counts.
    ours = urlsplit(base_url)
    return origin in {f"{ours.scheme}://{host}", f"{ours.scheme}://{ours.netloc}"}
