"""The stamp a form carries: when it was made, and a number to know a second press by. Pure."""

import base64
import datetime as dt
import hmac
import ipaddress
import re
from dataclasses import dataclass, field

MIN_FILL = dt.timedelta(seconds=3)  # nobody reads and fills nine fields faster
MAX_AGE = dt.timedelta(hours=24)
NONCE_BYTES = 16
_TOKEN_BYTES = 24
_STAMP = re.compile(r"(\d{1,11})\.([0-9a-f]{32})\.([0-9a-f]{64})", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp of ours: when the form was handed out, and the form's own number."""

    made_at: dt.datetime
    nonce: str = field(repr=False)

    def is_hasty(self, now: dt.datetime) -> bool:
        """Tell whether the form came back faster than a person fills it in."""
        return now - self.made_at < MIN_FILL


def key_from(secret: str) -> bytes:
    """Derive the key of this form from the installation's secret."""
    return hmac.digest(secret.encode(), b"public form", "sha256")


def make(nonce: bytes, *, key: bytes, now: dt.datetime) -> str:
    """Return the stamp of a form that is handed out at `now`; `nonce` is `NONCE_BYTES` random."""
    said = f"{int(now.timestamp())}.{nonce.hex()}"
    return f"{said}.{_sign(key, 'stamp', said.encode())}"


def read(stamp: str, *, key: bytes, now: dt.datetime) -> Stamp | None:
    """Return what a stamp says; None if it is not ours or older than `MAX_AGE`. Never raises."""
    found = _STAMP.fullmatch(stamp)
    if not found:
        return None
    said, _, signature = stamp.rpartition(".")
    if not hmac.compare_digest(signature, _sign(key, "stamp", said.encode())):
        return None
    made_at = dt.datetime.fromtimestamp(int(found[1]), dt.UTC)
    return Stamp(made_at, found[2]) if now - made_at <= MAX_AGE else None


def token(stamp: Stamp, content: bytes, *, key: bytes) -> str:
    """Return the secret of the link to what was sent: 192 bits as 32 characters for an address.

    The same form with the same content gives the same one, so that a second press shows the link
    of the first. Who has neither the form nor the key cannot know it.
    """
    digest = hmac.digest(key, b"link\0" + stamp.nonce.encode() + b"\0" + content, "sha256")
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode()


def is_token(text: str) -> bool:
    """Tell whether a text has the shape of a link's secret."""
    return bool(_TOKEN.fullmatch(text))


def network(address: str) -> str:
    """Return what stands for whoever has a network address: IPv6 people have 64 bits of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def hidden(what: str, *, key: bytes) -> str:
    """Return a keyed hash, to count by without keeping what is counted."""
    return _sign(key, "count", what.encode("utf-8", "replace"))


def _sign(key: bytes, purpose: str, said: bytes) -> str:
    return hmac.digest(key, purpose.encode() + b"\0" + said, "sha256").hex()
