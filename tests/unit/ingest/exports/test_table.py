"""Reading our own form: CSV as offices save it, JSON lines, and what is wrong in them."""

import csv
import datetime as dt
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.i18n import translations
from helpdesk.ingest.exports import table
from helpdesk.ingest.exports.phones import e164
from helpdesk.ingest.exports.table_rows import COLUMNS
from helpdesk.ingest.exports.types import (
    Event,
    ExportedFile,
    ExportedMessage,
    ExportError,
    Skipped,
)
from tests.unit.ingest.exports.members import Members
from tests.unit.ingest.exports.memory import JAKARTA, LongExport, single

AT = "2026-11-20T10:30:00+07:00"


def read(text: str | bytes, name: str = "messages.csv") -> list:
    raw = text if isinstance(text, bytes) else text.encode()
    return list(table.read(single(name, raw), JAKARTA))


def row(**values: object) -> ExportedMessage | Skipped:
    """Read one row of JSON lines that has what is required and these."""
    (item,) = read(json.dumps({"thread": "t", "sent_at": AT, **values}) + "\n")
    return item


cells = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"))).map(str.strip)
multiline = st.lists(cells, max_size=3).map("\n".join).map(str.strip)


@settings(max_examples=60)
@given(said=st.lists(multiline, min_size=1, max_size=8), data=st.data())
def test_what_is_written_in_any_variant_is_read_back(said, data) -> None:
    delimiter = data.draw(st.sampled_from(",;\t"))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    line_end = data.draw(st.sampled_from(["\n", "\r\n"]))
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(["Thread", " sent_at", "TEXT"])
    writer.writerows(("t", AT, text) for text in said)

    found = read(file.getvalue().encode(encoding))

    assert [message.text for message in found] == said


@settings(max_examples=60)
@given(st.lists(multiline, min_size=1, max_size=8))
def test_csv_and_json_lines_say_the_same(said) -> None:
    rows = [{"thread": "t", "sent_at": AT, "text": text} for text in said]
    file = io.StringIO()
    writer = csv.DictWriter(file, ("text", "sent_at", "thread"))
    writer.writeheader()
    writer.writerows(rows)
    as_json = "".join(json.dumps(one) + "\n" for one in rows)

    assert read(file.getvalue()) == read(as_json, name="messages.jsonl")


HEADERS = [b"", b"thread,sent_at,text\n", b'{"thread":"t","sent_at":"2026-11-20T10:30"}\n']
junk = st.binary() | st.lists(
    st.sampled_from([b'"', b",", b"\n", b"{", b"}", b"t", b'"thread":', b"2026-11-20T10:30", b"["])
).map(b"".join)


@given(st.sampled_from(HEADERS), junk)
def test_whatever_bytes_come_nothing_but_a_refusal_is_raised(header: bytes, raw: bytes) -> None:
    try:
        found = read(header + raw)
    except ExportError:
        return
    for item in found:
        assert isinstance(item, Skipped) or (item.thread and item.sent_at.tzinfo is dt.UTC)
        assert "\x00" not in str(item)


def test_every_column_is_read() -> None:
    message = row(
        text=" halo ",
        direction="in",
        sender="77",
        sender_name="Siti  Contoh",
        message_id="m1",
        channel="Telegram",
        handle="@siti",
        phone="0812-9000-1234",
        platform_id="77",
        title="Siti",
        event="sticker",
        files=["a.jpg"],
        edited=True,
    )

    assert message == ExportedMessage(
        thread="t",
        sent_at=dt.datetime(2026, 11, 20, 3, 30, tzinfo=dt.UTC),
        ours=False,
        sender="77",
        sender_name="Siti Contoh",
        title="Siti",
        text="halo",
        message_id="m1",
        event=Event.STICKER,
        files=(ExportedFile("a.jpg"),),
        edited=True,
        defects=("file_missing",),
        platform_id="77",
        handle="siti",
        phone="+6281290001234",
        channel="other",
        service="Telegram",
    )


def test_a_channel_of_ours_is_no_service() -> None:
    message = row(text="x", channel="WhatsApp")

    assert (message.channel, message.service) == ("whatsapp", "")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-20T10:30:00+07:00", "2026-11-20T03:30:00+00:00"),
        ("2026-11-20 10:30", "2026-11-20T03:30:00+00:00"),
        ("2026-11-20T10:30:15.250Z", "2026-11-20T10:30:15.250000+00:00"),
    ],
)
def test_a_time_without_a_zone_has_that_of_the_settings(written: str, utc: str) -> None:
    assert row(text="x", sent_at=written).sent_at.isoformat() == utc


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"thread": " "}, "no_thread"),
        ({"thread": "x" * 256}, "id_too_long"),
        ({"sent_at": ""}, "no_sent_at"),
        ({"sent_at": "20-11-2026 10:30"}, "bad_sent_at"),
        ({"sent_at": "2026-11-20"}, "bad_sent_at"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "bad_sent_at"),
        ({"direction": "masuk"}, "bad_direction"),
        ({"event": "party"}, "bad_event"),
        ({"edited": "mungkin"}, "bad_edited"),
        ({"text": ["a"]}, "bad_row"),
        ({"text": {"a": 1}}, "bad_row"),
        ({"text": 1.5}, "bad_row"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_a_code(values: dict, reason: str) -> None:
    assert row(**values) == Skipped(reason, defective=True)


@pytest.mark.parametrize(
    ("values", "defect"),
    [
        ({}, "empty_text"),
        ({"text": "x" * 70_000}, "text_cut"),
        ({"text": "x", "phone": "rumah"}, "bad_phone"),
        ({"text": "x", "title": "x" * 300}, "name_cut"),
        ({"text": "x", "files": [str(n) for n in range(60)]}, "too_many_files"),
    ],
)
def test_what_is_wrong_with_a_message_is_noted(values: dict, defect: str) -> None:
    message = row(**values)

    assert defect in message.defects
    assert len(message.text) <= 1 << 16
    assert len(message.files) <= 50


def test_a_bad_row_keeps_no_other_from_being_read() -> None:
    found = read(f'thread,sent_at,text\nt,{AT},a\nt,{AT}\nt,{AT},"b"c\nt,{AT},d\n,,\n')

    assert [getattr(item, "text", item) for item in found] == [
        "a",
        Skipped("bad_row", defective=True),
        Skipped("bad_row", defective=True),
        "d",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("[\n{}]", "one object on each line"),
        ("nama,nik\nSiti,1\n", "does not name its columns"),
        ("Siti Contoh saya lupa, mohon bantu\n", "does not name its columns"),
        ("thread,sent_at,pesan\n", "“pesan”"),
        ('{"thread":"t","sent_at":"x","pesan":"y"}\n', "“pesan”"),
        ("thread,text\n", "no column “sent_at”"),
        ("thread,sent_at,text,text\n", "“text” twice"),
        (f'thread,sent_at,text\nt,{AT},"terpot', "cut off"),
        (f"thread,sent_at,text\nt,{AT},a\nt,20", "cut off"),
        (f'{{"thread":"t","sent_at":"{AT}"}}\n{{"thr', "cut off"),
    ],
)
def test_what_is_no_such_table_is_refused_with_what_to_do(text: str, said: str) -> None:
    with pytest.raises(ExportError, match=said) as caught:
        read(text)

    assert "Siti" not in str(caught.value)


def test_a_refusal_can_be_said_in_indonesian() -> None:
    with pytest.raises(ExportError) as caught:
        read("thread,sent_at,pesan\n")

    said = translations("id").gettext(caught.value.text) % caught.value.named
    assert said.startswith("Tabel ini punya kolom yang tidak dikenal: “pesan”.")


def test_an_old_encoding_is_read_line_by_line() -> None:
    found = read(f"thread,sent_at,text\nt,{AT},é\n".encode() + f"t,{AT},é\n".encode("cp1252"))

    assert [message.text for message in found] == ["é", "é"]


def test_files_lie_beside_the_table_or_at_the_place_named() -> None:
    raw = f"thread,sent_at,files\nt,{AT},a.jpg; x/media/b.jpg;../../etc/passwd\n".encode()
    export = Members({"x/messages.csv": raw, "x/a.jpg": b".", "x/media/b.jpg": b".", "c.csv": b""})

    (message,) = table.read(export, JAKARTA)

    assert message.files == (
        ExportedFile("a.jpg", "x/a.jpg"),
        ExportedFile("b.jpg", "x/media/b.jpg"),
        ExportedFile("passwd"),
    )
    assert message.defects == ("file_missing",)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["apa pun.txt"], "apa pun.txt"),
        (["data.csv", "foto.jpg"], "data.csv"),
        (["data.csv", "messages.jsonl"], "messages.jsonl"),
        (["data.csv", "data.jsonl"], None),
        (["a.jpg", "b.jpg"], None),
        ([], None),
    ],
)
def test_the_table_of_an_export_is_known_by_its_name(names: list[str], found: str | None) -> None:
    export = Members(dict.fromkeys(names, b""))

    assert table.member(export) == found
    if found is None:
        with pytest.raises(ExportError, match=r"messages\.csv"):
            list(table.read(export, JAKARTA))


@pytest.mark.parametrize(
    ("start", "filler", "end"),
    [
        (f"thread,sent_at,text\nt,{AT},a\n", b"x", f"\nt,{AT},b\n"),
        (f'thread,sent_at,text\nt,{AT},a\nt,{AT},"', b"x\n", f'"\nt,{AT},b\n'),
        (f"thread,sent_at,text\nt,{AT},a\n", b'"x\n",', f"\nt,{AT},b\n"),
        (f'{{"thread":"t","sent_at":"{AT}","text":"a"}}\n', b"[",
         f'\n{{"thread":"t","sent_at":"{AT}","text":"b"}}\n'),
    ],
    ids=["line", "quoted", "cells", "deep"],
)  # fmt: skip
def test_a_row_without_end_is_passed_over_in_little_memory(start, filler, end) -> None:
    export = LongExport("messages.csv", start.encode(), filler, 2 << 20, end.encode())
    tracemalloc.start()
    texts, skipped = set(), set()

    try:
        for item in table.read(export, JAKARTA):
            (skipped if isinstance(item, Skipped) else texts).add(getattr(item, "text", item))
    except ExportError:
        assert b"\n" in filler  # read from within, the last quote opens a text that nothing closes

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "a" in texts
    assert skipped <= {Skipped("row_too_long", defective=True), Skipped("bad_row", defective=True)}
    assert skipped
    assert peak < 6 << 20


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("+62 812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("+62 (0)812", ""),
        ("0062 812 3456 7890", "+6281234567890"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("3273011708909001", ""),
        ("x" * 100, ""),
    ],
)
def test_phone_numbers_are_known_in_every_spelling(written: str, phone: str) -> None:
    assert e164(written) == phone


@given(st.text())
def test_no_text_is_a_phone_number_of_another_shape(text: str) -> None:
    assert e164(text) == "" or e164(text)[1:].isascii()


def test_the_columns_are_the_documented_ones() -> None:
    text = (Path(table.__file__).parents[3] / "docs" / "exports.md").read_text("utf-8")

    assert [name for name in COLUMNS if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("column", ["3273011708909001", "Siti 0812900", "siti@example.org"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_column_that_is_somebodys_number_or_address_is_not_quoted(
    name: str, column: str
) -> None:
    columns = {"thread": "a", "sent_at": "2026-11-16T09:12:00Z", "text": "b", column: "c"}
    rows = {"a.csv": f"{','.join(columns)}\n{','.join(columns.values())}\n"}
    with pytest.raises(ExportError, match="not known: “…”"):
        list(table.read(single(name, rows.get(name, json.dumps(columns)).encode()), JAKARTA))
