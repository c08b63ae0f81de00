"""A helpdesk that files mails with pictures, and a reader that sees what a test says."""

import datetime as dt
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from helpdesk import settings, work
from helpdesk.db import Database
from helpdesk.identity.photo import ktp
from helpdesk.identity.photo.ktp import Word
from helpdesk.photos import engine
from helpdesk.photos.engine import Page
from tests.ktp_words import words

TODAY = dt.date(2026, 11, 21)

PICTURE = b"\xff\xd8\xff" + b"made up " * 2_000
ASKS = "Selamat siang, saya lupa nomor KPJ saya. Mohon dibantu, ini KTP saya."


def mail(
    text: str = ASKS, *pictures: bytes, number: int = 1, media_type: str = "image/jpeg"
) -> bytes:
    """Return a made-up mail with pictures."""
    message = EmailMessage()
    message["From"] = f"Peserta {number} <peserta{number}@example.org>"
    message["To"] = "care@example.com"
    message["Subject"] = "Lupa nomor KPJ"
    message["Message-ID"] = f"<photo-{number}@example.org>"
    message.set_content(text)
    for at, picture in enumerate(pictures):
        kind, _, detail = media_type.partition("/")
        message.add_attachment(picture, kind, detail, filename=f"ktp-{at}.jpg")
    return message.as_bytes()


def shows(seen: list[Word]) -> Page:
    """Return the page a reader would make of words."""
    card = ktp.read(seen, today=TODAY)
    return Page(1_012, 638, card, ("/9j/",) * len(card.facts if card else ()))


@pytest.fixture
def plant(database: Database, tmp_path: Path) -> work.Plant:
    """Everything jobs need, on both databases."""
    conf = settings.load(environ={"HELPDESK_DATA_DIR": str(tmp_path / "data")})
    return work.open_plant(conf, database)


@pytest.fixture
def file(plant: work.Plant, tmp_path: Path) -> Callable[..., None]:
    """Store mails as the command does; the jobs are still to be done."""

    def store(*mails: bytes) -> None:
        folder = tmp_path / f"mails-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for at, each in enumerate(mails):
            (folder / f"{at}.eml").write_bytes(each)
        assert not work.store_files(plant, [folder]).problems

    return store


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Page | None]]:
    """Say that the extra is there; the list is what it sees, picture by picture, then a card."""
    seen: list[Page | None] = []

    def read(_picture: bytes, *, today: dt.date) -> Page | None:
        return seen.pop(0) if seen else shows(words())

    monkeypatch.setattr(engine, "available", lambda: True)
    monkeypatch.setattr(engine, "read", read)
    return seen
