"""The twenty nasty mails: all are read, none takes long, each says what is wrong with it."""

import time

import pytest

from helpdesk.ingest import mime
from helpdesk.ingest.classify import classify
from helpdesk.tickets.kinds import MessageKind
from tests.nasty import huge, nasty

MAILS = nasty()
SHOWN_DEFECT = {
    "no-from": "no_from",
    "empty-from": "no_from",
    "unknown-charset": "bad_charset",
    "latin1-labelled-utf8": "bad_charset",
    "nul-in-header": "control_in_header",
    "deep-multipart": "too_deep",
    "endless-boundary": "unclosed_boundary",
    "long-subject": "header_too_long",
    "bad-encoded-words": "control_in_header",
    "many-parts": "too_many_parts",
    "broken-base64": "bad_encoding",
    "nested-html": "html_too_long",
}
KINDS = {
    "auto-reply": MessageKind.AUTO_REPLY,
    "null-sender-bounce": MessageKind.BOUNCE,
    "from-ourselves": MessageKind.OWN,
}
WITHOUT_CLAIM = {"deep-multipart", "many-parts", "null-sender-bounce"}


def test_there_are_twenty() -> None:
    assert len(MAILS) == 20


@pytest.mark.parametrize("name", MAILS)
def test_a_nasty_mail_is_read_quickly(name: str) -> None:
    begun = time.perf_counter()

    mime.parse(MAILS[name])

    assert time.perf_counter() - begun < 2  # measured 0.3 s at most


@pytest.mark.parametrize("name", MAILS)
def test_what_is_wrong_with_a_nasty_mail_is_noted(name: str) -> None:
    defects = mime.parse(MAILS[name]).defects

    assert (SHOWN_DEFECT[name] in defects) if name in SHOWN_DEFECT else not defects


@pytest.mark.parametrize("name", MAILS)
def test_a_nasty_mail_is_filed_as_what_it_is(name: str) -> None:
    found = classify(mime.parse(MAILS[name]), own_addresses=frozenset({"care@example.com"}))

    assert found.kind is KINDS.get(name, MessageKind.PERSON)


@pytest.mark.parametrize("name", sorted(set(MAILS) - WITHOUT_CLAIM))
def test_the_name_in_a_nasty_mail_is_readable(name: str) -> None:
    assert "Nama: Siti Contoh" in mime.parse(MAILS[name]).body.visible


def test_a_mail_over_every_cap_keeps_its_text() -> None:
    message = mime.parse(huge())

    assert message.body.visible.startswith("Nama: Siti Contoh")
    assert [file.problem for file in message.attachments] == ["too_large"]


def test_a_path_is_no_file_name() -> None:
    assert [file.file_name for file in mime.parse(MAILS["path-as-file-name"]).attachments] == [
        "passwd"
    ]


@pytest.mark.parametrize(
    "unit",
    [
        b"X-A: b\n",
        b"To: a@example.org,\n",
        b"From: a@example.org\n",
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n',
        b"--b\n",
        b"> kutipan\nbalasan\n",
        b"<div><p>",
        b"<!--",
        b'Content-Disposition: attachment; filename*0*="a\\',
        b"=?utf-8?q?=",
        b'"\\"',
        b"((((",
        b"Pada 1 Juni\n",
        b"-- \na\n",
        b"Dari: a\nTanggal: b\n",
    ],
)
def test_reading_takes_time_that_grows_with_size_only(unit: bytes) -> None:
    small, large = unit * (40_000 // len(unit)), unit * (640_000 // len(unit))

    ratio = _seconds(large) / _seconds(small)

    assert ratio < 16 * 6  # 16 times the size; 256 were quadratic


def _seconds(raw: bytes) -> float:
    head = b"From: a@example.org\nContent-Type: text/html\n\n" if raw.startswith(b"<") else b""
    best = 1e9
    for _ in range(3):
        begun = time.perf_counter()
        mime.parse(head + raw)
        mime.parse(b"From: a@example.org\n\n" + raw)
        best = min(best, time.perf_counter() - begun)
    return best
