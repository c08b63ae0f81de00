"""What the platforms send to `/hooks/…`: whether it is theirs, and what it tells. Pure."""

import datetime as dt
import hmac
import json

from helpdesk.ingest import hook_meta, hook_whatsapp
from helpdesk.ingest.hook_values import Told
from helpdesk.tickets.kinds import Channel

CHANNELS = (Channel.FACEBOOK, Channel.INSTAGRAM, Channel.WHATSAPP)
_OBJECTS = {
    Channel.FACEBOOK: "page",
    Channel.INSTAGRAM: "instagram",
    Channel.WHATSAPP: "whatsapp_business_account",
}


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Tell whether a request's header X-Hub-Signature-256 is of these bytes and our app's secret.

    Takes the same time wherever they differ. Without a secret nothing is signed. Never raises.
    """
    if not secret:
        return False
    expected = "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def is_word(given: str, expected: str) -> bool:
    """Tell whether the word of the handshake is ours, in the same time wherever they differ."""
    if not expected:
        return False
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def read(
    channel: Channel, body: bytes, received_at: dt.datetime, account_id: str = ""
) -> Told | None:
    """Return what a request tells; None if it is none of this channel's.

    Every page and number that is joined to our app signs with its secret, so what came to another
    than `account_id` is left out: it is not ours to read, and we could not answer it.

    Args:
        channel: whose address it came to.
        body: as it came.
        received_at: aware; nothing in it is later.
        account_id: of our page or number, as the settings name it; "" takes all. Instagram's own
            id is in no setting (there it is the page's), so it is not compared.

    Never raises, and takes time in proportion to the body.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("object") != _OBJECTS.get(channel):
        return None
    if channel is Channel.WHATSAPP:
        return hook_whatsapp.read(content, received_at, account_id)
    page_id = account_id if channel is Channel.FACEBOOK else ""
    return hook_meta.read(content, channel, received_at, page_id)
