"""The first reading of a WhatsApp chat: how it writes dates, who writes in it, who we are."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk.ingest.exports import whatsapp_marks as marks
from helpdesk.ingest.exports.lines import Line
from helpdesk.ingest.exports.whatsapp_lines import (
    Head,
    head,
    key,
    ordinal,
    split_sender,
    unmarked,
)

_MAX_SENDERS = 5_000  # WhatsApp's groups hold 1,024; a made-up file may name a million


@dataclass(slots=True)
class Survey:
    """What the lines of a file that begin in its own way amount to."""

    style: tuple[object, ...]
    day_first: int = 0  # dates that can only be read so
    month_first: int = 0
    ambiguous: int = 0
    jumps: list[int] = field(default_factory=lambda: [0, 0])  # back in time: D/M, M/D
    last: list[int] = field(default_factory=lambda: [0, 0])
    is_indonesian: bool = False
    is_group: bool = False
    senders: dict[str, str] = field(default_factory=dict)  # by key, as shown
    own: set[str] = field(default_factory=set)  # keys of whose message *you* took back
    told_by: str = ""  # as whom iOS shows its notice of encryption: the chat's title

    @property
    def reads_month_first(self) -> bool:
        """Whether the month comes first: what the dates allow, then their order, then the words.

        A wrong order makes time jump back at the end of a month; the right one hardly ever does.
        """
        if self.day_first or self.month_first:
            return self.month_first > self.day_first
        in_days, in_months = self.jumps
        return in_days > in_months

    @property
    def is_order_assumed(self) -> bool:
        """Whether nothing in the file tells which of day and month comes first."""
        in_days, in_months = self.jumps
        known = self.day_first or self.month_first or in_days != in_months
        return bool(self.ambiguous) and not known and not self.is_indonesian


def survey(found: Iterable[Line]) -> Survey | None:
    """Read a chat once and return what its messages have in common; None if it has none.

    The first head is WhatsApp's own, and sets the style. However many lines of another a message
    holds, a chat that somebody pasted into theirs is their text, and nobody else's message.
    """
    told: Survey | None = None
    indonesian = False
    for line in found:
        begun = head(line.text)
        if begun is None:
            indonesian = indonesian or marks.is_indonesian(line.text)
            continue
        told = told or Survey(begun.style)
        if begun.style == told.style:
            _count_date(told, begun)
            _count_sender(told, begun.rest)
    if told is not None:
        told.is_indonesian |= indonesian or "." in told.style[6:7]  # 23.10, not 23:10
    return told


def _count_date(of_style: Survey, begun: Head) -> None:
    if begun.year_first:
        return
    first, second, _ = begun.date
    of_style.day_first += first > 12
    of_style.month_first += second > 12
    of_style.ambiguous += begun.is_ambiguous
    for at, month_first in enumerate((False, True)):
        day = ordinal(begun, month_first=month_first)
        if day is not None:
            # Messages sent without a connection may come a day late.
            of_style.jumps[at] += day < of_style.last[at] - 1
            of_style.last[at] = day


def _count_sender(of_style: Survey, rest: str) -> None:
    wrote = split_sender(rest)
    if wrote is None or is_quoting_system(wrote[0]):
        of_style.is_group |= marks.is_of_group(rest)
        of_style.is_indonesian |= marks.is_indonesian(rest, of_system=True)
        return
    sender, text = wrote
    if marks.is_notice(text):
        of_style.is_group |= marks.is_of_group(text)
        of_style.told_by = of_style.told_by or sender
        return
    if len(of_style.senders) < _MAX_SENDERS:
        of_style.senders.setdefault(key(sender), sender)
    if not of_style.is_indonesian:
        of_style.is_indonesian = marks.is_indonesian(text)
    if text.endswith(("pesan ini", "this message", ".")) and len(text) < 60:
        told = marks.tell(text)
        if told.by_own_side and len(of_style.own) < _MAX_SENDERS:
            of_style.own.add(key(sender))


def is_quoting_system(name: str) -> bool:
    """Tell whether what stands before the first `: ` is the system quoting a group's name."""
    return any(quote in name for quote in '"“') and marks.is_of_group(unmarked(name))
