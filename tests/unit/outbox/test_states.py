"""The steps of a delivery, and what an attempt's outcome means."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.outbox.states import (
    DeliveryState,
    Outcome,
    OutcomeKind,
    Phase,
    Step,
    cover,
    kind_of,
    next_state,
    step_of,
)


def test_nothing_a_machine_does_brings_an_unknown_delivery_back_to_be_sent():
    machine = set(Step) - {Step.REPEAT}
    reached = {next_state(DeliveryState.UNKNOWN, step) for step in machine}
    assert reached <= {None, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DEFERRED}


def test_an_unknown_delivery_is_deferred_only_by_the_server_itself():
    steps = [
        step for step in Step
        if next_state(DeliveryState.UNKNOWN, step) is DeliveryState.DEFERRED
    ]  # fmt: skip
    assert steps == [Step.DEFER]


def test_sending_is_entered_only_from_what_was_certainly_not_accepted():
    before = {
        state for state, step in itertools.product(DeliveryState, Step)
        if next_state(state, step) is DeliveryState.SENDING
    }  # fmt: skip
    assert before == {DeliveryState.QUEUED, DeliveryState.DEFERRED}


@pytest.mark.parametrize("state", [DeliveryState.CANCELLED, DeliveryState.FAILED])
def test_what_is_over_stays_over(state: DeliveryState):
    assert {next_state(state, step) for step in Step} == {None}


def test_what_is_sent_can_only_bounce_or_have_been_marked_by_mistake():
    reached = {step: next_state(DeliveryState.SENT, step) for step in Step}
    assert {step: state for step, state in reached.items() if state} == {
        Step.BOUNCE: DeliveryState.FAILED,
        Step.DELAY: DeliveryState.SENT,
        Step.UNMARK: DeliveryState.HANDED,
    }


def test_what_was_handed_over_is_settled_by_people_and_never_queued_or_cancelled():
    reached = {step: next_state(DeliveryState.HANDED, step) for step in Step}
    assert {step: state for step, state in reached.items() if state} == {
        Step.MARK: DeliveryState.SENT,
        Step.FAIL: DeliveryState.FAILED,
        Step.LOSE: DeliveryState.UNKNOWN,
    }


def test_only_what_waits_is_handed_over():
    allowed = [state for state in DeliveryState if next_state(state, Step.HAND)]
    assert allowed == [DeliveryState.QUEUED]


def test_a_reply_is_taken_back_only_from_the_queue():
    allowed = [state for state in DeliveryState if next_state(state, Step.CANCEL)]
    assert allowed == [DeliveryState.QUEUED]


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (OutcomeKind.ACCEPTED, Step.ACCEPT),
        (OutcomeKind.REFUSED, Step.REFUSE),
        (OutcomeKind.REFUSED_FOR_NOW, Step.DEFER),
        (OutcomeKind.NOT_SENT, Step.DEFER),
        (OutcomeKind.UNKNOWN, Step.LOSE),
    ],
)
def test_each_outcome_is_one_step(kind: OutcomeKind, step: Step):
    assert step_of(Outcome(kind, Phase.FINAL, 1), max_attempts=3) is step


def test_the_last_attempt_that_counts_is_a_refusal():
    last = Outcome(OutcomeKind.REFUSED_FOR_NOW, Phase.RCPT, 3, 450)
    assert step_of(last, max_attempts=3) is Step.REFUSE


def test_an_attempt_that_never_spoke_of_the_reply_is_never_the_last():
    wrong_password = Outcome(OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN, 99, 535)
    assert step_of(wrong_password, max_attempts=3) is Step.DEFER


@pytest.mark.parametrize(
    ("phase", "code", "kind"),
    [
        (Phase.RCPT, 550, OutcomeKind.REFUSED),
        (Phase.FINAL, 554, OutcomeKind.REFUSED),
        (Phase.FINAL, 451, OutcomeKind.REFUSED_FOR_NOW),
        (Phase.CONNECT, 554, OutcomeKind.REFUSED_FOR_NOW),
        (Phase.LOGIN, 535, OutcomeKind.REFUSED_FOR_NOW),
        (Phase.MAIL, 530, OutcomeKind.REFUSED_FOR_NOW),
        (Phase.FINAL, 354, OutcomeKind.UNKNOWN),
        (Phase.FINAL, -1, OutcomeKind.UNKNOWN),
        (Phase.DATA, -1, OutcomeKind.NOT_SENT),
    ],
)
def test_a_reply_code_means_what_its_phase_allows(phase: Phase, code: int, kind: OutcomeKind):
    assert kind_of(phase, code) is kind


@given(st.integers(-999, 9999), st.sampled_from(list(Phase)))
def test_no_refusal_before_the_final_dot_is_ever_unknown(code: int, phase: Phase):
    assert (kind_of(phase, code) is OutcomeKind.UNKNOWN) <= (phase is Phase.FINAL)


@given(st.text())
def test_a_covered_text_is_one_bounded_line_without_addresses(text: str):
    covered = cover(text + " <budi.santoso@example.com> 3171 0101 0190 0001 \r\n" + text)
    assert len(covered) <= 300
    assert covered.isprintable()
    assert "budi.santoso@" not in covered
    assert "0101 0190" not in covered


def test_covering_a_long_text_is_bounded_work():
    assert len(cover("a" * 10_000_000)) == 300
