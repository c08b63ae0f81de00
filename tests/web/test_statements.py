"""How many statements the two pages cost that agents look at all day, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts import sessions
from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.settings import Settings
from helpdesk.web.app import create_app
from tests.seed import draft_open, seed
from tests.web.conftest import BASE_URL, ORIGIN, Browser

CLEAR = 21  # an e-mail with a claim, a draft, an attachment
AGENT = 1


@pytest.fixture
def app(conf: Settings, database: Database, blobs: BlobStore) -> Starlette:
    seed(database, tickets=60)
    made = create_app(conf, database, blobs=blobs)
    draft_open(database, made.state.house.replies)
    return made


@pytest.fixture
def browser(app: Starlette) -> Iterator[Browser]:
    house = app.state.house
    with house.database.transaction() as tx:
        token = sessions.create(tx.session, AGENT, house.session_limits, now=clock.now())
    with Browser(app, base_url=BASE_URL, headers=ORIGIN) as found:
        found.cookies.set("sid", token)
        yield found


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database from here on, but for the bounds of transactions."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


# Each is a round trip to PostgreSQL and a quarter of a millisecond of the web process. If one more
# is needed, see first whether another can bring its answer along.
def test_queue_asks_five_times(browser: Browser, statements: list[str]):
    page = browser.get("/tickets")

    assert page.text.count("class=row ") > 40
    assert len(statements) <= 5, statements


def test_ticket_asks_seventeen_times(browser: Browser, statements: list[str]):
    page = browser.get(f"/tickets/{CLEAR}")

    assert "KTP.jpg" in page.text
    assert len(statements) <= 17, statements
