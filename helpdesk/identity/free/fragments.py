"""Facts that run over the end of a message: `tgl 29` / `september 93`, a NIK in two halves."""

import datetime as dt
from collections.abc import Iterator, Sequence

from helpdesk.identity.figures import dates, numbers
from helpdesk.identity.figures.date_kinds import is_other_date
from helpdesk.identity.findings import Finding, can_be_birth, date_finding, nik_finding
from helpdesk.identity.reading import Reading, read

_MAX_PIECE = 60  # characters of a message that can hold a piece of a fact
_MOST_PIECES = 3  # day, month, year
_TAIL = 24  # characters at the end of a message in which a cut fact begins with a number


def find(readings: Sequence[Reading], today: dt.date) -> Iterator[Finding]:
    """Yield the dates and NIKs that run over the end of a message, spans at their first piece.

    Linear: only short messages that follow each other are looked at, three at a time.
    """
    for run in _short_runs(readings):
        for at in range(len(run) - 1):
            yield from _starting_in(run[at : at + _MOST_PIECES], today)


def _short_runs(readings: Sequence[Reading]) -> Iterator[list[Reading]]:
    run: list[Reading] = []
    for one in readings:
        short = len(one.low) <= _MAX_PIECE and one.low.strip() and one.message >= 0
        if run and not short:
            yield run
            run = []
        if short:
            run.append(one)
    yield run


def _starting_in(pieces: Sequence[Reading], today: dt.date) -> Iterator[Finding]:
    """Read messages as one, and keep what begins in the first and ends in another."""
    first = pieces[0]
    if not any(map(str.isdecimal, first.low[-_TAIL:])):
        return
    length = len(first.low.rstrip())
    whole = read(first.message, "\n".join(piece.low.strip("\n ") for piece in pieces))
    lead = len(first.low) - len(first.low.lstrip("\n "))
    for hit in dates.find(whole.low, today=today):
        if _crosses(hit.start + lead, hit.end + lead, length) and can_be_birth(
            hit.day, today, min_age=dates.MIN_AGE
        ):
            piece = dates.DateHit(hit.start + lead, length, hit.day, hit.two_digit_year)
            found = date_finding(first, piece, 0.85, "date_shape")
            if found and not is_other_date(first.low, piece.start):
                yield found
    for number in numbers.find(whole.low):
        looks = numbers.looks_like_nik(number.digits)
        if looks and _crosses(number.start + lead, number.end + lead, length):
            half = numbers.Number(number.start + lead, length, number.digits)
            found = nik_finding(first, half, today, labelled=True)
            yield from [found] if found else []


def _crosses(start: int, end: int, length: int) -> bool:
    return start < length < end
