"""A direct-message conversation on its ticket page: who, what happened, what was sent."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from helpdesk import clock, importing
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.blobs import add
from helpdesk.ingest.imports import NewImport, Source
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Message, Ticket
from helpdesk.web.pictures import kind_of
from tests.web.conftest import Browser

SignIn = Callable[..., Browser]
GIF = b"GIF89a" + bytes(40)
CHAT = """01/11/26 08.00 - Siti Contoh: Saya lupa nomor KPJ
01/11/26 08.05 - BPJS Ketenagakerjaan: Silakan kirim foto KTP
02/11/26 09.00 - Siti Contoh: IMG-1.gif (file terlampir)
02/11/26 09.01 - Siti Contoh: IMG-2.jpg (file terlampir)
02/11/26 09.02 - Siti Contoh: <Media tidak disertakan>
02/11/26 09.03 - Siti Contoh: Pesan ini telah dihapus
02/11/26 09.04 - Siti Contoh: Bagaimana? LONG <Pesan ini diedit>
""".replace("LONG", "Sudah saya kirim semuanya, mohon dibantu. " * 5)


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\0")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.fixture
def ticket(app: Starlette, tmp_path: Path) -> int:
    """Import a WhatsApp chat with media; returns its ticket."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Chat WhatsApp dengan Siti Contoh.txt", CHAT)
        archive.writestr("IMG-1.gif", GIF)
        archive.writestr("IMG-2.jpg", b"<script>alert(1)</script>")
    path = tmp_path / "Chat WhatsApp dengan Siti Contoh.zip"
    path.write_bytes(packed.getvalue())
    report = importing.bring_in(app.state.house, NewImport(Source.COMMAND, path, path.name))
    assert report.problem is None
    with app.state.house.database.reading() as session:
        return session.scalars(select(Ticket.id)).one()


@pytest.fixture
def say(app: Starlette) -> Callable[..., int]:
    """Put one message into a ticket of a channel; returns the ticket."""

    def write(channel: Channel, contact: dict[str, object] | None = None, **values: object) -> int:
        now = clock.now()
        with app.state.house.database.transaction() as tx:
            who = Contact(
                **{"channel": channel, "address": "a", "display_name": "Siti", "created_at": now}
                | (contact or {})
            )
            tx.session.add(who)
            tx.session.flush()
            found = Ticket(
                channel=channel,
                contact_id=who.id,
                subject="",
                status=TicketStatus.WAITING_AGENT,
                opened_at=now,
                updated_at=now,
                waiting_since=now,
            )
            tx.session.add(found)
            tx.session.flush()
            message = {
                "ticket_id": found.id,
                "direction": Direction.INBOUND,
                "body": "halo",
                "received_at": now,
            }
            tx.session.add(Message(**message | values))
        return found.id

    return write


def test_conversation_shows_days_events_and_what_is_missing(ticket: int, signed_in: SignIn):
    page = signed_in().get(f"/tickets/{ticket}").text

    assert page.count('<p class="day">') == 2
    assert "Pesan dihapus" in page
    assert "media tidak disertakan dalam ekspor" in page
    assert "disunting" in page
    assert "Dari impor 1" in page
    assert 'class="msg outbound"' in page


def test_pictures_are_covered_until_they_are_wanted(ticket: int, signed_in: SignIn):
    browser = signed_in()

    covered = browser.get(f"/tickets/{ticket}").text
    revealed = browser.send_form(f"/tickets/{ticket}/open", {"what": "numbers"}).text

    assert "<img" not in covered
    assert "Tampilkan gambar" in covered
    assert revealed.count("<img") == 2


def test_picture_is_shown_without_rights_and_recorded(app, ticket: int, signed_in: SignIn):
    browser = signed_in()

    answer = browser.get(f"/tickets/{ticket}/files/{_file(app, 'IMG-1.gif')}/picture")

    assert answer.content == GIF
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    with app.state.house.database.reading() as session:
        assert session.scalars(select(AuditEvent.action)).all() == ["ticket.picture"]


def test_what_is_only_named_as_a_picture_is_to_be_saved(app, ticket: int, signed_in: SignIn):
    answer = signed_in().get(f"/tickets/{ticket}/files/{_file(app, 'IMG-2.jpg')}/picture")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_file_of_another_ticket_or_none_is_not_found(app, ticket: int, signed_in: SignIn):
    browser, file_id = signed_in(), _file(app, "IMG-1.gif")

    assert browser.get(f"/tickets/{ticket + 1}/files/{file_id}/picture").status_code == 404
    assert browser.get(f"/tickets/{ticket}/files/{_file(app, 'media')}/picture").status_code == 404


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (png(), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"GIF87a", "image/gif"),
        (b"....\0\0\0\0WEBP", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_only_four_kinds_of_pictures_are_shown(head: bytes, kind: str | None):
    assert kind_of(head[:16]) == kind


def test_large_or_missing_pictures_are_offered_as_files(app, say, signed_in: SignIn):
    ticket_id = say(Channel.WHATSAPP)
    stored = app.state.house.blobs.prepare(GIF)
    files = [("besar.png", 30_000_000, stored.sha256), ("hilang.png", 5, None)]
    with app.state.house.database.transaction() as tx:
        add(tx.session, [stored])
        for place, (name, size, sha256) in enumerate(files):
            tx.session.add(
                Attachment(
                    message_id=1,
                    position=place,
                    file_name=name,
                    media_type="image/png",
                    size_bytes=size,
                    sha256=sha256,
                    problem=None if sha256 else "too_large",
                )
            )

    page = signed_in().get(f"/tickets/{ticket_id}").text

    assert "/picture" not in page
    assert "terlalu besar untuk disimpan" in page
    assert page.count(" download") == 1


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("reaction", "Reaksi"),
        ("sticker", "Stiker"),
        ("call", "Panggilan"),
        ("system", "Dari platform"),
        ("location", "Lokasi"),
        ("later", "Peristiwa"),
    ],
)
def test_events_are_grey_lines_with_words(say, signed_in: SignIn, event: str, words: str):
    ticket_id = say(Channel.FACEBOOK, kind=MessageKind.EVENT, event=event, body="👍 2")

    page = signed_in().get(f"/tickets/{ticket_id}").text

    assert f"{words}: 👍 2" in " ".join(page.split())
    assert '<article class="msg' not in page


def test_long_numbers_in_events_are_covered(say, signed_in: SignIn):
    ticket_id = say(Channel.WHATSAPP, kind=MessageKind.EVENT, event="system", body="0" * 15 + "9")

    assert "0" * 12 not in signed_in().get(f"/tickets/{ticket_id}").text


@pytest.mark.parametrize(
    ("channel", "words"),
    [(Channel.X, "X Chat: isi tidak ikut diekspor"), (Channel.FACEBOOK, "Isi pesan tidak ikut")],
)
def test_text_an_export_left_out_is_told_as_such(say, signed_in: SignIn, channel, words: str):
    ticket_id = say(channel, body="", defects=["empty_text"])

    assert words in signed_in().get(f"/tickets/{ticket_id}").text


def test_defects_are_told_in_words(say, signed_in: SignIn):
    ticket_id = say(Channel.WHATSAPP, defects=["text_cut", "date_order_assumed", "bad_charset"])

    page = signed_in().get(f"/tickets/{ticket_id}").text

    assert "Teks terpotong" in page
    assert "Urutan tanggal dan bulan diperkirakan" in page


def test_account_on_the_platform_stands_beside_the_claimed_name(say, signed_in: SignIn):
    account = {
        "platform_id": "5551234",
        "handle": "siti.contoh",
        "phone": "+6281200000001",
        "thread": "utas-7",
        "service": "telegram",
        "is_group": True,
    }
    ticket_id = say(Channel.OTHER, account)

    page = signed_in(Role.AUDITOR).get(f"/tickets/{ticket_id}").text

    for words in ("5551234", "@siti.contoh", "+6281200000001", "utas-7", "telegram", "Grup"):
        assert words in page


def _file(app: Starlette, name: str) -> int:
    with app.state.house.database.reading() as session:
        query = select(Attachment.id).where(Attachment.file_name == name)
        return session.scalars(query).one()
