import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.registry import keys, layout
from helpdesk.registry.build import columns, marks
from helpdesk.registry.build.work import Memory
from helpdesk.registry.layout import Family, Layout
from helpdesk.registry.reader import Row

NAMES = st.text("ABIS DJ.'-1é", max_size=30) | st.sampled_from(["SITI", "M. RIZKI", "A B C D E F"])
BITS = st.integers(0, 24)


def packed(name):
    return np.frombuffer(columns.marks(name).words, "<u4").reshape(1, -1)


@given(NAMES)
def test_marks_of_a_name_are_those_of_its_codes(name):
    codes = [word.code for word in keys.words(name)]
    found = columns.marks(name)
    letters = 0
    for code in codes:
        letters |= layout.letters(code)
    distinct = list(dict.fromkeys(map(layout.word_mark, codes)))[:4]
    assert found.name == (layout.name_mark(codes) if codes else 0)
    assert found.letters == letters
    assert packed(name)[0].tolist() == distinct + [0] * (4 - len(distinct))


@given(NAMES, BITS)
def test_pairs_of_all_rows_are_the_pairs_of_each(name, bits):
    words = list(map(layout.word_mark, (word.code for word in keys.words(name))))
    found, rows = marks.pairs(packed(name))
    assert sorted(found.tolist()) == sorted(layout.pair_marks(words))
    assert set(rows.tolist()) <= {0}
    plan = Layout(pair=bits)
    buckets = marks.buckets(Family.PAIR, found, bits).tolist()
    tags = found.astype(np.uint32).tolist()
    expected = [layout.pair_key(plan, mark) for mark in found.tolist()]
    assert list(zip(buckets, tags, strict=True)) == expected


@given(st.integers(1, 9_999_999_999_999_999), BITS)
def test_niks_are_spread_alike(nik, bits):
    found, _ = marks.niks(np.array([0, nik], np.int64))
    bucket = marks.buckets(Family.NIK, found, bits).tolist()
    key = layout.nik_key(Layout(nik=bits), nik)
    assert (bucket, found.astype(np.uint32).tolist()) == ([key[0]], [key[1]])


@given(st.integers(1, 65_535), st.integers(1, 0xFFFF_FFFF), BITS)
def test_words_on_days_are_filed_alike(day, word, bits):
    words = np.array([[word, 0, 0, 0]], np.uint32)
    found, rows = marks.days(np.array([day], np.uint16), words)
    [bucket] = marks.buckets(Family.DAY, found, bits).tolist()
    assert (bucket, word) == layout.day_key(Layout(day=bits), day, word)
    start, end = layout.day_range(day)
    assert start <= bucket < end
    assert rows.tolist() == [0]


@given(st.integers(0, 2**64 - 1), st.integers(0, 65_535), BITS)
def test_pairs_at_places_are_filed_alike(pair, place, bits):
    found = marks.spots(np.array([pair], np.uint64), np.array([place], np.uint16))
    [bucket] = marks.buckets(Family.SPOT, found, bits).tolist()
    key = layout.spot_key(Layout(spot=bits), pair, place)
    assert (bucket, found.astype(np.uint32).tolist()[0]) == key


@pytest.mark.parametrize("born", [None, 1, 693_595, 693_596, 759_130, 759_131, 3_000_000])
def test_birth_dates_are_coded_alike(born):
    row = Row("99000000017", "", "SITI", "", born, "", "", "", "")
    work = Memory()
    columns.write(work, 0, [row])
    [stored] = columns.read(work, 0)
    assert stored["day"] == layout.day_code(born)
    assert stored["born"] == (born or 0)
