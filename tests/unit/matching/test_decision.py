import datetime as dt
from math import log2

import pytest

from helpdesk.matching import decision, features, score
from helpdesk.matching.features import facts
from helpdesk.matching.score import FLAGS, Counts, Thresholds
from helpdesk.matching.strangers import STRANGERS
from helpdesk.matching.types import Doubt, Level, Verdict

DAY = dt.date(1990, 8, 7).toordinal()
ID = "3273010708909001"
PLAIN = score.Weights.from_data(
    {
        "prior_member": 0.85,
        "strangers": dict.fromkeys(STRANGERS, 0.0) | {"any": 0.7, "name_and_date": 0.3},
        "levels": {
            feature: {
                level: {"m": each.m, "u": each.u, "counted": each.counted}
                for level, each in levels.items()
            }
            for feature, levels in score.shipped_weights().levels.items()
        },
    }
)
ME = facts("SITI AMINAH", "BANDUNG", DAY, ID)
COUNTS = Counts(1_000_000, name=1, words=(1, 1), day=50, place=5_000)


def posterior(*others, asked=ME, counts=COUNTS, weights=PLAIN, **known):
    scaled = score.scale(counts, weights)
    weighed = [score.weigh(features.compare(asked, each), scaled) for each in others]
    return decision.posterior(weighed, scaled, **known)


def posterior_bits(other, *, asked):
    return score.weigh(features.compare(asked, other), score.scale(COUNTS, PLAIN)).total


def test_namesakes_share_the_probability_and_leave_room_for_nobody():
    asked = facts("SITI AMINAH", None, None, None)
    found = posterior(*[ME] * 3_000, asked=asked, counts=COUNTS._replace(name=3_000))
    assert max(found.chances) < 1e-3
    assert sum(found.chances) < 1


def test_records_not_fetched_take_their_share():
    asked = facts("SITI AMINAH", "BANDUNG", None, None)
    seen = posterior(ME, asked=asked)
    bits = posterior_bits(ME, asked=asked)
    cut = posterior(ME, asked=asked, unseen=99 * 2.0**bits)
    assert cut.chances[0] < seen.chances[0] / 10


def test_another_nik_makes_a_stranger_of_that_name_and_date_likelier_than_a_slip():
    unstated = posterior(ME, asked=facts("SITI AMINAH", None, DAY, None))
    another = posterior(ME, asked=facts("SITI AMINAH", None, DAY, "1171010708905555"))
    assert unstated.chances[0] > 0.99
    assert another.chances[0] < 0.1


def test_nobody_is_quite_certain_nor_quite_impossible():
    assert posterior(ME).chances[0] == 1 - 1e-6
    nobody = facts("AGUS SETIAWAN", "MEDAN", DAY + 4_000, "1171010101709555")
    assert posterior(nobody).chances[0] == 1e-6


def test_calibration_moves_the_best_and_the_others_make_room():
    near = facts("SITI AMINAH", "MEDAN", DAY, "")
    asked = facts("SITI AMINAH", "BANDUNG", DAY, None)
    plain = posterior(ME, near, asked=asked)
    data = PLAIN.flags
    doubtful = score.Weights(
        **{name: getattr(PLAIN, name) for name in score.Weights.__slots__ if name != "flags"},
        flags=tuple(-3.0 if name == "nik_missing" else 0.0 for name in FLAGS),
    )
    moved = posterior(ME, near, asked=asked, weights=doubtful)
    assert not any(data)
    assert moved.log_odds == plain.log_odds
    assert moved.chances[0] < plain.chances[0]
    assert moved.chances[1] <= moved.chances[0]
    assert sum(moved.chances) <= 1 + 1e-6


def test_somebody_can_be_put_before_the_best():
    near = facts("SITI AMINAH", "MEDAN", DAY, "")
    found = posterior(ME, near, first=1)
    assert found.order == (1, 0)
    assert found.chances[0] < 0.01
    assert found.chances[1] > 0.9


@pytest.mark.parametrize("others", [(ME,), (ME, ME), (facts("AGUS", "", None, ""), ME)])
def test_reckoning_adds_up_to_the_log_odds(others):
    found = posterior(*others)
    bits = 12.34
    told = decision.reckoning(found, bits)
    chance = found.chances[0]
    total = told.prior + bits + told.rivals + told.calibration
    assert total == pytest.approx(log2(chance / (1 - chance)), abs=1e-9)


ALL = (Level.EXACT, Level.EXACT, Level.EXACT, Level.EXACT)
MISSING, DIFFERENT, SAME = Level.MISSING, Level.DIFFERENT, Level.SAME


@pytest.mark.parametrize(
    ("levels", "chances", "verdict", "doubts"),
    [
        (ALL, (0.999,), Verdict.MATCH, ()),
        (ALL, (0.98,), Verdict.REVIEW, (Doubt.UNSURE,)),
        (ALL, (0.99, 0.02), Verdict.REVIEW, (Doubt.RUNNER_UP,)),
        (ALL, (0.05,), Verdict.NONE, (Doubt.UNSURE,)),
        ((DIFFERENT, *ALL[1:]), (0.999,), Verdict.REVIEW, (Doubt.OTHER_NIK,)),
        ((*ALL[:2], DIFFERENT, SAME), (0.999,), Verdict.REVIEW, (Doubt.OTHER_NAME,)),
        ((MISSING, MISSING, *ALL[2:]), (0.999,), Verdict.REVIEW, (Doubt.NOT_ENOUGH,)),
        (
            (Level.ONE_DIGIT_SERIAL, MISSING, *ALL[2:]),
            (0.999,),
            Verdict.REVIEW,
            (Doubt.NOT_ENOUGH,),
        ),
        ((MISSING, *ALL[1:]), (0.999,), Verdict.MATCH, ()),
        ((Level.EXACT, DIFFERENT, *ALL[2:]), (0.999,), Verdict.MATCH, ()),
        ((MISSING, Level.SWAPPED, *ALL[2:]), (0.999,), Verdict.MATCH, ()),
    ],
    ids=[
        *("all_agree", "not_sure", "close_runner_up", "unlikely", "another_nik", "another_name"),
        *("no_nik_no_date", "neighbours_nik", "date_only", "nik_only", "swapped_date"),
    ],
)
def test_verdict_keeps_its_hard_rules(levels, chances, verdict, doubts):
    assert decision.verdict(levels, chances, Thresholds()) == (verdict, doubts)


def test_thresholds_are_those_given():
    strict = Thresholds(accept=0.9999, reject=0.9, runner_up=0.0)
    assert decision.verdict(ALL, (0.999,), strict)[0] is Verdict.REVIEW
    assert decision.verdict(ALL, (0.5,), strict)[0] is Verdict.NONE


def test_flags_say_where_the_evidence_comes_from():
    other = facts("SITI AMINAH", "MEDAN", DAY, "1171010101709555")
    flags = dict(zip(FLAGS, posterior(other).flags, strict=True))
    assert {name for name, value in flags.items() if value} == {
        *("nik_different", "place_different", "other_nik_same_date", "alone"),
    }
