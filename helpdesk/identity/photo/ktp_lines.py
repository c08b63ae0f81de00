"""Lines of a picture: what was read in places becomes rows, however the card was held."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Corners: TypeAlias = tuple[Point, Point, Point, Point]
Box: TypeAlias = tuple[int, int, int, int]

MAX_WORDS = 400  # a card has some 40; a page full of print is none
_MAX_CHARS = 120  # of one run of text


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text in a picture, one word or more.

    Attributes:
        text: as read.
        sure: how sure the reading of each character is, in [0, 1]; as many as there are.
        corners: in pixels of the upright picture, from the first letter's top left in reading
            direction: top right, bottom right, bottom left.
    """

    text: str
    sure: tuple[float, ...]
    corners: Corners


@dataclass(frozen=True, slots=True)
class Piece:
    """A word laid out: `left` to `right` along its row, `middle` and `height` across."""

    word: Word
    left: float
    right: float
    middle: float
    height: float


def rows(words: Sequence[Word]) -> list[list[Piece]]:
    """Return the rows of a picture from top to bottom, each from left to right.

    The rows may run in any direction and may spread like a fan, as in a picture taken from one
    side. Words without an extent are left out. Takes n log n time; never raises.
    """
    usable = [word for word in words[:MAX_WORDS] if _is_sane(word)]
    if not usable:
        return []
    pieces = _levelled([_turned(word, _direction(usable)) for word in usable])
    found: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: each.middle):
        if found and _is_beside(piece, found[-1]):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [sorted(row, key=lambda each: each.left) for row in found]


def part(word: Word, start: int, end: int) -> Corners:
    """Return the corners around the characters `start`:`end` of a word, each equally wide."""
    size = max(len(word.text), 1)
    top_left, top_right, bottom_right, bottom_left = word.corners
    return (
        _between(top_left, top_right, start / size),
        _between(top_left, top_right, end / size),
        _between(bottom_left, bottom_right, end / size),
        _between(bottom_left, bottom_right, start / size),
    )


def around(corners: Sequence[Corners], *, margin: float = 0.25) -> Box:
    """Return the upright box (left, top, width, height) around some corners, and a little more.

    `margin` is a share of the lowest height, as much as an eye wants around letters.
    """
    points = [point for each in corners for point in each]
    edge = margin * min((math.dist(each[0], each[3]) for each in corners), default=0.0)
    left, top = (max(0, math.floor(min(axis) - edge)) for axis in zip(*points, strict=True))
    right, bottom = (math.ceil(max(axis) + edge) for axis in zip(*points, strict=True))
    return left, top, max(right - left, 1), max(bottom - top, 1)


def _is_sane(word: Word) -> bool:
    numbers = [number for point in word.corners for number in point]
    return (
        0 < len(word.text) == len(word.sure) <= _MAX_CHARS
        and all(abs(number) < 1e6 for number in numbers)  # not NaN either
        and math.dist(word.corners[0], word.corners[1]) > 0
        and math.dist(word.corners[0], word.corners[3]) > 0
    )


def _direction(words: Sequence[Word]) -> float:
    """Return the angle in which the longer half of the words runs, in radians."""
    by_length = sorted(words, key=lambda each: math.dist(each.corners[0], each.corners[1]))
    longer = by_length[len(by_length) // 2 :]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b, *_ in (each.corners for each in longer)]
    first = math.atan2(sum(y for _, y in steps), sum(x for x, _ in steps))
    turned = (math.remainder(math.atan2(y, x) - first, math.tau) for x, y in steps)
    return first + median(turned)


def _turned(word: Word, angle: float) -> Piece:
    along, across = math.cos(angle), math.sin(angle)
    xs = [x * along + y * across for x, y in word.corners]
    ys = [y * along - x * across for x, y in word.corners]
    height = (
        math.dist(word.corners[0], word.corners[3]) + math.dist(word.corners[1], word.corners[2])
    ) / 2
    return Piece(word, (xs[0] + xs[3]) / 2, (xs[1] + xs[2]) / 2, fmean(ys), height)


def _levelled(pieces: list[Piece]) -> list[Piece]:
    """Take out what perspective does to rows: the higher up, the more they slope, or the less.

    The slope as a linear function of the place across is fitted to the words' own slopes.
    """
    angle = _direction([piece.word for piece in pieces])
    slopes = [_slope(piece, angle) for piece in pieces]
    weights = [max(piece.right - piece.left, 0.0) ** 2 for piece in pieces]
    total = sum(weights) or 1.0
    at = sum(w * piece.middle for w, piece in zip(weights, pieces, strict=True)) / total
    mean = sum(w * slope for w, slope in zip(weights, slopes, strict=True)) / total
    spread = sum(w * (p.middle - at) ** 2 for w, p in zip(weights, pieces, strict=True))
    shared = sum(
        w * (p.middle - at) * (slope - mean)
        for w, p, slope in zip(weights, pieces, slopes, strict=True)
    )
    growth = shared / spread if spread > 0 else 0.0
    centre = fmean((piece.left + piece.right) / 2 for piece in pieces)

    def level(piece: Piece) -> Piece:
        slope = mean + growth * (piece.middle - at)
        rise = slope * ((piece.left + piece.right) / 2 - centre)
        return Piece(piece.word, piece.left, piece.right, piece.middle - rise, piece.height)

    return [level(piece) for piece in pieces]


def _slope(piece: Piece, angle: float) -> float:
    corners = piece.word.corners
    own = math.atan2(corners[1][1] - corners[0][1], corners[1][0] - corners[0][0])
    low = math.atan2(corners[2][1] - corners[3][1], corners[2][0] - corners[3][0])
    turns = [math.remainder(each - angle, math.tau) for each in (own, low)]
    return max(-0.3, min(0.3, fmean(turns)))


def _is_beside(piece: Piece, row: Sequence[Piece]) -> bool:
    reach = 0.5 * min(piece.height, median(each.height for each in row[-8:]))
    return abs(piece.middle - fmean(each.middle for each in row[-8:])) <= reach


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
