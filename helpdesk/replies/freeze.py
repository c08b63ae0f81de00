"""Freeze what is approved under one hash, and check it again before it leaves."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.accounts.models import Agent
from helpdesk.matching.models import CandidateRow, ClaimRow
from helpdesk.outbox import dm
from helpdesk.outbox.dm import DirectReply
from helpdesk.outbox.models import Delivery
from helpdesk.replies import draft, evidence, ways
from helpdesk.replies.disclosure import Decision
from helpdesk.replies.evidence import Known
from helpdesk.replies.house import House
from helpdesk.replies.models import Approval, Draft
from helpdesk.replies.ways import Way
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Contact, Message, Ticket


@dataclass(frozen=True, slots=True)
class Frozen:
    """What one approval says yes to. `direct` is None for a mail."""

    way: Way
    subject: str
    body: str
    evidence: dict[str, Any]
    direct: DirectReply | None = None

    @property
    def sha256(self) -> str:
        return _sha256(
            self.way.recipient, self.way.channel, self.subject, self.body, self.evidence
        )


def freeze(
    session: Session, kept: Draft, known: Known, decision: Decision, house: House, *, signer: str
) -> Frozen:
    """Return what an approval of this draft would say yes to, now.

    The recipient is the contact's own address or account, never one a message's header asked for.

    Raises:
        InvalidError: there is no such address, or the text may not be sent.
    """
    chosen = ways.way(known.reach, house.direct)
    draft.refuse_problems(
        kept.body, draft.whole_numbers(decision), _candidates(session, kept.ticket_id)
    )
    body = draft.sign(
        kept.body, agent_name=signer, agency_name=house.agency_name, language=kept.language
    )
    found = _evidence(session, kept, known, decision)
    direct = None
    if chosen.max_chars is not None:
        parts = dm.split(body, chosen.max_chars)
        direct = DirectReply(chosen.channel, chosen.recipient, parts)
        found["content"] = hashlib.sha256(dm.build(direct)).hexdigest()
    return Frozen(chosen, f"{kept.subject} [#{kept.ticket_id}]", body, found, direct)


def still_valid(session: Session, delivery_id: int) -> bool:
    """Tell whether a queued reply is still exactly what was approved; False if it never was.

    Recipient, subject, body and parts are those under the approvals' hash, enough different people
    approved whose accounts are still open, the contact still has that address and shares it with
    nobody who may not see a KPJ, and the registry still says the same about every KPJ in it.
    """
    delivery = session.get(Delivery, delivery_id)
    approvals = list(session.scalars(select(Approval).where(Approval.delivery_id == delivery_id)))
    if delivery is None or not approvals:
        return False
    message = session.get_one(Message, delivery.message_row_id)
    frozen = approvals[0].evidence
    digest = _sha256(delivery.recipient, delivery.channel, message.subject, message.body, frozen)
    return (
        all(each.frozen_sha256 == digest for each in approvals)
        and _still_here(session, approvals) >= frozen["approvals"]
        and frozen.get("content", delivery.sha256) == delivery.sha256
        and _still_reaches(session, delivery, shows=bool(frozen["records"]))
        and _unchanged(session, frozen["records"])
    )


def _candidates(session: Session, ticket_id: int) -> list[str]:
    """Return every KPJ that whoever writes the reply has seen beside it."""
    rows = session.scalars(
        select(CandidateRow.kpj)
        .join(ClaimRow, ClaimRow.id == CandidateRow.claim_id)
        .where(ClaimRow.ticket_id == ticket_id)
    )
    return list(rows)


def _evidence(session: Session, kept: Draft, known: Known, decision: Decision) -> dict[str, Any]:
    """Return what the decision rests on, in a form that hashes the same every time."""
    rounds = select(func.count()).where(Delivery.ticket_id == kept.ticket_id)
    return {
        "draft_version": kept.version,
        "answers_message_id": known.answers_message_id,
        "facts": {field.value: value for field, value in sorted(known.facts.items())},
        "records": {kpj: known.records[kpj] for kpj in sorted(decision.kpjs)},
        "disclosure": decision.level.value,
        "approvals": decision.approvals,
        "situation": kept.situation,
        "reasons": list(decision.reasons),
        "deliveries_before": session.scalar(rounds),
    }


def _sha256(
    recipient: str, channel: Channel, subject: str, body: str, frozen: dict[str, Any]
) -> str:
    parts = [recipient, channel.value, subject, body, frozen]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _still_here(session: Session, approvals: list[Approval]) -> int:
    """Count the people who approved and whose accounts have not been shut out since."""
    ids = {each.agent_id for each in approvals}
    counted = select(func.count()).select_from(Agent).where(Agent.id.in_(ids), Agent.active)
    return session.scalar(counted) or 0


def _still_reaches(session: Session, delivery: Delivery, *, shows: bool) -> bool:
    """Tell whether the reply goes where it was to go, and if it shows a KPJ to nobody besides."""
    row = session.execute(
        select(
            Ticket.channel,
            Ticket.mail_to,
            Ticket.window_ends_at,
            Contact.address,
            Contact.platform_id,
            Contact.phone,
            Contact.is_group,
        )
        .join(Contact, Ticket.contact_id == Contact.id)
        .where(Ticket.id == delivery.ticket_id)
    ).one()
    reach = evidence.reach_of(row)
    same = ways.destination(reach) == (delivery.channel, delivery.recipient)
    return same and not (shows and reach.is_group)


def _unchanged(session: Session, frozen: dict[str, str]) -> bool:
    now = evidence.records(session, list(frozen))
    return {kpj: evidence.digest(record) for kpj, record in now.items()} == frozen
