"""What a zip file says it holds, believed only as far as it fits together.

Python's own zipfile keeps a kilobyte of objects for each member, follows the last of several
directories and opens members that lie in one another. Source: PKWARE APPNOTE.TXT 6.3.10.
"""

import os
import stat
import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, BinaryIO

from helpdesk.i18n import mark
from helpdesk.ingest.exports.names import Places, clean, is_litter
from helpdesk.ingest.exports.streams import DAMAGED, Take
from helpdesk.ingest.exports.types import ExportError

STORED, DEFLATED = 0, 8

_MEMBER = struct.Struct("<4s6H3L5H2L")  # §4.3.12
_LOCAL = struct.Struct("<4s5H3L2H")  # §4.3.7
_END = struct.Struct("<4s4H2LH")  # §4.3.16
_LOCATOR_64 = struct.Struct("<4sLQL")  # §4.3.15
_END_64 = struct.Struct("<4sQ2H2L4Q")  # §4.3.14
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF  # "look into the zip64 record"
_ENCRYPTED = 1 | 1 << 6 | 1 << 13  # §4.4.4: the member, strongly, the directory

_ENCRYPTED_ZIP = mark(
    "This export is locked with a password. Unpack it with the password and give the folder."
)
_METHOD = mark(
    "This export is packed in a way that cannot be read here. Unpack it and give the folder."
)
_SPLIT = mark(
    "This is one piece of a zip file that was cut into several. "
    "Put the pieces together, unpack them and give the folder."
)
_OVERLAP = mark(
    "The files in this export lie in one another, as in files made to fill a disk, "
    "so it is not opened. Download it again from the platform and give the file as it is."
)
SPECIAL = mark(
    "This export holds a link or a special file, which no platform puts there, so it is not "
    "opened. Give the file as it was downloaded."
)


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of a zip file in columns, 30 bytes each beside its name.

    Row n of the columns is where `places` says; `starts` are the places in the file where a
    member or the directory begins, in order.
    """

    places: Places
    sizes: "array[int]"
    packed: "array[int]"
    crcs: "array[int]"
    methods: bytearray
    offsets: "array[int]"
    starts: "array[int]"

    def packed_bytes(self, file: BinaryIO, name: str) -> Take:
        """Return what hands on a member's packed bytes.

        Raises:
            KeyError: there is no such member.
            ExportError: where it begins the file tells something else than its directory.
        """
        row = self.places.row(name)
        offset = self.offsets[row]
        head = os.pread(file.fileno(), _LOCAL.size, offset)
        if len(head) < _LOCAL.size:
            raise ExportError(DAMAGED)
        sign, _, flags, method, _, _, _, _, _, name_len, extra_len = _LOCAL.unpack(head)
        begin = offset + _LOCAL.size + name_len + extra_len
        end = begin + self.packed[row]
        if flags & _ENCRYPTED:
            raise ExportError(_ENCRYPTED_ZIP)
        if sign != b"PK\3\4" or method != self.methods[row]:
            raise ExportError(DAMAGED)
        if clean(_text(os.pread(file.fileno(), name_len, offset + _LOCAL.size))) != name:
            raise ExportError(DAMAGED)
        if end > self.starts[bisect_right(self.starts, offset)]:
            raise ExportError(_OVERLAP)
        return _Slice(file, begin, end).take


def read_directory(file: BinaryIO, size_bytes: int, max_members: int, full: str) -> Directory:
    """Read what a zip file holds, in time and memory linear in the size of its directory.

    Args:
        file: open for reading, buffered.
        size_bytes: the file's.
        max_members: folders count too.
        full: the sentence for more members than that.

    Raises:
        ExportError: it is no whole zip file, or one that is not to be opened.
    """
    begin, end, count = _find(file, size_bytes)
    reader = _Reader(begin)
    file.seek(begin)
    while (left := end - file.tell()) > 0:
        if reader.count == max_members:
            raise ExportError(full)
        reader.read(file, left)
    if reader.count & _MAX_16 != count & _MAX_16:  # many a writer counts with 16 bits
        raise ExportError(DAMAGED)
    return reader.directory()


class _Slice:
    """Bytes of a file from one place to another, without moving its own position."""

    def __init__(self, file: BinaryIO, begin: int, end: int) -> None:
        self._file = file
        self._at = begin
        self._end = end

    def take(self, size: int) -> bytes:
        data = os.pread(self._file.fileno(), min(size, self._end - self._at), self._at)
        self._at += len(data)
        return data


class _Reader:
    """Gathers the columns of a directory, record by record."""

    def __init__(self, directory_at: int) -> None:
        self.count = 0
        self._directory_at = directory_at
        self._names: list[str] = []
        self._sizes, self._packed, self._offsets = array("Q"), array("Q"), array("Q")
        self._crcs = array("I")
        self._methods = bytearray()
        # Where every record begins and where it ends at the earliest, folders too.
        self._begins, self._ends = array("Q"), array("Q")

    def read(self, file: BinaryIO, left: int) -> None:
        """Read the next record, of which there are at most `left` bytes."""
        sign, _, _, flags, method, _, _, crc, packed, size, *lengths, disk, _, mode, offset = (
            _MEMBER.unpack(_exactly(file, _MEMBER.size))
        )
        if sign != b"PK\1\2" or _MEMBER.size + sum(lengths) > left:
            raise ExportError(DAMAGED)
        raw = _text(_exactly(file, lengths[0]))
        extra = _exactly(file, lengths[1])
        _exactly(file, lengths[2])  # a comment
        size, packed, offset, disk = _sizes_64(extra, size, packed, offset, disk)
        _refuse(flags, method, mode, disk)
        end = offset + _LOCAL.size + lengths[0] + packed
        if end > self._directory_at or (method == STORED and size != packed):
            raise ExportError(DAMAGED)
        self.count += 1
        self._begins.append(offset)
        self._ends.append(end)
        name = clean(raw)
        if name and not raw.endswith(("/", "\\")) and not is_litter(name):
            self._names.append(name)
            self._sizes.append(size)
            self._packed.append(packed)
            self._crcs.append(crc)
            self._methods.append(method)
            self._offsets.append(offset)

    def directory(self) -> Directory:
        """Return the columns; ExportError if members lie in one another."""
        order = sorted(range(self.count), key=self._begins.__getitem__)
        starts = array("Q", (self._begins[row] for row in order))
        starts.append(self._directory_at)
        if any(self._ends[row] > starts[place + 1] for place, row in enumerate(order)):
            raise ExportError(_OVERLAP)
        del order  # these before `Places` makes lists of as many objects
        self._begins = self._ends = array("Q")
        return Directory(
            places=Places(self._names),
            sizes=self._sizes,
            packed=self._packed,
            crcs=self._crcs,
            methods=self._methods,
            offsets=self._offsets,
            starts=starts,
        )


def _find(file: BinaryIO, size_bytes: int) -> tuple[int, int, int]:
    """Return where the directory begins and ends, and how many members it says it has.

    Only one end is taken that reaches exactly the end of the file: a comment may hold another
    that leads elsewhere, and bytes behind it mean that the file is not what was packed.
    """
    found = _ends(file, size_bytes)
    if len(found) != 1:
        raise ExportError(DAMAGED)
    end, (_, disk, first_disk, _, count, length, begin, _) = found[0]
    if end >= _LOCATOR_64.size:
        file.seek(end - _LOCATOR_64.size)
        locator = _exactly(file, _LOCATOR_64.size)
        if locator.startswith(b"PK\6\7"):
            return _find_64(file, end, locator, (count, length, begin))
    if (disk, first_disk) != (0, 0):
        raise ExportError(_SPLIT)
    if begin + length != end:
        raise ExportError(DAMAGED)
    return begin, end, count


def _ends(file: BinaryIO, size_bytes: int) -> list[tuple[int, tuple[Any, ...]]]:
    """Return every end record that reaches the end of the file: where it is, what it says."""
    tail_at = max(0, size_bytes - _END.size - _MAX_16)
    file.seek(tail_at)
    tail = _exactly(file, size_bytes - tail_at)
    found = []
    at = tail.find(b"PK\5\6")
    while 0 <= at <= len(tail) - _END.size:
        fields = _END.unpack_from(tail, at)
        if at + _END.size + fields[-1] == len(tail):
            found.append((tail_at + at, fields))
        at = tail.find(b"PK\5\6", at + 1)
    return found


def _find_64(
    file: BinaryIO, end: int, locator: bytes, said: tuple[int, int, int]
) -> tuple[int, int, int]:
    _, _, at, disks = _LOCATOR_64.unpack(locator)
    if disks > 1:
        raise ExportError(_SPLIT)
    if at > end - _LOCATOR_64.size - _END_64.size:
        raise ExportError(DAMAGED)
    file.seek(at)
    sign, size, _, _, disk, first_disk, _, *fields = _END_64.unpack(_exactly(file, _END_64.size))
    count, length, begin = fields
    if sign != b"PK\6\6" or at + 12 + size != end - _LOCATOR_64.size or begin + length != at:
        raise ExportError(DAMAGED)
    if (disk, first_disk) != (0, 0):
        raise ExportError(_SPLIT)
    limits = (_MAX_16, _MAX_32, _MAX_32)
    for old, new, limit in zip(said, fields, limits, strict=True):
        if old not in {limit, new}:  # two directories, one for each kind of reader
            raise ExportError(DAMAGED)
    return begin, at, count


def _sizes_64(
    extra: bytes, size: int, packed: int, offset: int, disk: int
) -> tuple[int, int, int, int]:
    """Take from the zip64 field what did not fit into 32 bits (§4.5.3)."""
    long = b""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            long = extra[at + 4 : at + 4 + length]
            break
        at += 4 + length
    values, at = [size, packed, offset], 0
    for place, value in enumerate(values):
        if value == _MAX_32:
            if at + 8 > len(long):
                raise ExportError(DAMAGED)
            (values[place],) = struct.unpack_from("<Q", long, at)
            at += 8
    if disk == _MAX_16 and at + 4 <= len(long):
        (disk,) = struct.unpack_from("<L", long, at)
    return values[0], values[1], values[2], disk


def _refuse(flags: int, method: int, mode: int, disk: int) -> None:
    if flags & _ENCRYPTED:
        raise ExportError(_ENCRYPTED_ZIP)
    if method not in {STORED, DEFLATED}:
        raise ExportError(_METHOD)
    if disk:
        raise ExportError(_SPLIT)
    if stat.S_IFMT(mode >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise ExportError(SPECIAL)


def _text(name: bytes) -> str:
    """Decode a name: many a packer writes UTF-8 without saying so, the others mean cp437."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("cp437")


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise ExportError(DAMAGED)
    return data
