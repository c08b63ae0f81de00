"""A real web process on a free port, and Chromium looking at it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.settings import Settings, Web
from helpdesk.web.app import create_app
from tests.conftest import free_port, missing
from tests.seed import PASSWORD, draft_open, seed

CHROMIUM = Path("/usr/bin/chromium")
# Quiet, and talking to nobody but us.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"laptop": (1366, 768), "phone": (390, 844)}


@dataclass(frozen=True, slots=True)
class Served:
    """A running web process over a database with sixty made-up tickets."""

    url: str
    database: Database


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Served]:
    """Fill a database with made-up tickets and serve it for as long as the block lasts."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    conf = Settings(data_dir=str(folder), secret_key="0" * 64, web=Web(port=port, base_url=url))
    app = create_app(conf, database, blobs=BlobStore(conf.blob_path))
    seed(database, tickets=60)
    draft_open(database, app.state.house.replies)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield Served(url, database)
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def served(sqlite_database: Database, tmp_path: Path) -> Iterator[Served]:
    with serving(sqlite_database, tmp_path) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        yield _launch(playwright)


@pytest.fixture(params=list(SIZES))
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A page at laptop and at phone size; whatever the console complains about fails the test."""
    if "served" in request.fixturenames:  # the page must be gone before its server is
        request.getfixturevalue("served")
    width, height = SIZES[request.param]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, has_touch=request.param == "phone"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda said: said.type in {"error", "warning"} and complaints.append(said.text)
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # A browser calls our own answer to a collision or to a wrong fact an error; it is none.
    ours = ("status of 409", "status of 422")
    assert not [said for said in complaints if not any(each in said for each in ours)]


@pytest.fixture
def signed_in(page: Page, served: Served) -> Callable[[str], Page]:
    """Sign in through the form as one of the seed's people."""

    def sign_in(login: str = "sari") -> Page:
        page.goto(f"{served.url}/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.click("button.primary")
        page.wait_for_url("**/tickets")
        return page

    return sign_in


def _launch(playwright: Playwright) -> Browser:
    try:
        return playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
    except Error as error:
        missing(f"Chromium does not start ({error.message.splitlines()[0]})")
        raise
