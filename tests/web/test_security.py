"""Every route: who may call it, from where, and what the browser is told."""

import pytest
from starlette.datastructures import Headers
from starlette.routing import Route

from helpdesk.accounts.models import Role
from helpdesk.db import Database
from helpdesk.errors import ConflictError, InvalidError, NotFoundError, TransientError
from helpdesk.web import health, hooks, rendering, security
from helpdesk.web.routes import routes
from helpdesk.web.security import is_same_origin, safe_path
from tests.web.conftest import BASE_URL, Browser

ROUTES = [
    pytest.param(route, method, id=f"{method} {route.path}")
    for route in routes()
    if isinstance(route, Route)
    for method in sorted(route.methods - {"HEAD"})
]
GUARDED = [each for each in ROUTES if security.allowed(each.values[0].endpoint) is not None]
UNSAFE = [each for each in ROUTES if each.values[1] in security.UNSAFE_METHODS]
# The only addresses open to everybody; another one here is a decision to be reviewed.
PUBLIC = {
    *("/livez", "/readyz", "/login", "/logout", "/permintaan", "/permintaan/{token}"),
    *hooks.PATHS,
}
_SAMPLES = {"IdConvertor": 999_999, "StringConvertor": "sample", "PathConvertor": "sample"}


def path_of(route: Route) -> str:
    """An address of the route with made-up parameters."""
    values = {
        name: _SAMPLES[type(convertor).__name__]
        for name, convertor in route.param_convertors.items()
    }
    return str(route.url_path_for(route.name, **values))


def test_only_the_known_routes_are_public():
    public = {
        route.path
        for route in routes()
        if isinstance(route, Route) and security.allowed(route.endpoint) is None
    }
    assert public == PUBLIC


@pytest.mark.parametrize(("route", "method"), GUARDED)
def test_without_login_every_route_leads_to_the_login_page(client, route, method):
    response = client.request(method, path_of(route))

    assert response.status_code == 303
    assert response.headers["location"].startswith("/login")


@pytest.mark.parametrize(("route", "method"), GUARDED)
def test_without_login_htmx_is_told_to_leave_the_page(client, route, method):
    response = client.request(method, path_of(route), headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize(("route", "method"), UNSAFE)
def test_change_from_a_foreign_page_is_refused(signed_in, route, method):
    browser = signed_in(Role.ADMIN)
    form = {"csrf": browser.csrf}

    for foreign in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ):
        assert (
            browser.request(method, path_of(route), data=form, headers=foreign).status_code == 403
        )


@pytest.mark.parametrize(("route", "method"), UNSAFE)
def test_change_without_any_origin_is_refused(app, signed_in, route, method):
    known = signed_in(Role.ADMIN)
    bare = Browser(app, base_url=BASE_URL, cookies=known.cookies, follow_redirects=False)

    response = bare.request(method, path_of(route), data={"csrf": known.csrf})

    assert response.status_code == 403


@pytest.mark.parametrize(("route", "method"), UNSAFE)
@pytest.mark.parametrize("token", ["", "wrong", "\N{SNOWMAN}"])
def test_change_without_the_right_token_is_refused(signed_in, route, method, token):
    browser = signed_in(Role.ADMIN)

    response = browser.request(method, path_of(route), data={"csrf": token} if token else None)

    assert response.status_code == 403


@pytest.mark.parametrize(("route", "method"), GUARDED)
@pytest.mark.parametrize("role", list(Role))
def test_route_lets_in_exactly_its_roles(signed_in, role, route, method):
    browser = signed_in(role)

    response = browser.request(method, path_of(route), headers={"X-CSRF-Token": browser.csrf})

    if role in security.allowed(route.endpoint):
        assert not (response.status_code == 403 and "peran Anda" in response.text)
    else:
        assert response.status_code == 403


@pytest.mark.parametrize(("route", "method"), ROUTES)
def test_every_answer_carries_the_security_headers(client, route, method):
    headers = client.request(method, path_of(route)).headers

    assert headers["content-security-policy"] == security.CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "unsafe" not in headers["content-security-policy"]


def test_token_is_accepted_from_the_form_and_from_the_header(signed_in):
    assert signed_in().send_form("/logout").status_code == 303
    other = signed_in(login="other")
    assert other.post("/logout", headers={"X-CSRF-Token": other.csrf}).status_code == 303


def test_token_of_another_session_is_refused(signed_in):
    one, other = signed_in(), signed_in(login="other")

    assert one.post("/logout", data={"csrf": other.csrf}).status_code == 403


def test_foreign_host_is_refused_with_all_headers(client):
    response = client.get("/login", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert response.headers["content-security-policy"] == security.CSP


def test_large_body_is_refused(client):
    assert client.post("/login", data={"login": "x" * (2 << 20)}).status_code == 413


def test_many_fields_are_refused(client):
    fields = {f"field{number}": "x" for number in range(300)}
    assert client.post("/login", data=fields).status_code == 400


def test_unmarked_endpoint_stops_the_start():
    with pytest.raises(LookupError, match="neither public nor requires"):
        security.allowed(lambda request: None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"origin": BASE_URL}, True),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
        ({"origin": "http://127.0.0.1:9"}, False),
        ({"origin": "https://127.0.0.1:8000"}, False),
        ({"origin": BASE_URL, "sec-fetch-site": "same-origin"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site", "origin": BASE_URL}, False),
        ({"origin": "http://localhost:8000", "host": "localhost:8000"}, True),
    ],
)
def test_origin_is_judged_by_what_the_browser_says(headers, expected):
    assert is_same_origin(Headers(headers), BASE_URL) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("/tickets/3?tab=note", "/tickets/3?tab=note"),
        ("", "/"),
        ("tickets", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("/\t/evil.example", "/"),
        ("http://[", "/"),
        ("//[", "/"),
    ],
)
def test_only_paths_of_our_own_are_gone_to(wanted, expected):
    assert safe_path(wanted) == expected


@pytest.fixture
def failing(app):
    """Add routes that fail, and return how to call them."""

    def fail_with(error):
        def endpoint(request):
            raise error

        app.router.routes.append(Route("/fail", security.public(endpoint)))
        return Browser(app, base_url=BASE_URL)

    return fail_with


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("no such ticket"), 404),
        (ConflictError("it changed"), 409),
        (InvalidError("too long"), 422),
        (TransientError("busy"), 503),
        (RuntimeError("rahmat@example.org"), 500),
    ],
    ids=lambda value: type(value).__name__,
)
def test_error_becomes_a_page_with_a_code_that_is_in_the_log(failing, caplog, error, status):
    with caplog.at_level("INFO"):
        response = failing(error).get("/fail")

    assert response.status_code == status
    code = response.text.partition("<code>")[2].partition("</code>")[0]
    assert f"error {code}: {status}" in caplog.text
    assert "rahmat" not in caplog.text + response.text


def test_htmx_gets_a_fragment_of_the_error(failing):
    response = failing(ConflictError("it changed")).get("/fail", headers={"HX-Request": "true"})

    assert "<html" not in response.text
    assert "it changed" in response.text
    assert response.headers["HX-Retarget"] == "#notice"


def test_unknown_address_is_a_friendly_page(client):
    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert "Halaman ini tidak ada." in response.text


def test_wrong_method_names_the_right_ones(client):
    response = client.get("/logout")

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_health_needs_no_login(client):
    assert client.get("/livez").text == "ok\n"
    assert client.get("/readyz").status_code == 200


def test_readiness_says_when_the_database_is_gone(client, monkeypatch, tmp_path):

    class Away:
        database = Database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")

    monkeypatch.setattr(health, "house_of", lambda request: Away)

    assert client.get("/readyz").status_code == 503


def test_static_file_is_kept_for_good_only_under_its_version(client, tmp_path, monkeypatch):

    name = next(
        path.relative_to(rendering.STATIC).as_posix()
        for path in sorted(rendering.STATIC.rglob("*"))
        if path.is_file()
    )

    assert "immutable" in client.get(rendering.static_url(name)).headers["cache-control"]
    assert client.get(f"/static/{name}?v=old").headers["cache-control"] == "no-cache"
    assert client.get(f"/static/{name}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["../settings.py", "%2e%2e/settings.py", "/etc/passwd"])
def test_static_files_stay_in_their_folder(client, path):
    assert client.get(f"/static/{path}").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RuntimeError("rahasia"), 500, "Yang sudah disimpan tidak hilang."),
        (TransientError("rahasia"), 503, "Tidak ada yang hilang."),
    ],
    ids=["fault", "for now"],
)
def test_a_page_that_fails_says_what_to_do_and_can_be_tried_again(
    signed_in, monkeypatch, error, status, said
):
    def fail(*_words, **_more):
        raise error

    monkeypatch.setattr("helpdesk.web.kept.troubles.kept", fail)
    browser = signed_in()

    page = browser.get("/kept?outcome=bounce")

    assert page.status_code == status
    assert said in page.text
    assert 'href="/kept?outcome=bounce">Coba lagi' in page.text
    assert "rahasia" not in page.text


@pytest.mark.parametrize(
    ("path", "said"),
    [("/tickets/9999", "Cari lewat antrean."), ("/audit", "Tidak ada yang diubah.")],
)
def test_what_is_not_there_or_not_allowed_says_what_to_do(signed_in, path, said):
    page = signed_in().get(path).text

    assert said in page
    assert "Coba lagi" not in page
