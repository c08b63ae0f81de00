"""Files of exported messages: read out of the export and kept, within the caps of mail."""

import mimetypes
from collections.abc import Iterator

from helpdesk.blobs import INLINE_BYTES, BlobStore
from helpdesk.ingest.exports.types import Export, ExportedFile, ExportedMessage, ExportError
from helpdesk.ingest.reading import ReadyAttachment
from helpdesk.ingest.types import Limits

_LIMITS = Limits()
_NAME_CHARS = 200
_PIECE_BYTES = 1 << 16
_UNKNOWN_TYPE = "application/octet-stream"


def weight(export: Export, message: ExportedMessage) -> int:
    """Return how many bytes of memory a message's files take until they are written."""
    if not message.files:
        return 0
    sizes = (_size(export, each) for each in message.files)
    return sum(size for size in sizes if size <= INLINE_BYTES)


def keep(
    export: Export, blobs: BlobStore, message: ExportedMessage
) -> tuple[ReadyAttachment, ...]:
    """Store the files of a message; writes no row.

    Problems: `missing` (the export left it out or cannot give it), `too_large`.
    """
    return tuple(_keep(export, blobs, each) for each in message.files)


def type_of(name: str) -> str:
    """Return the media type that a file's name tells."""
    return mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE


def _keep(export: Export, blobs: BlobStore, file: ExportedFile) -> ReadyAttachment:
    name = file.name[-_NAME_CHARS:]
    media_type = type_of(name)
    size = _size(export, file)
    if size > _LIMITS.max_attachment_bytes:
        return ReadyAttachment(name, media_type, size, None, "too_large")
    try:
        if file.member is None:
            return ReadyAttachment(name, media_type, 0, None, "missing")
        if size > INLINE_BYTES:
            stored = blobs.prepare_stream(_pieces(export, file.member))
        else:
            stored = blobs.prepare(b"".join(_pieces(export, file.member)))
    except (KeyError, ExportError):
        return ReadyAttachment(name, media_type, 0, None, "missing")
    return ReadyAttachment(name, media_type, stored.size_bytes, stored, None)


def _size(export: Export, file: ExportedFile) -> int:
    try:
        return 0 if file.member is None else export.size(file.member)
    except KeyError:
        return 0


def _pieces(export: Export, member: str) -> Iterator[bytes]:
    with export.open(member) as source:
        while piece := source.read(_PIECE_BYTES):
            yield piece
