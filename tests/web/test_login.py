"""Signing in and out."""

from tests.web.conftest import PASSWORD


def log_in(client, login="agent", password=PASSWORD, **fields):
    return client.post("/login", data={"login": login, "password": password, **fields})


def test_login_page_is_indonesian_and_english_on_request(client):
    assert "Masuk ke helpdesk" in client.get("/login").text
    assert "Sign in to the helpdesk" in client.get("/login?lang=en").text


def test_right_password_opens_a_session_and_goes_on(client, add_agent):
    add_agent()

    response = log_in(client, next="/audit?page=2")

    assert (response.status_code, response.headers["location"]) == (303, "/audit?page=2")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("sid=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
