"""The reader in its own process: cards as photos, and pictures made to hurt."""

import datetime as dt
import io
import struct
import subprocess
import sys
import zlib

import pytest

from helpdesk.photos import engine
from tests.conftest import missing

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _extra() -> None:
    if not engine.available():
        missing(f"photos cannot be read: {engine.INSTALL}")


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG that says it has this size, whatever it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", data or zlib.compress(bytes(100))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def card(kind: str, seed: int = 7) -> tuple[object, bytes]:
    from tests import ktp  # noqa: PLC0415 - of the extra

    who, picture = ktp.spoilt(kind, seed)
    return who, ktp.to_jpeg(picture)


@pytest.mark.parametrize("kind", ["phone", "turned"])
def test_a_card_is_read_with_a_crop_of_each_fact(kind):
    who, photo = card(kind)
    page = engine.read(photo, today=TODAY)
    assert page is not None
    assert page.card is not None
    assert {fact.field.value: fact.value for fact in page.card.facts} == {
        "full_name": "Ni Made Ayu Lestari",
        "birth_place": "Sidoarjo",
        "birth_date": who.born.isoformat(),
        "nik": who.nik,
    }
    assert [crop[:4] for crop in page.crops] == ["/9j/"] * 4
    assert all(
        0 <= fact.box[0] < fact.box[0] + fact.box[2] <= page.width
        and 0 <= fact.box[1] < fact.box[1] + fact.box[3] <= page.height
        for fact in page.card.facts
    )


def test_a_photo_is_turned_as_its_file_says():
    from PIL import Image  # noqa: PLC0415 - of the extra

    from tests import ktp  # noqa: PLC0415 - of the extra

    who, picture = ktp.spoilt("clean", 7)
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # to be shown a quarter to the right
    picture.rotate(90, expand=True).save(out, "JPEG", exif=exif)
    page = engine.read(out.getvalue(), today=TODAY)
    assert page is not None
    assert (page.width, page.height) == picture.size
    assert page.card is not None
    assert page.card.facts[3].value == who.nik


def test_a_picture_of_something_else_has_no_card():
    page = engine.read(png(64, 64, zlib.compress(b"\0" + bytes(64) * 64)), today=TODAY)
    assert page is None or page.card is None


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"\xff\xd8\xff\xe0 and no more",
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        png(60_000, 60_000),
        png(7_000, 7_000),
        png(5_000, 5_000)[:90],
    ],
    ids=["empty", "cut off", "another kind", "markup", "bomb", "too many pixels", "truncated"],
)
def test_what_cannot_be_read_is_none(picture):
    assert engine.read(picture, today=TODAY) is None


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "TIMEOUT_S", 0.05)
    assert engine.read(card("clean")[1], today=TODAY) is None


def test_the_reader_works_here():
    assert engine.works()


def test_a_reader_whose_libraries_do_not_load_does_not_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "_LOADING", "import a_library_that_is_not_there")
    assert not engine.works()


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
    ],
    ids=["network", "process", "shell"],
)
def test_the_process_can_do_nothing_but_read(deed):
    code = (
        f"import sys; from helpdesk.photos.child import _refuse; sys.addaudithook(_refuse); {deed}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "PermissionError" in done.stderr
