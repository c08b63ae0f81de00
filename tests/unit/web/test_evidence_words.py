"""What an agent reads of a candidate: one sentence, in both languages."""

import pytest

from helpdesk.matching.types import Doubt, Evidence, Level, Verdict, Way
from helpdesk.web import evidence_words
from helpdesk.web.evidence_words import Others

ALL = [
    Evidence(each, Level.EXACT, 9.0) for each in ("full_name", "nik", "birth_place", "birth_date")
]


def test_who_it_is_says_how_sure():
    said = [evidence_words.who("SITI", p, "review", "id") for p in (0.999, 0.95, 0.6, 0.2, 0.01)]

    assert said == [
        "Hampir pasti SITI",
        "Sangat mungkin SITI",
        "Kemungkinan besar SITI",
        "Mungkin SITI",
        "Kecil kemungkinannya SITI",
    ]


def test_without_a_match_nobody_is_said_to_be_meant():
    assert evidence_words.who("SITI", 0.05, Verdict.NONE, "en") == (
        "Nobody fits; SITI is the most alike"
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "id",
            "NIK, tanggal lahir, nama, dan tempat lahir sama. Selain dia tidak ada yang mirip.",
        ),
        ("en", "NIK, birth date, name, and birth place agree. Nobody else is like them."),
    ],
)
def test_what_agrees_is_one_sentence(language, said):
    assert evidence_words.why(ALL, Others(), language) == said


def test_what_differs_comes_after_what_agrees():
    evidence = [
        Evidence("nik", Level.ONE_DIGIT, 8.0),
        Evidence("birth_date", Level.EXACT, 9.0),
        Evidence("birth_place", Level.DIFFERENT, -2.0),
    ]

    said = evidence_words.why(evidence, Others(2, "BUDI", 0.2, "20,0%"), "id")

    assert said == (
        "Tanggal lahir sama, NIK beda satu angka, tetapi tempat lahir berbeda. "
        "Bisa juga BUDI (20,0%)."
    )


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (Others(), "Nobody else is like them."),
        (Others(1, "BUDI", 0.001), "1 other person is like them, but fits far less."),
        (Others(3, "BUDI", 0.001), "3 others are like them, but fit far less."),
        (Others(unlisted=True), "Others of such a name could be meant just as well."),
        (Others(1, "BUDI", 0.3, "30.0%"), "It may also be BUDI (30.0%)."),
    ],
    ids=["nobody", "one", "several", "a crowd", "a rival"],
)
def test_others_are_told_by_how_likely_they_are(others, said):
    assert evidence_words.why([], others, "en") == said


def test_what_was_not_stated_is_said():
    evidence = [Evidence("nik", Level.MISSING, 0.0), Evidence("birth_date", Level.MISSING, 0.0)]

    assert evidence_words.missing(evidence, Level.MISSING, "id") == (
        "NIK dan tanggal lahir tidak disebutkan."
    )
    assert evidence_words.missing(evidence, Level.NOT_RECORDED, "id") == ""


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_code_has_words(language):
    for level in Level:
        assert "_" not in evidence_words.how(level, language)
    said = [evidence_words.doubt(each, language) for each in Doubt]
    said += [evidence_words.way(each, language) for each in Way]
    assert all(each.endswith(".") and "_" not in each for each in said)


def test_unknown_codes_stay_readable():
    assert evidence_words.text("shoe_size", "nearly_so", "en") == "Shoe size nearly so"
