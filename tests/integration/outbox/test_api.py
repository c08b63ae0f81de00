"""Texts through the platforms' APIs, over real HTTP: what was accepted, and what nobody knows."""

import datetime as dt
import logging
import socket

import pytest

from helpdesk import clock
from helpdesk.outbox import answers, api
from helpdesk.outbox.api import OutgoingParts
from helpdesk.outbox.states import OutcomeKind, Phase
from helpdesk.tickets.kinds import Channel
from tests.conftest import free_port
from tests.servers import platforms
from tests.servers.platforms import TOKEN, Script
from tests.servers.smtp import certificate, server_tls

CHANNELS = (Channel.X, Channel.FACEBOOK, Channel.INSTAGRAM, Channel.WHATSAPP)
META = (Channel.FACEBOOK, Channel.INSTAGRAM)
RECIPIENTS = dict.fromkeys(CHANNELS, "9007001") | {Channel.WHATSAPP: "+6281200009001"}
PARTS = ("Bagian satu.", "Bagian dua: Rp1.000 \N{PARTY POPPER}", "Bagian tiga.")


class Heard:
    """Notes the parts that are told to be accepted."""

    def __init__(self, until: int = 99) -> None:
        self.parts: list[tuple[int, str]] = []
        self._until = until

    def __call__(self, part: int, remote_id: str) -> bool:
        self.parts.append((part, remote_id))
        return len(self.parts) < self._until


def outgoing(channel: Channel, first: int = 0, asked_at: dt.datetime | None = None, **changed):
    fields = {"delivery_id": 1, "attempt": 1, "parts": PARTS} | changed
    return OutgoingParts(
        channel=channel, recipient=RECIPIENTS[channel], first=first, asked_at=asked_at, **fields
    )


def send(platform, heard=None, first=0, asked_at=None, **settings):
    return api.send(
        outgoing(platform.channel, first, asked_at),
        platform.settings(**settings),
        heard or Heard(),
        clock.now,
    )


@pytest.mark.parametrize("channel", CHANNELS)
def test_parts_are_taken_in_order_and_each_is_told_before_the_next(channel):
    heard = Heard()
    with platforms.running(channel) as platform:
        outcome = send(platform, heard)

    assert outcome.kind is OutcomeKind.ACCEPTED
    assert platform.texts == list(PARTS)
    assert [part for part, _ in heard.parts] == [0, 1, 2]
    assert len({name for _, name in heard.parts}) == 3
    assert {each.recipient for each in platform.taken} == {RECIPIENTS[channel].removeprefix("+")}
    assert platform.wrong == []


def test_a_retry_goes_on_after_the_last_accepted_part():
    with platforms.running(Channel.X) as platform:
        send(platform, first=2)
    assert platform.texts == [PARTS[2]]


def test_who_was_taken_over_begins_no_other_part():
    with platforms.running(Channel.X) as platform:
        outcome = send(platform, Heard(until=1))
    assert platform.texts == [PARTS[0]]
    assert (outcome.kind, outcome.counts) == (OutcomeKind.NOT_SENT, False)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("script", "kind", "phase"),
    [
        (Script.BUSY, OutcomeKind.REFUSED_FOR_NOW, Phase.SERVICE),
        (Script.BROKEN, OutcomeKind.REFUSED_FOR_NOW, Phase.SERVICE),
        (Script.NO_RIGHTS, OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN),
        (Script.REDIRECT, OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN),
        (Script.UNREACHABLE, OutcomeKind.REFUSED, Phase.FINAL),
        (Script.REFUSED, OutcomeKind.REFUSED, Phase.FINAL),
        (Script.GATEWAY, OutcomeKind.UNKNOWN, Phase.FINAL),
    ],
    ids=lambda value: value.name if isinstance(value, Script) else "",
)
def test_refusals_are_told_apart_and_nothing_after_them_is_sent(channel, script, kind, phase):
    heard = Heard()
    with platforms.running(channel, Script.ACCEPT, script) as platform:
        outcome = send(platform, heard)

    assert (outcome.kind, outcome.phase) == (kind, phase)
    assert platform.texts == [PARTS[0]]
    assert len(heard.parts) == 1
    assert len(platform.asked) == 2  # a redirect is not followed, either


@pytest.mark.parametrize("channel", [*META, Channel.WHATSAPP])
def test_a_closed_window_is_told_in_our_words(channel):
    with platforms.running(channel, Script.CLOSED) as platform:
        outcome = send(platform)
    assert (outcome.kind, outcome.words) == (OutcomeKind.REFUSED, answers.CLOSED)


@pytest.mark.parametrize(
    "script",
    [
        *(Script.LATE, Script.CUT, Script.CUT_IN_ANSWER),
        *(Script.NONSENSE, Script.NAMELESS, Script.ENDLESS),
    ],
    ids=lambda script: script.name,
)
def test_what_may_have_been_accepted_is_unknown_and_not_repeated(script):
    with platforms.running(Channel.FACEBOOK, script) as platform:
        outcome = send(platform)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert platform.texts == [PARTS[0]]


def test_a_wrong_token_is_for_an_operator_and_uses_nothing_up():
    with platforms.running(Channel.WHATSAPP) as platform:
        outcome = send(platform, api_token="old")
    assert (outcome.kind, outcome.phase) == (OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN)
    assert (outcome.counts, outcome.code) == (False, 401)


def test_a_busy_platform_says_how_long_to_wait():
    with platforms.running(Channel.X, Script.BUSY) as platform:
        assert send(platform).retry_after_s == 120


def test_who_is_not_there_has_accepted_nothing():
    platform = platforms.Platform(Channel.X, port=free_port())
    outcome = send(platform)
    assert (outcome.kind, outcome.words) == (
        OutcomeKind.NOT_SENT,
        "connect: Connection refused",
    )


def test_who_never_answers_may_have_accepted_it():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        platform = platforms.Platform(Channel.X, port=listener.getsockname()[1])
        assert send(platform).kind is OutcomeKind.UNKNOWN


def test_a_certificate_nobody_vouches_for_is_told_nothing(tmp_path):
    tls = server_tls(certificate(tmp_path))
    with platforms.running(Channel.X, tls=tls) as platform:
        outcome = send(platform)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert "certificate is not trusted" in outcome.text
    assert platform.asked == []


def test_the_token_is_only_in_its_header_and_nothing_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with platforms.running(Channel.FACEBOOK, Script.ACCEPT, Script.REFUSED) as platform:
        outcome = send(platform)
    assert TOKEN not in "".join(platform.asked) + outcome.words + caplog.text
    assert RECIPIENTS[Channel.FACEBOOK] not in caplog.text


@pytest.mark.parametrize("channel", META)
@pytest.mark.parametrize(
    ("hours", "kind"), [(1, "RESPONSE"), (25, "MESSAGE_TAG"), (None, "MESSAGE_TAG")]
)
def test_after_a_day_a_person_answers_under_a_tag(channel, hours, kind):
    asked_at = None if hours is None else clock.now() - dt.timedelta(hours=hours)
    with platforms.running(channel) as platform:
        send(platform, asked_at=asked_at)
    assert {each.content["messaging_type"] for each in platform.taken} == {kind}
    assert platform.wrong == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"api_token": ""}, "api_token"),
        ({"api_token": "a\nb"}, "api_token"),
        ({"account_id": ""}, "account_id"),
        ({"account_id": "../me"}, "account_id"),
        ({"api_url": "http://api.example.org"}, "api_url"),
        ({"api_url": "https://user:word@api.example.org"}, "api_url"),
        ({"api_url": ""}, "api_url"),
    ],
)
def test_settings_that_cannot_be_used_are_named_and_nobody_is_asked(wrong, named):
    with platforms.running(Channel.X) as platform:
        outcome = send(platform, **wrong)
    assert (outcome.kind, outcome.counts) == (OutcomeKind.NOT_SENT, False)
    assert named in outcome.text
    assert platform.asked == []
