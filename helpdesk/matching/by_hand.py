"""Searching the registry by hand: for a ticket, with a reason, a limited number of times a day.

It is the one way to look at records nobody asked about, so it is narrow: some facts in, few people
out, and the trail keeps why and whom.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from helpdesk.accounts.models import SEARCH, Agent, AuditEvent
from helpdesk.errors import ConflictError, ForbiddenError, InvalidError
from helpdesk.identity.types import Field
from helpdesk.matching import choices, corrections
from helpdesk.matching.records import people, record
from helpdesk.matching.search import find
from helpdesk.matching.stated import query_of
from helpdesk.matching.types import Candidate, Evidence, RegistryRecord, Way
from helpdesk.registry import keys, serving
from helpdesk.registry.serving import Found

SHOWN = 5  # people: more would be browsing
MIN_REASON_CHARS, MAX_REASON_CHARS = 10, 500
_DAY = dt.timedelta(days=1)
_LONG_NUMBER = re.compile(r"\d(?:[ ./-]?\d){5}")
_SHORT_WORD = 3  # letters of a name that any sentence may have


@dataclass(frozen=True, slots=True)
class Hit:
    """One person found, and how; `probability` is None for one found by their KPJ alone.

    `token` is what a form names them by: good for this agent, this ticket and this generation.
    """

    token: str
    person: int
    records: tuple[RegistryRecord, ...]
    probability: float | None
    evidence: tuple[Evidence, ...] = ()
    way: Way = Way.NAME


def checked_reason(reason: str, facts: Mapping[Field, str]) -> str:
    """Return the reason as the trail keeps it, which holds nobody's data.

    Raises:
        InvalidError: it is too short or too long, or names whom it is about.
    """
    clean = " ".join(reason.replace("\x00", "").split())
    if not MIN_REASON_CHARS <= len(clean) <= MAX_REASON_CHARS:
        msg = "say why you search, in at least 10 characters"
        raise InvalidError(msg)
    named = {each.code for each in keys.words(facts.get(Field.FULL_NAME, ""))}
    said = {each.code for each in keys.words(clean)}
    if _LONG_NUMBER.search(clean) or any(len(each) > _SHORT_WORD for each in named & said):
        msg = "leave names and numbers out of the reason: the trail holds nobody's data"
        raise InvalidError(msg)
    return clean


def checked_facts(typed: Mapping[Field, str]) -> dict[Field, str]:
    """Return what was typed in the form facts have; raises as `corrections.checked`."""
    facts = {field: corrections.checked(field, value) for field, value in typed.items()}
    return {field: value for field, value in facts.items() if value}


def checked_kpj(typed: str) -> str:
    """Return a KPJ as eleven digits, "" for none.

    Raises:
        InvalidError: it is not one.
    """
    digits = re.sub(r"[ .-]", "", typed.strip())
    if digits and not re.fullmatch(r"[0-9]{11}", digits):
        msg = "a KPJ has 11 digits"
        raise InvalidError(msg)
    return digits


def refuse_too_many(session: Session, agent_id: int, most: int, now: dt.datetime) -> None:
    """Refuse a search of an agent who has searched `most` times in the last 24 hours.

    Raises:
        ForbiddenError: they have.
    """
    # Locked, so that two searches at once count each other.
    session.execute(select(Agent.id).where(Agent.id == agent_id).with_for_update())
    searched = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(
            AuditEvent.agent_id == agent_id,
            AuditEvent.at > now - _DAY,
            text(f"action = '{SEARCH}'"),  # as the index has it: a parameter would not use it
        )
    )
    if (searched or 0) >= most:
        msg = "you have searched the registry by hand as often as one may in a day"
        raise ForbiddenError(msg)


def search(
    session: Session,
    facts: Mapping[Field, str],
    kpj: str,
    *,
    today: dt.date,
    token_for: tuple[bytes, int, int],
) -> list[Hit]:
    """Return up to SHOWN people, one found by KPJ first, then the likeliest first.

    Args:
        session: for reading.
        facts: as of `checked_facts`.
        kpj: as of `checked_kpj`.
        today: where the reader is.
        token_for: the key of tokens, the agent and the ticket they are made for.

    Raises:
        ConflictError: there is no registry yet.
        InvalidError: neither a fact nor a KPJ is given.
    """
    if not facts and not kpj:
        msg = "enter a KPJ or at least one fact"
        raise InvalidError(msg)
    reader = serving.serving(session)
    if reader is None:
        msg = "there is no registry yet; an administrator imports it"
        raise ConflictError(msg)
    by_facts: dict[int, list[Candidate]] = {}
    if facts:
        for each in find(session, query_of(facts), today=today).candidates:
            by_facts.setdefault(each.person, []).append(each)
    by_kpj = people(reader, [kpj]) if kpj else {}
    hits = [_named(number, records) for number, records in by_kpj.items()]
    hits = [_weighed(by_facts[hit.person]) if hit.person in by_facts else hit for hit in hits]
    hits += [_weighed(group) for number, group in by_facts.items() if number not in by_kpj]
    generation = reader.generation.id
    return [replace(hit, token=token(*token_for, generation, hit.person)) for hit in hits[:SHOWN]]


def token(key: bytes, agent_id: int, ticket_id: int, generation: int, person: int) -> str:
    """Return what names a person who was shown to an agent; nobody else can make one.

    Without it whoever can write a form could page through the registry past reason and limit.
    """
    said = f"{generation}-{person}"
    bound = f"{agent_id}-{ticket_id}-{said}"
    return f"{said}-{hmac.new(key, bound.encode(), hashlib.sha256).hexdigest()[:32]}"


def found(session: Session, sent: str, key: bytes, agent_id: int, ticket_id: int) -> str:
    """Return a KPJ of the person a token names.

    Raises:
        ConflictError: another registry serves by now.
        InvalidError: the token was not made for this agent and ticket.
    """
    parts = sent.split("-")
    if len(parts) != 3 or not all(each.isascii() and each.isdecimal() for each in parts[:2]):
        raise InvalidError(_DAMAGED)
    generation, person = int(parts[0][:9]), int(parts[1][:10])
    made = token(key, agent_id, ticket_id, generation, person)
    if not hmac.compare_digest(made.encode(), sent.encode("utf-8", "replace")):
        raise InvalidError(_DAMAGED)
    reader = serving.serving(session)
    if reader is None or reader.generation.id != generation:
        msg = "the registry was replaced since you searched; search again"
        raise ConflictError(msg)
    return reader.persons([person])[0].kpj


def shown_marks(key: bytes, hits: Iterable[Hit]) -> str:
    """Return what the trail keeps of who was shown: a mark for each record.

    Numbers of persons end with their generation; a mark can be compared with a KPJ for ever.
    """
    return ",".join(choices.mark(key, each.kpj) for hit in hits for each in hit.records)


def _named(number: int, found: Iterable[Found]) -> Hit:
    return Hit("", number, tuple(map(record, found)), None)


def _weighed(group: list[Candidate]) -> Hit:
    best = group[0]
    records = tuple(each.record for each in group)
    return Hit("", best.person, records, best.probability, best.evidence, best.way)


_DAMAGED = "this form is damaged; load the page again"
