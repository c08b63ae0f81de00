"""Where in the registry the persons lie whom a query may mean, and who of them are worth weighing.

Keys come in three steps, each wider than the one before. What they lead to are entries, which say
enough to compare hundreds at once and coarsely, so that only the leaders' records are fetched.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, repeat
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
Key: TypeAlias = tuple[int, int, int]
"""Where entries are filed: in which bucket, under which tag; and the `WAYS` index of it."""

WAYS = tuple(Way)
LEADERS = 12  # persons whose records are fetched and weighed; 24 find nobody more
MARGIN_BITS = 26.0  # who is this far behind the best cannot be meant; coarse bits err by some ten

_WORDS = 5  # of a name that keys are made of; the registry files four, one may have been added
_DATED_WORDS = 2  # words sought on dates one digit off
_DAY_PERSONS = 20_000  # a day that more share is not looked through
_FEW_FOUND = 8  # persons who are fetched without looking who is worth it
_TIE_BITS = 1.0
_AREA = 10**10  # what a NIK is divided by for its first six digits
_BY_CHANCE = 0.3  # so much alike are the letters of two names that have nothing in common


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


@dataclass(slots=True)
class Pool:
    """What was found so far: entries as they are stored, and by which way each was found."""

    found: list[bytes] = field(default_factory=list)
    ways: bytearray = field(default_factory=bytearray)

    @property
    def entries(self) -> Entries:
        """All that was found."""
        return np.frombuffer(b"".join(self.found), dtype=ENTRY)

    def add(self, entries: bytes, way: int) -> None:
        """Add entries; one may be there already."""
        self.found.append(entries)
        self.ways += _WAY_BYTES[way] * (len(entries) // _ENTRY_BYTES)


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


def exact_keys(plan: Layout, mark: Marks) -> list[Key]:
    """Return the keys of the NIK, and of every word on every date that is stated or in the NIK."""
    found = [
        (*layout.day_key(plan, day, word), _DATE_AND_NAME)
        for day in mark.days
        for word in mark.words
    ]
    if mark.nik:
        found.append((*layout.nik_key(plan, mark.nik), _NIK))
    return found


def near_nik_keys(plan: Layout, niks: Numbers) -> list[Key]:
    """Return the keys of NIKs one slip off."""
    spread = layout.mixed(niks.astype(np.uint64))
    buckets = (spread >> np.uint64(64 - plan.nik)) | np.uint64(Family.NIK << 60)
    tags = spread & np.uint64(_LOW)
    return list(zip(buckets.tolist(), tags.tolist(), repeat(_NEAR_NIK)))


def near_keys(plan: Layout, asked: Facts, mark: Marks, scaled: Scale) -> list[Key]:
    """Return the keys of words on dates one digit off, and of words with and without the place.

    A word that few share leads to all of them by itself; only common ones are sought by date.
    """
    return [
        *_near_day_keys(plan, asked, mark, scaled),
        *_pair_keys(plan, _pairs(mark.words[:_WORDS]), _places(asked, mark, scaled)),
    ]


def near_words(asked: Facts, mark: Marks, scaled: Scale) -> dict[int, tuple[int, int]]:
    """Return the terms of words one slip off those that hardly anybody has, {term: (word, slip)}.

    Both as marks. Only some of the slips are words that anybody has.
    """
    near: dict[int, tuple[int, int]] = {}
    counted = zip(asked.name.codes, mark.counted, scaled.counts.words, strict=True)
    for code, word, count in list(counted)[:_WORDS]:
        if count <= _UNUSUAL and len(code) >= _TELLING:
            marks = map(layout.word_mark, keys.near_codes(code))
            near |= {_WORD | slip: (word, slip) for slip in marks}
    return near


def slip_keys(
    plan: Layout, asked: Facts, mark: Marks, scaled: Scale, slips: Iterable[tuple[int, int]]
) -> list[Key]:
    """Return the keys of a name with one of its words exchanged, (word, instead), as marks."""
    pairs = []
    for word, instead in slips:
        others = [each for each in mark.words[:_WORDS] if each != word]
        pairs += [layout.pair_mark(instead, other) for other in others]
        pairs.append(layout.alone_mark(instead))
        if len(mark.words) <= _MONONYM_WORDS:
            pairs.append(layout.mononym_mark(instead))
    return _pair_keys(plan, pairs, _places(asked, mark, scaled))


def is_scannable(mark: Marks, scaled: Scale) -> bool:
    """Tell whether everybody of the stated date can be looked through."""
    told = mark.words or mark.place or mark.area  # what tells the people of a date apart
    return bool(mark.day and told) and scaled.counts.day <= _DAY_PERSONS


def day_range(mark: Marks) -> tuple[int, int]:
    """Return the buckets of everybody of the stated date."""
    return layout.day_range(mark.day)


def select(pool: Pool, entries: Mapping[int, bytes], sought: Iterable[Key]) -> None:
    """Add to a pool what is filed under these keys."""
    for bucket, tag, way in sought:
        blob = entries.get(bucket)
        if blob is not None:
            filed = _filed(blob, tag.to_bytes(4, "little"))
            if filed:
                pool.add(filed, way)


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
            np.where(place == 0, 0.0, scaled.other_place),
        )
    if mark.name:
        bits += _name_bits(entries, mark, scaled)
    return bits


def leaders(pool: Pool, asked: Facts, mark: Marks, scaled: Scale, niks: Numbers) -> Leaders:
    """Return the persons of a pool who may be meant, never cut at random.

    `niks` are those one slip off, ascending.
    """
    found: dict[int, int] = {}
    if len(pool.ways) <= _FEW_FOUND:
        for person, way in zip(_persons(pool), pool.ways, strict=True):
            found[person] = min(way, found.get(person, way))
        return Leaders(found, 0.0, cut=False)
    entries = pool.entries
    bits = coarse_bits(entries, asked, mark, scaled, niks)
    near = (bits >= bits.max() - MARGIN_BITS).nonzero()[0]
    near = near[np.argsort(-bits[near], kind="stable")]
    persons, weighed = entries["person"][near].tolist(), bits[near].tolist()
    ranked = list(dict.fromkeys(persons))
    found = dict.fromkeys(ranked[:LEADERS], len(WAYS))
    for person, at in zip(persons, near.tolist(), strict=True):
        if person in found:
            found[person] = min(pool.ways[at], found[person])
    if len(ranked) <= LEADERS:
        return Leaders(found, 0.0, cut=False)
    best = dict(zip(reversed(persons), reversed(weighed), strict=True))  # the last of each stays
    edge, rest = best[ranked[LEADERS - 1]], [best[person] for person in ranked[LEADERS:]]
    return Leaders(found, float(np.exp2(rest).sum()), cut=rest[0] > edge - _TIE_BITS)


def namesakes(pool: Pool, mark: Marks) -> int:
    """Return how many persons of the pool bear the asked name."""
    entries = pool.entries
    return len(np.unique(entries["person"][entries["name"] == (mark.name & _LOW)]))


def _filed(blob: bytes, tag: bytes) -> bytes:
    """Return the entries of a bucket that begin with a tag; those of one key lie together."""
    start = blob.find(tag)
    while start >= 0 and start % _ENTRY_BYTES:  # within an entry other bytes may look like it
        start = blob.find(tag, start + 1)
    if start < 0:
        return b""
    last = blob.rfind(tag)
    while last % _ENTRY_BYTES:
        last = blob.rfind(tag, start, last + len(tag) - 1)
    return blob[start : last + _ENTRY_BYTES]


def _persons(pool: Pool) -> Iterator[int]:
    """Yield the persons of a few entries, faster than by way of an array."""
    for blob in pool.found:
        for at in range(_PERSON_AT, len(blob), _ENTRY_BYTES):
            yield int.from_bytes(blob[at : at + 4], "little")


def _name_bits(entries: Entries, mark: Marks, scaled: Scale) -> Bits:
    """Return the bits of the whole name where it agrees, else by how many letters are shared."""
    asked, letters = np.uint64(mark.letters), entries["letters"]
    shared = np.bitwise_count(letters & asked)
    sizes = np.bitwise_count(letters) + np.bitwise_count(asked)
    alike = np.maximum(shared * 2.0 / sizes - _BY_CHANCE, 0.0) / (1.0 - _BY_CHANCE)
    most = min(sum([word[0] for word in scaled.words]), scaled.ceiling)
    bits = NAME_FLOOR_BITS + alike * (most - NAME_FLOOR_BITS)
    whole: Bits = np.where(entries["name"] == (mark.name & _LOW), scaled.name[_SAME], bits)
    return whole


def _near_day_keys(plan: Layout, asked: Facts, mark: Marks, scaled: Scale) -> list[Key]:
    common = {
        word: count
        for word, count in zip(mark.counted, scaled.counts.words, strict=True)
        if count > _FEW
    }
    if asked.day is None or not mark.day or not common:
        return []
    days = [day for day in _near_codes(asked.day).tolist() if day != mark.swapped]
    rarest = sorted(common, key=common.__getitem__)[:_DATED_WORDS]
    return [(*layout.day_key(plan, day, word), _NEAR_DATE) for word in rarest for day in days]


@lru_cache(maxsize=4_096)
def _near_codes(day: int) -> NDArray[np.uint16]:
    """Return the codes of the dates one slip off, ascending."""
    near = features.near_days(day)
    return np.array(sorted(filter(None, map(layout.day_code, near))), dtype=np.uint16)


def _pair_keys(plan: Layout, pairs: Sequence[int], places: Iterable[int]) -> list[Key]:
    """Return the keys of pairs of words at places and anywhere."""
    spots = [layout.spot_key(plan, pair, place) for pair in pairs for place in places]
    return [
        *((*spot, _NAME_AND_PLACE) for spot in spots),
        *((*layout.pair_key(plan, pair), _NAME_ALONE) for pair in pairs),
    ]


def _places(asked: Facts, mark: Marks, scaled: Scale) -> set[int]:
    """Return the marks of the places that may be meant, 0 for those without one."""
    near = features.near_places(asked.place) if mark.place and not scaled.counts.place else ()
    return {mark.place, 0, *map(layout.place_mark, near)}


def _pairs(words: tuple[int, ...]) -> list[int]:
    pairs = [layout.pair_mark(first, second) for first, second in combinations(words, 2)]
    pairs += [layout.alone_mark(word) for word in words]
    if len(words) <= _MONONYM_WORDS:
        pairs += [layout.mononym_mark(word) for word in words]
    return pairs


def _among(values: Entries, ascending: NDArray[np.generic]) -> NDArray[np.bool_]:
    if not len(ascending):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(ascending.searchsorted(values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[at] == values
    return found


_LOW = 0xFFFF_FFFF
_ENTRY_BYTES, _PERSON_AT = ENTRY.itemsize, 4  # where its person lies, behind the tag
_WAY_BYTES = tuple(bytes([at]) for at in range(len(WAYS)))
_FEW = 200  # below `layout.COMMON`, since a person may have several entries
_UNUSUAL = 5  # so few may have a word that is a slip in another
_TELLING = 4  # letters of a code that is looked for with a slip in it
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
