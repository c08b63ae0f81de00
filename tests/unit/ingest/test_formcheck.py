"""What the public form accepts, what it asks again, and the words it makes of it."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.extract import extract
from helpdesk.identity.types import Conversation, Field
from helpdesk.ingest import formcheck
from helpdesk.ingest.formcheck import Facts, Problem, Reach

TODAY = dt.date(2026, 11, 21)
BORN = dt.date(1990, 8, 17)
NIK = "3273011708909001"
TYPED = {
    "full_name": "Rahmat Contoh",
    "birth_place": "Bandung",
    "birth_date": "17-08-1990",
    "nik": NIK,
    "reach": "email",
    "email": "Rahmat@Example.org",
    "consent": "1",
}


def check(**typed: str) -> formcheck.Checked:
    return formcheck.check(
        TYPED | typed, today=TODAY, own_addresses=frozenset({"care@example.org"})
    )


def test_a_whole_form_is_a_request_with_its_address_in_lower_case():
    found = check(
        nik="3273 0117 0890 9001", full_name="  Rahmat \t Contoh ", phone="0812 3456 7890"
    )

    assert found.problems == {} and found.hints == ()
    assert found.request.facts == Facts("Rahmat Contoh", "Bandung", BORN, NIK)
    assert (found.request.address, found.request.phone) == ("rahmat@example.org", "+6281234567890")


@pytest.mark.parametrize(
    "said",
    ["17-08-1990", "17/8/90", "17 Agustus 1990", "17 agt 1990", "1990-08-17", "17081990"],
)
def test_a_birth_date_may_be_written_as_people_do(said):
    assert check(birth_date=said).request.facts.birth_date == BORN


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("full_name", "", Problem.MISSING),
        ("full_name", "12345", Problem.NO_LETTERS),
        ("full_name", "a" * 201, Problem.TOO_LONG),
        ("birth_place", " ", Problem.MISSING),
        ("birth_date", "31-02-1990", Problem.NO_DATE),
        ("birth_date", "kemarin", Problem.NO_DATE),
        ("birth_date", "17-08-2030", Problem.DATE_AHEAD),
        ("birth_date", "17-08-1790", Problem.DATE_LONG_AGO),
        ("nik", "", Problem.MISSING),
        ("nik", NIK[:15], Problem.NIK_LENGTH),
        ("nik", NIK + "1", Problem.NIK_LENGTH),
        ("nik", "32730117089०9001", Problem.NIK_LENGTH),
        ("reach", "pigeon", Problem.MISSING),
        ("email", "", Problem.MISSING),
        ("email", "rahmat@", Problem.NO_EMAIL),
        ("email", "a b@example.org", Problem.NO_EMAIL),
        ("email", "a@example.org, b@example.org", Problem.NO_EMAIL),
        ("email", "rahmat@localhost", Problem.NO_EMAIL),
        ("email", "Care@example.org", Problem.OUR_EMAIL),
        ("question", "a" * 4001, Problem.TOO_LONG),
        ("consent", "", Problem.MISSING),
    ],
)
def test_what_cannot_be_accepted_is_named_at_its_field(name, value, problem):
    found = check(**{name: value})

    assert found.problems == {name: problem} and found.request is None


def test_problems_come_in_the_order_of_the_form():
    found = formcheck.check({}, today=TODAY)

    assert list(found.problems) == [
        *("full_name", "birth_place", "birth_date", "nik", "reach", "consent"),
    ]


@pytest.mark.parametrize("reach", ["whatsapp", "phone"])
def test_a_number_is_needed_only_where_it_is_answered(reach):
    assert check(reach=reach).problems == {"phone": Problem.MISSING}
    assert check(reach=reach, phone="halo").problems == {"phone": Problem.NO_PHONE}
    assert check(reach="email", phone="halo").request.phone == ""
    assert (
        check(reach=reach, phone="0812-3456-7890", email="x").request.address == "+6281234567890"
    )


def test_a_landline_can_be_called_but_not_written_to():
    assert check(reach="phone", phone="(021) 5551 2345").request.address == "+622155512345"
    assert check(reach="whatsapp", phone="(021) 5551 2345").request is None


@pytest.mark.parametrize(
    ("nik", "hint"),
    [
        ("3273015708909001", ()),  # a woman's
        ("3273011808909001", ("nik_date",)),
        ("3273013902909001", ("nik_impossible",)),
    ],
)
def test_a_date_in_the_nik_is_a_hint_and_never_a_refusal(nik, hint):
    found = check(nik=nik)

    assert found.hints == hint and found.request is not None


def test_facts_of_a_call_may_be_left_out_but_not_be_wrong():
    facts, problems = formcheck.check_facts({"nik": "12"}, today=TODAY, needed=False)

    assert problems == {"nik": Problem.NIK_LENGTH}
    assert facts == Facts()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_words_of_a_form_say_its_facts_to_the_reader_of_letters(language):
    words = formcheck.body(
        Facts("Rahmat Contoh", "Bandung", BORN, NIK, "Saya lupa nomor KPJ."), language=language
    )
    (claim,) = extract(Conversation((words,)), today=TODAY)

    assert {fact.field: fact.value for fact in claim.facts} == {
        Field.FULL_NAME: "Rahmat Contoh",
        Field.BIRTH_PLACE: "Bandung",
        Field.BIRTH_DATE: "1990-08-17",
        Field.NIK: NIK,
    }
    assert all(words[fact.span.start : fact.span.end] for fact in claim.facts)
    assert words.endswith("\n\nSaya lupa nomor KPJ.")


@given(st.dictionaries(st.sampled_from([*TYPED, "phone", "question"]), st.text(max_size=300)))
def test_whatever_is_typed_is_checked(typed):
    found = formcheck.check(TYPED | typed, today=TODAY)

    assert (found.request is None) == bool(found.problems)
    if found.request:
        words = formcheck.body(found.request.facts)
        assert "\x00" not in words + found.request.address
        assert found.request.reach in Reach
        words.encode()  # a database can keep it


@given(st.text(max_size=2_000))
def test_paragraphs_keep_what_can_be_seen(text):
    kept = formcheck.paragraph(text)

    assert formcheck.paragraph(kept) == kept and "\n\n\n" not in kept
