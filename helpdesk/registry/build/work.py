"""The private folder an import works in: what was finished is not done again after a kill."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = dict[str, Any]


class Work(Protocol):
    """Named bytes and arrays, and what the stages came to."""

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name."""

    def get(self, name: str) -> bytes | None:
        """Return the bytes under a name; None if there are none."""

    def save(self, name: str, numbers: NDArray[Any]) -> None:
        """Keep an array; only what a stage ends with counts."""

    def append(self, name: str, numbers: NDArray[Any]) -> None:
        """Keep more of an array behind what is there."""

    def load(self, name: str, dtype: Any, width: int = 1) -> NDArray[Any]:  # noqa: ANN401 - numpy's
        """Return an array, in rows of `width`; it is not to be changed."""

    def discard(self, *names: str) -> None:
        """Remove what may be there."""

    def remove(self) -> None:
        """Remove everything."""


def stage(work: Work, name: str, run: Callable[[], Values]) -> Values:
    """Return what a stage came to, running it unless that was done before."""
    known = work.get(f"{name}.json")
    if known is not None:
        found: Values = json.loads(known)
        return found
    found = run()
    work.put(f"{name}.json", json.dumps(found).encode())
    return found


def opened(folder: Path, plan: Values) -> "Folder":
    """Return the work in a folder; what was done there for another plan is removed."""
    work = Folder(folder)
    told = json.dumps(plan).encode()
    if not folder.is_dir() or work.get("plan.json") != told:
        work.remove()
        folder.mkdir(mode=0o700, parents=True)
        work.put("plan.json", told)
    folder.chmod(0o700)
    return work


class Folder:
    """Work in a folder that only its owner reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes) -> None:
        part = self.folder / f"{name}.part"
        part.write_bytes(content)
        part.rename(self.folder / name)  # whole or not at all

    def get(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def save(self, name: str, numbers: NDArray[Any]) -> None:
        _write(self.folder / name, "wb", numbers)

    def append(self, name: str, numbers: NDArray[Any]) -> None:
        _write(self.folder / name, "ab", numbers)

    def load(self, name: str, dtype: Any, width: int = 1) -> NDArray[Any]:  # noqa: ANN401 - numpy's
        path = self.folder / name
        found: NDArray[Any] = np.empty(0, dtype)
        if path.stat().st_size:  # pages come into memory as they are used
            found = np.memmap(path, dtype, "r").view(np.ndarray)
        return found.reshape(-1, width) if width > 1 else found

    def discard(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _write(path: Path, mode: str, numbers: NDArray[Any]) -> None:
    # Not `tofile`: of a full disk it says nothing, or not that it is full.
    with path.open(mode) as file:
        file.write(np.ascontiguousarray(numbers).view(np.uint8).data)


class Memory:
    """Work of a small import, which is done before anything is worth keeping."""

    def __init__(self) -> None:
        self._bytes: dict[str, bytes] = {}
        self._arrays: dict[str, NDArray[Any]] = {}

    def put(self, name: str, content: bytes) -> None:
        self._bytes[name] = content

    def get(self, name: str) -> bytes | None:
        return self._bytes.get(name)

    def save(self, name: str, numbers: NDArray[Any]) -> None:
        self._arrays[name] = numbers

    def append(self, name: str, numbers: NDArray[Any]) -> None:
        known = self._arrays.get(name)
        self._arrays[name] = numbers if known is None else np.concatenate([known, numbers])

    def load(self, name: str, dtype: Any, width: int = 1) -> NDArray[Any]:  # noqa: ANN401 - numpy's
        found: NDArray[Any] = self._arrays[name].view(dtype)
        return found.reshape(-1, width) if width > 1 else found

    def discard(self, *names: str) -> None:
        for name in names:
            self._bytes.pop(name, None)
            self._arrays.pop(name, None)

    def remove(self) -> None:
        self._bytes.clear()
        self._arrays.clear()
