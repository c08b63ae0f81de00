"""Anchors as lines of text."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts.audit import Anchor, format_anchor, key_from, read_anchors

NOW = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)


@given(
    st.lists(
        st.builds(
            Anchor, st.integers(0, 2**63), st.text("0123456789abcdef", min_size=64, max_size=64)
        )
    )
)
def test_anchors_come_back_as_they_were_written(anchors):
    assert read_anchors([format_anchor(NOW, each) for each in anchors]) == anchors


@given(st.lists(st.text()))
def test_reading_anchors_never_raises(lines):
    read_anchors(lines)


def test_line_cut_off_while_written_is_left_out():
    line = format_anchor(NOW, Anchor(7, "a" * 64))

    assert read_anchors([line, line[:-20]]) == [Anchor(7, "a" * 64)]


def test_each_secret_gives_its_own_key():
    assert len({key_from("a"), key_from("b")}) == 2
