"""The slips people make when they state who they are, in the shares of a measured study.

Name: missing 3 %, else typo 18 %, a word as its initial 8 %, dropped 8 %, added 4 %, a title 6 %,
another spelling 8 %, each by itself. Date: missing 20 %, day and month exchanged 4 %, a wrong
digit 5 %. NIK: absent 35 %, a wrong digit 8 %, two exchanged 4 %, one lost 4 %, the number of
another document 1 %. Place: absent 30 %, named otherwise 10 %, typo 3 %. What cannot be done to a
value (no other spelling, no thirteenth month) leaves it as it is.
"""

import datetime as dt
import random
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from helpdesk.registry.synthetic.blocks import regencies

NAME_MISSING, TYPO, INITIAL, DROPPED, ADDED, TITLED, RESPELLED = (
    0.03, 0.18, 0.08, 0.08, 0.04, 0.06, 0.08,
)  # fmt: skip
DATE_MISSING, DATE_SWAPPED, DATE_DIGIT = 0.20, 0.04, 0.05
NIK_ABSENT, NIK_DIGIT, NIK_SWAPPED, NIK_SHORT, NIK_OTHER = 0.35, 0.08, 0.04, 0.04, 0.01
PLACE_ABSENT, PLACE_OTHERWISE, PLACE_TYPO = 0.30, 0.10, 0.03

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_EXTRA = ("putra", "putri", "jaya", "sari", "wati", "nur")
_TITLES = ("h.", "hj.", "drs.", "bapak", "ibu", "pak", "bu", "sdr.")
_RESPELLINGS = (
    ("oe", "u"), ("u", "oe"), ("dj", "j"), ("j", "dj"), ("tj", "c"), ("c", "tj"), ("y", "i"),
    ("i", "y"), ("f", "p"), ("f", "v"), ("p", "f"), ("z", "j"), ("sy", "s"), ("kh", "k"),
    ("dh", "d"), ("th", "t"), ("ah", "a"), ("nn", "n"), ("ss", "s"), ("ks", "x"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody states; None is not stated. The date may be none of the calendar's."""

    full_name: str | None
    birth_place: str | None
    birth_date: str | None  # YYYY-MM-DD
    nik: str | None


def slip(dice: random.Random, true: Asked, *, has_nik: bool = False) -> Asked:
    """Return what is stated of somebody, who names at least their name or NIK.

    Args:
        dice: what decides.
        true: all four facts.
        has_nik: the NIK is never absent.
    """
    while True:
        asked = Asked(
            name(dice, true.full_name or ""),
            place(dice, true.birth_place or ""),
            date(dice, true.birth_date or ""),
            nik(dice, true.nik or "", present=has_nik),
        )
        if asked.full_name or asked.nik:
            return asked


def name(dice: random.Random, full_name: str) -> str | None:
    """Return a name as its bearer might write it."""
    if dice.random() < NAME_MISSING:
        return None
    words = full_name.lower().split()
    if dice.random() < TYPO:
        words = _typo(dice, words)
    if dice.random() < RESPELLED:
        words = _respelled(dice, words)
    if dice.random() < INITIAL and len(words) > 1:
        at = dice.randrange(len(words))
        words[at] = words[at][0]
    if dice.random() < DROPPED and len(words) > 1:
        words.pop(dice.randrange(len(words)))
    if dice.random() < ADDED:
        words.append(dice.choice(_EXTRA))
    if dice.random() < TITLED:
        words.insert(0, dice.choice(_TITLES))
    return " ".join(words).title()


def place(dice: random.Random, birth_place: str) -> str | None:
    """Return a birth place as somebody might name it."""
    chance = dice.random()
    if chance < PLACE_ABSENT:
        return None
    if chance < PLACE_ABSENT + PLACE_OTHERWISE:
        return _otherwise(dice, birth_place)
    if chance < PLACE_ABSENT + PLACE_OTHERWISE + PLACE_TYPO:
        return " ".join(_typo(dice, birth_place.lower().split())).title()
    return birth_place


def date(dice: random.Random, birth_date: str) -> str | None:
    """Return a birth date (YYYY-MM-DD) as somebody might state it."""
    chance = dice.random()
    if chance < DATE_MISSING:
        return None
    year, month, day = birth_date.split("-")
    changed = birth_date
    if chance < DATE_MISSING + DATE_SWAPPED:
        changed = f"{year}-{day}-{month}"
    elif chance < DATE_MISSING + DATE_SWAPPED + DATE_DIGIT:
        changed = _with_wrong_digit(dice, birth_date, dice.choice((2, 3, 5, 6, 8, 9)))
    return changed if _exists(changed) else birth_date


def nik(dice: random.Random, digits: str, *, present: bool = False) -> str | None:
    """Return a NIK as somebody might state it; never None when `present`."""
    chance = dice.uniform(NIK_ABSENT if present else 0, 1)
    if (chance := chance - NIK_ABSENT) < 0:
        return None
    at = dice.randrange(15)
    if (chance := chance - NIK_DIGIT) < 0:
        return _with_wrong_digit(dice, digits, dice.randrange(16))
    if (chance := chance - NIK_SWAPPED) < 0:
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    if (chance := chance - NIK_SHORT) < 0:
        return digits[:at] + digits[at + 1 :]
    if chance - NIK_OTHER < 0:  # a family card's, which begins alike and holds the day of issue
        issued = f"{dice.randrange(1, 29):02}{dice.randrange(1, 13):02}{dice.randrange(8, 26):02}"
        return f"{digits[:6]}{issued}{dice.randrange(1, 400):04}"
    return digits


def _typo(dice: random.Random, words: list[str]) -> list[str]:
    """Change, lose, add or exchange a letter, in the longest word more often than in the first."""
    at = max(range(len(words)), key=lambda i: len(words[i])) if dice.random() < 0.6 else 0
    word = words[at]
    where, letter = dice.randrange(len(word)), dice.choice(_LETTERS)
    left = max(where - 1, 0)
    changed = dice.choice(
        (
            word[:where] + letter + word[where + 1 :],
            word[:where] + word[where + 1 :],
            word[:where] + letter + word[where:],
            word[:left] + word[where : where + 1] + word[left:where] + word[where + 1 :],
        )
    )
    return [*words[:at], changed or word, *words[at + 1 :]]


def _respelled(dice: random.Random, words: list[str]) -> list[str]:
    fitting = [
        (at, old, new)
        for at, word in enumerate(words)
        for old, new in _RESPELLINGS
        if old in word and len(word) > 2
    ]
    if not fitting:
        return words
    at, old, new = dice.choice(fitting)
    return [*words[:at], words[at].replace(old, new, 1), *words[at + 1 :]]


def _otherwise(dice: random.Random, birth_place: str) -> str:
    """Name a place by its rank, an old name or an abbreviation, or name the next regency."""
    chance = dice.random()
    if chance < 0.3:
        return f"{dice.choice(('Kab.', 'Kota', 'Kabupaten'))} {birth_place}"
    if chance < 0.7 and (aliases := _aliases().get(birth_place.lower())):
        return dice.choice(aliases).title()
    return dice.choice(_neighbours().get(birth_place, [birth_place]))


def _with_wrong_digit(dice: random.Random, digits: str, at: int) -> str:
    return digits[:at] + dice.choice(_DIGITS.replace(digits[at], "")) + digits[at + 1 :]


def _exists(iso: str) -> bool:
    try:
        dt.date.fromisoformat(iso)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _aliases() -> dict[str, list[str]]:
    """Return what else places are called: {place: its old names and abbreviations}."""
    called: dict[str, list[str]] = {}
    table = resources.files("helpdesk.registry").joinpath("data", "places.csv")
    for line in table.read_text("utf-8").splitlines()[1:]:
        alias, place_name = line.split(",")
        called.setdefault(place_name, []).append(alias)
    return called


@lru_cache(maxsize=1)
def _neighbours() -> dict[str, list[str]]:
    """Return the other regencies of each one's province."""
    known = regencies()
    provinces: dict[int, list[str]] = {}
    for code, regency in zip(known.codes.tolist(), known.names, strict=True):
        provinces.setdefault(code // 100, []).append(regency)
    return {
        regency: [other for other in inside if other != regency] or inside
        for inside in provinces.values()
        for regency in inside
    }
