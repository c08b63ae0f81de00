"""Replies in words."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import InvalidError
from helpdesk.identity.types import Field
from helpdesk.replies import draft, guard, macros, policy
from helpdesk.replies.disclosure import Decision, Situation, decide
from helpdesk.replies.draft import Addressee, Daypart, Sex, compose
from helpdesk.replies.house import TEMPLATES, _words
from helpdesk.replies.policy import Level
from helpdesk.settings import Agency
from tests.unit.replies.strategies import cases

MACROS = macros.load(TEMPLATES)
POLICY = policy.load(Path("config/policy.toml"))
WORDS = {language: _words(Agency(), language) for language in macros.LANGUAGES}
ONE = Decision(Level.FULL, 1, Situation.ONE_KPJ, (), ("99000000017",))
TWO = Decision(Level.FULL, 1, Situation.SEVERAL_KPJ, (), ("99000000017", "99000000025"))


def write(decision, language="id", **more):
    return compose(
        decision,
        MACROS,
        WORDS[language],
        language=language,
        ticket_id=10482,
        addressee=Addressee("Rahmat Contoh", Sex.MALE),
        daypart=Daypart.PAGI,
        **more,
    )


def test_the_answer_comes_right_after_the_greeting():
    text = write(ONE)
    assert text.body.startswith("Selamat pagi, Bapak Rahmat Contoh.\n\nNomor KPJ Anda")
    assert text.body.index("99000000017") < text.body.index("Langkah selanjutnya")
    assert "99000000017" not in text.subject


@pytest.mark.parametrize("language", macros.LANGUAGES)
@pytest.mark.parametrize("name", MACROS.names())
def test_every_reply_warns_of_fraud_and_says_where_to_go(name, language):
    level = Level.MASKED if name.endswith("_masked") else Level.FULL
    body = write(replace(TWO, level=level), language, situation=name).body
    for word in ("PIN", "OTP", ".go.id", "#10482", "175", "08"):
        assert word in body
    assert ("calo" in body) or ("touts" in body)


@pytest.mark.parametrize(("language", "written"), [("id", "pesan ini"), ("en", "message")])
@pytest.mark.parametrize(
    "name", sorted({*MACROS.names()} - {Situation.REOPEN_WINDOW, Situation.GROUP})
)
def test_a_caller_is_never_asked_to_reply_to_a_message(name, language, written):
    level = Level.MASKED if name.endswith("_masked") else Level.FULL
    body = write(replace(TWO, level=level), language, situation=name, spoken=True).body
    assert written not in body
    assert "lampir" not in body


def test_several_numbers_are_listed_with_the_advice_to_merge_them():
    body = write(TWO).body
    assert "1. 99000000017\n" in body
    assert "2. 99000000025\n" in body
    assert "amalgamasi" in body


def test_masked_numbers_show_their_last_four_digits():
    masked = replace(TWO, level=Level.MASKED, situation=Situation.SEVERAL_KPJ_MASKED)
    body = write(masked).body
    assert "•••••••0017" in body
    assert "99000000017" not in body


def test_exactly_what_is_missing_is_asked_for():
    decision = Decision(Level.ASK, 1, Situation.INCOMPLETE, (), (), (Field.BIRTH_DATE, Field.NIK))
    body = write(decision).body
    assert "1. Tanggal lahir" in body
    assert "2. NIK" in body
    assert "Tempat lahir" not in body


def test_mismatch_not_found_and_withheld_are_the_same_letter():
    quiet = (Situation.MISMATCH, Situation.NOT_FOUND, Situation.REDIRECT)
    texts = [write(Decision(Level.REDIRECT, 1, situation, ())) for situation in quiet]
    assert len({(text.subject, text.body) for text in texts}) == 1


@pytest.mark.parametrize(
    ("level", "situation"),
    [(Level.MASKED, "one_kpj"), (Level.REDIRECT, "one_kpj"), (Level.ASK, "one_kpj_masked")],
)
def test_a_macro_that_shows_more_than_decided_is_refused(level, situation):
    with pytest.raises(InvalidError):
        write(replace(ONE, level=level), situation=situation)


def test_a_masked_macro_may_be_chosen_where_a_whole_number_may_be_shown():
    assert "•••••••0017" in write(ONE, situation="one_kpj_masked").body


@given(cases, st.sampled_from(macros.LANGUAGES))
def test_whatever_the_case_only_allowed_numbers_are_in_the_reply(case, language):
    decision = decide(case, POLICY)
    body = write(decision, language).body
    assert guard.problems(body, draft.whole_numbers(decision)) == ()
    for kpj in ("99000000017", "99000000025"):
        assert (kpj in body) == (kpj in decision.kpjs and decision.level is Level.FULL)


@pytest.mark.parametrize(
    ("name", "nik", "greeting"),
    [
        ("RAHMAT CONTOH", "3273011708909001", "Selamat sore, Bapak Rahmat Contoh."),
        ("siti aminah", "3273015708909001", "Selamat sore, Ibu Siti Aminah."),
        ("Nur'aini Contoh", "", "Selamat sore, Nur'aini Contoh."),
        ("", "3273011708909001", "Selamat sore, Bapak/Ibu."),
        ("menang www.evil.example", "", "Selamat sore, Bapak/Ibu."),
        ("0812 3456 789", "", "Selamat sore, Bapak/Ibu."),
        ("Budi\nBcc: x", "", "Selamat sore, Bapak/Ibu."),
        ("{{ 7*7 }}", "", "Selamat sore, Bapak/Ibu."),
        ("a" * 61, "", "Selamat sore, Bapak/Ibu."),
        ("M. Rizki", "3273019908909001", "Selamat sore, M. Rizki."),
    ],
)
def test_greetings_use_a_name_only_where_it_is_one(name, nik, greeting):
    assert draft.greet(draft.addressee(name, nik), Daypart.SORE, "id") == greeting


@pytest.mark.parametrize(
    ("hour", "part"), [(2, "malam"), (3, "pagi"), (11, "siang"), (15, "sore"), (18, "malam")]
)
def test_the_day_has_four_parts(hour, part):
    assert draft.daypart_at(hour) == part


def test_english_greets_by_time_and_title():
    assert (
        draft.greet(Addressee("Siti", Sex.FEMALE), Daypart.MALAM, "en") == "Good evening, Ms Siti."
    )
    assert draft.greet(Addressee(), Daypart.PAGI, "en") == "Good morning."


def test_the_agent_signs_below():
    signed = draft.sign("Isi.\n", agent_name="Dewi", agency_name="BPJS", language="id")
    assert signed == "Isi.\n\nHormat kami,\nDewi\nBPJS\n"


@given(st.text(), st.text())
def test_no_name_breaks_the_greeting(name, nik):
    assert "\n" not in draft.greet(draft.addressee(name, nik), Daypart.PAGI, "id")
