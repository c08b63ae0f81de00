"""Threads: into the ticket a message answers, but only its own sender's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import mime, thread
from helpdesk.ingest.types import KnownMessage, ParsedMessage, ThreadDecision
from helpdesk.outbox import token

SECRET = "rahasia"
TOKEN = token.make(SECRET, 7, "abc", "example.com")
SITI = "siti@example.org"


def mail(head: str) -> ParsedMessage:
    return mime.parse(f"From: {SITI}\n{head}\n\nisi".encode())


def known(ticket_id: int, address: str = SITI, message_id: str = "a@example.org") -> KnownMessage:
    return KnownMessage(message_id, ticket_id, address)


def decide(
    head: str = "In-Reply-To: <a@example.org>",
    *,
    sender: str = SITI,
    references: tuple[KnownMessage, ...] = (),
    by_token: KnownMessage | None = None,
    by_subject: KnownMessage | None = None,
) -> ThreadDecision:
    return thread.decide(
        mail(head),
        sender=sender,
        known={one.message_id: one for one in references},
        token_ticket=by_token,
        subject_ticket=by_subject,
    )


def test_candidates_are_read_nearest_first() -> None:
    found = thread.candidates(
        mail(f"In-Reply-To: <c@x>\nReferences: <a@x> <{TOKEN}> <c@x>\nSubject: Re: x [#12]"),
        SECRET,
    )

    assert found.token_ticket_id == 7
    assert found.message_ids == ("c@x", TOKEN, "a@x")
    assert found.subject_ticket_id == 12


@pytest.mark.parametrize(
    ("subject", "ticket_id"),
    [
        ("KPJ [#10482]", 10482),
        ("Re: [#1] Fwd: KPJ [#2]", 2),
        ("KPJ #10482", None),
        ("KPJ [#0]", None),
        ("KPJ [#]", None),
        ("KPJ [#\u0661]", None),
        ("KPJ [#" + "9" * 30 + "]", None),
    ],
)
def test_the_subject_names_a_ticket_as_our_replies_do(subject: str, ticket_id: int | None) -> None:
    assert thread.candidates(mail(f"Subject: {subject}"), SECRET).subject_ticket_id == ticket_id


def test_a_token_signed_with_another_key_names_nothing() -> None:
    found = thread.candidates(mail(f"In-Reply-To: <{TOKEN}>"), "lain")

    assert found.token_ticket_id is None
    assert found.message_ids == (TOKEN,)


def test_the_token_goes_before_references_and_these_before_the_subject() -> None:
    everything = {"references": (known(2),), "by_subject": known(3)}

    assert decide(by_token=known(1), **everything) == ThreadDecision(1, None, "token")
    assert decide(**everything) == ThreadDecision(2, None, "references")
    assert decide(by_subject=known(3)) == ThreadDecision(3, None, "subject")


def test_the_nearest_message_goes_first() -> None:
    head = "References: <a@example.org> <b@example.org>"

    found = decide(head, references=(known(1), known(2, message_id="b@example.org")))

    assert found.ticket_id == 2


@pytest.mark.parametrize(
    "paths",
    [
        {"by_token": known(1, "budi@example.org")},
        {"references": (known(1, "budi@example.org"),)},
        {"by_subject": known(1, "budi@example.org")},
    ],
    ids=["token", "references", "subject"],
)
def test_another_senders_ticket_is_linked_and_never_joined(paths: dict[str, object]) -> None:
    assert decide(**paths) == ThreadDecision(None, 1, "other_sender")


def test_ones_own_ticket_is_joined_though_another_path_leads_elsewhere() -> None:
    found = decide(by_token=known(1, "budi@example.org"), by_subject=known(3))

    assert found == ThreadDecision(3, None, "subject")


def test_the_letter_case_of_addresses_does_not_matter() -> None:
    assert decide(by_token=known(1, "Siti@Example.org")).ticket_id == 1


def test_a_message_without_sender_joins_nothing() -> None:
    assert decide(sender="", by_token=known(1, "")) == ThreadDecision(None, 1, "other_sender")


def test_a_message_that_answers_nothing_is_new() -> None:
    assert decide("Subject: x") == ThreadDecision(None, None, "new")


@given(st.binary(max_size=300))
def test_any_mail_has_candidates(head: bytes) -> None:
    thread.candidates(mime.parse(b"References: " + head), SECRET)
