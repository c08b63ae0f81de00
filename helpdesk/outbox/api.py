"""Send the parts of a direct reply through a platform's API, one after the other."""

import datetime as dt
import ipaddress
import logging
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import httpx2

from helpdesk.outbox import answers, meta_api, whatsapp_api, x_api
from helpdesk.outbox.answers import Answer, Request, Text, Verdict
from helpdesk.outbox.states import Outcome, OutcomeKind, Phase
from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel

_ANSWER_BYTES = 64 << 10  # more than any answer of theirs, and than we want in memory
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_NOT_SENT_YET = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

for _name in ("httpx2", "httpcore2"):  # they log addresses, which name people, and headers
    logging.getLogger(_name).setLevel(logging.WARNING)

# Called with the number of an accepted part, from 0, and the platform's name for it; commits that,
# and tells whether the next may be begun.
OnAccepted = Callable[[int, str], bool]


@dataclass(frozen=True, slots=True)
class OutgoingParts:
    """A frozen direct reply on its way out; `first` is the number of the first part left to send.

    `asked_at` is when the contact wrote last; `attempt` tells this try from every other, `name`
    this delivery.
    """

    delivery_id: int
    attempt: int
    channel: Channel
    recipient: str = field(repr=False)
    parts: tuple[str, ...] = field(repr=False)
    first: int
    asked_at: dt.datetime | None
    name: str = field(repr=False, default="")


def send(
    outgoing: OutgoingParts, conf: Direct, on_accepted: OnAccepted, now: Callable[[], dt.datetime]
) -> Outcome:
    """Send what is left of a reply, in order, and say what became of it.

    A part is begun only when the one before was certainly accepted and `on_accepted` has said to
    go on. Before a request is written, whatever happens means *not accepted*; afterwards only the
    platform's own answer counts, and no answer is *unknown*.

    Takes at most about three times `timeout_s` a part. Raises only what `on_accepted` does.
    """
    problem = unusable(conf)
    if problem:
        return Outcome(OutcomeKind.NOT_SENT, Phase.CONNECT, outgoing.attempt, text=problem)
    verdict = Verdict(OutcomeKind.ACCEPTED)
    with _client(conf) as client:
        for part in range(outgoing.first, len(outgoing.parts)):
            verdict = _send_one(client, outgoing, part, conf, now)
            if verdict.kind is not OutcomeKind.ACCEPTED:
                break
            if not on_accepted(part, verdict.remote_id):
                # Somebody else decides by now; what is left was certainly not begun.
                verdict = Verdict(OutcomeKind.NOT_SENT, Phase.CONNECT, text="it was taken over")
                break
    return Outcome(
        verdict.kind,
        verdict.phase,
        outgoing.attempt,
        verdict.code,
        verdict.text,
        verdict.retry_after_s,
    )


def unusable(conf: Direct) -> str:
    """Return what of these settings keeps the API from being used, in words; "" if nothing."""
    parts = urlsplit(conf.api_url)
    if not conf.api_token:
        return "no access token is set (api_token)"
    if not (conf.api_token.isascii() and conf.api_token.isprintable()):
        return "the access token holds characters that none can hold (api_token)"
    if not _ACCOUNT.fullmatch(conf.account_id):
        return "our account is not named, or not as the API names it (account_id)"
    if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        return "the address of the API is not one (api_url)"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
        return "the address of the API has to begin with https:// (api_url)"
    return ""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _send_one(
    client: httpx2.Client,
    outgoing: OutgoingParts,
    part: int,
    conf: Direct,
    now: Callable[[], dt.datetime],
) -> Verdict:
    text = Text(
        outgoing.channel,
        outgoing.recipient,
        outgoing.parts[part],
        outgoing.asked_at,
        answers.mark_of(outgoing.name, part),
    )
    try:
        request = _build(client, conf, _request(text, conf, now()))
    except (httpx2.InvalidURL, ValueError) as error:
        return Verdict(OutcomeKind.NOT_SENT, Phase.CONNECT, text=_in_words(error))
    try:
        answer = _post(client, request, conf.timeout_s)
    except _NOT_SENT_YET as error:
        return Verdict(OutcomeKind.NOT_SENT, Phase.CONNECT, text=_in_words(error))
    except (httpx2.HTTPError, httpx2.StreamError, OSError, ValueError) as error:
        return Verdict(OutcomeKind.UNKNOWN, text=_in_words(error))
    return _judge(outgoing.channel, answer, now())


def _request(text: Text, conf: Direct, now: dt.datetime) -> Request:
    match text.channel:
        case Channel.X:
            return x_api.request(text)
        case Channel.WHATSAPP:
            return whatsapp_api.request(text, conf.account_id)
        case _:
            return meta_api.request(text, conf.account_id, now)


def _judge(channel: Channel, answer: Answer, now: dt.datetime) -> Verdict:
    match channel:
        case Channel.X:
            return x_api.judge(answer, now)
        case Channel.WHATSAPP:
            return whatsapp_api.judge(answer, now)
        case _:
            return meta_api.judge(answer, now)


def _build(client: httpx2.Client, conf: Direct, request: Request) -> httpx2.Request:
    return client.build_request(
        "POST",
        conf.api_url.rstrip("/") + request.path,
        json=dict(request.content),
        headers={"authorization": f"Bearer {conf.api_token}"},
    )


def _post(client: httpx2.Client, request: httpx2.Request, timeout_s: float) -> Answer:
    until = time.monotonic() + timeout_s
    response = client.send(request, stream=True)
    try:
        body = b""
        for piece in response.iter_bytes():
            body += piece[: _ANSWER_BYTES - len(body)]
            if len(body) == _ANSWER_BYTES or time.monotonic() > until:
                break
        return Answer(response.status_code, dict(response.headers), body)
    finally:
        response.close()


def _client(conf: Direct) -> httpx2.Client:
    return httpx2.Client(
        verify=_tls(),
        trust_env=False,  # no proxy and no password that the settings do not name
        follow_redirects=False,
        timeout=conf.timeout_s,
        # A connection for each part: one that lay idle may be closed just when it is used again.
        limits=httpx2.Limits(max_keepalive_connections=0),
        headers={"user-agent": "helpdesk", "accept": "application/json"},
    )


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _in_words(error: Exception) -> str:
    """Say what broke; never in the library's words, which may name the address."""
    if isinstance(error, httpx2.TimeoutException):
        return "no answer in time"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason}"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
