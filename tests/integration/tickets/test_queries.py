import datetime as dt

import pytest

from helpdesk import clock
from helpdesk.db import Database
from helpdesk.tickets import history, queries
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.queries import PAGE_ROWS, Filter, View
from tests.seed import seed

AGENT = 1
NOW = clock.now()


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
            page = queries.queue_page(session, wanted, agent_id=AGENT, now=NOW, after=after)
            seen += [row.id for row in page.rows]
            if (after := page.next) is None:
                break
        counts = queries.view_counts(session, agent_id=AGENT, now=NOW)

    assert len(seen) == len(set(seen))
    assert len(seen) == counts[view] or view in {View.CLOSED, View.ALL}


def test_oldest_waiting_comes_first(seeded: Database):
    with seeded.reading() as session:
        rows = queries.queue_page(session, Filter(), agent_id=AGENT, now=NOW).rows

    assert len(rows) == PAGE_ROWS
    assert [row.waiting_since for row in rows] == sorted(row.waiting_since for row in rows)


def test_what_closes_soon_comes_in_the_order_it_closes_and_what_closed_is_left_out(
    seeded: Database,
):
    with seeded.reading() as session:
        rows = queries.queue_page(session, Filter(View.CLOSING), agent_id=AGENT, now=NOW).rows
        waiting = queries.queue_page(session, Filter(), agent_id=AGENT, now=NOW).rows
        beside = queries.neighbours(
            session,
            View.CLOSING,
            agent_id=AGENT,
            now=NOW,
            at=rows[1].window_ends_at,
            ticket_id=rows[1].id,
        )

    ends = [row.window_ends_at for row in rows]
    assert ends == sorted(ends)
    assert all(NOW < each <= NOW + queries.CLOSING for each in ends)
    assert any(row.window_ends_at and row.window_ends_at < NOW for row in waiting)
    assert beside == (rows[0].id, rows[2].id)


def test_text_finds_contacts_and_never_acts_as_a_pattern(seeded: Database):
    with seeded.reading() as session:
        found = queries.queue_page(
            session, Filter(View.ALL, text="CONTOH"), agent_id=AGENT, now=NOW
        ).rows
        percent = queries.queue_page(
            session, Filter(View.ALL, text="%"), agent_id=AGENT, now=NOW
        ).rows

    assert found
    assert all(
        "contoh" in (row.contact_name + row.subject + row.contact_address).lower() for row in found
    )
    assert not percent


def test_number_finds_its_ticket(seeded: Database):
    with seeded.reading() as session:
        rows = queries.queue_page(
            session, Filter(View.ALL, text="#42"), agent_id=AGENT, now=NOW
        ).rows

    assert [row.id for row in rows] == [42]


def test_channel_narrows(seeded: Database):
    with seeded.reading() as session:
        rows = queries.queue_page(
            session, Filter(View.ALL, channel=Channel.WHATSAPP), agent_id=AGENT, now=NOW
        ).rows

    assert {row.channel for row in rows} == {Channel.WHATSAPP}


def test_neighbours_lead_there_and_back(seeded: Database):
    with seeded.reading() as session:
        first, second = queries.queue_page(session, Filter(), agent_id=AGENT, now=NOW).rows[:2]
        beside_first, beside_second = (
            queries.neighbours(
                session,
                View.WAITING,
                agent_id=AGENT,
                now=NOW,
                at=each.waiting_since,
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
