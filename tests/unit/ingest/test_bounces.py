"""Bounces: which reply came back, from whom, for good or not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import mime
from helpdesk.ingest.types import ParsedMessage

HEAD = "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: x\n"
REPORT = HEAD + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"


def status(*groups: str) -> ParsedMessage:
    body = "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
    return mime.parse((REPORT + body + "\n\n".join(groups) + "\n--b--\n").encode())


def test_a_recipient_lost_for_good_is_named() -> None:
    found = status("Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1")

    assert found.failed_recipients == ("a@example.org",)
    assert found.bounce_permanent


@pytest.mark.parametrize(
    "fields", ["Action: delayed\nStatus: 4.4.1", "Action: failed\nStatus: 4.2.2"]
)
def test_a_recipient_not_reached_yet_is_not_lost(fields: str) -> None:
    found = status(f"Final-Recipient: rfc822; a@example.org\n{fields}")

    assert found.failed_recipients == ("a@example.org",)
    assert not found.bounce_permanent


def test_recipients_lost_for_good_go_before_delayed_ones() -> None:
    found = status(
        "Final-Recipient: rfc822; a@example.org\nAction: delayed",
        "Final-Recipient: rfc822; b@example.org\nAction: failed",
    )

    assert (found.failed_recipients, found.bounce_permanent) == (("b@example.org",), True)


def test_a_delivered_recipient_is_none_that_failed() -> None:
    found = status(
        "Final-Recipient: rfc822; a@example.org\nAction: delivered",
        "Final-Recipient: rfc822; \nAction: failed",
    )

    assert found.failed_recipients == ()


def test_the_recipient_we_wrote_to_goes_before_the_one_it_became() -> None:
    found = status(
        "Final-Recipient: rfc822; b@example.org\nOriginal-Recipient: rfc822; a@example.org\n"
        "Action: failed"
    )

    assert found.failed_recipients == ("a@example.org",)


def test_exim_names_the_recipients_in_a_field() -> None:
    found = mime.parse((HEAD + "X-Failed-Recipients: a@example.org, b@example.org\n\nx").encode())

    assert found.failed_recipients == ("a@example.org", "b@example.org")


def test_qmail_names_the_recipient_and_the_message_in_its_text() -> None:
    text = (
        "Hi. This is the qmail-send program at example.net.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<a@example.org>:\nSorry, no mailbox here by that name.\n\n"
        "--- Below this line is a copy of the message.\n\n"
        "Message-ID: <reply.1.a.b@example.com>\nSubject: y\n"
    )

    found = mime.parse(f"{HEAD}\n{text}".encode())

    assert found.failed_recipients == ("a@example.org",)
    assert found.original_message_ids == ("reply.1.a.b@example.com",)


def test_the_bounces_own_message_id_is_not_the_returned_one() -> None:
    found = mime.parse(f"{HEAD}Message-ID: <own@example.net>\n\nx".encode())

    assert found.original_message_ids == ()


def test_a_mail_of_many_parts_is_not_guessed_at() -> None:
    parts = "--b\n\nx\n" * 30

    found = mime.parse(f"{REPORT}{parts}--b--\n".encode())

    assert found.failed_recipients == ()


def test_a_persons_mail_is_not_read_as_a_bounce() -> None:
    found = mime.parse(b"From: a@example.org\n\nMessage-ID: <x@example.org>")

    assert found.original_message_ids == ()


@given(st.binary(max_size=400), st.binary(max_size=200))
def test_any_text_is_read(report: bytes, text: bytes) -> None:
    raw = REPORT.encode() + b"--b\nContent-Type: message/delivery-status\n\n" + report
    found = mime.parse(raw + b"\n--b\n\n" + text)

    for value in (*found.failed_recipients, *found.original_message_ids):
        assert "\x00" not in value
        value.encode("utf-8")


@pytest.mark.parametrize(
    "unit",
    ["<a@b>\n", "Final-Recipient: rfc822; a\n", "Message-ID:\n", " \n", "--b\n", "a" * 70 + "\n",
     "<", "could not be delivered to ", "Your message\n\n", "-- The following had ", "\t"],
)  # fmt: skip
def test_reading_is_quick_whatever_the_text(unit: str) -> None:
    raw = (HEAD + "\n" + unit * (200_000 // len(unit))).encode()
    begun = time.perf_counter()

    mime.parse(raw)

    assert time.perf_counter() - begun < 2
