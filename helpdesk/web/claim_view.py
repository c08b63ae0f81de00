"""What the page shows of a claim: its facts, the people it may mean, and why."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk import i18n
from helpdesk.identity.types import About, Field
from helpdesk.matching.queries import CandidateView, ClaimView, FactView
from helpdesk.web import evidence_words, fact_words
from helpdesk.web.formats import group_kpj, group_nik, mask_kpj, mask_nik

UNSURE_BELOW = 0.8  # of a fact's confidence
_BAR_WIDTH, _BAR_BITS = 92.0, 26.0  # an exact NIK weighs some 24 bits


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact; `value` is as shown, `plain` as stored, `earlier` what was said before.

    `stored` is as one enters it, `entered` what the form holds: that, or what somebody typed who
    was refused. `how_sure` and `why` are words for the reading.
    """

    field: Field
    value: str
    plain: str
    covered: bool
    date: dt.date | None
    percent: int
    low: bool
    by_agent: bool
    warnings: tuple[str, ...]
    earlier: str
    stored: str
    entered: str
    how_sure: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One comparison as a bar that grows right for and left against; places in a box of 92 x 8."""

    field: str
    text: str
    hint: str
    bits: float
    bits_text: str
    axis: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class KpjLine:
    """One number of a person; `plain` only when numbers are revealed."""

    shown: str
    covered: bool
    plain: str
    employer: str
    status: str
    active: bool


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One participant the claim may mean, with all their numbers."""

    name: str
    place: str
    born: dt.date | None
    nik: str
    nik_covered: bool
    percent: str
    evidence: tuple[EvidenceLine, ...]
    kpjs: tuple[KpjLine, ...]


@dataclass(frozen=True, slots=True)
class ClaimPane:
    """One claim with its candidates."""

    id: int
    version: str
    other: bool
    relation: str | None
    missing: int
    matched: bool
    facts: tuple[FactLine, ...]
    persons: tuple[PersonLine, ...] = field(default=())

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody entered for a claim and could not save."""

    claim_id: int
    values: Mapping[Field, str]


def panes(
    claims: Iterable[ClaimView], *, language: str, revealed: bool, typed: Typed | None = None
) -> list[ClaimPane]:
    """Lay out claims; numbers are covered unless `revealed`."""
    return [_pane(claim, language, revealed, typed) for claim in claims]


def version(values: Mapping[Field, str]) -> str:
    """Tell the facts of a claim from changed ones, so that nobody overwrites what they never saw.

    16 hexadecimal digits. Not the time of the matching: every new message matches again.
    """
    stated = [values.get(each, "") for each in Field]
    return hashlib.sha256("\0".join(stated).encode()).hexdigest()[:16]


def facts_version(claims: Mapping[int, Mapping[Field, str]]) -> str:
    """Tell the facts of all claims of a ticket, by the claims' ids, from changed ones."""
    stated = [f"{number} {version(claims[number])}" for number in sorted(claims)]
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()[:16]


def facts_version_of(claims: Iterable[ClaimView]) -> str:
    """Return the version of the facts a page shows."""
    return facts_version(
        {each.id: {fact.field: fact.value for fact in each.facts} for each in claims if each.facts}
    )


def _pane(
    claim: ClaimView,
    language: str,
    revealed: bool,  # noqa: FBT001
    typed: Typed | None,
) -> ClaimPane:
    mine = typed.values if typed is not None and typed.claim_id == claim.id else {}
    facts = tuple(
        _fact(each, _find(claim.facts, each), language, revealed, mine.get(each)) for each in Field
    )
    people: dict[int, list[CandidateView]] = {}
    for candidate in claim.candidates:
        people.setdefault(candidate.person, []).append(candidate)
    return ClaimPane(
        id=claim.id,
        version=version({fact.field: fact.value for fact in claim.facts}),
        other=claim.about is About.OTHER,
        relation=claim.relation,
        missing=sum(not fact.value for fact in facts),
        matched=claim.verdict is not None,
        facts=facts,
        persons=tuple(_person(group, language, revealed) for group in people.values()),
    )


def _find(facts: Sequence[FactView], wanted: Field) -> FactView | None:
    return next((fact for fact in facts if fact.field is wanted), None)


def _fact(
    wanted: Field,
    fact: FactView | None,
    language: str,
    revealed: bool,  # noqa: FBT001
    typed: str | None,
) -> FactLine:
    if fact is None:
        return FactLine(wanted, "", "", False, None, 0, False, False, (), "", "", typed or "")  # noqa: FBT003
    date = _date(fact.value) if wanted is Field.BIRTH_DATE else None
    stored = _day_first(fact.value) if wanted is Field.BIRTH_DATE else fact.value
    covered = wanted is Field.NIK and not revealed
    show = mask_nik if covered else group_nik
    gettext = i18n.translations(language).gettext
    told = {Field.NIK: show, Field.BIRTH_DATE: _day_first}.get(wanted, str)
    return FactLine(
        field=wanted,
        value=show(fact.value) if wanted is Field.NIK else fact.value,
        plain=fact.value,
        covered=covered,
        date=date,
        percent=fact_words.percent(fact.confidence),
        low=fact.confidence < UNSURE_BELOW,
        by_agent=fact.agent_id is not None,
        warnings=tuple(fact.warnings),
        earlier=", ".join(map(told, fact.history)),
        stored=stored,
        entered=stored if typed is None else typed,
        how_sure=gettext(fact_words.how_sure(fact.confidence)),
        why=gettext(fact_words.why(fact)),
    )


def _day_first(value: str) -> str:
    date = _date(value)
    return date.strftime("%d-%m-%Y") if date else value


def _date(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _person(group: Sequence[CandidateView], language: str, revealed: bool) -> PersonLine:  # noqa: FBT001
    best = max(group, key=lambda each: each.probability)
    record = best.record
    return PersonLine(
        name=record.full_name,
        place=record.birth_place,
        born=record.birth_date,
        nik=(group_nik if revealed else mask_nik)(record.nik) if record.nik else "",
        nik_covered=not revealed,
        percent=_percent(best.probability, language),
        evidence=_evidence(best, language),
        kpjs=tuple(_kpj(each, revealed) for each in group),
    )


def _percent(probability: float, language: str) -> str:
    # Rounded down: nothing is shown as certain that is not.
    tenths = min(int(probability * 1000), 999)
    text = f"{tenths / 10:.1f}%"
    return text if language == "en" else text.replace(".", ",")


def _evidence(candidate: CandidateView, language: str) -> tuple[EvidenceLine, ...]:
    most = max((abs(each.bits) for each in candidate.evidence), default=1.0)
    scale = _BAR_WIDTH / max(most, _BAR_BITS)
    against = max((-each.bits for each in candidate.evidence if each.bits < 0), default=0.0)
    axis = round(min(against * scale, _BAR_WIDTH / 2) + 1, 1)
    lines = []
    for each in sorted(candidate.evidence, key=lambda line: -abs(line.bits)):
        width = max(
            round(min(abs(each.bits) * scale, _BAR_WIDTH - axis if each.bits >= 0 else axis), 1),
            1.0,
        )
        sign = "+" if each.bits >= 0 else "−"
        number = f"{sign}{abs(each.bits):.1f}"
        lines.append(
            EvidenceLine(
                field=evidence_words.field_of(each.feature),
                text=evidence_words.text(each.feature, each.level, language),
                hint=f"{each.feature}: {each.level}",
                bits=each.bits,
                bits_text=number if language == "en" else number.replace(".", ","),
                axis=axis,
                x=axis if each.bits >= 0 else max(axis - width, 0),
                width=width,
            )
        )
    return tuple(lines)


def _kpj(candidate: CandidateView, revealed: bool) -> KpjLine:  # noqa: FBT001
    record = candidate.record
    return KpjLine(
        shown=(group_kpj if revealed else mask_kpj)(record.kpj),
        covered=not revealed,
        plain=record.kpj if revealed else "",
        employer=record.employer,
        status=record.status,
        active=record.status.lower() in {"active", "aktif"},
    )
