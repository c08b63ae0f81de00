"""Messages by the WhatsApp Cloud API. Pure.

Source: developers.facebook.com, WhatsApp Business Platform, Cloud API, messages and error codes.
"""

import datetime as dt

from helpdesk.outbox import answers
from helpdesk.outbox.answers import Answer, Meaning, Request, Text, Verdict, at, number
from helpdesk.outbox.meta_api import error_of, words_of

CLOSED_CODES = frozenset({470, 131047})
_OURS = frozenset(
    {
        *(0, 3, 10, 33, 190, 368),
        *(131005, 131031, 131042, 131045),  # rights, account locked, payment, number not certified
        *(133006, 133010),  # number not verified, not registered
    }
)
_BUSY = frozenset(
    {
        *(1, 2, 4, 80007, 130429, 131048, 131056),  # too much at once
        *(131000, 131016, 131057, 133004),  # trouble or maintenance of theirs
    }
)


def request(text: Text, account_id: str) -> Request:
    """Return what sends a text; the recipient is a phone number as E.164, the account's an id."""
    content = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": text.recipient.removeprefix("+"),
        "type": "text",
        "text": {"preview_url": False, "body": text.text},
        "biz_opaque_callback_data": text.mark,  # comes back with what becomes of the message
    }
    return Request(f"/{account_id}/messages", content)


def judge(answer: Answer, now: dt.datetime) -> Verdict:
    """Return what an answer means. Never raises."""
    return answers.judge(answer, at(answer.content, "messages", 0, "id"), _refusal, now)


def _refusal(answer: Answer) -> tuple[Meaning, str]:
    error = error_of(answer)
    code, words = number(error.get("code")), words_of(error)
    if code in CLOSED_CODES:
        return Meaning.CLOSED, words
    if code in _BUSY:
        return Meaning.BUSY, words
    if code in _OURS or (code is not None and 200 <= code <= 299):
        return Meaning.OURS, words
    return answers.by_status(answer.status), words
