"""The picture a batch is filed against: contacts, tickets, and messages known already."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, case, select
from sqlalchemy.orm import Session

from helpdesk.ingest import entries, summary
from helpdesk.ingest.entries import Entry, TicketState
from helpdesk.ingest.reading import ReadyMessage, message_key
from helpdesk.ingest.types import KnownMessage
from helpdesk.rows import among, insert_rows, on_both
from helpdesk.tickets.kinds import Channel, Direction, MessageKind, RawOutcome, TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Mailbox, Message, RawMessage, Ticket


@dataclass(frozen=True, slots=True)
class _Letter:
    """What makes two copies of one message the same."""

    sender: str
    subject: str
    body: str
    files: tuple[tuple[str, int], ...]


class Ledger:
    """Contacts, tickets and known messages around one batch, and its pending rows.

    The contacts are written first: that locks them on PostgreSQL, so that two workers filing mail
    of one sender do it one after the other, the second seeing the tickets of the first.
    """

    def __init__(self, session: Session, ready: Sequence[ReadyMessage], now: dt.datetime) -> None:
        self.problems: dict[int, str] = {}
        self._session = session
        self._now = now
        self._contacts = self._upsert_contacts(ready)
        self._tickets: dict[int, TicketState] = {}
        self._known: dict[str, list[KnownMessage]] = {}
        self._letters: dict[str, list[_Letter]] = {}
        self._copies: set[str] = set()
        self._new: list[TicketState] = []
        self._messages: list[Entry] = []
        self._load(ready)

    def known(self, each: ReadyMessage) -> dict[str, KnownMessage]:
        """Return the messages of ours that this one names, by Message-ID as it names them.

        Message-IDs are the senders' to choose: where several messages share one, the sender's own
        comes first.
        """
        found = {}
        for reference in each.references:
            candidates = self._known.get(message_key(reference))
            if candidates:
                found[reference] = next(
                    (one for one in candidates if one.contact_address == each.sender.email),
                    candidates[0],
                )
        return found

    def named(self, ticket_id: int | None) -> KnownMessage | None:
        """Return a ticket that was named by its number, if there is one."""
        ticket = self.ticket(ticket_id)
        return KnownMessage("", ticket.id, ticket.contact_address) if ticket else None

    def ticket(self, ticket_id: int | None) -> TicketState | None:
        return None if ticket_id is None else self._tickets.get(ticket_id)

    def has(self, each: ReadyMessage) -> bool:
        """Tell whether this is another copy of a message that is filed already."""
        if each.message_id is None:
            return each.sha256 in self._copies
        return _letter(each) in self._letters.get(each.message_id, ())

    def open(
        self,
        each: ReadyMessage,
        linked_to: TicketState | None,
        link_reason: str | None,
        *,
        status: TicketStatus = TicketStatus.WAITING_AGENT,
    ) -> TicketState:
        """Open a ticket for a message, which is still to be added."""
        address = each.sender.email if status is not TicketStatus.UNPARSED else ""
        since = min(each.received_at, self._now)
        preview = summary.preview(each.parsed.body.visible)
        ticket = TicketState(
            id=-1 - len(self._new),
            contact_id=self._contacts[address],
            contact_address=address,
            status=status,
            subject=summary.clean_subject(each.parsed.headers.subject) or preview,
            preview=preview,
            language=summary.language(_words(each)) or "id",
            opened_at=since,
            updated_at=self._now,
            waiting_since=since,
            linked_to=linked_to,
            link_reason=link_reason,
        )
        self._new.append(ticket)
        self._tickets[ticket.id] = ticket
        return ticket

    def answer(self, ticket: TicketState, each: ReadyMessage) -> None:
        """Make it the agents' turn, now that the participant wrote."""
        if ticket.status in {TicketStatus.CLOSED, TicketStatus.WAITING_PARTICIPANT}:
            ticket.status = TicketStatus.WAITING_AGENT
            ticket.waiting_since = min(each.received_at, self._now)
        ticket.preview = summary.preview(each.parsed.body.visible) or ticket.preview
        ticket.language = summary.language(_words(each)) or ticket.language

    def add(self, ticket: TicketState, each: ReadyMessage, reason: str) -> None:
        """Put a message into a ticket."""
        ticket.added += 1
        ticket.updated_at = self._now
        self._messages.append(Entry(ticket, self._contacts[each.sender.email], each, reason))
        if each.message_id is not None:
            known = KnownMessage(each.message_id, ticket.id, ticket.contact_address)
            self._known.setdefault(each.message_id, []).append(known)
            self._letters.setdefault(each.message_id, []).append(_letter(each))
        else:
            self._copies.add(each.sha256)

    def write(self, outcomes: Mapping[int, RawOutcome], *, problem: str | None = None) -> None:
        """Write everything decided since the ledger was made; new tickets get their ids."""
        entries.insert_tickets(self._session, self._new)
        new = {id(ticket) for ticket in self._new}
        entries.update_tickets(
            self._session,
            [each for each in self._tickets.values() if each.added and id(each) not in new],
        )
        entries.insert_messages(self._session, self._messages)
        by_outcome: dict[tuple[RawOutcome, str | None], list[int]] = {}
        for raw_id, outcome in outcomes.items():
            why = problem or self.problems.get(raw_id)
            by_outcome.setdefault((outcome, why), []).append(raw_id)
        entries.note_outcomes(self._session, by_outcome)

    def _upsert_contacts(self, ready: Sequence[ReadyMessage]) -> dict[str, int]:
        names = {"": ""} if any(not each.readable for each in ready) else {}
        for each in ready:
            if each.kind not in {MessageKind.BOUNCE, MessageKind.OWN}:
                names[each.sender.email] = names.get(each.sender.email) or each.sender.name
        if not names:
            return {}
        rows = insert_rows(
            self._session,
            _UPSERT_CONTACTS,
            [
                {
                    "channel": Channel.EMAIL,
                    "address": address,
                    "display_name": names[address][:200] if address else "",
                    **dict.fromkeys(("platform_id", "handle", "phone", "thread", "service"), ""),
                    "is_group": False,
                    "created_at": self._now,
                }
                for address in sorted(names)  # one order for all, or two workers deadlock
            ],
        )
        return {row.address: row.id for row in rows}

    def _load(self, ready: Sequence[ReadyMessage]) -> None:
        own = {each.message_id for each in ready if each.message_id is not None}
        named = {message_key(one) for each in ready for one in each.references}
        ticket_ids = {
            number
            for each in ready
            for number in (each.token_ticket, each.subject_ticket)
            if number is not None and number < 1 << 31
        }
        for row in self._find_messages(own | named):
            ticket_ids.add(row.ticket_id)
            known = KnownMessage(row.message_id, row.ticket_id, row.address)
            self._known.setdefault(row.message_id, []).append(known)
        self._load_tickets(ticket_ids)
        self._load_letters(own & self._known.keys())
        self._load_copies(ready)

    def _find_messages(self, message_ids: Iterable[str]) -> Sequence[Any]:
        wanted = sorted(message_ids)
        if not wanted:
            return ()
        return self._session.execute(
            select(Message.message_id, Message.ticket_id, Contact.address)
            .join(Ticket, Ticket.id == Message.ticket_id)
            .join(Contact, Contact.id == Ticket.contact_id)
            .where(among(Message.message_id, wanted))
            .order_by(Message.id)
        ).all()

    def _load_tickets(self, ticket_ids: Iterable[int]) -> None:
        wanted = sorted(ticket_ids)
        if not wanted:
            return
        rows = self._session.execute(
            select(
                Ticket.id,
                Ticket.contact_id,
                Contact.address,
                Ticket.status,
                Ticket.subject,
                Ticket.preview,
                Ticket.language,
                Ticket.opened_at,
                Ticket.updated_at,
                Ticket.waiting_since,
                Ticket.message_count,
                Ticket.version,
            )
            .join(Contact, Contact.id == Ticket.contact_id)
            .where(among(Ticket.id, wanted))
            .order_by(Ticket.id)
            .with_for_update(of=Ticket)
        )
        self._tickets.update((row.id, TicketState(*row)) for row in rows)

    def _load_letters(self, message_ids: Iterable[str]) -> None:
        wanted = sorted(message_ids)
        if not wanted:
            return
        rows = self._session.execute(
            select(Message.id, Message.message_id, Message.subject, Message.body, Contact.address)
            .join(Contact, Contact.id == Message.contact_id)
            .where(among(Message.message_id, wanted), Message.direction == Direction.INBOUND)
        ).all()
        files: dict[int, list[tuple[str, int]]] = {}
        for part in self._session.execute(
            select(Attachment.message_id, Attachment.file_name, Attachment.size_bytes)
            .where(among(Attachment.message_id, [row.id for row in rows]))
            .order_by(Attachment.message_id, Attachment.position)
        ):
            files.setdefault(part.message_id, []).append((part.file_name, part.size_bytes))
        for row in rows:
            letter = _Letter(row.address, row.subject, row.body, tuple(files.get(row.id, ())))
            self._letters.setdefault(row.message_id, []).append(letter)

    def _load_copies(self, ready: Sequence[ReadyMessage]) -> None:
        """Find messages without Message-ID that another mailbox brought, byte for byte."""
        nameless = {each.sha256 for each in ready if each.message_id is None}
        if nameless:
            self._copies.update(
                self._session.scalars(
                    select(RawMessage.sha256).where(
                        RawMessage.mailbox_id.in_(select(Mailbox.id)),
                        among(RawMessage.sha256, nameless),
                        RawMessage.outcome == RawOutcome.FILED,
                    )
                )
            )


def _upsert_contacts(dialect: Any) -> Insert:  # noqa: ANN401 - a module
    statement = dialect.insert(Contact.__table__)
    kept = case(
        (Contact.display_name == "", statement.excluded.display_name), else_=Contact.display_name
    )
    return statement.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["channel", "address"], set_={"display_name": kept}
    ).returning(Contact.address, Contact.id)


_UPSERT_CONTACTS = on_both(_upsert_contacts)


def _letter(each: ReadyMessage) -> _Letter:
    files = tuple((part.file_name, part.size_bytes) for part in each.attachments)
    parsed = each.parsed
    return _Letter(each.sender.email, parsed.headers.subject, parsed.body.visible, files)


def _words(each: ReadyMessage) -> str:
    return f"{each.parsed.headers.subject} {each.parsed.body.visible}"
