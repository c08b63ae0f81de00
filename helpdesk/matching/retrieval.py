"""Where in the registry the persons lie whom a query may mean, and who of them are worth weighing.

Keys come in three steps, each wider than the one before. What they lead to are entries, which say
enough to compare hundreds at once and coarsely, so that only the leaders' records are fetched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpdesk.matching import features
from helpdesk.matching.features import CODES, Facts
from helpdesk.matching.score import NAME_FLOOR_BITS, Counts, Scale
from helpdesk.matching.types import Level, Way
from helpdesk.registry import keys, layout
from helpdesk.registry.layout import ENTRY, Entries, Family, Layout, TermKind

Bits: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]

WAYS = tuple(Way)
LEADERS = 24  # persons whose records are fetched and weighed
MARGIN_BITS = 26.0  # who is this far behind the best cannot be meant; coarse bits err by some ten

_WORDS = 5  # of a name that keys are made of; the registry files four, one may have been added
_DATED_WORDS = 2  # words sought on dates one digit off
_DAY_PERSONS = 20_000  # a day that more share is not looked through
_FEW_FOUND = 8  # persons who are fetched without looking who is worth it
_TIE_BITS = 1.0
_AREA = 10**10  # what a NIK is divided by for its first six digits
_BY_CHANCE = 0.3  # so much alike are the letters of two names that have nothing in common


_NO_ENTRIES = np.empty(0, dtype=ENTRY)
_NO_WAYS = np.empty(0, dtype=np.uint8)


class Marks(NamedTuple):
    """The facts of a query as the index knows them; 0 is not stated.

    `words` are distinct; `days` are the dates it may mean: the stated one, its swap, those in the
    NIK.
    """

    words: tuple[int, ...]
    counted: tuple[int, ...]
    name: int
    letters: int
    day: int
    swapped: int
    days: tuple[int, ...]
    place: int
    nik: int
    area: int  # its first six digits


class Keys(NamedTuple):
    """Buckets to read, and the tags of what is sought in them, each with the `WAYS` index."""

    buckets: set[int]
    tags: dict[int, int]


@dataclass(slots=True)
class Pool:
    """What was found so far: entries, and by which way each was found."""

    entries: Entries = field(default_factory=lambda: _NO_ENTRIES)
    ways: NDArray[np.uint8] = field(default_factory=lambda: _NO_WAYS)

    def add(self, entries: Entries, ways: NDArray[np.uint8]) -> None:
        """Add entries; one may be there already."""
        if not len(self.entries):
            self.entries, self.ways = entries, ways
        elif len(entries):
            self.entries = np.concatenate([self.entries, entries])
            self.ways = np.concatenate([self.ways, ways])


class Leaders(NamedTuple):
    """The persons worth weighing, the likeliest first, each with the way they were found.

    `unseen` is the sum of 2**bits over those who were left out, `cut` whether the edge went
    through a tie.
    """

    ways: dict[int, int]
    unseen: float
    cut: bool


def marks(asked: Facts, *, latest: int) -> Marks:
    """Return the marks of a query; dates behind `latest` are nobody's."""
    codes = asked.name.codes
    words = tuple([layout.word_mark(code) for code in codes])
    letters = 0
    for code in codes:
        letters |= layout.letters(code)
    day = layout.day_code(asked.day)
    swapped = layout.day_code(keys.swapped_day(asked.day)) if asked.day is not None and day else 0
    days = dict.fromkeys((day, swapped))
    nik = int(asked.nik) if len(asked.nik) == 16 else 0
    if nik:
        days.update((layout.day_code(each), None) for each in keys.nik_days(asked.nik))
    last = layout.day_code(latest) or (1 << 16)
    return Marks(
        tuple(dict.fromkeys(words)),
        words,
        layout.name_mark(codes) if codes else 0,
        letters,
        day,
        swapped,
        tuple([each for each in days if each and each <= last]),
        layout.place_mark(asked.place),
        nik,
        int(asked.nik[:6] or 0),
    )


def terms(mark: Marks) -> list[int]:
    """Return the terms whose counts a query needs."""
    found = [_WORD | word for word in mark.words]
    if mark.name:
        found.append(_NAME | mark.name)
    if mark.day:
        found.append(_DAY | mark.day)
    if mark.place:
        found.append(_PLACE | mark.place)
    return found


def counts(mark: Marks, found: Mapping[int, int], persons: int) -> Counts:
    """Return how common the facts of a query are; what is not counted has one person at most."""
    get = found.get
    return Counts(
        persons,
        get(_NAME | mark.name, 0),
        tuple([get(_WORD | word, 0) for word in mark.counted]),
        get(_DAY | mark.day, 0),
        get(_PLACE | mark.place, 0),
    )


def exact_keys(plan: Layout, mark: Marks) -> Keys:
    """Return the keys of the NIK, and of every word on every date that is stated or in the NIK."""
    buckets, tags = set(), {}
    for day in mark.days:
        for word in mark.words:
            bucket, tag = layout.day_key(plan, day, word)
            buckets.add(bucket)
            tags[tag] = _DATE_AND_NAME
    if mark.nik:
        bucket, tag = layout.nik_key(plan, mark.nik)
        buckets.add(bucket)
        tags[tag] = _NIK
    return Keys(buckets, tags)


def near_keys(plan: Layout, asked: Facts, mark: Marks, scaled: Scale, niks: Numbers) -> Keys:
    """Return the keys of the NIKs one slip off, of dates one digit off, of words and place.

    A word that few share leads to all of them by itself; only common ones are sought by date.
    """
    found = Keys(set(), {})
    _add_near_days(found, plan, asked, mark, scaled)
    for pair in _pairs(mark.words[:_WORDS]):
        _file(found, layout.pair_key(plan, pair), _NAME_ALONE)
        for place in {mark.place, 0}:
            _file(found, layout.spot_key(plan, pair, place), _NAME_AND_PLACE)
    if len(niks):
        spread = layout.mixed(niks.astype(np.uint64))
        buckets = (spread >> np.uint64(64 - plan.nik)) | np.uint64(Family.NIK << 60)
        found.buckets.update(buckets.tolist())
        for tag in (spread & np.uint64(_LOW)).tolist():
            found.tags.setdefault(tag, _NEAR_NIK)
    return found


def is_scannable(mark: Marks, scaled: Scale) -> bool:
    """Tell whether everybody of the stated date can be looked through."""
    told = mark.words or mark.place or mark.area  # what tells the people of a date apart
    return bool(mark.day and told) and scaled.counts.day <= _DAY_PERSONS


def day_range(mark: Marks) -> tuple[int, int]:
    """Return the buckets of everybody of the stated date."""
    return layout.day_range(mark.day)


def everyone(blobs: Iterable[bytes]) -> Entries:
    """Return all entries of buckets."""
    return np.frombuffer(b"".join(blobs), dtype=ENTRY)


def select(blobs: Iterable[bytes], tags: Mapping[int, int]) -> tuple[Entries, NDArray[np.uint8]]:
    """Return the entries with one of these tags, and the way of each."""
    entries = np.frombuffer(b"".join(blobs), dtype=ENTRY)
    if not len(entries) or not tags:
        return entries[:0], np.empty(0, dtype=np.uint8)
    wanted = np.array(sorted(tags), dtype=np.uint32)
    at = wanted.searchsorted(entries["tag"])
    at[at == len(wanted)] = 0
    kept = (wanted[at] == entries["tag"]).nonzero()[0]
    ways = np.array([tags[tag] for tag in wanted.tolist()], dtype=np.uint8)
    return entries[kept], ways[at[kept]]


def coarse_bits(entries: Entries, asked: Facts, mark: Marks, scaled: Scale, niks: Numbers) -> Bits:
    """Return about what the persons of entries weigh, from what the entries say.

    `niks` are those one slip off, ascending.
    """
    near = scaled.date[_ONE_DIGIT]
    bits = np.zeros(len(entries))
    agrees = np.zeros(len(entries), dtype=bool)
    if asked.day is not None and mark.day:
        day = entries["day"]
        bits[:] = scaled.date[_DIFFERENT]
        slipped = _among(day, _near_codes(asked.day))
        bits[slipped] = near
        bits[day == mark.day] = scaled.date[_EXACT]
        bits[day == 0] = 0.0
        agrees = (day == mark.day) | slipped
    if asked.nik:
        nik, table = entries["nik"], np.array(scaled.weights.nik)
        level = np.full(len(entries), _DIFFERENT, dtype=np.intp)
        level[nik // _AREA == mark.area] = _SAME_AREA
        level[_among(nik, niks)] = _ONE_DIGIT
        level[nik == mark.nik] = _EXACT
        level[nik == 0] = _NOT_RECORDED
        bits += table[agrees.astype(np.intp), level]
    if mark.place:
        place = entries["place"]
        bits += np.where(
            place == mark.place,
            scaled.place[_EXACT],
            np.where(place == 0, 0.0, scaled.place[_DIFFERENT]),
        )
    if mark.name:
        bits += _name_bits(entries, mark, scaled)
    return bits


def leaders(pool: Pool, asked: Facts, mark: Marks, scaled: Scale, niks: Numbers) -> Leaders:
    """Return the persons of a pool who may be meant, never cut at random.

    `niks` are those one slip off, ascending.
    """
    persons = pool.entries["person"]
    found: dict[int, int] = {}
    if len(persons) <= _FEW_FOUND:
        for person, way in zip(persons.tolist(), pool.ways.tolist(), strict=True):
            found[person] = min(way, found.get(person, way))
        return Leaders(found, 0.0, cut=False)
    bits = coarse_bits(pool.entries, asked, mark, scaled, niks)
    near = (bits >= bits.max() - MARGIN_BITS).nonzero()[0]
    near = near[np.argsort(-bits[near], kind="stable")]
    ways = pool.ways[near].tolist()
    for at, (person, way) in enumerate(zip(persons[near].tolist(), ways, strict=True)):
        if person in found:
            found[person] = min(way, found[person])
        elif len(found) < LEADERS:
            found[person] = way
        else:
            return _with_rest(found, persons[near[at:]], bits[near[at:]], bits[near[at - 1]])
    return Leaders(found, 0.0, cut=False)


def namesakes(pool: Pool, mark: Marks) -> int:
    """Return how many persons of the pool bear the asked name."""
    same = pool.entries["name"] == (mark.name & _LOW)
    return len(np.unique(pool.entries["person"][same]))


def _with_rest(found: dict[int, int], persons: Entries, bits: Bits, edge: float) -> Leaders:
    left, first = np.unique(persons, return_index=True)  # the first of each is its best
    new = (left[:, None] != np.fromiter(found, dtype=left.dtype)).all(axis=1)
    rest = bits[first[new]]
    return Leaders(found, float(np.exp2(rest).sum()), cut=bool((rest > edge - _TIE_BITS).any()))


def _name_bits(entries: Entries, mark: Marks, scaled: Scale) -> Bits:
    """Return the bits of the whole name where it agrees, else by how many letters are shared."""
    letters = np.uint64(mark.letters)
    shared = np.bitwise_count(entries["letters"] & letters)
    sizes = np.bitwise_count(entries["letters"]) + np.bitwise_count(letters)
    alike = (shared * (2.0 / (1.0 - _BY_CHANCE)) / np.maximum(sizes, 1)) - (
        _BY_CHANCE / (1.0 - _BY_CHANCE)
    )
    most = min(sum([word[0] for word in scaled.words]), scaled.ceiling)
    bits = NAME_FLOOR_BITS + np.clip(alike, 0.0, 1.0) * (most - NAME_FLOOR_BITS)
    whole: Bits = np.where(entries["name"] == (mark.name & _LOW), scaled.name[_SAME], bits)
    return whole


def _add_near_days(found: Keys, plan: Layout, asked: Facts, mark: Marks, scaled: Scale) -> None:
    common = {
        word: count
        for word, count in zip(mark.counted, scaled.counts.words, strict=True)
        if count > _FEW
    }
    if asked.day is None or not mark.day or not common:
        return
    days = _near_codes(asked.day).astype(np.uint64)
    buckets = np.uint64(Family.DAY << 60) | days[days != mark.swapped] << np.uint64(24)
    for word in sorted(common, key=common.__getitem__)[:_DATED_WORDS]:
        found.buckets.update((buckets | np.uint64(word >> (32 - plan.day))).tolist())
        found.tags[word] = _NEAR_DATE


@lru_cache(maxsize=4_096)
def _near_codes(day: int) -> NDArray[np.uint16]:
    """Return the codes of the dates one slip off, ascending."""
    near = features.near_days(day)
    return np.array(sorted(filter(None, map(layout.day_code, near))), dtype=np.uint16)


def _pairs(words: tuple[int, ...]) -> list[int]:
    pairs = [layout.pair_mark(first, second) for first, second in combinations(words, 2)]
    pairs += [layout.alone_mark(word) for word in words]
    if len(words) <= _MONONYM_WORDS:
        pairs += [layout.mononym_mark(word) for word in words]
    return pairs


def _file(found: Keys, key: tuple[int, int], way: int) -> None:
    bucket, tag = key
    found.buckets.add(bucket)
    found.tags[tag] = min(way, found.tags.get(tag, way))


def _among(values: Entries, ascending: NDArray[np.generic]) -> NDArray[np.bool_]:
    if not len(ascending):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(ascending.searchsorted(values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[at] == values
    return found


_LOW = 0xFFFF_FFFF
_FEW = 200  # below `layout.COMMON`, since a person may have several entries
_MONONYM_WORDS = 2  # one of two words may have been added
_NAME, _WORD = TermKind.NAME << 60, TermKind.WORD << 60
_DAY, _PLACE = TermKind.DAY << 60, TermKind.PLACE << 60
_NIK, _DATE_AND_NAME = WAYS.index(Way.NIK), WAYS.index(Way.DATE_AND_NAME)
_NEAR_NIK, _NEAR_DATE = WAYS.index(Way.NEAR_NIK), WAYS.index(Way.NEAR_DATE)
_NAME_AND_PLACE, _NAME_ALONE = WAYS.index(Way.NAME_AND_PLACE), WAYS.index(Way.NAME)
BY_DAY = WAYS.index(Way.DAY)
BY_NAME = _NAME_ALONE
_EXACT, _SAME, _DIFFERENT = CODES[Level.EXACT], CODES[Level.SAME], CODES[Level.DIFFERENT]
_SAME_AREA = CODES[Level.SAME_AREA]
_ONE_DIGIT, _NOT_RECORDED = CODES[Level.ONE_DIGIT], CODES[Level.NOT_RECORDED]
