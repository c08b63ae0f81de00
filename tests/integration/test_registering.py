"""What the sweep notices of the registry, and what the jobs it queues do."""

import pytest
from sqlalchemy import select, update

from helpdesk import jobs, registering, work
from helpdesk.jobs import Job, JobRow, JobState
from helpdesk.matching import rematch
from helpdesk.registry import keys, serving
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport
from helpdesk.replies.models import Draft
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Direction
from helpdesk.tickets.models import Message, Ticket
from tests import registry
from tests.integration.matching.rows import NOW, ONE, ROWS, TWO, ticket

LETTER = (
    "Nama: Rahmat Contoh\nTempat/tgl lahir: Bandung, 17-08-1990\nNIK: 3273011708909001\n"
    "Mohon nomor KPJ saya."
)


# In a registry of one every name is one that everybody has.
CROWD = [
    {
        "kpj": f"990001{n:05}",
        "nik": f"3578{n:02}0101{n % 90 + 10}9{n:03}",
        "full_name": f"{chr(65 + n % 26)}UMA{chr(65 + n // 26)}I L{chr(65 + n % 21)}STARI",
        "birth_place": "SURABAYA",
        "birth_date": f"19{n % 40 + 60}-01-{n % 27 + 1:02}",
    }
    for n in range(60)
]


@pytest.fixture
def plant(database, tmp_path):
    conf = Settings(data_dir=str(tmp_path), secret_key="0" * 64)
    return work.open_plant(conf, database)


def write(plant, text=LETTER):
    with plant.database.transaction() as tx:
        number = ticket(tx.session, decision=None)
        tx.session.add(
            Message(ticket_id=number, direction=Direction.INBOUND, body=text, received_at=NOW)
        )
        jobs.enqueue(tx, Job.MATCH, [number], now=NOW)
    work.drain(plant, Job.MATCH)
    work.drain(plant, Job.DRAFT)
    return number


def decision(plant, number):
    with plant.database.reading() as session:
        return session.get_one(Ticket, number).decision


def queued(plant, job):
    with plant.database.reading() as session:
        return list(session.scalars(select(JobRow.subject_id).where(JobRow.job == job)))


def draft_version(plant, number):
    with plant.database.reading() as session:
        return session.scalar(select(Draft.version).where(Draft.ticket_id == number))


def progress(plant):
    with plant.database.reading() as session:
        return rematch.progress(session)


def test_who_was_not_found_is_found_in_the_next_registry(plant):
    registry.fill(plant.database, CROWD)
    number = write(plant)
    assert decision(plant, number) == "none"
    work.sweep(plant)
    work.drain(plant, Job.REMATCH)
    before = draft_version(plant, number)
    registry.fill(plant.database, ROWS[:1])

    work.sweep(plant)
    assert queued(plant, Job.REMATCH) == [number]
    work.drain(plant, Job.REMATCH)
    work.drain(plant, Job.DRAFT)

    assert decision(plant, number) == "match"
    assert draft_version(plant, number) > before
    found = progress(plant)
    assert (found.total, found.done, found.changed, found.running) == (1, 1, 1, False)


def test_what_stays_as_it_was_is_not_drafted_again(plant):
    registry.fill(plant.database, ROWS[3:])
    number = write(plant)
    work.sweep(plant)
    work.drain(plant, Job.REMATCH)
    assert queued(plant, Job.DRAFT) == []
    assert progress(plant).changed == 0
    assert decision(plant, number) == "none"


def test_who_was_answered_meanwhile_is_left(plant):
    registry.fill(plant.database, ROWS[3:])
    number = write(plant)
    registry.fill(plant.database, ROWS[:1])
    work.sweep(plant)
    with plant.database.transaction() as tx:
        tx.session.execute(update(Ticket).values(status="waiting_participant"))
    work.drain(plant, Job.REMATCH)
    assert (decision(plant, number), queued(plant, Job.REMATCH)) == ("none", [])


def test_the_sweep_has_old_keys_made_anew_once(plant):
    registry.fill(plant.database, ROWS)
    outdate(plant)
    work.sweep(plant)
    work.sweep(plant)
    [old] = queued(plant, Job.REKEY)

    work.drain(plant, Job.REKEY)

    with plant.database.reading() as session:
        serves = serving.current(session)
        reader = serving.serving(session)
        assert reader.by_kpj([ONE, TWO]).keys() == {ONE, TWO}
    assert (serves.key_version, serves.id > old) == (keys.VERSION, True)
    work.sweep(plant)
    assert queued(plant, Job.REKEY) == []


def test_current_keys_and_parked_attempts_are_left(plant):
    registry.fill(plant.database, ROWS)
    work.sweep(plant)
    assert queued(plant, Job.REKEY) == []
    outdate(plant)
    work.sweep(plant)
    with plant.database.transaction() as tx:
        tx.session.execute(
            update(JobRow).where(JobRow.job == Job.REKEY).values(state=JobState.PARKED)
        )
    work.sweep(plant)
    assert len(queued(plant, Job.REKEY)) == 1


def test_while_an_import_runs_no_keys_are_made(plant):
    registry.fill(plant.database, ROWS)
    outdate(plant)
    work.sweep(plant)
    with plant.database.transaction() as tx:
        tx.session.add(
            RegistryImport(
                state=GenerationState.BUILDING,
                kind=ImportKind.DELTA,
                source="registry.csv",
                holder="elsewhere:1",
                started_at=NOW,
                beat_at=registering.clock.now(),
                key_version=keys.VERSION,
            )
        )
    work.drain(plant, Job.REKEY)
    work.sweep(plant)
    with plant.database.reading() as session:
        assert serving.current(session).key_version == keys.VERSION - 1
    assert queued(plant, Job.REKEY) == []


def outdate(plant):
    with plant.database.transaction() as tx:
        tx.session.execute(update(RegistryImport).values(key_version=keys.VERSION - 1))
