"""From a conversation to what it says about each participant: the front door of this room.

A message is folded (`reading`), its labels (`labels`, `labelled`) and what stands without one
(`freeform`) become findings, and `people` decides whose they are and which of them stand. Each
rule's confidence is the share of its findings that were right on the development conversations,
rounded down; agreement of a NIK with the stated birth date raises both.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from helpdesk.identity import cues, freeform, labelled, numbers, patches, people
from helpdesk.identity.cells import Marked
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import MAX_CHARS_TOTAL, Reading, read
from helpdesk.identity.types import Claim, Conversation

SUBJECT = -1
MAX_MESSAGES = 500  # of one conversation; the oldest, as the identity is asked for first


def extract(conversation: Conversation, *, today: dt.date) -> tuple[Claim, ...]:
    """Return one claim per participant that the writer asks about, in the order of mention.

    Never raises, linear in the text. The sender's display name alone is never a fact, nor is
    anything that the writer did not state.
    """
    readings = list(_readings(conversation))
    found = [_findings(reading, today) for reading in readings]
    return people.assemble(
        [*(finding for some, _ in found for finding in some), *_loose(readings, found, today)],
        _scene(conversation, readings, today),
    )


Seen = tuple[tuple[Finding, ...], tuple[tuple[int, int], ...]]


def _readings(conversation: Conversation) -> Iterator[Reading]:
    left = MAX_CHARS_TOTAL
    for at, text in enumerate(conversation.messages[:MAX_MESSAGES]):
        yield (one := read(at, text[: max(0, left)]))
        left -= len(one.text)


def _findings(reading: Reading, today: dt.date) -> Seen:
    digits = list(numbers.find(reading.low))
    seen = labelled.find(reading, digits, today)
    return (*seen.findings, *patches.find(reading)), seen.taken


def _loose(readings: Sequence[Reading], found: Sequence[Seen], today: dt.date) -> list[Finding]:
    marked = [
        Marked(reading, tuple(one for one in findings if not patches.is_patch(one)), taken)
        for reading, (findings, taken) in zip(readings, found, strict=True)
    ]
    return freeform.find(marked, today)


def _scene(
    conversation: Conversation, readings: Sequence[Reading], today: dt.date
) -> people.Scene:
    subject = read(SUBJECT, conversation.subject)
    everything = [subject, *readings]
    return people.Scene(
        relations=[
            ((one.message, at), said) for one in everything for at, said in cues.relations(one.low)
        ],
        corrections={one.message: at[0] for one in readings if (at := cues.corrections(one.low))},
        asks_for_number=any(cues.asks_for_number(one.low) for one in everything)
        and not any(cues.is_withdrawn(one.low) for one in readings),
        writer_is=next((said for one in readings if (said := cues.writer_is(one.low))), ""),
        today=today,
    )
