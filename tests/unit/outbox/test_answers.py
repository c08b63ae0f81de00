"""What platforms' answers mean."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.outbox import answers, meta_api, whatsapp_api, x_api
from helpdesk.outbox.answers import Answer
from helpdesk.outbox.states import OutcomeKind, Phase

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
JUDGES = (x_api.judge, meta_api.judge, whatsapp_api.judge)
_KEYS = [
    "error", "errors", "data", "messages", "id", "code", "error_subcode", "status", "message",
    "message_id", "dm_event_id", "title", "detail", "type", "error_data",
]  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON: st.SearchStrategy = st.deferred(
    lambda: (
        _LEAVES
        | st.lists(JSON, max_size=3)
        | st.dictionaries(st.sampled_from(_KEYS), JSON, max_size=4)
    )
)


def answer(status: int, content: object = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, json.dumps(content).encode())


def error(code: int, sub: int | None = None, **more: object) -> dict:
    return {"error": {"code": code, "error_subcode": sub, "message": "words", **more}}


@given(
    st.sampled_from(JUDGES),
    st.integers(100, 599),
    JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-rate-limit-reset", "x-business-use-case-usage"]),
        st.text(max_size=20) | JSON.map(json.dumps),
    ),
)
def test_no_answer_is_too_strange(judge, status, body, headers):
    verdict = judge(Answer(status, headers, body), NOW)
    accepted = verdict.kind is OutcomeKind.ACCEPTED
    assert accepted == bool(verdict.remote_id)
    assert not accepted or 200 <= status <= 299
    assert verdict.retry_after_s is None or verdict.retry_after_s > 0


@pytest.mark.parametrize("judge", JUDGES)
def test_deep_nesting_is_no_answer(judge):
    deep = Answer(200, {}, b'{"a":' * 30_000)
    assert judge(deep, NOW).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "90"}, 90),
        ({"retry_after": "Sat, 21 Nov 2026 09:02:00 GMT"}, 120),
        ({"retry_after": "Sat, 21 Nov 2026 08:00:00 GMT"}, None),
        ({"retry_after": "soon"}, None),
        ({"x_rate_limit_reset": str(int(NOW.timestamp()) + 600)}, 600),
        ({"x_rate_limit_reset": "1"}, None),
        (
            {
                "x_business_use_case_usage": json.dumps(
                    {"9001": [{"type": "messenger", "estimated_time_to_regain_access": 7}]}
                )
            },
            420,
        ),
        ({"x_business_use_case_usage": "[1]"}, None),
        ({"retry_after": "30", "x_rate_limit_reset": str(int(NOW.timestamp()) + 40)}, 40),
    ],
)
def test_how_long_to_wait_is_read_from_every_platforms_header(headers, seconds):
    assert answers.wait_s(answer(429, **headers), NOW) == seconds


@pytest.mark.parametrize(
    ("judge", "status", "content", "phase"),
    [
        (meta_api.judge, 400, error(10, 2018065), Phase.WINDOW),
        (meta_api.judge, 400, error(10, 2534022), Phase.WINDOW),
        (meta_api.judge, 403, error(10), Phase.LOGIN),
        (meta_api.judge, 400, error(190), Phase.LOGIN),
        (meta_api.judge, 400, error(100, 33), Phase.LOGIN),
        (meta_api.judge, 400, error(100, 2018001), Phase.FINAL),
        (meta_api.judge, 400, error(200, 1545041), Phase.FINAL),
        (meta_api.judge, 400, error(1200), Phase.SERVICE),
        (meta_api.judge, 400, error(80006), Phase.SERVICE),
        (meta_api.judge, 400, error(99, is_transient=True), Phase.SERVICE),
        (whatsapp_api.judge, 400, error(131047), Phase.WINDOW),
        (whatsapp_api.judge, 400, error(131056), Phase.SERVICE),
        (whatsapp_api.judge, 400, error(131042), Phase.LOGIN),
        (whatsapp_api.judge, 400, error(131026), Phase.FINAL),
        (x_api.judge, 403, {"title": "Forbidden", "detail": "Forbidden"}, Phase.LOGIN),
        (x_api.judge, 403, {"detail": "You do not have permission to DM them."}, Phase.FINAL),
        (x_api.judge, 404, None, Phase.FINAL),
    ],
)
def test_the_platforms_own_codes_tell_more_than_the_status(judge, status, content, phase):
    assert judge(answer(status, content), NOW).phase is phase


def test_the_error_that_meta_gives_after_sending_all_the_same_is_unknown():
    assert meta_api.judge(answer(500, error(1, 1357046)), NOW).kind is OutcomeKind.UNKNOWN


def test_what_is_kept_of_a_platforms_words_names_nobody():
    told = answer(400, error(100, None, message="no user 6281200009001 or rina@example.org"))
    assert meta_api.judge(told, NOW).text == "(100) no user […] or […]"


def test_details_come_before_the_title():
    told = error(131009, error_data={"details": "text.body is too long"})
    assert whatsapp_api.judge(answer(400, told), NOW).text == "(131009) text.body is too long"
