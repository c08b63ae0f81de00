"""Corrections of a part: `4 angka terakhir 0021`, `*1989`, `tahunnya 1989`."""

import datetime as dt
import re
from collections.abc import Iterator

from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field, Span

NIK_TAIL, NIK_HEAD, YEAR = "nik_tail", "nik_head", "year"
_MAX_MESSAGE = 200  # a correction is a short message of its own
_NIK_PART = re.compile(
    r"(?:angka|digit|nomor|no)?[ a-z]{0,20}(?P<side>terakhir|belakang|belakangnya"
    r"|akhir|depan|awal)"
    r"(?:nya)?[^\d\n]{0,25}(?P<digits>\d{2,8})(?!\d)"
)
_YEAR = re.compile(
    r"(?:^|\n) *(?:\*|(?:maaf|ralat|koreksi|eh)?[^\d\n]{0,25}(?:tahun|thn|th)(?:nya)?(?: lahir)?"
    r"[^\d\n]{0,20}) *(?P<digits>(?:19|20)\d\d)(?!\d)"
)


def find(reading: Reading) -> Iterator[Finding]:
    """Yield corrections of a part of what an earlier message said; linear."""
    if reading.message <= 0 or len(reading.low) > _MAX_MESSAGE:
        return
    if part := _NIK_PART.search(reading.low):
        rule = NIK_HEAD if part["side"] in {"depan", "awal"} else NIK_TAIL
        yield _finding(reading, part, Field.NIK, rule)
    if year := _YEAR.search(reading.low):
        yield _finding(reading, year, Field.BIRTH_DATE, YEAR)


def apply(old: str, finding: Finding) -> str:
    """Return the old value with the corrected part in its place."""
    if finding.rule == YEAR:
        patched = finding.value + old[4:]
        return patched if _exists(patched) else old
    if len(finding.value) > len(old):
        return old
    if finding.rule == NIK_HEAD:
        return finding.value + old[len(finding.value) :]
    return old[: -len(finding.value)] + finding.value


def is_patch(finding: Finding) -> bool:
    """Tell whether a finding is a part to be put into an earlier fact."""
    return finding.rule in {NIK_TAIL, NIK_HEAD, YEAR}


def _exists(iso: str) -> bool:
    try:
        dt.date.fromisoformat(iso)
    except ValueError:
        return False
    return True


def _finding(reading: Reading, match: re.Match[str], field: Field, rule: str) -> Finding:
    span = Span(reading.message, match.start("digits"), match.end("digits"))
    return Finding(field, match["digits"], 0.85, span, rule)
