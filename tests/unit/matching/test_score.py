import datetime as dt
from math import log2

import pytest

from helpdesk.matching import features, score
from helpdesk.matching.features import DATE, LEVELS, NAME, NIK, PLACE, facts
from helpdesk.matching.score import Counts
from helpdesk.matching.strangers import STRANGERS
from helpdesk.matching.types import Level

DAY = dt.date(1990, 8, 7).toordinal()
ID = "3273010708909001"
WEIGHTS = score.shipped_weights()
ME = facts("SITI AMINAH", "BANDUNG", DAY, ID)
USUAL = Counts(1_000_000, name=1, words=(1, 1), day=50, place=5_000)


def weigh(*others, asked=ME, counts=USUAL):
    if len(counts.words) != len(asked.name.words):
        counts = counts._replace(words=(1,) * len(asked.name.words))
    scaled = score.scale(counts, WEIGHTS)
    return [score.weigh(features.compare(asked, each), scaled) for each in others]


def bits(other, feature, **known):
    return weigh(other, **known)[0].bits[feature]


def test_every_level_of_every_fact_has_a_weight():
    assert {"full_name", "word", "birth_date", "nik", "nik_given_date", "birth_place"} == set(
        WEIGHTS.levels
    )
    assert WEIGHTS.levels["nik"].keys() == WEIGHTS.levels["nik_given_date"].keys()


def test_levels_without_a_weight_are_the_absent_ones():
    for feature in ("nik", "birth_date", "birth_place"):
        absent = {Level.MISSING, Level.NOT_RECORDED} & set(WEIGHTS.levels[feature])
        assert not absent


def test_all_facts_agreeing_is_strong():
    assert weigh(ME)[0].total > 40


def test_neighbours_nik_says_little_once_the_date_agrees():
    neighbour = facts("SITI AMINAH", "BANDUNG", DAY, "3273010708909002")
    without_date = facts("SITI AMINAH", "BANDUNG", None, "3273010708909002")
    assert bits(neighbour, NIK) < 7 < bits(without_date, NIK)


@pytest.mark.parametrize(
    ("feature", "counts", "least"),
    [
        (NAME, USUAL._replace(name=3_203), 8),
        (DATE, USUAL._replace(day=885), 3),
        (PLACE, USUAL._replace(place=90_000), 3),
    ],
)
def test_what_many_share_weighs_less(feature, counts, least):
    assert bits(ME, feature, counts=counts) < bits(ME, feature) - least


def test_rarity_and_agreement_of_a_fact_make_up_its_bits():
    [weighed] = weigh(ME)
    rarity = weighed.rarity(score.scale(USUAL, WEIGHTS))
    usual = [
        WEIGHTS.levels[name]["exact"].bits
        for name in ("nik_given_date", "birth_date", "full_name", "birth_place")
    ]
    agreement = [bits - rare for bits, rare in zip(weighed.bits, rarity, strict=True)]
    assert agreement == pytest.approx(usual)


def test_part_of_a_name_never_weighs_as_much_as_all_of_it():
    part = facts("SITI AMINAH RAHAYU", "BANDUNG", DAY, ID)
    assert 0 < bits(part, NAME) < bits(ME, NAME)


def test_other_name_counts_against_but_has_a_floor():
    other = facts("AGUS BUDI CATUR DEDI EKO FAJAR", "BANDUNG", DAY, ID)
    assert bits(other, NAME) == score.NAME_FLOOR_BITS


def test_a_rare_place_has_a_ceiling():
    rare = USUAL._replace(place=1)
    assert bits(ME, PLACE, counts=rare) == pytest.approx(score.PLACE_CAP_BITS)


def test_what_one_side_lacks_weighs_nothing():
    nothing = facts(None, None, None, None)
    assert not any(weigh(nothing)[0].bits)
    assert not any(weigh(ME, asked=nothing)[0].bits)


def test_words_weigh_one_by_one():
    asked, other = facts("Siti Amina Z", None, None, None), facts("SITI AMINAH", "", None, "")
    counts = USUAL._replace(words=(40_000, 200, 1))
    words = WEIGHTS.levels["word"]
    expected = log2(words["same"].m / 0.04) + log2(words["same"].m / 2e-4) + words["added"].bits
    expected += WEIGHTS.partial
    assert bits(other, NAME, asked=asked, counts=counts) == pytest.approx(expected, abs=0.4)


def test_slip_says_less_where_many_are_called_what_is_written():
    asked, other = facts("Dewi Lestari", None, None, None), facts("DWI LESTARI", "", None, "")
    common, unheard = (
        bits(other, NAME, asked=asked, counts=USUAL._replace(words=(count, 200)))
        for count in (10_000, 0)
    )
    assert common < unheard - 5


def test_one_word_may_be_all_that_is_said_of_a_longer_name():
    asked, counts = facts("Wibowo", None, None, None), USUAL._replace(name=260, words=(7_000,))
    whole, longer = (
        bits(facts(name, "", None, ""), NAME, asked=asked, counts=counts)
        for name in ("WIBOWO", "NUGROHO WIBOWO")
    )
    rare = USUAL._replace(name=260, words=(260,))
    assert whole < bits(facts("WIBOWO", "", None, ""), NAME, asked=asked, counts=rare)
    assert whole - 7 < longer < whole - 3


def test_more_words_than_asked_say_less_than_the_very_name_however_rare_each_is():
    asked = facts("Tjoa Kim Kurniawan", None, None, None)
    counts = USUAL._replace(name=40, words=(2_000, 3_600, 11_000))
    same, more = (
        bits(facts(name, "", None, ""), NAME, asked=asked, counts=counts)
        for name in ("KIM TJOA KURNIAWAN", "HENDRA TJOA KIM KURNIAWAN")
    )
    assert more == pytest.approx(same - 1)


def test_in_a_registry_of_few_a_name_is_as_rare_as_usual():
    few = Counts(1, name=1, words=(1, 1), day=1, place=1)
    assert bits(ME, NAME, counts=few) == pytest.approx(
        WEIGHTS.levels["full_name"]["exact"].bits, abs=3
    )


def test_many_records_weigh_as_each_by_itself():
    others = [
        ME,
        facts("SITI AMINAH RAHAYU", "MEDAN", DAY + 1, ""),
        facts("AGUS", "", None, ID),
        facts("AMINAH SITI", "BANDUNG", DAY, "3273010708909002"),
    ]
    assert weigh(*others) == [weighed for each in others for weighed in weigh(each)]


def test_a_person_has_the_best_comparison_of_each_fact():
    right_nik = facts("SITTI AMINA", "BANDUNG", DAY + 4_000, ID)
    right_date = facts("SITI AMINAH", "MEDAN", DAY, "1171010708909555")
    stranger = facts("AGUS SETIAWAN", "MEDAN", None, "")
    rows = weigh(stranger, right_nik, right_date)
    joined = score.of_person(rows[1:])
    assert score.of_person(rows[:1]) == rows[0]
    assert joined.bits == tuple(map(max, rows[1].bits, rows[2].bits))
    assert [LEVELS[level] for level in joined.levels] == [Level.EXACT] * 4


def test_weights_come_from_data_with_all_flags():
    data = {
        "prior_member": 0.8,
        "strangers": dict.fromkeys(STRANGERS, 1),
        "levels": {
            feature: {
                level: {"m": each.m, "u": each.u, "counted": each.counted}
                for level, each in levels.items()
            }
            for feature, levels in WEIGHTS.levels.items()
        },
        "calibration": {"intercept": 0.5, "slope": 0.7, "flags": {"nik_near": -1.0}},
    }
    made = score.Weights.from_data(data)
    assert (made.intercept, made.slope, made.prior_member) == (0.5, 0.7, 0.8)
    assert dict(zip(score.FLAGS, made.flags, strict=True))["nik_near"] == -1.0
    assert sum(map(bool, made.flags)) == 1
