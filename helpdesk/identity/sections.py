"""What of a message the writer says now, and what is quoted, forwarded or stands below."""

from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.identity.reading import Reading


@dataclass(frozen=True, slots=True)
class Sections:
    """Parts of one message that are not the writer's own words now.

    Attributes:
        blank: characters (start, end) that no rule may read: quoted mails, forwarded matter,
            examples and unfilled forms of ours, signature blocks, marks of quoting.
        sign_off: the name under the letter, when there is one; it may be the writer's.
    """

    blank: tuple[tuple[int, int], ...] = ()
    sign_off: tuple[int, int] | None = None


def find(reading: Reading) -> Sections:
    """Tell the parts of a message apart; linear, never raises."""
    return Sections(tuple(_quoted(reading.low)))


def _quoted(low: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in low.split("\n"):
        if line.lstrip().startswith(">"):
            yield at, at + len(line)
        at += len(line) + 1
