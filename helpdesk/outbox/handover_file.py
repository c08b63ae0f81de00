"""The files that replies are handed over in. Pure.

JSON lines are exact. A CSV cell that a spreadsheet would take for a formula begins with an
apostrophe that is not part of the text; so does one that begins with an apostrophe itself, and
whoever reads the file drops one apostrophe from the beginning of every cell that has one.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields

from helpdesk.sheet import cell


@dataclass(frozen=True, slots=True)
class Line:
    """One text to send: part `part` (from 1) of `parts` of reply `reply`.

    `to` is what the platform needs to find the contact, `phone` is without its plus sign.
    """

    reply: int
    ticket: int
    channel: str
    service: str
    to: str = field(repr=False)
    name: str = field(repr=False)
    handle: str = field(repr=False)
    phone: str = field(repr=False)
    thread: str = field(repr=False)
    part: int
    parts: int
    text: str = field(repr=False)


COLUMNS = tuple(each.name for each in fields(Line))


def to_jsonl(lines: Iterable[Line]) -> bytes:
    """Write one JSON object a line, UTF-8."""
    return b"".join(
        json.dumps(asdict(line), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        for line in lines
    )


def to_csv(jsonl: bytes) -> bytes:
    """Write the same as CSV: UTF-8 with a mark, commas, CRLF, quoted as RFC 4180 says."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for line in jsonl.splitlines():
        values = json.loads(line)
        writer.writerow([cell(str(values[name])) for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")
