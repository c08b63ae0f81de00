"""Photos of identity cards on the ticket page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from helpdesk import work
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.db import Database
from helpdesk.photos import engine
from helpdesk.photos.engine import Page
from helpdesk.photos.models import Photo, PhotoState
from tests.integration.photos.conftest import ASKS, PICTURE, mail, shows
from tests.ktp_words import NIK, words
from tests.web.conftest import Browser

ADDRESS = "/tickets/1"


@pytest.fixture
def receive(app: Starlette, conf, sqlite_database: Database, blobs, tmp_path: Path):
    """File a mail with a photo, with a reader that sees a page; None is one it cannot read."""
    plant = work.open_plant(conf, sqlite_database)

    def run(text: str, page: Page | None, *, read: bool = True) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine, "available", lambda: read)
            patch.setattr(engine, "read", lambda _, today: page)
            (tmp_path / "1.eml").write_bytes(mail(text, PICTURE))
            work.store_files(plant, [tmp_path / "1.eml"])
            work.work_off(plant)

    return run


def photo(database: Database) -> Photo:
    with database.reading() as session:
        return session.scalars(select(Photo)).one()


def test_each_fact_has_what_the_photo_shows_but_no_number_that_is_covered(
    receive: Callable[..., None], signed_in: Callable[..., Browser]
):
    receive(ASKS, shows(words()))
    page = signed_in().get(ADDRESS).text
    assert page.count('<dd class="crop"><img src="data:image/jpeg;base64,') == 3
    assert "ada di foto, ditutup" in page
    assert NIK not in page


def test_the_number_on_the_photo_is_shown_with_the_others(receive, signed_in):
    receive(ASKS, shows(words()))
    page = signed_in().send_form(f"{ADDRESS}/open", {"what": "numbers"}).text
    assert page.count('<dd class="crop"><img') == 4
    assert "ada di foto, ditutup" not in page


def test_what_differs_from_the_photo_is_said_with_what_the_photo_shows(receive, signed_in):
    receive(
        f"Mohon nomor KPJ saya.\nNama: Agus Setiawan\nTempat lahir: Garut\nNIK: {NIK}",
        shows(words()),
    )
    page = signed_in().get(ADDRESS).text
    assert "berbeda dengan foto" in page
    assert "di foto: Bandung" in page


def test_a_differing_number_on_the_photo_stays_covered_too(receive, signed_in):
    other = "3273011708909002"
    receive(f"Mohon nomor KPJ saya.\nNama: Agus Setiawan\nNIK: {other}", shows(words()))
    browser = signed_in()
    page = browser.get(ADDRESS).text
    assert "berbeda dengan foto" in page
    assert NIK not in page.replace(" ", "")


def test_a_waiting_photo_says_how_it_can_be_read(receive, signed_in, monkeypatch):
    receive(ASKS, None, read=False)
    monkeypatch.setattr(engine, "available", lambda: False)
    page = signed_in().get(ADDRESS).text
    assert "1 foto menunggu dibaca" in page
    assert f"<code>{engine.INSTALL}</code>" in page


def test_a_waiting_photo_with_a_reader_asks_for_patience(receive, signed_in, monkeypatch):
    receive(ASKS, None, read=False)
    monkeypatch.setattr(engine, "available", lambda: True)
    page = signed_in().get(ADDRESS).text
    assert "1 foto menunggu dibaca" in page
    assert "Perlu beberapa detik" in page


@pytest.mark.parametrize(
    ("page", "said"),
    [(None, "Foto ini tidak terbaca"), (Page(300, 200, None), "Tidak tampak KTP di foto ini")],
    ids=["unreadable", "no card"],
)
def test_a_photo_that_brought_nothing_says_why_and_can_be_read_again(
    receive, signed_in, sqlite_database, page, said
):
    receive(ASKS, page)
    browser = signed_in()
    shown = browser.get(ADDRESS).text
    assert said in shown
    again = f"{ADDRESS}/files/{photo(sqlite_database).attachment_id}/again"
    assert again in shown
    answer = browser.send_form(again)
    assert answer.status_code == 303
    assert photo(sqlite_database).state is PhotoState.WAITING
    with sqlite_database.reading() as session:
        assert "ticket.photo" in session.scalars(select(AuditEvent.action)).all()


def test_a_photo_of_another_ticket_is_not_read_again(receive, signed_in, sqlite_database):
    receive(ASKS, None)
    number = photo(sqlite_database).attachment_id
    assert signed_in().send_form(f"/tickets/2/files/{number}/again").status_code == 404
    assert photo(sqlite_database).state is PhotoState.UNREADABLE


def test_an_auditor_sees_photos_but_has_none_read(receive, signed_in, sqlite_database):
    receive(ASKS, None)
    browser = signed_in(Role.AUDITOR)
    shown = browser.get(ADDRESS).text
    assert "Foto ini tidak terbaca" in shown
    assert "/again" not in shown
    number = photo(sqlite_database).attachment_id
    assert browser.send_form(f"{ADDRESS}/files/{number}/again").status_code == 403
