"""The stamp of a form, the secret of its link, and who counts as one sender."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import formstamp

KEY = formstamp.key_from("0" * 64)
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
NONCE = bytes(range(16))


def stamp(key: bytes = KEY) -> str:
    return formstamp.make(NONCE, key=key, now=NOW)


def test_a_stamp_says_when_its_form_was_made():
    read = formstamp.read(stamp(), key=KEY, now=NOW + dt.timedelta(minutes=5))

    assert read == formstamp.Stamp(NOW, NONCE.hex())
    assert read.is_hasty(NOW + dt.timedelta(seconds=2))
    assert not read.is_hasty(NOW + dt.timedelta(seconds=3))


def test_an_old_stamp_and_another_installations_count_for_nothing():
    assert formstamp.read(stamp(), key=KEY, now=NOW + dt.timedelta(hours=25)) is None
    assert formstamp.read(stamp(b"another key"), key=KEY, now=NOW) is None


@given(st.integers(0, 107), st.characters())
def test_no_changed_stamp_counts(at, char):
    changed = stamp()[:at] + char + stamp()[at + 1 :]

    assert changed == stamp() or formstamp.read(changed, key=KEY, now=NOW) is None


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    formstamp.read(text, key=KEY, now=NOW)
    formstamp.is_token(text)
    formstamp.network(text)
    formstamp.hidden(text, key=KEY)


def test_a_link_depends_on_form_content_and_key():
    read = formstamp.read(stamp(), key=KEY, now=NOW)
    other = formstamp.Stamp(NOW, "0" * 32)
    made = {
        formstamp.token(read, b"a", key=KEY),
        formstamp.token(read, b"b", key=KEY),
        formstamp.token(other, b"a", key=KEY),
        formstamp.token(read, b"a", key=b"another"),
    }

    assert len(made) == 4 and all(formstamp.is_token(each) for each in made)
    assert formstamp.token(read, b"a", key=KEY) in made


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_one_sender_is_an_ipv4_address_or_64_bits_of_ipv6(one, other, same):
    assert (formstamp.network(one) == formstamp.network(other)) is same
