"""Sender authentication: what our own mail server says about who sent a message (RFC 8601)."""

import re
from collections.abc import Sequence

from helpdesk.ingest import addresses
from helpdesk.ingest.types import Authenticity, ParsedMessage, Trace

_LONGEST = 4_000  # characters of a field; real ones have a few hundred
_SERVER = re.compile(r'\s*(?:\([^()]{0,400}\)\s*){0,5}(?:"([^"]{1,255})"|([^\s;()"]{1,255}))')
_COMMENT = re.compile(r"\([^()]*\)")
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})", re.IGNORECASE)
_FLAGS = re.IGNORECASE | re.DOTALL | re.ASCII
# RFC 8601 §2.2, quantifiers possessive so that no text takes longer than its length.
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_IN_FIELD = re.compile(rf'[^"();]++|{_QUOTED}|[();]', _FLAGS)
_IN_COMMENT = re.compile(r"[^()\\]++|\\.|[()]", _FLAGS)
_HEAD = re.compile(rf"\s*+(?:{_QUOTED}|[^\s\"]++)(?:\s++1)?\s*+", _FLAGS)
_KEY = r"[a-z0-9_.-]++"
_PROPERTY = rf'\s++({_KEY})\s*+=(?:\s*+({_QUOTED}(?:@[^\s"]++)?|[^\s"]++))?+'
_RESULT = re.compile(
    rf"\s*+({_KEY})\s*+(?:/\s*+\d++\s*+)?=\s*+({_KEY})((?:{_PROPERTY})*+)\s*+", _FLAGS
)
_NEXT_PROPERTY = re.compile(_PROPERTY, _FLAGS)


def check(
    parsed: ParsedMessage, *, authserv_id: str, trusted_hosts: Sequence[str]
) -> Authenticity:
    """Say whether our own server saw the sender pass DMARC.

    Args:
        parsed: the message.
        authserv_id: the name our server writes into Authentication-Results; "" trusts nobody.
        trusted_hosts: our servers as they call themselves after `by` in Received; a name with a
            leading dot stands for all under it. `authserv_id` is one of them without saying so.

    Returns:
        Passed, or not, with one of the reasons `passed`, `no_authserv_id_configured`, `two_from`,
        `no_from`, `absent` (no such field), `foreign` (only other servers'),
        `below_foreign_received` (ours, but below a Received line that is not, where anybody could
        have put it), `doubled` (two fields of ours, two DMARC results or two domains),
        `unreadable`, `no_dmarc`, `dmarc_none`, `dmarc_fail`, `dmarc_error`, `other_domain`.

    A mail without any Received line never left our server: a field of ours in it is believed.
    Between our own Received lines a field of ours is believed too, because servers differ in
    whether they write it above or below theirs; so the server must remove such fields from what
    comes in (RFC 8601 §5), and where it does not but adds its own, there are two: `doubled`.

    Never raises. Source: RFC 8601 §2.2, §5; RFC 7489 §3.1 (header.from is the whole identity).
    """
    wanted = authserv_id.strip().lower()
    if not wanted:
        return Authenticity(passed=False, reason="no_authserv_id_configured")
    senders = parsed.headers.from_
    if len(senders) > 1 or "two_from" in parsed.defects:
        return Authenticity(passed=False, reason="two_from")
    if not senders or not senders[0].email:
        return Authenticity(passed=False, reason="no_from")
    ours, reason = _ours(parsed.trace, wanted, trusted_hosts)
    if ours is not None:
        reason = _verdict(ours, addresses.domain(senders[0].email))
    return Authenticity(passed=reason == "passed", reason=reason)


def _ours(
    trace: Sequence[Trace], wanted: str, trusted_hosts: Sequence[str]
) -> tuple[str | None, str]:
    """Find the one field of our server that may be believed, or say why there is none."""
    hosts = {wanted, *(host.strip().lower().rstrip(".") for host in trusted_hosts)} - {""}
    found: list[str] = []
    foreign = hidden = beyond = False
    for line in trace:
        if line.name == "received":
            beyond = beyond or not _written_by(line.value, hosts)
        elif _server(line.value) != wanted:
            foreign = True
        elif beyond:
            hidden = True
        else:
            found.append(line.value)
    if len(found) == 1:
        return found[0], ""
    if found:
        return None, "doubled"
    if hidden:
        return None, "below_foreign_received"
    return None, "foreign" if foreign else "absent"


def _server(value: str) -> str:
    """Read the authserv-id, which stands first; a version number may follow it."""
    match = _SERVER.match(value[:_LONGEST])
    return (match[1] or match[2]).lower().rstrip(".") if match else ""


def _written_by(received: str, hosts: set[str]) -> bool:
    """Tell whether one of our hosts wrote a Received line."""
    match = _BY.search(_without_comments(received[:_LONGEST]))
    if match is None:
        return False
    host = match[1].lower().rstrip(".")
    return host in hosts or any(host.endswith(each) for each in hosts if each.startswith("."))


def _without_comments(text: str) -> str:
    for _ in range(5):  # nested as deep as anybody writes them
        text, changed = _COMMENT.subn(" ", text)
        if not changed:
            break
    return text


def _verdict(value: str, from_domain: str) -> str:
    """Read the DMARC result of a field and compare its domain with the sender's."""
    if len(value) > _LONGEST:
        return "unreadable"
    results = _results(value)
    if results is None:
        return "unreadable"
    dmarc = [(result, properties) for method, result, properties in results if method == "dmarc"]
    if len(dmarc) != 1:
        return "doubled" if dmarc else "no_dmarc"
    result, properties = dmarc[0]
    if result != "pass":
        return {"none": "dmarc_none", "fail": "dmarc_fail"}.get(result, "dmarc_error")
    domains = [addresses.domain(found) for found in _header_from(properties)]
    if len(domains) > 1:
        return "doubled"
    return "passed" if domains == [from_domain] else "other_domain"


def _results(value: str) -> list[tuple[str, str, str]] | None:
    """Read method, result and properties of each result; None when the field is malformed."""
    head, *results = _parts(value) or [""]
    if not results or not _HEAD.fullmatch(head):
        return None
    if [one.strip().lower() for one in results] == ["none"]:
        return []
    read = [_RESULT.fullmatch(one) for one in results]
    return [(one[1].lower(), one[2].lower(), one[3]) for one in read if one] if all(read) else None


def _parts(value: str) -> list[str] | None:
    """Split at the semicolons that are in no comment or quoted text; comments become spaces."""
    parts = [""]
    at = depth = 0
    while at < len(value):
        match = (_IN_COMMENT if depth else _IN_FIELD).match(value, at)
        if match is None:  # a quoted text or an escape that does not end
            return None
        piece, at = match[0], match.end()
        if piece in "()":
            depth += 1 if piece == "(" else -1
            if depth < 0:
                return None
            parts[-1] += " "
        elif not depth and piece == ";":
            parts.append("")
        elif not depth:
            parts[-1] += piece
    return None if depth else parts


def _header_from(properties: str) -> list[str]:
    return [
        (one[2] or "").strip('"')
        for one in _NEXT_PROPERTY.finditer(properties)
        if one[1].lower() == "header.from"
    ]
