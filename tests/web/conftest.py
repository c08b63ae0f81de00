"""A web process over a fresh database, and browsers signed in to it."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from helpdesk import clock
from helpdesk.accounts import sessions, users
from helpdesk.accounts.models import Agent, Role
from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.settings import Settings
from helpdesk.web.app import create_app

BASE_URL = "http://127.0.0.1:8000"
ORIGIN = {"origin": BASE_URL, "sec-fetch-site": "same-origin"}
PASSWORD = "kuda laut biru 7"
# Made once: hashing takes a tenth of a second, and every test that signs in needs one.
_HASH = users.hash_password(PASSWORD)


class Browser(TestClient):
    """A client that behaves as a browser on our pages: same origin, and the session's token."""

    csrf = ""
    agent_id = 0

    def send_form(self, path: str, data: dict[str, str] | None = None, **headers: str):
        """POST a form as a page of ours would."""
        return self.post(path, data={"csrf": self.csrf, **(data or {})}, headers=headers)


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    return Settings(data_dir=str(tmp_path), secret_key="0" * 64)


@pytest.fixture
def app(conf: Settings, sqlite_database: Database, blobs: BlobStore) -> Starlette:
    return create_app(conf, sqlite_database, blobs=blobs)


@pytest.fixture
def client(app: Starlette) -> Iterator[Browser]:
    """A browser nobody is signed in with; redirects are not followed."""
    with Browser(app, base_url=BASE_URL, headers=ORIGIN, follow_redirects=False) as browser:
        yield browser


@pytest.fixture
def add_agent(sqlite_database: Database) -> Callable[..., int]:
    """Add an account whose login is its role, and return its id."""

    def add(role: Role = Role.AGENT, *, login: str = "", language: str = "id") -> int:
        with sqlite_database.transaction() as tx:
            agent = Agent(
                login=login or role.value,
                name=f"{role.value.title()} Contoh",
                role=role,
                language=language,
                theme="system",
                password_hash=_HASH,
                active=True,
                created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            )
            tx.session.add(agent)
            tx.session.flush()
            return agent.id

    return add


@pytest.fixture
def signed_in(app: Starlette, add_agent: Callable[..., int]) -> Callable[..., Browser]:
    """Make a browser somebody of a role is signed in with, without the login page."""

    def sign_in(role: Role = Role.AGENT, *, login: str = "", language: str = "id") -> Browser:
        house = app.state.house
        agent_id = add_agent(role, login=login, language=language)
        now = clock.now()
        with house.database.transaction() as tx:
            token = sessions.create(tx.session, agent_id, house.session_limits, now=now)
        with house.database.reading() as session:
            found = sessions.find(session, token, house.session_limits, now=now)
        browser = Browser(app, base_url=BASE_URL, headers=ORIGIN, follow_redirects=False)
        browser.cookies.set("sid", token)
        browser.csrf, browser.agent_id = found.csrf_token, agent_id
        return browser

    return sign_in
