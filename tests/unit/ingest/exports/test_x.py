"""Direct messages of X: what the samples do not show, and any bytes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.ingest.exports import x
from helpdesk.ingest.exports.types import Event, ExportError, ReadConfig, Skipped
from tests.unit.ingest.exports.members import Members, lines, messages

US, THEM = "222", "111"
SHORT, PICTURE = "https://t.co/a", "https://x.com/messages/media/1"
ACCOUNT = b'window.YTD.account.part0 = [{"account":{"accountId":"222"}}]'
AT = "2025-06-03T20:00:00.123Z"


def said(**more):
    body = {"senderId": THEM, "recipientId": US, "id": "9", "createdAt": AT, "text": "halo"} | more
    return {"messageCreate": {key: value for key, value in body.items() if value is not None}}


def archive(*entries, thread="111-222", account=ACCOUNT, group=False):
    talk = {"conversationId": thread, "messages": list(entries)}
    if thread is None:
        del talk["conversationId"]
    name = "data/direct-messages-group.js" if group else "data/direct-messages.js"
    members = {name: b"window.YTD.x.part0 = " + json.dumps([{"dmConversation": talk}]).encode()}
    return Members(members | ({"data/account.js": account} if account else {}))


def read(*entries, conf=ReadConfig(), **more):  # noqa: B008 - frozen
    return list(x.read(archive(*entries, **more), conf))


def test_ids_written_as_numbers_stay_exact():
    [message] = read(said(id=1978000000000000001, senderId=111))

    assert (message.message_id, message.sender) == ("1978000000000000001", "111")


def test_without_an_account_file_the_settings_tell_our_id():
    conf = ReadConfig(own_names=frozenset({" 222 ", "Layanan"}))

    [message] = read(said(senderId=US, recipientId=THEM), account=None, conf=conf)

    assert message.ours
    assert message.platform_id == THEM


@pytest.mark.parametrize("account", [None, b"window.x = []", b'x = [{"account":{}}]'])
def test_an_archive_that_does_not_say_who_we_are_is_refused(account):
    with pytest.raises(ExportError, match=r"account\.js"):
        read(said(), account=account)


@pytest.mark.parametrize("account", [b"", b"window.x = ", b'x = [{"account":{'])
def test_a_damaged_account_file_is_told_as_such(account):
    with pytest.raises(ExportError, match=r"account\.js .* damaged|account\.js"):
        list(x.read(Members({"direct-message.js": b"[]", "account.js": account}), ReadConfig()))


@pytest.mark.parametrize(
    ("url", "text", "files", "shown"),
    [
        (
            {"url": SHORT, "expanded": "https://e.example/?a=1&b=2"},
            "cek https://t.co/a!",
            0,
            "cek https://e.example/?a=1&b=2!",
        ),
        ({"url": SHORT, "expanded": PICTURE}, SHORT, 1, ""),
        ({"url": SHORT, "expanded": PICTURE}, SHORT, 0, PICTURE),
        ({"url": SHORT}, "https://t.co/ab &lt;b&gt; &amp;amp;", 0, "https://t.co/ab <b> &amp;"),
        ({"url": SHORT, "expanded": "https://e.example/" + "a" * 3_000}, SHORT, 0, SHORT),
        ({"url": [SHORT], "expanded": 5}, "\x00a\ud800&#0;&#xD800;b\r", 0, "a\ufffd\ufffdb"),
    ],
    ids=["expanded", "own media", "media left out", "entities", "too long", "absurd"],
)
def test_a_text_is_as_people_saw_it(url, text, files, shown):
    media = ["https://ton.twitter.com/dm/9/1/a.jpg"] * files

    [message] = read(said(text=text, urls=[url, "bukan", None], mediaUrls=media))

    assert message.text == shown


@pytest.mark.parametrize(
    "folder", ["direct_messages_media", "direct_message_media", "direct_messages_group_media"]
)
def test_media_are_found_in_the_folder_of_either_layout(folder):
    export = archive(said(mediaUrls=["https://ton.twitter.com/dm/9/1/a.jpg?x=/b"]))
    export.members[f"data/{folder}/9-a.jpg"] = b""

    [message] = x.read(export, ReadConfig())

    assert [(file.name, file.member) for file in message.files] == [
        ("a.jpg", f"data/{folder}/9-a.jpg")
    ]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (said(senderId=None), "no_sender"),
        (said(createdAt=None), "bad_time"),
        (said(createdAt="1969-12-31T00:00:00Z"), "bad_time"),
        (said(createdAt="9999-12-31T23:59:59-23:59"), "bad_time"),
        (said(createdAt=1e300), "bad_time"),
        (said(createdAt="2" * 10_000), "bad_time"),
        (said(text=["a"] * 100_000), "too_large"),
        ({"messageCreate": None}, "bad_entry"),
        ({}, "bad_entry"),
        (7, "bad_entry"),
    ],
)
def test_an_entry_that_cannot_be_read_is_counted_as_defective(entry, reason):
    assert read(entry, said())[:-1] == [Skipped(reason, defective=True)]


def test_a_conversation_without_an_id_gets_that_of_its_two_sides():
    [theirs, ours] = read(said(), said(senderId=US, recipientId=THEM), thread=None)

    assert theirs.thread == ours.thread == "111-222"


def test_the_id_of_one_conversation_is_not_used_for_the_next():
    talks = [{"conversationId": "1", "messages": []}, {"messages": [said()]}]
    data = json.dumps([{"dmConversation": talk} for talk in talks]).encode()
    export = Members({"direct-message-group.js": data, "account.js": ACCOUNT})

    assert list(x.read(export, ReadConfig())) == [Skipped("no_thread", defective=True)]


def test_parts_are_read_by_number_and_other_files_not_at_all():
    members = {}
    for part in ("-part10", "", "-part2"):
        export = archive(said(text=f"x{part}"))
        members[f"a/data/direct-messages{part}.js"] = export.members["data/direct-messages.js"]
    other = {"a/data/direct-message-headers.js": b"!", "a/b/c/direct-messages.js": b"!"}
    export = Members({**members, **other, "a/data/account.js": ACCOUNT})

    assert [message.text for message in x.read(export, ReadConfig())] == [
        "x",
        "x-part2",
        "x-part10",
    ]


def test_a_long_text_is_cut_and_said_to_be():
    [message] = read(said(text="é" * 60_000))

    assert message.text == "é" * 32_768
    assert message.defects == ("text_cut",)


def test_a_reaction_without_a_time_has_that_of_its_message():
    [_, reaction] = read(said(reactions=[{"senderId": US, "reactionKey": "like"}]))

    assert (reaction.event, reaction.ours, reaction.text) == (Event.REACTION, True, "like")
    assert reaction.sent_at.isoformat() == "2025-06-03T20:00:00.123000+00:00"


def test_what_was_read_before_the_damage_is_yielded_first():
    export = archive(*[said(text="a" * 1_000)] * 200)
    export.members["data/direct-messages.js"] = export.members["data/direct-messages.js"][:-9]
    found = x.read(export, ReadConfig())

    assert next(found).text.startswith("aaa")
    with pytest.raises(ExportError, match="damaged"):
        list(found)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([US, THEM, AT, "https://t.co/a"])
    | st.text("a\x00\ud800&;#0/", max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "senderId",
                    "recipientId",
                    "createdAt",
                    "text",
                    "urls",
                    "url",
                    "expanded",
                    "mediaUrls",
                    "reactions",
                    "reactionKey",
                    "id",
                    "eventId",
                    "userIds",
                    "name",
                ]
            ),
            inner,
            max_size=9,
        )
    ),
    max_leaves=30,
)
KINDS = st.sampled_from(
    [
        "messageCreate",
        "welcomeMessageCreate",
        "reactionCreate",
        "joinConversation",
        "participantsJoin",
        "participantsLeave",
        "conversationNameUpdate",
        "other",
    ]
)


@settings(max_examples=150, deadline=None)  # the machine may be busy
@given(st.lists(JSON | st.dictionaries(KINDS, JSON, max_size=2), max_size=4), st.booleans(), JSON)
def test_any_entry_is_a_message_or_skipped_and_can_be_stored(entries, group, thread):
    found = read(*entries, group=group, thread=thread)

    for line in lines(found):
        line.encode()
        assert "\\u0000" not in line
    assert all(message.thread and message.sender for message in messages(found))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=100), st.integers(0, 400))
def test_any_bytes_are_read_or_refused(data, account, cut):
    whole = archive(said(), said()).members["data/direct-messages.js"]
    for member in (data, whole[:cut] + data, whole[:cut] + data + whole[cut:]):
        for ours in (account, ACCOUNT):
            export = Members({"direct-message.js": member, "account.js": ours})
            try:
                lines(x.read(export, ReadConfig()))
            except ExportError as error:
                assert str(error) in {x.DAMAGED, x.ACCOUNT_DAMAGED, x.NO_ACCOUNT}
