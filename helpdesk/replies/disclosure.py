"""What a reply may show, and who must approve it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from helpdesk.identity.types import About, Field
from helpdesk.matching.types import Verdict
from helpdesk.replies.policy import Doubt, Grade, Level, Policy
from helpdesk.tickets.kinds import Channel


class Agreement(StrEnum):
    """How a stated fact compares with the records of the participant it most likely means."""

    EXACT = "exact"
    NEAR = "near"
    DIFFERS = "differs"
    ABSENT = "absent"


class Situation(StrEnum):
    """Which reply is due; an agent sees it, the participant sees only its macro's words."""

    ONE_KPJ = "one_kpj"
    SEVERAL_KPJ = "several_kpj"
    ONE_KPJ_MASKED = "one_kpj_masked"
    SEVERAL_KPJ_MASKED = "several_kpj_masked"
    INCOMPLETE = "incomplete"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"
    REDIRECT = "redirect"
    REFUSED = "refused"
    GROUP = "group"
    REOPEN_WINDOW = "reopen_window"  # only ever chosen by a person: asks them to write again


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a decision rests on.

    `name`, `birth_date` and `nik` compare the claim with one and the same record of the best
    candidate; `kpjs` are the numbers of that participant whose own record agrees; `rival` is the
    probability that another participant is meant, in [0, 1]. `about` is None without a claim.
    `verified`: who called or came told something only that participant is expected to know.
    `sent_elsewhere`: the reply goes to an address the writer named, not back where it came from.
    `named_only`: the contact is known by a name alone, which others may have too.
    `agent_chose`: an agent put another person first than the matcher. That changes whom the facts
    are compared with and nothing else: they must agree as before, and the verdict is no match.
    """

    channel: Channel
    claims: int = 0
    about: About | None = None
    verdict: Verdict | None = None
    missing: tuple[Field, ...] = ()
    name: Agreement = Agreement.ABSENT
    birth_date: Agreement = Agreement.ABSENT
    nik: Agreement = Agreement.ABSENT
    kpjs: tuple[str, ...] = ()
    rival: float = 0.0
    authentic: bool = False
    verified: bool = False
    reply_to_differs: bool = False
    defects: tuple[str, ...] = ()
    people_asked: int = 0
    nik_asked_elsewhere: bool = False
    agent_entered: bool = False
    agent_chose: bool = False
    in_group: bool = False
    sent_elsewhere: bool = False
    named_only: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the reply may do.

    `reasons` are codes; `reasons.text` has their words. `kpjs` are the numbers the reply may
    carry, empty unless `level` shows; `missing` is what it should ask for.
    """

    level: Level
    approvals: int
    situation: Situation
    reasons: tuple[str, ...]
    kpjs: tuple[str, ...] = ()
    missing: tuple[Field, ...] = ()


def decide(case: Case, policy: Policy) -> Decision:
    """Return what may be said in this case. Total; never raises.

    More evidence never shows less, and any doubt never shows more: a full number without every
    condition of `grade` PROVEN is impossible whatever the policy file says.
    """
    found = grade(case, policy)
    rules = policy.of(case.channel)
    rule = rules.evidence.of(found)
    level, approvals = rule.disclose, int(rule.approvals) if rule.disclose.shows else 1
    doubts = tuple(_doubts(case, policy))
    for doubt in doubts:
        cap = rules.doubt.of(doubt)
        if level.shows:
            level, approvals = _lower(level, cap.at_most), max(approvals, int(cap.approvals))
    if not level.shows:
        approvals = 1
    if case.in_group and level is Level.ASK:
        level = Level.REDIRECT  # the answer would be read by all of them
    return Decision(
        level=level,
        approvals=approvals,
        situation=Situation.GROUP if case.in_group else _situation(found, level, len(case.kpjs)),
        reasons=(*_evidence_reasons(case, found, policy), *(doubt.value for doubt in doubts)),
        kpjs=case.kpjs if level.shows else (),
        missing=_to_ask(case, found) if level is Level.ASK else (),
    )


def grade(case: Case, policy: Policy) -> Grade:
    """Return how strong the evidence is, the sender aside."""
    if not case.claims or case.about is None:
        return Grade.NOTHING
    if case.about is not About.SELF:
        return Grade.OTHER
    agreeing = (case.nik, case.birth_date, case.name)
    sure = case.verdict is Verdict.MATCH and bool(case.kpjs) and not _has_rival(case, policy)
    if sure and all(each is Agreement.EXACT for each in agreeing):
        return Grade.PROVEN
    if case.missing:
        return Grade.INCOMPLETE
    nearly = all(each in {Agreement.EXACT, Agreement.NEAR} for each in agreeing)
    if sure and nearly and case.nik is Agreement.EXACT:
        return Grade.LIKELY
    return Grade.UNKNOWN if case.verdict in {None, Verdict.NONE} else Grade.UNSURE


def restrict(decision: Decision, situation: str) -> Decision:
    """Return what a reply does that a person chose for another situation than the decided one.

    It may always say less than decided, and never more: what shows nothing needs one approval.
    """
    if situation == decision.situation:
        return decision
    masked = situation in {Situation.ONE_KPJ_MASKED, Situation.SEVERAL_KPJ_MASKED}
    if situation in {Situation.ONE_KPJ, Situation.SEVERAL_KPJ} or masked:
        if decision.level is Level.FULL and masked:
            return replace(decision, level=Level.MASKED)
        return decision
    level = Level.ASK if situation == Situation.INCOMPLETE else Level.REDIRECT
    return replace(decision, level=level, approvals=1, kpjs=())


def fits(decision: Decision, situation: str) -> bool:
    """Tell whether a reply for this situation says no more than the decision allows."""
    if situation in {Situation.ONE_KPJ, Situation.SEVERAL_KPJ}:
        return decision.level is Level.FULL
    if situation in {Situation.ONE_KPJ_MASKED, Situation.SEVERAL_KPJ_MASKED}:
        return decision.level.shows
    return True


def weaker(now: Decision, then: Decision) -> bool:
    """Tell whether `now` allows less than `then` did."""
    return _power(now.level, now.approvals) < _power(then.level, then.approvals)


def _has_rival(case: Case, policy: Policy) -> bool:
    return not case.rival <= policy.limits.rival  # also when it is not a number


def _doubts(case: Case, policy: Policy) -> Iterator[Doubt]:
    sender = policy.of(case.channel).sender
    vouched = (
        (sender == "account" and not case.named_only)
        or (sender == "dmarc" and case.authentic)
        or (sender == "verified" and case.verified)
    )
    found = {
        Doubt.UNAUTHENTICATED: case.sent_elsewhere or not vouched,
        Doubt.REPLY_TO_DIFFERS: case.reply_to_differs,
        Doubt.DEFECTS: not policy.limits.harmless_defects.issuperset(case.defects),
        Doubt.SEVERAL_PEOPLE: case.claims > 1,
        Doubt.ASKED_FOR_OTHERS: case.people_asked > policy.limits.people,
        Doubt.NIK_ASKED_ELSEWHERE: case.nik_asked_elsewhere,
        Doubt.AGENT_ENTERED: case.agent_entered,
        Doubt.AGENT_CHOSE: case.agent_chose,
        Doubt.GROUP: case.in_group,
    }
    return (doubt for doubt, holds in found.items() if holds)


def _lower(level: Level, at_most: Level) -> Level:
    return at_most if _power(at_most, 1) < _power(level, 1) else level


def _power(level: Level, approvals: int) -> int:
    shown = {Level.FULL: 4, Level.MASKED: 2}.get(level, 0)
    return shown - (approvals - 1) if shown else 0


def _to_ask(case: Case, found: Grade) -> tuple[Field, ...]:
    return tuple(Field) if found is Grade.NOTHING else case.missing


def _situation(found: Grade, level: Level, numbers: int) -> Situation:
    if level is Level.FULL:
        return Situation.ONE_KPJ if numbers == 1 else Situation.SEVERAL_KPJ
    if level is Level.MASKED:
        return Situation.ONE_KPJ_MASKED if numbers == 1 else Situation.SEVERAL_KPJ_MASKED
    if found in {Grade.INCOMPLETE, Grade.NOTHING} and level is Level.ASK:
        return Situation.INCOMPLETE
    return {
        Grade.OTHER: Situation.REFUSED,
        Grade.UNSURE: Situation.MISMATCH,
        Grade.UNKNOWN: Situation.NOT_FOUND,
    }.get(found, Situation.REDIRECT)


def _evidence_reasons(case: Case, found: Grade, policy: Policy) -> Iterator[str]:
    if found in {Grade.NOTHING, Grade.OTHER}:
        yield "no_claim" if found is Grade.NOTHING else "about_other"
        return
    yield "about_self"
    yield from (f"missing_{field.value}" for field in case.missing)
    if case.verdict in {None, Verdict.NONE}:
        yield "no_candidate"
        return
    if _has_rival(case, policy):
        yield "rival"
    elif case.verdict is Verdict.REVIEW:
        yield "not_certain"
    yield f"nik_{case.nik.value}"
    yield f"birth_date_{case.birth_date.value}"
    yield f"name_{case.name.value}"
    if case.verified:
        yield "verified"
