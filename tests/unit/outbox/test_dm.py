"""Direct replies: what may be cut, and that the bytes say what was meant."""

import datetime as dt
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import PermanentError
from helpdesk.outbox import dm
from helpdesk.outbox.dm import DirectReply
from helpdesk.tickets.kinds import Channel

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
FAMILY = "👩\u200d👩\u200d👧\u200d👦"
KPJ, NIK, PHONE = "99000000017", "3273 0117 0890 9001", "+62 812-3456-7890"
LINK = "https://www.bpjsketenagakerjaan.go.id/kantor-cabang?kota=bandung&halaman=2"
# Words that must stay whole, short enough for the smallest limit they are tried with.
WHOLE = (KPJ, NIK, PHONE, LINK, FAMILY * 2, "e\u0301" * 9, "🇮🇩🇮🇩", "•••••••0017")
words = st.sampled_from(WHOLE) | st.text(
    st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=12
).filter(lambda word: word.split() == [word] and not unicodedata.combining(word[0]))
gaps = st.sampled_from([" ", " ", " ", "\n", "\n\n", ". ", "? "])
texts = st.lists(st.tuples(words, gaps), max_size=40).map(
    lambda drawn: "".join(word + gap for word, gap in drawn)
)


@given(texts, st.integers(160, 400))
def test_parts_hold_every_word_in_order_and_none_is_too_long(text, limit):
    parts = dm.split(text, limit)
    assert " ".join(parts).split() == text.split()
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert parts == dm.split(text, limit)


@given(st.text(), st.integers(-5, 60))
def test_whatever_the_text_nothing_is_lost_and_nothing_raises(text, limit):
    parts = dm.split(text, limit)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part.encode("utf-8", "surrogatepass")) <= max(limit, 4) for part in parts)


@given(st.lists(st.sampled_from(WHOLE), min_size=1, max_size=30), st.integers(80, 200))
def test_no_number_link_or_emoji_is_ever_cut(whole, limit):
    parts = dm.split(" dan ".join(whole), limit)
    pieces = [piece.strip() for part in parts for piece in part.split("dan")]
    assert [piece for piece in pieces if piece] == whole


def test_a_short_text_is_one_part_as_it_stands():
    text = "Selamat pagi.\n\n1. Satu\n2. Dua"
    assert dm.split(text, 1_000) == (text,)


def test_no_text_is_no_part():
    assert dm.split(" \n ", 100) == ()


def test_it_is_cut_at_a_paragraph_if_the_part_is_half_full_by_then():
    first, second = "Kalimat satu. Kalimat dua yang lain.", "Kalimat tiga yang panjang sekali."
    assert dm.split(f"{first}\n\n{second}", 60) == (first, second)


def test_else_at_the_end_of_a_sentence():
    text = "Halo.\n\nKalimat pertama cukup panjang di sini. Kalimat kedua juga panjang."
    assert dm.split(text, 60) == (
        "Halo.\n\nKalimat pertama cukup panjang di sini.",
        "Kalimat kedua juga panjang.",
    )


def test_a_list_keeps_its_sign_beside_its_words():
    text = "Langkah selanjutnya adalah:\n1. Hubungilah kami\n2. Datanglah"
    assert dm.split(text, 30) == (
        "Langkah selanjutnya adalah:", "1. Hubungilah kami", "2. Datanglah",
    )  # fmt: skip


@pytest.mark.parametrize("number", [NIK, PHONE, "(021) 520 7797", "99 0000 00017"])
def test_a_number_in_groups_stays_together(number):
    for limit in range(24, 48):
        assert any(number in part for part in dm.split(f"Nomor Anda adalah {number} ya", limit))


def test_length_is_counted_as_the_strictest_platform_does():
    """Instagram: 1000 bytes of UTF-8."""
    assert [len(part) for part in dm.split("é" * 900, 1_000)] == [500, 400]


def test_it_takes_time_in_proportion_to_the_text():
    def seconds(text: str) -> float:
        started = time.perf_counter()
        dm.split(text, 1_000)
        return time.perf_counter() - started

    for piece in ("kata ", " \u0301", "1 ", "a", "\u0301", "👩\u200d", "🇮", "\n\n", ". ", "1. "):
        small = min(seconds(piece * 20_000) for _ in range(3))
        assert seconds(piece * 80_000) < 12 * small + 0.05, repr(piece)


@given(st.sampled_from(Channel), st.text(), st.lists(st.text()).map(tuple))
def test_bytes_say_what_was_meant(channel, recipient, parts):
    reply = DirectReply(channel, recipient, parts)
    assert dm.read(dm.build(reply)) == reply


@given(st.binary() | st.sampled_from([b"{}", b"[1]", b"null", b"[" * 100_000]))
def test_other_bytes_are_refused(content):
    with pytest.raises(PermanentError):
        dm.read(content)


def test_a_reply_does_not_print_whom_it_is_for():
    assert "rahasia" not in repr(DirectReply(Channel.X, "rahasia", ("rahasia",)))


def test_a_window_is_open_until_its_end_and_always_without_one():
    assert dm.window_open(None, NOW)
    assert dm.window_open(NOW + dt.timedelta(seconds=1), NOW)
    assert not dm.window_open(NOW, NOW)
