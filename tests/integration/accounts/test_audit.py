"""The trail grows, cannot be changed, and shows where it was changed all the same."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from helpdesk.accounts import audit
from helpdesk.accounts.audit import GENESIS, Anchor, Broken, Entry
from helpdesk.accounts.models import AuditEvent
from tests.integration.accounts.conftest import KEY, NOW

DETAIL = {"count": 2, "masked": True, "why": "“é\n", "fields": ["nik", "name"], "none": None}


@pytest.fixture
def trail(database, agent_id):
    """A database with five lines in its trail."""
    entries = [Entry("ticket.view", "ticket", number, DETAIL) for number in range(1, 6)]
    with database.transaction() as tx:
        audit.record_all(tx.session, entries, key=KEY, now=NOW, agent_id=agent_id)
    return database


@pytest.fixture
def tamper(trail):
    """Change the trail as somebody who owns the database could."""

    def run(*statements):
        with trail.transaction() as tx:
            if trail.is_sqlite:
                tx.session.execute(text("DROP TRIGGER IF EXISTS audit_event_no_update"))
                tx.session.execute(text("DROP TRIGGER IF EXISTS audit_event_no_delete"))
            else:
                tx.session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
            for statement in statements:
                tx.session.execute(statement)

    return run


def verify(database, anchors=()):
    with database.reading() as session:
        return audit.verify(session, KEY, anchors)


def end_of(database):
    with database.reading() as session:
        return audit.anchor(session)


def test_empty_trail_is_whole(database):
    assert verify(database) is None
    assert end_of(database) == Anchor(0, GENESIS)


def test_trail_as_written_is_whole(trail, agent_id):
    with trail.transaction() as tx:
        audit.record(
            tx.session,
            key=KEY,
            now=NOW.astimezone(dt.timezone(dt.timedelta(hours=7))) + dt.timedelta(microseconds=1),
            agent_id=None,
            action="job.requeue",
            subject_type="job",
        )

    assert verify(trail) is None
    assert end_of(trail).id == 6


def test_lines_of_a_rolled_back_transaction_leave_no_gap(trail, agent_id):
    with pytest.raises(RuntimeError), trail.transaction() as tx:
        audit.record(
            tx.session, key=KEY, now=NOW, agent_id=agent_id, action="x.y", subject_type="x"
        )
        raise RuntimeError
    with trail.transaction() as tx:
        audit.record(
            tx.session, key=KEY, now=NOW, agent_id=agent_id, action="x.y", subject_type="x"
        )

    assert end_of(trail).id == 6
    assert verify(trail) is None


def test_many_writers_at_once_make_one_chain(trail, agent_id):
    def write(number):
        with trail.transaction() as tx:
            entry = Entry("ticket.view", "ticket", number)
            audit.record_all(tx.session, [entry] * 3, key=KEY, now=NOW, agent_id=agent_id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    assert verify(trail) is None
    assert end_of(trail).id == 125


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEvent).values(action="nothing"),
        update(AuditEvent).where(AuditEvent.id == 5).values(subject_id=9),
        delete(AuditEvent).where(AuditEvent.id == 5),
        delete(AuditEvent),
    ],
    ids=["update all", "update one", "delete one", "delete all"],
)
def test_database_refuses_to_change_the_trail(trail, statement):
    with pytest.raises(DBAPIError, match="append-only"), trail.transaction() as tx:
        tx.session.execute(statement)

    assert verify(trail) is None


def test_postgresql_refuses_to_empty_the_trail(trail):
    if not trail.is_sqlite:  # SQLite knows no TRUNCATE
        with pytest.raises(DBAPIError, match="append-only"), trail.transaction() as tx:
            tx.session.execute(text("TRUNCATE audit_event"))
    assert end_of(trail).id == 5


@pytest.mark.parametrize(
    "change",
    [
        {"action": "ticket.list"},
        {"agent_id": None},
        {"subject_id": 8},
        {"subject_type": "draft"},
        {"at": NOW + dt.timedelta(microseconds=1)},
        {"detail": {**DETAIL, "count": 3}},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changed_line_is_named(trail, tamper, change):
    tamper(update(AuditEvent).where(AuditEvent.id == 3).values(**change))

    assert verify(trail) == Broken(3, "it was changed")


def test_deleted_line_is_noticed_at_the_next(trail, tamper):
    tamper(delete(AuditEvent).where(AuditEvent.id == 3))

    assert verify(trail) == Broken(4, "the lines before it are gone")


def test_deleted_beginning_is_noticed(trail, tamper):
    tamper(delete(AuditEvent).where(AuditEvent.id == 1))

    assert verify(trail) == Broken(2, "the lines before it are gone")


def test_lines_that_changed_places_are_noticed(trail, tamper):
    moves = [(2, 99), (3, 2), (99, 3)]
    tamper(*(update(AuditEvent).where(AuditEvent.id == a).values(id=b) for a, b in moves))

    assert verify(trail) == Broken(2, "it does not follow the line before it")


def test_line_added_without_the_key_is_noticed(trail, tamper):
    with trail.transaction() as tx:
        audit.record(
            tx.session, key=b"other", now=NOW, agent_id=None, action="x.y", subject_type="x"
        )

    assert verify(trail) == Broken(6, "it was changed")


def test_cut_off_end_is_noticed_only_against_an_anchor(trail, tamper):
    end = end_of(trail)
    tamper(delete(AuditEvent).where(AuditEvent.id > 3))

    assert verify(trail) is None
    assert verify(trail, [end]) == Broken(4, "the lines from here on are gone")


def test_trail_written_anew_with_the_key_is_noticed_against_an_anchor(trail, tamper):
    end = end_of(trail)
    tamper(delete(AuditEvent).where(AuditEvent.id == 5))
    with trail.transaction() as tx:
        audit.record(tx.session, key=KEY, now=NOW, agent_id=None, action="x.y", subject_type="x")

    assert verify(trail) is None
    assert verify(trail, [end]) == Broken(5, "the trail was written anew")


@pytest.mark.parametrize("number", ["3271046504930001", "99000000017", 3271046504930001])
def test_detail_that_looks_like_a_nik_or_kpj_is_refused(trail, number):
    with pytest.raises(ValueError, match="looks like"), trail.transaction() as tx:
        audit.record(
            tx.session,
            key=KEY,
            now=NOW,
            agent_id=None,
            action="ticket.view",
            subject_type="ticket",
            detail={"q": number},
        )


def test_long_trail_is_verified_to_its_end(database):
    with database.transaction() as tx:
        for start in range(0, 3000, 500):
            entries = [Entry("ticket.view", "ticket", start + n) for n in range(500)]
            audit.record_all(tx.session, entries, key=KEY, now=NOW, agent_id=None)
    row = {"id": 3002, "prev_hash": GENESIS, "hash": GENESIS, "subject_id": None, "agent_id": None}
    with database.transaction() as tx:
        said = {"at": NOW, "action": "a", "subject_type": "s", "detail": {}}
        tx.session.execute(insert(AuditEvent), [row | said])

    assert verify(database) == Broken(3002, "the lines before it are gone")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 3001
