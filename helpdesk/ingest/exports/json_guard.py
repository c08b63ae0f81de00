"""What stands between a JSON file from outside and the C parser, which would not survive it.

Tried with yajl 2 as ijson 3.6 ships it: a string of 100 MB is collected whole and takes 44 s, half
a surrogate pair written as an escape ends the reading, and a number of 5,000 digits leaves a null
pointer behind. A million open brackets do it no harm.
"""

import re
from typing import BinaryIO

CHUNK_BYTES = 1 << 16
# Between two quotes that are no part of a string: the longest text or number, and more brackets
# or blanks than anybody writes. A text of 64 kB takes at most 384 kB as escapes.
MAX_GAP_BYTES = 1 << 20
MAX_DIGITS = 1_000  # Python refuses 4,300; a run cut in two by a chunk's end still shows

_BOM = b"\xef\xbb\xbf"
_TAIL = 12  # two escapes of six bytes make one character
_HIGH = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_ESCAPES = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_LIKELY = re.compile(rb"[0-9]{4}")
_DIGITS = re.compile(rb"[0-9]{64,}+")  # a run once: not anew from each of its digits


class TooMuchError(ValueError):
    """A text or number is longer than any that a platform writes."""


class Guarded:
    """A file of JSON as the parser may have it, read forward only.

    Half surrogate pairs, which stand for nothing, are left out. Linear in what is read, and holds
    no more than `MAX_GAP_BYTES` and a chunk. It need not be JSON.
    """

    def __init__(self, file: BinaryIO, start: bytes = b"") -> None:
        """Read `start`, which was taken from the file already, and then the rest of it."""
        self._file = file
        self._rest = start
        self._gap = 0
        self._inside = False  # whether a string is open where the last chunk ended
        self._begun = False

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, whatever `size` but 0; b"" at the end.

        Raises:
            TooMuchError: see there; also what reading the file raises.
        """
        if size == 0:  # how ijson asks whether this gives bytes
            return b""
        while True:
            new = self._file.read(CHUNK_BYTES)
            raw = self._rest + new
            cut = _safe_end(raw) if new else len(raw)
            self._rest = raw[cut:]
            piece = self._checked(raw[:cut])
            if len(self._rest) > MAX_GAP_BYTES:
                raise TooMuchError
            if piece or not new:
                return piece

    def _checked(self, piece: bytes) -> bytes:
        if not self._begun and piece:
            self._begun = True
            piece = piece.removeprefix(_BOM)
        bare, size = piece, len(piece)
        if b"\\" in piece:
            if b"\\ud" in piece or b"\\uD" in piece:
                piece = _ESCAPES.sub(rb"\1", piece)
            bare = piece.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        quotes = bare.count(b'"')
        self._gap = 0 if quotes else self._gap + size
        if self._gap > MAX_GAP_BYTES or self._long_number(bare):
            raise TooMuchError
        self._inside ^= bool(quotes % 2)
        return piece

    def _long_number(self, bare: bytes) -> bool:
        """Tell whether there is a long run of digits outside strings: people may write one."""
        if not _LIKELY.search(bare[:: MAX_DIGITS // 4]):  # a long run shows in samples of it
            return False
        inside, at = self._inside, 0
        for run in _DIGITS.finditer(bare):
            inside ^= bool(bare.count(b'"', at, run.start()) % 2)
            at = run.start()
            if not inside and run.end() - at > MAX_DIGITS:
                return True
        return False


def _safe_end(raw: bytes) -> int:
    """Return where no escape, and no pair of escapes, is cut in two: at most the length."""
    first = raw.find(b"\\", max(0, len(raw) - _TAIL))
    if first < 0:
        return len(raw)
    if _HIGH.search(raw, max(0, first - 6), first):
        first -= 6
    return len(raw[:first].rstrip(b"\\"))  # of a row of backslashes the pairs are not known here
