import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.matching.evaluation import (
    PRECISION,
    Outcome,
    calibration_error,
    measure,
    outcomes,
    pattern,
)


def member(probability, *, rank=1, stated="NPDI", verdict=""):
    return Outcome(stated, "member", rank, probability, verdict)


def stranger(probability, *, kind="same_name", stated="NPDI"):
    return Outcome(stated, kind, 0, probability)


def query(**facts):
    return {"id": "q1", "full_name": "", "birth_place": "", "birth_date": "", "nik": ""} | facts


def answer(*candidates, decision="review"):
    found = [{"person": p, "kpj": kpj, "probability": chance} for p, kpj, chance in candidates]
    return {"id": "q1", "candidates": found, "decision": decision}


def judged(answered, kpjs, kind="member"):
    truth = {"id": "q1", "kpjs": kpjs, "kind": kind}
    return outcomes([query(full_name="Budi", nik="x")], [answered], [truth])[0]


@pytest.mark.parametrize(
    ("facts", "stated"),
    [
        ({}, "----"),
        ({"full_name": "Budi", "birth_date": "1990-01-01"}, "N-D-"),
        ({"birth_place": "Solo", "nik": None}, "-P--"),
        ({"full_name": "A", "birth_place": "B", "birth_date": "C", "nik": "D"}, "NPDI"),
    ],
)
def test_pattern_says_what_was_stated(facts, stated):
    assert pattern(query(**facts)) == stated


def test_rank_counts_persons_not_records():
    found = answer((7, "A", 0.8), (7, "B", 0.8), (9, "C", 0.1))
    assert judged(found, ["C"]).rank == 2


def test_any_record_of_the_person_meant_is_right():
    found = answer((7, "A", 0.8), (7, "B", 0.8), (9, "C", 0.1), decision="match")
    assert judged(found, ["B"]) == Outcome("N--I", "member", 1, 0.8, "match")


def test_nobody_found_is_no_rank_and_no_probability():
    assert judged(answer(), ["A"]) == Outcome("N--I", "member", 0, 0.0, "review")


def test_query_without_an_answer_is_an_error():
    with pytest.raises(KeyError):
        outcomes([query()], [], [{"id": "q1", "kpjs": [], "kind": "random"}])


def test_recall_is_of_members_and_of_what_identifies_them():
    quality = measure(
        [
            member(0.9),
            member(0.9, rank=5),
            member(0.5, rank=2, stated="NP--"),
            member(0.5, rank=6, stated="-PD-"),
            member(0.0, rank=0, stated="N-D-"),
            stranger(0.99),
        ]
    )
    assert (quality.queries, quality.members) == (6, 5)
    assert quality.recall_1 == 1 / 5
    assert quality.recall_1_identifiable == 1 / 3
    assert quality.recall_5 == 3 / 5


def test_coverage_is_taken_at_the_lowest_threshold_that_keeps_the_precision():
    # 98 right, a stranger (98/99 is too few), two right (100/101 will do), a wrong one again.
    ranked = [member(0.99)] * 98 + [stranger(0.95)] + [member(0.9)] * 2 + [member(0.8, rank=2)]
    point = measure(ranked).at_precision
    assert point.threshold == 0.9
    assert (point.accepted, point.misdirected) == (101, 0)
    assert point.coverage == 100 / 101
    assert point.false_accepts == 1


def test_queries_of_one_probability_are_accepted_together():
    assert measure([member(0.9), stranger(0.9)]).at_precision.accepted == 0


def test_wrong_person_of_a_member_is_misdirected():
    point = measure([member(0.995), member(0.995, rank=2), stranger(0.2)]).at_sure
    assert (point.accepted, point.misdirected, point.precision) == (2, 1, 0.5)
    assert point.coverage == 0.5
    assert point.false_accepts == 0


def test_verdict_is_measured_whatever_the_probability():
    quality = measure([member(0.4, verdict="match"), member(0.999, verdict="review")])
    assert (quality.matched.accepted, quality.matched.precision) == (1, 1)


def test_table_tells_patterns_and_kinds_apart():
    quality = measure(
        [member(0.9)] * 200
        + [member(0.2, rank=2, stated="N---"), stranger(0.9, stated="N---"), stranger(0.1)]
    )
    assert [(one.pattern, one.members, one.others) for one in quality.patterns] == [
        ("NPDI", 200, 1),
        ("N---", 1, 1),
    ]
    assert [(one.recall_1, one.coverage) for one in quality.patterns] == [(1, 1), (0, 0)]
    assert [one.false_accepts for one in quality.patterns] == [0, 1]
    assert quality.kinds == {"same_name": (1, 2)}


def test_reliability_sets_stated_against_observed():
    quality = measure([member(0.75), stranger(0.65), stranger(0.995), stranger(0.0)])
    assert [(one.queries, one.stated, one.right) for one in quality.reliability] == [
        (2, pytest.approx(0.7), 0.5),
        (1, 0.995, 0.0),
    ]


def test_well_calibrated_answers_have_no_error():
    assert calibration_error([*[member(0.75)] * 3, stranger(0.75)] * 15) == 0
    assert calibration_error([member(1.0)] * 30 + [stranger(1e-9)] * 30) < 1e-6


def test_error_is_the_distance_of_stated_from_right():
    assert calibration_error([member(0.7)] * 30) == pytest.approx(0.3)
    assert calibration_error([]) == 0


def test_figures_can_be_kept_as_json_and_read_as_text():
    quality = measure([member(0.9), stranger(0.2)])
    kept = json.loads(json.dumps(quality.as_json()))
    assert kept["at_precision"]["coverage"] == 1
    assert any("same_name: 0 of 1" in line for line in quality.lines())


@given(
    st.lists(
        st.builds(
            Outcome,
            st.sampled_from(["NPDI", "N---", "--D-"]),
            st.sampled_from(["member", "random"]),
            st.integers(0, 7),
            st.floats(0, 1),
        ).map(lambda one: one if one.member else stranger(one.probability))
    )
)
def test_shares_hold_together_whatever_is_measured(ranked):
    quality = measure(ranked)
    assert quality.recall_1 <= quality.recall_5 <= 1
    assert quality.at_precision.precision >= PRECISION
    assert quality.at_precision.coverage <= quality.recall_1
    assert 0 <= quality.calibration_error <= 1
    accepted = [point.accepted for point in quality.curve]
    assert accepted == sorted(accepted, reverse=True)
    assert sum(one.members for one in quality.patterns) == quality.members
