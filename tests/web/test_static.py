"""What a browser loads beside a page, and how much of it."""

import re
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from helpdesk.web.rendering import static_url
from tests.seed import draft_open, seed
from tests.web.conftest import Browser

FIRST_PAGE_BYTES = 60_000  # of page, style and scripts, without the font


@pytest.mark.parametrize("name", ["app.css", "app.js", "htmx.min.js", "icons.svg"])
def test_text_is_compressed_and_the_same(client: Browser, name: str):
    plain = client.get(static_url(name), headers={"accept-encoding": "identity"})
    small = client.get(static_url(name), headers={"accept-encoding": "gzip"})

    assert small.content == plain.content
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(plain.content) / 2
    assert small.headers["vary"] == plain.headers["vary"] == "accept-encoding"


def test_what_the_browser_has_is_not_sent_again(client: Browser):
    first = client.get("/static/app.css")

    again = client.get("/static/app.css", headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_font_is_compressed_already(client: Browser):
    assert "content-encoding" not in client.get("/static/inter.woff2").headers


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/../app.py", "/static/"])
def test_other_files_are_not_there(client: Browser, path: str):
    assert client.get(path).status_code == 404


def test_pages_are_not_compressed_beside_their_secret(signed_in: Callable[..., Browser]):
    page = signed_in().get("/tickets", headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in page.headers


def test_first_queue_page_is_light(app: Starlette, signed_in: Callable[..., Browser]):
    seed(app.state.house.database, tickets=60)
    draft_open(app.state.house.database, app.state.house.replies)
    browser = signed_in()
    page = browser.get("/tickets")

    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+\.(?:css|js)\?[^"]+)"', page.text))
    sizes = [int(browser.get(each).headers["content-length"]) for each in named]

    assert len(named) == 3
    assert len(page.content) + sum(sizes) <= FIRST_PAGE_BYTES
