"""The addresses that the platforms call: off, shaking hands, and what is kept of what comes."""

import hashlib
import hmac
import json
import time

import msgspec
import pytest
from sqlalchemy import func, select

from helpdesk.jobs import Job, JobRow
from helpdesk.settings import Direct, Settings
from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Mailbox, RawMessage
from helpdesk.web import hooks
from helpdesk.web.app import create_app
from tests.web.conftest import BASE_URL, Browser

SECRET, WORD = "made-up-app-secret", "made-up-word"
BODY = json.dumps({"object": "page", "entry": []}).encode()
PATHS = list(hooks.PATHS)


@pytest.fixture
def platform(conf: Settings, sqlite_database, blobs):
    """Somebody who calls without a cookie, an origin or a token, while every hook is on."""
    on = Direct(webhook=True, app_secret=SECRET, verify_token=WORD)
    settings = msgspec.structs.replace(conf, facebook=on, instagram=on, whatsapp=on)
    app = create_app(settings, sqlite_database, blobs=blobs)
    with Browser(app, base_url=BASE_URL, follow_redirects=False) as caller:
        yield caller


def signed(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def kept(database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(RawMessage.id)))


@pytest.mark.parametrize("path", PATHS)
def test_what_is_signed_is_kept_with_its_channel_before_it_is_answered(
    platform, sqlite_database, path
):
    answer = platform.post(path, content=BODY, headers=signed())

    assert (answer.status_code, answer.content) == (200, b"")
    with sqlite_database.reading() as session:
        raw = session.scalars(select(RawMessage)).one()
        box = session.get_one(Mailbox, raw.mailbox_id)
        job = session.scalars(select(JobRow)).one()
    assert (raw.channel, raw.size_bytes) == (Channel(path.rpartition("/")[2]), len(BODY))
    assert (box.name, box.folder) == ("hook", raw.channel.value)
    assert (job.job, job.subject_id) == (Job.RECEIVE, raw.id)


def test_the_same_again_is_answered_alike_and_kept_once(platform, sqlite_database):
    answers = [platform.post(PATHS[0], content=BODY, headers=signed()) for _ in range(3)]
    assert {each.status_code for each in answers} == {200}
    assert kept(sqlite_database) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256=" + "0" * 64},
        signed(secret="other"),
        signed(BODY + b" "),
        {"x-hub-signature": "sha1=" + hmac.new(SECRET.encode(), BODY, "sha1").hexdigest()},
    ],
    ids=["none", "empty", "wrong", "another secret", "other bytes", "the old kind"],
)
def test_what_is_not_signed_is_refused_without_a_word(platform, sqlite_database, headers):
    answer = platform.post(PATHS[0], content=BODY, headers=headers)
    assert (answer.status_code, answer.content) == (403, b"")
    assert kept(sqlite_database) == 0


def test_a_body_too_large_is_not_read_to_its_end(platform, sqlite_database):
    body = b"x" * (hooks.MAX_BODY_BYTES + 1)
    assert platform.post(PATHS[0], content=body, headers=signed(body)).status_code == 413
    largest = b"x" * (3 << 20)
    assert platform.post(PATHS[0], content=largest, headers=signed(largest)).status_code == 200
    assert kept(sqlite_database) == 1


@pytest.mark.parametrize("path", PATHS)
def test_hooks_are_off_by_default_and_off_says_no_more_than_unsigned(client, path):
    asked = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1158201444"}
    answers = [
        client.post(path, content=BODY, headers=signed(secret="")),
        client.get(path, params=asked),
    ]
    assert [(each.status_code, each.content) for each in answers] == [(403, b"")] * 2


@pytest.mark.parametrize("path", PATHS)
def test_the_handshake_gives_the_challenge_back_as_plain_text(platform, path):
    asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
    answer = platform.get(path, params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "9" * 300},
        {"hub.challenge": ""},
    ],
)
def test_any_other_handshake_is_refused(platform, changed):
    asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
    assert platform.get(PATHS[0], params=asked | changed).status_code == 403


def test_no_other_address_is_opened_by_it(platform):
    for path in ("/hooks", "/hooks/x", "/hooks/email", "/hooks/facebook/x", "/tickets/1/note"):
        answer = platform.post(path, content=BODY, headers=signed())
        assert answer.status_code == 403, path  # not from a page of ours


def test_it_is_answered_in_milliseconds(platform):
    bodies = [json.dumps({"object": "page", "n": number}).encode() for number in range(50)]
    took = []
    for body in bodies:
        began = time.perf_counter()
        assert platform.post(PATHS[0], content=body, headers=signed(body)).status_code == 200
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.25
