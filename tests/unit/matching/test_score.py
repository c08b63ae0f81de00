import datetime as dt

import pytest

from helpdesk.matching import score
from helpdesk.matching.features import facts
from helpdesk.matching.score import Rates
from helpdesk.matching.types import Level, Verdict
from helpdesk.registry import keys

DAY = dt.date(1990, 8, 7).toordinal()
NIK = "3273010708909001"
WEIGHTS = score.shipped_weights()
ME = facts("SITI AMINAH", "BANDUNG", DAY, NIK)


def rates(records=1_000_000, **terms):
    return Rates(records, {key.replace("_", ":", 1): count for key, count in terms.items()})


def weigh(other, asked=ME, known=None):
    return score.weigh(asked, other, known or rates(), WEIGHTS)


def bits(scored):
    return dict(
        zip(("nik", "date", "name", "place"), (e.bits for e in scored.evidence), strict=True)
    )


def test_every_level_of_every_fact_has_a_weight():
    assert {"full_name", "word", "birth_date", "nik", "nik_given_date", "birth_place"} == set(
        WEIGHTS.levels
    )
    assert WEIGHTS.levels["nik"].keys() == WEIGHTS.levels["nik_given_date"].keys()


def test_all_facts_agreeing_is_strong_and_adds_up():
    scored = weigh(ME)
    assert scored.bits > 40
    assert scored.bits == pytest.approx(sum(bits(scored).values()))


def test_neighbours_nik_says_little_once_the_date_agrees():
    neighbour = facts("SITI AMINAH", "BANDUNG", DAY, "3273010708909002")
    without_date = facts("SITI AMINAH", "BANDUNG", None, "3273010708909002")
    assert bits(weigh(neighbour))["nik"] < 7 < bits(weigh(without_date))["nik"]


def test_common_name_weighs_less_than_a_rare_one():
    common = rates(**{"name_siti amina": 3_203})
    assert bits(weigh(ME, known=common))["name"] < bits(weigh(ME))["name"] - 8


def test_heaped_date_weighs_less_than_another():
    heaped = Rates(1_000_000, {keys.day_term(DAY): 885})
    usual = Rates(1_000_000, {keys.day_term(DAY): 50})
    assert bits(weigh(ME, known=heaped))["date"] < bits(weigh(ME, known=usual))["date"] - 3


def test_part_of_a_name_never_weighs_as_much_as_all_of_it():
    part = facts("SITI AMINAH RAHAYU", "BANDUNG", DAY, NIK)
    assert 0 < bits(weigh(part))["name"] < bits(weigh(ME))["name"]


def test_other_name_counts_against_but_has_a_floor():
    other = facts("AGUS BUDI CATUR DEDI EKO FAJAR", "BANDUNG", DAY, NIK)
    assert bits(weigh(other))["name"] == -10


def test_what_one_side_lacks_weighs_nothing():
    assert weigh(facts(None, None, None, None)).bits == 0
    assert weigh(ME, asked=facts(None, None, None, None)).bits == 0


def test_namesakes_share_the_probability_and_leave_room_for_nobody():
    asked = facts("SITI AMINAH", None, None, None)
    one = weigh(ME, asked=asked, known=rates(**{"name_siti amina": 3_000}))
    chances = score.probabilities([one] * 3_000, records=1_000_000, weights=WEIGHTS)
    assert max(chances) < 1e-3
    assert sum(chances) < 1


def test_records_not_fetched_take_their_share():
    one = weigh(ME)
    seen = score.probabilities([one], records=1_000_000, weights=WEIGHTS)
    hidden = 99 * 2.0**one.bits
    cut = score.probabilities([one], records=1_000_000, weights=WEIGHTS, unseen=hidden)
    assert cut[0] < seen[0] / 10


def test_name_and_date_alone_leave_room_for_a_stranger_of_that_name_and_date():
    known = rates(**{"name_siti amina": 1})
    plain = weigh(ME, asked=facts("SITI AMINAH", None, DAY, None), known=known)
    placed = weigh(ME, asked=facts("SITI AMINAH", "BANDUNG", DAY, None), known=known)
    for scored, least, most in ((plain, 0.9, 0.98), (placed, 0.99, 1.0)):
        [chance] = score.probabilities([scored], records=1_000_000, weights=WEIGHTS)
        assert least < chance < most


@pytest.mark.parametrize(
    ("other", "probability", "runner_up", "verdict"),
    [
        (ME, 0.999, 0.0, Verdict.MATCH),
        (ME, 0.98, 0.0, Verdict.REVIEW),
        (ME, 0.999, 0.02, Verdict.REVIEW),
        (ME, 0.05, 0.0, Verdict.NONE),
        (facts("SITI AMINAH", "BANDUNG", DAY, "1171010708909555"), 0.999, 0.0, Verdict.REVIEW),
        (facts("BUDI SANTOSO", "BANDUNG", DAY, NIK), 0.999, 0.0, Verdict.REVIEW),
        (facts("SITI AMINAH", "BANDUNG", None, ""), 0.999, 0.0, Verdict.REVIEW),
        (facts("SITI AMINAH", "BANDUNG", DAY, ""), 0.999, 0.0, Verdict.MATCH),
        (facts("SITI AMINAH", "", DAY + 4_000, NIK), 0.999, 0.0, Verdict.MATCH),
    ],
    ids=[
        *("all_agree", "not_sure", "close_runner_up", "unlikely", "another_nik"),
        *("another_name", "no_nik_no_date", "date_only", "nik_only"),
    ],
)
def test_verdict_keeps_its_hard_rules(other, probability, runner_up, verdict):
    assert score.verdict(weigh(other), probability, runner_up, WEIGHTS) is verdict


def test_nobody_found_is_none():
    assert score.verdict(None, 0.0, 0.0, WEIGHTS) is Verdict.NONE


def test_terms_name_each_word_once():
    asked = facts("Siti Siti Aminah", "Bandung", DAY, None)
    assert score.terms(asked) == [
        *("all:", "name:siti siti amina", "word:siti", "word:amina"),
        *(f"day:{DAY}", "place:bandung"),
    ]


def test_levels_without_a_weight_are_the_absent_ones():
    for feature in ("nik", "birth_date", "birth_place"):
        absent = {Level.MISSING, Level.NOT_RECORDED} & set(WEIGHTS.levels[feature])
        assert not absent
