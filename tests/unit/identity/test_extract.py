import datetime as dt

from helpdesk.identity.extract import extract
from helpdesk.identity.types import About, Conversation, Field

TODAY = dt.date(2026, 11, 21)


def test_a_labelled_form_becomes_one_claim_about_the_writer():
    text = "Nama: Rahmat Contoh\nTTL: Bandung, 17-08-1990\nNIK: 3273011708909001"
    (claim,) = extract(Conversation((text,)), today=TODAY)
    assert [fact.value for fact in claim.facts] == [
        "Rahmat Contoh", "Bandung", "1990-08-17", "3273011708909001",
    ]  # fmt: skip
    assert claim.about is About.SELF


def test_a_span_holds_the_text_a_fact_was_read_from():
    text = "min, Nama : SITI CONTOH\nTTL : Kab. Garut, 5 Mei 1988"
    (claim,) = extract(Conversation((text,)), today=TODAY)
    raw = [text[fact.span.start : fact.span.end] for fact in claim.facts]
    assert raw == ["SITI CONTOH", "Kab. Garut", "5 Mei 1988"]


def test_the_display_name_alone_is_no_fact():
    assert extract(Conversation(("KPJ saya hilang",), "", "Joko Contoh"), today=TODAY) == ()


def test_a_correction_wins_and_keeps_what_was_said_before():
    first = "Nama Slamet Contoh, nik 3305011111709037"
    talk = Conversation((first, "maaf salah, nik yg bener 3305011111709038"))
    (claim,) = extract(talk, today=TODAY)
    assert claim.get(Field.NIK).history == ("3305011111709037",)
    assert claim.get(Field.NIK).value == "3305011111709038"
