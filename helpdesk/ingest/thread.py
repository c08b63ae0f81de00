"""Threads: which ticket a message belongs to, and why."""

import re
from collections.abc import Iterator, Mapping

from helpdesk.ingest.types import KnownMessage, ParsedMessage, ThreadCandidates, ThreadDecision
from helpdesk.outbox import token

_TICKET = re.compile(r"\[#([1-9][0-9]{0,17})\]", re.ASCII)  # as in the subjects of our replies


def candidates(parsed: ParsedMessage, secret: str) -> ThreadCandidates:
    """Say what a message claims to answer; whether that exists is looked up elsewhere.

    Args:
        parsed: the message.
        secret: the key of our reply tokens; only those it signed are believed.
    """
    ids = message_ids(parsed)
    tickets = (token.read(secret, message_id) for message_id in ids)
    found = _TICKET.findall(parsed.headers.subject)
    return ThreadCandidates(
        token_ticket_id=next((ticket for ticket in tickets if ticket), None),
        message_ids=ids,
        subject_ticket_id=int(found[-1]) if found else None,
    )


def message_ids(parsed: ParsedMessage) -> tuple[str, ...]:
    """List the messages a message answers, nearest first, each once."""
    headers = parsed.headers
    return tuple(dict.fromkeys((*headers.in_reply_to, *reversed(headers.references))))


def decide(
    parsed: ParsedMessage,
    *,
    sender: str,
    known: Mapping[str, KnownMessage],
    token_ticket: KnownMessage | None,
    subject_ticket: KnownMessage | None,
) -> ThreadDecision:
    """Choose the ticket of a message.

    Args:
        parsed: the message.
        sender: its one From address, in lower case; "" when it has none.
        known: those of our messages it refers to, by Message-ID.
        token_ticket: the ticket our reply token in it names.
        subject_ticket: the ticket its subject names.

    Returns:
        The ticket of the first path (`token`, `references`, `subject`) that leads to the same
        sender's. A path that only leads to somebody else's never joins it: then a new ticket is
        opened and linked, reason `other_sender`. With no path the reason is `new`.
    """
    other: int | None = None
    for reason, message in _paths(parsed, known, token_ticket, subject_ticket):
        if sender and message.contact_address.lower() == sender.lower():
            return ThreadDecision(message.ticket_id, None, reason)
        other = message.ticket_id if other is None else other
    return ThreadDecision(None, other, "new" if other is None else "other_sender")


def _paths(
    parsed: ParsedMessage,
    known: Mapping[str, KnownMessage],
    token_ticket: KnownMessage | None,
    subject_ticket: KnownMessage | None,
) -> Iterator[tuple[str, KnownMessage]]:
    """Yield what a message may belong to, the most trusted first."""
    if token_ticket:
        yield "token", token_ticket
    for message_id in message_ids(parsed):
        if message_id in known:
            yield "references", known[message_id]
    if subject_ticket:
        yield "subject", subject_ticket
