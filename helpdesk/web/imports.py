"""Exports of social inboxes: upload them, see what became of them, take them back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock, importing
from helpdesk.accounts.models import Role
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.ingest import import_queries, imports
from helpdesk.ingest.imports import NewImport, Source
from helpdesk.tickets.kinds import Channel, ImportState
from helpdesk.web import import_words, session, standing, uploads
from helpdesk.web.cover import cover
from helpdesk.web.house import House, agent_of, house_of, language_of, render
from helpdesk.web.security import is_htmx, requires
from helpdesk.web.trail import note
from helpdesk.web.uploads import Received, Refused

_ABANDONED_S = 86_400.0
_SEPARATOR = re.compile(r"[,;\n]")
_MAX_NAMES = 20
_MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is going to be imported."""

    name: str
    batch_id: int


@requires(Role.AGENT, Role.AUDITOR)
def show_imports(request: Request) -> Response:
    """List imports, newest first; only what moves of it for htmx."""
    return _list_page(request)


@requires(Role.SUPERVISOR)
async def upload(request: Request) -> Response:
    """Take in exports, a form of several or one at a time, and queue their import."""
    house = house_of(request)
    await run_in_threadpool(_sweep, house)
    received = await uploads.receive(
        request,
        house.settings.upload_path.absolute(),
        max_bytes=house.settings.exports.max_upload_bytes,
        check=partial(session.check_token, agent_of(request), request.headers),
    )
    return await run_in_threadpool(_submit, request, received)


@requires(Role.AGENT, Role.AUDITOR)
def show_import(request: Request) -> Response:
    """Show one import; only what moves of it for htmx."""
    return _batch_page(request)


@requires(Role.SUPERVISOR)
def undo(request: Request) -> Response:
    """Take an import back."""
    batch_id = request.path_params["batch_id"]
    try:
        importing.undo(house_of(request), batch_id, agent_of(request).id)
    except ConflictError as error:
        return _batch_page(request, conflict=str(error))
    return RedirectResponse(f"/imports/{batch_id}", status_code=303)


def _sweep(house: House) -> None:
    with house.database.reading() as session_:
        in_use = import_queries.paths(session_)
    before = clock.now().timestamp() - _ABANDONED_S
    uploads.sweep(house.settings.upload_path.absolute(), in_use, before=before)


def _submit(request: Request, received: Received) -> Response:
    """Queue what arrived, all of it or nothing."""
    try:
        channel, names = _channel(received.fields), _own_names(received.fields)
        taken = _queue(request, received, channel, names)
    except BaseException:
        received.discard()
        raise
    if is_htmx(request):
        return render(request, "_uploaded.html", taken=taken, refused=_covered(received))
    if received.refused or not taken:
        return _list_page(request, received, taken, status=422)
    where = f"/imports/{taken[0].batch_id}" if len(taken) == 1 else "/imports"
    return RedirectResponse(where, status_code=303)


def _queue(
    request: Request, received: Received, channel: Channel | None, names: tuple[str, ...]
) -> list[Taken]:
    if not received.files:
        return []
    now, agent, taken = clock.now(), agent_of(request), []
    with house_of(request).database.transaction() as tx:
        for file in received.files:
            new = NewImport(Source.UPLOAD, file.path, file.name, channel, names, agent.id)
            batch_id = importing.submit(tx, new, now)
            taken.append(Taken(cover(file.name), batch_id))
        for each, file in zip(taken, received.files, strict=True):
            size = file.size_bytes
            note(request, tx.session, "import.upload", "import", each.batch_id, size=size)
    return taken


def _list_page(
    request: Request,
    received: Received | None = None,
    taken: list[Taken] | None = None,
    *,
    status: int = 200,
) -> Response:
    house, before = house_of(request), request.query_params.get("before", "")
    is_id = before.isascii() and before.isdecimal() and len(before) < 10
    start = int(before) if is_id else None
    with house.database.reading() as session_:
        batches, older = import_queries.page(session_, start)
        stands = standing.read(session_, house.settings, now=clock.now())
    return render(
        request,
        "_imports.html" if is_htmx(request) else "imports.html",
        status=status,
        batches=batches,
        older=older,
        first=start is None,
        taken=taken or [],
        refused=_covered(received) if received else [],
        none_chosen=received is not None and not received.files and not received.refused,
        channels=[each for each in Channel if each.is_direct],
        chosen=received.fields.get("channel", "") if received else "",
        named=received.fields.get("own_names", "") if received else "",
        own_names=sorted({*house.settings.exports.own_names, house.settings.agency.name}),
        max_bytes=house.settings.exports.max_upload_bytes,
        max_files=uploads.MAX_FILES,
        folder=house.settings.inbox_path.absolute(),
        may_upload=_may_change(request),
        standing=stands,
        import_words=import_words,
        cover=cover,
    )


def _batch_page(request: Request, conflict: str = "") -> Response:
    batch_id, house = request.path_params["batch_id"], house_of(request)
    language = language_of(request)
    undoing = None
    with house.database.reading() as session_:
        batch = import_queries.one(session_, batch_id)
        tickets = import_queries.tickets(session_, batch_id)
        if batch.state in {ImportState.DONE, ImportState.FAILED}:
            worked_on = imports.worked_on(session_, batch_id)
            undoing = import_queries.undoing(session_, batch_id, worked_on)
        stands = standing.read(session_, house.settings, now=clock.now())
    if not is_htmx(request) and not conflict:
        with house.database.transaction() as tx:
            note(request, tx.session, "import.view", "import", batch_id)
    return render(
        request,
        "_import.html" if is_htmx(request) else "import.html",
        status=409 if conflict else 200,
        batch=batch,
        tickets=tickets,
        undoing=undoing,
        conflict=import_words.problem(conflict, language),
        problem=import_words.problem(batch.problem or "", language),
        may_undo=_may_change(request),
        standing=stands,
        import_words=import_words,
        cover=cover,
    )


def _may_change(request: Request) -> bool:
    return agent_of(request).role in {Role.SUPERVISOR, Role.ADMIN}


def _covered(received: Received) -> list[Refused]:
    return [Refused(cover(each.name), each.why) for each in received.refused]


def _channel(fields: Mapping[str, str]) -> Channel | None:
    said = fields.get("channel", "")
    if not said:
        return None
    if said not in set(Channel) or not Channel(said).is_direct:
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    return Channel(said)


def _own_names(fields: Mapping[str, str]) -> tuple[str, ...]:
    parts = _SEPARATOR.split(fields.get("own_names", "").replace("\x00", ""))
    names = dict.fromkeys(part.strip()[:_MAX_NAME_CHARS] for part in parts)
    return tuple(name for name in names if name)[:_MAX_NAMES]
