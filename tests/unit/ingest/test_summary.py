"""What the queue shows of a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import summary

SUBJECTS = {
    "reply": ("Re: Lupa nomor", "Lupa nomor"),
    "many marks": ("RE: Fwd: Bls: Lupa", "Lupa"),
    "ticket number": ("Re: Lupa nomor [#123]", "Lupa nomor"),
    "folded": ("Lupa\r\n nomor", "Lupa nomor"),
    "only marks": ("Re: ", ""),
    "a word that only looks like one": ("Referensi: kerja", "Referensi: kerja"),
}


@pytest.mark.parametrize(("subject", "clean"), SUBJECTS.values(), ids=SUBJECTS)
def test_subject_is_shown_without_its_noise(subject: str, clean: str):
    assert summary.clean_subject(subject) == clean


def test_preview_is_one_short_line():
    shown = summary.preview("Selamat pagi,\n\n" + "saya lupa nomor " * 50)

    assert shown.startswith("Selamat pagi, saya lupa")
    assert len(shown) <= 140
    assert shown.endswith("…")


LANGUAGES = {
    "Indonesian": ("Selamat pagi, saya lupa nomor KPJ saya, mohon bantuannya", "id"),
    "English": ("Hello, I have lost my card and would like to know the number", "en"),
    "English with an Indonesian word": ("I have lost my number and my kartu, can you help?", "en"),
    "neither": ("Budi 9001", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "language"), LANGUAGES.values(), ids=LANGUAGES)
def test_language_is_told_by_common_words(text: str, language: str | None):
    assert summary.language(text) == language


@given(st.text())
def test_any_text_can_be_summed_up(text: str):
    assert len(summary.clean_subject(text)) <= 200
    assert len(summary.preview(text)) <= 140
    assert summary.language(text) in {"id", "en", None}


def test_a_preview_turns_nothing_that_follows_it():
    assert (
        summary.preview("Min \u202etolong\u2066 saya @\u2068Rani\u2069") == "Min tolong saya @Rani"
    )
