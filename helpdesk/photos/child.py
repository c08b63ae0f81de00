"""`python -m helpdesk.photos.child YYYY-MM-DD`: reads the picture on its standard input, and ends.

Pictures come from strangers and are decoded by libraries written in C, so this is done in a
process that can be lost: with limits on memory and time, nothing of the settings or the database,
no files to write, and no network once the reader is loaded.
"""

import base64
import datetime as dt
import os
import resource
import sys

import msgspec

from helpdesk.identity.photo import ktp
from helpdesk.identity.types import Card
from helpdesk.photos import eyes
from helpdesk.photos.engine import CPU_S, MEMORY_BYTES, Page

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def main() -> None:
    """Write the page as JSON, or null where the bytes are no picture that is read here."""
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is not the answer
    os.nice(10)  # people's messages come first
    _limit()
    eyes.engine()
    sys.addaudithook(_refuse)
    page = look(sys.stdin.buffer.read(), today=dt.date.fromisoformat(sys.argv[1]))
    os.write(answer, msgspec.json.encode(page))


def look(data: bytes, *, today: dt.date) -> Page | None:
    """Return what a picture shows, with a small picture of each fact."""
    try:
        picture = eyes.open_picture(data)
    except eyes.UnreadableError:
        return None
    seen = ktp.see(eyes.read(picture), today=today)
    if seen is None:
        return Page(picture.width, picture.height, None)
    crops = (base64.b64encode(eyes.crop(picture, each.corners)) for each in seen)
    return Page(
        picture.width,
        picture.height,
        Card(tuple(each.fact for each in seen)),
        tuple(each.decode("ascii") for each in crops),
    )


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)


if __name__ == "__main__":
    main()
