"""What a ticket was made of, as files: raw mail, attachments, and the original HTML in a frame."""

import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from typing import IO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from helpdesk.accounts.models import Role
from helpdesk.tickets import history
from helpdesk.web.house import house_of, render
from helpdesk.web.mail_html import sanitise
from helpdesk.web.security import FRAMED_CSP, requires
from helpdesk.web.trail import note

_IN_MEMORY_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16
_HEAD_BYTES = 16  # tell every kind of picture from the next
# Opened by mistake instead of saved, a file still has no scripts and no origin.
_FILE_CSP = "default-src 'none'; sandbox"


@requires(Role.AGENT, Role.AUDITOR)
def show_html(request: Request) -> Response:
    """Show a message's own HTML, sanitised, in a page without rights."""
    ticket_id, message_id = _ids(request)
    with house_of(request).database.transaction() as tx:
        html = history.message_html(tx.session, ticket_id, message_id)
        note(request, tx.session, "ticket.html", "ticket", ticket_id, message=message_id)
    safe = sanitise(html)
    response = render(request, "mail_html.html", safe=safe)
    response.headers["content-security-policy"] = FRAMED_CSP
    return response


@requires(Role.AGENT, Role.AUDITOR)
def download_raw(request: Request) -> Response:
    """Hand over a message's bytes as they came in."""
    ticket_id, message_id = _ids(request)
    with house_of(request).database.transaction() as tx:
        sha256 = history.raw_sha256(tx.session, ticket_id, message_id)
        note(request, tx.session, "ticket.raw", "ticket", ticket_id, message=message_id)
    return stored_file(request, sha256, f"ticket-{ticket_id}-message-{message_id}.eml")


@requires(Role.AGENT, Role.AUDITOR)
def download_file(request: Request) -> Response:
    """Hand over an attachment, always as a file to be saved."""
    ticket_id = request.path_params["ticket_id"]
    file_id = request.path_params["file_id"]
    with house_of(request).database.transaction() as tx:
        file, sha256 = history.attachment(tx.session, ticket_id, file_id)
        note(request, tx.session, "ticket.file", "ticket", ticket_id, file=file_id)
    return stored_file(request, sha256, file.file_name)


def stored_file(
    request: Request,
    sha256: str,
    name: str,
    kind_of: Callable[[bytes], str | None] = lambda _: None,
) -> Response:
    """Answer with a blob as a file that browsers save and never show.

    Unless `kind_of`, told how it begins, names a media type that may be shown.
    """
    house = house_of(request)
    target = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed when sent
    with house.database.reading() as session:
        house.blobs.copy_to(session, sha256, target)  # type: ignore[arg-type] # it is a file
    quoted = quote(safe_name(name), safe="")
    size = target.tell()
    target.seek(0)
    kind = kind_of(target.read(_HEAD_BYTES))
    target.seek(0)
    media_type = kind or "application/octet-stream"
    headers = {
        "content-length": str(size),
        "content-disposition": f"{'inline' if kind else 'attachment'}; filename*=UTF-8''{quoted}",
        "content-security-policy": _FILE_CSP,
    }
    if size > _IN_MEMORY_BYTES:
        return StreamingResponse(_chunks(target), media_type=media_type, headers=headers)
    with target:  # a stream that nobody comes for would leave it open
        return Response(target.read(), media_type=media_type, headers=headers)


def safe_name(name: str) -> str:
    """Return a file name without paths, invisible characters or leading dots."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C")
    return shown.strip(" .")[:150] or "file"


def _ids(request: Request) -> tuple[int, int]:
    return request.path_params["ticket_id"], request.path_params["message_id"]


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
