"""Reply tokens: Message-IDs of ours that name their ticket and that nobody else can make."""

import base64
import hashlib
import hmac
import re

_MAC_CHARS = 20  # of 5 bits each: 100 bits
_SHAPE = re.compile(
    rf"<?reply\.([1-9][0-9]{{0,17}})\.([a-z0-9]{{1,64}})\.([a-z2-7]{{{_MAC_CHARS}}})@[^@<>\s]{{1,255}}>?"
)


def make(secret: str, ticket_id: int, nonce: str, domain: str) -> str:
    """Make the Message-ID of a reply, without angle brackets.

    Args:
        secret: the installation's key.
        ticket_id: the ticket the reply belongs to, above 0.
        nonce: letters a-z and digits that make it unique, up to 64.
        domain: what stands after the `@`; not covered by the signature, as gateways rewrite it.

    Raises:
        ValueError: an argument does not fit.
    """
    message_id = f"reply.{ticket_id}.{nonce}.{_mac(secret, ticket_id, nonce)}@{domain}"
    if not secret or not _SHAPE.fullmatch(message_id):
        msg = "a reply token needs a secret, a ticket id, a nonce of a-z0-9 and a domain"
        raise ValueError(msg)
    return message_id


def read(secret: str, message_id: str) -> int | None:
    """Return the ticket a Message-ID of ours names; None for everybody else's and for forged ones.

    Letter case is ignored, angle brackets are optional. Never raises; takes the same time whether
    the signature is right or nearly so.
    """
    if not secret or len(message_id) > 400:
        return None
    match = _SHAPE.fullmatch(message_id.strip().lower())
    if match is None:
        return None
    ticket_id = int(match[1])
    fits = hmac.compare_digest(_mac(secret, ticket_id, match[2]), match[3])
    return ticket_id if fits else None


def _mac(secret: str, ticket_id: int, nonce: str) -> str:
    """Sign; the first word keeps these signatures apart from others made with the same secret."""
    signed = f"reply-token\n{ticket_id}\n{nonce}".encode("utf-8", "replace")
    digest = hmac.new(secret.encode("utf-8", "replace"), signed, hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:_MAC_CHARS]
