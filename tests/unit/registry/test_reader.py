import csv
import datetime as dt
import gzip
import io
import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.errors import InvalidError
from helpdesk.registry import reader
from helpdesk.registry.reader import COLUMNS, BadRow, RegistryFile, Row, birth_day

HEADER = ",".join(COLUMNS)
GOOD = "99000000017,3273015708909001,SITI CONTOH,BANDUNG,1990-08-17,IBU,PT CONTOH,PU,aktif"


@pytest.fixture
def read(tmp_path):
    def rows(content):
        path = tmp_path / "registry.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with RegistryFile(path) as source:
            return list(source)

    return rows


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{GOOD}\n",
        f"{HEADER}\r\n{GOOD}",
        f"\ufeff{HEADER}\n{GOOD}\n",
        f"{HEADER}\n{GOOD}\n".replace(",", ";"),
        f"{HEADER}\n{GOOD}\n".replace(",", "\t"),
        f"{HEADER.upper()}\n{GOOD}\n\n\n",
        gzip.compress(f"{HEADER}\n{GOOD}\n".encode()),
    ],
    ids=["plain", "crlf", "bom", "semicolon", "tab", "capitals", "gzip"],
)
def test_file_is_read_however_it_was_saved(read, content):
    [row] = read(content)
    assert row == Row(
        *("99000000017", "3273015708909001", "SITI CONTOH", "BANDUNG"),
        dt.date(1990, 8, 17).toordinal(),
        *("IBU", "PT CONTOH", "PU", "aktif"),
    )


def test_latin_1_and_utf_8_lines_are_both_read(read):
    line = GOOD.replace("SITI", "ANDRÉ")
    rows = read(f"{HEADER}\n".encode() + line.encode("latin-1") + b"\n" + line.encode())
    assert [row.full_name for row in rows] == ["ANDRÉ CONTOH"] * 2


def test_columns_may_stand_in_any_order_among_others(read):
    names = ["extra", *reversed(COLUMNS)]
    fields = ["x", *reversed(GOOD.split(","))]
    [row] = read(f"{','.join(names)}\n{','.join(fields)}\n")
    assert (row.kpj, row.status) == ("99000000017", "aktif")


def test_quoted_field_holds_comma_and_line_end(read):
    [row] = read(
        f"{HEADER}\n{GOOD.replace('PT CONTOH', chr(34) + 'PT, CON' + chr(10) + 'TOH' + chr(34))}\n"
    )
    assert row.employer == "PT, CON TOH"


def test_wrong_header_names_what_is_missing(read):
    with pytest.raises(InvalidError, match="lacks birth_date, status"):
        read(HEADER.replace("birth_date", "born").replace(",status", "") + "\n")


def test_a_column_that_is_there_twice_is_refused(read):
    with pytest.raises(InvalidError, match="has nik, change more than once"):
        read(f"{HEADER},nik,change,change\n{GOOD},1,,\n")


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(5000), b"\xff\xfek\x00p\x00"]
)
def test_file_of_another_kind_is_refused(read, content):
    with pytest.raises(InvalidError):
        read(content)


def test_packed_file_cut_in_the_middle_is_refused(read):
    with pytest.raises(InvalidError, match="ends in the middle"):
        read(gzip.compress(f"{HEADER}\n{GOOD}\n".encode() * 99)[:-20])


def test_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(InvalidError, match=r"absent\.csv"):
        RegistryFile(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD.replace("99000000017", "9900000001"), "kpj_not_eleven_digits"),
        (GOOD.replace("99000000017", "9900000001A"), "kpj_not_eleven_digits"),
        (GOOD.replace("SITI CONTOH", "  "), "full_name_missing"),
        (GOOD.replace("1990-08-17", "31-02-1990"), "birth_date_malformed"),
        (GOOD.replace("1990-08-17", "kemarin"), "birth_date_malformed"),
        (GOOD.replace("SITI", "S" * 201), "field_too_long"),
        (GOOD + ",x", "wrong_number_of_fields"),
        ("x", "wrong_number_of_fields"),
        (GOOD.replace("SITI", "S" * 140_000), "unreadable"),
    ],
)
def test_bad_row_is_named_with_line_and_reason_and_the_next_is_read(read, line, reason):
    bad, good = read(f"{HEADER}\n{line}\n{GOOD}\n")
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.reason) == (2, reason)
    assert isinstance(good, Row)


@pytest.mark.parametrize("between", ["\x00", "\t"])
def test_control_characters_do_not_reach_the_registry(read, between):
    [row] = read(f"{HEADER}\n{GOOD}\n".replace("SITI CONTOH", f"SITI{between}CONTOH"))
    assert row.full_name == "SITI CONTOH"


def made(rows, quoting):
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    return text.getvalue().encode()


FIELDS = st.text('AB "\n,;é', max_size=12)


@given(
    st.lists(st.tuples(FIELDS, FIELDS), max_size=20),
    st.integers(1, 200),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_blocks_of_any_size_hold_the_same_rows(tmp_path_factory, texts, size, quoting):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    good = GOOD.split(",")
    rows = [[*good[:2], f"S{name}", *good[3:6], employer, *good[7:]] for name, employer in texts]
    path.write_bytes(made(rows, quoting))
    with patch.object(reader, "BLOCK_BYTES", size), RegistryFile(path) as source:
        found = list(source)
    expected = [re.sub(r"\n+", " ", row[6]).strip() for row in rows]
    assert [row.employer for row in found] == expected


def test_quote_inside_a_name_costs_its_own_row_at_most(tmp_path):
    path = tmp_path / "quote.csv"
    lines = [GOOD, GOOD.replace("SITI", 'SITI "'), *[GOOD] * 3_000]
    path.write_text("\n".join((HEADER, *lines)))
    with patch.object(reader, "BLOCK_BYTES", 70_000), RegistryFile(path) as source:
        assert len(list(source)) == len(lines)


def test_rows_say_whether_they_withdraw(read):
    withdrawn, kept, unknown = read(
        f"{HEADER},change\n99000000017,,,,,,,,,Hapus\n{GOOD},upsert\n{GOOD},x\n"
    )
    assert (withdrawn.kpj, withdrawn.withdrawn, kept.withdrawn) == ("99000000017", True, False)
    assert unknown.reason == "change_unknown"


def test_lines_are_counted_over_blocks(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("\n".join([HEADER, *[GOOD] * 500, "x", *[GOOD] * 500, "y"]))
    with patch.object(reader, "BLOCK_BYTES", 5_000), RegistryFile(path) as source:
        assert [row.line for row in source if isinstance(row, BadRow)] == [502, 1003]


@pytest.mark.parametrize(
    "text", ["1990-08-17", "17-08-1990", "17/8/1990", "17.08.1990", "1990-08-17 00:00:00"]
)
def test_birth_day_knows_the_usual_forms(text):
    assert birth_day(text) == dt.date(1990, 8, 17).toordinal()


@given(st.text())
def test_birth_day_never_raises(text):
    assert birth_day(text) is None or birth_day(text) > 0


@given(st.binary(max_size=300))
def test_any_content_is_rows_or_one_clear_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(HEADER.encode() + b"\n" + content)
    with RegistryFile(path) as source:
        assert all(isinstance(row, Row | BadRow) for row in source)
