"""One conversation as a JSON object in, its people as a JSON object out, for the command line."""

import datetime as dt
from typing import Any

from helpdesk.identity.extract import extract
from helpdesk.identity.types import Claim, Conversation, Fact, Field


def extract_line(value: dict[str, Any], *, today: dt.date) -> dict[str, Any]:
    """Return `{"id", "people"}` of `{"id", "subject", "sender_name", "messages"}`.

    A person has each field or null, and beside them `about`, `relation`, and `facts` with
    confidence, span, warnings and history. Never raises: what is no text counts as empty.
    """
    messages = value.get("messages")
    texts = messages if isinstance(messages, list) else [messages]
    talk = Conversation(
        tuple(map(_text, texts)), _text(value.get("subject")), _text(value.get("sender_name"))
    )
    people = [_person(claim) for claim in extract(talk, today=today)]
    return {"id": value.get("id"), "people": people}


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("text")
    return value if isinstance(value, str) else ""


def _person(claim: Claim) -> dict[str, Any]:
    values = {field.value: fact.value if (fact := claim.get(field)) else None for field in Field}
    facts = {fact.field.value: _fact(fact) for fact in claim.facts}
    return {**values, "about": claim.about.value, "relation": claim.relation, "facts": facts}


def _fact(fact: Fact) -> dict[str, Any]:
    span = fact.span
    return {
        "confidence": round(fact.confidence, 3),
        "span": [span.message, span.start, span.end] if span else None,
        "warnings": list(fact.warnings),
        "history": list(fact.history),
    }
