"""The watched folders: complete exports come in once, whatever happens on the way."""

import datetime as dt
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk import clock, importing, work
from helpdesk.ingest import imports, inbox
from helpdesk.jobs import Job
from helpdesk.settings import Settings
from helpdesk.tickets.kinds import Channel, ImportState
from helpdesk.tickets.models import ImportBatch, Message

CHAT = "26/09/26 23.10 - Siti Contoh: Min saya lupa nomor KPJ\n"
NAME = "Chat WhatsApp dengan Siti Contoh.txt"


@pytest.fixture
def plant(sqlite_database, tmp_path):
    settings = Settings(data_dir=str(tmp_path / "var"), secret_key="k" * 64)
    inbox.prepare(settings.inbox_path)
    return work.open_plant(settings, sqlite_database)


@pytest.fixture
def whatsapp(plant) -> Path:
    return plant.settings.inbox_path / "whatsapp"


@pytest.fixture
def look(plant, monkeypatch):
    """Look into the folders a minute after everything was dropped, and do what was found."""

    def look(*, later_s: float = 60, work_off: bool = True) -> list[str]:
        real = clock.now
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: real() + dt.timedelta(seconds=later_s))
            problems = importing.watch(plant)
        if work_off:
            with monkeypatch.context() as patch:
                patch.setattr(clock, "now", lambda: real() + dt.timedelta(seconds=later_s))
                work.drain(plant, Job.IMPORT)
        return problems

    return look


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def batches(plant) -> list[ImportBatch]:
    with plant.database.reading() as session:
        return list(session.scalars(select(ImportBatch).order_by(ImportBatch.id)))


def test_an_export_is_imported_and_moved_with_a_receipt(plant, whatsapp, look):
    (whatsapp / NAME).write_text(CHAT)
    assert look() == []
    assert files(whatsapp) == [f"done/{NAME}", f"done/{NAME}.txt"]
    receipt = (whatsapp / "done" / f"{NAME}.txt").read_text()
    assert "whatsapp: It holds a chat" in receipt
    assert "1 new, 0 known already" in receipt
    [batch] = batches(plant)
    assert (batch.source, batch.channel, batch.file_name, batch.path) == (
        *("folder", Channel.WHATSAPP, NAME, None),
    )
    assert look() == []
    assert len(batches(plant)) == 1


def test_an_export_that_is_still_written_to_is_left_alone(whatsapp, look):
    (whatsapp / NAME).write_text(CHAT)
    os.utime(whatsapp / NAME, (0, 0))  # as copying with its old time does
    look(later_s=3)
    (whatsapp / "half.zip.part").write_bytes(b"PK")
    look()
    assert files(whatsapp) == [f"done/{NAME}", f"done/{NAME}.txt", "half.zip.part"]


def test_a_folder_is_an_export_too(plant, look):
    auto = plant.settings.inbox_path / "auto"
    (auto / "dari siti").mkdir()
    (auto / "dari siti" / NAME).write_text(CHAT)
    look()
    assert files(auto) == ["done/dari siti.txt", f"done/dari siti/{NAME}"]


def test_what_cannot_be_read_is_put_aside_with_the_reason(plant, whatsapp, look):
    (whatsapp / "foto.zip").write_bytes(b"PK\3\4 not much of a zip")
    look()
    assert files(whatsapp) == ["failed/foto.zip", "failed/foto.zip.txt"]
    told = (whatsapp / "failed" / "foto.zip.txt").read_text().strip()
    [batch] = batches(plant)
    assert (batch.state, batch.problem) == (ImportState.FAILED, told)
    assert told


def test_an_export_of_another_channel_is_refused(plant, look):
    folder = plant.settings.inbox_path / "x"
    (folder / NAME).write_text(CHAT)
    look()
    assert files(folder) == [f"failed/{NAME}", f"failed/{NAME}.txt"]


def test_the_same_name_again_keeps_both(whatsapp, look):
    for _ in range(2):
        (whatsapp / NAME).write_text(CHAT)
        look()
    assert files(whatsapp) == sorted(
        [f"done/{NAME}", f"done/{NAME}.txt", f"done/2-{NAME}", f"done/2-{NAME}.txt"]
    )


@pytest.mark.parametrize("letter", ["a", "é"])
def test_the_longest_name_there_is_can_be_put_away_twice(plant, whatsapp, look, letter):
    name = "Chat WhatsApp dengan " + letter * ((255 - 25) // len(letter.encode())) + ".txt"
    for _ in range(2):
        (whatsapp / name).write_text(CHAT)
        look()
    assert [each.state for each in batches(plant)] == [ImportState.DONE] * 2
    assert len(files(whatsapp / "done")) == 4
    assert files(whatsapp / ".taken") == []


def test_a_file_where_no_file_belongs_keeps_no_export_from_being_taken(whatsapp, look):
    (whatsapp / ".taken").mkdir()
    (whatsapp / ".taken" / ".DS_Store").write_bytes(b"made up")
    (whatsapp / NAME).write_text(CHAT)
    assert look() == []
    assert files(whatsapp / "done") == [NAME, f"{NAME}.txt"]


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_what_is_no_file_is_neither_waited_for_nor_followed(plant, whatsapp, look, tmp_path, kind):
    (tmp_path / "elsewhere.txt").write_text(CHAT)
    if kind == "pipe":
        os.mkfifo(whatsapp / NAME)
    else:
        (whatsapp / NAME).symlink_to(tmp_path / "elsewhere.txt")
    look()
    assert [each.state for each in batches(plant)] in ([ImportState.FAILED], [])
    assert (tmp_path / "elsewhere.txt").read_text() == CHAT


def test_an_import_that_ended_without_being_put_away_is_put_away(
    plant, whatsapp, look, monkeypatch
):
    (whatsapp / NAME).write_text(CHAT)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "_clear", lambda *_: None)  # killed right after the commit
        look()
    assert files(whatsapp) == [f".taken/1/{NAME}"]
    look()
    assert files(whatsapp) == [f"done/{NAME}", f"done/{NAME}.txt"]
    assert len(batches(plant)) == 1


def test_an_export_taken_without_a_commit_is_taken_again(plant, whatsapp, look, monkeypatch):
    (whatsapp / NAME).write_text(CHAT)

    def die(*_):
        raise KeyboardInterrupt

    real = inbox.take
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "take", lambda *told: (real(*told), die()))
        with pytest.raises(KeyboardInterrupt):
            look()
    assert (files(whatsapp), batches(plant)) == ([f".taken/1/{NAME}"], [])
    look()  # back to where it was dropped, which counts as a change
    look(later_s=120)
    assert files(whatsapp) == [f"done/{NAME}", f"done/{NAME}.txt"]
    with plant.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_file_that_cannot_be_taken_is_told_without_its_name(whatsapp, look, monkeypatch):
    (whatsapp / NAME).write_text(CHAT)

    def refuse(self, _target):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "rename", refuse)
    assert look() == [
        "an export in the watched folder whatsapp cannot be taken: Permission denied"
    ]


def test_one_process_looks_at_a_time(plant, whatsapp, look):
    (whatsapp / NAME).write_text(CHAT)
    with plant.database.transaction() as tx:
        importing.leases.acquire(
            tx.session, "inbox", holder="elsewhere:1", ttl_s=3_600, now=clock.now()
        )
    look()
    assert files(whatsapp) == [NAME]


def test_what_an_import_came_to_is_one_line(plant, whatsapp, look):
    (whatsapp / NAME).write_text(CHAT)
    look()
    with plant.database.reading() as session:
        report = imports.report(session, 1)
    assert report.text == "1 new, 0 known already, 1 tickets opened, 0 continued"
