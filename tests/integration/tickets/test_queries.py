import datetime as dt

import pytest

from helpdesk.db import Database
from helpdesk.tickets import history, queries
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.queries import PAGE_ROWS, Filter, View
from tests.seed import seed

AGENT = 1


@pytest.fixture
def seeded(database: Database) -> Database:
    seed(database, tickets=150)
    return database


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("newest_first", [True, False])
def test_pages_show_every_ticket_of_a_view_once(seeded: Database, view: View, newest_first: bool):
    wanted = Filter(view, newest_first=newest_first)
    seen, after = [], None
    with seeded.reading() as session:
        while True:
            page = queries.queue_page(session, wanted, agent_id=AGENT, after=after)
            seen += [row.id for row in page.rows]
            if (after := page.next) is None:
                break
        counts = queries.view_counts(session, agent_id=AGENT)

    assert len(seen) == len(set(seen))
    assert len(seen) == counts[view] or view in {View.CLOSED, View.ALL}


def test_oldest_waiting_comes_first(seeded: Database):
    with seeded.reading() as session:
        rows = queries.queue_page(session, Filter(), agent_id=AGENT).rows

    assert len(rows) == PAGE_ROWS
    assert [row.waiting_since for row in rows] == sorted(row.waiting_since for row in rows)


def test_text_finds_contacts_and_never_acts_as_a_pattern(seeded: Database):
    with seeded.reading() as session:
        found = queries.queue_page(session, Filter(View.ALL, text="CONTOH"), agent_id=AGENT).rows
        percent = queries.queue_page(session, Filter(View.ALL, text="%"), agent_id=AGENT).rows

    assert found
    assert all(
        "contoh" in (row.contact_name + row.subject + row.contact_address).lower() for row in found
    )
    assert not percent


def test_number_finds_its_ticket(seeded: Database):
    with seeded.reading() as session:
        rows = queries.queue_page(session, Filter(View.ALL, text="#42"), agent_id=AGENT).rows

    assert [row.id for row in rows] == [42]


def test_channel_narrows(seeded: Database):
    with seeded.reading() as session:
        rows = queries.queue_page(
            session, Filter(View.ALL, channel=Channel.WHATSAPP), agent_id=AGENT
        ).rows

    assert {row.channel for row in rows} == {Channel.WHATSAPP}


def test_neighbours_lead_there_and_back(seeded: Database):
    with seeded.reading() as session:
        first, second = queries.queue_page(session, Filter(), agent_id=AGENT).rows[:2]
        beside_first, beside_second = (
            queries.neighbours(
                session,
                View.WAITING,
                agent_id=AGENT,
                waiting_since=each.waiting_since,
                ticket_id=each.id,
            )
            for each in (first, second)
        )

    assert beside_first == (None, second.id)
    assert beside_second[0] == first.id


def test_conversation_comes_with_its_files(seeded: Database):
    with seeded.reading() as session:
        messages = history.messages(session, 21)

    assert [file.file_name for file in messages[0].files] == ["KTP.jpg"]
    assert messages[0].received_at.tzinfo is dt.UTC


def test_head_knows_the_contact(seeded: Database):
    with seeded.reading() as session:
        head = history.head(session, 21)

    assert head.contact_address.endswith("@example.org")
