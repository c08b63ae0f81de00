"""The reader itself, RapidOCR with the models of its own wheel: a picture becomes words in places.

Runs in a child process only (`child`); what it imports is there with the extra alone. Whatever
way the card was held, the corners of its words are given in the picture as a person sees it.
"""

import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeAlias

import cv2
import numpy as np
from PIL import Image, ImageOps
from rapidocr import RapidOCR

from helpdesk.identity.photo.ktp_lines import Corners, Word

MAX_PIXELS = 40_000_000  # a phone's photo has 12 to 24 million
MAX_SIDE = 2_000  # pixels that are read; the print of a card that fills half of it is 25 high

_KINDS = ("JPEG", "PNG", "WEBP")
_SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112
_READS_WELL = 0.85  # mean sureness of a picture the right way up
_MIN_CAPITALS = 6  # a shorter word has lost no space
_SPACE = 0.24  # of the height of a run: wider than what parts letters
_SPECK = 0.06  # of the height: less ink in a column is grain
_SLIM = 1.5  # this much longer than high, a run of text shows which way it runs
_THREADS = 2
_EDGE = 3.0  # pixels around a crop
_CROP_WIDE, _CROP_HIGH = 560, 96

_Pixels: TypeAlias = Any  # numpy array: rows x columns x (blue, green, red)


class UnreadableError(Exception):
    """These bytes are no picture that is read here."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture; `width` and `height` are those of the file, seen upright."""

    pixels: _Pixels
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Text found in some pixels: its characters' sureness, and four corners as rows (x, y)."""

    text: str
    sure: tuple[float, ...]
    corners: _Pixels


def open_picture(data: bytes) -> Picture:
    """Decode a picture, upright as its file says, and no larger than is read.

    Raises:
        UnreadableError: it is broken, of another kind, or has more than `MAX_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_KINDS) as image:
            return _decoded(image)
    except UnreadableError:
        raise
    except Exception as error:  # whatever a decoder makes of what it cannot read
        raise UnreadableError(type(error).__name__) from error


def crop(picture: Picture, corners: Sequence[Corners]) -> bytes:
    """Return what lies between some corners as a small JPEG, turned so that it can be read.

    Neighbouring rows are left out as far as the card is seen square: above a name is the NIK.
    """
    scale = picture.pixels.shape[1] / picture.width
    points = np.array([point for each in corners for point in each], dtype=float) * scale
    cut = _cut(picture.pixels, points, _EDGE, (_CROP_WIDE, _CROP_HIGH))
    return bytes(cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, 72])[1])


def _cut(pixels: _Pixels, points: _Pixels, edge: float, most: tuple[int, int]) -> _Pixels:
    """Return what lies between points, levelled along the first two and at most so large."""
    along = points[1] - points[0]
    angle = np.arctan2(along[1], along[0])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    level = points @ turn.T
    low, high = level.min(axis=0) - edge, level.max(axis=0) + edge
    wide, tall = np.maximum(high - low, 1)
    shrink = min(1.0, most[0] / wide, most[1] / tall)
    moved = shrink * np.hstack([turn, -low[:, None]])
    size = max(1, round(wide * shrink)), max(1, round(tall * shrink))
    return cv2.warpAffine(
        pixels, moved, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )


def read(picture: Picture) -> list[Word]:
    """Return the words of a picture, tried in other ways where it reads badly."""
    best = _look(picture.pixels, 0)
    if _is_tall(best):  # its letters may be read all the same, but not which way they run
        best = max((_look(picture.pixels, quarters) for quarters in (1, 3)), key=_weight)
    elif _mean(best) < _READS_WELL:
        others = (_look(picture.pixels, 2), _look(_evened(picture.pixels), 0))
        best = max(best, *others, key=_weight)
    best = [_spaced(picture.pixels, run) for run in best]
    scale = picture.width / picture.pixels.shape[1], picture.height / picture.pixels.shape[0]
    return [Word(run.text, run.sure, _corners(run.corners * scale)) for run in best]


@functools.cache
def engine() -> RapidOCR:
    """Return the reader with its models loaded; nothing is fetched, they are in the package."""
    return RapidOCR(
        params={
            "Global.log_level": "error",
            # It judges each line alone and turns digits of machine-readable print over.
            "Global.use_cls": False,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
        }
    )


def _decoded(image: Image.Image) -> Picture:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnreadableError("too many pixels")
    if image.getexif().get(_ORIENTATION) in _SIDEWAYS:
        width, height = height, width
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded smaller at once
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return Picture(np.ascontiguousarray(np.asarray(upright)[:, :, ::-1]), width, height)


def _evened(pixels: _Pixels) -> _Pixels:
    """Take grain out of a picture and use all of its light."""
    smooth = cv2.GaussianBlur(pixels, (0, 0), 1.0).astype(np.float32)
    dark, bright = np.percentile(smooth, (1, 99))
    return np.clip((smooth - dark) * (255 / max(bright - dark, 1)), 0, 255).astype(np.uint8)


def _look(pixels: _Pixels, quarters: int) -> list[_Run]:
    """Read a picture turned left by so many quarters; corners are in the picture unturned."""
    found = engine()(np.ascontiguousarray(np.rot90(pixels, quarters)))
    if not found.txts:
        return []
    height, width = pixels.shape[:2]
    letters = found.word_results or ((),) * len(found.txts)
    return [
        _Run(text, _sureness(text, score, each), _unturned(box, quarters, width, height))
        for text, score, each, box in zip(
            found.txts, found.scores, letters, found.boxes, strict=True
        )
    ]


def _spaced(pixels: _Pixels, run: _Run) -> _Run:
    """Put the spaces back that the reader lost in capitals, where the picture has gaps.

    Each part is read by itself; unless they say together what the whole did, it stays as it was.
    """
    if sum(letter.isupper() for letter in run.text) < _MIN_CAPITALS:
        return run
    cut = _cut(pixels, run.corners, 1, (4_000, 400))
    gaps = _gaps(cut)
    if len(gaps) <= run.text.count(" "):
        return run
    edges = [0, *gaps, cut.shape[1]]
    parts = engine().recognize_txt([cut[:, a:b] for a, b in pairwise(edges)])
    text = " ".join(part.strip() for part in parts.txts or ())
    if text.replace(" ", "") != run.text.replace(" ", ""):
        return run
    left = iter([sure for sure, one in zip(run.sure, run.text, strict=True) if one != " "])
    return replace(run, text=text, sure=tuple(1.0 if one == " " else next(left) for one in text))


def _gaps(cut: _Pixels) -> list[int]:
    """Return the middles of the columns without ink that are as wide as a space."""
    grey = cv2.GaussianBlur(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), (0, 0), cut.shape[0] / 25)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    height = ink.shape[0]
    inked = np.flatnonzero(ink.sum(axis=0) > _SPECK * height)
    steps = np.diff(inked)
    return [int(inked[at] + steps[at] // 2) for at in np.flatnonzero(steps > _SPACE * height)]


def _sureness(text: str, score: float, letters: Sequence[Any]) -> tuple[float, ...]:
    """Return how sure each character is; of the whole where the reader tells no more."""
    if [letter[0] for letter in letters] != [one for one in text if one != " "]:
        return (float(score),) * len(text)
    left: Iterator[float] = (float(letter[1]) for letter in letters)
    return tuple(1.0 if one == " " else next(left) for one in text)


def _unturned(box: _Pixels, quarters: int, width: int, height: int) -> _Pixels:
    x, y = np.asarray(box, dtype=float).T
    turned = {
        0: (x, y),
        1: (width - 1 - y, x),
        2: (width - 1 - x, height - 1 - y),
        3: (y, height - 1 - x),
    }
    return np.stack(turned[quarters], axis=1)


def _is_tall(runs: Sequence[_Run]) -> bool:
    """Tell whether most of the text runs up or down."""
    wide = tall = 0.0
    for run in runs:
        along, across = (float(np.hypot(*(run.corners[at] - run.corners[0]))) for at in (1, 3))
        wide += along if along > _SLIM * across else 0
        tall += across if across > _SLIM * along else 0
    return tall > wide


def _mean(runs: Sequence[_Run]) -> float:
    every = [sure for run in runs for sure in run.sure]
    return sum(every) / len(every) if every else 0.0


def _weight(runs: Sequence[_Run]) -> float:
    """Return how much could be read: characters, by how much surer than not they are."""
    return sum(max(0.0, sure - 0.5) for run in runs for sure in run.sure)


def _corners(points: _Pixels) -> Corners:
    a, b, c, d = ((round(float(x), 1), round(float(y), 1)) for x, y in points)
    return a, b, c, d
