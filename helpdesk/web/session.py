"""Who is behind a request: the session cookie, and the proof that a change was meant."""

import hmac
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from helpdesk import clock
from helpdesk.accounts import sessions
from helpdesk.accounts.sessions import SignedIn
from helpdesk.errors import ForbiddenError
from helpdesk.settings import Web
from helpdesk.web import hooks
from helpdesk.web.house import House
from helpdesk.web.security import UNSAFE_METHODS, is_same_origin

MAX_FIELDS = 200  # the largest form of ours has some forty
# Posts too large to be read before their endpoint: it reads them itself, and calls `check_token`
# before it keeps anything of them.
STREAMED = frozenset({"/imports"})


class SessionMiddleware:
    """Set `request.state.agent` (SignedIn or None) and `request.state.form` (of a POST).

    A request that changes something passes only when it comes from our own pages, and, where
    somebody is signed in, carries the token of that session in the field `csrf` or the header
    X-CSRF-Token. The body is read here and is gone afterwards: endpoints use `request.state.form`.
    """

    def __init__(self, app: ASGIApp, *, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["agent"], state["token"], state["form"] = None, "", FormData()
        if scope["path"] in hooks.PATHS:  # no browser's: its endpoint checks who signed it
            await self._app(scope, receive, send)
            return
        if scope["method"] in UNSAFE_METHODS and not is_same_origin(
            headers, self._house.settings.web.base_url
        ):
            msg = "this request does not come from a page of ours"
            raise ForbiddenError(msg)
        token = read_cookie(headers, self._house.settings.web)
        if token and not scope["path"].startswith("/static/"):
            state["token"] = token
            state["agent"] = await run_in_threadpool(self._find, token)
        if scope["method"] not in UNSAFE_METHODS or scope["path"] in STREAMED:
            await self._app(scope, receive, send)
            return
        async with Request(scope, receive).form(max_files=1, max_fields=MAX_FIELDS) as form:
            state["form"] = form
            check_token(state["agent"], headers, form)
            await self._app(scope, receive, send)

    def _find(self, token: str) -> SignedIn | None:
        now, limits = clock.now(), self._house.session_limits
        with self._house.database.reading() as session:
            agent = sessions.find(session, token, limits, now=now)
        if agent is not None and agent.stale:
            with self._house.database.transaction() as tx:
                sessions.touch(tx.session, token, now=now)
        return agent


def check_token(agent: SignedIn | None, headers: Headers, form: Mapping[str, object]) -> None:
    """Raise ForbiddenError unless a change carries the token of the session it is made in."""
    if agent is None:
        return  # nobody's rights can be abused; what needs a login is refused by its endpoint
    sent = headers.get("x-csrf-token") or form.get("csrf")
    if not isinstance(sent, str) or not hmac.compare_digest(
        sent.encode(), agent.csrf_token.encode()
    ):
        msg = "this page is too old; load it again"
        raise ForbiddenError(msg)


def cookie_name(web: Web) -> str:
    """Return the name of the session cookie.

    `__Host-` makes browsers insist on Secure, which plain http (a demo on loopback) cannot give.
    """
    return "__Host-sid" if is_https(web) else "sid"


def is_https(web: Web) -> bool:
    """Tell whether browsers reach us by https."""
    return web.base_url.startswith("https://")


def read_cookie(headers: Headers, web: Web) -> str:
    """Return the session token a browser sent, or nothing."""
    name = cookie_name(web)
    for part in headers.get("cookie", "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def set_cookie(response: Response, token: str, web: Web) -> None:
    """Hand the browser its session; it forgets it when it closes."""
    response.set_cookie(
        cookie_name(web), token, path="/", secure=is_https(web), httponly=True, samesite="strict"
    )


def clear_cookie(response: Response, web: Web) -> None:
    """Make the browser forget its session."""
    response.delete_cookie(
        cookie_name(web), path="/", secure=is_https(web), httponly=True, samesite="strict"
    )
