"""Reading mail: the made-up mails of tests/data/mail, and whatever hypothesis thinks of."""

import base64
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.ingest import classify, mime
from helpdesk.ingest.types import Limits, ParsedMessage

MAILS = sorted((Path(__file__).parents[2] / "data" / "mail").glob("*.eml"))
HEAD = b"From: a@example.org\nSubject: x\n"


def texts(message: ParsedMessage) -> list[str]:
    """List every text of a message that could reach a database."""
    headers = message.headers
    addresses = [
        *headers.from_,
        *headers.sender,
        *headers.reply_to,
        *headers.to,
        *headers.cc,
    ]
    return [
        headers.subject,
        headers.message_id or "",
        headers.return_path or "",
        headers.content_type,
        headers.report_type,
        headers.auto_submitted,
        headers.precedence,
        headers.auto_response_suppress,
        *headers.in_reply_to,
        *headers.references,
        *headers.list_headers,
        *headers.loop_headers,
        *(text for address in addresses for text in (address.name, address.email)),
        *(line.value for line in message.trace),
        *(text for file in message.attachments for text in (file.file_name, file.media_type)),
        *message.original_message_ids,
        *message.failed_recipients,
    ]


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_mails_are_read_as_written_beside_them(path: Path, line_end: bytes) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())

    message = mime.parse(path.read_bytes().replace(b"\n", line_end))

    sender = message.headers.from_[0]
    assert [sender.name, sender.email] == expected["from"]
    assert message.headers.subject == expected["subject"]
    assert message.body.visible == expected["visible"]
    assert message.body.quoted == expected.get("quoted", message.body.quoted)
    assert message.body.signature == expected.get("signature", "")
    assert message.html == expected.get("html", message.html)
    assert list(message.defects) == expected["defects"]
    assert list(message.original_message_ids) == expected.get("original_message_ids", [])
    assert list(message.failed_recipients) == expected.get("failed_recipients", [])
    kind = classify.classify(message, own_addresses=frozenset({"care@example.com"}))
    assert kind.kind == expected["kind"]


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_files_are_found_with_name_type_and_size(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())

    message = mime.parse(path.read_bytes())

    files = [[file.file_name, file.media_type, file.size_bytes] for file in message.attachments]
    assert files == expected["attachments"]


@given(st.binary(max_size=3_000))
def test_any_bytes_become_a_message_that_can_be_stored(raw: bytes) -> None:
    message = mime.parse(raw)

    for text in [*texts(message), message.body.visible, message.html or ""]:
        assert "\x00" not in text
        text.encode("utf-8")


PIECES = st.sampled_from(
    [
        b"From: ",
        b"To: a@example.org\n",
        b"Subject: ",
        b"Content-Type: multipart/mixed; boundary=b\n",
        b"Content-Type: text/html; charset=utf-16\n",
        b"Content-Type: message/delivery-status\n",
        b"Content-Transfer-Encoding: base64\n",
        b"Return-Path: <>\n",
        b"Final-Recipient: rfc822; ",
        b"Message-ID: <",
        b"=?utf-8?b?",
        b"=?utf-8?q?=0A=00=ED=A0=80?=",
        b"\n--b\n",
        b"\n--b--\n",
        b"\n\n",
        b"\r\n",
        b"filename*0*=utf-8''",
        b'"',
        b"<p>",
        b"\xff\xfe\x00",
        b"\xe2\x80\xa8",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES | st.binary(max_size=8), max_size=40).map(b"".join))
def test_scrambled_mail_becomes_a_message_that_can_be_stored(raw: bytes) -> None:
    message = mime.parse(raw)

    for line in texts(message):
        assert not set(line) & set("\x00\r\n\x0b\x0c\x85\u2028\u2029\ud800")
        line.encode("utf-8")
    for text in (message.body.visible, message.body.quoted, message.html or ""):
        assert "\x00" not in text
        text.encode("utf-8")


def test_an_injected_line_break_stays_inside_its_field_and_is_noted() -> None:
    raw = b"From: =?utf-8?q?a=0ABcc=3A_b=40example=2Eorg?= <a@example.org>\n\nx"

    message = mime.parse(raw)

    assert message.headers.from_[0].name == "a Bcc: b@example.org"
    assert "control_in_header" in message.defects


@pytest.mark.parametrize(
    ("head", "defect"),
    [
        (b"From: a@example.org, b@example.org\n", "two_from"),
        (b"From: a@example.org\nFrom: b@example.org\n", "two_from"),
        (b"From: a@example.org\nSubject: x\nSubject: y\n", "two_subject"),
        (b"Subject: x\n", "no_from"),
        (b"From: b@example.org <a@example.org>\n", "from_address_in_name"),
        (b"From: nobody\n", "from_bad_address"),
        (b"From: a@example.org\nDate: kemarin\n", "bad_date"),
        (b"From: a@example.org\nMessage-ID: a b\n", "bad_message_id"),
        (b"From: a@example.org\nthis is no field\n", "bad_header"),
        (b"From: a@example.org\nContent-Type: nonsense\n", "bad_content_type"),
        (b"From: a@example.org\nContent-Type: multipart/mixed\n", "no_boundary"),
    ],
)
def test_what_is_wrong_with_the_header_is_noted(head: bytes, defect: str) -> None:
    assert defect in mime.parse(head + b"\nisi\n").defects


def test_both_senders_are_kept_when_there_are_two_fields() -> None:
    message = mime.parse(b"From: a@example.org\nFrom: b@example.org\n\nx")

    assert [one.email for one in message.headers.from_] == ["a@example.org", "b@example.org"]


def test_a_text_without_header_is_all_body() -> None:
    message = mime.parse(b"halo, saya lupa nomor saya\n\nterima kasih")

    assert message.body.visible == "halo, saya lupa nomor saya\n\nterima kasih"
    assert "no_headers" in message.defects


def test_a_multipart_that_names_no_boundary_is_read_as_text() -> None:
    message = mime.parse(HEAD + b"Content-Type: multipart/mixed\n\nhalo")

    assert message.body.visible == "halo"


def test_the_separator_line_of_an_mbox_is_no_field() -> None:
    message = mime.parse(b"From a@example.org Sat Oct 31 22:12:00 2020\n" + HEAD + b"\nhalo")

    assert message.headers.subject == "x"
    assert message.defects == ()


def test_lines_may_end_as_on_an_old_macintosh() -> None:
    message = mime.parse((HEAD + b"\nhalo\nlagi").replace(b"\n", b"\r"))

    assert message.headers.subject == "x"
    assert message.body.visible == "halo\nlagi"


def test_dates_are_read_as_utc() -> None:
    message = mime.parse(HEAD + b"Date: Sat, 31 Oct 2020 22:12:00 +0700\n\n")

    assert message.headers.date == dt.datetime(2020, 10, 31, 15, 12, tzinfo=dt.UTC)


def multipart(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return HEAD + b"Content-Type: multipart/" + kind + b"; boundary=b\n\n" + body + b"--b--\n"


PLAIN = b"Content-Type: text/plain\n\n"
HTML = b"Content-Type: text/html\n\n"


@pytest.mark.parametrize(
    ("raw", "visible"),
    [
        (multipart(b"alternative", PLAIN + b"teks", HTML + b"<p>html"), "teks"),
        (multipart(b"alternative", PLAIN + b"  ", HTML + b"<p>html"), "html"),
        (multipart(b"alternative", PLAIN + b"Use an HTML viewer", HTML + b"<p>isi"), "isi"),
        (multipart(b"mixed", PLAIN + b"satu", PLAIN + b"dua"), "satu\n\ndua"),
        (multipart(b"mixed", HTML + b"<p>satu", PLAIN + b"dua"), "satu\n\ndua"),
        (multipart(b"mixed", b"\nsatu"), "satu"),
        (multipart(b"mixed", b"satu tanpa kepala"), "satu tanpa kepala"),
        (multipart(b"mixed", PLAIN + b"satu\n--bukan batas"), "satu\n--bukan batas"),
        (multipart(b"mixed", PLAIN + b"satu").replace(b"--b--", b""), "satu"),
    ],
)
def test_the_text_a_person_would_see_is_the_body(raw: bytes, visible: str) -> None:
    assert mime.parse(raw).body.visible == visible


def test_a_text_file_beside_the_body_is_a_file() -> None:
    note = b"Content-Type: text/plain; name=nota.txt\n\nisi"

    message = mime.parse(multipart(b"mixed", PLAIN + b"halo", note))

    assert message.body.visible == "halo"
    assert [file.file_name for file in message.attachments] == ["nota.txt"]


def test_mail_inside_a_digest_is_a_file() -> None:
    message = mime.parse(multipart(b"digest", b"\nSubject: y\n\nisi"))

    assert [file.media_type for file in message.attachments] == ["message/rfc822"]


@pytest.mark.parametrize(
    ("declared", "data", "text"),
    [
        (b"utf-8", "José".encode(), "José"),
        (b"utf-8", "José".encode("latin-1"), "José"),
        (b"iso-8859-1", "José".encode(), "José"),
        (b"us-ascii", "José".encode("cp1252"), "José"),
        (b"x-unknown", "José".encode(), "José"),
        (b"unknown-8bit", "José “x”".encode("cp1252"), "José “x”"),
        (b"gb2312", "印尼".encode("gb18030"), "印尼"),
        (b"iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        (b"utf-16", "José".encode("utf-16"), "José"),
        (b"utf-8", b"\x81\x8d", "\x81\x8d".translate({0x81: None, 0x8D: None})),
        (b"punycode", "José".encode(), "José"),
    ],
)
def test_text_is_read_whatever_it_calls_itself(declared: bytes, data: bytes, text: str) -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=" + declared + b"\n\n" + data

    assert mime.parse(raw).body.visible == text


def test_html_names_its_own_charset() -> None:
    source = '<meta charset="windows-1251"><p>Привет'.encode("windows-1251")

    assert mime.parse(HEAD + HTML[:-1] + b"\n" + source).body.visible == "Привет"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="C:\\\\Users\\\\ktp.jpg"', "ktp.jpg"),
        (b"filename*=utf-8''KTP%20%C3%A9.jpg", "KTP é.jpg"),
        (b'filename="=?utf-8?q?KTP_=C3=A9.jpg?="', "KTP é.jpg"),
        (b'filename="a\\"b.jpg"', 'a"b.jpg'),
        (b'filename="\xe2\x80\xaegpj.exe"', "gpj.exe"),
        (b'filename=".."', "attachment-1.jpg"),
        (b'filename="' + b"x" * 500 + b'.jpeg"', "x" * 195 + ".jpeg"),
        (b'filename="' + b"x" * 500 + b'"', "x" * 200),
        (b'filename="tanpa akhir.jpg', "tanpa akhir.jpg"),
    ],
)
def test_file_names_are_only_names(field: bytes, name: str) -> None:
    raw = HEAD + b"Content-Type: image/jpeg\nContent-Disposition: attachment; " + field + b"\n\nx"

    assert mime.parse(raw).attachments[0].file_name == name


def jpeg(size: int) -> bytes:
    head = b"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
    return head + base64.encodebytes(b"x" * size)


def test_a_file_over_the_cap_is_named_but_not_kept() -> None:
    message = mime.parse(multipart(b"mixed", jpeg(2_000)), Limits(max_attachment_bytes=1_000))

    file = message.attachments[0]
    assert (file.content, file.problem, file.size_bytes) == (None, "too_large", 2_001)


def test_a_file_under_the_cap_is_kept_whole() -> None:
    assert mime.parse(multipart(b"mixed", jpeg(2_000))).attachments[0].content == b"x" * 2_000


def test_a_file_whose_encoding_is_broken_is_kept_as_far_as_it_goes() -> None:
    broken = b"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\neHh4*eA"

    file = mime.parse(multipart(b"mixed", broken)).attachments[0]

    assert (file.content, file.problem) == (b"xxxx", "bad_encoding")


def test_no_more_files_are_kept_than_the_cap() -> None:
    message = mime.parse(multipart(b"mixed", *[jpeg(5)] * 4), Limits(max_attachments=3))

    assert len(message.attachments) == 3
    assert "too_many_attachments" in message.defects


@pytest.mark.parametrize("kind", [PLAIN, HTML])
def test_a_body_over_the_cap_is_cut(kind: bytes) -> None:
    raw = multipart(b"mixed", kind + b"<p>" + b"x" * 9_000, kind + b"lagi", kind + b"lagi")

    message = mime.parse(raw, Limits(max_body_chars=100, max_html_chars=100))

    assert len(message.body.visible) <= 100
    assert len(message.html or "") <= 100
    assert {"body_too_long", "html_too_long"} & set(message.defects)


def test_references_over_the_cap_keep_the_first_and_the_newest() -> None:
    ids = b" ".join(b"<%d@example.org>" % number for number in range(300))

    references = mime.parse(HEAD + b"References: " + ids + b"\n\n").headers.references

    assert (references[0], references[-1], len(references)) == (
        "0@example.org",
        "299@example.org",
        100,
    )


def test_a_header_without_end_is_cut() -> None:
    message = mime.parse(HEAD + b"X-A: b\n" * 400_000)

    assert message.headers.subject == "x"
    assert {"header_too_long", "too_many_headers"} & set(message.defects)
