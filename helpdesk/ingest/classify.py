"""Kinds of mail: a person, a machine that answers, a bounce, a list, or ourselves."""

import re

from helpdesk.ingest.types import Classification, Headers, ParsedMessage
from helpdesk.tickets.kinds import MessageKind

_DAEMONS = frozenset({"mailer-daemon", "mail-daemon", "mailerdaemon"})
_NO_REPLY = re.compile(
    r"(?:no|do-?not|donot|tidak|jangan)[-_.]?(?:reply|balas|dibalas)(?:[-_.+].*)?", re.IGNORECASE
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|fail|has failed|problem|report|incomplete)|failure notice|"
    r"returned mail|mail delivery|mail system error|could not be delivered|non remis|"
    r"(?:gagal|tidak (?:dapat|bisa)) (?:terkirim|dikirim)|pengiriman gagal",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(
    r"(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office|"
    r"(?:balasan|jawaban) otomatis|di luar kantor)\s*(?::|$)",
    re.IGNORECASE,
)
_KEYWORD = re.compile(r"[^\s;(]+")  # comments and parameters may follow (RFC 3834 §5)
_SUPPRESSED = re.compile(r"\b(?:all|autoreply|oof)\b")


def classify(parsed: ParsedMessage, *, own_addresses: frozenset[str]) -> Classification:
    """Say what wrote a message; only a person's opens a ticket, and only a person is answered.

    Args:
        parsed: the message.
        own_addresses: the addresses replies are sent from, in lower case.

    Returns:
        The kind and the code of the first rule that fits, in this order: ourselves, a bounce,
        something automatic, a list; what fits none is a person.

    Source: RFC 3834 §2, §5; RFC 3464; RFC 2919; RFC 8098; MS-OXCMAIL X-Auto-Response-Suppress.
    """
    headers = parsed.headers
    if any(address.email in own_addresses for address in headers.from_ if address.email):
        return Classification(MessageKind.OWN, "own_address")
    reason = _bounce(parsed)
    if reason:
        return Classification(MessageKind.BOUNCE, reason)
    reason = _automatic(headers)
    if reason:
        return Classification(MessageKind.AUTO_REPLY, reason)
    reason = _list(headers)
    if reason:
        return Classification(MessageKind.LIST, reason)
    return Classification(MessageKind.PERSON, "person" if headers.from_ else "no_sender")


def _bounce(parsed: ParsedMessage) -> str:
    headers = parsed.headers
    if headers.content_type == "multipart/report" and headers.report_type == "delivery-status":
        return "delivery_status"
    if any(part.media_type == "message/delivery-status" for part in parsed.attachments):
        return "delivery_status"
    locals_ = _local_parts(headers)
    if _DAEMONS & locals_:
        return "mailer_daemon"
    told = bool(parsed.failed_recipients) or bool(_BOUNCE_SUBJECT.search(headers.subject))
    if headers.return_path == "" and told and not _auto_replied(headers):
        return "null_sender"
    return "postmaster" if "postmaster" in locals_ and told else ""


def _automatic(headers: Headers) -> str:
    """Name the first sign that no person pressed *send*."""
    submitted = _KEYWORD.match(headers.auto_submitted)
    signs = (
        ("auto_submitted", submitted is not None and submitted[0] != "no"),
        ("report", headers.content_type == "multipart/report"),
        ("suppress", bool(_SUPPRESSED.search(headers.auto_response_suppress))),
        ("auto_header", bool(headers.auto_headers)),
        ("loop_header", bool(headers.loop_headers)),
        (
            "precedence",
            headers.precedence in {"bulk", "junk", "auto_reply"} and not _list(headers),
        ),
        ("null_sender", headers.return_path == ""),
        ("no_reply_sender", any(_NO_REPLY.fullmatch(part) for part in _local_parts(headers))),
        ("postmaster", "postmaster" in _local_parts(headers)),
        ("subject", bool(_AUTO_SUBJECT.match(headers.subject))),
    )
    return next((code for code, seen in signs if seen), "")


def _list(headers: Headers) -> str:
    if headers.list_headers:
        return "list_header"
    return "precedence" if headers.precedence == "list" else ""


def _auto_replied(headers: Headers) -> bool:
    return headers.auto_submitted.startswith("auto-replied") and bool(
        _AUTO_SUBJECT.match(headers.subject)
    )


def _local_parts(headers: Headers) -> set[str]:
    return {address.email.rpartition("@")[0] for address in headers.from_}
