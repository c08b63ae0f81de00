"""What `helpdesk demo --once` came to: counts for a person, and what is wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from helpdesk.demo.servers import Postman
from helpdesk.ingest.imports import ImportReport
from helpdesk.outbox.models import Delivery, DeliveryState
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Channel
from helpdesk.work import Plant


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of the drafts: replies that leave by mail and by hand, and those that do not."""

    by_mail: tuple[Delivery, ...]
    by_hand: tuple[Delivery, ...]
    waiting_for_second: int
    too_late: int


def mail(
    plant: Plant, postman: Postman, approved: Approved, expected: int, stored: int
) -> list[str]:
    """Say what became of the mail; returns what is wrong."""
    sent = _sent(plant, approved.by_mail)
    with plant.database.reading() as session:
        disclosures = Counter(session.scalars(select(Draft.disclosure)))
    arrived = Counter(str(message["Message-ID"]).strip("<> ") for _, message in postman.delivered)
    count = len(approved.by_mail) + len(approved.by_hand)
    print(f"\n  {stored} of {expected} mails fetched")
    print("  decided: " + ", ".join(f"{count} {what}" for what, count in disclosures.items()))
    print(
        f"  {count} approved, {approved.waiting_for_second} wait for a second person, "
        f"{approved.too_late} come too late for their channel"
    )
    print(f"  {sent} sent by mail, {arrived.total()} arrived")
    return _true(
        (stored != expected, "not every mail was fetched"),
        (not approved.by_mail or sent != len(approved.by_mail), "not every mail was sent"),
        (
            arrived != Counter(delivery.message_id for delivery in approved.by_mail),
            "what arrived is not what was approved",
        ),
    )


def exports(
    plant: Plant,
    imported: list[ImportReport],
    approved: Approved,
    handed: Counter[Channel],
) -> list[str]:
    """Say what became of the exports; returns what is wrong."""
    if not imported:
        return _true((bool(approved.by_hand), "replies wait for people, though nothing came in"))
    messages: Counter[str] = Counter()
    for report in imported:
        messages[report.channel or "unknown"] += report.counts.new
    by_hand = Counter(delivery.channel for delivery in approved.by_hand)
    for channel, count in messages.items():
        print(f"  {count} messages from {channel}, {handed[Channel(channel)]} replies handed over")
    return _true(
        (any(report.problem for report in imported), "not every export was read"),
        (not handed or handed != by_hand, "not every reply was handed over"),
        (_sent(plant, approved.by_hand) != len(approved.by_hand), "not every one is marked sent"),
    )


def _sent(plant: Plant, deliveries: Sequence[Delivery]) -> int:
    with plant.database.reading() as session:
        found = select(func.count()).where(
            Delivery.id.in_([delivery.id for delivery in deliveries]),
            Delivery.state == DeliveryState.SENT,
        )
        return session.scalar(found) or 0


def _true(*findings: tuple[bool, str]) -> list[str]:
    return [text for found, text in findings if found]
