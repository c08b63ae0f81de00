"""From a conversation to what it says about each participant: the front door of this room.

A message is folded (`reading`) and passes the stages: `sections` blank what is not the writer's
own words now, `wish` asks whether a number is wanted at all, `lists`, `labels` and `free` read
what is there, each blanking what it has read. Their findings carry confidences set by hand; a
failed check lowers one, a NIK that agrees with the stated birth date raises both. `whose` decides
whose they are, which of them stand, and what the confidences are worth as measured.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from helpdesk.identity.figures import numbers
from helpdesk.identity.findings import Finding
from helpdesk.identity.free import fragments, freeform
from helpdesk.identity.free.cells import Marked
from helpdesk.identity.labels import labelled
from helpdesk.identity.lists import tables
from helpdesk.identity.photo.cards import merge
from helpdesk.identity.reading import MAX_CHARS_TOTAL, Reading, Taken, read
from helpdesk.identity.sections import sections
from helpdesk.identity.types import Card, Claim, Conversation, Field, Span
from helpdesk.identity.whose import (
    attribution,
    corrections,
    excused,
    patches,
    people,
    profile,
    referents,
    shared,
)
from helpdesk.identity.whose.attribution import Stage
from helpdesk.identity.whose.referents import SELF
from helpdesk.identity.wish import intent

SUBJECT = -1
MAX_MESSAGES = 500  # of one conversation; the oldest, as the identity is asked for first


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything the rules saw in a conversation, before it is decided what stands."""

    asks: float  # the chance that a number is asked for
    findings: tuple[Finding, ...]
    scene: people.Scene


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a conversation that count.

    Attributes:
        own: the messages without what is nobody's now.
        cards: who the writer is, as said under their name.
        theirs: where a mail of another is passed on.
    """

    own: Sequence[Reading]
    cards: Sequence[str]
    theirs: Sequence[Span]

    def passes_on(self, message: int, at: int) -> bool:
        """Tell whether a character is of a mail passed on."""
        return any(one.message == message and one.start <= at < one.end for one in self.theirs)


def extract(
    conversation: Conversation, *, today: dt.date, cards: Sequence[Card] = ()
) -> tuple[Claim, ...]:
    """Return one claim per participant that the writer asks about, in the order of mention.

    Never raises, linear in the text. The sender's display name alone is never a fact, nor is
    anything that the writer did not state. `cards` is what photos of identity cards show, in the
    order their facts are numbered.
    """
    words = _words(conversation)
    if intent.asks(words.own) < intent.THRESHOLD:
        return merge((), cards, asks=not _says_anything(words.own))
    findings, scene = _seen(words, conversation.sender_name, today)
    claims = excused.left(people.assemble(findings, scene), words.own)
    return merge(claims, cards, asks=True)


def look(conversation: Conversation, *, today: dt.date) -> Sight:
    """Return what each rule sees, also where no number is asked for."""
    words = _words(conversation)
    findings, scene = _seen(words, conversation.sender_name, today)
    return Sight(intent.asks(words.own), tuple(findings), scene)


def _words(conversation: Conversation) -> _Words:
    said = [*_readings(conversation)]
    parts = [(one, sections.find(one)) for one in said]
    return _Words(
        own=[one.without(part.blank) for one, part in parts],
        cards=[one.low[start:end] for one, part in parts for start, end in part.card],
        theirs=[Span(one.message, *span) for one, part in parts for span in part.theirs],
    )


def _seen(
    words: _Words, sender_name: str, today: dt.date
) -> tuple[Sequence[Finding], people.Scene]:
    """Return what the rules see in a conversation, and who is spoken of in it."""
    findings: Sequence[Finding] = _findings(words.own, sender_name, today)
    mentions = _mentions(words.own, findings)
    asked = referents.asked(attribution.weighed(mentions, findings))
    if words.theirs:
        mine = [
            one
            for one in mentions
            if one[1].who != SELF or not words.passes_on(one[0], one[1].start)
        ]
        without = referents.asked(attribution.weighed(mine, findings))
        if without.only_other:  # `saya` in a mail passed on is whom the writer asks for
            mentions, asked = mine, without
            findings = [
                _of_another(one) if words.passes_on(one.span.message, one.span.start) else one
                for one in findings
            ]
    texts = {one.message: one.low for one in words.own}
    return findings, people.Scene(Stage(texts, mentions, asked, words.cards), today)


def _of_another(finding: Finding) -> Finding:
    return replace(finding, whose="") if finding.whose == SELF else finding


def _mentions(
    readings: Sequence[Reading], findings: Sequence[Finding]
) -> list[tuple[int, referents.Mention]]:
    """Return who is spoken of, by message; `Cucu Cahyati` is nobody's grandchild."""
    named = {one.message: Taken(len(one.low)) for one in readings}
    for one in findings:
        if one.field is Field.FULL_NAME and one.span.message in named:
            named[one.span.message].add(one.span.start, one.span.end)
    return referents.firm(
        (one.message, said)
        for one in readings
        for said in referents.find(one.low)
        if not named[one.message].touches(said.start, said.start + 1)
    )


def _findings(own: Sequence[Reading], sender_name: str, today: dt.date) -> list[Finding]:
    lists = tables.find(own, today)
    marked = [_labelled(corrections.without_denied(one.rest), today) for one in lists]
    found = [finding for one in lists for finding in one.findings]
    found += [finding for one in marked for finding in one.findings]
    found += [finding for one in lists for finding in patches.find(one.rest)]
    found += freeform.find(marked, today)
    found += fragments.find([one.reading for one in marked], today)
    found += profile.find(sender_name, own)
    found += [finding for one in own for finding in shared.find(one, today)]
    return list(corrections.mark(patches.without_patched([*shared.without(found)]), own))


def _readings(conversation: Conversation) -> Iterator[Reading]:
    if conversation.subject.strip():
        yield read(SUBJECT, conversation.subject)
    left = MAX_CHARS_TOTAL
    for at, text in enumerate(conversation.messages[:MAX_MESSAGES]):
        yield (one := read(at, text[: max(0, left)]))
        left -= len(one.text)


def _says_anything(readings: Sequence[Reading]) -> bool:
    """Tell whether there are words at all: a photo without any answers what we asked."""
    return any(character.isalnum() for one in readings for character in one.low)


def _labelled(reading: Reading, today: dt.date) -> Marked:
    digits = list(numbers.find(reading.low))
    seen = labelled.find(reading, digits, today)
    return Marked(reading, seen.findings, seen.taken, tuple(digits))
