"""Exports of one file, also one as long as one likes."""

import io
from collections.abc import Iterator
from typing import BinaryIO
from zoneinfo import ZoneInfo

from helpdesk.ingest.exports.types import ReadConfig
from tests.unit.ingest.exports.members import Members

JAKARTA = ReadConfig(timezone=ZoneInfo("Asia/Jakarta"))


def single(name: str, raw: bytes) -> Members:
    """Make an export of one file."""
    return Members({name: raw}, name)


class LongExport:
    """An export of one member that begins with `start` and goes on with `filler` to its size."""

    def __init__(
        self, name: str, start: bytes, filler: bytes, size: int, end: bytes = b""
    ) -> None:
        self.name = name
        self._start, self._end = start, end
        self._block = filler * ((1 << 16) // len(filler))
        self._size = size

    def names(self) -> list[str]:
        return [self.name]

    def size(self, name: str) -> int:
        return self._size

    def open(self, name: str) -> BinaryIO:
        return io.BufferedReader(_Raw(self._blocks()), 1 << 16)

    def _blocks(self) -> Iterator[bytes]:
        yield self._start
        for _ in range(self._size // len(self._block)):
            yield self._block
        yield self._end


class _Raw(io.RawIOBase):
    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target) -> int:
        while not self._rest:
            found = next(self._blocks, None)
            if found is None:
                return 0
            self._rest = found
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
