"""Mail in files: every message of every kind once, nothing else."""

import datetime as dt
import mailbox
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.blobs import BlobStore
from helpdesk.db import Database
from helpdesk.errors import InvalidError
from helpdesk.ingest import files, service
from tests.integration.ingest.conftest import mail

NOW = dt.datetime(2026, 11, 2, 3, 0, tzinfo=dt.UTC)
LINE = b"From budi@example.org Mon Nov  2 08:00:00 2026\n"


def test_eml_is_read_byte_for_byte(tmp_path: Path):
    path = _write(tmp_path / "one.eml", mail(1))

    [found] = files.read(path)

    assert (found.content, found.full_size_bytes) == (mail(1), len(mail(1)))


def test_mbox_is_split_at_its_separators(tmp_path: Path):
    path = _write(tmp_path / "box", LINE + b"Subject: A\n\na\n\n" + LINE + b"Subject: B\n\nb\n\n")

    assert [found.content for found in files.read(path)] == [
        b"Subject: A\n\na\n",
        b"Subject: B\n\nb\n",
    ]


def test_mbox_of_the_standard_library_is_read(tmp_path: Path):
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        box.add(mail(number).replace(b"\r\n", b"\n"))
    box.close()

    found = [found.content for found in files.read(tmp_path / "box")]

    assert found == [mail(number).replace(b"\r\n", b"\n") for number in range(3)]


@pytest.mark.parametrize(
    ("quoted", "meant"),
    [(b">From me", b"From me"), (b">>From me", b">From me"), (b"> From me", b"> From me")],
)
def test_quoted_from_lines_are_as_they_were(tmp_path: Path, quoted: bytes, meant: bytes):
    path = _write(tmp_path / "box", LINE + b"Subject: A\n\n" + quoted + b"\n\n")

    [found] = files.read(path)

    assert found.content == b"Subject: A\n\n" + meant + b"\n"


@pytest.mark.parametrize(
    "text", [b"\nFrom my village, yesterday\n", b"no blank line\n" + LINE], ids=["words", "line"]
)
def test_sentence_that_starts_with_from_does_not_break_a_letter(tmp_path: Path, text: bytes):
    path = _write(tmp_path / "box", LINE + b"Subject: A\n\nx\n" + text)

    assert len(list(files.read(path))) == 1


@given(
    letters=st.lists(
        st.binary(max_size=200)
        .map(lambda text: text.replace(b"\r", b"").replace(b"From ", b"from "))
        .filter(lambda text: not text.endswith(b"\n\n")),
        max_size=5,
    )
)
def test_what_goes_into_an_mbox_comes_out(tmp_path_factory, letters: list[bytes]):
    letters = [b"Subject: x\n\n" + text + b"\n" for text in letters]
    path = tmp_path_factory.mktemp("box") / "x.mbox"
    _write(path, b"".join(LINE + letter + b"\n" for letter in letters))

    assert [found.content for found in files.read(path)] == letters


def test_maildir_gives_what_is_in_cur_and_new(tmp_path: Path):
    box = mailbox.Maildir(tmp_path / "box")
    key = box.add(mail(1))
    box.add(mail(2))
    message = box[key]
    message.set_subdir("cur")
    box[key] = message
    (tmp_path / "box" / "tmp" / "half").write_bytes(b"half a mail")

    found = list(files.read(tmp_path / "box"))

    assert len(found) == 2
    assert all(each.received_at is not None for each in found)


def test_folder_gives_its_mails_and_passes_over_the_rest(tmp_path: Path):
    (tmp_path / "more").mkdir()
    _write(tmp_path / "b.eml", mail(2))
    _write(tmp_path / "a.eml", mail(1))
    _write(tmp_path / "more" / "c.eml", mail(3))
    _write(tmp_path / "photo.jpg", b"\xff\xd8\xff\xe0")

    assert [found.content for found in files.read(tmp_path)] == [mail(1), mail(2), mail(3)]


NOT_MAIL = {
    "a picture": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "words": b"just words\n",
    "nothing": b"",
}


@pytest.mark.parametrize("content", NOT_MAIL.values(), ids=NOT_MAIL)
def test_what_is_not_mail_is_refused(tmp_path: Path, content: bytes):
    with pytest.raises(InvalidError, match="this is not mail"):
        list(files.read(_write(tmp_path / "file.bin", content)))


def test_damaged_eml_is_kept_all_the_same(tmp_path: Path):
    [found] = files.read(_write(tmp_path / "damaged.eml", b"\x00\x01\x02"))

    assert found.content == b"\x00\x01\x02"


def test_missing_file_is_told(tmp_path: Path):
    with pytest.raises(InvalidError, match="there is no such file"):
        list(files.read(tmp_path / "nowhere.eml"))


def test_large_mbox_is_never_whole_in_memory(tmp_path: Path):
    path = tmp_path / "large.mbox"
    with path.open("wb") as file:
        for _ in range(40):
            file.write(LINE + b"Subject: A\n\n" + (b"y" * 70 + b"\n") * 7_000 + b"\n")

    tracemalloc.start()
    count = sum(1 for _ in files.read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 40
    assert peak < path.stat().st_size / 4


def test_of_an_endless_message_the_beginning_is_kept(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(files, "_MAX_BYTES", 10_000)
    monkeypatch.setattr(files, "_KEPT_BYTES", 1_000)
    path = _write(tmp_path / "box", LINE + b"Subject: A\n\n" + b"x\n" * 50_000 + b"\n" + LINE)

    first, second = files.read(path)

    assert (len(first.content), first.full_size_bytes) == (1_000, 100_013)
    assert second.content == b""


def test_ingesting_twice_adds_nothing(tmp_path: Path, database: Database, blobs: BlobStore):
    path = _write(tmp_path / "box", b"".join(LINE + mail(n) + b"\n" for n in range(3)))

    def ingest() -> list[int]:
        items = [files.to_store(found, blobs, NOW) for found in files.read(path)]
        with database.transaction() as tx:
            mailbox_id = service.mailbox_id(tx.session, service.FILES)
            return service.store(tx.session, mailbox_id, items, NOW)

    assert [len(ingest()), len(ingest())] == [3, 0]


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
