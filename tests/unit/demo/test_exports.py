"""Sample exports whose times are moved to the present: the same conversations, only later."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpdesk.demo import exports, prepare
from helpdesk.demo.shift import shifted
from helpdesk.ingest.exports import whatsapp
from helpdesk.ingest.exports.archive import Caps, open_export
from helpdesk.ingest.exports.detect import detect
from helpdesk.ingest.exports.types import ExportedMessage, Item, ReadConfig
from helpdesk.settings import Settings
from tests.unit.ingest.exports.chat_writer import STYLES
from tests.unit.ingest.exports.members import lines, messages
from tests.unit.ingest.exports.memory import JAKARTA, single

CAPS = Caps(max_members=1_000, max_bytes=64 << 20, max_ratio=200)
CONF = Settings(secret_key="0" * 64)
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OURS = ReadConfig(frozenset({exports.OWN_NAME}), JAKARTA.timezone)
# Nothing in a chat may be left to tell which of day and month comes first: that is marked.
ASSUMED = "date_order_assumed"


def read(path: Path) -> list[Item]:
    with open_export(path, CAPS) as export:
        return list(detect(export).read(export, OURS))


def later(items: list[Item], days: int) -> Iterator[Item]:
    for item in items:
        if isinstance(item, ExportedMessage):
            yield moved(item, days)
        else:
            yield item


def moved(message: ExportedMessage, days: int) -> ExportedMessage:
    defects = tuple(code for code in message.defects if code != ASSUMED)
    values = {name: getattr(message, name) for name in message.__dataclass_fields__}
    values |= {"sent_at": message.sent_at + days * DAY, "defects": defects}
    return ExportedMessage(**values)


@pytest.mark.parametrize("path", sorted(exports.SAMPLES.iterdir()), ids=lambda path: path.name)
@pytest.mark.parametrize("days", [-400, 0, 1, 4, 17, 393, 2_000])
def test_a_sample_says_the_same_so_many_days_later(path: Path, days: int, tmp_path: Path):
    exports._copy(path, tmp_path / path.name, days)

    found = read(tmp_path / path.name)

    assert list(later(found, 0)) == list(later(read(path), days))


@pytest.mark.parametrize("style", STYLES)
@given(first=st.dates(dt.date(2015, 1, 1), dt.date(2026, 12, 31)), days=st.integers(0, 5_000))
@example(first=dt.date(2026, 11, 14), days=18)  # then every day could be a month
@example(first=dt.date(2024, 2, 28), days=366)
def test_a_chat_of_any_version_moves_by_whole_days(style: str, first: dt.date, days: int):
    start = dt.datetime.combine(first, dt.time(9, 30), JAKARTA.timezone)
    said = [(start, "Siti", "Pagi min"), (start + DAY / 2, "Layanan Peserta", "Baik")]
    written = STYLES[style].write(said)
    before = messages(whatsapp.read(single("_chat.txt", written), OURS))

    raw = shifted("_chat.txt", written, days)

    after = messages(whatsapp.read(single("_chat.txt", raw), OURS))
    assert [moved(one, 0) for one in after] == [moved(one, days) for one in before]


@pytest.mark.parametrize(
    "at", [NOW, NOW + 9 * DAY / 24, NOW + 100 * DAY, NOW + 4_000 * DAY, NOW - 900 * DAY]
)
def test_the_newest_message_of_an_export_is_of_the_last_day(at: dt.datetime, tmp_path: Path):
    copies = exports.present(exports.SAMPLES, tmp_path / "copies", CONF, at)

    newest = {path.name: max(one.sent_at for one in messages(read(path))) for path in copies}
    older = newest.pop("facebook-2024")  # its conversation goes on in facebook-2025
    assert len(newest) > 10
    assert all(at - DAY < last <= at for last in newest.values())
    assert older == max(
        one.sent_at
        for one in messages(read(tmp_path / "copies" / "facebook-2025"))
        if one.sent_at <= older
    )


def test_copies_that_were_made_before_stay_as_they_are(tmp_path: Path):
    first = exports.present(exports.SAMPLES, tmp_path / "copies", CONF, NOW)
    before = {path: lines(read(path)) for path in first}

    again = exports.present(exports.SAMPLES, tmp_path / "copies", CONF, NOW + 30 * DAY)

    assert {path: lines(read(path)) for path in again} == before


def test_copies_that_were_half_made_are_made_anew(tmp_path: Path):
    (tmp_path / "copies.part" / "half").mkdir(parents=True)

    copies = exports.present(exports.SAMPLES, tmp_path / "copies", CONF, NOW)

    assert [path.name for path in copies] == sorted(
        path.name for path in exports.SAMPLES.iterdir()
    )


def test_a_machine_without_the_samples_goes_on_without_them(monkeypatch, capsys, tmp_path: Path):
    monkeypatch.setattr(exports, "SAMPLES", tmp_path / "nowhere")

    assert prepare.conversations(Nothing()) == []

    assert capsys.readouterr().out.count("\n") == 1


class Nothing:
    """A plant that must not be touched."""


def test_what_is_no_time_stays_as_it_is():
    assert shifted("a.json", b'{"timestamp_ms": 17611044000000000000}', 3) == (
        b'{"timestamp_ms": 17611044000000000000}'
    )
    assert shifted("a.json", b'{"id": 1761104400, "timestamp": -1761104400}', 3) == (
        b'{"id": 1761104400, "timestamp": -1761104400}'
    )
    assert shifted("a.js", b'"9999-12-31T00:00:00.000Z" 2025-13-01T00:00', 3) == (
        b'"9999-12-31T00:00:00.000Z" 2025-13-01T00:00'
    )
    assert shifted("surat.txt", b"Bandung, 17-08-1990\n", 3) == b"Bandung, 17-08-1990\n"
    assert shifted("_chat.txt", b"16/11/26 08.55 - Siti: Caf\xe9\n", 3) == (
        b"19/11/26 08.55 - Siti: Caf\xe9\n"
    )
    assert shifted("foto.png", b"2025-10-20T00:00", 3) == b"2025-10-20T00:00"


def test_a_zip_keeps_its_other_members():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("_chat.txt", "16/11/26 08.55 - Siti: Pagi min\n")
        made.writestr("foto.png", b"\x89PNG")

    raw = shifted("chat.zip", out.getvalue(), 3)

    with zipfile.ZipFile(io.BytesIO(raw)) as found:
        assert found.read("_chat.txt") == b"19/11/26 08.55 - Siti: Pagi min\n"
        assert found.read("foto.png") == b"\x89PNG"
