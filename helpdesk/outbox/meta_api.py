"""Messages by Meta's Send API, for Messenger and Instagram. Pure.

Source: developers.facebook.com, Messenger Platform, Send API and its error codes; the codes tell
more than the HTTP status.
"""

import datetime as dt
from collections.abc import Mapping

from helpdesk.outbox import answers
from helpdesk.outbox.answers import Answer, Meaning, Request, Text, Verdict, at, number, word

RESPONSE_HOURS = 24  # later a person may still answer, for seven days, under a tag
_EARLY = dt.timedelta(minutes=1)  # our clock is not theirs

_BY_SUBCODE: Mapping[int | None, Meaning] = {
    **dict.fromkeys((2018065, 2018278, 2534022), Meaning.CLOSED),
    # Nobody there, or nobody who wants to hear from us.
    **dict.fromkeys((1545041, 2018001, 2018108, 2534014), Meaning.REFUSED),
    # "Received invalid JSON reply", documented to come though the message was sent.
    1357046: Meaning.LOST,
}
_BY_CODE: Mapping[int | None, Meaning] = {
    **dict.fromkeys((1, 2, 4, 17, 32, 341, 613, 1200, 80002, 80006), Meaning.BUSY),
    **dict.fromkeys((3, 10, 102, 190, 368, *range(200, 300)), Meaning.OURS),
    551: Meaning.REFUSED,
}
_NO_SUCH_ACCOUNT = (100, 33)  # the page or account in the address


def request(text: Text, account_id: str, now: dt.datetime) -> Request:
    """Return what sends a text; the recipient is the id the page or account knows them by."""
    asked = text.asked_at
    fresh = asked is not None and now < asked + dt.timedelta(hours=RESPONSE_HOURS) - _EARLY
    kind = (
        {"messaging_type": "RESPONSE"}
        if fresh
        else {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    )
    message = {"recipient": {"id": text.recipient}, "message": {"text": text.text}}
    return Request(f"/{account_id}/messages", content=kind | message)


def judge(answer: Answer, now: dt.datetime) -> Verdict:
    """Return what an answer means. Never raises."""
    return answers.judge(answer, at(answer.content, "message_id"), _refusal, now)


def error_of(answer: Answer) -> Mapping[str, object]:
    """Return the error in an answer of Meta's; empty if there is none."""
    error = at(answer.content, "error")
    return error if isinstance(error, dict) else {}


def words_of(error: Mapping[str, object]) -> str:
    """Return an error in one line: its numbers, and Meta's words."""
    numbers = [number(error.get(each)) for each in ("code", "error_subcode")]
    told = "/".join(str(each) for each in numbers if each is not None)
    details = word(at(error, "error_data", "details")) or word(error.get("message"))
    return f"({told}) {details}" if told else details


def _refusal(answer: Answer) -> tuple[Meaning, str]:
    error = error_of(answer)
    code, sub = number(error.get("code")), number(error.get("error_subcode"))
    told = _BY_SUBCODE.get(sub) or _BY_CODE.get(code)
    if told is None and (code, sub) == _NO_SUCH_ACCOUNT:
        told = Meaning.OURS
    if told is None and error.get("is_transient") is True:
        told = Meaning.BUSY
    return told or answers.by_status(answer.status), words_of(error)
