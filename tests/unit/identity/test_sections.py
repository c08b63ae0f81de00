import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.reading import read
from helpdesk.identity.sections import section_quotes, sections
from helpdesk.identity.sections.section_lines import cut


def _left(text: str) -> str:
    reading = read(0, text)
    low = reading.without(sections.find(reading).blank).low
    return "\n".join(" ".join(line.split()) for line in low.split("\n") if line.strip())


def _card(text: str) -> str:
    return "|".join(text[start:end].strip() for start, end in sections.find(read(0, text)).card)


HEADS = {
    "gmail": "Pada Kam, 12 Nov 2026 pukul 09.40 Layanan KPJ <care@x.id> menulis:",
    "gmail cut in two": "On Thu, 12 Nov 2026 at 09:40, Layanan KPJ\n<care@x.id> wrote:",
    "outlook": "Dari: Layanan KPJ <care@x.id>\nTerkirim: 12-11-2026\nKepada: Budi\nSubjek: KPJ",
    "outlook in English": "-----Original Message-----\nFrom: BPJS care\nSent: Monday\nTo: Budi",
    "a rule above": "________________\nDari: Layanan KPJ\nTerkirim: Rabu\nKepada: budi@x.id",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_we_wrote_is_not_the_writers(head):
    text = f"besok saya kirim ya\n\n{head}\n\nMohon kirim nama dan NIK.\nRudi Hartono\nPetugas"
    assert _left(text) == "besok saya kirim ya"


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_answers_behind_the_labels_of_our_form_are_the_writers(head):
    form = (
        "Mohon lengkapi:\n1. Nama lengkap : Siti Aminah\n2. NIK (16 digit) :\n\nTerima kasih, Rani"
    )
    assert _left(f"sudah saya isi\n\n{head}\n\n{form}") == (
        "sudah saya isi\n1. nama lengkap : siti aminah"
    )


def test_answers_between_the_lines_keep_the_label_above_them():
    text = (
        "> Mohon isi:\n> 1. Nama lengkap :\nSiti Aminah\n> 2. NIK\n3205014505889002\n> Salam, Rani"
    )
    assert _left(text) == "1. nama lengkap :\nsiti aminah\n2. nik\n3205014505889002"


@pytest.mark.parametrize("value", ["", "....................", "(sesuai KTP)", "3273xxxxxxxxxxxx"])
def test_a_form_that_nobody_filled_says_nothing(value):
    head = HEADS["gmail"]
    text = f"caranya gimana pak?\n{head}\n> Mohon isi:\n> NIK : {value}\n> Tempat lahir : {value}"
    assert _left(text) == "caranya gimana pak?"


MAIL = "Dari: Joko <joko@x.id>\nTerkirim: 9 November 2026\nKepada: hrd\n\nJoko Susilo, Kudus"


@pytest.mark.parametrize(
    "own",
    ["Mohon dibantu email karyawan kami di bawah ini.", "Saya teruskan ya pak", "Mohon follow up",
     "Bagaimana kelanjutannya?", "Tolong dicarikan kpj tim saya, seperti di email bawah", ""],
)  # fmt: skip
def test_a_mail_the_writer_points_to_counts_without_its_head(own):
    assert _left(f"{own}\n\n{MAIL}") == f"{own.lower()}\njoko susilo, kudus".strip()


def test_an_old_mail_below_a_word_of_thanks_does_not_count():
    assert _left(f"Terima kasih, sudah cocok.\n\n{MAIL}") == "terima kasih, sudah cocok."


def test_a_forwarded_mail_counts():
    text = f"---------- Pesan terusan ---------\n{MAIL}"
    assert _left(text) == "joko susilo, kudus"


def test_a_message_quoted_from_end_to_end_is_the_writers():
    assert _left("> Nama: Tuti\n> NIK 3205014101919001") == "nama: tuti\nnik 3205014101919001"


def test_one_line_from_somebody_is_no_head_of_a_mail():
    text = "Dari: Hadi Purnomo\nTTL: Jepara, 1 Mei 1980"
    assert _left(text) == text.lower()


@pytest.mark.parametrize(
    "example",
    ["Contoh: Budi, Bandung 1-1-1990", "Contoh pengisian:\nNama: Budi\nTTL: Bandung",
     "cth: ANDI#Bandung 1/1/1990#3273010101909001", "Example : Budi, Bandung"],
)  # fmt: skip
def test_an_example_is_nobodys_data(example):
    assert _left(f"{example}\n\nWawan, Subang") == "wawan, subang"


def test_a_name_that_means_example_is_no_example():
    text = "Nama: Budi Contoh\nNIK: 3273011708909001"
    assert _left(text) == text.lower()


def test_what_the_writer_calls_an_example_between_quotation_marks_is_nobodys():
    text = 'formatnya begini? "Nama : Budi\nTTL : Jakarta, 1-1-1990" itu contoh dari grup'
    assert "budi" not in _left(text)


@pytest.mark.parametrize(
    "stamp",
    ["[12/3 10:22] Teh Iis: ", "[20.15, 11/10/2026] Teh Iis: ", "12/03/26 10.22 - Teh Iis: ",
     "[20/11/26, 19.02.31] ~ Teh Iis: "],
)  # fmt: skip
def test_the_stamps_of_a_pasted_chat_are_no_data(stamp):
    assert _left(f"{stamp}halo\n{stamp}Eneng, Garut 1-1-1990") == "halo\neneng, garut 1-1-1990"


def test_our_messages_in_a_pasted_chat_do_not_count():
    chat = "[12/3 10:22] Budi: kpj hilang\n[12/3 10:23] CS BPJS TK: seperti Ibu Yanti, Garut\n"
    assert _left(chat) == "kpj hilang"


LETTER = "Mohon nomor KPJ saya.\n\nHormat saya,\n\n\n"


@pytest.mark.parametrize(
    ("below", "name"),
    [
        ("Budi Santoso", "Budi Santoso"),
        ("(Budi Santoso)", "Budi Santoso"),
        ("ttd\n\nBudi Santoso, S.E.", "Budi Santoso, S.E."),
        ("Budi Santoso\nManager HRD\nPT Maju Jaya\nTelp 021-000000", "Budi Santoso"),
        ("Budi Santoso - personalia PT Maju", "Budi Santoso"),
        ("Bandung, 3 November 2026\n\nBudi Santoso", "Budi Santoso"),
        ("Kuasa Hukum PT Maju\n\nBudi Santoso", "Budi Santoso"),
    ],
)
def test_the_name_under_a_letter_is_found_and_its_card_left_out(below, name):
    assert _left(LETTER + below).strip("()").endswith(name.lower())


def test_a_signature_below_two_dashes_is_found():
    text = "lupa kpj\n\n-- \nRini Kusuma\nAccounting | PT Maju\n+62 811 0000 111"
    assert (_card(text), _left(text)) == (
        "Accounting | PT Maju|+62 811 0000 111",
        "lupa kpj\n--\nrini kusuma",
    )


def test_a_name_over_a_card_ends_a_letter_without_closing_words():
    text = "ini datanya ya\n\nRobert Lay\nSite Manager - CV Timor"
    assert (_card(text), _left(text)) == ("Site Manager - CV Timor", "ini datanya ya\nrobert lay")


def test_data_below_thanks_is_no_signature_card():
    text = "terima kasih\nnama Budi Santoso\nnik 3273011708909001"
    assert _left(text) == text.lower()


def test_the_signers_own_nik_does_not_count_beside_the_one_asked_for():
    text = f"NIK : 6101023010609002\n{LETTER}Bong Sui Khim\nNIK 6172014606879003"
    assert "6172014606879003" not in _left(text)


def test_the_signers_nik_counts_when_it_is_the_only_one():
    assert "6172014606879003" in _left(f"{LETTER}Bong Sui Khim\nNIK 6172014606879003")


def test_the_one_a_letter_goes_to_is_left_out():
    text = "Kepada Yth.\nBapak Sutopo Yuwono\ndi Tempat\n\nSaya mohon nomor KPJ"
    assert _left(text) == "saya mohon nomor kpj"


@pytest.mark.parametrize(
    "footer",
    ["Sent from my iPhone", "Dikirim dari Yahoo Mail di Android", "Dapatkan Outlook untuk Android",
     "This e-mail is confidential. If you are not\nthe intended recipient, call Budi."],
)  # fmt: skip
def test_footers_of_mail_programs_are_left_out(footer):
    assert _left(f"kpj saya hilang\n\n{footer}") == "kpj saya hilang"


WORDS = st.sampled_from(
    [*HEADS.values(), MAIL, "> ", "\n", "nama :", "Budi\n", "contoh: ", "[12/3 10:22] A: ", "--\n",
     "Hormat saya\n", "PT Maju\n", "Dari: ", "Kepada Yth\n", '"', "itu contoh"]
)  # fmt: skip


@given(st.lists(WORDS | st.text(max_size=6), max_size=25).map("".join))
def test_any_text_is_cut_and_every_part_lies_in_it(text):
    found = sections.find(read(0, text))
    assert all(0 <= start < end <= len(text) for start, end in found.blank)
    assert list(found.blank) == sorted(found.blank)
    assert all(0 <= start <= end <= len(text) for start, end in found.card)


@given(st.lists(WORDS | st.text(max_size=6), max_size=25).map("".join))
def test_a_line_counts_or_not_but_never_both(text):
    quotes = section_quotes.find(cut(text.lower()))
    assert not quotes.blank & quotes.kept
