"""How well identity cards are read from made-up photos: by field, by what spoilt the picture.

`HELPDESK_BENCH_CARDS` is how many cards are read for each way to spoil one. Tesseract is measured
beside the reader in use where this machine has it with Indonesian.
"""

import datetime as dt
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from helpdesk.identity.photo import ktp
from helpdesk.identity.photo.ktp import Word
from helpdesk.identity.types import Fact, Field
from helpdesk.identity.words import names, places
from helpdesk.photos import engine

CARDS = int(os.environ.get("HELPDESK_BENCH_CARDS", "20"))
FIRST_SEED = 1_000  # cards nobody looked at while the reading was written
TODAY = dt.date(2026, 11, 21)
BINS = 10
TESSERACT_S = 20.0  # it takes minutes over grain

Read = Callable[[bytes], Sequence[Word]]


@dataclass(slots=True)
class Tally:
    """What came of some cards."""

    cards: int = 0
    right: dict[Field, int] = field(default_factory=lambda: dict.fromkeys(Field, 0))
    letters: int = 0  # of the names, spaces left out
    slips: int = 0
    digits: int = 0
    whole: int = 0
    false: int = 0
    seconds: float = 0.0
    guesses: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.cards += other.cards
        for each in Field:
            self.right[each] += other.right[each]
        self.letters += other.letters
        self.slips += other.slips
        self.digits += other.digits
        self.whole += other.whole
        self.false += other.false
        self.seconds += other.seconds
        self.guesses += other.guesses


def run() -> None:
    """Read made-up cards with every reader there is, and print how well."""
    print("\nPhotos of identity cards")
    if not engine.available():
        print(f"  the extra is not installed: {engine.INSTALL}")
        return
    for name, read in readers().items():
        _report(name, read)


def readers() -> dict[str, Read]:
    """Return the readers of this machine by name, the one in use first."""
    from helpdesk.photos import eyes  # noqa: PLC0415 - of the extra

    found: dict[str, Read] = {"RapidOCR": lambda data: eyes.read(eyes.open_picture(data))}
    if _has_tesseract():
        found["Tesseract"] = tesseract
    return found


def _report(name: str, read: Read) -> None:
    from tests import ktp as rendered  # noqa: PLC0415 - of the extra

    print(f"  {name}, {CARDS} cards each")
    print(f"    {'':12} name  (*)  place   date    NIK  NIK err  whole  false   s/photo")
    total = Tally()
    for kind in rendered.SPOILS:
        tally = Tally()
        for seed in range(FIRST_SEED, FIRST_SEED + CARDS):
            who, picture = rendered.spoilt(kind, seed)
            data = rendered.to_jpeg(picture)
            start = time.perf_counter()
            seen = ktp.see(read(data), today=TODAY) or ()
            tally.seconds += time.perf_counter() - start
            _judge(tally, who, [each.fact for each in seen])
        total.add(tally)
        print(f"    {kind:12}{_row(tally)}")
    print(f"    {'all':12}{_row(total)}")
    print(f"    error of the confidences (ECE): {calibration_error(total.guesses):.3f}")
    print("    (*) spaces left out; false: a value that is not on the card, spaces left out")


def _judge(tally: Tally, who: "rendered.Holder", facts: Sequence[Fact]) -> None:  # noqa: F821
    printed = {
        Field.FULL_NAME: names.display(who.name),
        Field.BIRTH_PLACE: places.display(who.place),
        Field.BIRTH_DATE: who.born.isoformat(),
        Field.NIK: who.nik,
    }
    found = {fact.field: fact for fact in facts}
    same = {
        each: each in found and _bare(found[each].value) == _bare(printed[each]) for each in Field
    }
    tally.cards += 1
    for each in Field:
        tally.right[each] += each in found and found[each].value == printed[each]
    tally.letters += same[Field.FULL_NAME]
    tally.whole += all(same.values())
    tally.false += sum(each in found and not same[each] for each in Field)
    nik = found[Field.NIK].value if Field.NIK in found else ""
    tally.slips += Levenshtein.distance(nik, who.nik)
    tally.digits += len(who.nik)
    tally.guesses += [(fact.confidence, same[fact.field]) for fact in facts]


def _bare(value: str) -> str:
    return value.replace(" ", "").lower()


def _row(tally: Tally) -> str:
    def percent(count: int) -> str:
        return f"{100 * count / tally.cards:6.1f}"

    name, place, date, nik = (percent(tally.right[each]) for each in Field)
    return (
        f"{name}{percent(tally.letters)} {place} {date} {nik}"
        f"  {100 * tally.slips / tally.digits:6.2f} {percent(tally.whole)} {tally.false:6}"
        f" {tally.seconds / tally.cards:8.2f}"
    )


def calibration_error(guesses: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    if not guesses:
        return 0.0
    total = 0.0
    for low, high in pairwise(step / BINS for step in range(BINS + 1)):
        inside = [each for each in guesses if low <= each[0] < high]
        if inside:
            sure = sum(confidence for confidence, _ in inside) / len(inside)
            total += abs(sure - sum(right for _, right in inside) / len(inside)) * len(inside)
    return total / len(guesses)


def _has_tesseract() -> bool:
    path = shutil.which("tesseract")
    if path is None:
        return False
    listed = subprocess.run([path, "--list-langs"], capture_output=True, text=True, check=False)
    return "ind" in listed.stdout.split()


def tesseract(data: bytes) -> list[Word]:
    """Read with Debian's Tesseract, after what is commonly done to help it.

    The card is cut out and set upright by its outline, enlarged, evened out in light and levelled;
    a picture that reads badly is tried in the other three directions.
    """
    import cv2  # noqa: PLC0415 - of the extra
    import numpy as np  # noqa: PLC0415

    from helpdesk.photos import eyes  # noqa: PLC0415

    picture = _prepared(eyes.open_picture(data).pixels)
    best: list[Word] = []
    for quarters in range(4):
        turned = np.ascontiguousarray(np.rot90(picture, quarters))
        file = bytes(cv2.imencode(".png", turned)[1])
        words = list(_tesseract_words(file))
        best = max(best, words, key=_weight)
        if _weight(best) > 150:  # some 150 characters are read well: this is the right way up
            break
    return best


def _prepared(pixels):
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    grey = cv2.cvtColor(_cut_out(pixels), cv2.COLOR_BGR2GRAY)
    if grey.shape[1] < 1_600:
        scale = 1_600 / grey.shape[1]
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    light = cv2.GaussianBlur(grey, (0, 0), 40).astype(np.float32)
    even = np.clip(grey / np.maximum(light, 1) * 200, 0, 255).astype(np.uint8)
    return cv2.fastNlMeansDenoising(even, None, 12, 7, 15)


def _cut_out(pixels):
    """Cut the card out by its outline, if one of four corners is to be seen."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), (7, 7), 0)
    _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return pixels
    outline = max(outlines, key=cv2.contourArea)
    corners = cv2.approxPolyDP(outline, 0.03 * cv2.arcLength(outline, closed=True), closed=True)
    area = pixels.shape[0] * pixels.shape[1]
    if len(corners) != 4 or not 0.15 * area < cv2.contourArea(outline) < 0.97 * area:
        return pixels
    points = corners.reshape(4, 2).astype(np.float32)
    total, apart = points.sum(axis=1), np.diff(points, axis=1).ravel()
    order = [total.argmin(), apart.argmin(), total.argmax(), apart.argmax()]
    flat = np.array([[0, 0], [1_600, 0], [1_600, 1_009], [0, 1_009]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(points[order], flat)
    return cv2.warpPerspective(pixels, turn, (1_600, 1_009))


def _tesseract_words(file: bytes) -> Iterator[Word]:
    """Yield its lines: the words of one are given together, as the other reader gives them."""
    command = ["tesseract", "stdin", "stdout", "-l", "ind", "--psm", "11", "tsv"]
    try:
        done = subprocess.run(
            command,
            input=file,
            capture_output=True,
            check=True,
            timeout=TESSERACT_S,
            env={"OMP_THREAD_LIMIT": "1", "PATH": os.defpath},
        )
    except subprocess.SubprocessError:
        return
    lines: dict[tuple[str, ...], list[tuple[str, float, list[float]]]] = {}
    for row in done.stdout.decode().splitlines()[1:]:
        *where, left, top, width, height, sure, text = row.split("\t", 11)
        if float(sure) >= 0 and text.strip():
            box = [float(each) for each in (left, top, width, height)]
            lines.setdefault(tuple(where[:5]), []).append((text, float(sure) / 100, box))
    for words in lines.values():
        yield _line(words)


def _line(words: list[tuple[str, float, list[float]]]) -> Word:
    sure: list[float] = []
    for text, each, _ in words:
        sure += [1.0] * bool(sure) + [each] * len(text)
    left, top = (min(box[at] for *_, box in words) for at in (0, 1))
    right, bottom = (max(box[at] + box[at + 2] for *_, box in words) for at in (0, 1))
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Word(" ".join(text for text, *_ in words), tuple(sure), corners)


def _weight(words: Sequence[Word]) -> float:
    return sum(max(0.0, sure - 0.5) for word in words for sure in word.sure)
