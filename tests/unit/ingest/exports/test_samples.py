"""The sample exports of the platforms, as written beside them."""

import pytest

from helpdesk.i18n import translations
from helpdesk.ingest.exports import meta, meta_own, x
from helpdesk.ingest.exports.types import ReadConfig
from tests.unit.ingest.exports.members import DATA, Members, lines, messages, sample

SAMPLES = {
    "x-archive": x.read,
    "x-archive-2019": x.read,
    "facebook-2025": meta.read_facebook,
    "facebook-2024": meta.read_facebook,
    "facebook-2019": meta.read_facebook,
    "facebook-e2ee": meta.read_e2ee,
    "instagram-2025": meta.read_instagram,
    "instagram-2021": meta.read_instagram,
}
SENTENCES = [
    *(x.NOT_X, x.DAMAGED, x.ACCOUNT_DAMAGED, x.NO_ACCOUNT, meta_own.NO_OWN),
    *(meta.NOT_FACEBOOK, meta.NOT_E2EE, meta.NOT_INSTAGRAM),
    *(meta.FACEBOOK_DAMAGED, meta.E2EE_DAMAGED, meta.INSTAGRAM_DAMAGED),
]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_as_written_beside_it(name):
    expected = (DATA / "exports.expected" / f"{name}.jsonl").read_text("utf-8").splitlines()

    assert lines(SAMPLES[name](sample(name), ReadConfig())) == expected


@pytest.mark.parametrize("name", SAMPLES)
def test_a_folder_around_an_export_changes_only_where_its_files_are(name):
    expected = (DATA / "exports.expected" / f"{name}.jsonl").read_text("utf-8")

    found = "\n".join(lines(SAMPLES[name](sample(name, "contoh/"), ReadConfig())))

    assert found.replace('"contoh/', '"') == expected.strip()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_file_that_a_sample_names_is_in_it(name):
    export = sample(name)

    read = messages(SAMPLES[name](export, ReadConfig()))

    members = {file.member for message in read for file in message.files} - {None}
    assert members <= set(export.names())


def test_a_newer_export_has_all_messages_of_a_conversation_that_the_older_had():
    newer = messages(meta.read_facebook(sample("facebook-2025"), ReadConfig()))
    older = messages(meta.read_facebook(sample("facebook-2024"), ReadConfig()))

    assert [one for one in older if one.thread == "1001"] == [
        one for one in newer if one.thread == "1001"
    ][-5:]


@pytest.mark.parametrize("read", dict.fromkeys(SAMPLES.values()), ids=lambda read: read.__name__)
def test_an_export_of_something_else_is_not_taken(read):
    with pytest.raises(x.ExportError):
        list(read(Members({"foto.png": b"", "data/tweets.js": b"[]"}), ReadConfig()))


@pytest.mark.parametrize("said", SENTENCES)
def test_what_a_person_is_told_is_translated(said):
    assert translations("id").gettext(said) != said
