"""What Meta's platforms send by themselves: kept at once, read by a worker. Off by default.

Source: developers.facebook.com, Graph API webhooks: the handshake, the signature, the repeats.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from helpdesk import clock, jobs
from helpdesk.ingest import hook_filing, hooks, storing
from helpdesk.jobs import Job
from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel
from helpdesk.web.house import House, house_of
from helpdesk.web.security import public

PATHS = {f"/hooks/{channel}": channel for channel in hooks.CHANNELS}
MAX_BODY_BYTES = 4 << 20  # WhatsApp's are at most 3 MB
_CHALLENGE_CHARS = 200


@public
def shake_hands(request: Request) -> Response:
    """Answer the question by which the platform finds that this address is ours."""
    conf = _conf(request)
    asked = request.query_params
    challenge = asked.get("hub.challenge", "")
    known = hooks.is_word(asked.get("hub.verify_token", ""), conf.verify_token)
    fit = 0 < len(challenge) <= _CHALLENGE_CHARS and challenge.isascii() and challenge.isalnum()
    if not (conf.webhook and known and fit and asked.get("hub.mode") == "subscribe"):
        return _refusal()
    return PlainTextResponse(challenge)


@public
async def receive(request: Request) -> Response:
    """Keep what is signed, and say so once it is committed; whatever else comes is refused."""
    conf = _conf(request)
    if not conf.webhook:
        return _refusal()
    body = await request.body()
    if not hooks.is_signed(body, request.headers.get("x-hub-signature-256", ""), conf.app_secret):
        return _refusal()
    await run_in_threadpool(_keep, house_of(request), PATHS[request.url.path], body)
    return Response(status_code=200)


def _keep(house: House, channel: Channel, body: bytes) -> None:
    now = clock.now()
    stored = house.blobs.prepare(body)
    with house.database.transaction() as tx:
        mailbox = storing.mailbox_id(tx.session, hook_filing.MAILBOX, channel.value)
        item = storing.ToStore(stored, stored.size_bytes, now)
        new = storing.store(tx.session, mailbox, [item], now, channel)
        jobs.enqueue(tx, Job.RECEIVE, new, now=now)


def _conf(request: Request) -> Direct:
    return house_of(request).settings.direct(PATHS[request.url.path].value)


def _refusal() -> Response:
    return Response(status_code=403)
