"""What several people share: `kelahiran Malang semua`, `mereka lahir di Garut 6-6-2004`."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from helpdesk.identity.figures import dates
from helpdesk.identity.findings import Finding, can_be_birth, date_finding
from helpdesk.identity.labels.label_places import place_at
from helpdesk.identity.reading import Reading, has

SHARED = frozenset({"place_shared", "date_shared"})

_ALL = (
    r"(?:semua(?:nya|ne)?|smua(?:nya)?|kabeh|sadaya(?:na)?|sama-sama|sama2|mereka|keduanya"
    r"|kedua orang|dua-duanya|ketiganya|keempatnya|berdua|bertiga|berempat|rata-rata|rata2|kembar)"
)
_BORN = (
    r"(?:(?:sama |sm |pada |yg |yang |nya )*"
    r"(?:kelahiran|dilahirkan|lahir(?:nya)?|lhr|ttl|tl|t[ea]?mp[a]?t lahir(?:nya)?|asal|asli|lair)"
    r"(?![a-z])(?: (?:sama|sm|semua|di|d|ing|nang|nya))* ?:? ?)"
)
_SAID = re.compile(
    rf"(?<![a-z]){_ALL}(?![a-z])[^\d\n.;]{{0,25}}?(?<![a-z]){_BORN}(?=[a-z])"
    rf"|(?<![a-z]){_BORN}(?:{_ALL}|sama) (?:di )?(?=[a-z])"
    rf"|(?<![a-z]){_BORN}(?=[a-z][a-z ]{{2,30}}[ ,]{{1,2}}{_ALL}(?![a-z]))"
)
_HINT = ("semua", "smua", "kabeh", "sadaya", "sama", "mereka", "duanya", "tiganya", "empatnya",
         "berdua", "bertiga", "rata", "kembar")  # fmt: skip
_AFTER = 24  # characters between the place and the date all have


def find(reading: Reading, today: dt.date) -> Iterator[Finding]:
    """Yield the birth place, and the birth date, that a message says several people have."""
    low = reading.low
    for said in _SAID.finditer(low) if has(low, _HINT) else ():
        end = low.find("\n", said.end())
        end = end if end >= 0 else len(low)
        place = place_at(reading, said.end(), end, firm=False, rule="place_shared")
        if place is None:
            continue
        yield place
        at = place.span.end
        hit = dates.first(low[at : min(end, at + _AFTER)], today=today)
        if hit and can_be_birth(hit.day, today, min_age=dates.MIN_AGE):
            found = date_finding(reading, hit.moved(at), 0.9, "date_shared")
            yield from [found] if found else []


def without(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings but for the places and dates that are everybody's."""
    spans = [one.span for one in findings if one.rule in SHARED]
    for one in findings:
        if one.rule in SHARED or not any(
            one.span.message == span.message
            and one.span.start < span.end
            and span.start < one.span.end
            for span in spans
        ):
            yield one


def is_shared(finding: Finding) -> bool:
    """Tell whether a finding is of everybody the writer asks for."""
    return finding.rule in SHARED
