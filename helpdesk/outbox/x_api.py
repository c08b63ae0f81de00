"""Direct messages by the API of X, version 2. Pure.

Source: docs.x.com, POST /2/dm_conversations/with/:participant_id/messages; errors are problems as
RFC 9457 has them.
"""

import datetime as dt

from helpdesk.outbox import answers
from helpdesk.outbox.answers import Answer, Meaning, Request, Text, Verdict, at, word

# A 403 that is about our app, its rights or its plan, and not about the recipient.
_OURS = ("client-forbidden", "unsupported-authentication", "oauth1-permissions", "usage-capped")


def request(text: Text) -> Request:
    """Return what sends a text; the recipient is the account's number."""
    return Request(
        f"/2/dm_conversations/with/{text.recipient}/messages", content={"text": text.text}
    )


def judge(answer: Answer, now: dt.datetime) -> Verdict:
    """Return what an answer means. Never raises."""
    return answers.judge(answer, at(answer.content, "data", "dm_event_id"), _refusal, now)


def _refusal(answer: Answer) -> tuple[Meaning, str]:
    told = answer.content
    first = at(told, "errors", 0)
    problem = first if isinstance(first, dict) else told
    title, detail = word(problem.get("title")), word(problem.get("detail"))
    kind = word(problem.get("type")) or word(told.get("type"))
    words = detail or title or word(problem.get("message"))
    # A missing scope is told by the bare word; what a recipient does not allow is explained.
    bare = words.casefold() in {"", "forbidden"}
    if answer.status == 403 and (bare or kind.endswith(_OURS)):
        return Meaning.OURS, words
    return answers.by_status(answer.status), words
