"""Sign in and out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts import audit, sessions, users
from helpdesk.settings import Web
from helpdesk.web.house import House, house_of, render
from helpdesk.web.security import public, safe_path
from helpdesk.web.session import clear_cookie, is_https, set_cookie
from helpdesk.web.trail import note

_DEVICE_S = 365 * 86_400


@public
def show_login(request: Request) -> Response:
    """Show the form, or go on when signed in already."""
    wanted = safe_path(request.query_params.get("next", "/"))
    if request.state.agent is not None:
        return RedirectResponse(wanted, status_code=303)
    return _page(request, wanted)


@public
def log_in(request: Request) -> Response:
    """Check login and password; a new session begins in either case but failure."""
    form = request.state.form
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    wanted = safe_path(str(form.get("next", "/")))
    house, now = house_of(request), clock.now()
    address = request.client.host if request.client else ""
    device = request.cookies.get(_device_cookie(house.settings.web), "")
    with house.database.transaction() as tx:
        check = users.begin_login(
            tx.session, login, address, device=device, key=house.login_key, now=now
        )
    if isinstance(check, users.Blocked):
        response = _page(request, wanted, login=login, problem="blocked", status=429)
        response.headers["retry-after"] = str(check.retry_after_s)
        return response
    if not users.verify(check, password):
        _note_failure(request, check)
        return _page(request, wanted, login=login, problem="wrong", status=401)
    response = RedirectResponse(wanted, status_code=303)
    set_cookie(response, _begin_session(request, check, password), house.settings.web)
    _remember_device(response, login, house)
    return response


@public
def log_out(request: Request) -> Response:
    """End this session, here and in the database."""
    house = house_of(request)
    with house.database.transaction() as tx:
        sessions.end(tx.session, request.state.token)
        if request.state.agent is not None:
            note(request, tx.session, "session.end", "agent", request.state.agent.id)
    response = RedirectResponse("/login", status_code=303)
    clear_cookie(response, house.settings.web)
    return response


def _device_cookie(web: Web) -> str:
    return "__Host-device" if is_https(web) else "device"


def _remember_device(response: Response, login: str, house: House) -> None:
    """Let this browser be counted by itself from now on, so that strangers cannot lock it out."""
    response.set_cookie(
        _device_cookie(house.settings.web),
        users.new_device(login, key=house.login_key),
        max_age=_DEVICE_S,
        path="/",
        secure=is_https(house.settings.web),
        httponly=True,
        samesite="strict",
    )


def _begin_session(request: Request, check: users.Check, password: str) -> str:
    house, now = house_of(request), clock.now()
    with house.database.transaction() as tx:
        agent_id = users.end_login(tx.session, check, password)
        sessions.end(tx.session, request.state.token)  # a token from before is never carried on
        token = sessions.create(tx.session, agent_id, house.session_limits, now=now)
        audit.record(
            tx.session,
            key=house.audit_key,
            now=now,
            agent_id=agent_id,
            action="session.begin",
            subject_type="agent",
            subject_id=agent_id,
        )
    return token


def _note_failure(request: Request, check: users.Check) -> None:
    with house_of(request).database.transaction() as tx:
        note(request, tx.session, "session.refuse", "agent", check.agent_id)


def _page(
    request: Request, wanted: str, *, login: str = "", problem: str = "", status: int = 200
) -> Response:
    return render(
        request, "login.html", status=status, wanted=wanted, login=login, problem=problem
    )
