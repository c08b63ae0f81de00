"""Imports as a whole: checked before anything is filed, gone on with, taken back."""

import datetime as dt
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk import blobs as blob_rows
from helpdesk import clock, importing, jobs, work
from helpdesk.accounts.models import Agent, AuditEvent, Role
from helpdesk.db import Base
from helpdesk.errors import ConflictError
from helpdesk.identity.types import Field
from helpdesk.ingest import imports
from helpdesk.ingest.chats import Filer
from helpdesk.ingest.exports.types import Event
from helpdesk.ingest.imports import NewImport, Source
from helpdesk.jobs import Job, JobRow
from helpdesk.matching import service as matching
from helpdesk.matching.models import ClaimRow, FactRow
from helpdesk.outbox import dm
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, Direction, ImportState, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, ImportBatch, Message, Ticket
from tests.chats import NOW, RULES, START, answered, bring, picture, said

NIK = "3205004505889001"
CHAT = [
    "26/09/26 23.10 - Siti Contoh: Min saya lupa nomor KPJ",
    f"26/09/26 23.11 - Siti Contoh: Nama: Siti Contoh\nTTL: Garut, 5 Mei 1988\nNIK: {NIK}",
    "26/09/26 23.15 - BPJS Ketenagakerjaan: Baik, mohon ditunggu",
    "27/09/26 08.00 - Siti Contoh: IMG-20260927-WA0001.jpg (file terlampir)",
    "27/09/26 08.01 - Siti Contoh: IMG-20260927-WA0002.jpg (file terlampir)",
    "18/11/26 08.00 - Siti Contoh: halo kak masih lupa",
]
PICTURE = b"\xff\xd8" + b"made up" * 500


@pytest.fixture
def plant(database, tmp_path):
    settings = Settings(data_dir=str(tmp_path / "var"), secret_key="k" * 64)
    return work.open_plant(settings, database)


def chat(path: Path, lines=CHAT, **media: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{path.stem}.txt", "\n".join(lines))
        for name, content in (media or {"IMG-20260927-WA0001.jpg": PICTURE}).items():
            file.writestr(name, content)
    return path


@pytest.fixture
def export(tmp_path) -> Path:
    return chat(tmp_path / "Chat WhatsApp dengan Siti Contoh.zip")


def bring_in(plant, path, **told):
    return importing.bring_in(plant, NewImport(Source.COMMAND, path, path.name, **told))


def count(database, table, *where) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def test_an_export_becomes_tickets_with_its_counts(plant, export, database):
    report = bring_in(plant, export)
    assert (report.state, report.channel, report.format) == (
        *(ImportState.DONE, Channel.WHATSAPP, "whatsapp"),
    )
    assert (report.counts.new, report.counts.known, report.tickets_opened) == (6, 0, 2)
    assert (report.counts.first_at, report.counts.last_at) == (
        dt.datetime(2026, 9, 26, 16, 10, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 18, 1, tzinfo=dt.UTC),
    )
    with database.reading() as session:
        batch = session.get_one(ImportBatch, report.id)
        assert len(batch.sha256) == 64
        assert (batch.position, batch.total, batch.size_bytes) == (6, 6, export.stat().st_size)
        queued = session.execute(select(JobRow.job, JobRow.subject_id)).all()
        assert sorted(queued) == sorted(
            (Job.MATCH, each) for each in session.scalars(select(Ticket.id))
        )


def test_files_are_kept_once_and_what_is_missing_is_told(plant, export, database):
    bring_in(plant, export)
    bring_in(plant, export)
    with database.reading() as session:
        files = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        assert [each.problem for each in files] == [None, "missing"]
        assert plant.blobs.read(session, files[0].sha256) == PICTURE
        assert (files[0].media_type, files[0].size_bytes) == ("image/jpeg", len(PICTURE))


def test_the_same_again_is_known_and_leaves_nothing_to_do(plant, export, database):
    bring_in(plant, export)
    before = picture(database)
    again = bring_in(plant, export)
    assert (again.counts.new, again.counts.known) == (0, 6)
    assert (again.tickets_opened, again.tickets_continued) == (0, 0)
    assert picture(database) == before


def test_a_newer_export_adds_exactly_what_is_new(plant, export, tmp_path, database):
    bring_in(plant, export)
    folder = tmp_path / "newer"
    folder.mkdir()
    more = [*CHAT[2:], "19/11/26 09.00 - Siti Contoh: NIK saya yang tadi"]
    report = bring_in(plant, chat(folder / export.name, more))
    assert (report.counts.new, report.counts.known) == (1, 4)
    assert (report.tickets_opened, report.tickets_continued) == (0, 1)


@pytest.mark.parametrize("harm", ["cut", "changed"])
def test_an_export_that_is_damaged_files_nothing(plant, export, database, harm):
    content = bytearray(export.read_bytes())
    if harm == "cut":
        content = content[: len(content) // 2]
    else:  # one byte of the picture, behind the whole chat
        content[content.index(b"made up") + 100] ^= 1
    export.write_bytes(content)
    report = bring_in(plant, export)
    assert (report.state, bool(report.problem)) == (ImportState.FAILED, True)
    assert "Siti" not in report.problem
    for table in (Message, Ticket, Contact, JobRow):
        assert count(database, table) == 0


def test_what_cannot_be_found_is_told(plant, tmp_path):
    report = bring_in(plant, tmp_path / "nowhere.zip")
    assert (report.state, report.problem) == (
        *(ImportState.FAILED, "There is no such file or folder. Check the path."),
    )


def test_nothing_is_left_in_the_temporary_folder(plant, export):
    bring_in(plant, export)
    assert list((plant.settings.data_path / "tmp").iterdir()) == []


def test_an_import_that_fails_on_the_way_is_finished_by_another_run(
    plant, export, database, monkeypatch
):
    bring_in(plant, export)
    expected = picture(database)
    with database.transaction() as tx:
        for table in reversed(Base.metadata.sorted_tables):
            tx.session.execute(table.delete())
    monkeypatch.setattr(importing, "_CHUNK_MESSAGES", 2)
    with database.transaction() as tx:
        batch_id = importing.submit(tx, NewImport(Source.COMMAND, export, "a.zip"), clock.now())
    real, calls = Filer.file, []

    def failing(self, *args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return real(self, *args)

    monkeypatch.setattr(Filer, "file", failing)
    assert work.drain(plant, Job.IMPORT) == 0
    assert count(database, Message) == 2
    with database.transaction() as tx:
        tx.session.query(JobRow).filter_by(job=Job.IMPORT).update({"not_before": START})
    assert work.drain(plant, Job.IMPORT) == 1
    assert picture(database) == expected
    with database.reading() as session:
        report = imports.report(session, batch_id)
    assert (report.state, report.counts.new, report.counts.known) == (ImportState.DONE, 6, 0)
    assert (report.tickets_opened, report.tickets_continued) == (2, 0)
    assert count(database, JobRow, JobRow.job == Job.IMPORT) == 0


KILLED = """
import os, sys
from pathlib import Path
from helpdesk import importing, work
from helpdesk.db import Database
from helpdesk.ingest.chats import Filer
from helpdesk.ingest.imports import NewImport, Source
from helpdesk.settings import Settings
real, calls = Filer.file, []
def dying(self, *args):
    if calls:
        os.kill(os.getpid(), 9)
    calls.append(1)
    return real(self, *args)
Filer.file = dying
importing._CHUNK_MESSAGES = 3
path, data_dir, url = sys.argv[1:]
plant = work.open_plant(Settings(data_dir=data_dir, secret_key="k" * 64), Database(url))
importing.bring_in(plant, NewImport(Source.COMMAND, Path(path), "export.zip"))
"""


def test_an_import_whose_process_is_killed_is_finished_by_a_worker(
    plant, export, database, database_url
):
    words = [sys.executable, "-c", KILLED, export, plant.settings.data_dir, database_url]
    assert subprocess.run(words, check=False, cwd=Path(__file__).parents[3]).returncode == -9
    assert count(database, Message) == 3
    assert list((plant.settings.data_path / "tmp").iterdir()) == []
    work.sweep(plant)  # notices the dead process
    assert work.drain(plant, Job.IMPORT) == 1
    with database.reading() as session:
        [batch] = session.scalars(select(ImportBatch))
    assert (batch.state, batch.new, batch.known, batch.tickets_opened) == (
        *(ImportState.DONE, 6, 0, 2),
    )


def test_how_far_it_is_is_noted_and_the_lease_kept(plant, export, database, monkeypatch):
    monkeypatch.setattr(importing, "_NOTE_EVERY_S", 0.0)
    seen, leases = [], set()

    def show(state, position, total):
        seen.append((state, position <= total))
        with database.reading() as session:
            leases.update(session.scalars(select(JobRow.lease_until)))

    importing.bring_in(plant, NewImport(Source.COMMAND, export, export.name), show)
    assert {state for state, _ in seen} == {ImportState.READING, ImportState.FILING}
    assert all(within for _, within in seen)
    assert len(leases) > 2


def test_an_import_that_another_worker_has_taken_over_stops(plant, export, database, monkeypatch):
    monkeypatch.setattr(importing, "_NOTE_EVERY_S", 0.0)
    with database.transaction() as tx:
        importing.submit(tx, NewImport(Source.COMMAND, export, "a.zip"), clock.now())
        [claimed] = jobs.claim(tx.session, Job.IMPORT, limit=1, now=clock.now())
        tx.session.query(JobRow).update({"fence": claimed.fence + 1})
    with pytest.raises(ConflictError, match="another worker"):
        importing.run(plant, claimed)
    assert count(database, Message) == 0


@pytest.fixture
def overtaken(plant, export, database):
    """An uploaded export whose import another worker has begun again."""
    with database.transaction() as tx:
        importing.submit(tx, NewImport(Source.UPLOAD, export, "a.zip"), clock.now())
        [claimed] = jobs.claim(tx.session, Job.IMPORT, limit=1, now=clock.now())
        tx.session.query(JobRow).update({"fence": claimed.fence + 1})
    return claimed


def test_a_worker_that_was_overtaken_files_nothing_more(plant, overtaken, database, monkeypatch):
    monkeypatch.setattr(importing, "_NOTE_EVERY_S", 3_600.0)  # it slept and does not look up
    with pytest.raises(ConflictError, match="another worker"):
        importing.run(plant, overtaken)
    assert count(database, Message) == 0


def test_a_worker_that_was_overtaken_spoils_nothing(plant, overtaken, export, database):
    export.write_bytes(b"PK\3\4 no zip any more")
    importing.run(plant, overtaken)
    assert export.exists()
    with database.reading() as session:
        assert session.scalars(select(ImportBatch.state)).all() == [ImportState.READING]
    assert count(database, JobRow) == 1


def test_an_uploaded_file_is_removed_when_it_is_imported(plant, export, database):
    with database.transaction() as tx:
        importing.submit(tx, NewImport(Source.UPLOAD, export, "a.zip"), clock.now())
    work.drain(plant, Job.IMPORT)
    assert not export.exists()
    with database.reading() as session:
        assert session.scalars(select(ImportBatch.path)).all() == [None]


def test_nothing_of_ours_and_no_event_is_read_as_a_claim(database, blobs, tmp_path):
    ours = f"Nama: Budi Karangan NIK: {NIK}"
    items = [said(0, "halo"), answered(1, ours), said(2, ours, event=Event.SYSTEM)]
    bring(database, blobs, tmp_path, items)
    with database.reading() as session:
        ticket_id = session.scalars(select(Ticket.id)).one()
        [assessed] = matching.assess(session, [ticket_id], today=NOW.date())
    assert assessed.claims == ()


def test_older_messages_that_come_later_are_read_first(database, blobs, tmp_path):
    bring(database, blobs, tmp_path, [said(5, "maaf salah, NIK yang benar 3205004505889002")])
    bring(database, blobs, tmp_path, [said(4, f"Nama: Siti Contoh\nNIK: {NIK}")])
    with database.reading() as session:
        ticket_id = session.scalars(select(Ticket.id)).one()
        [assessed] = matching.assess(session, [ticket_id], today=NOW.date())
    stated = {fact.fact.field: fact.fact.value for fact in assessed.claims[0].facts}
    assert stated[Field.NIK] == "3205004505889002"


@pytest.fixture
def agent(database) -> int:
    with database.transaction() as tx:
        agent = Agent(
            login="sari", name="Sari Rekaan", role=Role.AGENT, password_hash="x", created_at=START
        )
        tx.session.add(agent)
        tx.session.flush()
        return agent.id


def reply(
    database,
    blobs,
    agent_id,
    *,
    state=DeliveryState.HANDED,
    at=START + dt.timedelta(days=1),
    **values,
):
    """Approve a reply of two parts to the one ticket there is."""
    parts = ("Selamat pagi, Ibu Siti.", "Nomor KPJ Ibu ada di JMO.")
    with database.transaction() as tx:
        ticket = tx.session.scalars(select(Ticket)).one()
        frozen = blobs.prepare(dm.build(dm.DirectReply(Channel.WHATSAPP, "siti contoh", parts)))
        blob_rows.add(tx.session, [frozen])
        message = Message(
            ticket_id=ticket.id,
            direction=Direction.OUTBOUND,
            agent_id=agent_id,
            body="\n\n".join(parts),
            received_at=at,
        )
        tx.session.add(message)
        tx.session.flush()
        delivery = Delivery(
            ticket_id=ticket.id,
            message_row_id=message.id,
            channel=Channel.WHATSAPP,
            recipient="siti contoh",
            message_id="made-up",
            sha256=frozen.sha256,
            state=state,
            created_at=at,
            not_before=at,
            parts=2,
            **({"by_hand": True} | values),
        )
        tx.session.add(delivery)
        ticket.status, ticket.waiting_since = TicketStatus.WAITING_PARTICIPANT, at


@pytest.mark.parametrize(
    "texts",
    [
        ["Selamat pagi, Ibu Siti. \nNomor KPJ Ibu ada di JMO."],
        ["selamat pagi,  Ibu Siti.", "Nomor KPJ Ibu ada di JMO."],
    ],
    ids=["whole", "parts"],
)
@pytest.mark.parametrize(
    "state", [DeliveryState.HANDED, DeliveryState.UNKNOWN, DeliveryState.QUEUED]
)
def test_a_reply_of_ours_is_recognised_and_confirmed(
    database, blobs, tmp_path, agent, texts, state
):
    bring(database, blobs, tmp_path, [said(0)])
    reply(database, blobs, agent, state=state)
    later = [answered(1.1 + number / 1000, text) for number, text in enumerate(texts)]
    _, filed = bring(database, blobs, tmp_path, [said(0), *later])
    assert (filed.new, filed.known) == (0, 1 + len(texts))
    with database.reading() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.SENT]
        assert session.scalars(select(Ticket.status)).all() == [TicketStatus.WAITING_PARTICIPANT]
    assert count(database, Message) == 2


@pytest.mark.parametrize(
    "sending",
    [
        {"state": DeliveryState.HANDED},
        {"state": DeliveryState.UNKNOWN, "by_hand": False, "parts_sent": 1},
    ],
    ids=["by hand", "by API, the last part in doubt"],
)
def test_the_first_of_two_parts_does_not_confirm_the_reply(
    database, blobs, tmp_path, agent, sending
):
    bring(database, blobs, tmp_path, [said(0)])
    reply(database, blobs, agent, **sending)
    _, filed = bring(
        database, blobs, tmp_path, [said(0), answered(1.1, "Selamat pagi, Ibu Siti.")]
    )
    assert (filed.new, filed.known) == (0, 2)  # it is ours all the same
    with database.reading() as session:
        assert session.scalars(select(Delivery.state)).all() == [sending["state"]]


def test_other_words_of_ours_and_the_same_words_later_are_messages(
    database, blobs, tmp_path, agent
):
    bring(database, blobs, tmp_path, [said(0)])
    reply(database, blobs, agent)
    later = [answered(1.1, "Selamat pagi"), answered(9, "Selamat pagi, Ibu Siti.")]
    _, filed = bring(database, blobs, tmp_path, later)
    assert filed.new == 2
    with database.reading() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.HANDED]


def test_an_import_is_taken_back_to_the_last_row(plant, export, database, agent):
    report = bring_in(plant, export)
    work.work_off(plant)
    assert count(database, ClaimRow) > 0
    assert count(database, FactRow) > 0
    importing.undo(plant, report.id, agent)
    left = {
        table.name: count(database, table)
        for table in Base.metadata.sorted_tables
        if table.name
        in {"contact", "ticket", "message", "attachment", "claim", "fact", "draft", "job"}
    }
    assert set(left.values()) == {0}, left
    with database.reading() as session:
        assert session.get_one(ImportBatch, report.id).state is ImportState.UNDONE
        assert session.scalars(select(AuditEvent.action)).all() == ["import.undo"]
    assert bring_in(plant, export).counts.new == 6


def test_what_an_earlier_import_brought_stays(database, blobs, tmp_path):
    def standing():
        return [row[:6] + row[7:] for row in picture(database)]  # all but when it was changed

    bring(database, blobs, tmp_path, [said(0), answered(1)])
    before = standing()
    more = [said(0), answered(1), said(2, "lagi"), said(99)]
    batch_id, _ = bring(database, blobs, tmp_path, more)
    with database.transaction() as tx:
        continued = imports.undo(tx.session, batch_id, RULES, NOW)
    assert standing() == before
    assert len(continued) == 1


def test_an_import_that_was_answered_is_not_taken_back(database, blobs, tmp_path, agent):
    batch_id, _ = bring(database, blobs, tmp_path, [said(0)])
    reply(database, blobs, agent, at=NOW + dt.timedelta(hours=1))
    with database.transaction() as tx, pytest.raises(ConflictError, match=r"ticket #\d+ was"):
        imports.undo(tx.session, batch_id, RULES, NOW)
    assert count(database, Message) == 2


def test_an_import_is_taken_back_once(plant, export, agent):
    report = bring_in(plant, export)
    importing.undo(plant, report.id, agent)
    with pytest.raises(ConflictError, match="taken back before"):
        importing.undo(plant, report.id, agent)


def at_once(*tasks):
    """Run these side by side; returns what each returned, or what it raised."""
    with ThreadPoolExecutor(len(tasks)) as pool:
        begun = [pool.submit(task) for task in tasks]
        return [each.exception() or each.result() for each in begun]


def test_the_same_export_brought_in_by_several_at_once_is_filed_once(
    plant, export, database, monkeypatch
):
    monkeypatch.setattr(importing, "_CHUNK_MESSAGES", 2)
    reports = at_once(*[lambda: bring_in(plant, export)] * 4)
    done = [each for each in reports if each.state is ImportState.DONE]
    assert sum(each.counts.new for each in done) == 6
    assert count(database, Message) == 6
    assert (count(database, Contact), count(database, Ticket)) == (1, 2)
    assert [each.problem for each in reports] == [None] * 4


def test_an_import_is_taken_back_while_another_of_the_same_people_is_filed(
    plant, export, database
):
    batch_id = bring_in(plant, export).id
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as tx:  # as filing does: the contact, and then its tickets
            tx.session.execute(select(Contact.id).with_for_update())
            undone = pool.submit(importing.undo, plant, batch_id, None)
            time.sleep(1)
            tx.session.execute(select(Ticket.id).order_by(Ticket.id).with_for_update())
        undone.result()
    assert (count(database, Message), count(database, Contact)) == (0, 0)
