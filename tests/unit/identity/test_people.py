"""Whose a fact is: writers, relatives, lists, people come back to."""

import datetime as dt

from helpdesk.identity.extract import extract
from helpdesk.identity.types import About, Claim, Conversation, Field

TODAY = dt.date(2026, 11, 21)


def _claims(*messages: str) -> tuple[Claim, ...]:
    return extract(Conversation(messages), today=TODAY)


def _facts(claim: Claim) -> list[str]:
    return [fact.value for fact in claim.facts]


def test_what_the_writer_says_of_themself_is_not_the_husbands():
    [claim] = _claims(
        "saya Ernawati mau tanya nomor bpjs tk suami saya. nama suami Suparman lahir Purwodadi"
        " 20-12-1976 nik 3315132012769002, kalo nik saya 3315135109809003"
    )
    assert claim.relation == "spouse"
    assert _facts(claim) == ["Suparman", "Purwodadi", "1976-12-20", "3315132012769002"]


def test_the_data_of_a_child_mentioned_in_passing_are_nobodys():
    [claim] = _claims(
        "Kata anak saya Dimas yang lahir 3 Mei 2003 nomornya bisa ditanya di sini. Nomor KPJ saya"
        " hilang. Nama: Siti Muslikhatun, lahir Kudus 3 Juli 1978, NIK 3319054307789002"
    )
    assert claim.about is About.SELF
    assert _facts(claim) == ["Siti Muslikhatun", "Kudus", "1978-07-03", "3319054307789002"]


def test_two_people_under_their_headings_are_two_claims():
    own, his = _claims(
        "Mohon nomor KPJ kami berdua:\n"
        "Saya: Imas Maesaroh, Cianjur, 2 September 1980, NIK 3203054209809001\n"
        "Suami: Ujang Saepudin, Sukabumi, 17 April 1977, NIK 3202101704779002"
    )
    assert (own.about, own.get(Field.FULL_NAME).value) == (About.SELF, "Imas Maesaroh")
    assert (his.relation, his.get(Field.FULL_NAME).value) == ("spouse", "Ujang Saepudin")


def test_both_parents_are_two_people_of_one_relation():
    papa, mama = _claims(
        "minta nomor peserta bapak sama ibu saya ya\n\nBapak\nGunawan Tanoto\nSalatiga,"
        " 5 Desember 1956\n3373010512569001\n\nIbu\nLiem Swan Nio\nAmbarawa, 22 Januari 1960\n"
        "3322106201609002"
    )
    assert (papa.relation, mama.relation) == ("parent", "parent")
    assert mama.get(Field.NIK).value == "3322106201609002"


def test_somebody_of_a_list_is_come_back_to_by_name():
    first, second = _claims(
        "Mohon nomor KPJ karyawan kami:\nNama: Ujang Rohendi\nTTL: Sukabumi, 4-6-1983\n\n"
        "Nama: Neneng Hasanah\nTTL: Cianjur, 18-1-1990",
        "ralat, Ujang Rohendi lahirnya 5-6-1983",
    )
    assert first.get(Field.BIRTH_DATE).value == "1983-06-05"
    assert first.get(Field.BIRTH_DATE).history == ("1983-06-04",)
    assert second.get(Field.BIRTH_DATE).value == "1990-01-18"


def test_namesakes_of_a_list_are_two_people():
    claims = _claims(
        "Mohon nomor KPJ karyawan kami:\n"
        "1. Joko Susilo, Sukoharjo, 02-10-1983, 3311080210839006\n"
        "2. Joko Susilo, Semarang, 05-11-1986, 3374110511869001\n"
        "3. Rubinem, Purworejo, 23-04-1970, 3306046304709003"
    )
    assert [claim.get(Field.NIK).value for claim in claims] == [
        "3311080210839006", "3374110511869001", "3306046304709003",
    ]  # fmt: skip
    assert {claim.relation for claim in claims} == {"employee"}


def test_a_word_for_kin_inside_a_name_says_nothing():
    claims = _claims(
        "mohon nomor KPJ karyawan kami\nCucu Cahyati, Bandung, 1 Agustus 1979, 3273104108799003\n"
        "Asep Saefulloh, Soreang, 6 Sept 1990, 3204370609909110"
    )
    assert [claim.relation for claim in claims] == ["employee", "employee"]


def test_asking_for_the_right_number_corrects_nobody():
    claims = _claims(
        "mohon nomor KPJ yang benar dari karyawan kami\n"
        "Abas Basri, Ternate, 14 Agustus 1983, 8271031408839006\n"
        "Rusli Ibrahim, Soasio, 7 Juli 1985, 8272010707859034"
    )
    assert len(claims) == 2
    assert not any(fact.history for claim in claims for fact in claim.facts)


def test_people_are_employees_when_a_firm_asks_and_not_when_a_family_or_a_friend_does():
    rows = (
        "1. Ahmad Nahrowi, Mirit 01-12-1992, 3305030112929022\n"
        "2. Paing Setiaji, Kebumen 30-08-1993, 3305043008939023"
    )
    by_firm = _claims(f"mohon nomor KPJ karyawan kami\n{rows}")
    signed = _claims(
        f"mohon nomor KPJ berikut:\n{rows}\n\nSalam,\nDina Lestari\nHRD PT Contoh Jaya"
    )
    by_friend = _claims(
        f"min, dua teman magang saya minta nomor KPJ, hp mereka disita mandor\n{rows}"
    )
    by_head = _claims(f"saya ketua RT, ini warga saya minta dicarikan nomor jamsosteknya\n{rows}")
    assert [one.relation for one in by_firm + signed] == ["employee"] * 4
    assert [one.relation for one in by_friend] == ["friend"] * 2
    assert [(one.about, one.relation) for one in by_head] == [(About.OTHER, None)] * 2


def test_what_follows_the_sentence_of_somebody_in_passing_is_the_writers():
    [claim] = _claims(
        "kpj saya ga punya, minta nomernya. Saya Bong Khiuk Fa, mama saya Lim Sui Moi."
        " Lahir Pemangkat tgl 28/2/78. No ktp 6101022802789001"
    )
    assert claim.about is About.SELF
    assert _facts(claim) == ["Bong Khiuk Fa", "Pemangkat", "1978-02-28", "6101022802789001"]


def test_in_a_mail_passed_on_its_author_speaks_of_themself_not_of_the_writer():
    [claim] = _claims(
        "Pak, tolong dicek nomor KPJ suami saya, emailnya saya teruskan di bawah.\n\n"
        "---------- Forwarded message ---------\nDari: Tono <tono@contoh.id>\n"
        "Tanggal: Sel, 3 Nov 2026\nSubjek: data\nKepada: Yani <y@contoh.id>\n\n"
        "ma, ini data saya: Hartono, Pati, 5 Mei 1979, 3318010505799001"
    )
    assert (claim.relation, claim.get(Field.FULL_NAME).value) == ("spouse", "Hartono")


def test_a_line_that_says_whose_an_entry_is_belongs_to_no_entry():
    own, hers = _claims(
        "1. Saya\nNama: Teguh Iman\nTTL: Solo, 1-1-1980\nNIK: 3372010101809001\n\n"
        "2. Istri saya\nNama: Rina Dewi\nTTL: Solo, 2-2-1982\nNIK: 3372014202829002\n\n"
        "Mohon nomor kpj kami berdua"
    )
    assert (own.about, own.get(Field.NIK).value) == (About.SELF, "3372010101809001")
    assert (hers.relation, hers.get(Field.NIK).value) == ("spouse", "3372014202829002")


def test_a_companys_office_asks_about_an_employee_unless_about_themself():
    form = "Nama: Sunaryo\nTTL: Kebumen, 5 Mei 1980\nNIK: 3305010505809001"
    signed = "Hormat kami,\nSuryani\nHRD"
    [claim] = _claims(f"Dengan hormat, kami dari CV Contoh mohon nomor KPJ:\n{form}\n\n{signed}")
    assert (claim.relation, claim.get(Field.FULL_NAME).value) == ("employee", "Sunaryo")
    [own] = _claims(f"Dengan hormat, mohon nomor KPJ saya.\n{form}\n\nSalam,\nSunaryo\nHRD")
    assert own.about is About.SELF


def test_both_of_us_are_asked_about():
    claims = _claims(
        "tolong nomor kpj kami berdua",
        "saya Suryani, Kebumen 5-5-1980, 3305014505809001",
        "suami Sunaryo, Kebumen 6-6-1980, 3305010606809001",
    )
    assert [one.relation for one in claims] == [None, "spouse"]
