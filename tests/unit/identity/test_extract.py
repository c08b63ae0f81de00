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


def _only(*messages: str, subject: str = ""):
    (claim,) = extract(Conversation(messages, subject), today=TODAY)
    return claim


def test_a_relation_in_the_subject_makes_the_claim_about_somebody_else():
    claim = _only("Nama: Budi Contoh\nNIK: 3273011708909001", subject="KPJ suami saya hilang")
    assert (claim.about, claim.relation) == (About.OTHER, "spouse")


def test_the_writer_of_a_list_of_employees_is_no_participant():
    text = "Saya Ratih dari HRD. Data karyawan:\n1. Andi, Garut, 01-02-1990, 3205010102909012\n"
    assert _only(text).get(Field.FULL_NAME).value == "Andi"


def test_a_date_that_differs_from_the_niks_is_warned_of():
    claim = _only("Nama: Budi Contoh\nTTL: Bandung, 18-08-1990\nNIK: 3273011708909001")
    assert claim.get(Field.NIK).warnings == ("nik_date_differs",)


def test_a_nik_of_the_wrong_length_is_kept_and_doubted():
    fact = _only("Nama: Budi Contoh\nNIK: 327301170890900").get(Field.NIK)
    assert (fact.value, fact.warnings) == ("327301170890900", ("nik_malformed",))
    assert fact.confidence <= 0.5


def test_a_contradiction_nobody_resolved_shows_both_values():
    fact = _only("Nama: Budi\nTgl lahir: 1-2-1990", "Tgl lahir: 1-3-1990").get(Field.BIRTH_DATE)
    assert (fact.value, fact.history) == ("1990-03-01", ("1990-02-01",))
    assert "contradicted" in fact.warnings


def test_of_two_bare_numbers_the_one_with_the_stated_date_is_the_nik():
    claim = _only("Budi Contoh, Bandung, 17-08-1990\n3273011708909001\n3273010101059002")
    assert claim.get(Field.NIK).value == "3273011708909001"


def test_a_labelled_family_card_number_is_no_nik():
    claim = _only("Nama: Budi Contoh\nNo. KK: 3273011708909001\nTgl lahir: 1-2-1990")
    assert claim.get(Field.NIK) is None


def test_an_employee_number_is_no_nik():
    assert _only("Nama: Budi Contoh\nNIK Karyawan: 100234, lupa KPJ").get(Field.NIK) is None


def test_joining_and_leaving_dates_are_no_birth_dates():
    text = "Nama: Budi Contoh, masuk kerja 02-01-1999, resign 30-06-2001. Lupa KPJ"
    assert _only(text).get(Field.BIRTH_DATE) is None


def test_a_year_corrected_alone_changes_only_the_year():
    claim = _only("Nama: Budi\nTgl lahir: 3 Juni 1998\nNIK 3310014306899207", "*1989")
    assert claim.get(Field.BIRTH_DATE).value == "1989-06-03"


def test_the_end_of_a_nik_corrected_alone_changes_only_the_end():
    claim = _only("Nama: Budi\nNIK: 3273011708909001", "maaf 4 angka terakhir 9021")
    assert claim.get(Field.NIK).value == "3273011708909021"


def test_the_start_of_a_nik_corrected_alone_changes_only_the_start():
    claim = _only("Nama: Budi\nNIK: 3273011708909001", "6 digit depan nya 320501")
    assert claim.get(Field.NIK).value == "3205011708909001"


def test_a_year_that_makes_no_date_changes_nothing():
    claim = _only("Nama: Budi\nTgl lahir: 29-02-1988", "*1989")
    assert claim.get(Field.BIRTH_DATE).value == "1988-02-29"


def test_a_request_taken_back_is_no_claim():
    talk = Conversation(("kartu sudah ketemu, tidak jadi. terima kasih\n\nTono",))
    assert extract(talk, today=TODAY) == ()
