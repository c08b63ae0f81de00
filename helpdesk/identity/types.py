"""What a conversation says about a participant, as values."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """The four things a claim can state."""

    FULL_NAME = "full_name"
    BIRTH_PLACE = "birth_place"
    BIRTH_DATE = "birth_date"
    NIK = "nik"


class About(StrEnum):
    """Whom a claim is about, seen from the writer."""

    SELF = "self"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the contact wrote, oldest first; our own messages and quotes are left out."""

    messages: tuple[str, ...]
    subject: str = ""
    sender_name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of message number `message`; -1 is the subject."""

    message: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a claim.

    Attributes:
        value: name and place as a person would write them, the date as YYYY-MM-DD, the NIK as 16
            digits (or as written, when it is malformed).
        confidence: chance that the writer meant this, in [0, 1].
        warnings: codes an agent should see, e.g. `nik_malformed`, `nik_date_differs`.
            `contradicted` means that two values stand and the writer did not say which.
        history: values the writer gave before and then corrected, oldest first.
        rule: what saw it, a key of `explain.RULES`.
        card: number of the photo that shows the field, in the order given to `extract`; then `box`
            is (left, top, width, height) in its pixels. A fact that was written too has a span.
    """

    field: Field
    value: str
    confidence: float
    span: Span | None = None
    warnings: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    rule: str = ""
    card: int | None = None
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a photo of an identity card shows; its facts have a `box` and a `rule`."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one conversation says about one participant; at most one fact a field."""

    facts: tuple[Fact, ...]
    about: About = About.SELF
    relation: str | None = None  # spouse, parent, child, employee, ... when about OTHER

    def get(self, field: Field) -> Fact | None:
        """Return the fact of `field`, or None."""
        return next((fact for fact in self.facts if fact.field is field), None)
