"""Facebook and Instagram: what the samples do not show, and any bytes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.ingest.exports import meta, meta_own
from helpdesk.ingest.exports.json_values import mend
from helpdesk.ingest.exports.types import Event, ExportError, ReadConfig, Skipped
from tests.unit.ingest.exports.members import Members, lines, messages

OWN, SITI = "Layanan", "Siti Contoh"
CONF = ReadConfig(own_names=frozenset({" LAYANAN "}))
AT = 1_730_000_000_000
FULL = {"full_name": OWN}
INBOX = "your_facebook_activity/messages/inbox"


def row(**more):
    return {"sender_name": SITI, "timestamp_ms": AT, "content": "halo"} | more


def fields(**told):
    return {"profile_user": [{"string_map_data": {key: {"value": told[key]} for key in told}}]}


def thread(*rows, people=(SITI, OWN), **more):
    told = {"participants": [{"name": name} for name in people], "messages": list(rows)} | more
    return json.dumps(told).encode()


def facebook(*rows, conf=CONF, **more):
    export = Members({f"{INBOX}/siti_1001/message_1.json": thread(*rows, **more)})
    return list(meta.read_facebook(export, conf))


def several(*others):
    """Conversations of one person with each of these."""
    return Members(
        {
            f"messages/inbox/x_{number}/message_1.json": thread(row(), people=people)
            for number, people in enumerate(others)
        }
    )


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_mojibake_is_mended_exactly(text):
    assert mend(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("clean", ["halo", "José", "naïve 🙏", "Ã", "café – ok", "\ud800é"])
def test_clean_text_stays_as_it_is(clean):
    assert mend(clean) == clean


def test_ours_is_who_is_in_every_one_of_three_conversations():
    export = several((SITI, OWN), ("Budi", OWN), (OWN, "Titin"))

    assert {one.ours for one in meta.read_facebook(export, ReadConfig())} == {False}
    assert {one.title for one in meta.read_facebook(export, ReadConfig())} == {
        SITI,
        "Budi",
        "Titin",
    }


@pytest.mark.parametrize(
    "people",
    [
        [(SITI, OWN), ("Budi", OWN)],
        [(SITI, OWN), ("Budi", OWN), ("Titin", "Agus")],
        [(SITI, OWN)] * 3,
        [("", OWN), ("", "Budi"), ("", "Titin")],
    ],
    ids=["too few", "nobody in all", "two in all", "without a name"],
)
def test_an_export_that_does_not_tell_which_side_is_ours_is_refused(people):
    with pytest.raises(ExportError) as told:
        list(meta.read_facebook(several(*people), ReadConfig()))

    assert str(told.value) == meta_own.NO_OWN


def test_own_names_of_other_channels_do_not_make_every_message_theirs():
    conf = ReadConfig(own_names=frozenset({"nama di kanal lain"}))

    with pytest.raises(ExportError):
        facebook(row(), conf=conf)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("profile_information/profile_information.json", {"profile": {"name": FULL}}),
        ("a/profile_information/profile_information.json", {"profile_v2": {"name": OWN}}),
        ("personal_information/personal_information.json", fields(Name=OWN)),
        ("account_information/personal_information.json", fields(Nama=OWN)),
    ],
)
def test_the_profile_tells_our_name_in_every_layout(path, told):
    export = several((SITI, OWN))
    export.members[path] = json.dumps(told).encode()

    [message] = meta.read_instagram(export, ReadConfig())

    assert message.title == SITI


@pytest.mark.parametrize("people", [(OWN, "layanan"), (OWN, SITI, "Layanan ")])
def test_who_takes_our_name_is_not_taken_for_us(people):
    [message] = facebook(row(sender_name=OWN), people=people)

    assert not message.ours
    assert message.defects == ("own_name_twice",)


def test_the_keys_may_come_in_any_order():
    told = {"messages": [row(sender_name=OWN), row()], "participants": [{"name": OWN}, SITI]}
    export = Members({f"{INBOX}/siti_1001/message_1.json": json.dumps(told).encode()})

    [ours, theirs] = meta.read_facebook(export, CONF)

    assert (ours.ours, ours.title, theirs.ours) == (True, SITI, False)


def test_a_changed_name_keeps_conversation_and_sender():
    old = messages(facebook(row(sender_name="Siti Lama"), people=("Siti Lama", OWN)))
    renamed = thread(row(sender_name="Facebook user"), people=("Facebook user", OWN))
    export = Members({"messages/archived_threads/facebookuser_1001/message_1.json": renamed})

    [new] = meta.read_facebook(export, CONF)

    assert (new.thread, new.sender, new.sent_at) == (old[0].thread, old[0].sender, old[0].sent_at)
    assert (new.sender_name, new.title) == ("", "")


@pytest.mark.parametrize(
    ("more", "event"),
    [
        ({"is_unsent": True}, Event.DELETED),
        ({"call_duration": 12, "content": "Siti menelepon Anda."}, Event.CALL),
        ({"missed": True}, Event.CALL),
        ({"sticker": {"uri": "a/b.png"}}, Event.STICKER),
        ({"type": "Unsubscribe"}, Event.SYSTEM),
        ({"content": "Anda kini terhubung di Messenger"}, Event.SYSTEM),
        ({"content": "Reacted 😂 to your message "}, Event.REACTION),
        ({"content": "Liked a message"}, Event.REACTION),
        ({"content": "Menyukai sebuah pesan"}, Event.REACTION),
        ({"content": "Memberi reaksi ❤ ke pesan Anda"}, Event.REACTION),
        ({"content": "Liked a message", "photos": [{"uri": "a.jpg"}]}, None),
        ({"content": "saya sudah liked a message"}, None),
        ({"type": "Generic", "is_unsent": False, "missed": False}, None),
    ],
)
def test_what_is_nothing_said_is_an_event(more, event):
    [message] = facebook(row(**more))

    assert message.event is event


def test_a_row_of_nothing_is_kept_and_said_to_be_empty():
    [message] = facebook({"timestamp_ms": AT})

    assert (message.text, message.ours, message.defects) == ("", False, ("empty_text",))


@pytest.mark.parametrize("at", [None, -1, 0, 1, 10**12 * 9, 10**40, 1.7e12, "1730000000000", True])
def test_a_row_without_a_possible_time_is_counted_as_defective(at):
    assert facebook(row(timestamp_ms=at)) == [Skipped("bad_time", defective=True)]


@pytest.mark.parametrize("told", [b"[]", b"{}", b"7", b'{"a":[1]}', b'{"messages":null}'])
def test_a_file_without_rows_is_counted_as_defective(told):
    first = f"{INBOX}/siti_1001/message_1.json"
    export = Members({first: thread(), f"{INBOX}/siti_1001/message_2.json": told})

    assert list(meta.read_facebook(export, CONF)) == [Skipped("no_messages", defective=True)]


def test_a_file_is_found_by_its_path_as_written_and_as_mended():
    wrong = "é.jpg".encode().decode("latin-1")
    uri = f"{INBOX}/siti_1001/photos/{wrong}"
    for name in (wrong, "é.jpg"):
        member = f"contoh/{INBOX}/siti_1001/photos/{name}"
        path = f"contoh/{INBOX}/siti_1001/message_1.json"
        export = Members({path: thread(row(photos=[{"uri": uri}])), member: b""})

        [message] = meta.read_facebook(export, CONF)

        assert [(file.name, file.member) for file in message.files] == [("é.jpg", member)]


def test_a_file_of_a_conversation_that_moved_is_found_beside_its_rows():
    uri = "your_facebook_activity/messages/archived_threads/siti_1001/photos/1.jpg"
    member = f"{INBOX}/siti_1001/photos/1.jpg"
    told = thread(row(photos=[{"uri": uri}, {"uri": "../../../etc/passwd"}, {"uri": 5}, None]))
    export = Members({f"{INBOX}/siti_1001/message_1.json": told, member: b""})

    [message] = meta.read_facebook(export, CONF)

    assert [file.member for file in message.files] == [member, None]


def test_facebook_and_instagram_in_one_download_are_told_apart():
    members = {f"{INBOX}/siti_1/message_1.json": thread(row(content="fb"))}
    members["your_instagram_activity/messages/inbox/siti_2/message_1.json"] = thread(
        row(content="ig")
    )
    export = Members(members)

    assert [one.text for one in meta.read_facebook(export, CONF)] == ["fb"]
    assert [one.text for one in meta.read_instagram(export, CONF)] == ["ig"]


def test_a_group_tells_its_writers_by_name():
    [one, gone] = facebook(row(), row(sender_name=""), people=(SITI, OWN, "Budi"), title="Kerja")

    assert (one.is_group, one.sender, one.title) == (True, SITI, "Kerja")
    assert (gone.sender, gone.sender_name) == ("?", "")


def test_a_damaged_file_is_told_with_what_to_do():
    with pytest.raises(ExportError, match="Facebook again"):
        list(
            meta.read_facebook(Members({f"{INBOX}/a_1/message_1.json": thread(row())[:-5]}), CONF)
        )


READERS = {
    "facebook": (meta.read_facebook, f"{INBOX}/siti_1001/message_1.json"),
    "instagram": (meta.read_instagram, "messages/inbox/siti_1001/message_1.json"),
    "e2ee": (meta.read_e2ee, "Siti Contoh_1.json"),
}
KEYS = st.sampled_from(
    [
        "sender_name",
        "timestamp_ms",
        "content",
        "photos",
        "videos",
        "sticker",
        "share",
        "link",
        "share_text",
        "reactions",
        "reaction",
        "actor",
        "is_unsent",
        "call_duration",
        "missed",
        "uri",
        "type",
        "senderName",
        "text",
        "timestamp",
        "media",
        "isUnsent",
        "participants",
        "messages",
        "name",
        "title",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(AT)
    | st.just(OWN)
    | st.text("aÃ\x00\ud800é/.", max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=9),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)  # the machine may be busy
@given(JSON, st.lists(JSON | st.builds(row, content=JSON, photos=JSON, share=JSON), max_size=4))
def test_any_row_is_a_message_or_skipped_and_can_be_stored(people, rows):
    for read, path in READERS.values():
        told = {"participants": people, "messages": rows}
        try:
            found = list(read(Members({path: json.dumps(told).encode()}), CONF))
        except ExportError as error:
            assert str(error) == meta_own.NO_OWN
            continue
        for line in lines(found):
            line.encode()
            assert "\\u0000" not in line
        assert all(message.thread and message.sender for message in messages(found))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_read_or_refused(data, cut):
    whole = thread(row(), row())
    for read, path in READERS.values():
        for member in (data, whole[:cut] + data, whole[:cut] + data + whole[cut:]):
            try:
                lines(read(Members({path: member}), CONF))
            except ExportError:
                continue


def test_a_conversation_that_somebody_else_wrote_in_and_left_is_one_of_a_group():
    left = row(sender_name="Budi", content="NIK saya 3273011708909001")

    assert [one.is_group for one in facebook(row(), left)] == [False, True]
    assert not facebook(row(sender_name="Facebook user"))[0].is_group
    assert not facebook(row(sender_name=""))[0].is_group
    assert not facebook(left, people=())[0].is_group
