import datetime as dt

import pytest
from sqlalchemy import delete, select, update

from helpdesk import jobs
from helpdesk.jobs import Job, JobRow, JobState
from helpdesk.matching import rematch
from helpdesk.matching.models import Rematch
from helpdesk.matching.types import Verdict
from helpdesk.registry import load
from helpdesk.registry.models import RegistryImport
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Ticket
from tests import registry
from tests.integration.matching.rows import NOW, ONE, ONE_TOO, ROWS, TWO, claim, ticket
from tests.integration.matching.test_second_look import assessment

LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)  # after whatever a registry was imported


@pytest.fixture
def filled(database):
    registry.fill(database, ROWS)
    return database


def start(database, now=LATER, batch=2):
    with database.transaction() as tx:
        queued = rematch.start(tx, batch=batch, now=now)
        hints, tx.hints = list(tx.hints), []
    return queued, hints


def progress(database):
    with database.reading() as session:
        return rematch.progress(session)


def waiting(database):
    with database.reading() as session:
        return list(session.scalars(select(JobRow.subject_id).order_by(JobRow.subject_id)))


def tickets(database, count, **values):
    with database.transaction() as tx:
        return [ticket(tx.session, **values) for _ in range(count)]


def test_without_a_registry_there_is_nothing_to_do(database):
    assert start(database) == (None, [])
    assert progress(database) is None


def test_only_unsure_tickets_that_wait_for_us_are_matched_again(filled):
    wanted = tickets(filled, 1, decision="none") + tickets(filled, 1, decision="review")
    tickets(filled, 1, decision="match")
    tickets(filled, 1, decision=None)
    for status in TicketStatus:
        if status is not TicketStatus.WAITING_AGENT:
            tickets(filled, 1, status=status)
    assert start(filled)[0] == 2
    assert waiting(filled) == wanted


def test_one_task_is_announced_for_each_batch(filled):
    ids = tickets(filled, 5)
    assert start(filled)[1] == [
        (Job.REMATCH, ids[0]),
        (Job.REMATCH, ids[2]),
        (Job.REMATCH, ids[4]),
    ]


def test_no_more_tasks_are_announced_than_workers_there_will_be(filled):
    tickets(filled, jobs.MOST_ANNOUNCED + 3)
    assert len(start(filled, batch=1)[1]) == jobs.MOST_ANNOUNCED


def test_a_generation_is_matched_once_however_often_it_is_noticed(filled):
    tickets(filled, 1)
    start(filled)
    with filled.transaction() as tx:
        tx.session.execute(delete(JobRow))
    assert start(filled) == (None, [])
    assert waiting(filled) == []


def test_a_clock_that_is_behind_starts_no_second_one(filled):
    tickets(filled, 1)
    behind = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert start(filled, behind)[0] == 1
    assert start(filled, behind) == (None, [])


def test_the_next_generation_goes_on_with_what_the_last_left(filled):
    tickets(filled, 2)
    start(filled, NOW)
    registry.change(filled, ONE, employer="PT LAIN")
    tickets(filled, 1)
    assert start(filled)[0] == 3
    with filled.reading() as session:
        ended = session.scalars(select(Rematch.finished_at).order_by(Rematch.id)).all()
    assert ended == [LATER, None]


def test_going_back_to_a_generation_matches_again(filled):
    tickets(filled, 1)
    start(filled, NOW)
    registry.change(filled, ONE, employer="PT LAIN")
    start(filled, NOW)
    load.go_back(filled, audit_key=registry.AUDIT_KEY)
    with filled.transaction() as tx:
        tx.session.execute(delete(JobRow))
        tx.session.execute(
            update(Rematch).values(started_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        )
    assert start(filled)[0] == 1


def test_progress_counts_down_and_ends(filled):
    ids = tickets(filled, 3)
    start(filled)
    with filled.transaction() as tx:
        tx.session.execute(delete(JobRow).where(JobRow.subject_id == ids[0]))
        rematch.count(tx.session, 1)
        rematch.close(tx.session, LATER)
    seen = progress(filled)
    assert (seen.total, seen.done, seen.changed, seen.running) == (3, 1, 1, True)
    with filled.transaction() as tx:
        tx.session.execute(delete(JobRow).where(JobRow.subject_id == ids[1]))
        tx.session.execute(update(JobRow).values(state=JobState.PARKED))
        rematch.close(tx.session, LATER)
    seen = progress(filled)
    assert (seen.running, seen.parked, seen.finished_at) == (False, 1, LATER)


def test_with_nothing_to_do_it_is_over_at_once(filled):
    assert start(filled) == (0, [])
    assert not progress(filled).running


def test_a_generation_that_is_only_built_is_not_noticed(filled):
    start(filled)
    with filled.transaction() as tx:
        tx.session.add(
            RegistryImport(
                state="building",
                kind="delta",
                source="x.csv",
                holder="host:1",
                started_at=LATER,
                beat_at=LATER,
                key_version=1,
            )
        )
    assert start(filled) == (None, [])


def test_who_moved_on_meanwhile_is_not_due_as_before(filled):
    one, two, three = tickets(filled, 3)
    with filled.transaction() as tx:
        before = rematch.due(tx.session, [one, two, three])
        tx.session.get_one(Ticket, one).message_count += 1
        tx.session.get_one(Ticket, two).status = TicketStatus.CLOSED
        tx.session.flush()
        after = rematch.due(tx.session, [one, two, three])
    assert list(before) == [one, two, three]
    assert dict(before.items() & after.items()).keys() == {three}


@pytest.mark.parametrize(
    ("verdict", "kpj", "differs"),
    [
        (Verdict.REVIEW, ONE, False),
        (Verdict.MATCH, ONE, True),
        (Verdict.REVIEW, TWO, True),
        (Verdict.NONE, TWO, True),
    ],
)
def test_a_ticket_changed_if_its_verdict_or_its_best_person_did(filled, verdict, kpj, differs):
    with filled.transaction() as tx:
        number = ticket(tx.session)
        claim(tx.session, number, (ONE, ONE_TOO), (TWO,))
        assert rematch.changed(tx.session, [assessment(number, verdict, kpj)]) == (
            [number] if differs else []
        )


def test_a_claim_that_came_or_went_is_a_change(filled):
    with filled.transaction() as tx:
        number = ticket(tx.session)
        found = assessment(number, Verdict.REVIEW)
        assert rematch.changed(tx.session, [found]) == [number]
        claim(tx.session, number, (ONE,))
        claim(tx.session, number, position=1, verdict="none")
        assert rematch.changed(tx.session, [found]) == [number]
