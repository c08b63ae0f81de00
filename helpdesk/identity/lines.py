"""Conversations and claims as the JSON of `helpdesk extract`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from helpdesk.identity.explain import explain
from helpdesk.identity.extract import extract
from helpdesk.identity.types import Claim, Conversation, Field


def extract_line(
    line: Mapping[str, Any], *, today: dt.date, explained: bool = False
) -> dict[str, Any]:
    """Answer one conversation.

    Args:
        line: `{"id", "subject", "sender_name", "messages": [text, …]}`; what is missing or not
            text counts as empty.
        today: the day two-digit years and ages are read from.
        explained: add `"explain"`, what every rule saw (see `explain.explain`).

    Returns:
        `{"id", "people": [{"full_name", "birth_place", "birth_date", "nik", "about", "relation",
        "confidence", "rules", "spans"}, …]}`; a fact nobody stated is None, a span is
        [message, start, end] with message -1 for the subject.
    """
    messages = line.get("messages")
    conversation = Conversation(
        messages=tuple(_text(each) for each in messages) if isinstance(messages, list) else (),
        subject=_text(line.get("subject")),
        sender_name=_text(line.get("sender_name")),
    )
    claims = extract(conversation, today=today)
    answer = {"id": line.get("id"), "people": [_person(claim) for claim in claims]}
    if explained:
        answer["explain"] = explain(conversation, today=today)
    return answer


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _person(claim: Claim) -> dict[str, Any]:
    facts = {field: claim.get(field) for field in Field}
    return {
        **{field.value: fact.value if fact else None for field, fact in facts.items()},
        "about": claim.about.value,
        "relation": claim.relation,
        "confidence": {
            field.value: round(fact.confidence, 3) for field, fact in facts.items() if fact
        },
        "rules": {field.value: fact.rule for field, fact in facts.items() if fact},
        "spans": {
            field.value: [fact.span.message, fact.span.start, fact.span.end]
            for field, fact in facts.items()
            if fact and fact.span
        },
    }
