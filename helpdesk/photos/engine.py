"""The port to whatever reads pictures, and the process that does it here."""

import datetime as dt
import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import msgspec

import helpdesk
from helpdesk.identity.types import Card

TIMEOUT_S = 40.0  # a card takes one or two; a page of small print is given up
CPU_S = 80  # two threads
MEMORY_BYTES = 4 << 30  # of addresses; a full picture needs a third of it
INSTALL = "make photos"  # what a person types to have photos read

_LOADING = "import onnxruntime, helpdesk.photos.eyes"
_NEEDED = ("rapidocr", "onnxruntime", "cv2", "numpy", "PIL")


@dataclass(frozen=True, slots=True)
class Page:
    """What a picture shows that is seen upright as `width` x `height` pixels.

    `card` is None when there is none; `crops` has a small JPEG, in base64, for each of its facts.
    """

    width: int
    height: int
    card: Card | None
    crops: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads pictures."""

    def __call__(self, picture: bytes, /, *, today: dt.date) -> Page | None:
        """Return what a PNG, JPEG or WebP shows; None when it cannot be read. Never raises."""


@cache
def available() -> bool:
    """Tell whether the extra `photos` is installed for this Python."""
    return all(importlib.util.find_spec(name) for name in _NEEDED)


def works() -> bool:
    """Tell whether the libraries of the reader load here, in a process that may be lost.

    Its models are not loaded, which takes seconds: they come with their package, whole or not at
    all. What breaks is a library that the system lacks, or one made for another processor.
    """
    return available() and _run("-c", _LOADING) is not None


def read(picture: bytes, *, today: dt.date) -> Page | None:
    """Read a picture in a process of its own; None when it is broken, too large or takes too long.

    Takes about two seconds, one of them to start. Never raises for what the picture does.
    """
    said = _run("-m", "helpdesk.photos.child", today.isoformat(), told=picture)
    try:
        return None if said is None else msgspec.json.decode(said, type=Page | None)
    except msgspec.MsgspecError:
        return None


def _run(*words: str, told: bytes = b"") -> bytes | None:
    """Return what this Python says to what it is told; None if it fails or takes too long."""
    try:
        done = subprocess.run(  # noqa: S603 - this very Python, and our own words
            [sys.executable, *words],
            input=told,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
            cwd=Path(helpdesk.__file__).parent.parent,
            env={"LC_ALL": "C.UTF-8"},  # none of our secrets
        )
    except subprocess.SubprocessError:
        return None
    return done.stdout
