"""From a conversation to what it says about each participant: the front door of this room.

A message is folded (`reading`), its labels (`labels`, `labelled`) and what stands without one
(`freeform`) become findings, and `people` decides whose they are and which of them stand. Each
rule's confidence is set by hand: what a label announces is nearly certain (0.96), a cell of known
shape less so (0.85 to 0.92), an introduction or a sign-off least (0.55 to 0.8); a failed check
lowers it, a NIK that agrees with the stated birth date raises both.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from helpdesk.identity import (
    attribution,
    corrections,
    excused,
    fragments,
    freeform,
    intent,
    labelled,
    numbers,
    patches,
    people,
    profile,
    referents,
    sections,
    tables,
)
from helpdesk.identity.attribution import Stage
from helpdesk.identity.cards import merge
from helpdesk.identity.cells import Marked
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import MAX_CHARS_TOTAL, Reading, Taken, read
from helpdesk.identity.sections import Sections
from helpdesk.identity.types import Card, Claim, Conversation, Field

SUBJECT = -1
MAX_MESSAGES = 500  # of one conversation; the oldest, as the identity is asked for first


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything the rules saw in a conversation, before it is decided what stands."""

    asks: float  # the chance that a number is asked for
    findings: tuple[Finding, ...]
    scene: people.Scene


def extract(
    conversation: Conversation, *, today: dt.date, cards: Sequence[Card] = ()
) -> tuple[Claim, ...]:
    """Return one claim per participant that the writer asks about, in the order of mention.

    Never raises, linear in the text. The sender's display name alone is never a fact, nor is
    anything that the writer did not state. `cards` is what photos of identity cards show, in the
    order their facts are numbered.
    """
    said = [*_readings(conversation)]
    parts = [sections.find(reading) for reading in said]
    own = [one.without(part.blank) for one, part in zip(said, parts, strict=True)]
    if intent.asks(own) < intent.THRESHOLD:
        return merge((), cards, asks=not _says_anything(own))
    findings = _findings(own, conversation.sender_name, today)
    scene = _scene(own, findings, today, _cards(said, parts))
    claims = excused.left(people.assemble(findings, scene), own)
    return merge(claims, cards, asks=True)


def look(conversation: Conversation, *, today: dt.date) -> Sight:
    """Return what each rule sees, also where no number is asked for."""
    said = [*_readings(conversation)]
    parts = [sections.find(reading) for reading in said]
    own = [one.without(part.blank) for one, part in zip(said, parts, strict=True)]
    findings = _findings(own, conversation.sender_name, today)
    scene = _scene(own, findings, today, _cards(said, parts))
    return Sight(intent.asks(own), tuple(findings), scene)


def _findings(own: Sequence[Reading], sender_name: str, today: dt.date) -> list[Finding]:
    lists = tables.find_all(own, today)
    marked = [_labelled(corrections.without_denied(one.rest), today) for one in lists]
    found = [finding for one in lists for finding in one.findings]
    found += [finding for one in marked for finding in one.findings]
    found += [finding for one in lists for finding in patches.find(one.rest)]
    found += freeform.find(marked, today)
    found += fragments.find([one.reading for one in marked], today)
    found += profile.find(sender_name, own)
    return list(corrections.mark(patches.without_patched(found), own))


def _readings(conversation: Conversation) -> Iterator[Reading]:
    yield read(SUBJECT, conversation.subject)
    left = MAX_CHARS_TOTAL
    for at, text in enumerate(conversation.messages[:MAX_MESSAGES]):
        yield (one := read(at, text[: max(0, left)]))
        left -= len(one.text)


def _says_anything(readings: Sequence[Reading]) -> bool:
    """Tell whether there are words at all: a photo without any answers what we asked."""
    return any(character.isalnum() for one in readings for character in one.low)


def _cards(said: Sequence[Reading], parts: Sequence[Sections]) -> Iterator[str]:
    """Yield what the writer says under their name of who they are."""
    for one, part in zip(said, parts, strict=True):
        yield from (one.low[start:end] for start, end in part.card)


def _labelled(reading: Reading, today: dt.date) -> Marked:
    digits = list(numbers.find(reading.low))
    seen = labelled.find(reading, digits, today)
    return Marked(reading, seen.findings, seen.taken, tuple(digits))


def _scene(
    readings: Sequence[Reading],
    findings: Sequence[Finding],
    today: dt.date,
    cards: Iterable[str],
) -> people.Scene:
    named = {one.message: Taken(len(one.low)) for one in readings}
    for one in findings:
        if one.field is Field.FULL_NAME and one.span.message in named:
            named[one.span.message].add(one.span.start, one.span.end)
    mentions = [
        (one.message, said)
        for one in readings
        for said in referents.find(one.low)
        # `Cucu Cahyati` is nobody's grandchild
        if not named[one.message].touches(said.start, said.start + 1)
    ]
    return people.Scene(
        stage=Stage(
            texts={one.message: one.low for one in readings},
            mentions=mentions,
            asked=referents.asked(attribution.weighed(mentions, findings)),
            staff=referents.speaks_of_staff([*(one.low for one in readings), *cards]),
        ),
        today=today,
    )
