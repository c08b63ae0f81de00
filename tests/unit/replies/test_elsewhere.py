"""The e-mail addresses a participant wrote."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.replies.elsewhere import MAX_ADDRESSES, addresses

OWN = "care@example.go.id"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("email saya Rahmat.C@Example.org ya.", ("rahmat.c@example.org",)),
        ("(a@example.org), b@mail.example.org!", ("a@example.org", "b@mail.example.org")),
        ("a@example.org a@example.org", ("a@example.org",)),
        ("tulis ke care@example.go.id", ()),
        ("Care@Example.go.id", ()),
        ("@bpjstkinfo tolong, a@b, x@.org, 17@08", ()),
        ("email:budi+kpj@example.org", ("budi+kpj@example.org",)),
    ],
)
def test_addresses_are_found_in_what_was_written(text, found):
    assert addresses([text], own=OWN) == found


@given(st.lists(st.text() | st.from_regex(r"[a-z.]{1,9}@[a-z.-]{1,20}"), max_size=20))
def test_whatever_is_written_few_addresses_come_out_and_none_is_ours(texts):
    found = addresses([*texts, OWN], own=OWN)
    assert len(found) <= MAX_ADDRESSES
    assert OWN not in found
    assert all(each.count("@") == 1 and not set(each) & set(" \n<>\"'") for each in found)


def test_it_takes_time_in_proportion_to_the_text():
    for piece in ("a@", "a.", "a@a.", "a@" + "a-" * 20):
        started = time.perf_counter()
        addresses([piece * 50_000], own=OWN)
        assert time.perf_counter() - started < 3
