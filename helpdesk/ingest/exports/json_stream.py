"""JSON of any size, read as a stream: the values at given places, one after the other."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, Final, TypeAlias

import ijson

from helpdesk.ingest.exports.json_guard import Guarded, TooMuchError
from helpdesk.ingest.exports.types import ExportError

Place: TypeAlias = tuple[str, ...]  # keys from the outside in; EACH for any entry of a list

EACH = "*"
# Of one value, which is one message with what hangs on it.
MAX_DEPTH = 16
MAX_SIZE = 1 << 20  # characters, with what each part costs besides
PART_SIZE = 64


class _Mark:
    """Something that is no JSON value."""


OPENED: Final = _Mark()  # an object or list begins here
TOO_LARGE: Final = _Mark()  # a value was here, deeper or larger than a message can be


def values(
    file: BinaryIO,
    wanted: Collection[Place],
    *,
    opened: Collection[Place] = (),
    problem: str,
    start: bytes = b"",
) -> Iterator[tuple[Place, Any]]:
    """Yield what is at the wanted places, in the order of the file.

    Args:
        file: read forward in pieces, to its end unless the caller stops.
        wanted: places of values, none below another.
        opened: places of objects or lists of which the beginning is told, as `OPENED`.
        problem: what to tell a person when this is not whole JSON.
        start: what was read of the file already.

    Yields:
        The place and what is there: as `json.loads` has it, numbers with a point or an exponent
        as Decimal, or `TOO_LARGE` for what is not kept. Linear, and in the memory of one value.

    Raises:
        ExportError: with `problem`, for anything that is not JSON, is cut off or has texts of
            megabytes; what came before was yielded.
    """
    longest = max(map(len, (*wanted, *opened)), default=0)
    where: list[str] = []  # of each open object the key read last, of each list EACH
    events = _events(file, start, problem)
    for event, value in events:
        if event == "map_key":
            where[-1] = value
            continue
        if event in ("end_map", "end_array"):
            where.pop()
            continue
        if len(where) <= longest and (place := tuple(where)) in wanted:
            yield place, _built(event, value, events)
            continue
        if event in ("start_map", "start_array"):
            if len(where) <= longest and (place := tuple(where)) in opened:
                yield place, OPENED
            where.append(EACH if event == "start_array" else "")


def _events(file: BinaryIO, start: bytes, problem: str) -> Iterator[tuple[str, Any]]:
    try:
        yield from ijson.basic_parse(Guarded(file, start))
    except (ijson.JSONError, UnicodeDecodeError, TooMuchError):
        # The parser's words quote the file, so they go no further.
        raise ExportError(problem) from None


def _built(event: str, value: Any, events: Iterator[tuple[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    """Make the value that begins with this event, taking its other events."""
    room = [MAX_SIZE]
    try:
        if event == "start_map":
            return _object(events, room, 1)
        if event == "start_array":
            return _list(events, room, 1)
    except _TooLargeError as error:
        return _passed(error.depth, events)
    return value if event != "string" or len(value) <= MAX_SIZE else TOO_LARGE


class _TooLargeError(Exception):
    """More than is kept, so many levels deep."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.depth = depth


def _object(events: Iterator[tuple[str, Any]], room: list[int], depth: int) -> dict[str, Any]:
    box: dict[str, Any] = {}
    key = ""
    for event, value in events:
        if event == "end_map":
            break
        if event == "map_key":
            key = value
            room[0] -= PART_SIZE + len(value)
        else:
            box[key] = _part(event, value, events, room, depth)
    return box


def _list(events: Iterator[tuple[str, Any]], room: list[int], depth: int) -> list[Any]:
    box: list[Any] = []
    for event, value in events:
        if event == "end_array":
            break
        box.append(_part(event, value, events, room, depth))
    return box


def _part(
    event: str,
    value: Any,  # noqa: ANN401 - JSON
    events: Iterator[tuple[str, Any]],
    room: list[int],
    depth: int,
) -> Any:  # noqa: ANN401 - JSON
    room[0] -= PART_SIZE + (len(value) if event == "string" else 0)
    if event in ("start_map", "start_array"):
        depth += 1
        if depth <= MAX_DEPTH and room[0] >= 0:
            return (_object if event == "start_map" else _list)(events, room, depth)
    if depth > MAX_DEPTH or room[0] < 0:
        raise _TooLargeError(depth)
    return value


def _passed(depth: int, events: Iterator[tuple[str, Any]]) -> _Mark:
    """Read on to the end of the value that is this many levels deep."""
    for event, _ in events:
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
        if not depth:
            break
    return TOO_LARGE
