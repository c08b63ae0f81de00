"""What a finished text may not contain."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.replies.guard import Problem, problems

KPJ = "99000000017"
OTHER = "99000000025"
NIK = "3273011708909001"


@pytest.mark.parametrize(
    "text",
    [
        f"Nomor KPJ Anda: {KPJ}",
        f"1. {KPJ}\n2. {KPJ}",
        "Nomor KPJ Anda: 99 0000 00017",
        "Hubungi 175, setiap hari pukul 06.00-22.00 WIB, atau (021) 520 7797.",
        "Lahir 17-08-1990, tiket #10482, www.bpjsketenagakerjaan.go.id",
        "https://sso.bpjsketenagakerjaan.go.id/masuk dan care@bpjsketenagakerjaan.go.id",
        "KTP dan/atau Kartu Keluarga, 08.00/15.00",
    ],
)
def test_ordinary_replies_have_no_problem(text):
    assert problems(text, (KPJ,)) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OTHER, Problem.NUMBER),
        (f"{KPJ} dan {OTHER}", Problem.NUMBER),
        (f"{KPJ}{OTHER}", Problem.NUMBER),
        ("99 0000 00025", Problem.NUMBER),
        ("9900-0000-025", Problem.NUMBER),
        ("990.000.000.25", Problem.NUMBER),
        ("9900000\u200b0025", Problem.NUMBER),
        ("9900000\u00a00025", Problem.NUMBER),
        ("９９００００００025", Problem.NUMBER),
        ("٩٩٠٠٠٠٠٠٠25", Problem.NUMBER),
        ("9900000\u20110025", Problem.NUMBER),
        (NIK, Problem.NIK),
        ("3273 0117 0890 9001", Problem.NIK),
        ("327301.170890.9001", Problem.NIK),
        ("https://bit.ly/abc", Problem.LINK),
        ("bit.ly/abc", Problem.LINK),
        ("HTTP://Evil.example/go.id", Problem.LINK),
        ("www.bpjs.example", Problem.LINK),
        ("https://bpjsketenagakerjaan.go.id@evil.example/", Problem.LINK),
        ("https://bpjsketenagakerjaan.go.id.evil.example/", Problem.LINK),
        ("", Problem.EMPTY),
        (" \n", Problem.EMPTY),
        ("a" * 20_001, Problem.TOO_LONG),
    ],
)
def test_what_may_not_leave_is_found_however_it_is_written(text, problem):
    assert problem in problems(text, (KPJ,))


@given(
    st.text(max_size=50), st.text(max_size=50), st.sampled_from(["", " ", "-", ".", "\u00a0", "/"])
)
def test_an_unallowed_number_is_found_between_anything(before, after, joint):
    number = joint.join(("9900", "0000", "025"))
    text = f"{before}\n{number}\n{after}"
    assert Problem.NUMBER in problems(text)


@given(st.text())
def test_no_text_breaks_it(text):
    assert isinstance(problems(text, (KPJ,)), tuple)


def test_time_grows_with_the_text():
    def cost(size: int) -> float:
        text = ("9 " * size + "a." * size + "1-" * size + "x" * size + "/")[: 5 * size]
        start = time.perf_counter()
        problems(text)
        return time.perf_counter() - start

    cost(100)
    small, large = (min(cost(size) for _ in range(5)) for size in (400, 3_200))
    assert large < 40 * small + 0.01


@pytest.mark.parametrize(
    "body",
    [
        "Empat angka: 9900\nlalu 0000\nlalu 017",
        "99 satu 000 dua 000 tiga 017",
        "9-9-0-0-0-0-0-0-0-1-7",
        "\uff19\uff19000000017",
    ],
)
def test_a_candidates_number_cannot_be_spread_over_the_text(body):
    assert problems(body, (), (KPJ,)) == (Problem.NUMBER,)


def test_hours_and_telephone_numbers_are_no_candidates_number():
    assert problems("175, pukul 06.00-22.00\n08.00-15.00", (), (KPJ,)) == ()
