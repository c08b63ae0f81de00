"""Reading WhatsApp chats: what is written in any of its styles comes back, and all its quirks."""

import datetime as dt
import tracemalloc
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.ingest.exports import whatsapp
from helpdesk.ingest.exports import whatsapp_lines as heads
from helpdesk.ingest.exports import whatsapp_marks as marks
from helpdesk.ingest.exports.types import (
    Event,
    ExportedFile,
    ExportedMessage,
    ExportError,
    ReadConfig,
    Skipped,
)
from tests.unit.ingest.exports.chat_writer import LRM, STYLES
from tests.unit.ingest.exports.members import Members
from tests.unit.ingest.exports.memory import JAKARTA, LongExport, single

OWN = "Layanan Contoh"
NAME = "Chat WhatsApp dengan Siti Contoh.txt"
WIB = ZoneInfo("Asia/Jakarta")


def read(text: str | bytes, name: str = NAME, own: tuple[str, ...] = ()) -> list:
    raw = text if isinstance(text, bytes) else text.encode()
    conf = ReadConfig(own_names=frozenset(own), timezone=WIB)
    return list(whatsapp.read(single(name, raw), conf))


def one(line: str) -> ExportedMessage:
    """Read the first message of Siti Contoh in an Indonesian chat of Android."""
    return read(f"26/11/20 23.10 - Siti Contoh: {line}\n26/11/20 23.11 - {OWN}: baik")[0]


def is_plain(text: str) -> bool:
    """Whether a text has nothing in it that WhatsApp itself could have written."""
    return marks.tell(text) == marks.Told(text) and not any(map(heads.head, text.split("\n")))


texts = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"))), min_size=1, max_size=3
)
said = texts.map(lambda lines: "\n".join(lines).strip()).filter(lambda text: text).filter(is_plain)
steps = st.tuples(st.integers(0, 400_000), st.sampled_from(["other", "own"]), said)


@pytest.mark.parametrize("other", ["Siti Contoh", "\u202a+62\u00a0812‑9000‑1234\u202c"])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@settings(max_examples=15)
@given(conversation=st.lists(steps, min_size=1, max_size=12))
def test_what_is_written_in_any_style_is_read_back(style, other, conversation) -> None:
    at = dt.datetime(2024, 3, 1, 0, 0, 7, tzinfo=WIB)
    messages = []
    for seconds, side, text in conversation:
        at += dt.timedelta(seconds=seconds)
        messages.append((at, OWN if side == "own" else other, text))
    messages.append((at.replace(day=28), other, "tanggal yang tidak dapat dibaca terbalik"))

    found = read(style.write(messages), name=f"WhatsApp Chat with {heads.shown(other)}.txt")

    def told(moment: dt.datetime) -> dt.datetime:
        return moment.replace(second=0) if style.minutes_only else moment

    assert [(m.sent_at, m.ours, m.text) for m in found] == [
        (told(moment), sender == OWN, text) for moment, sender, text in messages
    ]
    assert {m.thread for m in found} == {heads.key(other)}
    assert not any(m.defects or m.event or m.is_group for m in found)


@given(st.binary() | st.text().map(str.encode))
def test_whatever_bytes_come_nothing_but_a_refusal_is_raised(raw: bytes) -> None:
    try:
        found = read(raw)
    except ExportError:
        return
    assert found


pieces = st.sampled_from(
    [
        *("26/11/20 23.10 - ", "[26/11/20, 23.10.05] ", "11/26/20, 11:10 PM - ", "Siti Contoh: "),
        *("Layanan: ", "\n", "\r\n", LRM, "<terlampir: a.jpg>", "<attached: ", ">", ": ", "\x00"),
        *("IMG-1.jpg (file terlampir)", "<Media tidak disertakan>", "<Pesan ini diedit>", " • "),
        *(
            "99/99/99 99.99 - ",
            "31/02/20 10.10 - ",
            "Anda menghapus pesan ini",
            "gambar",
            "\ufeff",
        ),
        *("dokumen tidak disertakan", "Panggilan suara, 3 mnt", '"x" mengubah subjek', "\u202f"),
    ]
)


@settings(max_examples=400)
@given(st.lists(pieces | st.text(max_size=5), max_size=40))
def test_whatever_is_made_of_its_pieces_can_be_kept(parts: list[str]) -> None:
    try:
        found = read("".join(parts).encode("utf-8", "replace"), own=("Layanan",))
    except ExportError:
        return
    for item in found:
        if isinstance(item, ExportedMessage):
            assert item.sent_at.tzinfo is dt.UTC
            assert "\x00" not in item.text + item.sender + item.thread
            assert item.thread
            assert item.event is Event.SYSTEM or item.sender or item.event is Event.CALL


@pytest.mark.parametrize(
    ("line", "text", "event"),
    [
        ("Pesan ini telah dihapus", "Pesan ini telah dihapus", Event.DELETED),
        ("Pesan ini dihapus.", "Pesan ini dihapus.", Event.DELETED),
        ("This message was deleted", "This message was deleted", Event.DELETED),
        ("Lokasi: https://maps.google.com/?q=-6.2,106.8", None, Event.LOCATION),
        (f"{LRM}Location: https://maps.google.com/?q=-6.2,106.8", None, Event.LOCATION),
        (f"{LRM}Panggilan suara tak terjawab, Ketuk untuk menelepon balik", None, Event.CALL),
        (f"{LRM}Voice call, {LRM}3 min", "Voice call, 3 min", Event.CALL),
        ("Missed video call at 11:10 PM", None, Event.CALL),
        (f"{LRM}stiker tidak disertakan", None, Event.STICKER),
        ("You received a view once photo. For added privacy …", None, Event.SYSTEM),
        (f"{LRM}Menunggu pesan ini. Ini mungkin butuh waktu.", None, Event.SYSTEM),
        ("null", "null", Event.SYSTEM),
        ("Panggilan suara saya kemarin tidak dijawab, kenapa ya?", None, None),
        ("Pesan ini dihapus saja ya min", None, None),
        ("POLLING:\nKapan?\nOPSI: Senin (2 suara)", None, None),
        (f"{LRM}Kartu kontak tidak disertakan", "Kartu kontak tidak disertakan", None),
        ("NIK: 3273011708900001", None, None),
    ],
)
def test_events_are_told_from_what_is_said(line: str, text: str | None, event: Event) -> None:
    message = one(line)

    assert (message.text, message.event) == (text or line.replace(LRM, ""), event)


@pytest.mark.parametrize(
    ("line", "text", "name"),
    [
        ("<Media tidak disertakan>", "", "media"),
        ("<Media omitted>\nini ktp saya", "ini ktp saya", "media"),
        (f"{LRM}gambar tidak disertakan", "", "gambar"),
        (f"ini ktp saya {LRM}image omitted", "ini ktp saya", "image"),
        (f"surat kerja.pdf • {LRM}2 halaman {LRM}dokumen tidak disertakan", "", "surat kerja.pdf"),
        ("IMG-20201126-WA1.jpg (file terlampir)\nktp\nsaya", "ktp\nsaya", "IMG-20201126-WA1.jpg"),
        (f"{LRM}IMG-1.jpg (file attached)", "", "IMG-1.jpg"),
        (f"{LRM}<terlampir: 00000012-PHOTO-2020.jpg>", "", "00000012-PHOTO-2020.jpg"),
        (f"ktp saya {LRM}<attached: 00000012-PHOTO.jpg>", "ktp saya", "00000012-PHOTO.jpg"),
        ("<attached: ../../etc/passwd>", "", "passwd"),
    ],
)  # fmt: skip
def test_files_are_named_and_the_caption_is_the_text(line: str, text: str, name: str) -> None:
    message = one(line)

    assert (message.text, message.files, message.event) == (text, (ExportedFile(name),), None)


def test_a_sticker_with_its_file_is_an_event() -> None:
    message = one("STK-20201126-WA0003.webp (file terlampir)")

    assert (message.event, message.files[0].name) == (Event.STICKER, "STK-20201126-WA0003.webp")


@pytest.mark.parametrize("mark", ["<Pesan ini diedit>", "<This message was edited>"])
def test_the_mark_of_an_edit_is_taken_off(mark: str) -> None:
    message = one(f"NIK saya\n3273 0117 0890 9001 {LRM}{mark}")

    assert (message.text, message.edited) == ("NIK saya\n3273 0117 0890 9001", True)


@pytest.mark.parametrize(
    "line",
    [
        "17-08-1990 - lahir",
        "17/08/1990 10.30 - lahir di Bandung",
        "17/08/90 10.30 - lahir: Bandung",
        "31/31/20 10.30 - tidak ada hari itu",
        "26/11/2020, 23:10 - dari chat lain: halo",
        "[26/11/20 23.10] Siti Contoh: salinan",
        "26/11/20 pagi",
    ],
)
def test_a_line_that_only_looks_like_a_head_goes_on_with_the_message(line: str) -> None:
    assert one(f"saya lahir\n{line}").text == f"saya lahir\n{line}"


def test_lines_of_the_system_are_events_without_a_sender() -> None:
    found = read(
        "26/11/20 23.10 - Pesan dan panggilan terenkripsi secara end-to-end. Hanya orang di chat "
        "ini yang bisa membacanya.\n"
        "26/11/20 23.10 - Siti Contoh: halo\n"
        '26/11/20 23.11 - Siti Contoh mengubah nama grup dari "A: b" menjadi "C"\n'
        "26/11/20 23.12 - Panggilan video tak terjawab\n",
        own=(OWN,),
    )

    assert [m.event for m in found] == [Event.SYSTEM, None, Event.SYSTEM, Event.CALL]
    assert [m.sender for m in found] == ["", "Siti Contoh", "", ""]


def test_the_notice_that_ios_shows_as_sent_is_of_the_system() -> None:
    found = read(
        f"[26/11/20, 23.10.05] Siti Contoh: {LRM}Messages and calls are end-to-end encrypted. No "
        "one outside of this chat, not even WhatsApp, can read or listen to them.\r\n"
        f"[26/11/20, 23.10.09] {OWN}: halo\r\n",
        name="_chat.txt",
    )

    assert [(m.event, m.sender, m.ours) for m in found] == [
        (Event.SYSTEM, "", False),
        (None, OWN, True),
    ]
    assert {(m.thread, m.title, m.is_group) for m in found} == {
        ("siti contoh", "Siti Contoh", False)
    }


def dates(*written: str, clock: str = "23:10") -> list[ExportedMessage]:
    return read("".join(f"{date}, {clock} - Siti Contoh: x\n" for date in written))


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (["04/05/20", "13/05/20"], [(4, 5), (13, 5)]),
        (["4/5/20", "4/13/20"], [(5, 4), (13, 4)]),
        (["1/30/20", "2/1/20"], [(30, 1), (1, 2)]),
        # In the other order time would jump back.
        (["1/8/20", "1/9/20", "2/1/20"], [(8, 1), (9, 1), (1, 2)]),
        (["8/1/20", "9/1/20", "1/2/20"], [(8, 1), (9, 1), (1, 2)]),
        # Once it did jump back: a phone whose clock was wrong.
        (["1/8/20", "1/4/20", "1/9/20", "2/1/20"], [(8, 1), (4, 1), (9, 1), (1, 2)]),
        (["2020-05-04", "2020-05-05"], [(4, 5), (5, 5)]),
    ],
)
def test_the_order_of_day_and_month_is_found_out(written: list, read_as: list) -> None:
    found = dates(*written)

    assert [(m.sent_at.day, m.sent_at.month) for m in found] == read_as
    assert not any(m.defects for m in found)


def test_an_order_nothing_tells_is_assumed_and_said() -> None:
    found = dates("04/05/20", "05/05/20", "06/05/20")

    assert [m.sent_at.month for m in found] == [5, 5, 5]
    assert [m.defects for m in found] == [("date_order_assumed",), (), ("date_order_assumed",)]


def test_an_order_in_which_time_jumps_back_either_way_is_assumed_and_said() -> None:
    found = dates("04/05/20", "01/02/20")

    assert [m.sent_at.month for m in found] == [5, 2]
    assert {m.defects for m in found} == {("date_order_assumed",)}


@pytest.mark.parametrize("line", ["26/11/20, 23:11 - Siti Contoh: <Media tidak disertakan>", ""])
def test_words_in_indonesian_tell_the_order(line: str) -> None:
    line = line.replace("26/11", "05/05")

    found = read(f"04/05/20, 23:10 - Siti Contoh: x\n{line}")

    assert found[0].defects == (() if line else ("date_order_assumed",))


def test_a_date_that_exists_only_the_other_way_is_read_so_and_said() -> None:
    found = dates("13/05/20", "14/05/20", "5/25/20")

    assert (found[2].sent_at.day, found[2].sent_at.month) == (25, 5)
    assert found[2].defects == ("bad_date_order",)


@pytest.mark.parametrize(
    ("clock", "hour"),
    [
        *(("12:05 AM", 0), ("12:05 PM", 12), ("1:05 a.m.", 1), ("1:05\u202fPM", 13)),
        *(("3:05 p.\u00a0m.", 15), ("12.05 malam", 0), ("7.05 malam", 19), ("3.05 dini hari", 3)),
        *(("11.05 siang", 11), ("2.05 siang", 14), ("5.05 sore", 17), ("0:05", 0), ("23.05", 23)),
    ],
)
def test_clocks_of_twelve_hours_are_read(clock: str, hour: int) -> None:
    (message,) = dates("26/11/20", clock=clock)

    assert message.sent_at.astimezone(WIB).hour == hour


def test_the_time_zone_is_the_one_of_the_settings_also_where_clocks_are_changed() -> None:
    conf = ReadConfig(timezone=ZoneInfo("Europe/Berlin"))
    text = b"28/03/2021, 02:30 - Siti Contoh: x\n31/10/2021, 02:30 - Siti Contoh: x"

    found = [*whatsapp.read(single(NAME, text), conf)]

    assert [m.sent_at.isoformat() for m in found] == [
        "2021-03-28T01:30:00+00:00",
        "2021-10-31T00:30:00+00:00",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("WhatsApp Chat with Siti Contoh.txt", "Chat WhatsApp dengan Siti Contoh (2).txt"),
        *("WhatsApp Chat - Siti Contoh.zip.txt", "WhatsApp Chat with Siti  Contoh.txt.txt"),
        *("Chat WhatsApp dengan \u200eSITI CONTOH - Copy.txt",),
    ],
)
def test_the_thread_is_the_title_however_the_file_was_copied(name: str) -> None:
    (message,) = read("26/11/20 23.10 - Siti Contoh: halo", name=name)

    assert (message.thread, message.ours) == ("siti contoh", False)


@pytest.mark.parametrize(
    ("written", "thread"),
    [
        ("\u202a+62 812‑9000‑1234\u202c", "+6281290001234"),
        ("~\u202f+62\u00a0812-9000-1234", "+6281290001234"),
        ("0812-9000-1234", "+6281290001234"),
        ("+44 20 7946 0958", "+442079460958"),
        ("Siti 0812", "siti 0812"),
    ],
)
def test_an_unknown_number_is_the_thread(written: str, thread: str) -> None:
    found = read(
        f"26/11/20 23.10 - {written}: halo\n26/11/20 23.11 - {OWN}: ya",
        name=f"WhatsApp Chat with {heads.shown(written)}.txt",
    )

    phone = thread if thread.startswith("+") else ""
    assert [(m.thread, m.phone, m.ours) for m in found] == [
        (thread, phone, False),
        (thread, phone, True),
    ]
    assert found[0].sender == thread or not phone


def test_the_only_writer_that_is_not_the_title_is_ours() -> None:
    (message,) = read(f"26/11/20 23.10 - {OWN}: halo, ada yang bisa dibantu?")

    assert (message.ours, message.thread) == (True, "siti contoh")


@pytest.mark.parametrize("own", [("layanan contoh ",), ("+6281190000001",)])
def test_own_names_and_numbers_are_ours(own: tuple[str, ...]) -> None:
    ours = OWN if own[0].startswith("l") else "+62 811-9000-0001"
    found = read(f"26/11/20 23.10 - Siti: a\n26/11/20 23.11 - {ours}: b", name="x.txt", own=own)

    assert [(m.ours, m.thread, m.title) for m in found] == [
        (False, "siti", "Siti"),
        (True, "siti", "Siti"),
    ]


def test_who_took_back_a_message_on_this_phone_is_ours() -> None:
    found = read(
        f"26/11/20 23.10 - Siti: a\n26/11/20 23.11 - Rani: b\n"
        f"26/11/20 23.12 - {OWN}: Anda menghapus pesan ini",
        name="WhatsApp Chat with Serikat Contoh.txt",
    )

    assert [(m.ours, m.is_group, m.thread) for m in found] == [
        (False, True, "serikat contoh@g.us"),
        (False, True, "serikat contoh@g.us"),
        (True, True, "serikat contoh@g.us"),
    ]


@pytest.mark.parametrize("own", [(), (OWN,)])
def test_nobody_becomes_our_side_by_typing_that_we_took_a_message_back(own) -> None:
    found = read(
        "26/11/20 23.10 - Siti Contoh: Anda menghapus pesan ini\n"
        f"26/11/20 23.11 - {OWN}: Baik, mohon kirim NIK.\n"
        "26/11/20 23.12 - Siti Contoh: NIK saya 3273011708909001",
        own=own,
    )

    assert [m.ours for m in found] == [False, True, False]


def test_who_of_two_took_a_message_back_is_asked_for_if_both_did() -> None:
    with pytest.raises(ExportError, match=r"exports\.own_names"):
        read(
            f"26/11/20 23.10 - Siti: Anda menghapus pesan ini\n"
            f"26/11/20 23.11 - {OWN}: Anda menghapus pesan ini",
            name="x.txt",
        )


def test_a_chat_that_somebody_pasted_is_their_text_however_long_it_is() -> None:
    pasted = "\n".join(
        f"[26/11/20 23.10.{second:02}] +62 813-9000-0001: korban" for second in range(30)
    )
    found = read(
        f"26/11/20 23.10 - +62 812-9000-1234: lihat ini\n{pasted}\n26/11/20 23.12 - {OWN}: ya",
        name="WhatsApp Chat with +62 812-9000-1234.txt",
    )

    assert [(m.thread, m.ours) for m in found] == [
        ("+6281290001234", False),
        ("+6281290001234", True),
    ]
    assert found[0].text == f"lihat ini\n{pasted}"


@pytest.mark.parametrize("title", ["Siti Contoh", "+62 812-9000-1234"])
def test_a_group_called_after_somebody_is_not_their_conversation(title: str) -> None:
    name = f"WhatsApp Chat with {title}.txt"
    alone = read(f"26/11/20 23.10 - {title}: a\n26/11/20 23.11 - {OWN}: b", name=name, own=(OWN,))
    group = read(
        "26/11/20 23.10 - A: a\n26/11/20 23.11 - B: b\n26/11/20 23.12 - C: c", name, (OWN,)
    )

    assert not alone[0].is_group
    assert group[0].is_group
    assert alone[0].thread != group[0].thread


@pytest.mark.parametrize(
    ("name", "chat"),
    [
        ("x.txt", "26/11/20 23.10 - Siti: a\n26/11/20 23.11 - Rani: b"),
        ("x.txt", "26/11/20 23.10 - Siti: a"),
        (NAME, "26/11/20 23.10 - A: a\n26/11/20 23.11 - B: b\n26/11/20 23.11 - C: c"),
        (NAME, '26/11/20 23.10 - A membuat grup "Serikat"\n26/11/20 23.11 - B: b'),
    ],
)
def test_sides_that_nothing_tells_are_asked_for(name: str, chat: str) -> None:
    with pytest.raises(ExportError, match=r"exports\.own_names"):
        read(chat, name=name)


def test_a_group_is_one_by_its_writers_or_by_its_own_lines() -> None:
    made = read('26/11/20 23.10 - A membuat grup "Serikat"\n26/11/20 23.11 - B: b', own=(OWN,))

    assert all(m.is_group for m in made)


def test_the_files_of_a_chat_lie_beside_it() -> None:
    folder = "WhatsApp Chat - Siti Contoh"
    export = Members(
        {
            f"{folder}/_chat.txt": b"[26/11/20, 23.10.05] Siti Contoh: <attached: a.jpg>",
            f"{folder}/a.jpg": b"...",
            f"{folder}/WhatsApp Chat with Lain.txt": b"26/11/20 23.10 - Lain: x",
            f"__MACOSX/{folder}/._chat.txt": b"\x00\x05",
        },
        f"{folder}.zip",
    )

    (message,) = whatsapp.read(export, JAKARTA)

    assert message.files == (ExportedFile("a.jpg", f"{folder}/a.jpg"),)
    assert message.thread == "siti contoh"


@pytest.mark.parametrize("sent", ["_chat.txt", "WhatsApp Chat with +62 813-9000-0001.txt"])
def test_a_chat_that_was_sent_as_a_file_does_not_take_the_place_of_its_own(sent: str) -> None:
    name = "WhatsApp Chat with +62 812-9000-1234"
    export = Members(
        {
            f"{name}.txt": f"26/11/20 23.10 - +62 812-9000-1234: {sent} (file attached)".encode(),
            sent: b"26/11/20 23.10 - +62 813-9000-0001: korban",
        },
        f"{name} (1).zip",
    )

    (message,) = whatsapp.read(export, JAKARTA)

    assert message.thread == "+6281290001234"
    assert [each.name for each in message.files] == [sent]


def test_each_chat_of_a_folder_is_read_and_an_empty_one_is_told() -> None:
    export = Members(
        {
            "WhatsApp Chat with Siti.txt": b"26/11/20 23.10 - Siti: x",
            "WhatsApp Chat with Rani.txt": b"26/11/2020, 23:10 - Rani: x",
            "WhatsApp Chat with Budi.txt": b"",
            "catatan.txt": b"bukan chat",
        },
        "unduhan",
    )

    found = list(whatsapp.read(export, JAKARTA))

    assert [item if isinstance(item, Skipped) else item.thread for item in found] == [
        Skipped("no_chat", defective=True),
        "rani",
        "siti",
    ]


@pytest.mark.parametrize("raw", [b"", b"halo\napa kabar", b"\xff\xfe\x00"])
def test_what_is_no_chat_is_refused(raw: bytes) -> None:
    with pytest.raises(ExportError, match="Export chat"):
        read(raw)


def test_text_before_the_first_message_is_told_once() -> None:
    found = read("lanjutan\nyang terpotong\n26/11/20 23.10 - Siti Contoh: x")

    assert found[0] == Skipped("before_first_message", defective=True)
    assert [type(item) for item in found] == [Skipped, ExportedMessage]


def test_a_damaged_character_is_told_and_an_old_encoding_is_read() -> None:
    damaged = read(b"26/11/20 23.10 - Siti Contoh: \xe2\x80\xa6 caf\xe9")
    old = read(b"26/11/20 23.10 - Siti Contoh: caf\xe9")

    assert (damaged[0].text, damaged[0].defects) == ("… caf\ufffd", ("bad_charset",))
    assert (old[0].text, old[0].defects) == ("café", ())


def test_a_message_without_text_is_told() -> None:
    assert one("").defects == ("empty_text",)


def test_half_a_gigabyte_in_one_line_is_cut_in_little_memory() -> None:
    start = b"26/11/20 23.10 - Siti Contoh: "
    end = b"\n26/11/20 23.11 - Siti Contoh: sesudah"
    export = LongExport(NAME, start, "é".encode(), 500 << 20, end)
    tracemalloc.start()

    found = list(whatsapp.read(export, JAKARTA))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found[0].defects, len(found[0].text.encode())) == (("text_cut",), 1 << 16)
    assert found[1].text == "sesudah"
    assert peak < 8 << 20  # measured 1.5 MB


def test_a_message_of_very_many_lines_is_cut_in_little_memory() -> None:
    export = LongExport(NAME, b"26/11/20 23.10 - Siti Contoh: a\n", b"baris\n" * 100, 2 << 20)
    tracemalloc.start()

    (message,) = whatsapp.read(export, JAKARTA)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message.defects == ("text_cut",)
    assert peak < 8 << 20
