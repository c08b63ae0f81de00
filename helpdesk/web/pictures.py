"""Pictures people sent, shown beside the conversation: only what surely is one, without rights."""

from starlette.requests import Request
from starlette.responses import Response

from helpdesk.accounts.models import Role
from helpdesk.tickets import history
from helpdesk.tickets.history import FileView
from helpdesk.web.house import house_of
from helpdesk.web.raw import stored_file
from helpdesk.web.security import requires
from helpdesk.web.trail import note

MAX_BYTES = 20_000_000  # larger ones are saved instead; a phone's photo has some four million

_KINDS = {
    "image/png": (0, b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/gif": (0, b"GIF8"),
    "image/webp": (8, b"WEBP"),
}


def kind_of(head: bytes) -> str | None:
    """Return the media type of the picture a file begins as; None if it is none we show."""
    for media_type, (at, sign) in _KINDS.items():
        if head[at : at + len(sign)] == sign:
            return media_type if media_type != "image/webp" or head[:4] == b"RIFF" else None
    return None


def is_shown(file: FileView) -> bool:
    """Tell whether a file may be tried as a picture; its bytes decide in the end."""
    return file.stored and file.media_type in _KINDS and file.size_bytes <= MAX_BYTES


@requires(Role.AGENT, Role.AUDITOR)
def show_picture(request: Request) -> Response:
    """Show an attachment that begins as a picture does; hand over any other to be saved."""
    ticket_id, file_id = request.path_params["ticket_id"], request.path_params["file_id"]
    with house_of(request).database.transaction() as tx:
        file, sha256 = history.attachment(tx.session, ticket_id, file_id)
        note(request, tx.session, "ticket.picture", "ticket", ticket_id, file=file_id)
    return stored_file(request, sha256, file.file_name, kind_of)
