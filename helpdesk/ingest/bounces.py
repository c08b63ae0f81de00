"""Bounces: which reply of ours came back, from whom, and for good or not."""

import email
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flufl.bounce import all_failures

from helpdesk.ingest import addresses
from helpdesk.ingest.types import Headers

# Its detectors log an exception with its text, which quotes the mail.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

READ_BYTES = 64 << 10  # of one part; a bounce says what it has to say sooner

_MOST = 20  # identifiers and recipients kept
_MESSAGE_ID = re.compile(
    rb"^[> \t]{0,4}Message-ID:\s{0,4}<([^<>\s]{3,500})>", re.IGNORECASE | re.MULTILINE
)
_STATUS_FIELD = re.compile(
    rb"^(Final-Recipient|Original-Recipient|Action|Status):[ \t]{0,8}([^\n]{0,400})",
    re.IGNORECASE | re.MULTILINE,
)
_SENDERS = ("mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon")


@dataclass(frozen=True, slots=True)
class Report:
    """What a bounce says: Message-IDs of the returned mail, lost recipients, lost for good."""

    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    permanent: bool = True


def looks_like_one(headers: Headers, media_types: Iterable[str]) -> bool:
    """Tell whether a mail is worth reading as a bounce; that it is one, `classify` decides."""
    return (
        headers.return_path == ""
        or headers.content_type == "multipart/report"
        or any(address.email.startswith(_SENDERS) for address in headers.from_)
        or "message/delivery-status" in media_types
    )


def read(raw: bytes, failed_header: str, parts: Sequence[tuple[str, bytes]]) -> Report:
    """Read a bounce.

    Args:
        raw: the whole mail.
        failed_header: X-Failed-Recipients, as Exim and Gmail write it.
        parts: media type and decoded bytes of every leaf.

    Returns:
        What RFC 3464 fields say; where there are none what X-Failed-Recipients says, and where
        that is missing what flufl.bounce makes of the text. Never raises.
    """
    found: dict[str, None] = {}
    for _, data in parts:
        for match in _MESSAGE_ID.finditer(data[:READ_BYTES]):
            found.setdefault(match[1].decode("utf-8", "replace").replace("\x00", ""))
    statuses = [data for kind, data in parts if kind.endswith("delivery-status")]
    recipients, permanent = _delivery_status(statuses)
    if not recipients and failed_header:
        recipients = [one.email for one in addresses.parse(failed_header)[0] if one.email]
    if not recipients:
        recipients, permanent = _guess(raw, len(parts), default=permanent)
    unique = tuple(dict.fromkeys(recipients))
    return Report(tuple(found)[:_MOST], unique[:_MOST], permanent)


def _delivery_status(reports: Sequence[bytes]) -> tuple[list[str], bool]:
    """Read the per-recipient fields; failed recipients before delayed ones (RFC 3464 §2.3)."""
    failed: list[str] = []
    delayed: list[str] = []
    for data in reports:
        text = data[:READ_BYTES].replace(b"\r\n", b"\n")
        for group in re.split(rb"\n[ \t]*\n", text):
            values: dict[str, str] = {}
            for name, value in _STATUS_FIELD.findall(group):
                values.setdefault(name.decode().lower(), value.decode("utf-8", "replace").strip())
            recipient = _recipient(values)
            action = values.get("action", "").lower()
            if not recipient or action.startswith(("deliver", "relay", "expand")):
                continue
            temporary = action.startswith("delay") or values.get("status", "").startswith("4")
            (delayed if temporary else failed).append(recipient)
    return failed or delayed, not (delayed and not failed)


def _recipient(values: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient"):
        _, mark, address = values.get(name, "").rpartition(";")
        found = addresses.parse(address)[0] if mark or address else ()
        if found and found[0].email:
            return found[0].email
    return ""


def _guess(raw: bytes, part_count: int, *, default: bool) -> tuple[list[str], bool]:
    """Let flufl.bounce look for the recipients in the text of a small mail."""
    if part_count > 20:  # its parser is recursive, and no mail server nests
        return [], default
    try:
        message = email.message_from_bytes(raw[:READ_BYTES])
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - a library's view of hostile text
        return [], default
    chosen = permanent or temporary
    texts = sorted(one.decode("ascii", "replace") for one in chosen)
    kept = [address.email for text in texts for address in addresses.parse(text)[0]]
    return [address for address in kept if address], bool(permanent) or not temporary
