"""Requests from the public form: each kept once, as a ticket with a secret link to follow it."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import blobs as blob_rows
from helpdesk.blobs import BlobStore, Stored
from helpdesk.errors import InvalidError
from helpdesk.ingest import formcheck, formstamp, opening, rates, storing, summary
from helpdesk.ingest.formcheck import Reach, Request
from helpdesk.ingest.formstamp import Stamp
from helpdesk.ingest.opening import Opening
from helpdesk.tickets.kinds import Channel, Direction, RawOutcome, TicketStatus
from helpdesk.tickets.models import Message, RawMessage, Ticket, TicketLink

FORM = "form"  # the mailbox row that stands for the public form
FIELDS = (
    *("full_name", "birth_place", "birth_date", "nik"),
    *("reach", "email", "phone", "question", "consent"),
)
TYPED_IN = "typed_in"  # why nothing vouches for the sender, a code of web.origin_words
_SUBJECT = {"id": "Permintaan nomor KPJ", "en": "Request for my KPJ number"}
_REPLY_BY = {
    ("id", Reach.WHATSAPP): "Mohon dijawab lewat WhatsApp.",
    ("id", Reach.PHONE): "Mohon dijawab lewat telepon.",
    ("en", Reach.WHATSAPP): "Please answer by WhatsApp.",
    ("en", Reach.PHONE): "Please answer by phone.",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a form: keyed hashes with how often each may in an hour, and the form's stamp."""

    whos: Mapping[str, int]
    stamp: Stamp
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent is in this ticket; `is_new` is False when a second press sent it again."""

    ticket_id: int
    token: str = field(repr=False)
    is_new: bool


@dataclass(frozen=True, slots=True)
class Limited:
    """Too much was sent; nothing was kept."""

    retry_after_s: int


def submit(
    session: Session,
    blobs: BlobStore,
    typed: Mapping[str, str],
    request: Request,
    sender: Sender,
    *,
    language: str,
    now: dt.datetime,
) -> Kept | Limited:
    """Keep a form as it was `typed` and open the ticket of the `request` that `check` read in it.

    The same form with the same content is one request, however often it arrives. The caller
    queues the match of a new one.
    """
    content = _bytes({**{name: typed.get(name, "") for name in FIELDS}, "language": language})
    token = formstamp.token(sender.stamp, content, key=sender.key)
    stored = blobs.prepare(_sealed(content, sender.stamp))
    found = _keep(session, stored, sender, now)
    if isinstance(found, Limited):
        return found
    raw_id, ticket_id = found
    if ticket_id is not None:
        return Kept(ticket_id, token, is_new=False)
    ticket_id = opening.open_ticket(session, _opening(request, language, raw_id), now)
    session.add(TicketLink(ticket_id=ticket_id, token_sha256=_digest(token), created_at=now))
    session.flush()
    return Kept(ticket_id, token, is_new=True)


def add(
    session: Session,
    blobs: BlobStore,
    token: str,
    text: str,
    sender: Sender,
    *,
    follow_up_days: int,
    now: dt.datetime,
) -> Kept | Limited | None:
    """Add to a request what its writer sends later; None if there is no such link.

    Raises:
        InvalidError: the text is empty or too long, or the request was closed too long ago.
    """
    words = formcheck.paragraph(text)
    ticket = session.scalar(
        select(Ticket)
        .join(TicketLink, TicketLink.ticket_id == Ticket.id)
        .where(TicketLink.token_sha256 == _digest(token))
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        return None
    if not words or len(text) > formcheck.MAX_QUESTION_CHARS:
        msg = "write something, and not more than the field takes"
        raise InvalidError(msg)
    if not may_add(ticket.status, ticket.updated_at, follow_up_days, now):
        msg = "this request was closed; please send a new one"
        raise InvalidError(msg)
    content = _bytes({"ticket": str(ticket.id), "text": text})
    found = _keep(session, blobs.prepare(_sealed(content, sender.stamp)), sender, now)
    if isinstance(found, Limited):
        return found
    raw_id, known = found
    if known is None:
        _append(session, ticket, words, raw_id, now)
    return Kept(ticket.id, token, is_new=known is None)


def may_add(
    status: TicketStatus, updated_at: dt.datetime, follow_up_days: int, now: dt.datetime
) -> bool:
    """Tell whether a request can still be added to. Pure."""
    over = now - updated_at > dt.timedelta(days=follow_up_days)
    return status is not TicketStatus.CLOSED or not over


def ticket_of(session: Session, token: str) -> int | None:
    """Return the ticket a link leads to."""
    if not formstamp.is_token(token):
        return None
    return session.scalar(
        select(TicketLink.ticket_id).where(TicketLink.token_sha256 == _digest(token))
    )


def _keep(
    session: Session, stored: Stored, sender: Sender, now: dt.datetime
) -> tuple[int, int | None] | Limited:
    """Keep bytes once; returns their id, and the ticket they are in if they were kept before."""
    rates.wait_for_turn(session, sender.whos)
    mailbox_id = storing.mailbox_id(session, FORM)
    before = session.execute(
        select(RawMessage.id, Message.ticket_id)
        .join(Message, Message.raw_id == RawMessage.id)
        .where(RawMessage.mailbox_id == mailbox_id, RawMessage.sha256 == stored.sha256)
    ).first()
    if before is not None:
        return before.id, before.ticket_id
    wait_s = rates.blocked_s(session, sender.whos, now)
    if wait_s:
        return Limited(wait_s)
    rates.count(session, sender.whos, now)
    blob_rows.add(session, [stored])
    raw = RawMessage(
        mailbox_id=mailbox_id,
        channel=Channel.WEB,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        full_size_bytes=stored.size_bytes,
        received_at=now,
        stored_at=now,
        outcome=RawOutcome.FILED,
    )
    session.add(raw)
    session.flush()
    return raw.id, None


def _append(session: Session, ticket: Ticket, words: str, raw_id: int, now: dt.datetime) -> None:
    first = session.scalars(
        select(Message.sender_name)
        .where(Message.ticket_id == ticket.id, Message.direction == Direction.INBOUND)
        .order_by(Message.id)
        .limit(1)
    ).one()
    session.add(
        Message(
            ticket_id=ticket.id,
            direction=Direction.INBOUND,
            contact_id=ticket.contact_id,
            raw_id=raw_id,
            subject=ticket.subject,
            body=words,
            received_at=now,
            sender_name=first,
            authenticity=TYPED_IN,
            thread_reason="link",
        )
    )
    if ticket.status in {TicketStatus.CLOSED, TicketStatus.WAITING_PARTICIPANT}:
        ticket.status, ticket.waiting_since = TicketStatus.WAITING_AGENT, now
    ticket.preview = summary.preview(words)
    ticket.updated_at = now
    ticket.message_count += 1
    ticket.version += 1
    session.flush()


def _opening(request: Request, language: str, raw_id: int) -> Opening:
    facts = request.facts
    said = formcheck.body(facts, language=language)
    reply_by = _REPLY_BY.get((language, request.reach))
    return Opening(
        channel=Channel.WEB,
        address=request.address,
        name=facts.full_name,
        phone=request.phone,
        subject=_SUBJECT[language],
        body=f"{said}\n\n{reply_by}" if reply_by else said,
        preview=facts.question or said,
        language=language,
        authenticity=TYPED_IN,
        raw_id=raw_id,
    )


def _bytes(said: Mapping[str, str]) -> bytes:
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _sealed(content: bytes, stamp: Stamp) -> bytes:
    """Return what is kept: the form's own number as a hash, for the link is made from it."""
    seal = hashlib.sha256(b"form\0" + stamp.nonce.encode()).hexdigest()
    return content + b"\n" + seal.encode() + b"\n"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
