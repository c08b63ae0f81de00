"""What the pages of imports read."""

import dataclasses
from pathlib import Path

import pytest

from helpdesk.accounts.models import Agent, Role
from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.errors import NotFoundError
from helpdesk.ingest import import_queries, imports
from helpdesk.ingest.import_queries import PAGE_ROWS
from helpdesk.tickets import queries
from helpdesk.tickets.kinds import Direction, ImportState
from helpdesk.tickets.models import ImportBatch, Message
from helpdesk.tickets.queries import Filter, View
from tests.chats import NOW, answered, begin, bring, said


def test_import_tells_its_counts_and_the_tickets_it_opened_or_continued(
    database: Database, blobs: BlobStore, tmp_path: Path
):
    bring(database, blobs, tmp_path, [said(0)])
    second = [said(0), said(1), answered(1.5), said(100), said(0, thread="budi", title="Budi")]

    batch_id, _ = bring(database, blobs, tmp_path, second)

    with database.reading() as session:
        found = import_queries.one(session, batch_id)
        tickets = import_queries.tickets(session, batch_id)
        undoing = import_queries.undoing(session, batch_id, None)
        shown = queries.queue_page(
            session, Filter(View.ALL, import_id=batch_id), agent_id=1, now=NOW
        )
    assert (found.new, found.known, found.tickets_opened, found.tickets_continued) == (4, 1, 2, 1)
    assert sorted((each.opened, each.contact_name) for each in tickets) == [
        (False, "Siti Contoh"),
        (True, "Budi"),
        (True, "Siti Contoh"),
    ]
    assert (undoing.messages, undoing.tickets) == (4, 2)
    assert {each.id for each in shown.rows} == {each.id for each in tickets}


def test_ticket_somebody_worked_on_forbids_taking_back(
    database: Database, blobs: BlobStore, tmp_path: Path
):
    batch_id, _ = bring(database, blobs, tmp_path, [said(0)])
    with database.reading() as session:
        assert imports.worked_on(session, batch_id) is None
        (ticket,) = import_queries.tickets(session, batch_id)
    with database.transaction() as tx:
        tx.session.add(
            Message(
                ticket_id=ticket.id,
                direction=Direction.NOTE,
                agent_id=_agent(tx.session),
                body="sudah ditelepon",
                received_at=NOW,
            )
        )

    with database.reading() as session:
        assert imports.worked_on(session, batch_id) == ticket.id


def test_imports_are_listed_newest_first_a_page_at_a_time(database: Database):
    made = [begin(database) for _ in range(PAGE_ROWS + 2)]

    with database.reading() as session:
        first, older = import_queries.page(session)
        second, nothing = import_queries.page(session, older)

    assert [each.id for each in (*first, *second)] == made[::-1]
    assert nothing is None


@pytest.mark.parametrize(
    ("state", "position", "total", "ratio"),
    [
        (ImportState.WAITING, 0, 0, None),
        (ImportState.READING, 0, 0, 0.0),
        (ImportState.READING, 5, 20, 0.25),
        (ImportState.FILING, 30, 20, 1.0),
    ],
)
def test_how_far_an_import_is(database: Database, state, position, total, ratio):
    batch_id = begin(database)

    with database.reading() as session:
        found = import_queries.one(session, batch_id)

    told = dataclasses.replace(found, state=state, position=position, total=total)
    assert told.ratio == ratio
    assert told.is_running


def test_paths_in_use_are_those_of_exports_still_to_be_read(database: Database):
    first, second = begin(database), begin(database)
    with database.transaction() as tx:
        tx.session.get_one(ImportBatch, first).path = "/var/uploads/17"
        tx.session.get_one(ImportBatch, second).path = None

    with database.reading() as session:
        assert import_queries.paths(session) == {Path("/var/uploads/17")}


def test_unknown_import_is_not_found(database: Database):
    with database.reading() as session, pytest.raises(NotFoundError):
        import_queries.one(session, 7)


def _agent(session) -> int:
    agent = Agent(
        login="dewi",
        name="Dewi",
        role=Role.AGENT,
        language="id",
        theme="system",
        password_hash="x",
        active=True,
        created_at=NOW,
    )
    session.add(agent)
    session.flush()
    return agent.id
