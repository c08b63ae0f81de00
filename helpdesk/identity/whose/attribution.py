"""Whose is a fact: the words just before it, else the heading above it, else who was on before."""

import bisect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from helpdesk.identity.findings import Finding
from helpdesk.identity.types import Field
from helpdesk.identity.whose import company, referents
from helpdesk.identity.whose.referents import (
    ASKED,
    DECEASED,
    EMPLOYEE,
    HEADING,
    SELF,
    Asked,
    Mention,
)

_END = (1_000_000, 0)  # after every message

_BARE = 0.5  # what a heading weighs with nothing under it
_REACH = 70  # characters between a person and a fact of theirs in one clause
_CLAUSE = re.compile(
    r"[\n;!?]|(?<!\balm)(?<!\balmh)(?<!\bh)(?<!\bhj)(?<!\bno)(?<!\btgl)\.(?=\s)"
    r"|\.$|,(?= (?:tapi|sedangkan|kalo|kalau|sementara)\b)"
)
# Between `saya` and a fact of the writer's stands nothing but this; `saya minta nomor Budi` is
# about Budi.
_LINK = re.compile(
    r"(?:[\W_]|\b(?:sendiri|lahir\w*|kelahiran|di|tgl|tanggal|pada|adalah|nik\w*|nama\w*|e?ktp\w*|ttl|asli"
    r"|asal|dari|ini|itu|yaitu|yakni|ialah|ya|no|nomor|tempat|mah|teh|kota|born|in|on|am|is|name"
    r"|lengkap|umur|bernama|dengan|atas|wonten|ing|th|tahun|bulan|sesuai)\b|\d)*"
)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a fact is about.

    Attributes:
        who: `self`, a relation, or "" when nothing nearby says.
        key: tells apart two of one relation, as papa and mama.
        weight: how strongly this mention says that their number is asked for.
    """

    who: str = ""
    key: str = ""
    weight: float = 0.0


@dataclass(frozen=True)
class Stage:
    """What was said, by message, and who was spoken of where, in order.

    `cards` is what the writer says under their name of who they are.
    """

    texts: Mapping[int, str]  # folded
    mentions: Sequence[tuple[int, Mention]]  # message, mention
    asked: Asked
    cards: Sequence[str] = ()

    @cached_property
    def staff(self) -> bool:
        """Whether a company writes, so that people of a list nothing else is said of are staff."""
        return company.speaks_of_staff([*self.texts.values(), *self.cards])

    @cached_property
    def office(self) -> bool:
        """Whether a company's office writes, and not for themself."""
        if self.asked.own >= ASKED or (self.asked.other and self.asked.relation != EMPLOYEE):
            return False
        return company.answers_for_staff(self.texts.values(), self.cards)

    def whose(self, finding: Finding) -> Whose:
        """Tell whom a finding is about by what its rule read and what stands before it."""
        if finding.whose:
            return Whose(self._kin(finding.whose), weight=self._weight(finding.whose))
        before = self._before(finding)
        if before and self._governs(before, finding):
            return self._as(before)
        return self._heading(finding)

    def _as(self, mention: Mention) -> Whose:
        known = self.asked.weights.get(mention.who, 0.0)  # there a heading over nothing is light
        weight = known if mention.heading else max(mention.weight, known)
        return Whose(self._kin(mention.who), mention.key, weight)

    def _weight(self, who: str) -> float:
        """Weigh what a label says of kin: little where nobody else's number is asked for."""
        wanted = self.asked.other and not self.asked.only_own
        return ASKED if wanted else self.asked.weights.get(who, 0.0)

    def _kin(self, who: str) -> str:
        """`Almarhum` is whoever was spoken of, when that was said."""
        return self.asked.relation or who if who == DECEASED else who

    def adjoins(self, one: Finding, two: Finding) -> bool:
        """Tell whether two findings stand in one sentence of one message."""
        if one.span.message != two.span.message:
            return False
        low = self.texts[one.span.message]
        ends = one.span.end - low.endswith(".", 0, one.span.end)  # `mama saya Siti. Lahir ...`
        between = low[ends : two.span.start]
        return len(between) <= _REACH and not _CLAUSE.search(between)

    def _position(self, finding: Finding) -> int:
        at = (finding.span.message, finding.span.start)
        return bisect.bisect_left(self.mentions, at, key=lambda one: (one[0], one[1].start))

    def _before(self, finding: Finding) -> Mention | None:
        """Return the last person mentioned before a finding in its message."""
        for at in range(self._position(finding) - 1, -1, -1):
            message, mention = self.mentions[at]
            if message != finding.span.message:
                return None
            if mention.who != referents.THEY:
                return mention if mention.end <= finding.span.start else None
        return None

    def _governs(self, mention: Mention, finding: Finding) -> bool:
        between = self.texts[finding.span.message][mention.end : finding.span.start]
        if len(between) > _REACH or _CLAUSE.search(between):
            return False
        return mention.who != SELF or _LINK.fullmatch(between) is not None

    def _heading(self, finding: Finding) -> Whose:
        """Tell whose the heading above a finding is.

        `Saya yang bertanda tangan` is one until the letter comes to whom it is about.
        """
        another = False
        for at in range(self._position(finding) - 1, -1, -1):
            _, mention = self.mentions[at]
            if mention.heading:
                return Whose() if another and mention.who == SELF else self._as(mention)
            another = another or (mention.who != SELF and mention.weight >= ASKED)
        return Whose()


def weighed(
    mentions: Sequence[tuple[int, Mention]], findings: Sequence[Finding]
) -> Iterator[Mention]:
    """Yield who is spoken of; a heading without data under it weighs as any other word.

    `suami: Paidi` at the end of a form says whom she is married to.
    """
    facts = sorted(
        (one.span.message, one.span.start) for one in findings if one.field is not Field.FULL_NAME
    )
    headings = [(message, one.start) for message, one in mentions if one.heading]
    ends = dict(pairwise([*headings, _END]))
    for message, mention in mentions:
        at = (message, mention.start)
        if at in ends and bisect.bisect(facts, at) == bisect.bisect(facts, ends[at]):
            yield replace(mention, weight=mention.weight - HEADING + _BARE)
        else:
            yield mention
