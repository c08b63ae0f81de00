"""Draft, keep and edit the reply of a ticket; approvals are in `approval`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.identity.types import About, Field
from helpdesk.replies import draft, evidence
from helpdesk.replies.approval import Approved, approve, reject
from helpdesk.replies.disclosure import Decision, decide, fits, restrict
from helpdesk.replies.draft import Text
from helpdesk.replies.evidence import Known
from helpdesk.replies.freeze import still_valid
from helpdesk.replies.house import House, open_house
from helpdesk.replies.models import Draft
from helpdesk.replies.policy import Level
from helpdesk.replies.ways import destination
from helpdesk.rows import among, insert_rows, on_both, update_rows
from helpdesk.tickets.models import Ticket

__all__ = [
    "Approved",
    "House",
    "ReadyDraft",
    "approve",
    "edit",
    "open_house",
    "prepare",
    "reject",
    "renewed",
    "save",
    "still_valid",
    "use_macro",
]


@dataclass(frozen=True, slots=True)
class ReadyDraft:
    """A decision on one ticket and the reply it calls for; `text` is None where none is due."""

    known: Known
    decision: Decision
    text: Text | None


def prepare(
    session: Session, ticket_ids: Sequence[int], house: House, *, now: dt.datetime
) -> list[ReadyDraft]:
    """Decide and write the reply of each ticket that a person wrote in; nothing is stored."""
    known = evidence.read(session, ticket_ids, house.policy.limits, now=now)
    daypart = draft.daypart_at(now.astimezone(house.timezone).hour)
    return [_prepared(known[each], house, daypart) for each in ticket_ids if each in known]


def renewed(
    session: Session, drafts: Sequence[ReadyDraft], house: House, *, now: dt.datetime
) -> list[ReadyDraft]:
    """Write anew what rests on less than is known by now; to be called where it is saved.

    Of two jobs at one ticket the one that read first may end last, and would leave a draft that
    nobody can approve. On PostgreSQL the tickets are locked until the end of the transaction.
    """
    _take_turns(session, [each.known.ticket_id for each in drafts])
    late = evidence.outdated(session, [each.known for each in drafts])
    if not late:
        return list(drafts)
    anew = {each.known.ticket_id: each for each in prepare(session, late, house, now=now)}
    return [anew.get(each.known.ticket_id, each) for each in drafts]


def save(session: Session, drafts: Sequence[ReadyDraft], *, now: dt.datetime) -> None:
    """Store drafts and what the queue shows of them.

    What an agent wrote is kept: only the policy's columns follow the new decision. A draft that
    changed in any way has a new version, and approvals of the old one do not count for it.
    """
    _take_turns(session, [each.known.ticket_id for each in drafts])
    table = Draft.__table__.c
    rows = session.execute(
        select(*table).where(among(table.ticket_id, [each.known.ticket_id for each in drafts]))
    )
    stored = {row.ticket_id: row._asdict() for row in rows}
    new, changed, gone, tickets = [], [], [], []
    for each in drafts:
        old = stored.get(each.known.ticket_id)
        values = _values(each, old)
        tickets.append(_ticket_values(each, values))
        if each.text is None and (old is None or old["edited_by_id"] is None):
            gone.append(each.known.ticket_id)
        elif old is None:
            new.append({**values, "version": 1, "updated_at": now, "edited_by_id": None})
        elif any(old[name] != values[name] for name in values):
            changed.append(_changed(old, values, now))
    if gone:
        session.execute(delete(Draft).where(among(Draft.ticket_id, gone)))
    if new:
        insert_rows(session, _INSERT_DRAFTS, new)
    update_rows(session, Draft, changed)
    touched = {row["ticket_id"] for row in (*new, *changed) if _is_new(row, stored)} | set(gone)
    _update_tickets(session, tickets, touched)


def edit(
    session: Session, ticket_id: int, version: int, body: str, agent_id: int, now: dt.datetime
) -> int:
    """Replace the text of a draft; returns its new version.

    Raises:
        ConflictError: the draft is no longer at `version`.
        InvalidError: the text contains a number or a link it may not, is empty or too long.
        NotFoundError: the ticket has no draft.
    """
    kept = _draft(session, ticket_id, version)
    text = _clean(body)
    draft.refuse_problems(text, tuple(kept.kpjs) if kept.disclosure == Level.FULL else ())
    kept.body = text
    return _edited(session, kept, agent_id, now)


def use_macro(
    session: Session,
    ticket_id: int,
    situation: str,
    language: str,
    agent_id: int,
    house: House,
    now: dt.datetime,
) -> int:
    """Replace the draft by another macro, or write the first one; returns its new version.

    Raises:
        InvalidError: there is no such macro, or it shows more than the policy allows here.
        NotFoundError: there is no such ticket, or nobody wrote in it.
    """
    known = evidence.read(session, [ticket_id], house.policy.limits, now=now).get(ticket_id)
    if known is None:
        msg = f"there is nothing to reply to in ticket {ticket_id}"
        raise NotFoundError(msg)
    decided = decide(known.case, house.policy)
    if not fits(decided, situation):
        msg = "the policy does not allow this reply to show the KPJ; choose another template"
        raise InvalidError(msg)
    daypart = draft.daypart_at(now.astimezone(house.timezone).hour)
    chosen = restrict(decided, situation)
    text = _compose(known, chosen, house, daypart, language=language, situation=situation)
    kept = session.scalar(select(Draft).where(Draft.ticket_id == ticket_id).with_for_update())
    if kept is None:
        kept = Draft(ticket_id=ticket_id, version=0)
        session.add(kept)
    ready = ReadyDraft(known, chosen, text)
    for name, value in _values(ready, None).items():
        setattr(kept, name, value)
    return _edited(session, kept, agent_id, now)


def _take_turns(session: Session, ticket_ids: Sequence[int]) -> None:
    """Wait for agents who change one of these drafts, or what they write would be overwritten."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite's writers take turns anyhow
        locked = select(Ticket.id).where(among(Ticket.id, ticket_ids)).order_by(Ticket.id)
        session.execute(locked.with_for_update())


def _prepared(known: Known, house: House, daypart: draft.Daypart) -> ReadyDraft:
    decision = decide(known.case, house.policy)
    if decision.level is Level.NONE:
        return ReadyDraft(known, decision, None)
    text = _compose(known, decision, house, daypart, language=known.language, situation=None)
    return ReadyDraft(known, decision, text)


def _compose(
    known: Known,
    decision: Decision,
    house: House,
    daypart: draft.Daypart,
    *,
    language: str,
    situation: str | None,
) -> Text:
    language = "en" if language == "en" else "id"
    return draft.compose(
        decision,
        house.macros,
        house.words[language],
        language=language,
        ticket_id=known.ticket_id,
        addressee=_addressee(known),
        daypart=daypart,
        spoken=destination(known.reach)[0].is_spoken,
        situation=situation,
    )


def _addressee(known: Known) -> draft.Addressee:
    """Greet by the name the writer gave as theirs; never by that of somebody they ask about."""
    if known.case.about is About.SELF and Field.FULL_NAME in known.facts:
        return draft.addressee(known.facts[Field.FULL_NAME], known.facts.get(Field.NIK, ""))
    return draft.addressee(known.contact_name, "")


def _values(each: ReadyDraft, old: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the draft's row should say, but for version, editor and time."""
    known, decision = each.known, each.decision
    if old is not None and old["edited_by_id"] is not None:
        decision = restrict(decision, old["situation"])
        words = {name: old[name] for name in ("situation", "language", "subject", "body")}
    else:
        words = _words(each.text)
    return {
        "ticket_id": known.ticket_id,
        **words,
        "disclosure": decision.level.value,
        "approvals_needed": decision.approvals,
        "reasons": list(decision.reasons),
        "kpjs": list(decision.kpjs),
        "claim_id": known.claim_id,
        "answers_message_id": known.answers_message_id,
    }


def _words(text: Text | None) -> dict[str, str]:
    if text is None:
        return {}
    return {
        "situation": str(text.situation),
        "language": text.language,
        "subject": text.subject,
        "body": text.body,
    }


def _changed(old: dict[str, Any], values: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Return what to write over a stored draft; a claim stored anew is no change to anybody."""
    moved = any(old[name] != value for name, value in values.items() if name != "claim_id")
    return {
        **values,
        "id": old["id"],
        "version": old["version"] + moved,
        "refusal_id": None if moved else old["refusal_id"],
        "updated_at": now,
    }


def _is_new(row: dict[str, Any], stored: dict[int, dict[str, Any]]) -> bool:
    """Tell whether approvals given before do not count for this draft."""
    old = stored.get(row["ticket_id"])
    return old is None or bool(row["version"] != old["version"])


_INSERT_DRAFTS = on_both(lambda dialect: dialect.insert(Draft.__table__))


def _ticket_values(each: ReadyDraft, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": each.known.ticket_id,
        "disclosure": values["disclosure"],
        "approvals_needed": values["approvals_needed"],
    }


def _update_tickets(
    session: Session, tickets: Sequence[dict[str, Any]], touched: set[int]
) -> None:
    """Write the decision columns; given approvals of a draft that changed are gone."""
    fresh = [{**row, "approvals_given": 0} for row in tickets if row["id"] in touched]
    update_rows(session, Ticket, fresh)
    update_rows(session, Ticket, [row for row in tickets if row["id"] not in touched])


def _draft(session: Session, ticket_id: int, version: int) -> Draft:
    kept = session.scalar(
        select(Draft)
        .where(Draft.ticket_id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if kept is None:
        msg = f"ticket {ticket_id} has no draft"
        raise NotFoundError(msg)
    if kept.version != version:
        msg = "somebody else changed the draft; look at it again before you change it"
        raise ConflictError(msg)
    return kept


def _edited(session: Session, kept: Draft, agent_id: int, now: dt.datetime) -> int:
    kept.version += 1
    kept.edited_by_id, kept.refusal_id = agent_id, None
    kept.updated_at = now
    session.flush()
    session.execute(
        update(Ticket)
        .where(Ticket.id == kept.ticket_id)
        .values(
            disclosure=kept.disclosure,
            approvals_needed=kept.approvals_needed,
            approvals_given=0,
            updated_at=now,
        )
    )
    return kept.version


def _clean(body: str) -> str:
    """Bring a text from a form into the shape drafts have."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip() + "\n"
