"""Contents of a mail: which parts are its text, which are files, and each decoded."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from helpdesk.ingest import headers, parts
from helpdesk.ingest.markup import html_to_text
from helpdesk.ingest.types import Limits, ParsedAttachment

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE
)
_EMPTY_PLAIN = re.compile(r"\bhtml\b", re.IGNORECASE)  # "your program cannot show HTML"
_NAME_CHARS = 200
_HTML_READ = 4  # times as much HTML is read for its text as is kept to be shown
_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "application/ms-tnef": ".dat",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """The text to read, the HTML as sent, and the files."""

    text: str
    html: str | None
    attachments: tuple[ParsedAttachment, ...]


def read(
    raw: bytes, leaves: Sequence[parts.Leaf], limits: Limits, defects: dict[str, None]
) -> Contents:
    """Tell bodies from attachments, and read each.

    Args:
        raw: the mail.
        leaves: its parts.
        limits: caps on text, HTML and files.
        defects: gets the codes of what could not be read, as keys.

    Never raises.
    """
    texts: dict[int, dict[str, list[str]]] = {}  # by multipart/alternative, or one of its own
    files: list[ParsedAttachment] = []
    room = {"text/plain": limits.max_body_chars, "text/html": _HTML_READ * limits.max_html_chars}
    for number, leaf in enumerate(leaves):
        if _is_text(leaf, alone=len(leaves) == 1):
            unit = texts.setdefault(leaf.alternative or -number - 1, {})
            text = _text(raw, leaf, room[leaf.media_type], defects)
            room[leaf.media_type] -= len(text)
            unit.setdefault(leaf.media_type, []).append(text)
        elif len(files) == limits.max_attachments:
            defects["too_many_attachments"] = None
        elif leaf.end > leaf.start or leaf.file_name:
            files.append(_attachment(raw, leaf, len(files) + 1, limits))
    html = "\n".join(text for unit in texts.values() for text in unit.get("text/html", ()))
    if len(html) > limits.max_html_chars:
        defects["html_too_long"] = None
        html = html[: limits.max_html_chars]
    return Contents(_readable(texts.values(), limits, defects), html or None, tuple(files))


def _is_text(leaf: parts.Leaf, *, alone: bool) -> bool:
    return (
        leaf.media_type in {"text/plain", "text/html"}
        and leaf.disposition != "attachment"
        and (alone or not leaf.file_name)
    )


def _text(raw: bytes, leaf: parts.Leaf, room: int, defects: dict[str, None]) -> str:
    """Decode a text part, up to `room` characters."""
    name = leaf.media_type.partition("/")[2].replace("plain", "body")
    if room <= 0:
        if leaf.end > leaf.start:
            defects[f"{name}_too_long"] = None
        return ""
    cut = min(leaf.end, leaf.start + room * 12)  # a character is 4 bytes, each `=XX` at most
    data, fine = parts.content(raw, replace(leaf, end=cut))
    if not fine and cut == leaf.end:
        defects["bad_encoding"] = None
    charset = leaf.params.get("charset", "")
    if not charset and leaf.media_type == "text/html":
        declared = _META_CHARSET.search(data[:2_048])
        charset = declared[1].decode("ascii", "replace") if declared else ""
    text, fine = headers.decode(data, charset)
    if not fine and cut == leaf.end:
        defects["bad_charset"] = None
    text = headers.clean_text(text)
    if len(text) > room or cut < leaf.end:
        defects[f"{name}_too_long"] = None
    return text[:room]


def _readable(
    units: Iterable[dict[str, list[str]]], limits: Limits, defects: dict[str, None]
) -> str:
    """Join the text parts in order; of alternatives the plain one, if it says anything."""
    chosen = []
    for unit in units:
        plain = "\n".join(unit.get("text/plain", ())).strip()
        source = "\n".join(unit.get("text/html", ()))
        if source and (not plain or (len(plain) < 300 and _EMPTY_PLAIN.search(plain))):
            plain = headers.clean_text(html_to_text(source)) or plain
        if plain:
            chosen.append(plain)
    text = "\n\n".join(chosen)
    if len(text) > limits.max_body_chars:
        defects["body_too_long"] = None
    return text[: limits.max_body_chars]


def _attachment(raw: bytes, leaf: parts.Leaf, number: int, limits: Limits) -> ParsedAttachment:
    media_type = leaf.media_type
    name = _file_name(leaf.file_name) or f"attachment-{number}{_EXTENSIONS.get(media_type, '')}"
    size = parts.decoded_size(raw, leaf)
    if size > limits.max_attachment_bytes:
        return ParsedAttachment(name, media_type, size, None, "too_large")
    data, fine = parts.content(raw, leaf)
    return ParsedAttachment(name, media_type, len(data), data, None if fine else "bad_encoding")


def _file_name(name: str) -> str:
    """Keep the last part of a path; a long name loses its middle, not its extension."""
    name = re.split(r"[/\\]", name)[-1].strip(". ")
    if len(name) > _NAME_CHARS:
        stem, dot, extension = name.rpartition(".")
        extension = dot + extension if dot and len(extension) <= 10 else ""
        name = (stem if extension else name)[: _NAME_CHARS - len(extension)] + extension
    return name
