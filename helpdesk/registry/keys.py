"""What names, places, dates and NIKs are found by: one normaliser for the registry and for queries.

Everything here is pure. When a rule changes what a key comes out as, `VERSION` goes up, and a
registry whose keys are older has to be rebuilt (`load.rebuild_keys`).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from itertools import combinations
from typing import NamedTuple
from zlib import crc32

VERSION = 1

NO_DAY = 0  # the birth date of a record without one; real ordinals start far above
_WORDS_KEYED = 4  # pairs of the first four words: more would only repeat longer names
_PLACE_BITS = 10
_OLDEST = dt.date(1900, 1, 1)

# Words that say who somebody is, not what they are called.
_TITLES = frozenset(
    "h hj haji hajjah hajah kh ust ustad ustadz ustadzah dr drg drh ir drs dra prof alm almh "
    "bpk bapak ibu sdr sdri tn ny nn mr mrs ms bp pak bu".split()
)
_DEGREES = frozenset(
    "sh se spd skom st amd mm mpd msi ssos sag sip skm spi sp spt sfarm mkom mt mh mkes ssi shi "
    "sthi spdi mpdi amdkeb amdkep skep ners ss sos mba phd ma msc bsc ak ca sst mhum shum".split()
)
_PATRONYMS = frozenset("bin binti bt b".split())
_FILLERS = frozenset("boru br".split())

_FAMILIES = {
    variant: name
    for name, variants in {
        "muhamad": "muhammad muhamad mohammad mohamad mohamed mohammed mochammad mochamad moch moh "
        "mohd muh muhd mhd mhmd md mochamat muchamad muchammad mokhamad mokhammad",
        "ahmad": "ahmad achmad akhmad ahmat akhmat achmat akh ach ahmed",
        "abdul": "abdul abd abdoel abdl abdoul",
        "siti": "siti sitti st sitie sity",
        "nur": "nur noer nor noor nuur",
        "gede": "gede gde",
        "risqi": "rizki rizky riski rizqi rezki risky rizqy rizkie resky rizkhi",
    }.items()
    for variant in variants.split()
}

# Old spelling before new, digraphs before letters; order matters.
_SPELLINGS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("oe", "u"), ("dj", "j"), ("tj", "c"), ("nj", "ny"), ("sj|sy", "s"), ("^ch", "c"),
        ("kh|ch", "h"), ("dh", "d"), ("th", "t"), ("ph|f|v", "p"), ("x", "ks"), ("q", "k"),
        ("ie", "i"), ("[jyz]", "i"), ("(?<=.)h", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip

_PLACE_RANKS = re.compile(
    r"\b(?:kabupaten|kab|kotamadya|kodya|kota|kecamatan|kec|desa|kelurahan|kel|administrasi|adm|"
    r"provinsi|prov|dki|di)\b"
)


class Word(NamedTuple):
    """One word of a name: as spelled (lower case) and the code that spellings of it share."""

    spelled: str
    code: str


def words(name: str) -> tuple[Word, ...]:
    """Take a name apart, without titles, degrees and what follows `bin` or `binti`; never raises.

    A name made of titles only keeps them: somebody may be called so.
    """
    spelled = list(_spelled(name))
    kept: list[str] = []
    for word in spelled:
        if word in _PATRONYMS and kept:
            break
        if word not in _FILLERS and not (word in _TITLES and (not kept or word in _DEGREES)):
            kept.append(word)
    while len(kept) > 1 and kept[-1] in _DEGREES:
        kept.pop()
    return tuple(Word(word, code(word)) for word in kept or spelled)


@lru_cache(maxsize=200_000)
def code(word: str) -> str:
    """Reduce a lower-case word to what its spellings share: Djoko and Joko, Yusuf and Jusup."""
    family = _FAMILIES.get(word)
    if family is not None:
        return family
    sound = word
    for pattern, replacement in _SPELLINGS:
        sound = pattern.sub(replacement, sound)
    return sound or word


@lru_cache(maxsize=50_000)
def place(text: str) -> str:
    """Reduce a birth place to its bare name: ranks dropped, old names and abbreviations resolved."""
    plain = _PLACE_RANKS.sub(" ", _plain(text).replace(".", " "))
    letters = " ".join(re.findall(r"[a-z]+", plain))
    return _place_aliases().get(letters, letters)


def nik_number(text: str) -> int | None:
    """Return sixteen digits as an integer, whatever separates them; None for anything else."""
    digits = nik_digits(text)
    return int(digits) if len(digits) == 16 else None


def nik_digits(text: str) -> str:
    """Return the ASCII digits of a NIK as written, if nothing but separators stands between."""
    bare = text if text.isdigit() else re.sub(r"[\s.,_\-]+", "", text)
    return bare if bare.isdigit() and bare.isascii() else ""


def nik_days(digits: str) -> tuple[int, ...]:
    """Return the birth dates a sixteen-digit NIK can mean, as ordinals; the century is open."""
    if len(digits) != 16:
        return ()
    day, month, year = int(digits[6:8]) % 40, int(digits[8:10]), int(digits[10:12])
    return tuple(
        found
        for century in (1900, 2000)
        if (found := _ordinal(century + year, month, day)) and int(digits[6:8]) <= 71
    )


def near_niks(digits: str) -> list[int]:
    """Return the well-formed NIKs one slip away: a digit, a swap of neighbours, one lost or added.

    About 130 for sixteen digits. Whatever would hold an impossible date is left out.
    """
    if len(digits) == 16:
        near = {*_substituted(digits), *_transposed(digits)}
    elif len(digits) == 15:
        near = {digits[:i] + d + digits[i:] for i in range(16) for d in "0123456789"}
    elif len(digits) == 17:
        near = {digits[:i] + digits[i + 1 :] for i in range(17)}
    else:
        return []
    near.discard(digits)
    return [int(nik) for nik in near if _possible(nik)]


def swapped_day(day: int) -> int | None:
    """Return the date with day and month exchanged, or None when there is no such other date."""
    date = dt.date.fromordinal(day)
    return _ordinal(date.year, date.day, date.month) if date.day != date.month else None


def near_days(day: int, *, latest: int) -> list[int]:
    """Return the dates that differ from `day` in one digit of ddmmyyyy, from 1900 to `latest`."""
    written = f"{dt.date.fromordinal(day):%d%m%Y}"
    near = (
        _ordinal(int(text[4:]), int(text[2:4]), int(text[:2])) for text in _substituted(written)
    )
    return [found for found in near if found and found <= latest]


def date_key(day: int, word_code: str) -> int:
    """Return the key of a birth date and one word; the date leads, so that a day is a range."""
    return (day << 32) | crc32(word_code.encode())


def day_range(day: int) -> tuple[int, int]:
    """Return the first key of a birth date and the first behind it."""
    return day << 32, (day + 1) << 32


def pair_range(first: str, second: str) -> tuple[int, int]:
    """Return the first key of two words in any order and the first behind it, all places."""
    low, high = sorted((first, second))
    text = f"{low} {high}".encode()
    wide = (crc32(text) << 20) | (crc32(text[::-1] + b"\0") & 0xFFFFF)
    # Negative, so that pairs and dates share one table and one question.
    start = -((wide + 1) << _PLACE_BITS)
    return start, start + (1 << _PLACE_BITS)


def pair_key(first: str, second: str, place_code: str) -> int:
    """Return the key of two words of a name, in any order, and a place."""
    return pair_range(first, second)[0] + crc32(place_code.encode()) % (1 << _PLACE_BITS)


def pairs(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of words a name is filed under; one word alone pairs with nothing."""
    distinct = sorted(dict.fromkeys(codes))[:_WORDS_KEYED]
    return list(combinations(distinct, 2)) or [(code, "") for code in distinct]


def of_record(codes: tuple[str, ...], day: int | None, place_code: str) -> set[int]:
    """Return every key one record is found by, beside its NIK."""
    dated = {date_key(day or NO_DAY, word) for word in codes}
    paired = {pair_key(first, second, place_code) for first, second in pairs(codes)}
    return dated | paired


def name_term(codes: Iterable[str]) -> str:
    """Return the term under which a full name is counted."""
    return "name:" + " ".join(codes)


def word_term(word_code: str) -> str:
    """Return the term under which a word of names is counted."""
    return "word:" + word_code


def day_term(day: int) -> str:
    """Return the term under which a birth date is counted."""
    return f"day:{day}"


def place_term(place_code: str) -> str:
    """Return the term under which a birth place is counted."""
    return "place:" + place_code


ALL_TERM = "all:"


def _spelled(name: str) -> Iterator[str]:
    """Yield the words of a name in lower case: S.Pd is one word, M.Rizki and Nur-Hayati are two."""
    for part in _plain(name).replace(",", " ").split():
        joined = re.sub(r"[^a-z0-9]", "", part)
        if "." in part and joined in _DEGREES:
            yield joined
        else:
            yield from re.findall(r"[a-z0-9]+", part.replace("'", ""))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").replace("`", "'"))
    return apart.encode("ascii", "ignore").decode().lower()


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date.toordinal() if date >= _OLDEST else None


def _substituted(digits: str) -> Iterator[str]:
    for i, old in enumerate(digits):
        for new in "0123456789":
            if new != old:
                yield digits[:i] + new + digits[i + 1 :]


def _transposed(digits: str) -> Iterator[str]:
    for i in range(len(digits) - 1):
        yield digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]


def _possible(nik: str) -> bool:
    return nik[0] != "0" and bool(nik_days(nik))


@lru_cache(maxsize=1)
def _place_aliases() -> dict[str, str]:
    text = resources.files("helpdesk.registry").joinpath("data/places.csv").read_text("utf-8")
    rows = (line.split(",") for line in text.splitlines()[1:])
    return {row[0]: row[1] for row in rows}
