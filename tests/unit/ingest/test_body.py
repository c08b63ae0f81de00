"""Bodies taken apart: nothing a person wrote is hidden, nothing they quoted is theirs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest.body import split_quote

QUOTE = "> Yth. Ibu,\n> mohon kirim NIK\n"
TEXT = "Yth. Ibu,\nmohon kirim NIK\n"

BEFORE_MARKED_LINES = [
    "Pada tanggal Sab, 31 Okt 2020 pukul 22.12 Care <care@example.com> menulis:\n",
    "Pada tanggal Sab, 31 Okt 2020 pukul 22.12 BPJS <\ncare@example.com> menulis:\n",
    "Pada Sab, 31 Okt 2020 22.12, Care <care@example.com> menulis:\n",
    "Pada 1 Juni 2015 10.12, Care <care@example.com> menulis:\n",
    "Pada 31 Okt 2020, pukul 22.12, Care <care@example.com> menulis:\n\n",
    "Pada Sabtu, 31 Oktober 2020 22.12.33 WIB, Care\n<care@example.com> menulis:\n",
    "On Sat, Oct 31, 2020 at 10:12 PM Care <care@example.com> wrote:\n\n",
    "On Saturday, October 31, 2020, 10:12:33 PM GMT+7, Care <care@example.com> wrote:\n",
    "2020-10-31 22:12 GMT+07:00 Care <care@example.com>:\n",
    "Care <care@example.com> menulis:\n",
    "",
]
BEFORE_PLAIN_LINES = [
    "Dari: Care <care@example.com>\nTerkirim: 31 Oktober 2020\nKepada: Siti\nSubjek: KPJ\n\n",
    "____________________\nFrom: Care\nSent: 31 October 2020\nTo: Siti\nSubject: KPJ\n\n",
    "*Dari:* Care\n*Tanggal:* 31 Oktober\n*Kepada:* Siti\n*Cc:* Budi;\n Ani\n*Subjek:* KPJ\n\n",
    "-------- Pesan asli --------\nDari: Care\n",
    "-----Original Message-----\n",
    "---------- Forwarded message ---------\n",
    "---------- Pesan terusan ---------\n",
    "Begin forwarded message:\n\n",
    "Mulai pesan terusan:\n\n",
]


@pytest.mark.parametrize("announcement", BEFORE_MARKED_LINES)
def test_what_stands_below_an_answer_is_quoted(announcement: str) -> None:
    body = split_quote(f"Nama: Siti\n\n{announcement}{QUOTE}")

    assert body.visible == "Nama: Siti\n"
    assert body.quoted == f"\n{announcement}{QUOTE}"


@pytest.mark.parametrize("announcement", BEFORE_PLAIN_LINES)
def test_what_a_mail_program_appends_is_quoted(announcement: str) -> None:
    body = split_quote(f"Nama: Siti\n\n{announcement}{TEXT}")

    assert body.visible == "Nama: Siti\n"
    assert body.quoted == f"\n{announcement}{TEXT}"


@pytest.mark.parametrize("announcement", BEFORE_MARKED_LINES)
def test_an_answer_below_a_quote_is_visible(announcement: str) -> None:
    body = split_quote(f"{announcement}{QUOTE}\nNama: Siti\n")

    assert body.visible == "\nNama: Siti\n"
    assert body.quoted == announcement + QUOTE


def test_answers_between_quoted_lines_keep_the_line_they_answer() -> None:
    body = split_quote("> Mohon:\n> 1. Nama:\nSiti\n> 2. Tempat lahir:\n\nGarut\n> Salam\n")

    assert body.visible == "> 1. Nama:\nSiti\n> 2. Tempat lahir:\n\nGarut\n"
    assert body.quoted == "> Mohon:\n> Salam\n"


def test_answers_above_and_below_a_quote_are_visible() -> None:
    body = split_quote(f"Nama: Siti\n{QUOTE}NIK: 3205\n")

    assert body.visible == "Nama: Siti\nNIK: 3205\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Nama: Siti",
        QUOTE,
        f"---------- Forwarded message ---------\nDari: Siti\n{TEXT}",
        f"Dari: Siti\nTanggal: 31 Oktober 2020\nKepada: Care\nSubjek: KPJ\n\n{TEXT}",
        "Dikirim dari iPhone saya",
        "-- \nSiti",
        "Dari: Siti\nKepada: BPJS\n\nSaya lupa nomor saya",
        "Pada tahun 2020 saya menulis surat ke kantor cabang",
        "Pada hari itu atasan saya menulis:",
    ],
)
def test_a_text_that_is_all_ones_own_or_all_anothers_stays_visible(text: str) -> None:
    assert split_quote(text).visible == text


@pytest.mark.parametrize(
    "line",
    [
        "Dikirim dari iPhone saya",
        "Dikirim dari Yahoo Mail di Android",
        "Terkirim dari ponsel Samsung Galaxy",
        "Dikirim dari Outlook untuk iOS<https://example.com/x>",
        "Dapatkan Outlook untuk Android<https://example.com/x>",
        "Sent from my iPhone",
        "Sent from Yahoo Mail on Android",
        "Get Outlook for iOS",
    ],
)
def test_the_line_a_phone_adds_is_a_signature(line: str) -> None:
    body = split_quote(f"Nama: Siti\n{line}\nNIK: 3205\n")

    assert body.visible == "Nama: Siti\nNIK: 3205\n"
    assert body.signature == f"{line}\n"


@pytest.mark.parametrize("dashes", ["-- ", "--"])
def test_what_follows_two_dashes_is_a_signature(dashes: str) -> None:
    body = split_quote(f"Nama: Siti\n\n{dashes}\nSiti\nPT Contoh\n{QUOTE}")

    assert body.visible == "Nama: Siti\n"
    assert body.signature == f"\n{dashes}\nSiti\nPT Contoh\n"


@pytest.mark.parametrize(
    "below",
    ["NIK: 3205004505889001\n", "lahir di Garut\n", "99000000017\n", "baris\n" * 20],
)
def test_what_tells_who_somebody_is_counts_though_it_follows_two_dashes(below: str) -> None:
    body = split_quote(f"Selamat siang\n-- \n{below}")

    assert body.visible == f"Selamat siang\n-- \n{below}"


def test_lines_past_the_last_one_examined_count_as_quoted() -> None:
    body = split_quote("satu\ndua\ntiga\n", max_lines=2)

    assert (body.visible, body.quoted) == ("satu\ndua\n", "tiga\n")


LINES = st.sampled_from(
    ["> kutipan", "Pada 1 Juni 2015 10.12, A <a@b.c> menulis:", "-- ", "", "NIK 3205", "_____",
     "Dari: A", "Tanggal: 2", "Kepada: C", "Sent from my iPhone", "-----Original Message-----"]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=9), max_size=25).map("\n".join), st.integers(1, 30))
def test_the_pieces_joined_are_the_text(text: str, max_lines: int) -> None:
    body = split_quote(text, max_lines=max_lines)

    joined = "".join(piece.text for piece in body.pieces) or body.visible
    assert joined == text
    assert len(body.visible + body.quoted + body.signature) == len(text)


@given(st.lists(LINES, min_size=1, max_size=25).map("\n".join))
def test_something_is_always_visible(text: str) -> None:
    assert split_quote(text).visible.strip() or not text.strip()


@given(st.lists(st.sampled_from(["Siti", "Garut", "> Nama:", "> x", ""]), max_size=12))
def test_lines_of_ones_own_are_never_hidden_among_marked_ones(lines: list[str]) -> None:
    visible = split_quote("\n".join(lines)).visible.split("\n")

    assert [line for line in visible if line in {"Siti", "Garut"}] == [
        line for line in lines if line in {"Siti", "Garut"}
    ]


@pytest.mark.parametrize(
    "unit",
    ["Pada 1 Juni\n", "Dari: a\nTanggal: b\n", "-- \na\n", "> a\nb\n", "<a@b> menulis:\n", "a",
     "Pada ", "Dikirim dari ", "_", "-", "\n", ">", "Dari:", "(a@", "on 2020 <"],
)  # fmt: skip
def test_reading_takes_time_that_grows_with_length_only(unit: str) -> None:
    ratio = _seconds(unit * (160_000 // len(unit))) / _seconds(unit * (10_000 // len(unit)))

    assert ratio < 16 * 6


def _seconds(text: str) -> float:
    best = 1e9
    for _ in range(3):
        begun = time.perf_counter()
        split_quote(text, max_lines=1_000_000)
        best = min(best, time.perf_counter() - begun)
    return best
