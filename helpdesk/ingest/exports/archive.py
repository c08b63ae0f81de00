"""An export as it was handed over: a zip file, a folder or a single file, safe to read."""

import functools
import hashlib
import io
import os
import stat
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from helpdesk.i18n import mark
from helpdesk.ingest.exports.names import UNSAFE, Places, clean, is_litter
from helpdesk.ingest.exports.streams import CHUNK, UNREADABLE, Checked, Inflate, Take
from helpdesk.ingest.exports.types import ExportError
from helpdesk.ingest.exports.zips import DEFLATED, SPECIAL, Directory, read_directory

OnBytes: TypeAlias = Callable[[int], object]  # told how many bytes were just read

# Below this a high ratio means nothing: an empty table packs a thousand times.
_RATIO_FROM_BYTES = 1 << 20
_ZIP_SIGNS = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")  # a member, an empty zip, a piece of one

_MISSING = mark("There is no such file or folder. Check the path.")
_TOO_MANY = mark(
    "This export holds more files than are read at once. "
    "Ask the platform for a shorter time span, or raise exports.max_members in the settings."
)
_TOO_LARGE = mark(
    "This export is larger than is read at once. "
    "Ask the platform for a shorter time span, or raise exports.max_bytes in the settings."
)
_BOMB = mark(
    "This export unpacks to far more than it is, as files made to fill a disk do, so it is not "
    "opened. If it did come from the platform, unpack it and give the folder."
)


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of an export is read at most.

    Attributes:
        max_members: files and the folders they lie in.
        max_bytes: of all members together, unpacked.
        max_ratio: unpacked to packed bytes, of a member over 1 MiB and of the whole.
    """

    max_members: int
    max_bytes: int
    max_ratio: int


class OpenExport(ABC):
    """An opened export, until its `with` ends; satisfies `types.Export`.

    Attributes:
        name: the file's or folder's own name.
        total_bytes: of all members, unpacked: what `check` reads.
        stored_bytes: as they lie on the disk: what `sha256` reads.
    """

    def __init__(self, name: str, places: Places, sizes: "array[int]", caps: Caps) -> None:
        self.name = name
        self._places = places
        self._sizes = sizes
        self.total_bytes = self.stored_bytes = sum(sizes)
        if self.total_bytes > caps.max_bytes:
            raise ExportError(_TOO_LARGE)

    def names(self) -> Collection[str]:
        return self._places.names

    def size(self, name: str) -> int:
        return self._sizes[self._places.row(name)]

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(self._open(name), CHUNK))

    def check(self, on_bytes: OnBytes | None = None) -> None:
        """Read every member to its end; ExportError if one is not what the export says."""
        for name in self._places.names:
            with self.open(name) as member:
                while data := member.read(CHUNK):
                    if on_bytes:
                        on_bytes(len(data))

    @abstractmethod
    def sha256(self, on_bytes: OnBytes | None = None) -> str:
        """Return what tells this export from every other: the file's hash in hexadecimal.

        That of a folder is made of names, sizes and contents, whatever the order on the disk.
        """

    @abstractmethod
    def _open(self, name: str) -> Checked: ...


@contextmanager
def open_export(path: Path, caps: Caps, name: str = "") -> Iterator[OpenExport]:
    """Open an export; nothing of it is written anywhere.

    A file that begins as zip files do or ends in .zip is read as one; another is its own only
    member. The whole is known to be sound only after `check`.

    Args:
        path: where it lies.
        caps: how much of it is read at most.
        name: what it was called where it comes from, if it lies under another name.

    Raises:
        ExportError: there is none, it cannot be read, exceeds the caps or is not safe to open.
    """
    with ExitStack() as stack:
        try:
            export = _open(path, name or path.name, caps, stack)
        except FileNotFoundError as error:
            raise ExportError(_MISSING) from error
        except (OSError, ValueError) as error:  # ValueError: NUL in the path
            raise ExportError(UNREADABLE) from error
        yield export


def _open(path: Path, name: str, caps: Caps, stack: ExitStack) -> OpenExport:
    kind = stat.S_IFMT(path.stat().st_mode)
    if kind == stat.S_IFDIR:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, descriptor)
        return _Folder(path, descriptor, caps)
    if kind != stat.S_IFREG:  # opening a pipe would wait for its writer
        raise ExportError(SPECIAL)
    file = stack.enter_context(path.open("rb"))
    size_bytes = os.fstat(file.fileno()).st_size
    if file.read(4) not in _ZIP_SIGNS and not name.lower().endswith(".zip"):
        return _Single(name, file, size_bytes, caps)
    directory = read_directory(file, size_bytes, caps.max_members, _TOO_MANY)
    return _Zip(name, file, size_bytes, directory, caps)


class _Single(OpenExport):
    """A file that is its own only member."""

    def __init__(self, name: str, file: BinaryIO, size_bytes: int, caps: Caps) -> None:
        super().__init__(name, Places([clean(name)]), array("Q", [size_bytes]), caps)
        self._file = file

    def sha256(self, on_bytes: OnBytes | None = None) -> str:
        return _hash(_from_start(self._file.fileno()), on_bytes).hex()

    def _open(self, name: str) -> Checked:
        return Checked(_from_start(self._file.fileno()), self.size(name), None)


class _Zip(OpenExport):
    def __init__(
        self, name: str, file: BinaryIO, size_bytes: int, directory: Directory, caps: Caps
    ) -> None:
        super().__init__(name, directory.places, directory.sizes, caps)
        self.stored_bytes = size_bytes
        self._file = file
        self._directory = directory
        _refuse_bomb(self.total_bytes, size_bytes, caps)
        for size, packed in zip(directory.sizes, directory.packed, strict=True):
            _refuse_bomb(size, packed, caps)

    def sha256(self, on_bytes: OnBytes | None = None) -> str:
        return _hash(_from_start(self._file.fileno()), on_bytes).hex()

    def _open(self, name: str) -> Checked:
        row = self._places.row(name)
        take = self._directory.packed_bytes(self._file, name)
        if self._directory.methods[row] == DEFLATED:
            take = Inflate(take).take
        return Checked(take, self._sizes[row], self._directory.crcs[row])


class _Folder(OpenExport):
    """A folder, read through its descriptor: what is put in its place later is not followed."""

    def __init__(self, path: Path, descriptor: int, caps: Caps) -> None:
        names: list[str] = []
        sizes = array("Q")
        for name, size in _walk(descriptor, caps.max_members):
            names.append(name)
            sizes.append(size)
        super().__init__(path.resolve().name, Places(names), sizes, caps)
        self._descriptor = descriptor

    def sha256(self, on_bytes: OnBytes | None = None) -> str:
        whole = hashlib.sha256()
        for name in self._places.names:
            with self.open(name) as member:
                digest = _hash(member.read, on_bytes)
            whole.update(b"%s\0%d\0%s" % (name.encode(), self.size(name), digest))
        return whole.hexdigest()

    def _open(self, name: str) -> Checked:
        size = self.size(name)
        try:
            with _inside(self._descriptor, name) as (folder, last):
                # Without O_NONBLOCK a file that became a pipe would be waited for.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                descriptor = os.open(last, flags, dir_fd=folder)
        except OSError as error:
            raise ExportError(UNREADABLE) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ExportError(SPECIAL)
        return Checked(
            _from_start(descriptor), size, None, close=functools.partial(os.close, descriptor)
        )


def _walk(top: int, max_entries: int) -> Iterator[tuple[str, int]]:
    """Yield the files under a folder with their sizes, in any order."""
    seen = 0
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with _inside(top, f"{folder}.") as (descriptor, _), os.scandir(descriptor) as entries:
            for entry in entries:
                seen += 1
                if seen > max_entries:
                    raise ExportError(_TOO_MANY)
                path = f"{folder}{entry.name}"
                found = entry.stat(follow_symlinks=False)
                if "\\" in path:  # a name here, a path elsewhere
                    raise ExportError(UNSAFE)
                if stat.S_ISDIR(found.st_mode):
                    waiting.append(f"{clean(path)}/")
                elif not stat.S_ISREG(found.st_mode):
                    raise ExportError(SPECIAL)
                elif not is_litter(clean(path)):
                    yield path, found.st_size


@contextmanager
def _inside(top: int, path: str) -> Iterator[tuple[int, str]]:
    """Open the folder of a path step by step, following no link; yield it and the last part."""
    *folders, last = path.split("/")
    current = os.dup(top)
    try:
        for folder in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            deeper = os.open(folder, flags, dir_fd=current)
            os.close(current)
            current = deeper
        yield current, last
    finally:
        os.close(current)


def _refuse_bomb(size: int, packed: int, caps: Caps) -> None:
    if size > _RATIO_FROM_BYTES and size > packed * caps.max_ratio:
        raise ExportError(_BOMB)


def _from_start(descriptor: int) -> Take:
    """Hand on a file's bytes from its start, without moving its own position."""
    at = 0

    def take(size: int) -> bytes:
        nonlocal at
        data = os.pread(descriptor, size, at)
        at += len(data)
        return data

    return take


def _hash(take: Take, on_bytes: OnBytes | None) -> bytes:
    digest = hashlib.sha256()
    try:
        while data := take(CHUNK):
            digest.update(data)
            if on_bytes:
                on_bytes(len(data))
    except OSError as error:
        raise ExportError(UNREADABLE) from error
    return digest.digest()
