"""Pasted chats: the stamp and the name before each message are nobody's data."""

import re
from collections.abc import Iterator, Sequence

from helpdesk.identity.sections.section_lines import Line, words

_DATE = r"\d{1,4}[/.\-]\d{1,2}(?:[/.\-]\d{2,4})?"
_TIME = r"\d{1,2}[.:]\d{2}(?:[.:]\d{2})?(?: ?[ap]\.?m\.?)?"
_WHEN = rf"(?:{_DATE},? {{0,2}}(?:pukul )?{_TIME}|{_TIME},? {{0,2}}{_DATE}|{_TIME})"
_STAMP = re.compile(rf"(?:\[{_WHEN}\]|{_WHEN} -) {{0,2}}~? ?(?P<who>[^:\[\]]{{1,40}}): ?")
_BEHIND = re.compile(rf"(?P<who>[^:\[\]]{{1,40}}), \[{_WHEN}\]:?$")
_SERVICE = re.compile(rf"(?<![a-z]){words('quotes', 'service')}(?![a-z])")


def find(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield stamps with their names, and whole messages of ours; linear."""
    ours = False
    for line in lines:
        if not line.text:
            continue
        stamp = _STAMP.match(line.text) or _BEHIND.match(line.text)
        if stamp:
            ours = _SERVICE.search(stamp["who"]) is not None
            yield line.body, line.body + stamp.end()
        if ours:
            yield line.start, line.end
