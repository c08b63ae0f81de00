"""Signing in and out."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import func, select

from helpdesk import clock
from helpdesk.accounts import users
from helpdesk.accounts.models import AgentSession, AuditEvent, LoginAttempt, Role
from helpdesk.web.app import create_app
from tests.web.conftest import BASE_URL, ORIGIN, PASSWORD, Browser


def log_in(client, login="agent", password=PASSWORD, **fields):
    return client.post("/login", data={"login": login, "password": password, **fields})


def count(database, model):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_login_page_is_indonesian_and_english_on_request(client):
    assert "Masuk ke helpdesk" in client.get("/login").text
    assert "Sign in to the helpdesk" in client.get("/login?lang=en").text


def test_right_password_opens_a_session_and_goes_on(client, add_agent):
    add_agent()

    response = log_in(client, next="/audit?before=2")

    assert (response.status_code, response.headers["location"]) == (303, "/audit?before=2")


def test_cookie_is_for_this_site_and_not_for_scripts(client, add_agent):
    add_agent()

    cookie = log_in(client).headers.get_list("set-cookie")[0].lower()

    assert cookie.startswith("sid=")
    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
    assert "domain" not in cookie


def test_cookie_is_host_bound_and_secure_over_https(conf, sqlite_database, blobs, add_agent):

    web = msgspec.structs.replace(conf.web, base_url="https://127.0.0.1")
    app = create_app(msgspec.structs.replace(conf, web=web), sqlite_database, blobs=blobs)
    add_agent()
    client = Browser(app, base_url="https://127.0.0.1", follow_redirects=False)
    client.headers.update({"origin": "https://127.0.0.1"})

    response = log_in(client)

    cookie, device = (each.lower() for each in response.headers.get_list("set-cookie"))
    assert device.startswith("__host-device=")
    assert "secure" in device.split("; ")
    assert cookie.startswith("__host-sid=")
    assert "secure" in cookie.split("; ")
    assert response.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_login_never_leads_away(client, add_agent, wanted):
    add_agent()

    assert log_in(client, next=wanted).headers["location"] == "/"


def test_wrong_password_and_unknown_login_look_the_same(client, add_agent):
    add_agent()

    wrong = log_in(client, password="not the password")
    unknown = log_in(client, login="nobody")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("agent", "") == unknown.text.replace("nobody", "")


def test_eleventh_guess_is_not_looked_at(client, add_agent, sqlite_database):
    add_agent()
    with sqlite_database.transaction() as tx:
        key = client.app.state.house.login_key

        for _ in range(users.PER_LOGIN):
            users.begin_login(tx.session, "agent", "testclient", key=key, now=clock.now())

    response = log_in(client)

    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 900
    assert count(sqlite_database, LoginAttempt) == 3 * users.PER_LOGIN


def test_a_browser_that_signed_in_before_is_not_locked_out_by_others(
    client, add_agent, sqlite_database
):
    add_agent()
    device = next(
        each
        for each in log_in(client).headers.get_list("set-cookie")
        if each.startswith("device=")
    )
    assert {"HttpOnly", "SameSite=strict", "Max-Age=31536000"} <= set(device.split("; "))
    client.cookies.delete("sid")
    with sqlite_database.transaction() as tx:
        key = client.app.state.house.login_key
        for _ in range(users.PER_LOGIN):
            users.begin_login(tx.session, "agent", "testclient", key=key, now=clock.now())

    assert log_in(client).status_code == 303
    client.cookies.delete("device")
    client.cookies.delete("sid")
    assert log_in(client).status_code == 429


def test_login_ends_the_session_the_browser_had(signed_in, sqlite_database):
    browser = signed_in()
    old = browser.cookies["sid"]

    cookie = log_in(browser, csrf=browser.csrf).headers["set-cookie"]

    assert not cookie.startswith(f"sid={old}")
    assert count(sqlite_database, AgentSession) == 1


def test_logout_ends_the_session_in_the_database(signed_in, sqlite_database):
    browser = signed_in()

    response = browser.send_form("/logout")

    assert response.headers["location"] == "/login"
    assert count(sqlite_database, AgentSession) == 0


def test_signed_in_browser_skips_the_login_page(signed_in):
    assert signed_in().get("/login?next=/audit").headers["location"] == "/audit"


def test_login_refusal_and_logout_leave_a_trace(client, add_agent, sqlite_database):
    add_agent()

    log_in(client, password="not the password")
    log_in(client)

    with sqlite_database.reading() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["session.refuse", "session.begin"]


def test_disabled_account_is_out_at_once(signed_in, sqlite_database):
    browser = signed_in()
    with sqlite_database.transaction() as tx:
        users.disable(tx.session, browser.agent_id)

    assert browser.get("/audit").headers["location"].startswith("/login")
    assert log_in(browser).status_code == 401


def test_login_needs_a_page_of_ours(app, add_agent):
    add_agent()
    client = Browser(app, base_url=BASE_URL, follow_redirects=False)

    assert log_in(client).status_code == 403
    client.headers["origin"] = "https://evil.example"
    assert log_in(client).status_code == 403
    client.headers.update(ORIGIN)
    assert log_in(client).status_code == 303


def test_requests_within_a_minute_write_nothing(signed_in, sqlite_database, monkeypatch):
    browser, began = signed_in(Role.ADMIN), clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + dt.timedelta(seconds=50))
    browser.get("/audit")
    with sqlite_database.reading() as session:
        assert session.scalar(select(AgentSession.seen_at)) <= began


def test_use_after_a_minute_is_noted(signed_in, sqlite_database, monkeypatch):
    browser, later = signed_in(Role.ADMIN), clock.now() + dt.timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    browser.get("/audit")
    with sqlite_database.reading() as session:
        assert session.scalar(select(AgentSession.seen_at)) == later


def test_session_ends_after_the_idle_time_of_the_settings(signed_in, conf, monkeypatch):
    browser = signed_in(Role.ADMIN)
    later = clock.now() + dt.timedelta(minutes=conf.web.session_idle_minutes)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert browser.get("/audit").headers["location"].startswith("/login")
