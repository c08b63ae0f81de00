"""What the page shows of the people a claim may mean: who, how sure, why, and why not."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk.identity.types import Field
from helpdesk.matching.chosen import ChosenView
from helpdesk.matching.queries import CandidateView, ClaimView
from helpdesk.matching.types import Level, Reckoning, RegistryRecord
from helpdesk.web import evidence_words
from helpdesk.web.evidence_words import Others
from helpdesk.web.formats import group_kpj, group_nik, mask_kpj, mask_nik
from helpdesk.web.side_by_side import Compared, Line, kind, side_by_side
from helpdesk.web.waterfall import Waterfall, waterfall

_CROWD = -3.0  # bits others take: more than those who are listed could


@dataclass(frozen=True, slots=True)
class Chip:
    """How one fact compared, to be seen at once; `kind` as in `side_by_side.Value`."""

    field: str
    text: str
    hint: str
    kind: str


@dataclass(frozen=True, slots=True)
class KpjLine:
    """One number of a person; `plain` only when numbers are revealed."""

    shown: str
    covered: bool
    plain: str
    employer: str
    segment: str
    status: str
    active: bool


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One participant the claim may mean, with all their numbers.

    `person` is what a form names them by, never a number of theirs.
    """

    person: int
    name: str
    place: str
    born: dt.date | None
    nik: str
    nik_covered: bool
    percent: str
    certain: float
    chips: tuple[Chip, ...]
    kpjs: tuple[KpjLine, ...]
    way: str
    weighed: Waterfall


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """What an agent chose: a person among the candidates, somebody who left, or nobody.

    `person` is None for nobody and for who left; `nobody` tells them apart.
    """

    person: int | None
    name: str
    nobody: bool
    agent: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for one claim, in words and beside each other.

    Attributes:
        persons: best first.
        who: who it is and how sure that is.
        why: what agrees, what does not, and who else it could be.
        missing: what was not stated or is not recorded, a sentence each.
        doubts: what stands against a match, a sentence each.
        ask: the fact that would tell the leaders apart best.
        lines: stated beside the best and the one after them.
        close: whether that comparison is what the decision hangs on.
    """

    persons: tuple[PersonLine, ...] = ()
    who: str = ""
    why: str = ""
    missing: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    ask: Field | None = None
    lines: tuple[Line, ...] = ()
    close: bool = False


def finding(claim: ClaimView, *, language: str, revealed: bool) -> Finding:
    """Lay out the candidates of a claim; NIK and KPJ are covered unless `revealed`."""
    groups = grouped(claim.candidates)
    if not groups:
        return Finding(ask=claim.ask)
    stated = {fact.field: fact.value for fact in claim.facts}
    best, others = _best(groups[0]), _others(groups, claim.reckoning, language)
    return Finding(
        persons=tuple(
            person_line(
                group,
                language=language,
                revealed=revealed,
                reckoning=claim.reckoning if group is groups[0] else None,
            )
            for group in groups
        ),
        who=evidence_words.who(best.record.full_name, best.probability, claim.verdict, language),
        why=evidence_words.why(best.evidence, others, language),
        missing=_missing(best, language),
        doubts=tuple(evidence_words.doubt(each, language) for each in claim.doubts),
        ask=claim.ask,
        lines=tuple(compared(stated, groups[:2], language=language, revealed=revealed)),
        close=bool(claim.doubts) and len(groups) > 1,
    )


def choice_line(claim: ClaimView, chosen: ChosenView) -> ChoiceLine:
    """Say whom an agent chose for a claim."""
    found = next((each for each in claim.candidates if each.record.kpj == chosen.kpj), None)
    return ChoiceLine(
        person=found.person if found else None,
        name=found.record.full_name if found else "",
        nobody=not chosen.kpj,
        agent=chosen.agent_name,
        at=chosen.made_at,
    )


def grouped(candidates: Sequence[CandidateView]) -> list[list[CandidateView]]:
    """Put the records of one person together, persons in the order of their first record."""
    people: dict[int, list[CandidateView]] = {}
    for candidate in candidates:
        people.setdefault(candidate.person, []).append(candidate)
    return list(people.values())


def person_line(
    group: Sequence[CandidateView],
    *,
    language: str,
    revealed: bool,
    reckoning: Reckoning | None = None,
) -> PersonLine:
    """Lay out one person; without a reckoning what weighs for them is shown from nothing."""
    best = _best(group)
    record = best.record
    return PersonLine(
        person=best.person,
        name=record.full_name,
        place=record.birth_place,
        born=record.birth_date,
        nik=(group_nik if revealed else mask_nik)(record.nik) if record.nik else "",
        nik_covered=not revealed,
        percent=percent(best.probability, language),
        certain=best.probability,
        chips=_chips(best, language),
        kpjs=tuple(kpj_line(each.record, revealed=revealed) for each in group),
        way=evidence_words.way(best.way, language),
        weighed=waterfall(best.evidence, reckoning, language),
    )


def compared(
    stated: Mapping[Field, str],
    groups: Sequence[Sequence[CandidateView]],
    *,
    language: str,
    revealed: bool,
) -> list[Line]:
    """Put what was stated beside the records of some people."""
    people = [
        Compared(best.record, {each.feature: each.level for each in best.evidence})
        for best in map(_best, groups)
    ]
    return side_by_side(stated, people, language=language, revealed=revealed)


def percent(probability: float, language: str) -> str:
    """Write a probability, rounded down: nothing is shown as certain that is not."""
    if 0 < probability < 0.001:
        return "< 0.1%" if language == "en" else "< 0,1%"
    tenths = min(int(probability * 1000 + 1e-9), 999)
    text = f"{tenths / 10:.1f}%"
    return text if language == "en" else text.replace(".", ",")


def kpj_line(record: RegistryRecord, *, revealed: bool) -> KpjLine:
    """Lay out one number of a person; it is covered unless `revealed`."""
    return KpjLine(
        shown=(group_kpj if revealed else mask_kpj)(record.kpj),
        covered=not revealed,
        plain=record.kpj if revealed else "",
        employer=record.employer,
        segment=record.segment,
        status=record.status,
        active=record.status.lower() in {"active", "aktif"},
    )


def _best(group: Sequence[CandidateView]) -> CandidateView:
    return max(group, key=lambda each: each.probability)


def _others(
    groups: Sequence[Sequence[CandidateView]], reckoning: Reckoning | None, language: str
) -> Others:
    crowd = reckoning is not None and reckoning.rivals < _CROWD
    if len(groups) < 2:
        return Others(unlisted=crowd)
    rival = max(map(_best, groups[1:]), key=lambda each: each.probability)
    return Others(
        count=len(groups) - 1,
        name=rival.record.full_name,
        probability=rival.probability,
        percent=percent(rival.probability, language),
        unlisted=crowd,
    )


def _missing(best: CandidateView, language: str) -> tuple[str, ...]:
    said = (
        evidence_words.missing(best.evidence, level, language)
        for level in (Level.MISSING, Level.NOT_RECORDED)
    )
    return tuple(each for each in said if each)


def _chips(best: CandidateView, language: str) -> tuple[Chip, ...]:
    return tuple(
        Chip(
            field=evidence_words.field_of(each.feature),
            text=evidence_words.short(each.feature, each.level, language),
            hint=evidence_words.text(each.feature, each.level, language),
            kind=kind(each.level),
        )
        for each in evidence_words.ordered(best.evidence)
    )
