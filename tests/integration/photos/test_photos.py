"""Photos from the mail they came with to the facts of a ticket, on both databases."""

import datetime as dt
from dataclasses import replace

import pytest
from msgspec import structs
from sqlalchemy import select

from helpdesk import work
from helpdesk.db import Database
from helpdesk.jobs import Job, JobRow
from helpdesk.matching.queries import FactView, claims_of
from helpdesk.photos import engine, service
from helpdesk.photos.engine import Page
from helpdesk.photos.models import Photo, PhotoState
from helpdesk.settings import Identity
from helpdesk.tickets.models import Attachment
from tests.integration.photos.conftest import PICTURE, mail, shows
from tests.ktp_words import FACTS, NIK, words

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)


def photos(database: Database) -> list[Photo]:
    with database.reading() as session:
        return list(session.scalars(select(Photo).order_by(Photo.attachment_id)))


def facts(database: Database, ticket_id: int = 1) -> dict[str, FactView]:
    with database.reading() as session:
        claims = claims_of(session, ticket_id)
    return {fact.field.value: fact for claim in claims for fact in claim.facts}


def queued(database: Database, job: Job = Job.PHOTO) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(JobRow.subject_id).where(JobRow.job == job)))


def test_a_photo_in_a_mail_becomes_facts_with_their_places(plant, file, reader):
    file(mail("Saya lupa nomor KPJ saya, ini KTP saya.", PICTURE))
    work.work_off(plant)
    [photo] = photos(plant.database)
    assert (photo.state, photo.width, photo.height) == (PhotoState.READ, 1_012, 638)
    found = facts(plant.database)
    assert {field: fact.value for field, fact in found.items()} == FACTS
    assert found["nik"].attachment_id == photo.attachment_id
    assert found["nik"].box is not None
    assert found["nik"].rule == "ktp_nik"
    assert queued(plant.database) == []


def test_what_was_written_keeps_its_place_in_the_text_too(plant, file, reader):
    file(mail(f"Mohon nomor KPJ saya.\nNama: Agus Setiawan\nNIK: {NIK}", PICTURE))
    work.work_off(plant)
    fact = facts(plant.database)["nik"]
    assert fact.message_id is not None
    assert fact.box is not None
    assert fact.confidence > 0.98


def test_without_the_extra_the_photo_waits_and_is_read_when_it_is_there(
    plant, file, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "available", lambda: False)
    file(mail("Saya lupa nomor KPJ saya, ini KTP saya.", PICTURE))
    work.work_off(plant)
    work.sweep(plant)
    assert [photo.state for photo in photos(plant.database)] == [PhotoState.WAITING]
    assert queued(plant.database) == []
    monkeypatch.setattr(engine, "available", lambda: True)
    monkeypatch.setattr(engine, "read", lambda _, today: shows(words()))
    work.sweep(plant)
    assert queued(plant.database) == [photos(plant.database)[0].attachment_id]
    work.work_off(plant)
    assert facts(plant.database)["nik"].value == NIK


def test_a_job_that_outlived_the_extra_leaves_the_photo_waiting(
    plant, file, reader, monkeypatch: pytest.MonkeyPatch
):
    file(mail("", PICTURE))
    work.drain(plant, Job.RECEIVE)
    assert queued(plant.database)
    monkeypatch.setattr(engine, "available", lambda: False)
    work.drain(plant, Job.PHOTO)
    assert [photo.state for photo in photos(plant.database)] == [PhotoState.WAITING]
    assert queued(plant.database) == []


@pytest.mark.parametrize(
    ("page", "state"),
    [
        (None, PhotoState.UNREADABLE),
        (Page(400, 300, None), PhotoState.NO_CARD),
        (shows([*words(), *words()]), PhotoState.UNREADABLE),
    ],
    ids=["broken", "a cat", "two cards"],
)
def test_what_is_no_legible_card_says_so_and_states_nothing(plant, file, reader, page, state):
    reader.append(page)
    file(mail("Saya lupa nomor KPJ saya, ini KTP saya.", PICTURE))
    work.work_off(plant)
    assert [photo.state for photo in photos(plant.database)] == [state]
    assert facts(plant.database) == {}


def test_a_picture_over_the_limit_is_not_opened(plant, file, reader, monkeypatch):
    file(mail("", PICTURE + bytes(20_000_000)))
    monkeypatch.setattr(engine, "read", lambda _, today: pytest.fail("it was opened"))
    work.work_off(plant)
    assert [photo.state for photo in photos(plant.database)] == [PhotoState.UNREADABLE]


@pytest.mark.parametrize(
    ("picture", "media_type"),
    [(b"\xff\xd8\xff", "image/jpeg"), (PICTURE, "application/pdf"), (PICTURE, "image/gif")],
    ids=["a logo", "a document", "a moving picture"],
)
def test_other_files_do_not_wait(plant, file, reader, picture, media_type):
    file(mail("Saya lupa nomor KPJ saya.", picture, media_type=media_type))
    work.work_off(plant)
    assert photos(plant.database) == []


def test_photos_that_are_switched_off_wait(plant, file, reader):
    off = replace(plant, settings=structs.replace(plant.settings, identity=Identity(photos="off")))
    file(mail("", PICTURE))
    work.work_off(off)
    work.sweep(off)
    assert [photo.state for photo in photos(plant.database)] == [PhotoState.WAITING]
    assert queued(plant.database) == []


def test_a_photo_can_be_read_again(plant, file, reader):
    reader.append(None)
    file(mail("Saya lupa nomor KPJ saya, ini KTP saya.", PICTURE))
    work.work_off(plant)
    [photo] = photos(plant.database)
    with plant.database.transaction() as tx:
        assert service.again(tx.session, 1, photo.attachment_id)
        assert not service.again(tx.session, 2, photo.attachment_id), "of another ticket"
    work.sweep(plant)
    work.work_off(plant)
    assert facts(plant.database)["nik"].value == NIK


def test_a_photo_that_is_being_read_by_another_worker_is_saved_once(plant, file, reader):
    file(mail("", PICTURE))
    work.drain(plant, Job.RECEIVE)
    [photo] = photos(plant.database)
    seen = service.look(PICTURE, engine.read, today=NOW.date())
    with plant.database.transaction() as tx:
        assert service.save(tx.session, photo.attachment_id, seen, NOW) == 1
        assert service.save(tx.session, photo.attachment_id, service.UNREADABLE, NOW) is None
    assert photos(plant.database)[0].state is PhotoState.READ


def test_a_deleted_file_takes_its_photo_along(plant, file, reader):
    file(mail("", PICTURE))
    work.work_off(plant)
    with plant.database.transaction() as tx:
        for row in tx.session.scalars(select(Attachment)):
            tx.session.delete(row)
    assert photos(plant.database) == []


def test_the_blob_of_a_photo_may_be_gone(plant, file, reader, tmp_path):
    large = PICTURE * 100  # in a file
    file(mail("", large))
    work.drain(plant, Job.RECEIVE)
    for path in (tmp_path / "data/blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    work.work_off(plant)
    assert [photo.state for photo in photos(plant.database)] == [PhotoState.UNREADABLE]
