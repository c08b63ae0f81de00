"""The bytes of a reply, whatever its values contain."""

import dataclasses
import datetime as dt
import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk.errors import PermanentError
from helpdesk.outbox import mail
from helpdesk.outbox.mail import OutgoingReply

REPLY = OutgoingReply(
    ticket_id=7,
    message_row_id=12,
    from_name="BPJS Ketenagakerjaan",
    from_address="care@example.org",
    recipient="budi@example.com",
    subject="Re: Nomor KPJ saya hilang",
    body="Yth. Bapak Budi,\n\nNomor KPJ Anda 99000000017.\n",
    language="id",
    date=dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC),
    secret="s3cret-value",
)
NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
]  # fmt: skip
PAYLOADS = [
    "x\r\nBcc: evil@example.net",
    "x\nBcc: evil@example.net\n\nbody",
    "x\r\n\r\n<html>",
    "=?utf-8?q?hello=0ABcc=3A_evil=40example.net?=",
    "=?utf-8?b?aGVsbG8KQmNjOiBldmlsQHg=?=",
    "x\u2028Bcc: evil@example.net",
    "x\x0bBcc: evil@example.net",
    "x\x85Bcc: evil@example.net",
    "\ud800x",
    '"<evil@example.net>, <',
    "a" * 3_000,
    "é" * 3_000,
    "",
    " \t ",
]

texts = st.one_of(
    st.text(st.characters()),
    st.sampled_from(PAYLOADS),
    st.tuples(st.text(), st.sampled_from(PAYLOADS), st.text()).map("".join),
)
identifiers = st.one_of(texts, st.from_regex(r"[a-z0-9.]{1,300}@[a-z.]{1,20}", fullmatch=True))


@given(texts, texts, texts, identifiers, st.lists(identifiers, max_size=15))
@example("", "", "", "", [])
def test_no_value_adds_a_header_or_a_recipient(name, subject, body, answered, references):
    built = mail.build(
        changed(
            from_name=name,
            subject=subject,
            body=body,
            in_reply_to=answered,
            references=tuple(references),
        )
    )
    parsed = message_from_bytes(built, policy=policy.SMTP)
    assert [each for each in parsed if each not in {"In-Reply-To", "References"}] == NAMES
    assert [each.addr_spec for each in parsed["To"].addresses] == ["budi@example.com"]
    assert [each.addr_spec for each in parsed["From"].addresses] == ["care@example.org"]
    assert not parsed.is_multipart()


@given(texts, texts, texts)
def test_every_line_is_short_ascii_and_ends_with_crlf(name, subject, body):
    built = mail.build(changed(from_name=name, subject=subject, body=body))
    assert built.isascii()
    assert max(map(len, built.split(b"\r\n"))) <= 998
    assert re.search(rb"[^\r]\n|\r[^\n]", built) is None
    assert built.endswith(b"\r\n")


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_what_is_visible_in_a_subject_survives(subject: str):
    parsed = message_from_bytes(mail.build(changed(subject=subject)))
    read = str(make_header(decode_header(str(parsed["Subject"]).replace("\r\n", ""))))
    assert read.split() == " ".join(subject.split())[:200].split()


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])).map(lambda text: text + "."))
def test_the_body_survives_to_the_character(body: str):
    parsed = message_from_bytes(mail.build(changed(body=body)))
    assert parsed.get_payload(decode=True).decode() == body + "\r\n"


def test_the_same_reply_gives_the_same_bytes():
    assert mail.build(REPLY) == mail.build(changed())


def test_a_long_message_id_in_references_stays_readable():
    long = [f"{letter * 200}@example.com" for letter in "abc"]
    parsed = message_from_bytes(mail.build(changed(references=tuple(long), in_reply_to=long[2])))
    assert parsed["References"].split() == [f"<{each}>" for each in long]
    assert parsed["In-Reply-To"] == f"<{long[2]}>"


def test_many_references_keep_the_first_and_the_last_nine():
    ids = tuple(f"{number}@example.com" for number in range(40))
    parsed = message_from_bytes(mail.build(changed(references=ids, in_reply_to="40@example.com")))
    wanted = ["<0@example.com>", *(f"<{number}@example.com>" for number in range(32, 41))]
    assert parsed["References"].split() == wanted


@pytest.mark.parametrize(
    "identifier",
    [
        "a b@example.com",
        "a>@example.com",
        "<a@example.com>",
        "é@example.com",
        "x" * 251,
        "=?utf-8?q?a?=",
    ],
)
def test_a_message_id_nobody_could_match_is_left_out(identifier: str):
    parsed = message_from_bytes(mail.build(changed(in_reply_to=identifier)))
    assert parsed["In-Reply-To"] is None
    assert parsed["References"] is None


@pytest.mark.parametrize(
    "address",
    [
        "", "budi", "budi@", "@example.com", "a@b@c", "a b@example.com", "a@example.com,b@x.id",
        "<a@example.com>", '"a b"@example.com', "a@example.com\r\nBcc: b@x.id", "a@[127.0.0.1]",
        "bué@example.com", "a@exämple.com", "a(x)@example.com", "a@x\n", f"{'a' * 65}@example.com",
        f"a@{'b' * 260}.id",
    ],
)  # fmt: skip
def test_an_address_that_is_not_plain_is_refused(address: str):
    with pytest.raises(PermanentError, match="plain e-mail address"):
        mail.build(changed(recipient=address))


def test_the_refusal_does_not_repeat_the_address():
    with pytest.raises(PermanentError) as refused:
        mail.build(changed(recipient="budi rahasia@example.com"))
    assert "budi" not in str(refused.value)


def test_a_language_that_is_not_one_is_refused():
    with pytest.raises(PermanentError, match="language"):
        mail.build(changed(language="id\r\nX: y"))


def test_marks_that_reorder_digits_are_left_out():
    parsed = message_from_bytes(mail.build(changed(body="KPJ \u202e71000000099\u202c.")))
    assert parsed.get_payload(decode=True) == b"KPJ 71000000099.\r\n"


def test_two_replies_never_share_a_message_id():
    later = changed(date=REPLY.date + dt.timedelta(seconds=1))
    ids = {mail.message_id(each) for each in (REPLY, changed(message_row_id=13), later)}
    assert len(ids) == 3


def test_the_message_id_belongs_to_the_domain_that_sends():
    assert mail.message_id(REPLY).endswith("@example.org")


def test_the_envelope_is_read_from_the_bytes():
    assert mail.envelope(mail.build(REPLY)) == ("care@example.org", "budi@example.com")


@pytest.mark.parametrize(
    "header", [b"", b"To: a@example.com\r\nTo: b@example.com\r\n", b"To: a@x, b@x\r\n"]
)
def test_bytes_without_exactly_one_recipient_have_no_envelope(header: bytes):
    with pytest.raises(PermanentError):
        mail.envelope(b"From: care@example.org\r\n" + header + b"\r\nx\r\n")


def test_printing_a_reply_shows_nothing_personal():
    shown = repr(REPLY)
    assert not any(word in shown for word in ("budi", "KPJ", "s3cret-value"))


def changed(**fields) -> OutgoingReply:
    return dataclasses.replace(REPLY, **fields)
