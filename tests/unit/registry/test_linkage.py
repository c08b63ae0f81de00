"""What Splink is told: the matcher's weights, and the keys persons are grouped by."""

import datetime as dt
import json
from importlib import resources

import pytest

from helpdesk.errors import SettingsError
from helpdesk.registry import linkage

BORN = dt.date(1980, 3, 12).toordinal()
RECORD = (7, 99000000017, "3174021203809001", "DJOKO SANTOSO", "Kota Bogor", BORN, "", "", "", "")


@pytest.fixture(scope="module")
def levels():
    text = resources.files("helpdesk.matching").joinpath("weights.json").read_text("utf-8")
    return json.loads(text)["levels"]


def test_a_record_is_compared_by_codes_and_blocked_by_halves_of_the_nik():
    assert dict(zip(("unique_id", *linkage.COLUMNS), linkage.row(RECORD), strict=True)) == {
        "unique_id": 7,
        "kpj": 99000000017,
        "nik": "3174021203809001",
        "region": "3174021",
        "serial": "03809001",
        "digits": "0000011122334789",
        "born": str(BORN),
        "swapped": str(dt.date(1980, 12, 3).toordinal()),
        "either": str(BORN),
        "name": "joko santoso",
        "word1": "joko",
        "word2": "santoso",
        "word3": None,
        "word4": None,
        "place": "bogor",
    } | _codes("DJOKO SANTOSO")


@pytest.mark.parametrize("nik", ["", "317402120380900", "1111111111111111", "31740212A3809001"])
def test_what_is_no_nik_is_not_known(nik):
    assert linkage.row((*RECORD[:2], nik, *RECORD[3:]))[2:6] == (None, None, None, None)


def test_a_record_without_a_date_has_none_either_way():
    assert linkage.row((*RECORD[:5], None, *RECORD[6:]))[6:9] == (None, None, None)


def test_agreement_weighs_what_the_matcher_says(levels):
    said = {
        (comparison["output_column_name"], level["sql_condition"]): level
        for comparison in linkage.settings(levels, 1_000_000)["comparisons"]
        for level in comparison["comparison_levels"]
    }
    exact = said["nik", "nik_l = nik_r AND born_l = born_r"]
    assert exact["m_probability"] == levels["nik_given_date"]["exact"]["m"]
    assert exact["u_probability"] == levels["nik_given_date"]["exact"]["u"]
    assert said["name", "name_l = name_r"]["tf_adjustment_column"] == "name"


def test_every_level_has_odds_and_less_agreement_weighs_less(levels):
    for comparison in linkage.settings(levels, 1_000_000)["comparisons"]:
        unknown, *known = comparison["comparison_levels"]
        assert unknown["is_null_level"]
        assert all(0 < each["m_probability"] < 1 for each in known)
        assert all(0 < each["u_probability"] <= 1 for each in known)
        odds = [each["m_probability"] / each["u_probability"] for each in known]
        assert odds[-1] == min(odds) < 1 < odds[0]


def test_the_more_records_the_less_likely_two_are_of_one_person(levels):
    name = "probability_two_random_records_match"
    few, many = (linkage.settings(levels, n)[name] for n in (1_000, 1_000_000))
    assert few == pytest.approx(1_000 * many)
    assert linkage.settings(levels, 0)[name] < 1


def test_what_is_not_installed_is_said(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(linkage, "import_module", absent)
    with pytest.raises(SettingsError, match=r"needs splink.*helpdesk\[splink\]"):
        linkage._import("splink")
    with pytest.raises(SettingsError, match=r"needs pyspark.*your cluster"):
        linkage._import("pyspark.sql")


def _codes(name):
    words = [word.code for word in linkage.keys.words(name)]
    return {"name": " ".join(sorted(words)), "word1": words[0], "word2": words[1]}
