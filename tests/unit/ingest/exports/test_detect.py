"""Which export it is: every layout known, and what is said about everything else."""

import io
import time
from collections.abc import Collection
from typing import BinaryIO

import pytest
from babel.messages.extract import extract_from_dir
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk import i18n
from helpdesk.ingest.exports import detect as module
from helpdesk.ingest.exports import meta, table, unreadable, whatsapp, x
from helpdesk.ingest.exports.detect import Detected, detect
from helpdesk.ingest.exports.types import ExportError, Format
from helpdesk.tickets.kinds import Channel


class Fake:
    """An export in memory that counts what is looked into."""

    def __init__(self, members: dict[str, bytes], name: str = "export.zip") -> None:
        self.name = name
        self._members = members
        self.opened: list[str] = []

    def names(self) -> Collection[str]:
        return self._members.keys()

    def size(self, name: str) -> int:
        return len(self._members[name])

    def open(self, name: str) -> BinaryIO:
        self.opened.append(name)
        return io.BytesIO(self._members[name])


E2EE = b'{"participants":["Siti Contoh"],"threadName":"Siti Contoh_7","messages":[]}'
DYI = b'{"participants":[{"name":"Siti Contoh"}],"messages":[{"sender_name":"Siti Contoh"}]}'
CHAT = "\u200e[26/11/20, 23.10.05] Siti Contoh: Min, lupa no KPJ\r\n".encode()
X_OLD = b'window.YTD.direct_message.part0 = [ {\n  "dmConversation" : {'
HEADER = b"\xef\xbb\xbfthread;sent_at;text\r\n"
ROW = b'{"text": "halo", "thread": "a", "sent_at": "2026-01-01T00:00:00Z"}\n'
SLUG = "inbox/siticontoh_1001"


def found(
    *names: str, content: bytes = b"", channel: str = "auto", name: str = "export.zip"
) -> Detected:
    return detect(Fake(dict.fromkeys(names, content), name), channel)


def said(*names: str, content: bytes = b"", channel: str = "auto") -> str:
    with pytest.raises(ExportError) as caught:
        found(*names, content=content, channel=channel)
    assert not any(len(one) > 5 and one in str(caught.value) for one in names)
    return str(caught.value)


@pytest.mark.parametrize(
    ("names", "content", "expected"),
    [
        (["data/direct-messages.js", "Your archive.html"], b"", Format.X),
        (["twitter-2026/data/direct-messages-part3.js"], b"", Format.X),
        (["data/direct-messages-group.js", "data/account.js"], b"", Format.X),
        (["direct-message.js", "account.js"], X_OLD, Format.X),
        (["archive/direct-message-group.js"], X_OLD, Format.X),
        ([f"your_facebook_activity/messages/{SLUG}/message_1.json"], b"", Format.FACEBOOK),
        (
            [f"a/your_activity_across_facebook/messages/{SLUG}/message_12.json"],
            b"",
            Format.FACEBOOK,
        ),
        (
            ["your_facebook_activity/messages/e2ee_cutover/a_1/message_1.json"],
            b"",
            Format.FACEBOOK,
        ),
        (
            [f"messages/{SLUG}/message_1.json", "profile_information/profile_information.json"],
            b"",
            Format.FACEBOOK,
        ),
        (
            [f"messages/{SLUG}/message_1.json", "messages/secret_conversations.json"],
            b"",
            Format.FACEBOOK,
        ),
        (["your_instagram_activity/messages/inbox/a_1/message_1.json"], b"", Format.INSTAGRAM),
        (
            [
                "wrap/messages/message_requests/siti_1/message_1.json",
                "wrap/personal_information/personal_information/personal_information.json",
            ],
            b"",
            Format.INSTAGRAM,
        ),
        (["messages/inbox/siti.contoh_17842/message_1.json"], b"", Format.INSTAGRAM),
        (["messages/inbox/siti_contoh_17842/message_1.json"], b"", Format.INSTAGRAM),
        (["Siti Contoh_7.json", "media/a.jpeg"], E2EE, Format.FACEBOOK_E2EE),
        (["messages/Siti Contoh_7.json", "messages/media/a.jpeg"], E2EE, Format.FACEBOOK_E2EE),
        (["_chat.txt", "00000012-PHOTO.jpg"], b"", Format.WHATSAPP),
        (["WhatsApp Chat with Siti Contoh.txt"], b"", Format.WHATSAPP),
        (["Chat WhatsApp dengan Siti Contoh.txt", "IMG-1.jpg"], b"", Format.WHATSAPP),
        (["WhatsApp Chat - Siti Contoh/_chat.txt"], b"", Format.WHATSAPP),
        (["siti.txt"], CHAT, Format.WHATSAPP),
        (["siti.txt"], b"26/11/20 23.10 - Pesan terenkripsi\n", Format.WHATSAPP),
        (["messages.csv"], HEADER, Format.TABLE),
        (["a.csv", "files/ktp.jpg"], b'"sent_at","thread","text"\n', Format.TABLE),
        (["a.tsv"], b"thread\tsent_at\ttext\n", Format.TABLE),
        (["messages.jsonl"], ROW, Format.TABLE),
        (["a.NDJSON"], ROW, Format.TABLE),
    ],
)
def test_export_is_told_by_its_names_and_beginnings(
    names: list[str], content: bytes, expected: Format
):
    result = found(*names, content=content)

    assert result.format is expected
    assert result.why.endswith(".")


def test_each_format_has_its_reader_and_channel():
    results = [
        found("data/direct-messages.js"),
        found(f"your_facebook_activity/messages/{SLUG}/message_1.json"),
        found("Siti Contoh_7.json", content=E2EE),
        found("your_instagram_activity/messages/inbox/a_1/message_1.json"),
        found("_chat.txt"),
        found("a.csv", content=HEADER),
    ]

    assert [(result.read, result.channel) for result in results] == [
        (x.read, Channel.X),
        (meta.read_facebook, Channel.FACEBOOK),
        (meta.read_e2ee, Channel.FACEBOOK),
        (meta.read_instagram, Channel.INSTAGRAM),
        (whatsapp.read, Channel.WHATSAPP),
        (table.read, Channel.OTHER),
    ]
    assert {result.format for result in results} == set(Format)


@pytest.mark.parametrize("channel", ["facebook", "instagram"])
def test_channel_decides_where_nothing_else_tells_facebook_from_instagram(channel: str):
    assert found(f"messages/{SLUG}/message_1.json", channel=channel).channel == channel


def test_name_of_the_download_tells_facebook_from_instagram():
    inbox = f"messages/{SLUG}/message_1.json"

    assert found(inbox, name="instagram-contoh-2024-01-01.zip").format is Format.INSTAGRAM
    assert found(inbox, name="facebook-contoh.zip").format is Format.FACEBOOK


def test_both_in_one_download_are_told_by_the_channel():
    both = (
        f"facebook/your_facebook_activity/messages/{SLUG}/message_1.json",
        f"instagram/your_instagram_activity/messages/{SLUG}/message_1.json",
    )

    assert "--channel" in said(*both)
    assert found(*both, channel="instagram").format is Format.INSTAGRAM


def test_facebook_or_instagram_is_asked_for_when_nothing_tells():
    assert said(f"messages/{SLUG}/message_1.json") == unreadable.WHICH_OF_META
    assert said(f"messages/{SLUG}/message_1.json", channel="x") == unreadable.OTHER_CHANNEL


def test_table_takes_the_channel_that_is_named():
    assert found("a.csv", content=HEADER, channel="facebook").channel is Channel.FACEBOOK


@pytest.mark.parametrize("channel", ["facebook", "instagram", "whatsapp", "other"])
def test_export_of_another_channel_than_named_is_refused(channel: str):
    assert said("data/direct-messages.js", channel=channel) == unreadable.OTHER_CHANNEL


@pytest.mark.parametrize("channel", ["", "email", "phone", "Siti Contoh"])
def test_channel_that_has_no_exports_is_refused(channel: str):
    assert said("data/direct-messages.js", channel=channel) == unreadable.NO_CHANNEL


@pytest.mark.parametrize(
    ("names", "content", "sentence"),
    [
        (["Your archive.html"], b"<html>", unreadable.X_PAGE_ONLY),
        (["data/account.js", "Your archive.html"], b"", unreadable.X_WITHOUT_MESSAGES),
        (["data/manifest.js", "data/tweets.js"], b"", unreadable.X_WITHOUT_MESSAGES),
        (
            [f"your_facebook_activity/messages/{SLUG}/message_1.html", "start_here.html"],
            b"",
            unreadable.FACEBOOK_HTML,
        ),
        (
            ["your_instagram_activity/messages/inbox/a_1/message_1.html"],
            b"",
            unreadable.INSTAGRAM_HTML,
        ),
        ([f"messages/{SLUG}/message_1.html"], b"", unreadable.META_HTML),
        (
            ["your_facebook_activity/posts/your_posts_1.json"],
            b"[]",
            unreadable.META_WITHOUT_MESSAGES,
        ),
        (
            [f"your_instagram_activity/messages/{SLUG}/photos/1.jpg"],
            b"",
            unreadable.META_WITHOUT_MESSAGES,
        ),
        (["message_1.json"], DYI, unreadable.PIECE),
        (["siticontoh_1/message_1.json", "siticontoh_1/photos/1.jpg"], DYI, unreadable.PIECE),
        (["whatsapp.zip"], b"PK", unreadable.NESTED),
        (["all/one.zip", "all/two.zip", "all/note.txt"], b"", unreadable.NESTED),
        (["a.csv"], b"nama,pesan\n", unreadable.OTHER_TABLE),
        (["a.jsonl"], b'{"nama": "x"}\n', unreadable.OTHER_TABLE),
        (["[Content_Types].xml", "xl/workbook.xml"], b"", unreadable.SPREADSHEET),
        (["a.xls"], b"\xd0\xcf\x11\xe0", unreadable.SPREADSHEET),
        (["a.pdf"], b"%PDF-1.7", unreadable.PDF),
        (["a.txt"], b"%PDF-1.7", unreadable.PDF),
        (["ktp.jpg"], b"\xff\xd8\xff\xe0", unreadable.IMAGE),
        (["ktp.heic"], b"\0\0\0\x18ftypheic", unreadable.IMAGE),
        (["a.html"], b"\xef\xbb\xbf<!DOCTYPE html>", unreadable.WEB_PAGE),
        (["a.mhtml"], b"From: <Saved by Blink>\r\n", unreadable.WEB_PAGE),
        (["a.bin"], b"MIME-Version: 1.0\nSnapshot-Content-Location: x\n", unreadable.WEB_PAGE),
        (["a/index.html", "a/x.css"], b"", unreadable.WEB_PAGE),
        (["msgstore.db.crypt15"], b"\x01\x02", unreadable.BACKUP),
        (["msgstore.db"], b"SQLite format 3\0", unreadable.BACKUP),
        (["a.rar"], b"Rar!\x1a\x07", unreadable.PACKED),
        (["a.tar.gz"], b"\x1f\x8b\x08", unreadable.PACKED),
        (["a.txt"], b"17-08-1990 lahir di Bandung\n", unreadable.NO_CHAT),
        (["a.exe"], b"MZ", unreadable.UNKNOWN),
        (["a.exe", "b.exe"], b"MZ", unreadable.UNKNOWN),
        (["a.exe"], b"", unreadable.EMPTY),
        ([], b"", unreadable.EMPTY),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_download_instead(
    names: list[str], content: bytes, sentence: str
):
    assert said(*names, content=content) == sentence


def test_web_pages_beside_the_json_do_no_harm():
    inbox = f"your_facebook_activity/messages/{SLUG}/message_1"

    assert found(f"{inbox}.html", f"{inbox}.json").format is Format.FACEBOOK


@pytest.mark.parametrize(
    "sent",
    ["direct-message.js", "data/direct-messages.js", "a.csv", "messages/inbox/a_1/message_1.json"],
)
def test_file_that_a_participant_sent_does_not_pass_for_the_export(sent: str):
    assert detect(Fake({"_chat.txt": CHAT, sent: HEADER})).format is Format.WHATSAPP


@pytest.mark.parametrize("sent", ["_chat.txt", "direct-messages.js", "x.csv", "x.zip"])
def test_file_in_a_conversation_does_not_pass_for_the_export(sent: str):
    inbox = f"your_facebook_activity/messages/{SLUG}"
    members = {f"{inbox}/message_1.json": DYI, f"{inbox}/files/{sent}": CHAT}
    assert detect(Fake(members)).format is Format.FACEBOOK

    assert (
        detect(Fake({"Siti_7.json": E2EE, f"media/{sent}": CHAT})).format is Format.FACEBOOK_E2EE
    )


def test_few_members_are_looked_into_however_many_there_are():
    export = Fake(dict.fromkeys((f"{number}.json" for number in range(500)), b"{}"))
    with pytest.raises(ExportError):
        detect(export)

    assert len(export.opened) <= 20


def test_error_of_a_member_is_the_exports():
    class Damaged(Fake):
        def open(self, name: str) -> BinaryIO:
            raise ExportError("damaged")

    with pytest.raises(ExportError, match="damaged"):
        detect(Damaged({"a.txt": b""}))


def test_many_long_names_are_told_in_linear_time():
    deep = "/".join(["messages", "inbox", "a_" * 400, "_" * 200])
    names = [f"{deep}{number}" for number in range(2_000)]
    started = time.process_time()
    assert said(*names[:1_000]) == unreadable.UNKNOWN
    half = time.process_time() - started
    said(*names)
    assert time.process_time() - started < 10 * half + 0.5


PARTS = st.sampled_from(
    [
        "data",
        "messages",
        "inbox",
        "your_facebook_activity",
        "a_1",
        "message_1.json",
        "_chat.txt",
        "direct-messages.js",
        "a.csv",
        "x.html",
        "media",
        "a.zip",
        "\n",
        "É",
    ]
)
NAMES = st.lists(PARTS | st.text(max_size=8), min_size=1, max_size=5).map("/".join)
HEADS = st.sampled_from([E2EE, DYI, CHAT, X_OLD, HEADER, ROW]) | st.binary(max_size=60)


@settings(max_examples=400)
@given(
    members=st.dictionaries(NAMES, HEADS, max_size=5),
    name=st.text(max_size=10),
    channel=st.sampled_from(["auto", *Channel]) | st.text(max_size=5),
)
def test_anything_is_told_or_refused_in_a_known_sentence(
    members: dict[str, bytes], name: str, channel: str
):
    try:
        result = detect(Fake(members, name), channel)
    except ExportError as error:
        assert str(error) in vars(unreadable).values()
        return
    assert result.channel.is_direct


@settings(max_examples=400)
@given(st.binary(max_size=200), st.text(max_size=12))
def test_content_of_any_kind_gets_a_sentence(head: bytes, name: str):
    assert unreadable.by_content(head, name).endswith(".")


def test_every_sentence_is_translated():
    own = {"detect.py", "unreadable.py", "archive.py", "names.py", "streams.py", "zips.py"}
    folder = module.__file__.rpartition("/")[0]
    texts = {
        text
        for name, _, text, _, _ in extract_from_dir(
            folder, [("**.py", "python")], keywords={"mark": None}
        )
        if name in own
    }
    indonesian = i18n.translations("id")

    assert len(texts) > 40
    assert [text for text in texts if indonesian.gettext(text) == text] == []
