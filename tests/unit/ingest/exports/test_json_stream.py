"""JSON as a stream: the same values as the standard library, whatever the file."""

import io
import itertools
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.ingest.exports import json_guard
from helpdesk.ingest.exports.json_stream import EACH, MAX_SIZE, OPENED, TOO_LARGE, values
from helpdesk.ingest.exports.types import ExportError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab*", max_size=2), inner),
    max_leaves=20,
)


class Endless:
    """A file of a given start, then the same piece as often as wished, then an end."""

    def __init__(self, start: bytes, piece: bytes, times: int, end: bytes = b""):
        self.pieces = itertools.chain([start], itertools.repeat(piece, times), [end])

    def read(self, size=-1):
        return next(filter(None, self.pieces), b"")


def read(data, wanted=((EACH,),), **more):
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    return [value for _, value in values(file, set(wanted), problem="damaged", **more)]


@given(st.lists(JSON, max_size=5), st.booleans(), st.sampled_from([None, 2]))
def test_entries_are_as_the_standard_library_reads_them(entries, ascii_only, indent):
    data = json.dumps(entries, ensure_ascii=ascii_only, indent=indent).encode()

    assert read(data) == entries


@given(st.dictionaries(st.text("ab", max_size=2), JSON, max_size=5))
def test_a_value_at_a_place_is_found_among_others(told):
    data = json.dumps({"x": [told], "a": {"b": told}, "c": told}).encode()

    assert read(data, [("a", "b")]) == [told]


def test_the_beginning_of_an_object_is_told_before_what_is_in_it():
    found = list(values(io.BytesIO(b'[{"a":1},{}]'), {(EACH, "a")}, opened={(EACH,)}, problem="x"))

    assert found == [((EACH,), OPENED), ((EACH, "a"), 1), ((EACH,), OPENED)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b"[1",
        b'["a',
        b'["a"',
        b"[1,]",
        b"[1] x",
        b"{1:2}",
        b'["\xff"]',
        b'["\xed\xa0\x80"]',
        b'["a\nb"]',
        b"nul",
        b"\x00",
        b"[" * 10**6,
        b'{"a":' * 10**5,
    ],
)
def test_what_is_no_whole_json_is_said_to_be_damaged(data):
    with pytest.raises(ExportError, match="damaged"):
        read(data)


@settings(max_examples=150, deadline=None)  # the machine may be busy
@given(st.binary(max_size=200) | st.text('[]{}",:\\u0dD8e1-. ', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_said_to_be_damaged(data):
    try:
        read(
            data,
            [
                (),
            ],
        )
    except ExportError as error:
        assert str(error) == "damaged"


def test_a_byte_order_mark_is_passed_over():
    assert read(b"\xef\xbb\xbf[1]") == [1]


@given(st.lists(st.sampled_from(["\\", '"', "\ud83d", "\ude00", "a", "\U0001f64f", "\x00"])))
@settings(max_examples=150, deadline=None)
def test_half_surrogates_are_left_out_wherever_the_file_is_cut(parts):
    text = "".join(parts)
    data = json.dumps([text]).encode()
    whole = json.loads(data)[0].encode("utf-8", "ignore").decode()

    for size in (1, 2, 5, 7):
        pieces = io.BytesIO(data)
        file = type("Slow", (), {"read": lambda self, _=-1, s=size, p=pieces: p.read(s)})()

        assert read(file) == [whole]


def test_a_value_deeper_or_larger_than_a_message_is_passed_over():
    deep = b"[" * 10**5 + b"]" * 10**5
    many = b"[" + b",".join([b'""'] * MAX_SIZE) + b"]"
    texts = json.dumps(["a" * 60_000] * 20).encode()

    assert read(b"[1," + b",".join([deep, many, texts]) + b",2]") == [1, *[TOO_LARGE] * 3, 2]


def test_half_a_million_open_and_closed_brackets_are_read_quickly():
    begun = time.perf_counter()

    assert read(b"[" * 500_000 + b"]" * 500_000, [("a",)]) == []

    assert time.perf_counter() - begun < 5  # measured 0.3 s


def test_more_brackets_in_a_row_than_a_text_may_have_letters_are_refused():
    with pytest.raises(ExportError, match="damaged"):
        read(b"[" * 10**6 + b"]" * 10**6)


@pytest.mark.parametrize(
    "piece",
    [b"a" * 65_536, b'\\"' * 32_768, b"\\\\" * 32_768, b"\\ud83d" * 10_000, b"\\" * 65_535],
    ids=["letters", "quotes", "backslashes", "half surrogates", "odd"],
)
def test_a_text_of_500_mb_is_refused_without_being_held(piece):
    tracemalloc.start()
    begun = time.perf_counter()

    with pytest.raises(ExportError, match="damaged"):
        read(Endless(b'["', piece, 500_000_000 // len(piece), b'"]'))

    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert time.perf_counter() - begun < 5


def test_a_list_of_500_mb_is_passed_over_without_being_held():
    tracemalloc.start()
    piece = b'"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",' * 800

    found = read(Endless(b'[["",', piece, 300, b'""],1]'))

    assert found == [TOO_LARGE, 1]
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_number_that_python_cannot_read_is_refused():
    """ijson leaves a null pointer in its stead."""
    for digits in (5_000, 200_000):
        with pytest.raises(ExportError, match="damaged"):
            read(b'["a", "1", ' + b"9" * digits + b"]")


def test_people_may_write_many_digits_and_numbers_may_be_large():
    text = "1" * 60_000

    assert read(json.dumps(["\\" + text, 10**300, f'"{text}']).encode()) == [
        "\\" + text,
        10**300,
        f'"{text}',
    ]


def test_what_reading_the_file_raises_comes_through():
    class Damaged:
        def read(self, size=-1):
            if size == 0:
                return b""
            raise ExportError("cut off")

    with pytest.raises(ExportError, match="cut off"):
        read(Damaged())


def test_a_piece_is_never_held_back_for_longer_than_allowed():
    guarded = json_guard.Guarded(Endless(b"", b"\\" * 65_536, 100))

    with pytest.raises(json_guard.TooMuchError):
        while guarded.read():
            pass
