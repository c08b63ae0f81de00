"""Files that come in through a form: written to the disk as they arrive, never held in memory."""

import errno
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from helpdesk.errors import InvalidError
from helpdesk.i18n import mark
from helpdesk.web.raw import safe_name

MAX_FILES = 50  # of one form

_PIECE_BYTES = 1 << 20  # written at once; more than this of an upload is never in memory
_MAX_FIELDS = 20
_MAX_FIELD_BYTES = 10_000
_NUMBERS = 10**9

TOO_LARGE = mark("This file is larger than may be uploaded.")
DISK_FULL = mark("The disk of the server is full, so nothing of this file was kept.")
NOT_KEPT = mark("The server could not write this file, so nothing of it was kept.")
EMPTY = mark("This file is empty.")
TOO_MANY = mark("These are more files than may be uploaded at once.")
CUT_OFF = mark("The upload broke off before its end, so nothing of it was kept. Send it again.")
_DAMAGED = mark("this form is damaged; load the page again")

Event: TypeAlias = tuple[Literal["begin", "data", "end", "over"], bytes]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that arrived whole: what the person called it, and where it lies under a number."""

    name: str
    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of which nothing was kept; `why` is a sentence of the catalogues."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Received:
    """What a form brought."""

    fields: Mapping[str, str]
    files: tuple[Uploaded, ...]
    refused: tuple[Refused, ...]

    def discard(self) -> None:
        """Remove the files again."""
        for each in self.files:
            each.path.unlink(missing_ok=True)


async def receive(
    request: Request,
    folder: Path,
    *,
    max_bytes: int,
    check: Callable[[Mapping[str, str]], None],
) -> Received:
    """Read a multipart form, and write its files into a folder, each under a number (0600).

    Args:
        request: whose body was not read yet.
        folder: made if it is not there.
        max_bytes: of one file; of a larger one nothing is kept, and the others are.
        check: told the fields before the first file, and at the end; what it raises ends reading.

    Raises:
        InvalidError: it is no such form, or broke off; nothing of it is left on the disk.
    """
    _, options = parse_options_header(request.headers.get("content-type", ""))
    try:
        feed = _Feed(options[b"boundary"])
    except (KeyError, FormParserError) as error:
        check({})
        raise InvalidError(_DAMAGED) from error
    form = _Form(folder, max_bytes, check)
    try:
        await _read(request, feed, form)
        check(form.fields)
    except BaseException as error:
        form.discard()
        if isinstance(error, ClientDisconnect):
            raise InvalidError(CUT_OFF) from error
        raise
    return form.received()


def sweep(folder: Path, in_use: frozenset[Path], *, before: float) -> None:
    """Remove files a process that died left behind: in nobody's use, and last written to then."""
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path not in in_use and path.stat().st_mtime < before:
                path.unlink()


async def _read(request: Request, feed: "_Feed", form: "_Form") -> None:
    async for chunk in request.stream():
        for event, data in feed.write(chunk):
            if form.take(event, data):
                await run_in_threadpool(form.work)
    if not form.is_over:
        raise InvalidError(CUT_OFF)


class _Feed:
    """The body in, what it says out."""

    def __init__(self, boundary: bytes) -> None:
        self._events: list[Event] = []
        self._header = self._value = self._disposition = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._name,
                "on_header_value": self._says,
                "on_header_end": self._headed,
                "on_headers_finished": lambda: self._events.append(("begin", self._value)),
                "on_part_data": lambda data, start, end: self._events.append(
                    ("data", data[start:end])
                ),
                "on_part_end": lambda: self._events.append(("end", b"")),
                "on_end": lambda: self._events.append(("over", b"")),
            },
        )

    def write(self, chunk: bytes) -> list[Event]:
        """Return what this chunk of the body says, in order."""
        self._events = []
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise InvalidError(_DAMAGED) from error
        return self._events

    def _begin(self) -> None:
        self._header = self._value = self._disposition = b""

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _says(self, data: bytes, start: int, end: int) -> None:
        self._disposition += data[start:end]

    def _headed(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._value = self._disposition
        self._header = self._disposition = b""


class _Form:
    """The fields and files of a form, as far as it was read."""

    def __init__(
        self, folder: Path, max_bytes: int, check: Callable[[Mapping[str, str]], None]
    ) -> None:
        self.fields: dict[str, str] = {}
        self.is_over = False
        self._folder = folder
        self._max_bytes = max_bytes
        self._check = check
        self._files: list[Uploaded] = []
        self._refused: list[Refused] = []
        self._field: str | None = None
        self._file: _File | None = None
        self._held = bytearray()
        self._ended = False

    def take(self, event: str, data: bytes) -> bool:
        """Note what the form says next; True if there is `work` for the disk."""
        if event == "begin":
            self._begin(data)
        elif event == "data" and (self._file is not None or self._field is not None):
            self._held += data
            if self._file is None and len(self._held) > _MAX_FIELD_BYTES:
                raise InvalidError(_DAMAGED)
        elif event == "end" and self._field is not None:
            self.fields[self._field] = self._held.decode("utf-8", "replace")
            self._field = None
        self.is_over = self.is_over or event == "over"
        self._ended = event == "end"
        return self._file is not None and (self._ended or len(self._held) >= _PIECE_BYTES)

    def work(self) -> None:
        """Write what is held to the disk, and close the file if it ended."""
        assert self._file is not None  # noqa: S101 - else `take` tells of no work
        self._file.write(self._held)
        self._held.clear()
        if not self._ended:
            return
        file, self._file = self._file, None
        done = file.close()
        if isinstance(done, Uploaded):
            self._files.append(done)
        elif done is not None:
            self._refused.append(done)

    def received(self) -> Received:
        return Received(self.fields, tuple(self._files), tuple(self._refused))

    def discard(self) -> None:
        """Leave nothing of it on the disk."""
        if self._file is not None:
            self._file.drop()
        self.received().discard()

    def _begin(self, disposition: bytes) -> None:
        _, options = parse_options_header(disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self._held.clear()
        self._field = self._file = None
        if b"filename" not in options:
            if len(self.fields) >= _MAX_FIELDS:
                raise InvalidError(_DAMAGED)
            self._field = name
            return
        self._check(self.fields)
        called = options[b"filename"].decode("utf-8", "replace")
        self._file = _File(self._folder, called, self._max_bytes)
        if len(self._files) + len(self._refused) >= MAX_FILES:
            self._file.refuse(TOO_MANY)


class _File:
    """One file on its way to the disk; once it is refused, the rest of it is passed over."""

    def __init__(self, folder: Path, called: str, max_bytes: int) -> None:
        self._called = called
        self._folder = folder
        self._max_bytes = max_bytes
        self._path: Path | None = None
        self._descriptor = -1
        self._size_bytes = 0
        self._why = ""

    def refuse(self, why: str) -> None:
        self.drop()
        self._why = why

    def write(self, data: bytes | bytearray) -> None:
        if self._why or not data:
            return
        self._size_bytes += len(data)
        if self._size_bytes > self._max_bytes:
            self.refuse(TOO_LARGE)
            return
        try:
            if self._descriptor < 0:
                self._open()
            written = 0
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError as error:
            self.refuse(DISK_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else NOT_KEPT)

    def close(self) -> Uploaded | Refused | None:
        """Make it last; None if it is the empty part a form without a chosen file sends."""
        name = safe_name(self._called)
        if not self._called and not self._size_bytes:
            return None
        if not self._why and self._path is None:
            self._why = EMPTY
        try:
            if self._descriptor >= 0:
                os.fsync(self._descriptor)
        except OSError:
            self.refuse(NOT_KEPT)
        if self._why or self._path is None:
            return Refused(name, self._why)
        os.close(self._descriptor)
        self._descriptor = -1
        return Uploaded(name, self._path, self._size_bytes)

    def drop(self) -> None:
        """Remove what was written."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while self._descriptor < 0:
            path = self._folder / str(secrets.randbelow(_NUMBERS))
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with suppress(FileExistsError):
                self._descriptor = os.open(path, flags, 0o600)
                self._path = path
