import datetime as dt

import pytest
from sqlalchemy import event, select, text

from helpdesk import jobs
from helpdesk.db import Database
from helpdesk.jobs import Job, JobRow, JobState
from helpdesk.rows import among, update_rows

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def three_jobs(database):
    with database.transaction() as tx:
        jobs.enqueue(tx, Job.MATCH, [1, 2, 3], now=NOW)


def subjects(database, condition) -> list[int]:
    with database.reading() as session:
        wanted = select(JobRow.subject_id).where(condition).order_by(JobRow.id)
        return list(session.scalars(wanted))


@pytest.mark.parametrize("asked", [[], [2], [3, 1, 9], {1, 2, 3}])
def test_a_column_is_among_the_values_it_is_compared_with(database, asked):
    assert subjects(database, among(JobRow.subject_id, asked)) == sorted({*asked} - {9})


@pytest.mark.parametrize("text", ["it's", '{"a",b}', "\\", "NULL", "", "é ' ; --"])
def test_a_text_is_only_among_itself(database, text):
    with database.transaction() as tx:
        first = tx.session.scalars(select(JobRow).order_by(JobRow.id)).first()
        first.error = text
    assert subjects(database, among(JobRow.error, [text, "another"])) == [1]
    assert subjects(database, among(JobRow.error, ["another"])) == []


def statements(database, conditions) -> set[str]:
    seen = set()

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(_conn, _cursor, statement, *_rest):
        seen.add(statement)

    for each in conditions:
        subjects(database, each)
    event.remove(database.engine, "before_cursor_execute", note)
    return {each for each in seen if each.startswith("SELECT")}


def test_postgresql_gets_one_statement_for_lists_of_every_length(database):
    lists = [], [1], [1, 2, 3]
    seen = statements(database, [among(JobRow.subject_id, each) for each in lists])
    assert len(seen) == (3 if database.is_sqlite else 1)


def test_sqlite_finds_the_rows_by_their_index(sqlite_database):
    (statement,) = statements(sqlite_database, [among(JobRow.id, [1, 2])])
    with sqlite_database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (1, 2)).all()
    assert "SEARCH job USING INTEGER PRIMARY KEY" in str(plan)


def test_only_the_named_rows_and_columns_change(database):
    with database.reading() as session:
        ids = list(session.scalars(select(JobRow.id).order_by(JobRow.id)))
    later = NOW + dt.timedelta(seconds=1.5)
    with database.transaction() as tx:
        update_rows(
            tx.session,
            JobRow,
            [
                {"id": ids[0], "state": JobState.PARKED, "not_before": later, "error": "a ' \\ é"},
                {"id": ids[2], "state": JobState.RUNNING, "not_before": NOW, "error": None},
                {"id": 10**6, "state": JobState.PARKED, "not_before": NOW, "error": "nobody's"},
            ],
        )
        update_rows(tx.session, JobRow, [])
    with database.reading() as session:
        wanted = select(JobRow.state, JobRow.not_before, JobRow.error, JobRow.created_at)
        found = [tuple(row) for row in session.execute(wanted.order_by(JobRow.id))]
    assert found == [
        (JobState.PARKED, later, "a ' \\ é", NOW),
        (JobState.QUEUED, NOW, None, NOW),
        (JobState.RUNNING, NOW, None, NOW),
    ]


def test_jobs_claimed_at_different_times_are_finished_together(database):
    with database.transaction() as tx:
        first = jobs.claim(tx.session, Job.MATCH, limit=1, now=NOW)
        jobs.fail(tx.session, first[0], error="x", retry=True, now=NOW)
    with database.transaction() as tx:
        others = jobs.claim(tx.session, Job.MATCH, limit=5, now=NOW)
        again = jobs.claim(tx.session, Job.MATCH, limit=5, now=NOW + dt.timedelta(seconds=30))
        assert [each.attempt for each in (*others, *again)] == [1, 1, 2]
        assert jobs.finish(tx.session, [*others, *again])
    assert subjects(database, JobRow.id.is_not(None)) == []


def test_postgresql_compresses_fast_where_it_can(postgres_url):
    database = Database(postgres_url)
    try:
        with database.reading() as session:
            offered, used = session.execute(
                text(
                    "SELECT enumvals, setting FROM pg_settings "
                    "WHERE name = 'default_toast_compression'"
                )
            ).one()
    finally:
        database.dispose()
    assert used == ("lz4" if "lz4" in offered else "pglz")
