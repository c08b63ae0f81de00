"""The bytes of one member, checked as they pass, with a bounded buffer."""

import io
import zlib
from collections.abc import Callable
from typing import TypeAlias

from helpdesk.i18n import mark
from helpdesk.ingest.exports.types import ExportError

CHUNK = 1 << 16  # unpacked bytes handed on at once
_PACKED_CHUNK = 1 << 14  # what zlib has not used yet is copied at each call, so keep it short

Take: TypeAlias = Callable[[int], bytes]  # the next bytes, at most so many; b"" at the end

DAMAGED = mark(
    "This export is damaged or was not downloaded to its end. "
    "Download it again from the platform and give the file as it is."
)
LIES = mark(
    "A file in this export is not as large as the export says, so it was not read. "
    "Download it again from the platform and give the file as it is."
)
UNREADABLE = mark(
    "The export cannot be read from the disk. "
    "Check that the file is still there and that this program may read it."
)


class Inflate:
    """Unpack deflated bytes as they are asked for."""

    def __init__(self, packed: Take) -> None:
        self._packed = packed
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)

    def take(self, size: int) -> bytes:
        """Return at most `size` bytes, b"" at the end; ExportError if they are damaged."""
        while not self._zlib.eof:
            packed = self._zlib.unconsumed_tail or self._packed(_PACKED_CHUNK)
            try:
                data = self._zlib.decompress(packed, size)
            except zlib.error as error:
                raise ExportError(DAMAGED) from error
            if data:
                return data
            if not packed:
                raise ExportError(DAMAGED)
        if self._zlib.unused_data or self._packed(1):
            raise ExportError(DAMAGED)
        return b""


class Checked(io.RawIOBase):
    """A member's bytes: exactly as many as promised, and those the checksum was made of.

    Reading raises ExportError at the first byte too many, at an end too early and at a wrong
    checksum (CRC-32; None if there is none), and again at every later call.
    """

    def __init__(
        self,
        take: Take,
        size_bytes: int,
        crc: int | None,
        close: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._take = take
        self._left = size_bytes
        self._expected = crc
        self._crc = 0
        self._close = close
        self._problem = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what is passed
        if self._problem:
            raise ExportError(self._problem)
        try:
            data = self._next(min(len(buffer), CHUNK))
        except ExportError as error:
            self._problem = str(error)
            raise
        except OSError as error:
            self._problem = UNREADABLE
            raise ExportError(UNREADABLE) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed and self._close:
            self._close()
        super().close()

    def _next(self, size: int) -> bytes:
        # One byte more than promised is asked for, so that a lie is seen at once.
        data = self._take(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise ExportError(LIES)
        if self._expected is not None:
            self._crc = zlib.crc32(data, self._crc)
        if not data and size and (self._left or self._expected not in {None, self._crc}):
            raise ExportError(DAMAGED)
        return data
