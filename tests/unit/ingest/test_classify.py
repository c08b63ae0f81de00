"""What wrote a mail: every rule, and that a person is never taken for a machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import mime
from helpdesk.ingest.classify import classify
from helpdesk.ingest.types import Classification
from helpdesk.tickets.kinds import MessageKind

OWN = frozenset({"care@example.com"})
PERSON = "Return-Path: <siti@example.org>\nFrom: Siti <siti@example.org>\nSubject: Lupa KPJ\n"
REPORT = 'Content-Type: multipart/report; report-type={}; boundary="b"\n\n--b\n\nx\n--b--\n'


def kind_of(mail: str) -> Classification:
    return classify(mime.parse(mail.encode()), own_addresses=OWN)


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "Auto-Submitted: no\n",
        "Auto-Submitted: No (a person)\n",
        "X-Auto-Response-Suppress: DR, RN, NRN\n",
        "Precedence: first-class\n",
        "X-Priority: 1\n",
    ],
)
def test_a_persons_mail_is_a_persons(fields: str) -> None:
    assert kind_of(PERSON + fields + "\nhalo").kind is MessageKind.PERSON


@pytest.mark.parametrize("sender", ["", "From: <>\n", "From: =?x?q?\n"])
def test_a_mail_without_sender_may_be_a_persons(sender: str) -> None:
    found = kind_of(f"{sender}Subject: x\n\nhalo")

    assert found.kind is MessageKind.PERSON


@pytest.mark.parametrize("sender", ["care@example.com", "Care <CARE@Example.com>"])
def test_our_own_address_is_ourselves(sender: str) -> None:
    found = kind_of(f"From: {sender}\nAuto-Submitted: auto-replied\n\nx")

    assert found == Classification(MessageKind.OWN, "own_address")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("Auto-Submitted: auto-replied\n", "auto_submitted"),
        ("Auto-Submitted: auto-generated; owner-email=x\n", "auto_submitted"),
        ("X-Auto-Response-Suppress: All\n", "suppress"),
        ("X-Auto-Response-Suppress: DR, OOF\n", "suppress"),
        ("X-Autoreply: yes\n", "auto_header"),
        ("X-Loop: x\n", "loop_header"),
        ("Precedence: bulk\n", "precedence"),
        ("Precedence: Junk\n", "precedence"),
        ("Precedence: auto_reply\n", "precedence"),
        (REPORT.format("disposition-notification"), "report"),
        (REPORT.format("feedback-report"), "report"),
    ],
)
def test_what_a_machine_sends_is_automatic(fields: str, reason: str) -> None:
    assert kind_of(PERSON + fields + "\nx") == Classification(MessageKind.AUTO_REPLY, reason)


@pytest.mark.parametrize(
    "local",
    ["noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "noreply-kpj", "no-reply+1",
     "tidak-dibalas", "NoReply", "postmaster"],
)  # fmt: skip
def test_an_address_nobody_reads_is_a_machines(local: str) -> None:
    assert kind_of(f"From: {local}@example.org\n\nx").kind is MessageKind.AUTO_REPLY


@pytest.mark.parametrize("local", ["noreen", "reply", "nora-reply", "notaris", "donor"])
def test_an_address_that_only_looks_alike_is_a_persons(local: str) -> None:
    assert kind_of(f"From: {local}@example.org\n\nx").kind is MessageKind.PERSON


@pytest.mark.parametrize(
    "subject", ["Balasan otomatis: KPJ", "Automatic reply: KPJ", "Out of Office: KPJ"]
)
def test_an_absence_note_is_known_by_its_subject(subject: str) -> None:
    found = kind_of(f"From: a@example.org\nSubject: {subject}\n\nx")

    assert found == Classification(MessageKind.AUTO_REPLY, "subject")


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        ("From: a@example.org\n" + REPORT.format("delivery-status"), "delivery_status"),
        (
            ("From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
            "Content-Type: message/delivery-status\n\nAction: failed\n--b--\n"),
            "delivery_status",
        ),
        ("From: MAILER-DAEMON@example.org\nSubject: x\n\nx", "mailer_daemon"),
        ("Return-Path: <>\nFrom: mx@example.org\nSubject: Undelivered mail\n\nx", "null_sender"),
        ("Return-Path: <>\nFrom: mx@example.org\nX-Failed-Recipients: a@b.org\n\nx",
         "null_sender"),
        ("From: postmaster@example.org\nSubject: failure notice\n\nx", "postmaster"),
        ("Return-Path: <>\nFrom: mx@example.org\nSubject: Pengiriman gagal\n\nx", "null_sender"),
    ],
)  # fmt: skip
def test_what_comes_back_is_a_bounce(mail: str, reason: str) -> None:
    assert kind_of(mail) == Classification(MessageKind.BOUNCE, reason)


def test_an_absence_note_with_null_sender_is_no_bounce() -> None:
    found = kind_of(
        "Return-Path: <>\nFrom: a@example.org\nAuto-Submitted: auto-replied\n"
        "Subject: Automatic reply: Undelivered mail\n\nx"
    )

    assert found.kind is MessageKind.AUTO_REPLY


def test_a_null_sender_alone_is_a_machine() -> None:
    found = kind_of("Return-Path: <>\nFrom: a@example.org\nSubject: halo\n\nx")

    assert found == Classification(MessageKind.AUTO_REPLY, "null_sender")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("List-Id: <warga.example.org>\n", "list_header"),
        ("List-Unsubscribe: <mailto:x@example.org>\nPrecedence: bulk\n", "list_header"),
        ("Feedback-ID: 1:2:3\n", "list_header"),
        ("Precedence: list\n", "precedence"),
    ],
)
def test_what_a_list_sends_is_list_mail(fields: str, reason: str) -> None:
    assert kind_of(PERSON + fields + "\nx") == Classification(MessageKind.LIST, reason)


@given(st.text(), st.text(max_size=20))
def test_whatever_the_subject_it_is_classified(subject: str, submitted: str) -> None:
    mail = f"From: a@example.org\nSubject: {subject}\nAuto-Submitted: {submitted}\n\nx"

    classify(mime.parse(mail.encode("utf-8", "replace")), own_addresses=OWN)
