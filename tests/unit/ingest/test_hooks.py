"""What the platforms' webhooks tell."""

import datetime as dt
import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.ingest import hooks
from helpdesk.ingest.exports.types import Event, ExportedFile
from helpdesk.ingest.hook_values import Accepted, Failed
from helpdesk.outbox import answers
from helpdesk.tickets.kinds import Channel

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SAID = dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC)
AT_MS = int(SAID.timestamp()) * 1_000
PAGE, RINA = "9001", "9007001"
PHONE = "6281200009001"


def of_meta(
    *messaging: dict,
    channel: Channel = Channel.FACEBOOK,
    under: str = "messaging",
    account: str = PAGE,
):
    told = {
        "object": {"facebook": "page", "instagram": "instagram"}[channel],
        "entry": [{"id": PAGE, "time": AT_MS, under: list(messaging)}],
    }
    return read(channel, told, account)


def from_rina(**told) -> dict:
    return {"sender": {"id": RINA}, "recipient": {"id": PAGE}, "timestamp": AT_MS, **told}


def of_whatsapp(field: str = "messages", *told: dict, account: str = PAGE, **value):
    change = {
        "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": PAGE},
            "contacts": [{"profile": {"name": "Rina"}, "wa_id": PHONE}],
            field: list(told),
            **value,
        },
    }
    entry = [{"id": "7700", "changes": [change]}]
    sent = {"object": "whatsapp_business_account", "entry": entry}
    return read(Channel.WHATSAPP, sent, account)


def wrote(kind: str, content: object, **more) -> dict:
    told = {"from": PHONE, "id": "wamid.1", "timestamp": str(AT_MS // 1_000), "type": kind}
    return told | {kind: content} | more


def read(channel: Channel, content: object, account: str = ""):
    found = hooks.read(channel, json.dumps(content).encode(), NOW, account)
    assert found is not None
    return found


def only(told):
    [message] = told.messages
    return message


class TestMessengerAndInstagram:
    @pytest.mark.parametrize("channel", [Channel.FACEBOOK, Channel.INSTAGRAM])
    def test_a_text_comes_from_whoever_the_platform_names(self, channel):
        message = only(
            of_meta(from_rina(message={"mid": "m1", "text": "KPJ saya?"}), channel=channel)
        )
        assert (message.thread, message.platform_id, message.sender) == (RINA, RINA, RINA)
        assert (message.message_id, message.text, message.ours) == ("m1", "KPJ saya?", False)
        assert (message.sent_at, message.channel) == (SAID, channel.value)

    def test_an_echo_is_ours_and_belongs_to_whom_it_was_sent(self):
        told = {
            "sender": {"id": PAGE}, "recipient": {"id": RINA}, "timestamp": AT_MS,
            "message": {"mid": "m2", "text": "Halo", "is_echo": True, "app_id": 1},
        }  # fmt: skip
        message = only(of_meta(told))
        assert (message.ours, message.thread, message.platform_id) == (True, RINA, RINA)

    def test_what_another_app_answers_is_part_of_the_conversation(self):
        told = from_rina(message={"mid": "m1", "text": "Halo"})
        assert only(of_meta(told, under="standby")).text == "Halo"

    def test_files_are_named_and_not_fetched(self):
        attachments = [
            {"type": "image", "payload": {"url": "https://example.org/ktp"}},
            {"type": "file", "payload": {"url": "https://example.org/surat"}},
        ]
        message = only(of_meta(from_rina(message={"mid": "m1", "attachments": attachments})))
        assert message.files == (ExportedFile("image-1"), ExportedFile("file-2"))
        assert (message.text, message.event) == ("", None)

    def test_a_shared_page_is_its_words(self):
        fallback = {"type": "fallback", "title": "Cek KPJ", "url": "https://example.org/"}
        message = only(of_meta(from_rina(message={"mid": "m1", "attachments": [fallback]})))
        assert message.text == "Cek KPJ\nhttps://example.org/"

    @pytest.mark.parametrize(
        ("told", "event", "text"),
        [
            (
                {"message": {"mid": "m1", "attachments": [
                    {"type": "image", "payload": {"sticker_id": 369}}]}},
                Event.STICKER,
                "",
            ),
            (
                {"message": {"mid": "m1", "attachments": [
                    {"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}}}]}},
                Event.LOCATION,
                "",
            ),
            ({"message": {"mid": "m1", "is_deleted": True}}, Event.DELETED, ""),
            (
                {"reaction": {"mid": "m1", "action": "react", "emoji": "\N{THUMBS UP SIGN}"}},
                Event.REACTION,
                "\N{THUMBS UP SIGN}",
            ),
        ],
        ids=["sticker", "place", "deleted", "reaction"],
    )  # fmt: skip
    def test_what_is_not_said_is_an_event(self, told, event, text):
        message = only(of_meta(from_rina(**told)))
        assert (message.event, message.text) == (event, text)

    def test_a_deletion_does_not_take_the_name_of_what_was_deleted(self):
        message = only(of_meta(from_rina(message={"mid": "m1", "is_deleted": True})))
        assert message.message_id not in {None, "m1"}

    def test_an_edit_has_the_name_of_what_it_changes(self):
        edit = {"mid": "m1", "text": "NIK saya salah", "num_edit": 1}
        message = only(of_meta(from_rina(message_edit=edit), channel=Channel.INSTAGRAM))
        assert (message.message_id, message.edited) == ("m1", True)

    def test_a_button_says_what_is_on_it(self):
        pressed = {"mid": "m1", "title": "Lupa KPJ", "payload": "FORGOT"}
        assert only(of_meta(from_rina(postback=pressed))).text == "Lupa KPJ"

    def test_what_cannot_be_shown_is_not_passed_over(self):
        message = only(of_meta(from_rina(message={"mid": "m1", "is_unsupported": True})))
        assert message.defects == ("empty_text",)

    @pytest.mark.parametrize(
        "told",
        [
            from_rina(read={"watermark": AT_MS}),
            from_rina(delivery={"mids": ["m1"]}),
            {"message": {"mid": "m1", "text": "from nobody"}},
            from_rina(message={"text": "without a name"}),
            from_rina(message="text"),
        ],
    )
    def test_what_says_nothing_is_left_out(self, told):
        assert of_meta(told).messages == ()


class TestWhatsApp:
    def test_a_text_comes_from_a_phone_number(self):
        message = only(of_whatsapp("messages", wrote("text", {"body": "KPJ saya?"})))
        assert (message.phone, message.thread) == (f"+{PHONE}", f"+{PHONE}")
        assert (message.platform_id, message.title) == ("", "Rina")
        assert (message.message_id, message.text, message.sent_at) == (
            "wamid.1", "KPJ saya?", SAID,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("told", "text"),
        [
            (wrote("button", {"text": "Ya", "payload": "1"}), "Ya"),
            (wrote("interactive", {"type": "list_reply", "list_reply": {"title": "Cek"}}), "Cek"),
            (wrote("contacts", [{"name": {"formatted_name": "Budi"},
                                 "phones": [{"phone": "+62 812"}]}]), "Budi +62 812"),
            (wrote("document", {"id": "1", "caption": "KTP saya"}), "KTP saya"),
        ],
        ids=["button", "list", "card", "caption"],
    )  # fmt: skip
    def test_words_are_found_wherever_they_stand(self, told, text):
        assert only(of_whatsapp("messages", told)).text == text

    @pytest.mark.parametrize(
        ("told", "name"),
        [
            (wrote("image", {"id": "1", "mime_type": "image/jpeg"}), "image.jpg"),
            (wrote("document", {"id": "1", "filename": "kartu.pdf"}), "kartu.pdf"),
            (wrote("audio", {"id": "1", "mime_type": "audio/ogg; codecs=opus"}), "audio.oga"),
        ],
        ids=["image", "document", "voice"],
    )
    def test_files_are_named(self, told, name):
        message = only(of_whatsapp("messages", told))
        assert [each.name.replace(".ogg", ".oga") for each in message.files] == [name]

    @pytest.mark.parametrize(
        ("told", "event"),
        [
            (wrote("sticker", {"id": "1"}), Event.STICKER),
            (wrote("reaction", {"message_id": "wamid.0", "emoji": "x"}), Event.REACTION),
            (wrote("location", {"latitude": 1, "name": "Kantor"}), Event.LOCATION),
            (wrote("system", {"body": "Rina changed their number"}), Event.SYSTEM),
        ],
    )
    def test_what_is_not_said_is_an_event(self, told, event):
        assert only(of_whatsapp("messages", told)).event is event

    def test_what_cannot_be_shown_is_not_passed_over(self):
        assert only(of_whatsapp("messages", wrote("unsupported", {}))).defects == ("empty_text",)

    def test_whoever_hides_their_number_has_another_name(self):
        told = wrote("text", {"body": "Halo"}) | {"from": None, "from_user_id": "ID.42"}
        message = only(of_whatsapp("messages", told))
        assert (message.thread, message.platform_id, message.phone) == ("ID.42", "ID.42", "")

    def test_what_was_written_on_our_own_phone_is_ours(self):
        told = wrote("text", {"body": "Halo"}) | {"from": PAGE, "to": PHONE}
        message = only(of_whatsapp("message_echoes", told))
        assert (message.ours, message.thread) == (True, f"+{PHONE}")

    def test_only_what_failed_is_told_of_what_we_sent(self):
        status = {"id": "wamid.7", "recipient_id": PHONE, "timestamp": "1"}
        error = {"code": 131026, "title": "Message undeliverable"}
        told = of_whatsapp(
            "statuses",
            *(status | {"status": each} for each in ("sent", "delivered", "read")),
            status | {"status": "failed", "errors": [error]},
        )
        assert (told.messages, told.accepted) == ((), ())
        assert told.failed == (Failed("wamid.7", f"+{PHONE}", "(131026) Message undeliverable"),)

    def test_what_arrives_is_told_by_the_mark_we_gave_it(self):
        status = {"id": "wamid.7", "recipient_id": PHONE, "biz_opaque_callback_data": "mark"}
        told = of_whatsapp("statuses", status | {"status": "delivered"})
        assert told.accepted == (Accepted("wamid.7", f"+{PHONE}", "mark"),)

    def test_a_window_that_closed_is_told_in_our_words(self):
        status = {"id": "wamid.7", "recipient_id": PHONE, "status": "failed"}
        told = of_whatsapp("statuses", status | {"errors": [{"code": 131047, "title": "Re-eng"}]})
        assert [each.why for each in told.failed] == [answers.CLOSED]


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        (AT_MS, SAID),
        (str(AT_MS), SAID),
        (AT_MS + 10**9, NOW),
        (0, NOW),
        (-1, NOW),
        (10**30, NOW),
        (None, NOW),
        (True, NOW),
        ("soon", NOW),
    ],
)
def test_a_time_that_cannot_be_is_when_we_received_it(stamp, moment):
    told = from_rina(message={"mid": "m1", "text": "Halo"}) | {"timestamp": stamp}
    assert only(of_meta(told)).sent_at == moment


@pytest.mark.parametrize("channel", hooks.CHANNELS)
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"1", b'{"object":"user"}', b'{"a":' * 100_000, b'"page"'],
    ids=["empty", "no text", "a list", "a number", "another's", "deep", "a word"],
)
def test_what_is_none_of_this_channels_is_nothing(channel, body):
    assert hooks.read(channel, body, NOW) is None


_KEYS = [
    "object", "entry", "messaging", "changes", "value", "messages", "statuses", "sender", "id",
    "recipient", "message", "mid", "text", "attachments", "type", "payload", "from", "timestamp",
    "contacts", "errors", "image", "body", "message_echoes", "reaction", "postback", "emoji",
]  # fmt: skip
_VALUES = st.sampled_from(["page", "text", "image", "failed", RINA, AT_MS, True]) | st.none()
_LEAVES = _VALUES | st.text(max_size=5) | st.floats() | st.integers()
_JSON: st.SearchStrategy = st.deferred(
    lambda: (
        _LEAVES
        | st.lists(_JSON, max_size=3)
        | st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4)
    )
)


@given(st.sampled_from(hooks.CHANNELS), _JSON)
def test_no_shape_is_too_strange(channel, entry):
    for under in ("messaging", "changes"):
        content = {
            "object": hooks._OBJECTS[channel],
            "entry": [{under: [entry, {"value": entry}]}],
        }
        told = read(channel, content)
        for message in told.messages:
            assert message.thread
            assert message.sent_at <= NOW


class TestSignature:
    BODY, SECRET = b'{"object":"page"}', "made-up-secret"

    def signature(self) -> str:
        return "sha256=" + hmac.new(self.SECRET.encode(), self.BODY, hashlib.sha256).hexdigest()

    def test_of_the_very_bytes_and_our_secret_is_taken(self):
        assert hooks.is_signed(self.BODY, self.signature(), self.SECRET)

    @pytest.mark.parametrize("given_", ["", "sha256=", "sha256=00", "\N{SNOWMAN}"])
    def test_any_other_is_not(self, given_):
        assert not hooks.is_signed(self.BODY, given_, self.SECRET)

    def test_one_changed_byte_or_another_secret_or_none_is_noticed(self):
        assert not hooks.is_signed(self.BODY + b" ", self.signature(), self.SECRET)
        assert not hooks.is_signed(self.BODY, self.signature(), "other")
        empty = "sha256=" + hmac.new(b"", self.BODY, hashlib.sha256).hexdigest()
        assert not hooks.is_signed(self.BODY, empty, "")

    def test_the_word_of_the_handshake_is_compared_whole(self):
        assert hooks.is_word("word", "word")
        assert not any(hooks.is_word(*pair) for pair in [("", ""), ("w", "word"), ("é", "word")])


def test_what_came_to_another_page_or_number_is_not_ours():
    said = from_rina(message={"mid": "m1", "text": "halo"})
    failed = {"id": "wamid.2", "status": "failed", "recipient_id": PHONE}
    for account, count in ((PAGE, 1), ("", 1), ("9002", 0)):
        assert len(of_meta(said, account=account).messages) == count
        assert (
            len(of_whatsapp("messages", wrote("text", {"body": "x"}), account=account).messages)
            == count
        )
        assert len(of_whatsapp("statuses", failed, account=account).failed) == count
    assert of_meta(said, channel=Channel.INSTAGRAM, account="9002").messages
