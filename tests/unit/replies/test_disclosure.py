"""Who may be told what: the rules, and what must hold for every case there can be."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.identity.types import About, Field
from helpdesk.matching.types import Verdict
from helpdesk.replies import policy, reasons
from helpdesk.replies.disclosure import (
    Agreement,
    Decision,
    Situation,
    decide,
    fits,
    restrict,
    weaker,
)
from helpdesk.replies.policy import Level
from helpdesk.tickets.kinds import Channel
from tests.unit.replies.strategies import STRONG, WEAKENINGS, cases

POLICY = policy.load(Path("config/policy.toml"))
LENIENT = policy.parse(
    Path("config/policy.toml").read_text().replace('at_most = "masked"', 'at_most = "full"')
)


def test_who_proves_everything_is_told_by_one_agent():
    decision = decide(STRONG, POLICY)
    assert (decision.level, decision.approvals) == (Level.FULL, 1)
    assert decision.situation is Situation.ONE_KPJ
    assert decision.kpjs == STRONG.kpjs


def test_several_numbers_of_one_participant_have_their_own_reply():
    case = replace(STRONG, kpjs=("99000000017", "99000000025"))
    assert decide(case, POLICY).situation is Situation.SEVERAL_KPJ


@pytest.mark.parametrize(
    ("change", "level", "approvals", "situation"),
    [
        ({"about": About.OTHER}, Level.REDIRECT, 1, Situation.REFUSED),
        ({"authentic": False}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"reply_to_differs": True}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"defects": ("two_from",)}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"defects": ("bad_charset",)}, Level.FULL, 1, Situation.ONE_KPJ),
        ({"people_asked": 2}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"claims": 2}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"nik_asked_elsewhere": True}, Level.FULL, 2, Situation.ONE_KPJ),
        ({"agent_entered": True}, Level.FULL, 2, Situation.ONE_KPJ),
        ({"nik": Agreement.NEAR}, Level.REDIRECT, 1, Situation.MISMATCH),
        ({"nik": Agreement.DIFFERS}, Level.REDIRECT, 1, Situation.MISMATCH),
        ({"name": Agreement.NEAR}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"name": Agreement.DIFFERS}, Level.REDIRECT, 1, Situation.MISMATCH),
        ({"birth_date": Agreement.DIFFERS}, Level.REDIRECT, 1, Situation.MISMATCH),
        ({"rival": 0.02}, Level.REDIRECT, 1, Situation.MISMATCH),
        ({"verdict": Verdict.REVIEW}, Level.REDIRECT, 1, Situation.MISMATCH),
        ({"verdict": Verdict.NONE, "kpjs": ()}, Level.REDIRECT, 1, Situation.NOT_FOUND),
        ({"missing": (Field.BIRTH_PLACE,)}, Level.FULL, 1, Situation.ONE_KPJ),
        ({"channel": Channel.WHATSAPP, "authentic": False}, Level.FULL, 1, Situation.ONE_KPJ),
        (
            {"channel": Channel.WHATSAPP, "named_only": True},
            Level.MASKED,
            2,
            Situation.ONE_KPJ_MASKED,
        ),
        ({"in_group": True}, Level.REDIRECT, 1, Situation.GROUP),
        ({"sent_elsewhere": True}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"channel": Channel.OTHER}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
        ({"channel": Channel.WEB}, Level.MASKED, 2, Situation.ONE_KPJ_MASKED),
    ],
    ids=str,
)
def test_one_change_of_a_proven_case(change, level, approvals, situation):
    decision = decide(replace(STRONG, **change), POLICY)
    assert (decision.level, decision.approvals, decision.situation) == (
        level,
        approvals,
        situation,
    )


def test_what_is_missing_is_asked_for_and_nothing_else():
    case = replace(STRONG, nik=Agreement.ABSENT, missing=(Field.NIK,))
    decision = decide(case, POLICY)
    assert (decision.level, decision.missing) == (Level.ASK, (Field.NIK,))
    assert decision.kpjs == ()


def test_a_message_without_a_claim_is_asked_for_everything():
    case = replace(STRONG, claims=0, about=None, missing=())
    decision = decide(case, POLICY)
    assert (decision.situation, decision.missing) == (Situation.INCOMPLETE, tuple(Field))


@given(cases)
@settings(max_examples=500)
def test_a_whole_number_needs_every_condition(case):
    if decide(case, POLICY).level is not Level.FULL:
        return
    assert (case.about, case.verdict, case.claims) == (About.SELF, Verdict.MATCH, 1)
    assert {case.nik, case.birth_date, case.name} == {Agreement.EXACT}
    assert case.rival <= POLICY.limits.rival
    vouched = {
        "account": not case.named_only,
        "dmarc": case.authentic,
        "verified": case.verified,
        "none": False,
    }
    assert vouched[POLICY.of(case.channel).sender]
    assert not case.reply_to_differs
    assert "two_from" not in case.defects
    assert case.people_asked <= POLICY.limits.people


@given(cases, st.sampled_from(sorted(WEAKENINGS)))
@settings(max_examples=1_000)
def test_weaker_evidence_never_says_more(case, how):
    for rules in (POLICY, LENIENT):
        before, after = decide(case, rules), decide(WEAKENINGS[how](case), rules)
        assert not weaker(before, after)


@given(cases)
def test_even_a_lenient_policy_asks_two_people_for_an_unknown_sender(case):
    decision = decide(replace(case, channel=Channel.EMAIL, authentic=False), LENIENT)
    assert decision.level is not Level.FULL or decision.approvals == 2


@given(cases)
def test_someone_else_possibly_meant_is_never_told_about(case):
    decision = decide(replace(case, rival=0.011), LENIENT)
    assert not decision.level.shows
    assert decision.kpjs == ()


@given(cases)
def test_nothing_is_shown_or_asked_for_in_a_group(case):
    decision = decide(replace(case, in_group=True), LENIENT)
    assert decision.level is Level.REDIRECT
    assert (decision.situation, decision.kpjs) == (Situation.GROUP, ())


@given(cases)
def test_every_reason_has_words_and_numbers_come_only_with_levels_that_show(case):
    decision = decide(case, POLICY)
    assert set(decision.reasons) <= reasons.CODES
    assert bool(decision.kpjs) == decision.level.shows
    assert decision.approvals == 1 or decision.level.shows


@given(cases, st.sampled_from([*Situation, "unconfirmed", "anything"]))
def test_another_macro_never_says_more_than_was_decided(case, situation):
    decision = decide(case, POLICY)
    chosen = restrict(decision, situation)
    assert not weaker(decision, chosen)
    assert set(chosen.kpjs) <= set(decision.kpjs)
    if fits(decision, situation) and situation.endswith("_masked"):
        assert chosen.level is Level.MASKED


def test_less_is_weaker_and_so_is_one_more_approval():
    one = Decision(Level.FULL, 1, Situation.ONE_KPJ, ())
    two = replace(one, approvals=2)
    masked = replace(two, level=Level.MASKED)
    assert [weaker(two, one), weaker(masked, two), weaker(one, one)] == [True, True, False]
