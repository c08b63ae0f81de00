"""What the page shows of a claim: its facts, the people it may mean, and why."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from helpdesk import i18n
from helpdesk.identity.types import About, Field
from helpdesk.matching.queries import ClaimView, FactView
from helpdesk.web import fact_words
from helpdesk.web.candidate_view import Finding, finding
from helpdesk.web.formats import group_nik, mask_nik

UNSURE_BELOW = 0.8  # of a fact's confidence


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
class ClaimPane:
    """One claim with its candidates."""

    id: int
    version: str
    other: bool
    relation: str | None
    missing: int
    verdict: str | None
    matched_at: dt.datetime
    facts: tuple[FactLine, ...]
    found: Finding

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
    return ClaimPane(
        id=claim.id,
        version=version({fact.field: fact.value for fact in claim.facts}),
        other=claim.about is About.OTHER,
        relation=claim.relation,
        missing=sum(not fact.value for fact in facts),
        verdict=claim.verdict,
        matched_at=claim.matched_at,
        facts=facts,
        found=finding(claim, language=language, revealed=revealed),
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
