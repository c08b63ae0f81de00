"""Names of an export's members: safe ones, each once."""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from helpdesk.i18n import mark
from helpdesk.ingest.exports.types import ExportError

MAX_DEPTH = 16  # the deepest known export, Instagram's media, needs six
MAX_CHARS = 1_024  # most file systems end a single name at 255 bytes

_DRIVE = re.compile(r"[A-Za-z]:")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Windows opens a device under these names in any folder, whatever the ending.
_DEVICE = re.compile(
    r"(?:^|/)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:[.:/]|$)",
    re.IGNORECASE,
)
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})

UNSAFE = mark(
    "This export names a file outside of itself or in a way no platform does, so it is not "
    "opened. Download it again from the platform and give the file as it is."
)
_TOO_DEEP = mark(
    "The folders of this export lie too deep in one another. "
    "Give the file as it was downloaded, or the folder that holds the conversations."
)
_DEVICE_NAME = mark(
    "This export holds a file with a name that Windows keeps for devices, such as CON or NUL. "
    "Unpack it, rename that file and give the folder."
)
_TWICE = mark(
    "This export holds two files whose names are the same or differ in capitals or accents only. "
    "Download it again from the platform and give the file as it is."
)


def clean(name: str) -> str:
    r"""Return a member's path with `/` between folders, without empty and `.` parts; perhaps "".

    A backslash counts as a separator, as it does where the export may be unpacked.

    Raises:
        ExportError: it leads outside, is no text, lies too deep or is the name of a device.
    """
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    path = "/".join(parts)
    if name.startswith("/") or ".." in parts or _DRIVE.match(path) or _CONTROL.search(name):
        raise ExportError(UNSAFE)
    if len(parts) > MAX_DEPTH or len(name) > MAX_CHARS:
        raise ExportError(_TOO_DEEP)
    if _DEVICE.search(path):
        raise ExportError(_DEVICE_NAME)
    if _SURROGATE.search(name):  # bytes of a folder's entry that are no UTF-8
        raise ExportError(UNSAFE)
    return path


def is_litter(name: str) -> bool:
    """Tell whether the desktop left it when the export was packed again."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].lower() in _LITTER


class Places:
    """Names, sorted, and the row of each: a third of the memory of a dictionary.

    ExportError if two are the same for a file system: without regard to capitals and to how
    accents are written. Only 64-bit hashes are compared: of 200,000 different names two are taken
    for the same once in 10⁹ exports.
    """

    def __init__(self, names: Sequence[str]) -> None:
        hashes = sorted(hash(_folded(name)) for name in names)
        if any(one == other for one, other in pairwise(hashes)):
            raise ExportError(_TWICE)
        del hashes  # before the next list of as many objects
        rows = sorted(range(len(names)), key=names.__getitem__)
        self.names = [names[row] for row in rows]
        self._rows = array("I", rows)

    def row(self, name: str) -> int:
        """Return the row of a name; KeyError if there is none."""
        place = bisect_left(self.names, name)
        if place == len(self.names) or self.names[place] != name:
            raise KeyError
        return self._rows[place]


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
