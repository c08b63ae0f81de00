"""Rows of a list that a mail program or a copied PDF broke over lines, put together again."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from helpdesk.identity.figures.months import MONTHS
from helpdesk.identity.findings import Finding
from helpdesk.identity.lists.table_facts import Entry
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Span

_NUMBERED = re.compile(r"\n {0,4}\(?\d{1,3}(?:[.)]| -)? {1,8}(?=[a-z])")
_BREAK = re.compile(r"(?<! ) *\n *")
_MONTH = "|".join(sorted((name for name in MONTHS if len(name) > 2), key=len, reverse=True))
# A date goes on behind the end of a line: `4 Juni` / `1994`, `, 18` / `Oktober 1989`.
_IN_DATE = re.compile(
    rf"(?<![\d.,/\-])\d{{1,2}} *(?:(?:{_MONTH}) *\n *(?=(?:19|20)\d\d(?!\d))"
    rf"|\n *(?=(?:{_MONTH})(?![a-z])))"
)
_MOST_LINES = 6  # of a row


@dataclass(frozen=True, slots=True)
class Joined:
    """A message with the lines of each row put together.

    Attributes:
        reading: the message, shorter than it was written.
        starts: where each piece of it begins there.
        origins: where that piece begins in the message as written.
    """

    reading: Reading
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, at: int) -> int:
        """Return where a character of the joined message stands as written."""
        piece = bisect_right(self.starts, at) - 1
        return self.origins[piece] + at - self.starts[piece]

    def span(self, span: Span) -> Span:
        """Return where characters of the joined message stand as written."""
        return Span(span.message, self.origin(span.start), self.origin(max(0, span.end - 1)) + 1)

    def entries(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return what was read, with the places as written."""
        return [tuple(map(self._moved, entry)) for entry in entries]

    def _moved(self, finding: Finding) -> Finding:
        return replace(finding, span=self.span(finding.span))


def join(reading: Reading) -> Joined | None:
    """Put the broken rows of a message together; None where none is broken. Linear."""
    low = reading.low
    if "\n" not in low or _IN_DATE.search(low) is None:
        return None
    breaks = sorted({*_in_rows(low), *((one.start(), one.end()) for one in _breaks_of_dates(low))})
    starts, origins, pieces = [0], [0], []
    at = size = 0
    for start, end in breaks:
        if start < at:
            continue
        pieces.append((at, start))
        size += start - at + 1
        at = end
        starts += [size - 1, size]
        origins += [start, end]
    pieces.append((at, len(low)))
    texts = [" ".join(said[one:two] for one, two in pieces) for said in (reading.text, low)]
    return Joined(Reading(reading.message, texts[0], texts[1]), tuple(starts), tuple(origins))


def _breaks_of_dates(low: str) -> list[re.Match[str]]:
    found = (_BREAK.search(low, one.start(), one.end()) for one in _IN_DATE.finditer(low))
    return [one for one in found if one]


def _in_rows(low: str) -> list[tuple[int, int]]:
    """Return the ends of lines inside the rows of a numbered list."""
    rows = [one.start() for one in _NUMBERED.finditer(low)]
    found: list[tuple[int, int]] = []
    for row, following in pairwise([*rows, len(low)]):
        paragraph = low.find("\n\n", row + 1, following)
        end = paragraph if paragraph >= 0 else following
        lines = [one.span() for one in _BREAK.finditer(low, row + 1, end)]
        found += lines if len(lines) < _MOST_LINES else []
    return [one for one in found if one[0] not in rows and one[1] < len(low)]
