"""What a photographed card adds to a claim."""

import datetime as dt

from helpdesk.identity.extract import extract
from helpdesk.identity.photo.cards import merge
from helpdesk.identity.types import About, Card, Claim, Conversation, Fact, Field, Span

TODAY = dt.date(2026, 11, 21)
NIK = "3273011708909001"


def said(field: Field, value: str, *warnings: str, confidence: float = 0.9) -> Fact:
    return Fact(field, value, confidence, Span(0, 0, 5), warnings)


def shown(field: Field, value: str, confidence: float = 0.9) -> Fact:
    return Fact(field, value, confidence, rule=f"ktp_{field}", box=(1, 2, 30, 4))


def card(name: str = "Agus Setiawan", born: str = "1990-08-17", nik: str = NIK) -> Card:
    return Card(
        (
            shown(Field.FULL_NAME, name),
            shown(Field.BIRTH_PLACE, "Bandung"),
            shown(Field.BIRTH_DATE, born),
            shown(Field.NIK, nik),
        )
    )


def test_a_card_with_the_claims_name_fills_in_what_was_not_written():
    claim = Claim((said(Field.FULL_NAME, "Agus Setiawan"),))
    [joined] = merge([claim], [card()], asks=True)
    assert [fact.value for fact in joined.facts] == [
        "Agus Setiawan", "Bandung", "1990-08-17", NIK,
    ]  # fmt: skip
    assert joined.get(Field.NIK) == Fact(
        Field.NIK, NIK, 0.9, rule="ktp_nik", card=0, box=(1, 2, 30, 4)
    )


def test_a_fact_both_agree_on_is_surer_and_keeps_its_place_in_the_text():
    claim = Claim((said(Field.NIK, NIK, confidence=0.8),))
    fact = merge([claim], [card()], asks=True)[0].get(Field.NIK)
    assert fact is not None
    assert (fact.confidence, fact.span, fact.card) == (0.98, Span(0, 0, 5), 0)


def test_where_they_differ_the_written_value_stands_and_the_card_is_pointed_to():
    claim = Claim((said(Field.FULL_NAME, "Agus Setiawan"), said(Field.BIRTH_DATE, "1990-07-18")))
    fact = merge([claim], [card()], asks=True)[0].get(Field.BIRTH_DATE)
    assert fact is not None
    assert (fact.value, fact.warnings, fact.card) == ("1990-07-18", ("photo_differs",), 0)


def test_a_malformed_nik_gives_way_to_the_cards_and_is_kept_as_said_before():
    claim = Claim((said(Field.NIK, NIK[:-1], "nik_malformed"), said(Field.FULL_NAME, "Agus")))
    fact = merge([claim], [card()], asks=True)[0].get(Field.NIK)
    assert fact is not None
    assert (fact.value, fact.history, fact.span) == (NIK, (NIK[:-1],), None)


def test_a_card_joins_the_person_whose_it_is():
    claims = [
        Claim((said(Field.FULL_NAME, "Siti Aminah"),)),
        Claim((said(Field.FULL_NAME, "AGUS SETIYAWAN"),), About.OTHER, "spouse"),
    ]
    first, second = merge(claims, [card()], asks=True)
    assert first == claims[0]
    assert second.get(Field.NIK) is not None


def test_a_card_that_fits_nobody_is_another_person():
    claim = Claim((said(Field.FULL_NAME, "Siti Aminah"), said(Field.NIK, "3273015708909002")))
    first, second = merge([claim], [card()], asks=True)
    assert first == claim
    assert (second.about, second.get(Field.NIK) is not None) == (About.OTHER, True)


def test_a_card_alone_is_the_writers_own():
    [claim] = merge([], [card()], asks=True)
    assert claim.about is About.SELF


def test_two_photos_of_one_card_are_one_person():
    surer = Card((shown(Field.FULL_NAME, "Agus Setiawan", 0.95), shown(Field.NIK, NIK, 0.95)))
    [claim] = merge([], [card(), surer], asks=True)
    assert claim.about is About.SELF
    assert len(claim.facts) == 4


def test_cards_of_several_people_are_all_of_others():
    other = card("Siti Aminah", "1991-01-01", "3273014101919002")
    claims = merge([], [card(), other], asks=True)
    assert [claim.about for claim in claims] == [About.OTHER, About.OTHER]


def test_a_card_opens_no_claim_where_no_number_is_asked_for():
    assert merge([], [card()], asks=False) == ()


def test_a_card_without_facts_changes_nothing():
    assert merge([], [Card(())], asks=True) == ()


def test_a_photo_without_a_word_is_an_answer():
    [claim] = extract(Conversation(("",)), today=TODAY, cards=[card()])
    assert claim.get(Field.NIK) is not None


def test_a_photo_beside_a_request_is_read_with_it():
    words = "Selamat siang, saya lupa nomor KPJ saya, mohon dibantu. Ini KTP saya."
    [claim] = extract(Conversation((words,)), today=TODAY, cards=[card()])
    assert claim.about is About.SELF
    assert [fact.card for fact in claim.facts] == [0, 0, 0, 0]


def test_a_photo_beside_another_wish_opens_no_claim():
    words = "Saya mau klaim JHT, saldo saya berapa ya? KTP terlampir."
    assert extract(Conversation((words,)), today=TODAY, cards=[card()]) == ()
