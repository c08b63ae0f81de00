"""Tickets that an agent opens for somebody who calls or comes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from helpdesk.ingest import formcheck, opening, summary
from helpdesk.ingest.formcheck import Facts, Problem
from helpdesk.ingest.opening import Opening
from helpdesk.tickets.kinds import Channel

CHANNELS = (Channel.PHONE, Channel.COUNTER)
_SUBJECTS = {
    ("id", Channel.PHONE): "Permintaan nomor KPJ lewat telepon",
    ("id", Channel.COUNTER): "Permintaan nomor KPJ di loket",
    ("en", Channel.PHONE): "KPJ number asked for by phone",
    ("en", Channel.COUNTER): "KPJ number asked for at the counter",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A call or a visit as an agent typed it in; `number` is +62… or "" for none."""

    channel: Channel
    name: str = field(repr=False)
    number: str = field(repr=False)
    facts: Facts


def check(typed: Mapping[str, str], *, today: dt.date) -> tuple[Visit | None, dict[str, Problem]]:
    """Check what an agent typed in; facts may be left out, and are asked for in the draft.

    Args:
        typed: `channel`, `caller`, `number`, `full_name`, `birth_place`, `birth_date`, `nik`,
            `question`; what is missing counts as empty.
        today: to tell two-digit years, and dates that are yet to come.

    Returns:
        The visit, or None and the problems by field. Never raises.
    """
    facts, wrong = formcheck.check_facts(typed, today=today, needed=False)
    problems: dict[str, Problem] = {}
    channel = next((each for each in CHANNELS if each == typed.get("channel")), None)
    if channel is None:
        problems["channel"] = Problem.MISSING
    caller = formcheck.line(typed.get("caller", ""))[: formcheck.MAX_CHARS]
    name = caller or facts.full_name
    if not any(char.isalpha() for char in name):
        problems["caller"] = Problem.MISSING
    said = formcheck.line(typed.get("number", ""))
    number = formcheck.phone_number(said, landline=True)
    if said and not number:
        problems["number"] = Problem.NO_PHONE
    problems |= wrong
    if len(typed.get("question", "")) > formcheck.MAX_QUESTION_CHARS:
        problems["question"] = Problem.TOO_LONG
    elif not formcheck.body(facts) and not wrong:
        problems["question"] = Problem.MISSING
    if problems or channel is None:
        return None, problems
    return Visit(channel, name, number, facts), {}


def open_visit(
    session: Session, visit: Visit, agent_id: int, *, nameless: str, now: dt.datetime
) -> int:
    """Open the ticket of a call or a visit for the agent who has it, and return its id.

    `nameless` is a random text that stands for the address of who gives no number.
    """
    language = summary.language(visit.facts.question) or "id"
    body = formcheck.body(visit.facts, language=language)
    return opening.open_ticket(
        session,
        Opening(
            channel=visit.channel,
            address=visit.number or f"{opening.NO_NUMBER}{nameless}",
            name=visit.name,
            phone=visit.number,
            subject=_SUBJECTS[language, visit.channel],
            body=body,
            preview=visit.facts.question or body,
            language=language,
            assignee_id=agent_id,
        ),
        now,
    )
